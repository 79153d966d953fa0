"""The other people of the account, and the crowd that goes on all the time."""

from pathlib import Path

import pytest

from clockd.core.wire import NoAnswer
from clockd.errors import UsageError
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.actors import Acts, LoginCrowd
from clockd.sim.goodtime.people import GIVEN, made_up_people, read_people
from clockd.sim.goodtime.profile import profile_named
from tests.sim_goodtime.caller import ADA, ANNA, NOISE, caller


def test_the_web_app_by_hand() -> None:
    them = caller()
    made = them.act("web-create", username=ADA, begin="2026-11-16T06:00", end="2026-11-16T07:00", comment="by hand")
    assert them.entries()[0]["id"] == made["row"]
    them.act("web-edit", username=ADA, end="2026-11-16T07:30")
    assert them.entries()[0]["endtime"] == "2026-11-16T07:30:00"
    with pytest.raises(ValueError, match="400 The end must be after"):
        them.act("web-edit", id=made["row"], end="2026-11-16T05:00")
    them.act("delete", username=ADA)
    assert them.entries() == []
    with pytest.raises(ValueError, match="has no entry"):
        them.act("delete", username=ADA)


def test_the_web_clock_keeps_its_rules() -> None:
    them = caller()
    with pytest.raises(ValueError, match="No clock runs"):
        them.act("web-stop", username=ADA)
    them.act("web-start", username=ADA)
    with pytest.raises(ValueError, match="runs already"):
        them.act("web-start", username=ADA)
    with pytest.raises(ValueError, match="no user 'nobody'"):
        them.act("web-start", username="nobody")


def test_a_renamed_user_takes_the_entries_along() -> None:
    them = caller()
    (entry_id,) = them.create()
    them.act("rename", username=ADA, to="ada.king@example.com")
    assert [row["id"] for row in them.entries("ada.king@example.com")] == [entry_id]
    assert them.status() == 404
    with pytest.raises(ValueError, match="already"):
        them.act("rename", username=ANNA, to="ADA.king@example.com")


def test_locking_one_person() -> None:
    them = caller(profile_named("strict", locking=True))
    them.create()
    them.create(ANNA)
    them.act("lock", username=ADA, until="2026-11-17T00:00")
    assert [row["locked"] for row in (*them.entries(), *them.entries(ANNA))] == [True, False]


def test_foreign_rows_and_copies_are_of_people_who_are_nobody_s_badge() -> None:
    them = caller()
    them.create()
    them.act("copy", username=ADA)
    them.act("foreign", rows=20)
    foreign = [row for row in them.sim.rows() if row.origin == "noise"]
    assert len(foreign) == 21
    assert {row.user for row in foreign} == {NOISE}
    assert them.sim.violations() == []


def test_a_neighbour_takes_places_in_the_minute() -> None:
    them = caller(requests_per_minute=10)
    them.act("neighbour", requests=9)
    assert them.reply("GET", "/api/hello/sayhello").status == 429
    assert them.sim.violations() == []


def test_an_act_can_be_planned() -> None:
    them = caller()
    assert them.act("close", username=ADA, in_s=30) == {"planned_s": them.now_s + 30}
    assert them.status() == 200
    them.later(seconds=31)
    assert them.status(ADA, "16T07:00:00", "16T07:30:00") == 403


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"act": "dance"}, "the acts are add-type, change-password"),
        ({"act": "close"}, "username"),
        ({"act": "close", "username": ADA, "x": 1}, "x"),
        ({"act": "close", "username": ADA, "in_s": -1}, "in_s"),
        ({"act": "web-edit"}, "needs"),
        ({"act": "drop-type", "name": "x"}, "no time type"),
    ],
)
def test_words_that_are_no_act(words: dict[str, object], why: str) -> None:
    them = caller()
    with pytest.raises(ValueError, match=why):
        them.sim.act(words, them.now_s)


def test_every_act_is_documented() -> None:
    assert all(kind.__doc__ for kind in Acts.__args__)


def test_a_crowd_is_busy() -> None:
    them = caller(crowd=LoginCrowd(neighbour=3, foreign=2, copy=2, web=1, revoke=0.2), foreign_rows=5)
    for _ in range(60):
        them.later(minutes=1)
        them.reply("GET", "/api/hello/sayhello")
    origins = [row.origin for row in them.sim.rows()]
    assert origins.count("web") > 10
    assert origins.count("noise") > 100
    assert all(issued.revoked for issued in them.sim.api.tokens.issued.values())
    assert them.sim.violations() == []


def test_people_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("uid,username,name,enabled\n04A2,ada@example.com,Ada,\n04A3,anna+x@example.com,Anna,false\n")
    assert [(p.email, p.closed) for p in read_people(path)] == [
        ("ada@example.com", False),
        ("anna+x@example.com", True),
    ]
    path.write_text('[{"username": "ada", "email": "ada@example.com"}, {"username": "t", "noise": true}]')
    assert [(p.email, p.noise) for p in read_people(path)] == [("ada@example.com", False), ("t", True)]
    path.write_text("username\nada@example.com\nADA@example.com\n")
    with pytest.raises(UsageError, match="same login e-mail"):
        read_people(path)


def test_made_up_people() -> None:
    people = made_up_people(30, 1)
    assert [p.email for p in people[:10]] == list(GIVEN)
    assert len({p.email.casefold() for p in people}) == 34
    assert made_up_people(30, 1) == people != made_up_people(30, 2)


@pytest.mark.parametrize(("rules", "rows"), [("lost", 0), ("reply-lost", 1), ("late:15-20", 0), ("cut", 1)])
def test_faults_of_the_wire(rules: str, rows: int) -> None:
    them = caller()
    them.sim.front.faults.replace(parse_rules(f"{rules}*1"))
    assert isinstance(them.exchange("POST", "/api/time-v2.1/createtimeentry", them.body()), NoAnswer)
    assert len(them.sim.rows()) == rows
    them.later(seconds=30)
    assert len(them.entries()) == max(rows, rules.startswith("late"))
