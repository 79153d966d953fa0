"""Login, tokens, paths, versions: who gets in, by which door, and how a refusal looks."""

import base64
import json

import msgspec
import pytest

from clockd.core.json import Json
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.profile import PROFILES, Profile, profile_named
from tests.sim_goodtime.caller import ADA, ANNA, V2, caller


def test_hello_needs_nobody_and_secured_hello_a_token() -> None:
    them = caller(logged_in=False)
    assert them.reply("GET", "/api/hello/sayhello").body == b"Hello!"
    assert them.reply("GET", "/api/hello/securedSayhello").status == 401
    them.log_in()
    assert them.reply("GET", "/api/hello/securedSayhello").body == b"Secured Hello!"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/api", 404),
        ("GET", "/api/hello/securedsayhello", 404),
        ("GET", "/api/time/timetypes", 404),
        ("GET", "/api/time/timecategories", 404),
        ("GET", f"{V2}/timecategories", 404),
        ("GET", f"{V2}/entries", 404),
        ("POST", f"{V2}/timeentries", 405),
        ("GET", f"{V2}/createtimeentry", 405),
        ("GET", "/api/login", 405),
        ("PUT", f"{V2}/users", 405),
        ("GET", f"{V2}/timetypes", 200),
    ],
)
def test_paths(method: str, path: str, status: int) -> None:
    reply = caller().reply(method, path)
    assert reply.status == status
    if status >= 400:
        assert "html" in reply.headers["content-type"]
    if status == 405:
        assert reply.headers["allow"]


@pytest.mark.parametrize(("versions", "new", "old"), [("2.1", 200, 404), ("1.1", 404, 200), ("both", 200, 200)])
def test_versions(versions: str, new: int, old: int) -> None:
    them = caller(profile_named("strict", versions=versions))
    assert them.reply("GET", f"{V2}/timetypes").status == new
    assert them.reply("GET", "/api/time/timecategories").status == old


def test_version_1_knows_no_comment() -> None:
    them = caller(profile_named("strict", versions="both"))
    assert them.reply("POST", "/api/time/createtimeentry", them.body(comment="x")).status == 400
    assert them.reply("POST", "/api/time/createtimeentry", them.body()).status == 200
    assert "2 writes used version 1.1" in str(them.sim.violations())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"loginemail": "admin@example.com", "apipassword": "sim-password"}, 200),
        ({"loginemail": "ADMIN@Example.com", "apipassword": "sim-password"}, 200),
        ({"loginemail": "admin@example.com", "apipassword": "sim-passworD"}, 401),
        ({"useremail": "admin@example.com", "apipassword": "sim-password"}, 400),
        ({"loginemail": "admin@example.com"}, 400),
        ([], 400),
        (None, 400),
    ],
)
def test_the_login_wants_its_own_words(body: Json, status: int) -> None:
    assert caller(logged_in=False).reply("POST", "/api/login", body).status == status


@pytest.mark.parametrize(
    ("form", "find"),
    [
        ("raw", lambda reply: reply.body.decode()),
        ("quoted", lambda reply: json.loads(reply.body)),
        ("token", lambda reply: json.loads(reply.body)["token"]),
        ("accessToken", lambda reply: json.loads(reply.body)["accessToken"]),
        ("nested", lambda reply: json.loads(reply.body)["data"]["token"]),
        ("header", lambda reply: reply.headers["authorization"].removeprefix("Bearer ")),
    ],
)
def test_forms_of_the_token(form: str, find: object) -> None:
    them = caller(profile_named("strict", login_forms=form), logged_in=False)
    token = find(them.log_in())  # type: ignore[operator] # a function from the table
    them.token = token
    assert them.get("/users")
    claims = token.split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"] == int(them.now_s) + 3600


@pytest.mark.parametrize(
    ("header", "prefix", "profile"),
    [
        ("authorization", "Bearer ", {}),
        ("authorization", "", {"token_prefix": ""}),
        ("x-auth-token", "", {"token_prefix": "", "token_header": "x-auth-token"}),
    ],
)
def test_the_token_travels_in_the_header_that_the_account_wants(
    header: str, prefix: str, profile: dict[str, str]
) -> None:
    them = caller(profile_named("strict", **profile))
    token, them.token = them.token, ""
    for name, before in (("authorization", "Bearer "), ("authorization", ""), ("x-auth-token", ""), ("cookie", "")):
        them.headers = {name: before + token}
        right = (name, before) == (header, prefix)
        assert them.reply("GET", f"{V2}/users").status == (200 if right else 401)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_grows_old(status: int) -> None:
    them = caller(profile_named("strict", expired_status=status))
    them.later(seconds=3599)
    assert them.reply("GET", f"{V2}/users").status == 200
    them.later(seconds=2)
    assert them.reply("GET", f"{V2}/users").status == status
    them.log_in()
    assert them.get("/users")
    assert them.sim.violations() == []


def test_a_token_can_die_before_its_time() -> None:
    them = caller()
    them.act("revoke-tokens")
    assert them.reply("GET", f"{V2}/users").status == 401
    them.log_in()
    them.act("change-password", password="other", keep_tokens=True)
    assert them.get("/users")
    them.act("change-password", password="third")
    assert them.reply("GET", f"{V2}/users").status == 401
    assert them.log_in().status == 401
    assert them.log_in("third").status == 200


