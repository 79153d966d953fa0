"""Alerts and signs of life, over real sockets and a clock that the test owns."""

import asyncio
import copy
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import trustme

from clockd import config, control
from clockd.config import Secret
from clockd.control.serving import serve
from clockd.core.alerts import Affair, Alarm, Instant, Tiding
from clockd.core.sentence import said_json, sentence
from clockd.errors import ConfigError
from clockd.web.alerting import NOISY, Alerting
from clockd.web.daemon import Daemon
from clockd.web.heartbeat import Heartbeat, heartbeat_url
from clockd.web.memory import FILE, Memory
from clockd.web.parts import PageClock
from clockd.web.tidings import letter_of
from clockd.web.troubles import troubles
from clockd.web.watching import LOOK_EVERY_S, Watchman, clocks_of
from tests.watch.receiver import Receiver, receiving

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # apprise's own import of it

SECRET = "s3cret-token-of-mine"
WELL: dict[str, Any] = {
    "clock": {"synchronized": True, "now_at": "2026-11-21T07:00:00Z"},
    "tracker": {"state": "ok", "detail": None, "needs_a_person": False},
    "outbox": {"held": 0},
    "readers": [{"kind": "pcsc", "name": "ACR122U", "state": "ok", "detail": None}],
    "disk": {"free_bytes": 10**10, "fault": None, "damaged": [], "unreadable": []},
}


@dataclass
class Town:
    """A terminal that says what the test wants, somebody who is told, and a clock."""

    folder: Path
    receiver: Receiver
    status: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(WELL))
    language: str = "en"
    addresses: str = ""
    heart: bool = False
    now_s: float = 5000.0
    man: Watchman = field(init=False)

    def start(self) -> None:
        """Begin a life of what watches."""
        terminal = f'[terminal]\nname = "front-door"\ntime_zone = "Europe/Vienna"\nlanguage = "{self.language}"\n'
        url = Secret(f"http://127.0.0.1:{self.receiver.port}/{SECRET}?a=b")
        self.man = Watchman(
            config.parse(terminal),
            Daemon(self.folder / "c.sock", answer_s=60),
            self.now,
            Memory(self.folder / "web"),
            Alerting.of(Secret(self.addresses or self.receiver.address(SECRET))),
            Heartbeat(heartbeat_url(url)) if self.heart else None,
        )

    def now(self) -> Instant:
        at = datetime(2026, 11, 21, 7, tzinfo=UTC) + timedelta(seconds=self.now_s - 5000)
        return Instant(at, self.now_s, "boot")

    async def pass_(self, seconds: float) -> None:
        """Let time pass, with all looks in it."""
        for _ in range(round(seconds / LOOK_EVERY_S)):
            self.now_s += LOOK_EVERY_S
            await self.man.look()
            await self.man.rest()


@asynccontextmanager
async def answering(town: Town) -> AsyncIterator[None]:
    """Let the terminal answer at a real control socket."""

    async def answer(_: control.Command) -> Any:
        return town.status

    ready = asyncio.Event()
    serving = asyncio.create_task(serve(town.folder / "c.sock", answer, ready.set))
    await ready.wait()
    try:
        yield
    finally:
        serving.cancel()
        await asyncio.wait((serving,))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def town(tmp_path: Path, receiver: Receiver) -> Town:
    return Town(tmp_path, receiver)


async def test_a_trouble_is_told_once_over_restarts_too_and_so_is_its_end(town: Town) -> None:
    town.start()
    async with answering(town):
        await town.pass_(60)
        assert [letter["title"] for letter in town.receiver.letters] == ["front-door: alerts arrive"]
        town.status["readers"][0] |= {"state": "lost", "detail": "unplugged"}
        town.status["outbox"]["held"] = 2
        for _ in range(6):
            await town.pass_(120)
            await town.man.close()
            town.start()
        assert town.receiver.bodies()[1:] == [
            "The reader pcsc ACR122U is lost. unplugged (since 2026-11-21 08:01)",
            "Punches wait for you: 2. (since 2026-11-21 08:01)",
        ]
        assert town.receiver.letters[1]["title"] == "front-door needs you"
        town.status = copy.deepcopy(WELL)
        await town.pass_(600)
        assert town.receiver.bodies()[3:] == [
            "No punch waits for you any more (from 2026-11-21 08:01 to 2026-11-21 08:13)\n"
            "The reader pcsc ACR122U was lost (from 2026-11-21 08:01 to 2026-11-21 08:13)"
        ] or town.receiver.bodies()[3:] == [
            "The reader pcsc ACR122U was lost (from 2026-11-21 08:01 to 2026-11-21 08:13)\n"
            "No punch waits for you any more (from 2026-11-21 08:01 to 2026-11-21 08:13)"
        ]


async def test_control_without_its_memory_it_repeats_itself(town: Town) -> None:
    town.start()
    async with answering(town):
        town.status["disk"]["fault"] = "full"
        await town.pass_(300)
        count = len(town.receiver.letters)
        (town.folder / "web" / FILE).unlink()
        town.start()
        await town.pass_(300)
        assert len(town.receiver.letters) == 2 * count


