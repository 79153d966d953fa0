"""The demo as everybody gets it: the real daemon, the real simulator of TimeTrack, the real panel."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clockd.sim.desk.cast import CAST, KEYS
from clockd.sim.desk.demo import DemoOptions
from clockd.sim.desk.goodtime import goodtime_desk
from clockd.sim.desk.place import REPEAT_S
from tests.demo.browser import CHROMIUM, chromium
from tests.demo.stage import Visitor, booked, playing, states, visitor


def real_options(state_dir: Path | None = None, *, repeat_s: float = REPEAT_S) -> DemoOptions:
    return DemoOptions(port=0, state_dir=state_dir, latency_s=0.0, repeat_s=repeat_s)


async def until_ready(guest: Visitor) -> None:
    await guest.until(lambda news: news["daemon"]["ready"] and news["oled"]["frame"])


async def test_tap_cut_tap_join_and_a_power_cut() -> None:
    async with playing(real_options()) as url, visitor(url) as guest:
        await until_ready(guest)
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: states(news) == ["delivered"] and booked(news) == [("ada", True)])
        await guest.hears("lights", lambda lights: lights["green"] and not lights["red"])
        await guest.hears("sound", lambda sound: sound["hz"])
        await guest.do("cable", plugged=False)
        await guest.do("tap", badge="lukasz")
        await guest.until(lambda news: states(news) == ["waiting", "delivered"])
        await guest.until(lambda news: news["daemon"]["status"]["tracker"]["state"] == "offline")
        assert booked(guest.news) == [("ada", True)]
        await guest.do("power", plugged=False)
        await guest.until(lambda news: news["oled"]["frame"] is None and not news["daemon"]["answers"])
        await guest.do("power", plugged=True)
        await until_ready(guest)
        assert states(guest.news) == ["waiting", "delivered"]
        await guest.do("cable", plugged=True)
        await guest.until(lambda news: states(news) == ["delivered", "delivered"])
        await guest.until(lambda news: booked(news) == [("lukasz", True), ("ada", True)])
        tapped = [punch["local"][:19] for punch in guest.news["outbox"]["punches"]]
        assert [entry["from"] for entry in guest.news["books"]["books"]["entries"]] == tapped, "at the time of the tap"


async def test_the_same_door_before_goodtime() -> None:
    async with playing(replace(real_options(), tracker=goodtime_desk)) as url, visitor(url) as guest:
        await until_ready(guest)
        await guest.until(lambda news: news["daemon"]["status"]["tracker"]["kind"] == "goodtime")
        await guest.until(lambda news: news["daemon"]["status"]["tracker"]["state"] == "ok")
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: states(news) == ["waiting"])  # it is sent as a whole, with the clock-out
        await guest.hears("lights", lambda lights: lights["green"] and not lights["red"])


async def test_a_stranger_is_held_and_no_identifier_is_left(tmp_path: Path) -> None:
    stranger = next(player for player in CAST if not player.known)
    async with playing(real_options(tmp_path / "state")) as url, visitor(url) as guest:
        await until_ready(guest)
        await guest.do("tap", badge="stranger")
        await guest.until(lambda news: states(news) == ["held"])
        await guest.hears("lights", lambda lights: lights["red"] and not lights["green"])
        key = next(key for key in KEYS if key.action.value == "out")
        await guest.do("press", gpio=key.gpio)
        await guest.do("tap", badge="juergen")
        await guest.until(lambda news: [punch["kind"] for punch in news["outbox"]["punches"]] == ["out", None])
        assert stranger.uid not in json.dumps(guest.heard)
    for path in (tmp_path / "state").iterdir():
        raw = path.read_bytes()
        for player in CAST:
            assert player.uid.encode() not in raw, path
            assert bytes.fromhex(player.uid) not in raw, path


async def test_a_kept_state_goes_on_the_next_time(tmp_path: Path) -> None:
    for now_running in (True, False):
        async with playing(real_options(tmp_path, repeat_s=0)) as url, visitor(url) as guest:
            await until_ready(guest)
            await guest.do("tap", badge="ada")
            await guest.until(lambda news: set(states(news)) == {"delivered"})
            await guest.until(lambda news: booked(news) == [("ada", now_running)])  # noqa: B023 - awaited at once


async def test_starting_over() -> None:
    async with playing(real_options()) as url, visitor(url) as guest:
        await until_ready(guest)
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: booked(news) == [("ada", True)])
        await guest.do("start-over")
        await guest.until(lambda news: states(news) == [] and booked(news) == [] and news["daemon"]["ready"])
        await guest.do("tap", badge="ada")
        await guest.until(lambda news: states(news) == ["delivered"] and booked(news) == [("ada", True)])


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")
async def test_in_a_browser() -> None:
    async with playing(real_options()) as url, chromium() as page:
        await page.size(1280, 800)
        await page.open(url)
        await page.until("document.querySelector('#hint').innerText.includes('Tap a badge')")
        await page.click(".slot:nth-child(3) .badge")
        await page.until("document.querySelector('#punches > [data-state=delivered][data-username=xiaolong]')")
        await page.until("document.querySelector('#people > .in[data-username=xiaolong]')")
        await page.click("#network")
        await page.click(".slot:nth-child(1) .badge")
        await page.until("document.querySelector('#punches > [data-state=waiting][data-username=ada]')")
        await page.click("#network")
        await page.until("document.querySelector('#people > .in[data-username=ada]')")
        await page.until("document.querySelector('#hint').innerText.includes('All booked')")
        assert page.errors == []
