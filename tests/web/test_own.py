"""My hours: a code from the door opens one's own record, and nobody else's; what is asked is answered there."""

import base64
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

import httpx
import pytest

from clockd import config
from clockd.core.correction import Consent
from clockd.core.model import Kind
from clockd.daemon.opening import Core, open_core, open_office, open_terminal
from clockd.errors import Refused
from clockd.panel.gpio import BOUNCE_S
from clockd.web.pages import own
from clockd.web.running import compose
from tests.demo.browser import CHROMIUM, Page, chromium
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import DESK
from tests.filled import Made
from tests.web import story
from tests.web.eyes import axe, goes, look, shows, submit, too_wide
from tests.web.room import EMPLOYEE, Clerk, Room, clerk, csrf_of, office
from tests.web.test_pages import PICTURES, WRITE

INFO = 6
KEPT = (("own", "en", 1280, "light"), ("own", "de", 390, "dark"), ("code", "de", 390, "light"))
"""The pictures that stand in the repository."""
HERE, THERE = "127.0.0.2", "127.0.0.3"


@asynccontextmanager
async def own_office(folder: Path, countersign: str = "agree", people: int = 2) -> AsyncIterator[Room]:
    """An office that shows codes; three weeks were worked in it."""
    rules = {"own_record": True, "countersign": countersign, "notices": "de", "repeat_s": 10}
    more = {"button": [{"gpio": INFO, "action": "info"}]}
    past = [made for made in story.history() if made.username in ("user000", "user001")]
    day = story.today() - timedelta(days=7)
    sunday = day + timedelta(days=6 - day.weekday())
    past += [Made("user000", Kind.IN, story.at(sunday, "08:00")), Made("user000", Kind.OUT, story.at(sunday, "15:00"))]
    names = story.NAMES[:people]
    async with office(
        folder, people=people, past=past, readers=(DESK,), panel=True, names=names, rules=rules, more=more
    ) as room:
        yield room


@asynccontextmanager
async def small_door(folder: Path, *, own_record: bool = False) -> AsyncIterator[Core]:
    """A door without a process, a tracker and a panel."""
    folder.mkdir(exist_ok=True)
    terminal = config.TerminalSection(state_dir=str(folder / "state"), control_socket=str(folder / "s"))
    settings = config.Config(terminal=terminal, rules=config.RulesSection(own_record=own_record))
    async with open_core(settings, config.Secrets(None, {})) as core:
        yield core


async def code_of(room: Room, who: int = 0) -> str:
    """Ask for one's day at the door; return the code that is shown."""
    begun_s = monotonic()
    await until(lambda: monotonic() > begun_s + BOUNCE_S)  # a key is no key so soon after it was pressed
    room.rig.desk.terminal.press(INFO)
    await room.rig.desk.says("now hold")
    room.rig.desk.terminal.tap(uid_of(who).hex)
    text = await room.rig.desk.says(story.NAMES[who], "code for the page")
    return text.split("code for the page: ")[1].rstrip(".")


async def typed(someone: Clerk, code: str) -> httpx.Response:
    """Type a code; return what came of it, without following."""
    token = csrf_of((await someone.http.get("/my-hours")).text, "token")
    return await someone.http.post("/my-hours", data={"code": code, "token": token})