def test_a_login_while_the_token_is_good_is_needless() -> None:
    them = caller()
    them.log_in()
    assert "1 logins came" in str(them.sim.violations())
    them.later(seconds=3601)
    them.log_in()
    assert them.sim.api.tokens.needless == 1


@pytest.mark.parametrize("fault", ["late:15-15", "reply-lost", "garbled", "no-body", "fail-after", "cut"])
def test_nobody_is_blamed_for_a_token_that_never_arrived(fault: str) -> None:
    """Also not when that token, made late, outlives the one the client got meanwhile."""
    them = caller(logged_in=False)
    login: Json = {"loginemail": them.sim.email, "apipassword": them.sim.password}
    them.sim.front.faults.replace(parse_rules(f"{fault}*1"))
    them.exchange("POST", "/api/login", login)
    them.log_in()
    them.later(seconds=3599)
    assert len(them.get("/users")) == 4
    them.later(seconds=2)
    them.log_in()
    assert them.sim.violations() == []
    them.log_in()
    assert them.sim.api.tokens.needless == 1


def test_the_api_can_be_switched_off() -> None:
    them = caller()
    them.act("switch-off")
    assert them.log_in().status == 403
    assert them.reply("GET", f"{V2}/users").status == 403
    assert them.reply("GET", "/api/hello/sayhello").status == 200
    them.act("switch-on")
    assert them.get("/users")


@pytest.mark.parametrize("every_s", [60, 300])
def test_wrong_passwords_lock_the_login(every_s: int) -> None:
    """Five within a quarter of an hour; who asks each five minutes is spared."""
    them = caller(logged_in=False)
    for _ in range(8):
        assert them.log_in("wrong").status == 401
        them.later(seconds=every_s)
    assert them.log_in().status == (401 if every_s == 60 else 200)
    assert them.sim.api.tokens.locked_out == (1 if every_s == 60 else 0)
    them.later(minutes=16)
    assert them.log_in().status == 200


def test_a_wrong_login_may_be_a_page_with_200() -> None:
    them = caller(profile_named("strict", refused_status=200), logged_in=False)
    assert them.log_in("wrong").body == b"<html><body>Login failed</body></html>"


@pytest.mark.parametrize(
    ("form", "kind", "text"),
    [
        ("html", "text/html; charset=utf-8", "There is no user"),
        ("plain", "text/plain;charset=utf-8", "There is no user"),
        ("json", "application/json; charset=utf-8", '{"message":"There is no user'),
        ("empty", None, ""),
    ],
)
def test_forms_of_an_error(form: str, kind: str | None, text: str) -> None:
    them = caller(profile_named("strict", error_forms=form))
    reply = them.reply("POST", f"{V2}/createtimeentry", them.body("nobody@example.com"))
    assert (reply.status, reply.headers.get("content-type")) == (404, kind)
    assert text in reply.body.decode()


def test_a_body_must_say_that_it_is_json() -> None:
    them = caller()
    them.headers = {"content-type": "text/plain"}
    assert them.status() == 400


@pytest.mark.parametrize(("refuse", "status"), [(True, 400), (False, 200)])
def test_a_get_with_a_body(refuse: bool, status: int) -> None:
    them = caller(profile_named("strict", refuse_get_body=refuse))
    assert them.reply("GET", f"{V2}/users", {}).status == status
    assert "1 GET requests had a body" in them.sim.violations()


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_lists(profile: Profile) -> None:
    them = caller(profile)
    rows = [{key.lower(): value for key, value in row.items()} for row in them.get("/timetypes")]
    assert {row["name"] for row in rows} >= {"working hours", "home office"}
    assert all(row["id"] == row["id"].upper() for row in rows)
    found = [{key.lower(): value for key, value in row.items()} for row in them.get("/users")]
    assert {row["loginemail"] for row in found} >= {ADA, ANNA}


def test_projects_are_of_a_user_and_the_path_must_be_encoded() -> None:
    them = caller()
    assert [row["name"] for row in them.get("/projects")] == [job.name for job in them.sim.api.world.projects]
    assert [row["name"] for row in them.get("/projects/anna%2Bclock%40example.com")] == ["Roof"]
    assert len(them.get("/projects/anna+clock@example.com")) == 1
    assert len(them.get("/projects/anna%20clock@example.com")) == 5  # somebody else
    assert them.reply("GET", f"{V2}/projects/no/body").status == 404
    off = caller(profile_named("strict", projects=False))
    assert off.get("/projects") == off.get(f"/projects/{ADA}") == []


def test_an_unencoded_plus_is_somebody_else() -> None:
    """The query arrives decoded; what a client that forgets to encode sends is a space."""
    them = caller()
    them.create(ANNA)
    assert len(them.entries(ANNA)) == 1
    assert them.entries("anna clock@example.com") == []


def test_the_simulator_says_what_a_request_is_about() -> None:
    them = caller()
    them.create(ANNA)
    them.entries()
    them.get("/projects/anna%2Bclock%40example.com")
    them.get("/users")
    assert [arrival.username for arrival in them.sim.front.journal.arrivals][1:] == [ANNA, ADA, ANNA, None]


def test_thin_replies_hold_ids_only() -> None:
    them = caller(profile_named("strict", created_rows=True))
    rows = msgspec.json.decode(them.reply("POST", f"{V2}/createtimeentry", them.body()).body)
    assert rows[0]["starttime"]
    them.sim.front.faults.replace(parse_rules("id-only"))
    assert [list(row) for row in them.entries()] == [["id"]]
