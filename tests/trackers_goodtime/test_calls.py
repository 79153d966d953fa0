"""Hello, login, time types, users, projects: what is asked, and every form of answer."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.wire import (
    Exchange,
    Forbidden,
    NoAnswer,
    NotApplied,
    NotSent,
    Paused,
    Reply,
    Request,
    Throttled,
)
from clockd.trackers.goodtime.wire import calls
from clockd.trackers.goodtime.wire.calls import LoginRefused, LoginUnclear, Named, Token
from tests.trackers_goodtime.said import html, plain, said


def jwt(claims: object) -> str:
    parts = (json.dumps({"alg": "HS256"}), json.dumps(claims), "signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


TOKEN = jwt({"iat": 1000, "exp": 4600})


@pytest.mark.parametrize(
    ("request_", "method", "path"),
    [
        (calls.hello(), "GET", "/api/hello/sayhello"),
        (calls.secured_hello(), "GET", "/api/hello/securedSayhello"),
        (calls.timetypes(), "GET", "/api/time-v2.1/timetypes"),
        (calls.users(), "GET", "/api/time-v2.1/users"),
        (calls.projects(), "GET", "/api/time-v2.1/projects"),
        (calls.projects("a+b/c@x.de"), "GET", "/api/time-v2.1/projects/a%2Bb%2Fc%40x.de"),
        (calls.projects(" jörg@müller.de"), "GET", "/api/time-v2.1/projects/j%C3%B6rg%40m%C3%BCller.de"),
        (calls.OLD_TIME_CATEGORIES, "GET", "/api/time/timecategories"),
    ],
)
def test_reads_have_no_body(request_: Request, method: str, path: str) -> None:
    assert (request_.method, request_.path, request_.body) == (method, path, None)
    assert not request_.writes


def test_the_login() -> None:
    assert calls.login("admin@gtsandbox.en", "12345678") == Request(
        "POST", "/api/login", body={"loginemail": "admin@gtsandbox.en", "apipassword": "12345678"}
    )


@pytest.mark.parametrize(
    "reply",
    [
        plain(200, TOKEN),
        plain(201, f"  {TOKEN}\n"),
        plain(200, f"Bearer {TOKEN}"),
        Reply(200, {}, TOKEN.encode()),
        Reply(200, {}, b"\xef\xbb\xbf" + TOKEN.encode()),
        said(200, TOKEN),
        said(200, {"token": TOKEN}),
        said(200, {"jwt": TOKEN, "expires": 3600}),
        said(200, {"access_token": TOKEN, "token_type": "bearer"}),
        said(200, {"accessToken": TOKEN}),
        said(200, {"id_token": TOKEN}),
        said(200, {"Token": TOKEN}),
        said(200, {"data": {"token": TOKEN}}),
        said(200, [{"token": TOKEN}]),
        Reply(200, {"authorization": f"Bearer {TOKEN}"}, b""),
        Reply(204, {"authorization": TOKEN}, b""),
        Reply(200, {"x-my-token": TOKEN}, b""),
        Reply(200, {"authorization": f"Bearer {TOKEN}", "content-type": "text/html"}, b"<p>welcome</p>"),
        Reply(200, {"content-type": "text/html;charset=UTF-8"}, TOKEN.encode()),
        Reply(200, {"content-type": "text/html"}, f'"{TOKEN}"\n'.encode()),
        said(200, {"authToken": TOKEN}),
        said(200, {"jwtToken": TOKEN, "user": "admin@x.de"}),
        said(200, {"sessionToken": TOKEN, "error": None}),
        said(200, {"token": {"value": TOKEN, "type": "Bearer"}}),
        said(200, {"access_token": TOKEN, "refresh_token": "dd.ee.ff"}),
    ],
)
def test_a_token_is_found_in_every_form(reply: Reply) -> None:
    found = calls.read_login(reply, "X-My-Token")
    assert isinstance(found, Token)
    assert found.text == TOKEN
    assert found.lifetime_s == 3600


def test_a_token_shows_itself_to_nobody() -> None:
    assert "ey" not in f"{calls.read_login(plain(200, TOKEN), 'Authorization')!r}"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (html(200, "Hotel WiFi"), LoginUnclear),
        (plain(200, "Login failed"), LoginUnclear),
        (plain(200, "a.b"), LoginUnclear),
        (plain(200, f"<html>{TOKEN}"), LoginUnclear),
        (said(200, {"error": "wrong password"}), LoginUnclear),
        (said(200, False), LoginUnclear),
        (said(200, None), LoginUnclear),
        (Reply(204, {}, b""), LoginUnclear),
        (said(200, {"token": "ey\r\nX: y"}), LoginUnclear),
        (said(200, {"this": "aa.bb.cc", "that": "dd.ee.ff"}), LoginUnclear),
        (said(200, {"error": "wrong password", "server": "www.x.de"}), LoginUnclear),
        (said(200, {"message": "Login failed", "server": "www.x.de"}), LoginUnclear),
        (html(200, TOKEN), LoginUnclear),
        (html(500, "HTTP Status 500"), LoginUnclear),
        (html(401, "HTTP Status 401"), LoginRefused),
        (Reply(403, {}, b""), LoginRefused),
        (plain(400, "no"), LoginRefused),
        (said(422, {"message": "no"}), LoginRefused),
        (html(404, "Not Found"), Paused),
        (html(405, "Not Allowed"), Paused),
        (Reply(301, {"location": "https://elsewhere.example/x"}, b""), Paused),
        (Reply(429, {"retry-after": "7"}, b""), Throttled),
        (plain(403, "Too many requests"), Throttled),
        (html(502, "Bad Gateway"), NotApplied),
        (html(503, "Service Unavailable"), NotApplied),
        (NotSent("connection refused"), NotApplied),
        (NoAnswer("timed out"), NotApplied),
    ],
)
def test_everything_else_is_a_failed_login(reply: Exchange, kind: type[object]) -> None:
    assert type(calls.read_login(reply, "Authorization")) is kind


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": 5},
        {"iat": 9, "exp": 5},
        {"iat": "1", "exp": "2"},
        {"iat": True, "exp": 5},
        [],
        "x",
        {"iat": 0, "exp": 1e300},
    ],
)
def test_a_lifetime_that_makes_no_sense_is_none(claims: object) -> None:
    found = calls.read_login(plain(200, jwt(claims)), "Authorization")
    assert isinstance(found, Token)
    assert found.lifetime_s is None


def test_a_jwt_that_is_none_inside_is_still_a_token() -> None:
    found = calls.read_login(plain(200, "abc.def.ghi"), "Authorization")
    assert found == Token("abc.def.ghi", None)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (said(200, [{"id": "56941EEE", "name": "working hours"}]), (Named("56941EEE", "working hours"),)),
        (said(200, [{"Name": "a", "ID": 7, "x": [1]}]), (Named("7", "a"),)),
        (said(200, {"timetypes": [{"id": "1", "name": "a"}]}), (Named("1", "a"),)),
        (said(200, []), ()),
        (Reply(200, {}, b'\xef\xbb\xbf[{"id":"1","name":"a"}]'), (Named("1", "a"),)),
    ],
)
def test_named_things(reply: Reply, expected: tuple[Named, ...]) -> None:
    assert calls.read_named(reply) == expected


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (said(200, [{"name": "a"}]), NotApplied),
        (said(200, "text"), Paused),
        (said(200, {"login": "required"}), Paused),
        (said(200, {"login": {"url": "http://portal"}}), NotApplied),
        (said(200, [1]), NotApplied),
        (said(200, {"a": [], "b": []}), NotApplied),
        (html(200, "portal"), NotApplied),
        (Reply(200, {}, b"[{"), NotApplied),
        (Reply(204, {}, b""), NotApplied),
        (Reply(401, {}, b""), Paused),
        (Reply(302, {"location": "/login"}, b""), Paused),
        (Reply(405, {}, b""), Paused),
        (Reply(403, {}, b""), Forbidden),
        (html(404, "x"), Forbidden),
        (Reply(503, {"retry-after": "5"}, b""), Throttled),
        (Reply(500, {}, b""), NotApplied),
        (NotSent("x"), NotApplied),
        (NoAnswer("x"), NotApplied),
    ],
)
def test_a_read_that_brings_nothing(reply: Exchange, kind: type[object]) -> None:
    assert type(calls.read_named(reply)) is kind


@pytest.mark.parametrize(
    "body",
    [
        [{"loginemail": "a@x.de"}, {"loginemail": "b+c@x.de"}],
        [{"loginEmail": "a@x.de"}, {"login_email": "b+c@x.de"}],
        [{"useremail": "a@x.de"}, {"email": "b+c@x.de"}],
        ["a@x.de", "b+c@x.de"],
        {"users": ["a@x.de", "b+c@x.de"]},
    ],
)
def test_users(body: object) -> None:
    assert calls.read_users(said(200, body)) == ("a@x.de", "b+c@x.de")


def test_hello() -> None:
    assert calls.read_hello(plain(200, "Hello!")) == "Hello!"
    assert calls.read_hello(said(200, "Secured Hello!")) == "Secured Hello!"
    assert isinstance(calls.read_hello(html(200, "Hotel WiFi")), NotApplied)
    assert isinstance(calls.read_hello(html(403, "nothing here")), Forbidden)
    found = calls.read_hello(html(404, "nothing here"))
    assert isinstance(found, Paused)
    assert found.reason == "path"
    assert "tracker.url must be everything before /api" in found.why


TYPES = (Named("AB-1", "working hours"), Named("AB-2", "Vacation"), Named("AB-3", "vacation"), Named("AB-4", "x"))


@pytest.mark.parametrize(
    ("wanted", "id_"),
    [
        ("working hours", "AB-1"),
        ("Working Hours ", "AB-1"),
        ("ab-2", "AB-2"),
        ("vacation", "AB-3"),
        ("Vacation", "AB-2"),
    ],
)
def test_pick(wanted: str, id_: str) -> None:
    found = calls.pick(wanted, TYPES)
    assert isinstance(found, Named)
    assert found.id == id_


def test_pick_refuses_to_guess() -> None:
    assert "2 are called 'VACATION'; write the id: AB-2, AB-3" in calls.pick("VACATION", TYPES)  # type: ignore[operator] # a text
    assert "none is called 'work'; there are 'working hours'" in calls.pick("work", TYPES)  # type: ignore[operator] # a text
    assert "there are none" in calls.pick("work", ())  # type: ignore[operator] # a text


REPLIES = st.builds(
    Reply,
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["content-type", "authorization", "location", "retry-after"]), st.text(max_size=20)
    ),
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "name", "token", "data", "ID", "loginemail"]), inner, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode()),
)


@given(REPLIES)
def test_no_answer_of_a_tracker_raises(reply: Reply) -> None:
    calls.read_login(reply, "Authorization")
    calls.read_named(reply)
    calls.read_users(reply)
    calls.read_hello(reply)


def test_depth_is_no_weapon() -> None:
    deep = Reply(200, {}, b"[" * 100_000)
    assert isinstance(calls.read_named(deep), NotApplied)
    assert isinstance(calls.read_login(deep, "Authorization"), LoginUnclear)
