"""Each fault by itself, called directly: what was applied, what the client saw, how long it took."""

from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import pytest

from clockd.core.wire import NoAnswer, NotSent, Reply
from clockd.sim.direct import Took
from clockd.sim.faults import BadFault, FalseForbidden, FalseUnauthorized, FaultRule, parse_rules
from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import Caller, caller, stamp

BODY = {"username": "ada", "from": stamp("16T06:00"), "to": stamp("16T07:00")}


def struck(words: str, **options: Any) -> tuple[Caller, Took]:
    them = caller(faults=parse_rules(words), **options)
    return them, them.took("POST", "/attendances", BODY)


@pytest.mark.parametrize(
    ("words", "seen", "seconds", "rows"),
    [
        ("refuse", NotSent("connection refused"), 0.0, 0),
        ("lost", NoAnswer("connection closed"), 0.0, 0),
        ("lost:silent", NoAnswer("timed out"), 10.0, 0),
        ("reply-lost", NoAnswer("connection closed"), 0.0, 1),
        ("reply-lost:silent", NoAnswer("timed out"), 10.0, 1),
        ("cut", NoAnswer("connection closed"), 0.0, 1),
        ("drip:30", NoAnswer("timed out"), 10.0, 1),
        ("late:15-100", NoAnswer("timed out"), 10.0, 0),
    ],
)
def test_faults_of_the_connection(words: str, seen: object, seconds: float, rows: int) -> None:
    them, took = struck(words)
    assert (took.exchange, took.seconds) == (seen, seconds)
    assert len(them.sim.rows()) == rows


@pytest.mark.parametrize(
    ("words", "status", "json", "rows"),
    [
        ("fail-after", 500, True, 1),
        ("fail-after:502", 502, False, 1),
        ("fail-before", 500, True, 0),
        ("fail-before:503", 503, False, 0),
        ("portal", 200, False, 0),
        ("throttled", 429, True, 0),
        ("moved", 301, False, 0),
        ("unauthorized", 401, True, 0),
        ("forbidden", 403, True, 0),
        ("no-body", 204, False, 1),
        ("no-body:200", 200, False, 1),
    ],
)
def test_faults_of_the_reply(words: str, status: int, json: bool, rows: int) -> None:
    them, took = struck(words)
    assert isinstance(took.exchange, Reply)
    assert (took.exchange.status, took.exchange.is_json) == (status, json)
    if json:
        assert msgspec.json.decode(took.exchange.body)["errors"][0]["status"] == status
    assert len(them.sim.rows()) == rows


def test_a_slow_reply_that_is_quick_enough_arrives() -> None:
    them, took = struck("drip:9")
    assert isinstance(took.exchange, Reply)
    assert took.seconds == 9.0
    assert them.sim.rows()


def test_a_garbled_reply_is_no_json_any_more() -> None:
    them, took = struck("garbled")
    assert isinstance(took.exchange, Reply)
    assert took.exchange.is_json
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(took.exchange.body)
    assert them.sim.rows()


@pytest.mark.parametrize("shape", ["object", "array", "data"])
def test_a_thin_reply_holds_the_id_and_nothing_else(shape: str) -> None:
    them, took = struck("id-only", profile=profile_named("strict", shapes=shape))
    assert isinstance(took.exchange, Reply)
    row = {"ID": them.sim.rows()[0].id}
    assert msgspec.json.decode(took.exchange.body) == {"object": row, "array": [row], "data": {"data": row}}[shape]


def test_an_error_stays_an_error_when_the_reply_is_thinned() -> None:
    them = caller(faults=parse_rules("id-only"))
    assert them.error("POST", "/attendances", {}) == (422, 15016)


def test_a_late_request_is_applied_at_its_own_time_and_in_order() -> None:
    them, _ = struck("late:20-30*1")
    them.later(seconds=19)
    assert them.get("/attendances") == []
    them.later(seconds=12)
    assert len(them.get("/attendances")) == 1
    applied_s = them.sim.rows()[0].created_s
    assert 20 <= applied_s - (them.now_s - 31) <= 30


def test_late_requests_are_also_judged_late() -> None:
    """What a late write meets is the state of that moment: the row it would double is there already."""
    them = caller(profile_named("strict", overlap="refuse"), faults=parse_rules("late:20-30*1"))
    assert isinstance(them.exchange("POST", "/attendances", BODY), NoAnswer)
    assert them.reply("POST", "/attendances", BODY).status == 201
    them.later(seconds=60)
    assert len(them.get("/attendances")) == 1


def test_only_a_reused_connection_is_closed() -> None:
    for words, rows in (("close-reused", 1), ("close-reused:applied", 2)):
        them = caller(faults=parse_rules(words))
        assert isinstance(them.exchange("POST", "/attendances", BODY), Reply)
        them.reused = True
        assert them.exchange("POST", "/attendances", BODY) == NoAnswer("connection closed")
        assert len(them.sim.rows()) == rows


