"""What a new username brings along: everything, and what was held for the old name's sake waits no more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlite_utils import Database

from clockd.core.delivery import Held, HoldCode, Now, State
from clockd.core.model import ClockQuality, Employee, Kind, Reading
from clockd.store import badges, boots, ledger, outbox, people
from clockd.store.schema import migrations

READING = Reading(datetime(2026, 11, 20, 7, tzinfo=UTC), 60.0, "one", 1, trusted=True)
NOW = Now.of(READING)


@pytest.fixture
def db() -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    boots.begin(db, "one", NOW.wall_us, NOW.boottime_us)
    badges.add(db, "f", "0000", Employee("old", "old"), 1)
    badges.add(db, "g", "0000", Employee("old", "Ada"), 2)
    badges.remove(db, "g", 3)
    return db


def punched(db: Database, held: HoldCode | None) -> int:
    draft = ledger.Draft("old", Kind.IN, True, None, "f", "0000", READING, "UTC", 0, "door", "desk")
    seq = ledger.add_punch(db, draft)
    why = None if held is None else Held(held, "because")
    outbox.put(
        db, seq, draft, lanes={outbox.ATTENDANCE: Kind.IN}, clock=ClockQuality.SYNCHRONIZED, held=why, tracker=""
    )
    return seq


@pytest.mark.parametrize("code", [None, *HoldCode])
def test_what_was_held_for_the_names_sake_waits_no_more(db: Database, code: HoldCode | None) -> None:
    seq = punched(db, code)
    assert people.rename(db, "old", "new", NOW) == people.Moved(2, 1, int(code in OF_THE_NAME))
    released = code is None or code in OF_THE_NAME
    assert outbox.by_seq(db, seq) == [(outbox.ATTENDANCE, State.WAITING if released else State.HELD)]
    assert people.usernames(db) == ["new"]
    assert badges.find(db, "f") == Employee("new", "new")
    assert people.person(db, "new") == people.KnownPerson("new", "new", 1, int(not released), NOW.wall_us)
    assert not people.is_known(db, "old")


OF_THE_NAME = {HoldCode.RENAMED, HoldCode.FORBIDDEN}


def test_a_request_under_way_is_seen(db: Database) -> None:
    seq = punched(db, None)
    assert not people.is_sending(db, "old")
    for state in State:
        db.execute("UPDATE outbox SET state = ? WHERE seq = ?", [state.value, seq])
        assert people.is_sending(db, "old") is (state in (State.SENDING, State.DOUBTFUL))
    assert not people.is_sending(db, "new")


def test_the_badge_of_a_stranger_is_forgotten_when_it_is_given(db: Database) -> None:
    badges.disown(db, "h", "0000", 1)
    assert badges.is_disowned(db, "h")
    badges.add(db, "h", "0000", replace(Employee("x", "x"), name="X"), 2)
    assert not badges.is_disowned(db, "h")
