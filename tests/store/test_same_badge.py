"""A badge that is read whole at one door and in part at another is one badge."""

from datetime import date

import pytest
from sqlite_utils import Database

from clockd.config import Secret
from clockd.core.model import Employee, Pin, Uid
from clockd.store import badges, same_badge
from clockd.store.badges import Fingerprints, Validity
from clockd.store.schema import migrations

KEYS = Fingerprints(Secret("a pepper of sixteen bytes"))
WHOLE, TEN_DIGITS, FACILITY = (Uid.parse(text) for text in ("0A004D7603", "004D7603", "4D7603"))


@pytest.fixture
def db() -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    return db


def enrol(db: Database, uid: Uid | Pin, username: str, *, knows_ends: bool = True) -> None:
    badges.add(db, KEYS.of(uid), uid.tail, Employee(username, username), 1)
    if knows_ends:
        same_badge.remember(db, KEYS, uid)


def whose(db: Database, uid: Uid | Pin) -> str | None:
    found = same_badge.badge_of(db, KEYS, uid)
    return None if found is None else found.username


@pytest.mark.parametrize("enrolled", [WHOLE, TEN_DIGITS, FACILITY])
@pytest.mark.parametrize("read", [WHOLE, TEN_DIGITS, FACILITY])
def test_one_badge_whichever_reader_reads_it(db: Database, enrolled: Uid, read: Uid) -> None:
    enrol(db, enrolled, "ada")
    assert whose(db, read) == "ada"


def test_what_was_enrolled_before_ends_were_kept_works_at_a_reader_of_ten_digits(db: Database) -> None:
    enrol(db, WHOLE, "ada", knows_ends=False)
    assert whose(db, TEN_DIGITS) == "ada"
    enrol(db, Uid.parse("0000D1CAAF"), "bob", knows_ends=False)
    assert whose(db, Uid.parse("00D1CAAF")) == "bob"


def test_badges_that_end_alike_are_nobodys_to_a_reader_that_reads_the_end(db: Database) -> None:
    enrol(db, WHOLE, "ada")
    enrol(db, Uid.parse("0B004D7603"), "bob")
    assert whose(db, TEN_DIGITS) is None
    assert (whose(db, WHOLE), whose(db, Uid.parse("0B004D7603"))) == ("ada", "bob")


def test_another_first_byte_is_another_badge(db: Database) -> None:
    enrol(db, WHOLE, "ada")
    assert whose(db, Uid.parse("0B004D7603")) is None


@pytest.mark.parametrize("uid", ["0400000A004D7603", "04AA0A004D7603", "04A2B3C40A004D7603AA", "084D7603"])
def test_other_kinds_of_badges_are_themselves_alone(db: Database, uid: str) -> None:
    enrol(db, FACILITY, "ada")
    enrol(db, TEN_DIGITS, "ada")
    assert whose(db, Uid.parse(uid)) is None


def test_a_badge_that_was_taken_away_leads_nowhere(db: Database) -> None:
    enrol(db, WHOLE, "ada")
    badges.remove(db, KEYS.of(WHOLE), 2)
    assert [whose(db, uid) for uid in (WHOLE, TEN_DIGITS, FACILITY)] == [None, None, None]


def test_a_pin_is_no_badge_and_a_badge_no_pin(db: Database) -> None:
    for digits in ("004D7603", "0013748911"):
        enrol(db, Pin(digits), "ada")
        assert whose(db, Pin(digits)) == "ada"
        assert whose(db, Uid.parse(digits)) is None
    assert repr(Pin("4711")) == str(Pin("4711")) == "Pin(…)"
    assert Pin("4711").tail == "PIN"


def test_the_days_on_which_a_badge_counts(db: Database) -> None:
    days = Validity(date(2026, 11, 1), date(2026, 11, 30))
    badges.add(db, KEYS.of(WHOLE), "7603", Employee("ada", "ada"), 1, validity=days)
    [badge] = badges.all_badges(db)
    told = [
        same_badge.counts_on(badge, date(2026, month, day)) for month, day in ((10, 31), (11, 1), (11, 30), (12, 1))
    ]
    assert told == [False, True, True, False]
    enrol(db, WHOLE, "ada")
    [badge] = badges.all_badges(db)
    assert same_badge.counts_on(badge, date(2026, 12, 1)), "given again without days, it always counts"
