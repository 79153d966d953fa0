"""A day's work at the page: a badge is enrolled by a tap, held punches are mended, a list is imported, names change."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from clockd.core.chain import signed_text
from clockd.store.signing import Signature, is_signed
from tests.demo.browser import CHROMIUM
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.web.eyes import goes, shows, signed_in, submit
from tests.web.room import Room, clerk, office

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")


@needs_browser
async def test_the_first_page_is_live_and_a_held_punch_is_mended_and_booked(tmp_path: Path) -> None:
    async with office(tmp_path) as room, signed_in(room.url) as page:
        await page.open(room.url + "/")
        await page.until("document.body.innerText.includes('Nothing waits for you')")
        await page.eval("window.isTheSamePage = true")
        room.rig.serial.tap(uid_of(0))
        await page.until("document.querySelector('[data-part=here]').innerText.includes('Person 0')")
        room.rig.serial.raw(b"049C41AE6D7F1E\r\n")
        await page.until("document.querySelector('[data-part=held] .card') !== null")
        text = await page.eval("document.querySelector('[data-part=held]').innerText")
        assert "A badge that belongs to nobody was tapped. Say whose it is." in text
        assert "…7F1E" in text
        assert await page.eval("window.isTheSamePage"), "all of this without loading the page anew"
        await page.eval("document.querySelector('.act.assign summary').click()")
        room.rig.serial.tap(uid_of(1))  # what changes meanwhile takes no form away
        await page.until("document.querySelector('[data-part=here]').innerText.includes('Person 1')")
        assert await page.eval("document.querySelector('.act.assign').open")
        await submit(page, ".act.assign form", username="user002", name="Grace Hopper")
        assert "The badge belongs to Grace Hopper now." in await page.eval("document.querySelector('main').innerText")
        assert await page.eval("document.querySelector('.needs .card') === null")

        async def booked() -> bool:
            return {who for who, _, _ in await room.rig.simulator.booked()} == {"user000", "user001", "user002"}

        await until(booked)
        assert page.errors == []


@needs_browser
async def test_a_badge_is_enrolled_by_a_tap_and_by_nothing_else(tmp_path: Path) -> None:
    async with office(tmp_path, people=1) as room, signed_in(room.url, language="de") as page:
        await page.open(room.url + "/people")
        await submit(page, "form[action='/people/enrol']", username="user001", name="Zoë Ångström")
        await shows(page, "Jetzt den Badge für Zoë Ångström an den Leser halten")
        room.rig.serial.raw(b"04AB12CD34EF56\r\n")
        await shows(page, "Der Badge …EF56 gehört Zoë Ångström.")
        badges = await room.rig.daemon.ask("badges")
        assert ("user001", "Zoë Ångström", "EF56") in {(b["username"], b["name"], b["tail"]) for b in badges}
        assert room.rig.simulator.url
        await submit(page, "form[action='/people/enrol']", username="user002")
        await goes(page, "document.querySelector('form[action$=\"/stop\"] button').click()")
        assert "Es wurde kein Badge zugeordnet." in await page.eval("document.querySelector('main').innerText")
        room.rig.serial.raw(b"04AB12CD34EF99\r\n")  # nobody waits any more: an unknown badge
        await until(lambda: _held(room, 1))
        raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"04AB12CD34EF" not in raw.upper(), "no identifier is written anywhere"


async def _held(room: Room, count: int) -> bool:
    return len(await room.rig.daemon.punches(state="held")) == count


async def test_enrolling_works_without_scripts_and_says_why_it_failed(tmp_path: Path) -> None:
    async with office(tmp_path, people=2) as room, clerk(room) as admin:
        answer = await admin.post("/people/enrol", username="user002", name="Grace")
        assert "Hold the badge for Grace to the reader now" in answer.text
        assert '<noscript><meta http-equiv="refresh"' in answer.text
        room.rig.serial.raw(b"04AB12CD34EF56\r\n")

        async def shown() -> bool:
            return "Badge …EF56 belongs to Grace." in (await admin.http.get(answer.url, follow_redirects=True)).text

        await until(shown)
        assert "no username" in (await admin.post("/people/enrol", back="/people")).text.lower()


def five_hundred(*, wrong: bool) -> bytes:
    lines = ["uid;username;name", *(f"04C0FFEE{n:06X};person{n:03};Person Nº {n}" for n in range(500))]
    if wrong:
        lines[17] = "4,71E+12;person016;Spreadsheet"
        lines[250] = "04C0FFEE000001;person249;Twice"
        lines[444] = "04C0FFEE0001BB;;Nobody"
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


async def _upload(admin: Any, data: bytes) -> httpx.Response:
    from tests.web.room import csrf_of

    csrf = csrf_of(await admin.text("/account"), "csrf")
    files = {"file": ("badges.csv", io.BytesIO(data), "text/csv")}
    answer: httpx.Response = await admin.http.post(
        "/people/import", data={"csrf": csrf, "back": "/people"}, files=files, follow_redirects=True
    )
    return answer


async def test_five_hundred_badges_with_three_bad_lines_are_none_and_then_all(tmp_path: Path) -> None:
    async with office(tmp_path, people=1) as room, clerk(room) as admin:
        shown = (await _upload(admin, five_hundred(wrong=True))).text
        assert "3 lines are wrong. Nothing is imported until the file is right." in shown
        for line, why in (
            (18, "a spreadsheet made a number of it"),
            (251, "the same badge as line 3"),
            (445, "no username"),
        ):
            assert f'<td class="number">{line}</td>' in shown
            assert why in shown
        assert shown.count("<tr") == 501, "a preview of every line"
        assert "import/all" not in shown
        assert "preview is too old" in (await admin.post("/people/import/all")).text
        assert len(await room.rig.daemon.ask("badges")) == 1, "none half-done"
        shown = (await _upload(admin, five_hundred(wrong=False))).text
        assert "All 500 lines are fine." in shown
        assert "04C0FFEE" not in shown, "an identifier is not shown"
        assert len(await room.rig.daemon.ask("badges")) == 1, "it is only a preview"
        assert "500 badges are imported." in (await admin.post("/people/import/all")).text
        assert len(await room.rig.daemon.ask("badges")) == 501
        assert "imported badges: 500" in await admin.text("/log")
        for data in (b"", b"\xff\xfe\x00", b"nothing", b"uid,username\n"):
            answer = await _upload(admin, data)
            assert 'class="note failed"' in answer.text, data


async def test_every_repair_of_a_punch_can_be_made_here(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        daemon, serial = room.rig.daemon, room.rig.serial
        for n in range(3):
            serial.tap(uid_of(n))
        first, second, third = await daemon.settled(3)
        answer = await admin.post(f"/punches/{first['id']}/void", why="was a test")
        assert "It is taken back." in answer.text
        await until(lambda: _state(room, first["id"], "void"))
        assert {who for who, _, _ in await room.rig.simulator.booked()} == {"user001", "user002"}
        answer = await admin.post(f"/punches/{second['id']}/amend", username="user000", why="swapped badges")
        assert "It is corrected." in answer.text
        serial.raw(b"04AB12CD34EF56\r\n")
        stranger = (await daemon.recorded(5))[-1]
        answer = await admin.post(f"/punches/{stranger['id']}/ignore", back="/")
        assert 'class="note failed"' in answer.text, "a reason is needed"
        answer = await admin.post(f"/punches/{stranger['id']}/ignore", why="a visitor", back="/")
        assert "It is not booked." in answer.text
        answer = await admin.post(f"/punches/{third['id']}/add-out", at="25:99", back="/")
        assert 'class="note failed"' in answer.text
        log = await admin.text("/log")
        for words in ("was a test", "swapped badges", "a visitor", "(claims admin)"):
            assert words in log, words
        story = await admin.text(f"/punches/{first['id']}")
        assert first["id"] in story
        assert "took it back" in story
        assert "The ledger is whole" in (await admin.post("/log/verify")).text
        head = await room.rig.daemon.ask("ledger.head")
        for part in (f"{head['rows']}:{head['hash']}", head["key"]):
            assert part in await admin.text("/log")
        *_, last = csv.DictReader(io.StringIO((await admin.text("/hours.csv")).lstrip("\ufeff")))
        told = json.loads(last["remark"])
        assert last["from"] == f"{told['rows']}:{told['hash']}" == f"{head['rows']}:{head['hash']}"
        assert is_signed(Signature(told.pop("key"), told.pop("signature")), signed_text(told))


async def _state(room: Room, punch_id: str, state: str) -> bool:
    return any(p["id"] == punch_id and p["delivery"]["state"] == state for p in await room.rig.daemon.punches())


async def test_people_are_renamed_and_badges_revoked(tmp_path: Path) -> None:
    async with office(tmp_path, people=2) as room, clerk(room) as admin:
        assert "user000 is ada now." in (await admin.post("/people/rename", old="user000", new="ada")).text
        badge = next(b for b in await room.rig.daemon.ask("badges") if b["username"] == "ada")
        answer = await admin.post("/people/revoke", fingerprint=badge["fingerprint"], tail=badge["tail"])
        assert f"The badge …{badge['tail']} is taken away." in answer.text
        room.rig.serial.tap(uid_of(0))
        await until(lambda: _held(room, 1))
        export = await admin.text("/people/badges.csv")
        assert export.startswith("\ufeffusername,name,tail,fingerprint,added_at")
        assert "took a badge away: ada" in await admin.text("/log")


async def test_punches_are_found_by_day_person_state_and_text(tmp_path: Path) -> None:
    from tests.web import story

    async with office(tmp_path, people=5, past=story.history(), names=story.NAMES) as room, clerk(room) as admin:
        day = story.today().isoformat()
        assert "No such punches." in await admin.text(f"/punches?first={day}")
        assert (await admin.text("/punches?person=user001")).count('class="state') == 50
        assert "Older punches" in await admin.text("/punches?person=user001")
        found = await admin.text("/punches?search=öztürk&state=held")
        assert found.count('class="state held"') == 2
        older = await admin.text("/punches")
        assert older.count('class="state') == 50
        seen = 0
        path = "/punches"
        for _ in range(10):
            html = await admin.text(path)
            seen += html.count('class="state')
            if "cursor=" not in html:
                break
            path = html.split('class="more"><a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
        assert seen == len(await room.rig.daemon.punches()), "each once, over all pages"
        for bad in ("first=yesterday", "first=9999-99-99", "state=nonsense"):
            assert (await admin.get(f"/punches?{bad}")).status_code == 400


async def test_a_german_page_refuses_in_german_and_says_why_a_punch_waits(tmp_path: Path) -> None:
    async with office(tmp_path, people=2) as room, clerk(room, language="de") as admin:
        room.rig.serial.tap(uid_of(0))
        (punch,) = await room.rig.daemon.settled(1)
        room.rig.serial.raw(b"04AB12CD34EF56\r\n")
        stranger = (await room.rig.daemon.recorded(2))[-1]
        here, there = (f"/punches/{one['id']}" for one in (punch, stranger))
        for path, form, said in (
            (f"{here}/add-out", {"at": "31.12.2099 08:00"}, "31.12.2099, 08:00:00 liegt in der Zukunft. Es ist "),
            (f"{here}/add-out", {"at": "gestern"}, "Tag ohne Uhrzeit. Wie 08:00, gestern 17:05"),
            (f"{here}/add-in", {"at": "08:00"}, "kann ein Kommen fehlen. Nach einem Kommen fehlt ein Gehen."),
            (f"{here}/retry", {}, "Diese Buchung ist gebucht; erneut versuchen kann man nur, was auf Sie wartet."),
            (f"{here}/amend", {}, "Es wurde nichts gesagt, was zu berichtigen wäre."),
            (f"{there}/ignore", {}, "Der Grund ist leer. Füllen Sie das Feld aus."),
            (f"{there}/assign", {"username": "a\u202eda"}, "ein Zeichen, das in keinem Namen vorkommt (U+202E)"),
            ("/punches/nosuch/void", {}, "Eine Buchung nosuch gibt es nicht. Die Seite Buchungen zeigt alle."),
            ("/people/rename", {"old": "nobody", "new": "x"}, "Niemand hat hier den Benutzernamen nobody."),
            ("/people/revoke", {"fingerprint": "ab"}, "könnte die eines anderen Badges sein."),
        ):
            answer = await admin.post(path, back="/", **form)
            note = answer.text.partition('class="note failed"')[2].partition("</p>")[0]
            assert said in note, (path, note)
        assert "Ein Badge, der niemandem gehört, wurde vorgehalten." in await admin.text("/")