@pytest.mark.parametrize("profile", ["strict", "alt"])
def test_a_stale_list_shows_what_was_true_then(profile: str) -> None:
    them = caller(
        profile_named(
            profile,
            precision="second",
            empty_chance=0,
            shapes="object",
            id_keys="ID",
            loose_types=False,
            stamps="millis",
        )
    )
    kept = them.pair("ada", "16T05:00", "16T06:00")
    gone = them.pair("ada", "16T03:00", "16T04:00")
    them.later(seconds=100)
    them.put(f"/attendances/{kept['ID']}", to=stamp("16T06:30"), notes="new", minutesBreak=7)
    them.reply("DELETE", f"/attendances/{gone['ID']}")
    them.pair("grace", "16T05:00", "16T06:00")
    them.sim.front.faults.replace(parse_rules("stale:60"))
    them.later(seconds=59)
    span = {"from": stamp("16T00:00"), "to": stamp("16T23:00"), "limit": "1000"}
    old = them.get("/attendances", **span)
    assert {(row["ID"], row["to"], row["notes"], row["breakMinutes"]) for row in old} == {
        (kept["ID"], stamp("16T06:00"), "", 0),
        (gone["ID"], stamp("16T04:00"), "", 0),
    }
    them.later(seconds=2)
    new = them.get("/attendances", **span)
    assert {(row["user"], row["to"], row["notes"]) for row in new} == {
        ("ada", stamp("16T06:30"), "new"),
        ("grace", stamp("16T06:00"), ""),
    }
    assert them.reply("POST", "/attendances", {**BODY, "username": "grace"}).status in (
        200,
        201,
        422,
    )  # writes are never stale


def test_a_write_does_not_use_up_a_stale_read() -> None:
    them = caller(faults=parse_rules("stale:60*1"))
    them.pair("ada", "16T06:00", "16T07:00")
    assert them.get("/attendances") == []
    assert len(them.get("/attendances")) == 1


def test_one_person_can_be_forbidden_and_a_burst_of_401_ends() -> None:
    them = caller(faults=(FaultRule(FalseForbidden(), username="ada"),))
    assert them.error("POST", "/attendances", BODY) == (403, 15030)
    assert them.reply("POST", "/attendances", {**BODY, "username": "grace"}).status == 201
    burst = FaultRule(FalseUnauthorized(), from_s=them.now_s, until_s=them.now_s + 10)
    them.sim.front.faults.replace((burst,))
    assert them.reply("GET", "/users").status == 401
    them.later(seconds=10)
    assert them.reply("GET", "/users").status == 200


def test_retry_after_comes_as_seconds_as_a_date_as_nonsense_or_not_at_all() -> None:
    headers = {}
    for form in ("none", "seconds", "date", "absurd"):
        them, took = struck(f"throttled:{form}/7")
        assert isinstance(took.exchange, Reply)
        headers[form] = took.exchange.headers.get("retry-after")
        if form == "date":
            assert 7 <= (parsedate_to_datetime(headers[form] or "") - them.now).total_seconds() <= 9
    assert (headers["none"], headers["seconds"], headers["absurd"]) == (None, "7", "999999999")


def test_the_mix_strikes_as_often_as_it_says() -> None:
    them = caller(faults=parse_rules("mix"), requests_per_minute=10**6)
    for n in range(20_000):
        them.exchange("POST", "/attendances", {"username": "nobody", "n": n})
    counts = them.sim.front.faults.struck
    expected = {"lost": 600, "reply-lost": 600, "fail-after": 400, "late": 200}
    assert set(counts) == set(expected)
    for name, mean in expected.items():
        assert abs(counts[name] - mean) < 5 * mean**0.5, (name, counts[name])


def test_a_latency_is_time_the_client_spends() -> None:
    them = caller(latency_s=(0.05, 0.3))
    times = [them.took("GET", "/users").seconds for _ in range(50)]
    assert 0.05 <= min(times) < max(times) <= 0.3


# --- in words ---------------------------------------------------------------------------------------------------


def test_words_are_read_with_argument_side_times_and_chance() -> None:
    (rule,) = parse_rules("late:1-2@write*3=0.5%")
    assert rule == FaultRule(parse_rules("late:1-2")[0].fault, 0.005, "write", times=3)
    assert parse_rules("moved:http://h:1/x?a=b")[0].fault == parse_rules(" moved:http://h:1/x?a=b , ")[0].fault
    assert len(parse_rules("mix,stale:3")) == 5
    assert parse_rules("none") == parse_rules("") == ()


@pytest.mark.parametrize(
    "words", ["nope", "lost:loud", "late:x", "late:1-y", "lost=101%", "portal:x", "throttled:soon", "lost=5"]
)
def test_words_that_name_nothing_are_refused(words: str) -> None:
    with pytest.raises(BadFault):
        parse_rules(words)


def test_a_rule_strikes_only_so_often_and_only_its_side() -> None:
    them = caller(faults=parse_rules("lost@write*2,portal@read*1"))
    found = [type(them.exchange("POST", "/attendances", BODY)) for _ in range(3)]
    assert found == [NoAnswer, NoAnswer, Reply]
    assert [them.reply("GET", "/users").is_json for _ in range(2)] == [False, True]
