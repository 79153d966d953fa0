"""What `clockd simulate goodtime` runs, over real sockets and with the real HTTP client."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from clockd.config import Goodtime, Secret
from clockd.core.pieces import whole
from clockd.core.wire import Accepted, CreateEntry, Exchange, NoAnswer, NotSent, Paused, Request, Rows
from clockd.errors import UsageError
from clockd.sim.command import serve_until_cancelled, served
from clockd.sim.goodtime.command import GoodtimeOptions, goodtime_from
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import ALT2, PROFILES, Profile, profile_named
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.profile import BadProfile
from clockd.sim.shell import Served, SimClock, serving
from clockd.sim.timetrack.command import TimeTrackOptions, timetrack_from
from clockd.trackers.goodtime.session import GoodtimeSession, Login
from clockd.trackers.goodtime.start import Ready, prepare
from clockd.trackers.goodtime.wire import GoodtimeCodec
from clockd.trackers.http import Http
from tests.trackers_goodtime.rig import ADA, ANNA, MONDAY, UMLAUT, VIENNA, entry

ODD = "o'neill/kitty@example.com"
PEOPLE = tuple(Person(email) for email in (ADA, ANNA, UMLAUT, ODD, "alan%2Bturing@example.com"))


async def test_it_says_one_line_when_it_listens_and_ends_when_cancelled() -> None:
    said: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        ready.set()

    options = GoodtimeOptions(password="hush", requests_per_minute=12)
    task = asyncio.create_task(serve_until_cancelled(goodtime_from(options), options, say))
    await ready.wait()
    (line,) = said
    url = line.split(" at ")[1].split(" ")[0]
    assert url.endswith("/goodtime-rs")
    assert "12 requests per minute" in line
    assert "hush" not in line
    async with httpx.AsyncClient() as client:
        assert (await client.get(url + "/api/hello/sayhello")).text == "Hello!"
        login = {"loginemail": "admin@example.com", "apipassword": "hush"}
        assert (await client.post(url + "/api/login", json=login)).status_code == 200
        # beside its prefix there is only a page (trap U01)
        root = url.removesuffix("/goodtime-rs")
        for path in ("/api/hello/sayhello", "/goodtime-rsx/api/hello/sayhello", "/goodtime-rs/goodtime-rs/api/login"):
            reply = await client.get(root + path)
            assert (reply.status_code, reply.headers["content-type"][:9]) == (404, "text/html")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_account_stays_over_a_restart(tmp_path: Path) -> None:
    options = GoodtimeOptions(state=tmp_path / "account.json", made_up_users=2, profile="alt")
    first = goodtime_from(options)
    async with served(first, options) as shell:
        first.act({"act": "web-start", "username": ADA}, shell.now_s())
        first.act(
            {"act": "web-create", "username": ANNA, "begin": "2026-11-15T08:00", "end": "2026-11-15T09:00"},
            shell.now_s(),
        )
        first.act({"act": "lock", "until": "2026-11-16T00:00"}, shell.now_s())
        first.act({"act": "close", "username": ANNA}, shell.now_s())
        before = first.state(shell.now_s())
    second = goodtime_from(options)
    kept = ("users", "time_types", "projects", "entries")
    assert {k: second.state(shell.now_s())[k] for k in kept} == {k: before[k] for k in kept}
    assert second.api.world.running(ADA) is not None
    second.reset()
    assert second.state(shell.now_s())["entries"] == before["entries"]


async def test_a_file_that_is_no_account_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text("{}")
    with pytest.raises(UsageError, match="no saved account"):
        goodtime_from(GoodtimeOptions(state=path))
    assert path.read_text() == "{}"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (GoodtimeOptions(profile="loose"), "there are strict, alt, alt2"),
        (GoodtimeOptions(answers={"time_form": "julian"}), "julian"),
        (GoodtimeOptions(answers={"timeform": "space"}), "a profile has no timeform"),
        (GoodtimeOptions(faults="earthquake"), "no fault"),
        (GoodtimeOptions(zone="Europe/Atlantis"), "unknown zone"),
        (GoodtimeOptions(crowd="cats=3"), "no such people: cats"),
        (GoodtimeOptions(crowd="web=often"), "number per minute"),
        (GoodtimeOptions(requests_per_minute=0), "at least 1"),
        (GoodtimeOptions(prefix="goodtime"), "no prefix"),
        (GoodtimeOptions(time_types=()), "at least one time type"),
        (GoodtimeOptions(users=Path("/nowhere/users.csv")), "cannot be read"),
    ],
)
def test_an_option_that_cannot_be_is_explained(options: GoodtimeOptions, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        goodtime_from(options)


@pytest.mark.parametrize("text", ["", "\n", "username\n", "[]"])
def test_a_file_without_anybody_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "users.csv"
    file.write_text(text)
    with pytest.raises(UsageError, match="nobody stands in it"):
        goodtime_from(GoodtimeOptions(users=file))
    with pytest.raises(UsageError, match="nobody stands in it"):
        timetrack_from(TimeTrackOptions(users=file))


def test_answers_of_a_profile_as_words() -> None:
    found = profile_named("alt", token_s="60", says_exp="true", login_forms="raw/header", created="201")
    assert (found.token_s, found.says_exp, found.login_forms, found.created) == (60.0, True, ("raw", "header"), (201,))
    with pytest.raises(BadProfile):
        profile_named("alt", created="maybe")


# --- the whole way: session, HTTP, socket, simulator --------------------------------------------------------------


class Client:
    """A Goodtime session over real HTTP."""

    def __init__(self, shell: Served, sim: GoodtimeSim, timeout_s: float = 5.0) -> None:
        self.sim = sim
        self.config = Goodtime(
            url=shell.url, token_header=sim.profile.token_header, token_prefix=sim.profile.token_prefix
        )
        self.http = Http(shell.url, timeout_s=timeout_s)
        self.login = Login(sim.email, Secret(sim.password))
        self.session = GoodtimeSession(
            self.http.send, lambda: self.login, self.config.token_header, self.config.token_prefix
        )

    async def codec(self) -> GoodtimeCodec:
        now_local = MONDAY.astimezone(VIENNA).replace(tzinfo=None)
        ready = await prepare(self.session, self.config, VIENNA, [p.email for p in PEOPLE], now_local)
        assert isinstance(ready, Ready), ready
        return GoodtimeCodec(ready.account, VIENNA)

    async def exchange(self, request: Request) -> Exchange:
        return await self.session.exchange(request)


def account(profile: Profile) -> GoodtimeSim:
    sim = GoodtimeSim(replace(profile, empty_chance=0.0), users=PEOPLE, requests_per_minute=10_000)
    words = {"act": "web-create", "username": ADA, "begin": "2026-11-13T08:00", "end": "2026-11-13T12:00"}
    sim.act(words, MONDAY.timestamp())
    return sim


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
async def test_the_whole_way(profile: Profile) -> None:
    sim = account(profile)
    async with serving(sim, clock=SimClock(source=MONDAY.timestamp), secrets=(sim.password,)) as shell:
        client = Client(shell, sim)
        codec = await client.codec()
        sim.act({"act": "revoke-tokens"}, shell.now_s())
        writes = [entry(person.email, note="night", begin="15T22:00", end="16T06:00") for person in PEOPLE]

        async def book(write: CreateEntry) -> None:
            verdict = codec.verdict(write, await client.exchange(codec.request(write)))
            assert isinstance(verdict, Accepted), verdict
            assert len(verdict.entry_ids) == (2 if profile.midnight_split else 1)
            look = codec.look((write.username,), write.from_local, write.to_local, 0)
            rows = whole(codec.rows(await client.exchange(look), write.username))
            assert isinstance(rows, Rows)
            own = [row for row in rows.entries if row.id in verdict.entry_ids]
            assert min(row.from_local for row in own) == write.from_local
            assert max(row.to_local or row.from_local for row in own) == write.to_local
            assert {row.username.casefold() for row in own} == {write.username.casefold()}

        await asyncio.gather(*(book(write) for write in writes))
        assert client.session.logins == sim.api.tokens.good == 2
        assert sim.violations() == []


async def test_a_redirect_is_not_followed_and_no_secret_leaves() -> None:
    sim = account(ALT2)
    async with serving(sim, clock=SimClock(source=MONDAY.timestamp), secrets=(sim.password,)) as shell:
        client = Client(shell, sim)
        codec = await client.codec()
        async with httpx.AsyncClient() as other:
            await other.post(shell.control_url + "/faults", json={"rules": "moved"})
        write = entry()
        assert isinstance(codec.verdict(write, await client.exchange(codec.request(write))), Paused)
        assert sim.front.journal.requests_after_redirect == 0


@pytest.mark.parametrize(("rules", "kind"), [("lost", NoAnswer), ("reply-lost", NoAnswer), ("cut", NoAnswer)])
async def test_a_broken_connection_under_a_write_is_told_as_it_is(rules: str, kind: type[object]) -> None:
    sim = account(ALT2)
    async with serving(sim, clock=SimClock(source=MONDAY.timestamp)) as shell:
        client = Client(shell, sim)
        codec = await client.codec()
        async with httpx.AsyncClient() as other:
            await other.post(shell.control_url + "/faults", json={"rules": f"{rules}@write*1"})
        assert isinstance(await client.exchange(codec.request(entry())), kind)
        assert len(sim.rows()) == (1 if rules == "lost" else 2)


async def test_a_broken_connection_under_a_login_sent_nothing() -> None:
    sim = account(ALT2)
    async with serving(sim, clock=SimClock(source=MONDAY.timestamp)) as shell:
        client = Client(shell, sim)
        codec = await client.codec()
        other_client = Client(shell, sim)
        async with httpx.AsyncClient() as other:
            await other.post(shell.control_url + "/faults", json={"rules": "reply-lost@write*1"})
        assert isinstance(await other_client.exchange(codec.request(entry())), NotSent)
        assert len(sim.rows()) == 1


async def test_the_control_pages() -> None:
    sim = account(ALT2)
    async with serving(sim, clock=SimClock(source=MONDAY.timestamp)) as shell, httpx.AsyncClient() as client:
        state = (await client.get(shell.control_url + "/state")).json()
        assert state["tracker"] == "goodtime"
        assert state["entries"][0]["user"] == ADA
        reply = await client.post(shell.control_url + "/actors", json={"act": "close", "username": ADA})
        assert reply.json() == {"done": "close", "row": None}
        assert (await client.post(shell.control_url + "/actors", json={"act": "dance"})).status_code == 400
        assert (await client.get(shell.control_url + "/invariants")).json()["violations"] == []
        assert (await client.post(shell.control_url + "/reset", json={})).status_code == 200
        assert sim.rows() == []
