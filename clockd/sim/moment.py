"""A moment, as the machine of a tracker and the wall clock of an account have it."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo


class SimMoment(NamedTuple):
    """The tracker's clock: Unix time in seconds, and the wall clock of the account."""

    s: float
    local: datetime


def moment_at(now_s: float, zone: ZoneInfo) -> SimMoment:
    """The wall clock of a zone at a Unix time in seconds."""
    return SimMoment(now_s, datetime.fromtimestamp(now_s, UTC).astimezone(zone).replace(tzinfo=None))
