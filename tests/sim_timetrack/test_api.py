"""Keys, routes, bodies, paging, names: what holds for every endpoint."""

import msgspec
import pytest

from clockd.sim.message import Answered
from clockd.sim.timetrack.profile import ALT, ALT2, STRICT, Profile, profile_named
from tests.sim_timetrack.caller import Caller, caller, stamp


@pytest.mark.parametrize("header", ["x-timetrack-api-key", "x-timetrack-api-secret"])
def test_both_keys_are_needed_on_every_request(header: str) -> None:
    them = caller()
    for wrong in ({**them.headers, header: "nope"}, {k: v for k, v in them.headers.items() if k != header}):
        careless = Caller(them.sim, headers=wrong)
        assert careless.error("GET", "/attendances") == (401, 10001)
        assert careless.error("POST", "/attendances", {"username": "ada"}) == (401, 10001)
    shouting = Caller(them.sim, headers={name.upper(): value for name, value in them.headers.items()})
    assert shouting.get("/attendances") == []


def test_a_route_that_is_not_there_is_a_page_and_a_method_that_is_not_is_405() -> None:
    them = caller()
    for path in ("/", "/attendance", "/attendances/1/2", "/attendance_timer/pause", "/tasks"):
        reply = them.reply("GET", path)
        assert (reply.status, reply.is_json) == (404, False)
    assert them.reply("PATCH", "/attendances/1", {}).status == 405
    assert them.reply("GET", "/attendance_timer/start").headers["allow"] == "POST"


def test_the_curl_of_the_documents_is_a_post_and_refused() -> None:
    """`curl URL -d '{}'` without `-X` (trap T01)."""
    assert caller().error("POST", "/attendances/", {}) == (422, 15016)


def test_a_get_with_a_body_is_written_down_and_alt_refuses_it() -> None:
    strict, alt = caller(), caller(ALT)
    assert strict.reply("GET", "/attendances", {}).status == 200
    reply = alt.reply("GET", "/attendances", {})
    assert (reply.status, reply.is_json) == (400, False)
    for them in (strict, alt):
        assert "GET requests had a body" in them.sim.violations()[0]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_strict_wants_the_content_type_on_every_request_as_the_documents_show_it(method: str) -> None:
    for profile, status in ((STRICT, 400), (ALT, 404)):
        them = caller(profile)
        silent = {name: value for name, value in them.headers.items() if name != "content-type"}
        for headers, wanted in ((silent, status), (them.headers, 404)):
            outcome = them.sim.handle(method, "/attendances/99", (), headers, b"", them.now)
            assert isinstance(outcome, Answered)
            assert outcome.reply.status == wanted


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xef\xbb\xbf{}", "{“username”: “ada”}".encode(), b"username=ada"])
def test_a_body_that_is_no_json_object_is_400_without_an_envelope(body: bytes) -> None:
    them = caller()
    outcome = them.sim.handle("POST", "/attendances", (), them.headers, body, them.now)
    assert isinstance(outcome, Answered)
    assert (outcome.reply.status, outcome.reply.header("content-type")) == (400, "text/html; charset=utf-8")


def test_a_trailing_slash_leads_to_another_port_in_alt() -> None:
    them = caller(ALT)
    them.sim.front.trap_url = "http://127.0.0.1:9/moved"
    reply = them.reply("POST", "/attendances/", {"username": "ada", "from": stamp("16T06:00"), "to": stamp("16T07:00")})
    assert (reply.status, reply.headers["location"]) == (301, "http://127.0.0.1:9/moved/attendances")
    assert them.sim.rows() == []


def many(profile: Profile, count: int) -> Caller:
    them = caller(profile, seed=3)
    for n in range(count):
        body = {
            "username": "ada",
            "from": stamp(f"15T{n // 60:02}:{n % 60:02}"),
            "to": stamp(f"15T{n // 60:02}:{n % 60:02}:30"),
        }
        them.reply("POST", "/attendances", body)
    return them


