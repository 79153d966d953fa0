"""The same over real sockets, with a real HTTP client: a fault of the connection is one."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest

from clockd.errors import UsageError
from clockd.sim.shell import serving
from clockd.sim.timetrack.profile import ALT
from tests.sim_timetrack.caller import caller, stamp
from tests.sim_timetrack.conftest import Rig

Make = Callable[..., Awaitable[Rig]]
PAIR = {"username": "ada", "from": stamp("16T06:00"), "to": stamp("16T07:00")}


async def test_a_whole_round_of_every_verb(listening: Make) -> None:
    rig = await listening()
    made = (await rig.client.post("/attendances", json=PAIR)).json()
    path = f"/attendances/{made['ID']}"
    assert (await rig.client.get("/attendances", params={"username": "ada"})).json() == [made]
    assert (await rig.client.put(path, json={"notes": "Größe"})).json()["notes"] == "Größe"
    reply = await rig.client.get("/attendances/")
    assert reply.headers["date"] == "Mon, 16 Nov 2026 07:00:00 GMT"
    assert (await rig.client.delete(path)).status_code == 200
    assert (await rig.client.get(path)).json()["errors"][0]["code"] == 15020
    body = {"username": "jörg+x & co", "date": stamp("16T07:00")}
    assert (await rig.client.post("/attendance_timer/start", json=body)).status_code == 201
    shown = await rig.client.get("/attendance_timer", params=body)
    assert shown.json()["user"] == "jörg+x & co"


async def test_beside_the_api_there_is_only_a_page(listening: Make) -> None:
    rig = await listening()
    async with httpx.AsyncClient(headers=rig.sim.headers()) as client:
        for path in ("/", "/api/v2/attendances", "/api/v2/external/attendances"):
            reply = await client.get(rig.served.root + path)
            assert (reply.status_code, reply.headers["content-type"][:9]) == (404, "text/html")
    assert rig.sim.front.journal.reads == 0


@pytest.mark.parametrize(
    ("rules", "error", "rows"),
    [
        ("lost", httpx.RemoteProtocolError, 0),
        ("reply-lost", httpx.RemoteProtocolError, 1),
        ("refuse", httpx.RemoteProtocolError, 0),
        ("cut", httpx.RemoteProtocolError, 1),
        ("lost:silent", httpx.ReadTimeout, 0),
        ("reply-lost:silent", httpx.ReadTimeout, 1),
        ("late:20-30", httpx.ReadTimeout, 0),
        ("drip:60", httpx.ReadTimeout, 1),
    ],
)
async def test_a_broken_connection_is_broken_before_or_after_applying(
    listening: Make, rules: str, error: type[Exception], rows: int
) -> None:
    rig = await listening(timeout_s=0.3)
    await rig.control("faults", {"rules": f"{rules}*1"})
    with pytest.raises(error):
        await rig.client.post("/attendances", json=PAIR)
    assert len(rig.sim.rows()) == rows
    # the next request finds everything as before
    assert (await rig.client.get("/attendances")).status_code == 200
    assert (await rig.control("faults"))["struck"] == {rules.partition(":")[0]: 1}


@pytest.mark.parametrize(
    ("rules", "status", "rows"),
    [
        ("fail-after", 500, 1),
        ("fail-before:502", 502, 0),
        ("portal", 200, 0),
        ("garbled", 201, 1),
        ("throttled:date", 429, 0),
        ("unauthorized", 401, 0),
        ("no-body", 204, 1),
        ("no-body:200", 200, 1),
        ("id-only", 201, 1),
        ("drip:0.2", 201, 1),
    ],
)
async def test_a_reply_that_arrives_and_is_wrong(listening: Make, rules: str, status: int, rows: int) -> None:
    rig = await listening()
    await rig.control("faults", {"rules": f"{rules}*1"})
    reply = await rig.client.post("/attendances", json=PAIR)
    assert reply.status_code == status
    assert len(rig.sim.rows()) == rows
    assert (await rig.client.get("/attendances")).status_code == 200


@pytest.mark.parametrize(("rules", "rows"), [("close-reused", 1), ("close-reused:applied", 2)])
async def test_only_the_second_request_of_a_connection_is_cut_off(listening: Make, rules: str, rows: int) -> None:
    rig = await listening()
    await rig.control("faults", {"rules": rules})
    assert (await rig.client.post("/attendances", json=PAIR)).status_code == 201
    with pytest.raises(httpx.RemoteProtocolError):
        await rig.client.post("/attendances", json=PAIR)
    assert len(rig.sim.rows()) == rows
    assert (await rig.client.post("/attendances", json=PAIR)).status_code == 201  # on a new connection


async def test_a_trickling_reply_defeats_a_timeout_for_each_read(listening: Make) -> None:
    """A client that only limits the wait for the next byte never gives up: the bytes keep coming."""
    rig = await listening(timeout_s=0.3)
    await rig.control("faults", {"rules": "drip:0.8*1"})
    begun = asyncio.get_running_loop().time()
    assert (await rig.client.post("/attendances", json=PAIR)).status_code == 201
    assert asyncio.get_running_loop().time() - begun >= 0.8 * 0.9


async def test_a_late_request_is_applied_when_its_time_has_come(listening: Make) -> None:
    rig = await listening(timeout_s=0.2)
    await rig.control("faults", {"rules": "late:15-100*1"})
    with pytest.raises(httpx.ReadTimeout):
        await rig.client.post("/attendances", json=PAIR)
    assert (await rig.control("advance", {"seconds": 14}))["pending"] == 1
    assert (await rig.client.get("/attendances")).json() == []
    assert (await rig.control("advance", {"seconds": 86}))["pending"] == 0
    assert len((await rig.client.get("/attendances")).json()) == 1


@pytest.mark.parametrize("follows", [False, True])
async def test_the_trap_sees_who_follows_a_redirect_and_what_secrets_come_along(listening: Make, follows: bool) -> None:
    rig = await listening(ALT)
    async with httpx.AsyncClient(headers=rig.sim.headers(), follow_redirects=follows) as client:
        reply = await client.post(rig.served.url + "/attendances/", json=PAIR)
        assert reply.status_code == (200 if follows else 301)
        await rig.control("faults", {"rules": "moved"})
        await client.get(rig.served.url + "/attendances")
    assert rig.sim.rows() == []
    found = await rig.control("invariants")
    assert (found["requests_after_redirect"], found["secrets_leaked"]) == ((2, 2) if follows else (0, 0))
    assert bool(found["violations"]) is follows


async def test_the_trap_stays_after_a_reset(listening: Make) -> None:
    rig = await listening(ALT)
    await rig.control("reset", {})
    reply = await rig.client.get("/attendances/")
    assert reply.headers["location"] == rig.served.trap_url + "/attendances"


async def test_small_replies_do_not_wait_for_each_other(listening: Make) -> None:
    """Header and body leave in two writes; with Nagle's algorithm each reply would cost 40 ms."""
    rig = await listening()
    await rig.client.get("/users")
    (line,) = rig.served.lines.open.values()
    accepted = line.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_the_throttle_counts_over_connections_and_the_control_pages_are_free(listening: Make) -> None:
    rig = await listening(requests_per_minute=5)
    for _ in range(10):
        await rig.control("state")
    for _ in range(5):
        async with httpx.AsyncClient(headers=rig.sim.headers()) as client:
            assert (await client.get(rig.served.url + "/users")).status_code == 200
    reply = await rig.client.get("/users")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
    await rig.control("advance", {"seconds": 60})
    assert (await rig.client.get("/users")).status_code == 200


