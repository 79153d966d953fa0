"""What others wrote is shown as text: a name that is a script, a tracker's note with HTML, a cell that is a formula."""

import csv
import io
from pathlib import Path

import pytest

from tests.demo.browser import CHROMIUM
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.web import story
from tests.web.crawling import crawl, links_of
from tests.web.eyes import signed_in
from tests.web.room import VIEWER, Room, clerk, office

EVIL = (story.SCRIPT, '"><img src=x onerror=alert(1)>', "=HYPERLINK(1)")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")
async def test_a_script_in_a_name_and_html_of_the_tracker_stay_text(tmp_path: Path) -> None:
    async with office(tmp_path, people=5, past=story.history(), names=(*EVIL, "{{ 7 * 7 }}", "O'Neil & <b>")) as room:
        for n in (0, 1):
            room.rig.serial.tap(uid_of(n))
        room.rig.serial.raw(story.STRANGER)
        await until(lambda: _present(room))
        async with clerk(room) as admin:
            pages = await crawl(admin)
        shown = "\n".join(text for path, text in pages.items() if ".csv" not in path)
        assert "&lt;script&gt;document.title" in shown
        assert "{{ 7 * 7 }}" in shown
        assert "&lt;img src=x onerror=alert(1)&gt;Lunch &amp; learn" in shown
        assert "<script>document" not in shown
        assert "<img src=x" not in shown
        async with signed_in(room.url) as page:
            for path in ("/", "/people", "/hours", "/punches", "/log", "/hours/user000"):
                await page.open(room.url + path)
                await page.until("document.readyState === 'complete'")
                title = await page.eval("document.title")
                assert "owned" not in title.split(" · ")[1:], path
                scripts = await page.eval("[...document.scripts].map((s) => new URL(s.src).pathname).join()")
                assert scripts == "/static/page.js", path
                assert await page.eval("[...document.images].every((i) => i.src.includes('/now/display.png'))")
            assert page.errors == [], "not even the browser's policy had to step in"
            # the control: what would run is refused by the policy
            await page.eval("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
            await page.until("true")
            assert await page.eval("document.title") != "1"


async def _present(room: Room) -> bool:
    held = await room.rig.daemon.punches(state="held")
    return len((await room.rig.daemon.status())["present"]) >= 2 and any(one["username"] is None for one in held)


async def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    names = ("=1+1", "+49 1", "@SUM(A1)", "-2", "plain")
    async with office(tmp_path, people=5, past=story.history(), names=names) as room, clerk(room) as admin:
        for path in ("/people/badges.csv", "/hours.csv?view=month", "/hours/user000/table.csv?view=month"):
            text = (await admin.text(path)).removeprefix("\ufeff")
            rows = list(csv.reader(io.StringIO(text)))
            assert len(rows) > 1, path
            assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))], path
        assert "'=1+1" in await admin.text("/people/badges.csv")


async def test_a_crawler_finds_no_mistake(tmp_path: Path) -> None:
    """Over all pages, as admin and as viewer, in both languages; and every form with nonsense in it."""
    async with office(tmp_path, people=5, past=story.history(), names=story.NAMES) as room:
        room.rig.serial.raw(story.STRANGER)
        for name, language in (("admin", "en"), (VIEWER, "de")):
            async with clerk(room, name, language) as someone:
                pages = await crawl(someone)
                assert len(pages) > 40
                assert "Traceback" not in "".join(pages.values())
        async with clerk(room) as admin:
            for path in (
                *("/punches/x", "/punches/%00", "/punches/" + "9" * 5000, "/punches?cursor=99999999999"),
                *("/punches?cursor=-1", "/punches?search=%00%ff", "/hours/nobody", "/hours/%00", "/hours?page=9999"),
                *("/hours?view=x&day=y", "/log?cursor=x", "/people/enrol/x", "/language/xx", "/sign-in?next=%00"),
                *("/hours?day=0001-01-01", "/hours?day=9999-12-31", "/static/none", "/none", "/punches?first=x"),
            ):
                answer = await admin.get(path)
                assert answer.status_code < 500, (path, answer.status_code)
                assert "Traceback" not in answer.text, path
            (held,) = [p for p in await room.rig.daemon.punches(state="held") if p["username"] is None]
            nonsense = ("", "x", "\0", "<b>", "9" * 3000, "\N{GRINNING FACE}", "2026-99-99", "' OR 1=1 --")
            for doing in ("retry", "amend", "accept", "add-out", "add-in", "assign", "disown", "void", "nothing"):
                for text in nonsense:
                    form = dict.fromkeys(("why", "at", "kind", "username", "name"), text)
                    answer = await admin.post(f"/punches/{held['id']}/{doing}", **form, back=text)
                    assert answer.status_code < 500, (doing, text[:20], answer.status_code)
            for path in ("rename", "revoke", "import", "import/all", "enrol/x/stop"):
                for text in nonsense:
                    form = dict.fromkeys(("old", "new", "fingerprint", "tail", "file"), text)
                    assert (await admin.post(f"/people/{path}", **form)).status_code < 500, (path, text[:20])
        assert "a mistake at" not in room.page.log
        assert links_of('<a href="/x?a=1&amp;b=2">') == {"/x?a=1&b=2"}
