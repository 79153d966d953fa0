"""How long ago a delivery was first sent: no step of the wall clock makes it older or younger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.core.delivery import Event, Move, Now
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.core.planning.plan import Send
from clockd.core.wire import StartTimer
from clockd.store import deliveries, ledger, outbox
from clockd.store.schema import migrations
from tests import older

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LANE = outbox.ATTENDANCE


def reading(boottime_s: float, *, boot_seq: int = 1, off_s: float = 0.0) -> Reading:
    """A look at the clocks `boottime_s` after the boot, whose wall clock says noon plus that, and is off."""
    at = NOON + timedelta(seconds=boottime_s + off_s)
    return Reading(at, boottime_s, f"boot-{boot_seq}", boot_seq, trusted=True)


def now(boottime_s: float, *, boot_seq: int = 1, off_s: float = 0.0) -> Now:
    return Now.of(reading(boottime_s, boot_seq=boot_seq, off_s=off_s))


def punched(db: Database) -> int:
    draft = ledger.Draft("ada", Kind.IN, False, None, "f", "t", reading(0.0), "UTC", 0, "door", "pcsc")
    seq = ledger.add_punch(db, draft)
    outbox.put(db, seq, draft, lanes={LANE: Kind.IN}, clock=ClockQuality.SYNCHRONIZED, tracker="timetrack")
    return seq


def send(db: Database, seq: int, at: Now) -> None:
    items = outbox.items(db, "ada", LANE, at)
    deliveries.begin(db, Send(StartTimer("ada", datetime(2026, 11, 21, 12, 0)), (seq,)), items, LANE, at)


def age_s(db: Database, at: Now) -> float | None:
    (item,) = outbox.items(db, "ada", LANE, at)
    return None if item.first_sent_s is None else at.boottime_us / 1e6 - item.first_sent_s


@pytest.fixture
def db(tmp_path: Path) -> Database:
    made = Database(tmp_path / "clockd.db")
    migrations.apply(made)
    return made


@pytest.mark.parametrize("off_s", [7 * 3600.0, -7 * 3600.0, 0.0])
def test_a_step_within_a_boot_is_no_age(db: Database, off_s: float) -> None:
    seq = punched(db)
    assert age_s(db, now(5.0)) is None
    send(db, seq, now(10.0))
    assert age_s(db, now(40.0, off_s=off_s)) == 30.0


def test_it_is_the_first_request_that_counts_until_it_turns_out_that_it_never_left(db: Database) -> None:
    seq = punched(db)
    send(db, seq, now(10.0))
    deliveries.apply(db, [Move(seq, Event.UNPROVED)], LANE, now(11.0))
    deliveries.apply(db, [Move(seq, Event.ABSENT)], LANE, now(12.0))
    send(db, seq, now(20.0, off_s=3600.0))
    assert age_s(db, now(40.0)) == 30.0
    deliveries.apply(db, [Move(seq, Event.NOT_APPLIED)], LANE, now(41.0))
    assert age_s(db, now(50.0)) == 40.0


def test_forgotten_it_begins_anew_with_the_next_request(db: Database) -> None:
    seq = punched(db)
    send(db, seq, now(10.0))
    deliveries.apply(db, [Move(seq, Event.NOT_APPLIED)], LANE, now(11.0))
    assert age_s(db, now(12.0)) is None
    send(db, seq, now(100.0))
    assert age_s(db, now(130.0)) == 30.0


@pytest.mark.parametrize(("off_s", "wanted_s"), [(3600.0, 3600.0 + 90.0), (-3600.0, 100.0)])
def test_an_earlier_boot_is_told_by_the_wall_clock_and_never_younger_than_this_one(
    db: Database, off_s: float, wanted_s: float
) -> None:
    send(db, punched(db), now(10.0))
    assert age_s(db, now(100.0, boot_seq=2, off_s=off_s)) == wanted_s


@pytest.mark.parametrize(("attempts", "wanted_s"), [(1, 30.0), (2, 7 * 3600.0 + 30.0)])
def test_what_an_older_clockd_sent_once_has_its_boot_time(tmp_path: Path, attempts: int, wanted_s: float) -> None:
    old = Database(tmp_path / "clockd.db")
    migrations.apply(old, stop_before="m003_when_it_was_first_sent_in_boot_time")
    seq = older.append(old, "punch", None, reading(0.0), {"username": "ada", "kind": "in"})
    sent = now(10.0)
    old.execute(
        "INSERT INTO outbox (seq, lane, ord, username, kind, at_us, offset_s, clock, state, attempts, sent_us, "
        "sent_boot, first_sent_us) VALUES (?, ?, 1000, 'ada', 'in', ?, 0, 'synchronized', 'doubtful', ?, ?, 1, ?)",
        [seq, LANE, now(0.0).wall_us, attempts, sent.boottime_us, sent.wall_us],
    )
    migrations.apply(old)
    assert age_s(old, now(40.0, off_s=7 * 3600.0)) == wanted_s
