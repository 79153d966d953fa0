"""The whole demo around a daemon of one page: what a visitor does and sees, how it begins and how it ends."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from clockd.config import DeskReader, parse
from clockd.errors import ClockdError, UsageError
from clockd.sim.desk.cast import CAST, KEYS
from clockd.sim.desk.demo import perform_demo
from clockd.sim.desk.place import Place, configuration, place_for
from tests.demo.stage import FAKE_DAEMON, Visitor, booked, fake_options, playing, states, visitor


async def story(guest: Visitor) -> None:
    """Tap; pull the cable; tap; cut the power; power; cable: everything is booked once."""
    await guest.until(lambda news: news["daemon"]["ready"])
    await guest.do("tap", badge="ada")
    await guest.until(lambda news: states(news) == ["delivered"] and booked(news) == [("ada", True)])
    await guest.do("cable", plugged=False)
    await guest.do("tap", badge="ada")
    await guest.until(lambda news: states(news) == ["waiting", "delivered"])
    await guest.do("tap", badge="xiaolong")
    await guest.until(lambda news: states(news) == ["waiting", "waiting", "delivered"])
    assert booked(guest.news) == [("ada", True)], "nothing passes a pulled cable"
    await guest.do("power", plugged=False)
    await guest.until(lambda news: not news["daemon"]["answers"] and news["oled"]["frame"] is None)
    await guest.do("tap", badge="lukasz")
    await guest.do("power", plugged=True)
    await guest.until(lambda news: news["daemon"]["ready"])
    await guest.until(lambda news: states(news) == ["waiting", "waiting", "delivered"])
    await guest.do("cable", plugged=True)
    await guest.until(lambda news: states(news) == ["delivered"] * 3)
    await guest.until(lambda news: booked(news) == [("xiaolong", True), ("ada", False)])


async def test_the_story() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest:
        await story(guest)


async def test_a_daemon_that_forgets_turns_the_story_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.demo.stage.WAIT_S", 2.5)
    async with playing(fake_options(sabotage="forget")) as url, visitor(url) as guest:
        with pytest.raises(AssertionError, match="never seen"):
            await story(guest)


async def test_a_stranger_is_shown_and_sounded() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest:
        await guest.until(lambda news: news["daemon"]["ready"])
        await guest.do("tap", badge="stranger")
        await guest.hears("lights", lambda lights: lights["red"])
        await guest.hears("words", lambda words: "7 F 1 E" in words["text"])
        await guest.hears("sound", lambda sound: (sound["hz"], sound["ms"]) == (220, 600))
        badges = guest.news["scene"]["badges"]
        assert [badge["known"] for badge in badges].count(False) == 1
        everything = json.dumps(guest.heard)
        assert not any(player.uid in everything for player in CAST), "identifiers stay with the desk"


async def test_keys_are_pressed() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest:
        await guest.until(lambda news: news["daemon"]["ready"])
        for action in ("out", "in"):
            key = next(key for key in KEYS if key.action.value == action)
            await guest.do("press", gpio=key.gpio)
            await guest.do("tap", badge="ada")
        await guest.until(lambda news: [punch["kind"] for punch in news["outbox"]["punches"]] == ["in", "out"])


async def test_nonsense_does_no_harm() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest:
        for text in ("", "{", "[]", '{"do": "fly"}', '{"do": "tap"}', '{"do": "cable", "plugged": "yes"}'):
            await guest.say(text)
        await guest.do("tap", badge="nobody")
        await guest.do("press", gpio=99)
        await guest.until(lambda news: news["daemon"]["ready"])
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: states(news) == ["delivered"])


async def test_starting_over_forgets_everything() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest:
        await guest.until(lambda news: news["daemon"]["ready"] and news["scene"]["can_start_over"])
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: booked(news) == [("ada", True)])
        await guest.do("cable", plugged=False)
        await guest.do("start-over")
        await guest.until(
            lambda news: news["power"]["plugged"] and news["cable"]["plugged"] and news["daemon"]["ready"]
        )
        await guest.until(lambda news: states(news) == [] and booked(news) == [])


async def test_a_second_visitor_sees_the_same() -> None:
    async with playing(fake_options()) as url, visitor(url) as guest, visitor(url) as other:
        await guest.until(lambda news: news["daemon"]["ready"])
        await guest.do("cable", plugged=False)
        await other.until(lambda news: not news["cable"]["plugged"])


# --- HTTP -------------------------------------------------------------------------------------------------------


async def test_the_page_and_its_files_are_served_to_loopback_only() -> None:
    async with playing(fake_options()) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["content-security-policy"]
        for name in ("page.js", "page.css", "device.css", "icon.svg", "oled.js", "wires.js"):
            reply = await http.get(f"/static/{name}")
            assert reply.status_code == 200, name
            assert "http://" not in reply.text.replace("http://www.w3.org/2000/svg", ""), "nothing comes from elsewhere"
        assert (await http.get("/static/../demo.py")).status_code == 404
        assert (await http.get("/", headers={"host": "evil.example"})).status_code == 400
        port = int(url.rsplit(":", 1)[1].strip("/"))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the port is free again"


async def test_other_sites_cannot_play() -> None:
    async with playing(fake_options()) as url:
        live = url.replace("http", "ws") + "live"
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(live, origin="http://evil.example"):  # type: ignore[arg-type] # a plain str does
                pass
        async with connect(live, origin=url.rstrip("/")):  # type: ignore[arg-type] # as above
            pass


# --- begin and end ----------------------------------------------------------------------------------------------


async def test_a_kept_state_is_there_the_next_time(tmp_path: Path) -> None:
    for count in (1, 2):
        async with playing(fake_options(state_dir=tmp_path / "state")) as url, visitor(url) as guest:
            await guest.until(lambda news: news["daemon"]["ready"] and not news["scene"]["can_start_over"])
            await guest.do("tap", badge="ada")
            await guest.until(lambda news: states(news) == ["delivered"] * count)  # noqa: B023 - awaited at once
    left = {path.name for path in (tmp_path / "state").iterdir()}
    assert left >= {"clockd.toml", "clockd.log", "punches.jsonl"}
    assert not left & {"desk.sock"}


async def test_two_demos_do_not_share_a_state(tmp_path: Path) -> None:
    async with playing(fake_options(state_dir=tmp_path)):
        with pytest.raises(UsageError, match="another demo"):
            await perform_demo(fake_options(state_dir=tmp_path))


async def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="--port"):
            await perform_demo(fake_options(port=taken.getsockname()[1]))


async def test_a_daemon_that_does_not_start_is_told_with_its_last_words() -> None:
    with pytest.raises(ClockdError, match="no luck today"):
        await perform_demo(fake_options(sabotage="die"))


SCRIPT = """
import asyncio, sys
sys.path.insert(0, {root!r})
from clockd.sim.desk.demo import perform_demo
from tests.demo.stage import fake_options
from dataclasses import replace
from clockd.sim.desk.demo import announce_ready
asyncio.run(perform_demo(replace(fake_options(), announce=announce_ready)))
"""


@contextmanager
def start_process() -> Iterator["subprocess.Popen[str]"]:
    """Run a demo in a process whose temporary folder is its own: a killed one leaves its place there."""
    root = str(FAKE_DAEMON.parents[2])
    with tempfile.TemporaryDirectory(prefix="clockd-demo-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(root=root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TMPDIR": folder},
        )
        with process:
            yield process


def daemons_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_one_line_and_ends_cleanly(number: signal.Signals) -> None:
    with start_process() as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("clockd demo: open http://127.0.0.1:"), line
        (daemon,) = daemons_of(process.pid)
        process.send_signal(number)
        assert process.communicate(timeout=20)[0] == "", "nothing but the one line"
        assert process.returncode == 0
    assert not Path(f"/proc/{daemon}").exists()


def test_a_demo_that_is_killed_takes_its_daemon_along() -> None:
    with start_process() as process:
        assert process.stdout is not None
        process.stdout.readline()
        (daemon,) = daemons_of(process.pid)
        ended = os.pidfd_open(daemon)
        process.kill()
        process.communicate(timeout=20)
        assert select.select([ended], [], [], 20)[0], "the daemon has ended"
        os.close(ended)


# --- what the daemon is told ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain", 'a "b" \\ c', "Łukasz 李"])
def test_the_configuration_is_one_that_clockd_takes(tmp_path: Path, name: str) -> None:
    place = Place(tmp_path / name, tmp_path, kept=True)
    url = "http://127.0.0.1:5/api/v2/ext"
    config = parse(configuration(place, {"kind": "timetrack", "url": url}, "Europe/Vienna", 3))
    assert config.terminal.state_dir == str(tmp_path / name)
    assert config.reader == (DeskReader(socket=str(tmp_path / "desk.sock")),)
    assert config.panel.desk_socket == str(tmp_path / "desk.sock")
    assert config.clock.trust == "always"
    assert [(button.gpio, button.action) for button in config.button] == [(key.gpio, key.action) for key in KEYS]


def test_sockets_of_a_deep_folder_are_put_where_the_kernel_takes_them(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    with place_for(deep) as place:
        assert place.state == deep
        assert len(os.fsencode(place.control)) < 107
        away = place.sockets
    assert deep.exists()
    assert not away.exists()