def test_pages_begin_at_zero_with_fifty_rows() -> None:
    them = many(STRICT, 120)
    pages = [[row["ID"] for row in them.get("/attendances", page_number=str(n))] for n in range(4)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert len({row_id for page in pages for row_id in page}) == 120
    assert [row["ID"] for row in them.get("/attendances", page="1")] == pages[0]  # `page` is not known (trap T30)
    assert len(them.get("/attendances", limit="1000")) == 120
    assert [row["ID"] for row in them.get("/attendances", limit="50", page_number="2")] == pages[2]


@pytest.mark.parametrize("wrong", [{"limit": "1001"}, {"limit": "-1"}, {"limit": "x"}, {"page_number": "-1"}])
def test_paging_out_of_range_is_422(wrong: dict[str, str]) -> None:
    assert caller().error("GET", "/attendances", **wrong) == (422, 15017)


def test_limit_zero_is_nothing_or_everything() -> None:
    assert caller().get("/users", limit="0") == []
    assert len(caller(ALT).get("/users", limit="0")) == 4


def test_strict_lists_other_people_first() -> None:
    them = caller(foreign_rows=60)
    them.pair("ada", "16T06:00", "16T07:00")
    assert "ada" not in {row["user"] for row in them.get("/attendances")}
    assert "ada" in {row["user"] for row in them.get("/attendances", limit="1000")}


def test_alt_orders_anew_each_time_and_keeps_pages_while_nothing_is_written() -> None:
    them = many(profile_named("alt", precision="second", id_keys="ID", loose_types=False), 120)

    def ids(**query: str) -> list[int]:
        return [row["ID"] for row in them.get("/attendances", **query)]

    whole = [ids(limit="1000") for _ in range(3)]
    assert whole[0] != whole[1]
    assert sorted(whole[0]) == sorted(whole[1])
    pages = [ids(page_number=str(n)) for n in range(3)]
    assert len({row_id for page in pages for row_id in page}) == 120
    them.reply("POST", "/attendances", {"username": "grace", "from": stamp("16T06:00"), "to": stamp("16T07:00")})
    assert set(ids(page_number="0")) != set(pages[0])


def test_unknown_and_disabled_people() -> None:
    body = {"username": "nobody", "from": stamp("16T06:00"), "to": stamp("16T07:00")}
    assert caller().error("POST", "/attendances", body) == (404, 15001)
    assert caller(ALT).error("POST", "/attendances", body) == (422, 15001)
    them = caller()
    them.sim.act({"act": "disable", "username": "ada"}, them.now_s)
    assert them.error("POST", "/attendances", {**body, "username": "ada"}) == (403, 15030)


def test_hard_names_arrive_whole_in_query_and_body() -> None:
    them = caller()
    name = "jörg+x & co"
    them.pair(name, "16T06:00", "16T07:00")
    assert [row["user"] for row in them.get("/attendances", username=name)] == [name]
    decomposed = "jo\u0308rg+x & co"
    assert [row["user"] for row in them.get("/attendances", username=decomposed)] == [name]


def test_422_may_hide_inside_of_200() -> None:
    them = caller(ALT2)
    reply = them.reply("POST", "/attendances", {"username": "ada"})
    assert reply.status == 200
    assert msgspec.json.decode(reply.body)["errors"][0]["status"] == 422
    assert Caller(them.sim, headers={"x": "y"}).error("GET", "/attendances")[0] == 401
    assert them.error("GET", "/attendances/1") == (404, 15000)


def test_alt_varies_every_form_and_never_the_meaning() -> None:
    them = caller(profile_named("alt", empty_chance=0.2, start_reply_id=True), seed=5)
    seen: dict[str, set[str]] = {
        "status": set(),
        "shape": set(),
        "key": set(),
        "to": set(),
        "stamp": set(),
        "flag": set(),
    }
    for n in range(120):
        date = stamp(f"16T{n // 60 + 2:02}:{n % 60:02}")
        verb = "stop" if n % 2 else "start"
        reply = them.reply("POST", f"/timers/attendance_timer/{verb}", {"username": "ada", "date": date})
        seen["status"].add(str(reply.status))
        if reply.status == 204:
            assert reply.body == b""
            continue
        row = msgspec.json.decode(reply.body)
        seen["shape"].add("array" if isinstance(row, list) else "data" if "data" in row else "object")
        row = row[0] if isinstance(row, list) else row.get("data", row)
        assert row["user"] == "ada"
        assert int(row["id"]) == them.sim.rows()[-1].id
        seen["flag"].add(repr(row["manual"]))
        begin = row["from"]
        seen["stamp"].add(begin[16:])
        if verb == "start":
            assert begin[:16] == date[:16]
            seen["to"].add(
                "absent" if "to" not in row else "from" if (row["to"] or "")[:16] == begin[:16] else repr(row["to"])
            )
        for listed in them.get("/attendances", limit="3"):
            seen["key"] |= {"ID", "id"} & set(listed)
    assert seen == {
        "status": {"200", "201", "204"},
        "shape": {"array", "data", "object"},
        "key": {"id", "ID"},
        "to": {"None", "''", "absent", "from"},
        "stamp": {":00.000Z", ":00Z", ":00"},
        "flag": {"False", "0", "'0'", "'false'"},
    }


def test_the_reply_to_a_start_may_lack_the_id() -> None:
    them = caller(profile_named("strict", start_reply_id=False))
    begun = them.post("/attendance_timer/start", username="ada", date=stamp("16T07:00"))
    assert not {"id", "ID"} & set(begun)
    assert "id" in them.get("/attendance_timer", username="ada", date=stamp("16T07:30"))


def test_notes_are_taken_from_the_one_key_or_the_other() -> None:
    for profile, kept in ((STRICT, "d"), (profile_named("alt", empty_chance=0, shapes="object"), "n")):
        them = caller(profile)
        assert them.pair("ada", "16T06:00", "16T07:00", details="d", notes="n")["notes"] == kept