async def test_many_at_once_are_each_answered_once(listening: Make) -> None:
    rig = await listening()

    async def one(n: int) -> int:
        body = {"username": "ada", "from": stamp(f"16T06:{n:02}"), "to": stamp(f"16T06:{n:02}:30")}
        return int((await rig.client.post("/attendances", json=body)).json()["ID"])

    ids = await asyncio.gather(*(one(n) for n in range(50)))
    assert sorted(ids) == sorted(row.id for row in rig.sim.rows())


async def test_a_body_without_end_is_not_read(listening: Make) -> None:
    rig = await listening()
    with pytest.raises((httpx.RemoteProtocolError, httpx.WriteError, httpx.ReadError)):
        await rig.client.post("/attendances", content=b" " * (3 << 20), headers={"content-type": "application/json"})
    assert rig.sim.front.journal.writes == 0
    assert (await rig.client.get("/users")).status_code == 200


# --- control ----------------------------------------------------------------------------------------------------


async def test_the_control_pages_show_and_change_the_account(listening: Make) -> None:
    rig = await listening()
    await rig.client.post("/attendances", json=PAIR)
    assert len((await rig.control(""))["pages"]) == 9
    state = await rig.control("state")
    assert (state["profile"], state["rows"][0]["from"], state["rows"][0]["origin"]) == (
        "strict",
        "2026-11-16T06:00:00",
        "api",
    )
    assert state["now_local"] == "2026-11-16T08:00:00"
    assert "sim-secret" not in str(state)
    (arrival,) = await rig.control("requests")
    assert (arrival["method"], arrival["result"], arrival["applied"]) == ("POST", "201", "yes")
    assert await rig.control("requests?since=1") == []
    act = await rig.control("actors", {"act": "delete", "username": "ada"})
    assert act == {"done": "delete", "row": state["rows"][0]["id"]}
    limited = {"rule": "forbidden@write", "username": "ada", "times": 2}
    told = await rig.control("faults", {"rules": ["late:1-2=0%", limited]})
    assert told["rules"] == [
        {"fault": "late", "with": {"min_s": 1.0, "max_s": 2.0}, "chance": 0.0, "on": "any"},
        {"fault": "forbidden", "chance": 1.0, "on": "write", "username": "ada", "times": 2},
    ]
    assert [(await rig.client.post("/attendances", json=PAIR)).status_code for _ in range(3)] == [403, 403, 201]
    assert (await rig.client.post("/attendances", json={**PAIR, "username": "grace"})).status_code == 201
    await rig.control("reset", {})
    assert (await rig.control("state"))["rows"] == []
    assert await rig.control("requests") == []
    assert (await rig.control("invariants"))["violations"] == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("faults", {"rules": "nope"}),
        ("faults", {"rules": 3}),
        ("faults", {"rules": [3]}),
        ("faults", {"rules": [{"rule": "lost", "user": "ada"}]}),
        ("faults", []),
        ("actors", {"act": "nope"}),
        ("actors", {"act": "delete", "id": 1}),
        ("advance", {"seconds": -1}),
        ("advance", {"seconds": "soon"}),
    ],
)
async def test_words_the_control_pages_cannot_read_are_400_and_say_why(
    listening: Make, page: str, words: object
) -> None:
    rig = await listening()
    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{rig.served.control_url}/{page}", json=words)
    assert reply.status_code == 400
    assert reply.json()["error"]
    assert rig.served.clock.offset_s == 0


