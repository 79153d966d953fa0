"""Somebody's data is erased at the page, over the daemon's socket: what comes first, what is said, what is left."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clockd.core.model import Kind
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.filled import Made
from tests.web.room import EMPLOYEE, VIEWER, Clerk, clerk, office

NAMES = ("Zaphod Beeblebröx", "Ford Prefect")
WHY = "asked for it by letter"


def history() -> list[Made]:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    begins = [now - timedelta(days=days) for days in range(30, 2, -1)]
    ends = [(begin, begin + timedelta(hours=6)) for begin in begins]
    return [
        Made(f"user00{n}", kind, at)
        for begin, end in ends
        for n in (0, 1)
        for kind, at in ((Kind.IN, begin), (Kind.OUT, end))
    ]


def naming(state: Path) -> set[str]:
    """The files in which they are named, by name or username, in capitals or not."""
    found = set()
    for path in state.rglob("*"):
        if path.is_file():
            text = path.read_bytes().lower()
            if any(word.encode(way) in text for word in ("user000", "beeblebr") for way in ("utf-8", "utf-16-le")):
                found.add(path.name)
    return found


def said(answer_text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer_text))


async def test_somebody_is_erased_at_the_page(tmp_path: Path) -> None:
    async with office(tmp_path, people=2, past=history(), names=NAMES) as room, clerk(room) as admin:
        state, ask = tmp_path / "bench" / "state", room.rig.daemon.ask
        form = {"username": "user000", "again": "user000", "why": WHY, "back": "/people/erase?username=user000"}
        assert "/people/erase?username=user000" in await admin.text("/people")
        page = said(await admin.text("/people/erase?username=user000"))
        for text in ("§ 16 Abs. 2 ArbZG", "§ 17 Abs. 1 MiLoG", "§ 26 AZG", "art. 34.9 ET", "4 years", NAMES[0]):
            assert text in page
        assert (await admin.get("/people/erase?username=nobody")).status_code == 404
        # what is refused erases nothing
        for change, text in (
            ({"again": "user00"}, "This is another username"),
            ({"why": ""}, "why"),
            ({}, "they have a badge: take it away on the page People"),
        ):
            assert text in said((await admin.post("/people/erase", **{**form, **change})).text), text
        assert naming(state)
        await ask("badges.remove", uid=uid_of(0).hex, by="office")
        assert "an account of this page is theirs" in said((await admin.post("/people/erase", **form)).text)
        await ask("accounts.remove", name=EMPLOYEE, by="office")
        assert "names whose data it is" in said((await admin.post("/people/erase", **{**form, "why": NAMES[0]})).text)
        # … and then it is done
        assert "clockd.db" in naming(state), "the control: the search finds them"
        await admin.post("/people/erase", **form)

        async def is_done() -> bool:
            return "Erased:" in await admin.text("/people/erased")

        await until(is_done)
        end = said(await admin.text("/people/erased"))
        assert "Nothing in the state folder names them any more." in end
        assert "Erased: 56 punches" in end
        assert naming(state) == set()
        assert "user000" not in await admin.text("/people")
        log = said(await admin.text("/log"))
        assert f"erased an employee’s data {WHY}" in log
        assert "discarded records" in log
        checked = said((await admin.post("/log/verify", back="/log")).text)
        assert "of its rows were discarded; their hashes" in checked
        verified = await ask("ledger.verify")
        assert verified["ok"]
        assert verified["discarded"]["erasure"] >= 56
        assert {one["username"] for one in await ask("punches")} == {"user001"}


async def test_whoever_changes_nothing_erases_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, people=1, past=history()) as room:
        for name in (VIEWER, EMPLOYEE):
            async with clerk(room, name) as somebody:
                assert (await somebody.get("/people/erase?username=user001")).status_code == 403
                assert (await somebody.get("/people/erased")).status_code == 403
                form = {"username": "user001", "again": "user001", "why": WHY}
                assert (await somebody.post("/people/erase", **form)).status_code == 403
        async with clerk(room) as admin:
            forged = {"csrf": "x", "username": "user001", "again": "user001", "why": WHY}
            assert (await admin.http.post("/people/erase", data=forged)).status_code == 403
            assert "Nothing was erased since the terminal started" in await admin.text("/people/erased")
            assert any(one["username"] == "user001" for one in await room.rig.daemon.ask("people"))


async def test_a_german_page_says_it_in_german(tmp_path: Path) -> None:
    async with office(tmp_path, people=1, past=history(), names=NAMES) as room, clerk(room, language="de") as admin:
        page = said(await admin.text("/people/erase?username=user000"))
        assert "Was Sie nach dem Gesetz aufheben müssen" in page
        form = {"username": "user000", "again": "user000", "why": WHY, "back": "/people/erase?username=user000"}
        refused = said((await admin.post("/people/erase", **form)).text)
        assert "Vorher ist etwas zu tun: die Person hat einen Badge: auf der Seite Personen entziehen" in refused
        await _all_of_it(admin)


async def _all_of_it(admin: Clerk) -> None:
    """Somebody without a badge is erased, and the end is told."""
    form = {"username": "user001", "again": "user001", "why": WHY, "back": "/people"}
    await admin.post("/people/erase", **form)

    async def is_done() -> bool:
        return "Gelöscht: 56 Buchungen" in await admin.text("/people/erased")

    await until(is_done)
    end = said(await admin.text("/people/erased"))
    assert "die Datei der Datenbank wurde neu geschrieben" in end
