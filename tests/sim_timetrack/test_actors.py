"""The other people of the account."""

import pytest

from clockd.sim.crowd import Crowd
from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import Caller, caller, stamp


def act(them: Caller, name: str, **words: object) -> object:
    return them.sim.act({"act": name, **words}, them.now_s)


def test_a_person_in_the_web_app_shares_the_one_timer() -> None:
    them = caller()
    act(them, "web-start", username="ada", at="2026-11-16T07:00:00")
    shown = them.get("/attendance_timer", username="ada", date=stamp("16T08:00"))
    assert (shown["from"], shown["manual"], shown["workedMinutes"]) == (stamp("16T07:00"), True, 60)
    assert them.error("POST", "/attendance_timer/start", {"username": "ada", "date": stamp("16T07:30")}) == (422, 15011)
    # an old stop never ends a timer that began after it (trap T62)
    assert them.error("POST", "/attendance_timer/stop", {"username": "ada", "date": stamp("16T06:00")}) == (422, 15013)
    act(them, "web-stop", username="ada")
    assert them.sim.rows()[0].to_local is not None


def test_rows_are_edited_and_deleted_behind_our_back() -> None:
    them = caller()
    row = them.pair("ada", "16T05:00", "16T06:00")
    act(them, "web-edit", username="ada", begin="2026-11-16T05:10:00", notes="corrected")
    assert them.get(f"/attendances/{row['ID']}")["from"] == stamp("16T05:10")
    act(them, "web-edit", id=row["ID"], end="2026-11-16T06:30:00Z")
    assert them.get(f"/attendances/{row['ID']}")["to"] == stamp("16T06:30")
    act(them, "delete", id=row["ID"])
    assert them.error("GET", f"/attendances/{row['ID']}") == (404, 15020)
    with pytest.raises(ValueError, match="404"):
        act(them, "delete", id=row["ID"])


@pytest.mark.parametrize("status", [403, 422])
def test_a_closed_period_refuses_every_change(status: int) -> None:
    them = caller(profile_named("strict", locked_status=status))
    row = them.pair("ada", "15T05:00", "15T06:00")
    act(them, "lock", until="2026-11-16T00:00:00")
    path = f"/attendances/{row['ID']}"
    body = {"username": "ada", "from": stamp("15T07:00"), "to": stamp("15T08:00")}
    assert them.error("POST", "/attendances", body) == (status, 15031)
    assert them.error("PUT", path, {"notes": "x"}) == (status, 15031)
    assert them.error("DELETE", path) == (status, 15031)
    assert them.error("POST", "/attendance_timer/start", {"username": "ada", "date": stamp("15T09:00")}) == (
        status,
        15031,
    )
    them.pair("ada", "16T05:00", "16T06:00")
    act(them, "lock", until=None)
    them.put(path, notes="x")


def test_an_approved_day_is_closed_for_that_person_alone() -> None:
    them = caller()
    act(them, "approve", username="ada", day="2026-11-15")
    body = {"from": stamp("15T07:00"), "to": stamp("15T08:00")}
    assert them.error("POST", "/attendances", {"username": "ada", **body}) == (403, 15031)
    assert them.reply("POST", "/attendances", {"username": "grace", **body}).status == 201


def test_users_are_renamed_disabled_and_added() -> None:
    them = caller()
    row = them.pair("ada", "16T05:00", "16T06:00")
    them.post("/attendance_timer/start", username="ada", date=stamp("16T07:00"))
    act(them, "rename", username="ada", to="countess")
    assert them.get(f"/attendances/{row['ID']}")["user"] == "countess"
    assert them.error("POST", "/attendance_timer/stop", {"username": "ada", "date": stamp("16T08:00")}) == (404, 15001)
    them.post("/attendance_timer/stop", username="countess", date=stamp("16T08:00"))
    act(them, "disable", username="countess")
    assert them.error("DELETE", f"/attendances/{row['ID']}") == (403, 15030)
    act(them, "enable", username="countess")
    act(them, "add-user", username="new")
    them.pair("new", "16T05:00", "16T06:00")
    for words in ({"act": "add-user", "username": "new"}, {"act": "rename", "username": "new", "to": "grace"}):
        with pytest.raises(ValueError, match="already"):
            them.sim.act(words, them.now_s)


def test_new_keys_end_the_old_ones_at_once() -> None:
    them = caller()
    act(them, "rotate-keys", secret="fresh")
    assert them.error("GET", "/users") == (401, 10001)
    them.headers = them.sim.headers()
    assert them.get("/users")


def test_foreign_rows_lie_at_the_very_times_of_ours() -> None:
    them = caller()
    ours = them.pair("ada", "16T05:00", "16T06:00")
    act(them, "copy", username="ada")
    rows = them.get("/attendances")
    assert {row["from"] for row in rows} == {ours["from"]}
    assert len({row["user"] for row in rows}) == 2
    act(them, "foreign", rows=1200)
    assert len(them.get("/attendances", limit="1000")) == 1000
    assert {row.origin for row in them.sim.rows()} == {"api", "noise"}
    assert them.sim.violations() == []


def test_an_act_can_be_planned() -> None:
    them = caller()
    act(them, "disable", username="ada", in_s=30)
    them.later(seconds=29)
    assert them.get("/users", username="ada")[0]["enabled"] is True
    them.later(seconds=1)
    assert them.get("/users", username="ada")[0]["enabled"] is False


@pytest.mark.parametrize(
    "words",
    [
        {"act": "dance"},
        {},
        {"act": "disable"},
        {"act": "disable", "username": "nobody"},
        {"act": "disable", "username": "ada", "in_s": -1},
        {"act": "web-edit"},
        {"act": "web-edit", "username": "ada"},
        {"act": "lock", "until": "soon"},
        {"act": "disable", "username": "ada", "more": 1},
        {"act": "throttle", "requests_per_minute": 0},
    ],
)
def test_words_that_make_no_act_are_refused_and_change_nothing(words: dict[str, object]) -> None:
    them = caller()
    before = them.sim.state(them.now_s)
    with pytest.raises(ValueError):
        them.sim.act(words, them.now_s)
    assert them.sim.state(them.now_s) == before


def test_a_crowd_goes_on_by_itself() -> None:
    them = caller(crowd=Crowd(neighbour=10, foreign=2, copy=2, web=1), requests_per_minute=30)
    them.pair("ada", "16T05:00", "16T06:00")
    for _ in range(240):
        them.later(seconds=60)
        them.get("/users")
    origins = [row.origin for row in them.sim.rows()]
    assert origins.count("api") == 1
    assert 600 < origins.count("noise") < 1400
    assert 50 < origins.count("web") < 200
    assert 3 <= them.sim.front.throttle.in_window(them.now_s) <= 30
    assert them.sim.violations() == []