# --- coming and going -------------------------------------------------------------------------------------------


async def test_gone_it_refuses_connections_and_back_it_knows_everything() -> None:
    sim = caller().sim
    async with serving(sim) as served:
        port = int(served.root.rpartition(":")[2])
        async with httpx.AsyncClient(base_url=served.url, headers=sim.headers()) as client:
            assert (await client.post("/attendances", json=PAIR)).status_code == 201
    async with httpx.AsyncClient(base_url=served.url, headers=sim.headers()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/attendances")
        async with serving(sim, port=port):
            assert len((await client.get("/attendances")).json()) == 1


async def test_it_ends_at_once_though_somebody_waits_for_a_reply(listening: Make) -> None:
    sim = caller().sim
    async with serving(sim) as served, httpx.AsyncClient(base_url=served.url, headers=sim.headers()) as client:
        async with httpx.AsyncClient() as other:
            await other.post(f"{served.control_url}/faults", json={"rules": "lost:silent"})
        waiting = asyncio.create_task(client.get("/users"))
        while not sim.front.journal.reads:  # noqa: ASYNC110 - the journal has no event
            await asyncio.sleep(0.005)
        served.cut_connections()
        with pytest.raises(httpx.RemoteProtocolError):
            await waiting
        hanging = asyncio.create_task(client.get("/users"))
        while sim.front.journal.reads < 2:  # noqa: ASYNC110 - the journal has no event
            await asyncio.sleep(0.005)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await hanging


async def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen"):
            async with serving(caller().sim, port=taken.getsockname()[1]):
                pass
