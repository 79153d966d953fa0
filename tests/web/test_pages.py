"""Every page in a real browser: both languages, on a phone and on a desk, by day and by night; and accessible."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.demo.browser import CHROMIUM, Page, chromium
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import SERIAL
from tests.web import story
from tests.web.eyes import axe, look, signed_in, switch, too_wide
from tests.web.room import Room, office

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")

PICTURES = Path(__file__).with_name("pictures")
SEEN_ON_A_PHONE = ("now", "hours-of", "people", "punch", "punch-sent")
WRITE = "CLOCKD_WRITE_PICTURES"
"""With this variable set the pictures are written anew, to be looked at."""


@asynccontextmanager
async def full_office(folder: Path) -> AsyncIterator[Room]:
    """An office of five people, three weeks and some trouble; two came this morning, and an unknown badge."""
    more: dict[str, Any] = {"past": story.history(), "names": story.NAMES, "readers": (SERIAL, "desk")}
    async with office(folder, people=5, panel=True, **more) as room:
        for n in (0, 1):
            room.rig.serial.tap(uid_of(n))
        room.rig.serial.raw(story.STRANGER)

        async def seen() -> bool:
            held = await room.rig.daemon.punches(state="held")
            present = {one["username"] for one in (await room.rig.daemon.status())["present"]}
            return any(one["username"] is None for one in held) and {"user000", "user001"} <= present

        await until(seen)
        yield room


async def paths(room: Room) -> dict[str, str]:
    """Every page, by the name of its picture."""
    held = await room.rig.daemon.punches(state="held")
    refused = next(one for one in held if one["delivery"]["held_code"] == "refused")
    sent = await room.rig.daemon.punches(state="delivered", username="user000")
    week = f"?day={story.today() - timedelta(days=7)}"
    return {
        "now": "/",
        "punches": "/punches",
        "punch": f"/punches/{refused['id']}",
        "punch-sent": f"/punches/{sent[0]['id']}",
        "people": "/people",
        "erase": "/people/erase?username=user000",
        "hours": f"/hours{week}",
        "hours-month": "/hours?view=month",
        "hours-of": f"/hours/user000{week}",
        "hours-of-month": "/hours/user004?view=month",
        "hours-of-night": f"/hours/user002{week}",
        "log": "/log",
        "health": "/health",
        "account": "/account",
        "no-such": "/punches/NOSUCH",
    }


async def test_every_page_in_both_languages_at_both_widths_by_day_and_by_night(tmp_path: Path) -> None:
    async with full_office(tmp_path) as room, signed_in(room.url) as page:
        found: list[str] = []
        for language in ("en", "de"):
            await switch(page, room.url, language)
            for name, path in (await paths(room)).items():
                await page.open(room.url + path)
                assert await page.eval("document.documentElement.lang") == language
                for width in (390, 1280):
                    for scheme in ("light", "dark"):
                        await look(page, width, scheme)
                        where = f"{name} {language} {width} {scheme}"
                        found += [f"{where}: {what}" for what in await axe(page)]
                        if wide := await too_wide(page):
                            found.append(f"{where}: {wide} pixels too wide")
                        await _keep(page, name, language, width, scheme)
        assert not found, "\n".join(found)
        assert [error for error in page.errors if "NOSUCH" not in error] == []


async def _keep(page: Page, name: str, language: str, width: int, scheme: str) -> None:
    """Write the pictures that stand in the repository: each page once on a desk, and some as others see them."""
    wanted = {("en", 1280, "light"), ("de", 390, "dark")} if name in SEEN_ON_A_PHONE else set()
    if name in ("account", "no-such", "hours-of-night"):
        return
    if os.environ.get(WRITE) and (language, width, scheme) in wanted | {("en", 1280, "light")}:
        await page.picture(PICTURES / f"{name}-{language}-{width}-{scheme}.png", whole=True)


async def test_the_sign_in_is_accessible_and_axe_sees_what_is_not(tmp_path: Path) -> None:
    async with office(tmp_path) as room, chromium() as page:
        for scheme in ("light", "dark"):
            await look(page, 390, scheme)
            await page.open(f"{room.url}/sign-in")
            assert await axe(page) == []
        await page.eval("document.querySelector('button').style.color = getComputedStyle(document.body).color")
        await page.eval("document.querySelector('label').replaceWith(document.createElement('input'))")
        assert await axe(page) != [], "the control"


async def test_every_page_can_be_used_by_keyboard_alone(tmp_path: Path) -> None:
    async with full_office(tmp_path) as room, signed_in(room.url) as page:
        await page.open(room.url + "/")
        seen: list[Any] = []
        for _ in range(60):
            await page.key("Tab")
            seen.append(
                await page.eval(
                    "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                    "return [e.tagName, (e.innerText || e.name || '').trim().split('\\n')[0], s.outlineStyle]; })()"
                )
            )
        words = [text for _, text, _ in seen]
        assert words[0] == "To the content"
        assert {"Punches", "Sign out", "Assign the badge", "Add the clock-out"} <= set(words)
        assert all(outline != "none" for tag, _, outline in seen if tag not in ("BODY", "HTML")), seen
