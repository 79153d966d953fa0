"""What is kept of each boot, also by a database of an older clockd."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.core.timebase import Anchor
from clockd.store import boots
from clockd.store.schema import migrations

NOON_US = 1_795_262_400_000_000
MINUTE_US = 60_000_000
ANCHOR = Anchor("one", 1, 60.0, datetime(2026, 11, 21, 12, 1, tzinfo=UTC), 0.5)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    made = Database(tmp_path / "clockd.db")
    migrations.apply(made)
    return made


def test_a_boot_of_an_older_clockd_is_kept_and_vouches_for_nothing(tmp_path: Path) -> None:
    """Nobody noted whether its clock ran ahead, so what it saved bounds nothing."""
    old = Database(tmp_path / "clockd.db")
    migrations.apply(old, stop_before="m002_what_a_boot_began_with")
    old.execute("INSERT INTO boot (seq, boot_id, began_us, last_us, synced) VALUES (1, 'one', ?, 60, 1)", [NOON_US])
    migrations.apply(old)
    (found,) = boots.all_boots(old)
    assert (found.seq, found.latest_us, found.saved_us, found.from_battery) == (1, None, None, False)
    assert boots.begin(old, "one", NOON_US + MINUTE_US, MINUTE_US) == 1  # clockd is updated, and starts again
    assert not boots.all_boots(old)[0].life([ANCHOR]).never_ahead
    assert boots.begin(old, "two", NOON_US, 0) == 2


@pytest.mark.parametrize(
    ("step_us", "never_ahead"), [(0, True), (-MINUTE_US, True), (400_000, True), (MINUTE_US, False)]
)
def test_a_clock_that_ever_ran_ahead_is_known_by_it(db: Database, step_us: int, never_ahead: bool) -> None:
    """Also when it is put back later, and when clockd starts again meanwhile."""
    boots.begin(db, "one", NOON_US, 0)
    assert not boots.all_boots(db)[0].life([]).never_ahead  # without an anchor nothing is known
    boots.begin(db, "one", NOON_US + step_us + MINUTE_US, MINUTE_US)
    boots.claimed(db, 1, NOON_US)
    assert boots.all_boots(db)[0].life([ANCHOR]).never_ahead is never_ahead


def test_what_a_boot_began_with_is_noted_at_its_first_look_only(db: Database) -> None:
    boots.begin(db, "one", NOON_US, 0, saved_us=1, from_battery=True, battery="dead")
    boots.begin(db, "one", NOON_US, 0, saved_us=2, from_battery=False, battery=None)
    (found,) = boots.all_boots(db)
    assert (found.saved_us, found.from_battery, found.battery) == (1, True, "dead")
