"""What a new terminal lacks: the first thing that somebody has to see to, and nothing once all is there."""

import pytest

from clockd.core.feedback import LinkSign, StillMissing, lack_of

OK, OFFLINE, PAUSED, NONE = LinkSign.OK, LinkSign.OFFLINE, LinkSign.PAUSED, LinkSign.NONE
TABLE = [
    # link, reader, address, clock, key refused, badges
    (OK, True, "10.0.0.7", True, False, True, None),
    (OK, False, "", False, True, False, StillMissing.READER),
    (OFFLINE, True, "", False, False, False, StillMissing.NETWORK),
    (OFFLINE, True, "10.0.0.7", False, False, False, StillMissing.TIME),
    (PAUSED, True, "10.0.0.7", True, True, False, StillMissing.KEY),
    (PAUSED, True, "10.0.0.7", True, False, False, StillMissing.TRACKER),
    (OFFLINE, True, "10.0.0.7", True, False, True, StillMissing.TRACKER),
    (OK, True, "10.0.0.7", True, False, False, StillMissing.BADGES),
    (NONE, True, "", True, False, True, None),
    (NONE, True, "", True, False, False, StillMissing.BADGES),
]


@pytest.mark.parametrize(("link", "reader", "address", "clock", "key", "badges", "lack"), TABLE)
def test_what_comes_first(
    link: LinkSign, reader: bool, address: str, clock: bool, key: bool, badges: bool, lack: StillMissing | None
) -> None:
    found = lack_of(link, reader_ok=reader, address=address, clock_trusted=clock, key_refused=key, badges=badges)
    assert found is lack
