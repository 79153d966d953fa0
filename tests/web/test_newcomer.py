"""The newcomer's hour of deploy/README.md, played at a browser: from an empty terminal to the first punch mended."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.demo.browser import CHROMIUM
from tests.e2e.looking import until
from tests.web.eyes import goes, shows, signed_in, submit
from tests.web.room import office

GUIDE = Path(__file__).parents[2] / "deploy" / "README.md"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")
async def test_a_newcomers_hour(tmp_path: Path) -> None:
    async with office(tmp_path, enrolled=0) as room, signed_in(room.url) as page:

        async def follow(name: str) -> None:
            found = f"[...document.querySelectorAll('a')].find((a) => a.innerText === {name!r})"
            await goes(page, f"{found}.click()")

        await shows(page, "Nothing waits for you.", "Nobody is here.", "reachable")
        await follow("Health")
        await shows(page, "Reader serial", "ready")
        await follow("People")
        await submit(page, "form[action='/people/enrol']", username="user000", name="Ada Lovelace")
        await shows(page, "Hold the badge for Ada Lovelace to the reader now")
        room.rig.serial.raw(b"04AB12CD34EF56\r\n")
        await shows(page, "Badge …EF56 belongs to Ada Lovelace.")
        await follow("Now")
        await room.rig.serial.absent()
        room.rig.serial.raw(b"04AB12CD34EF56\r\n")
        await page.until("document.querySelector('[data-part=here]').innerText.includes('Ada Lovelace')")
        room.rig.serial.raw(b"04AB12CD34EF99\r\n")
        await page.until("document.querySelector('[data-part=held]').innerText.includes('…EF99')")
        await page.eval("document.querySelector('.act.assign summary').click()")
        await submit(page, ".act.assign form", username="user001", name="Grace Hopper")
        await shows(page, "The badge belongs to Grace Hopper now.", "Nothing waits for you.")

        async def booked() -> Any:
            return {who for who, _, _ in await room.rig.simulator.booked()} == {"user000", "user001"}

        await until(booked)
        await follow("Punches")
        await shows(page, "Grace Hopper")
        await goes(page, "document.querySelector('tbody a').click()")
        await shows(page, "As it was recorded", "What happened to it", "gave it to an employee")
        await follow("Log")
        await shows(page, "gave a badge to somebody: user001", "(claims admin)")
        assert page.errors == []


def test_the_guide_names_what_is_there() -> None:
    from clockd.web.words import PAGE_LANGUAGES

    t = PAGE_LANGUAGES["en"]
    known = {t.frame.now, t.frame.punches, t.frame.people, t.frame.log, t.frame.health, t.now.needs_you, t.now.terminal}
    known |= {t.people.enrol, t.people.begin, t.people.import_, t.acts.assign.label, t.punches.states["delivered"]}
    known |= {t.acts.disown.label.replace("’", "'"), "Next"}
    text = " ".join(GUIDE.read_text().partition("a newcomer's hour")[2].split())
    named = set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text))
    assert named
    assert named <= known, named - known
