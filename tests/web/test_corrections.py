"""Corrections that wait for a yes, as the office sees them in a real browser: made, shown, and withdrawn."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.demo.browser import CHROMIUM
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import DESK
from tests.web import story
from tests.web.eyes import axe, look, signed_in, switch, too_wide
from tests.web.room import Room, office
from tests.web.test_pages import PICTURES, WRITE

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")


@asynccontextmanager
async def strict_office(folder: Path) -> AsyncIterator[Room]:
    """An office whose employees have to agree; one of them has come in."""
    rules = {"countersign": "agree", "repeat_s": 10}
    async with office(folder, people=3, readers=(DESK,), names=story.NAMES[:3], rules=rules) as room:
        for n in range(3):
            room.rig.desk.terminal.tap(uid_of(n).hex)

        async def booked() -> bool:
            found = await room.rig.daemon.punches()
            return [one["delivery"]["state"] for one in found] == ["delivered"] * 3

        await until(booked)
        yield room


async def test_a_correction_is_asked_for_shown_and_withdrawn(tmp_path: Path) -> None:
    async with strict_office(tmp_path) as room, signed_in(room.url) as page:
        punches = {one["username"]: one["id"] for one in await room.rig.daemon.punches()}
        for username, doing in (("user000", "void"), ("user001", "void")):
            await page.open(f"{room.url}/punches/{punches[username]}")
            form = f"document.querySelector('.act.{doing} form')"
            await page.eval(f"{form}.elements['why'].value = 'was not here'")
            await page.eval(f"{form}.requestSubmit()")
            await until(lambda: page.eval("(document.body?.innerText ?? '').includes('Nothing is changed yet')"))
        await page.open(f"{room.url}/punches/{punches['user000']}")
        assert await page.eval("document.body.innerText.includes('asked the owner to agree to a correction')")
        found: list[str] = []
        for language in ("en", "de"):
            await switch(page, room.url, language)
            await page.open(f"{room.url}/corrections")
            for width in (390, 1280):
                for scheme in ("light", "dark"):
                    await look(page, width, scheme)
                    where = f"{language} {width} {scheme}"
                    found += [f"{where}: {what}" for what in await axe(page)]
                    if wide := await too_wide(page):
                        found.append(f"{where}: {wide} pixels too wide")
                    if os.environ.get(WRITE) and (language, width, scheme) in (
                        ("en", 1280, "light"),
                        ("de", 390, "dark"),
                    ):
                        name = f"corrections-{language}-{width}-{scheme}.png"
                        await page.picture(PICTURES / name, whole=True)
        assert not found, "\n".join(found)
        assert await page.eval("document.body.innerText.includes('wartet auf Zustimmung')")
        assert page.errors == []