async def test_without_a_network_it_follows_late_with_its_true_times(town: Town, caplog: Any) -> None:
    receiver = town.receiver
    with receiving() as away:
        town.addresses = away.address()
        town.start()
        async with answering(town):
            await town.pass_(60)
            assert len(away.letters) == 1
    async with answering(town):
        town.status["tracker"] |= {"state": "offline", "detail": "no route"}
        await town.pass_(2 * 3600)
        town.status = copy.deepcopy(WELL)
        await town.pass_(120)
        assert "no address takes an alert" in caplog.text
        with receiving(away.port, away):
            await town.pass_(900)
    assert away.bodies()[1:] == ["The tracker was out of reach (from 2026-11-21 08:01 to 2026-11-21 10:01)"]
    assert not receiver.letters


async def test_offline_is_told_after_an_hour_where_the_address_can_be_reached(town: Town) -> None:
    town.language = "de"
    town.start()
    async with answering(town):
        await town.pass_(30)
        why = sentence("no answer within {too_slow_s:g} s", too_slow_s=15.0)
        town.status["tracker"] |= {"state": "offline", "detail": why, "detail_said": said_json(why)}
        await town.pass_(3540)
        assert len(town.receiver.letters) == 1
        await town.pass_(120)
        assert "Die Zeiterfassung ist nicht erreichbar" in town.receiver.bodies()[1]
        assert "keine Antwort innerhalb von 15 s" in town.receiver.bodies()[1]
        assert town.receiver.letters[1]["title"] == "front-door braucht Sie"


async def test_a_silent_daemon_is_told_and_its_heart_is_not_heard(town: Town) -> None:
    town.heart = True
    town.start()
    async with answering(town):
        await town.pass_(600)
        assert town.receiver.beats == [f"/{SECRET}?a=b"] * 10
        town.status["disk"]["fault"] = "the disk refuses"
        await town.pass_(600)
        assert len(town.receiver.beats) == 10, "a terminal that cannot record is not well"
        town.status["disk"]["fault"] = None
        await town.pass_(60)
        assert len(town.receiver.beats) == 11
    await town.pass_(600)
    assert len(town.receiver.beats) == 11
    assert "The daemon does not answer" in town.receiver.bodies()[-1]


async def test_each_address_gets_it_once_whoever_is_away(town: Town, caplog: Any) -> None:
    with receiving() as other:
        town.addresses = f"{town.receiver.address()}\n{other.address(SECRET)}\nnonsense://{SECRET}"
        town.start()
        async with answering(town):
            await town.pass_(30)
            other.status = 503
            town.status["disk"]["fault"] = "full"
            await town.pass_(120)
            assert (len(town.receiver.letters), len(other.letters)) == (2, 1)
            other.status = 200
            await town.pass_(300)
            assert (len(town.receiver.letters), len(other.letters)) == (2, 2)
    assert "address 2 of alert-urls took no alert" in caplog.text
    assert caplog.text.count("address 3 of alert-urls is none that is known") == 1