async def test_a_code_opens_ones_own_record_once_and_there_alone(tmp_path: Path) -> None:
    async with (
        own_office(tmp_path) as room,
        Clerk(room.url, address=HERE) as ada,
        Clerk(room.url, address=THERE) as eve,
    ):
        assert "/my-hours" in await eve.text("/sign-in")
        code = await code_of(room)
        opened = await typed(ada, code)
        assert (opened.status_code, opened.headers["location"]) == (303, "/hours")
        assert (await ada.get("/hours")).headers["location"] == "/hours/user000"
        last_week = f"?day={story.today() - timedelta(days=7)}"
        assert story.NAMES[0] in await ada.text(f"/hours/user000{last_week}")
        assert "breaks of 0:00, 0:30 are due (ArbZG § 4)" in await ada.text(f"/hours/user000{last_week}")
        table = await ada.text(f"/hours/user000/table.csv{last_week}")
        assert "legal notice" in table
        assert "breaks of 0:00, 0:30 are due (ArbZG § 4)" in table
        # somebody else's: neither hours, nor any page of the office, nor an answer in their name
        for path, status in (
            *(("/hours/user001", 404), ("/hours/user001/table.csv", 404), ("/hours.csv", 403), ("/", 403)),
            *(("/punches", 403), ("/people", 403), ("/log", 403), ("/corrections", 403), ("/health", 403)),
        ):
            assert (await ada.get(path)).status_code == status, path
        # used twice: here, and from another address
        assert (await typed(eve, code)).status_code == 401
        async with Clerk(room.url, address=HERE) as again:
            assert (await typed(again, code)).status_code == 401
            # nor one that a newer one replaced, or that another site sent
            first, second = await code_of(room), await code_of(room)
            assert (await typed(again, first)).status_code == 401
            token = csrf_of((await again.http.get("/my-hours")).text, "token")
            for form, headers in (({"token": "x"}, {}), ({"token": token}, {"Origin": "https://evil.example"})):
                answer = await again.http.post("/my-hours", data={"code": second, **form}, headers=headers)
                assert answer.status_code == 403
            assert (await typed(again, second)).status_code == 303, "the control"
        # the session that it opened is nothing at another address
        stolen = {"Cookie": "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())}
        assert (await eve.http.get("/hours/user000", headers=stolen)).status_code == 303
        assert (await ada.get("/hours/user000")).status_code == 200
        # the panel does not show it any longer, and no log has it
        await room.rig.desk.says("Ready")
        assert code.replace(" ", "") not in room.rig.daemon.log.read_text() + room.page.log


async def test_guesses_open_nothing_and_lock_nobody_out(tmp_path: Path) -> None:
    """At the socket, as the page asks, from many addresses; then through the page (10,000: `core/test_own_code`)."""
    async with (
        own_office(tmp_path) as room,
        Clerk(room.url, address=HERE) as ada,
        Clerk(room.url, address=THERE) as eve,
    ):
        assert (await typed(ada, await code_of(room))).status_code == 303
        await ada.post("/sign-out")
        code = await code_of(room)
        right, wrong = code.replace(" ", ""), Counter[str]()
        for n in range(200):
            guess = f"{n * 97 % 1_000_000:06}"
            if guess == right:
                continue
            answer = await room.rig.daemon.ask("record.open", code=guess, address=f"10.1.{n // 250}.{n % 250}")
            assert answer["username"] is None
            wrong["waits" if answer["wait_s"] else "looked at"] += 1
        assert wrong["looked at"] <= 50
        answers = Counter[int]()
        for n in range(6):
            found = await typed(eve, f"{n:06}" if f"{n:06}" != right else "999999")
            answers[found.status_code] += 1
            assert ("retry-after" in found.headers) == (found.status_code == 429)
        assert answers == {429: 6}, "a stranger waits, while many guess"
        assert (await typed(eve, code)).status_code == 429, "with the right one as well"
        assert (await typed(ada, code)).status_code == 303, "and who was here before does not"


async def test_nobody_but_the_page_answers_in_an_employees_name(tmp_path: Path) -> None:
    async with small_door(tmp_path) as core:
        record = open_office(core).own_record
        for peer in ("", "pi", "mallory", "clockd-web (claims x)"):
            with pytest.raises(Refused, match="only the admin page"):
                await record.answer(1, "user000", Consent.YES, "", peer)
        with pytest.raises(Refused, match="no such correction"):
            await record.answer(1, "user000", Consent.YES, "", "clockd-web")


def test_without_the_rule_there_is_no_code_and_no_place_for_one(tmp_path: Path) -> None:
    places = []
    for rule in (True, False):
        parts = compose(
            config.Config(rules=config.RulesSection(own_record=rule)), config.Secrets(None, {}), encrypted=False
        )
        places.append([route.path for route in own.routes(parts)])
    assert [sum(place == "/my-hours" for place in each) for each in places] == [2, 0]


async def test_a_door_shows_a_code_only_with_the_rule(tmp_path: Path) -> None:
    for rule in (True, False):
        async with small_door(tmp_path / str(rule), own_record=rule) as core:
            assert (open_terminal(core, lambda *_: None).own_codes is not None) == rule


async def test_what_was_changed_stands_there_and_what_is_asked_is_answered(tmp_path: Path) -> None:
    async with own_office(tmp_path) as room, Clerk(room.url, address=HERE) as ada, clerk(room, EMPLOYEE) as same:
        day = story.today() - timedelta(days=7)
        punches = await room.rig.daemon.punches(username="user000", limit=100)
        first, second = [one for one in punches if one["local"][:10] >= str(day - timedelta(days=day.weekday()))][-2:]
        of_bob = (await room.rig.daemon.punches(username="user001", limit=1))[0]
        for one, why in ((first, "was not here"), (second, "came later"), (of_bob, "not theirs")):
            await room.rig.daemon.ask("punches.void", ids=[one["id"]], why=why, by="office")
        assert (await typed(ada, await code_of(room))).status_code == 303
        page = f"/hours/user000?day={day}"
        html = await ada.text(page)
        assert "was not here" in html
        assert "came later" in html
        assert "not theirs" not in html
        numbers = sorted(one["number"] for one in await room.rig.daemon.ask("corrections", waiting=True))
        (bobs,) = (
            one["number"]
            for one in await room.rig.daemon.ask("corrections", waiting=True)
            if one["owners"][0]["username"] == "user001"
        )
        mine = [number for number in numbers if number != bobs]
        refused = await ada.post(f"/my-hours/answers/{mine[0]}", consent="no", why="", back=page)
        assert "Say why you refuse" in refused.text
        refused = await ada.post(f"/my-hours/answers/{mine[0]}", consent="no", why="I was", back=page)
        assert "You refused" in refused.text
        agreed = await same.post(f"/my-hours/answers/{mine[1]}", consent="yes", back=page)  # with a password
        assert "You agreed" in agreed.text
        other = await ada.post(f"/my-hours/answers/{bobs}", consent="yes", back=page)
        assert "You agreed" not in other.text
        found = {one["number"]: one for one in await room.rig.daemon.ask("corrections")}
        assert [found[number]["progress"] for number in (*mine, bobs)] == ["refused", "agreed", "asked"]
        assert found[mine[0]]["remark"] == "I was"
        html = await ada.text(page)
        for words in ("you refused", "you agreed", "I was", "taken back"):
            assert words in html, words


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")
async def test_my_hours_in_a_real_browser_on_a_phone_at_a_desk_and_on_paper(tmp_path: Path) -> None:
    async with own_office(tmp_path) as room, chromium() as page:
        day = story.today() - timedelta(days=7)
        punches = await room.rig.daemon.punches(username="user000", limit=100)
        first, second = [one for one in punches if one["local"][:10] >= str(day - timedelta(days=day.weekday()))][-2:]
        await room.rig.daemon.ask("punches.void", ids=[first["id"]], why="was not here", by="office")
        at = second["local"][:14] + "59:00"
        await room.rig.daemon.ask("punches.void", ids=[second["id"]], why=f"it was {at[11:16]}", by="office")
        found: list[str] = []
        for language, width in (("en", 1280), ("de", 390)):
            await look(page, width, "light")
            await page.open(f"{room.url}/language/{language}?next=/my-hours")
            found += await _seen(page, "code", language, width)
            await submit(page, "form[action='/my-hours']", code="000000")
            await shows(page, "This code opens nothing" if language == "en" else "Dieser Code öffnet nichts")
            await submit(page, "form[action='/my-hours']", code=await code_of(room))
            await page.open(f"{room.url}/hours/user000?day={day}")
            for scheme in ("light", "dark"):
                await look(page, width, scheme)
                found += await _seen(page, "own", language, width, scheme)
            if language == "en":
                await goes(page, "document.querySelector('.answer form button.main').click()")
                await shows(page, "You agreed")
            else:
                form = "document.querySelector('.answer form.fields')"
                await page.eval("document.querySelector('.answer details').open = true")
                found += await _seen(page, "refusing", language, width)
                await page.eval(f"{form}.elements['why'].value = 'Ich war da'")
                await goes(page, f"{form}.querySelector('button').click()")
                await shows(page, "Sie haben abgelehnt", "Ich war da")
            pdf = (await page.send("Page.printToPDF", printBackground=False))["data"]
            assert len(pdf) > 10_000
            if place := os.environ.get("CLOCKD_PDF"):  # to look at it
                Path(place, f"own-{language}.pdf").write_bytes(base64.b64decode(pdf))
            await goes(page, "document.querySelector('form[action=\"/sign-out\"] button').click()")
        assert not found, "\n".join(found)
        assert [error for error in page.errors if "401" not in error] == []
        states = Counter(one["progress"] for one in await room.rig.daemon.ask("corrections"))
        assert states == {"agreed": 1, "refused": 1}


async def _seen(page: Page, name: str, language: str, width: int, scheme: str = "light") -> list[str]:
    where = f"{name} {language} {width} {scheme}"
    found = [f"{where}: {what}" for what in await axe(page)]
    if wide := await too_wide(page):
        found.append(f"{where}: {wide} pixels too wide")
    if os.environ.get(WRITE) and (name, language, width, scheme) in KEPT:
        await page.picture(PICTURES / f"{name}-{language}-{width}-{scheme}.png", whole=True)
    return found