async def test_no_secret_reaches_a_log_or_the_disk(town: Town, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    town.heart = True
    town.addresses = "\n".join(
        [town.receiver.address(SECRET), f"nonsense://{SECRET}@x", f"slack://{SECRET}", f"json://127.0.0.1:1/{SECRET}"]
    )
    town.start()
    async with answering(town):
        for status in (200, 500, 301, 200):
            town.receiver.status = status
            town.status["disk"]["fault"] = None if town.status["disk"]["fault"] else "full"
            await town.pass_(300)
    town.receiver.port = 1
    town.start()
    await town.pass_(120)
    assert "heartbeat is not heard" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in f"{town.man.alerting!r} {town.man.heart!r}"
    assert all(SECRET.encode() not in path.read_bytes() for path in town.folder.rglob("*") if path.is_file())


async def test_control_a_library_that_is_not_silenced_says_it(town: Town, caplog: Any) -> None:
    town.addresses = f"json://127.0.0.1:1/{SECRET}"
    town.start()
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    async with answering(town):
        await town.pass_(30)
    assert SECRET in caplog.text


async def test_a_memory_that_cannot_be_used_is_told_once_and_stops_nothing(town: Town, caplog: Any) -> None:
    (town.folder / "web").mkdir()
    (town.folder / "web" / FILE).write_text('{"episodes": "rubbish"}')
    town.start()
    async with answering(town):
        await town.pass_(60)
        assert "begun anew" in caplog.text
        (town.folder / "web" / FILE).unlink()
        (town.folder / "web").rmdir()
        (town.folder / "web").write_text("no folder")
        town.status["disk"]["fault"] = "full"
        await town.pass_(600)
    assert [body for body in town.receiver.bodies() if "The disk" in body] == [
        "The disk: full (since 2026-11-21 08:01)"
    ]
    assert caplog.text.count("a restart may repeat alerts") == 1


async def test_where_the_boot_is_hidden_a_restart_is_one(town: Town) -> None:
    def hidden() -> str:
        raise FileNotFoundError

    clock = PageClock(lambda: datetime(2026, 11, 21, tzinfo=UTC), lambda: 5000.0)
    seen, hid = clocks_of(clock, lambda: "boot"), clocks_of(clock, hidden)
    assert (seen().boot_s, seen().boot_id) == (5000, "boot")
    assert hid().boot_s == 0
    assert hid().boot_id == hid().boot_id != clocks_of(clock, hidden)().boot_id


# --- the heart ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "hello", "ftp://x/y", "http://", "https://me:pw@x/", "http://x:99999/", "http://x/a b", "http://[/"]
)
def test_what_is_no_address_is_a_sentence_without_it(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        heartbeat_url(Secret(text or " "))
    assert "credential heartbeat-url" in str(caught.value)
    assert len(text) < 6 or text not in str(caught.value)


@pytest.mark.parametrize(("status", "said"), [(301, "write the address that it leads to"), (404, "it answers 404")])
async def test_only_a_yes_is_heard(receiver: Receiver, caplog: Any, status: int, said: str) -> None:
    receiver.status = status
    heart = Heartbeat(urlsplit(f"http://127.0.0.1:{receiver.port}/"))
    assert [await heart.beat() for _ in range(3)] == [False] * 3
    assert caplog.text.count(said) == 1
    receiver.status = 204
    assert await heart.beat()


async def test_who_cannot_prove_who_they_are_hears_nothing(caplog: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    heard, gone = list[bytes](), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.transport.abort()
        gone.set()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    async with server:
        url = urlsplit(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/{SECRET}")
        assert not await Heartbeat(url).beat()
        assert "certificate is not believed" in caplog.text
        assert heard == []
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        assert await Heartbeat(url, trusting).beat()
        await gone.wait()


async def test_what_never_answers_does_not_hold_it_up(caplog: Any) -> None:
    gone = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.transport.abort()
        gone.set()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        url = urlsplit(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert not await Heartbeat(url, within_s=0.2).beat()
        await gone.wait()
    assert "no answer within" in caplog.text


# --- the words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("alarm", Alarm)
async def test_each_trouble_has_its_words(alarm: Alarm, language: str) -> None:
    began, ended = datetime(2026, 11, 21, 7, tzinfo=UTC), datetime(2026, 11, 21, 9, tzinfo=UTC)
    vienna = ZoneInfo("Europe/Vienna")
    for end, times in ((None, 1), (ended, 3)):
        tiding = Tiding(Affair(alarm, "sub\x1bject"), "de{tail}" * 100, began, end, times)
        letter = letter_of([tiding], "front-door", vienna, language)
        assert "front-door" in letter.title
        assert "2026-11-21 08:00" in letter.body
        assert ("2026-11-21 10:00" in letter.body) == (end is not None)
        assert ("3" in letter.body.rpartition("(")[2]) == (times > 1)
        assert "\x1b" not in letter.body
        assert len(letter.body) < 600
        assert "{subject}" not in letter.body
        assert "{detail}" not in letter.body


async def test_what_is_wrong_is_read_out_of_a_status() -> None:
    def wrong(**more: Any) -> dict[Affair, str]:
        return troubles(copy.deepcopy(WELL) | more)

    assert wrong() == {}
    assert wrong(outbox={"held": 2}) == {Affair(Alarm.HELD): "2"}
    paused = {"state": "paused", "detail": "wrong key", "needs_a_person": True}
    assert wrong(tracker=paused) == {Affair(Alarm.PAUSED): "wrong key"}
    assert wrong(tracker={**paused, "needs_a_person": False}) == {}
    assert wrong(tracker={"state": "offline", "detail": None, "needs_a_person": False}) == {Affair(Alarm.OFFLINE): ""}
    assert wrong(clock={"synchronized": False}) == {Affair(Alarm.CLOCK): ""}
    disk = WELL["disk"]
    assert wrong(disk=disk | {"free_bytes": 5_000_000}) == {Affair(Alarm.DISK): "5 MB"}
    assert wrong(disk=disk | {"fault": "EIO"}) == {Affair(Alarm.DISK): "EIO"}
    assert wrong(disk=disk | {"damaged": ["a", "b"], "unreadable": ["c"]}) == {
        Affair(Alarm.DAMAGED, "a"): "",
        Affair(Alarm.DAMAGED, "b"): "",
        Affair(Alarm.DAMAGED): "1",
    }
    assert wrong(update={"state": "failed", "detail": "no room"}) == {Affair(Alarm.UPDATE): "no room"}
    assert wrong(update={"state": "ok"}) == wrong(update=None) == {}
    readers = [{"kind": "nfc", "name": "", "state": "lost", "detail": None}, *WELL["readers"]]
    assert wrong(readers=readers) == {Affair(Alarm.READER, "nfc"): ""}
