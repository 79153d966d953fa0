"""Nobody is in without signing in, and nothing of others gets in with them."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.looking import until
from tests.web.room import EMPLOYEE, PASSWORD, VIEWER, Clerk, clerk, csrf_of, office

PAGES = ("/", "/punches", "/people", "/hours", "/log", "/health", "/account", "/now/live", "/people/badges.csv")


async def test_without_signing_in_there_is_no_page_on_loopback_neither(tmp_path: Path) -> None:
    async with office(tmp_path) as room, Clerk(room.url) as stranger:
        for path in (*PAGES, "/hours.csv", "/hours/user000", "/now/display.png", "/health/live", "/punches/X"):
            answer = await stranger.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path
        assert (await stranger.http.post("/people/rename", data={"old": "user000", "new": "x"})).status_code == 303
        assert (await stranger.sign_in("admin", "wrong")).status_code == 401
        assert (await stranger.sign_in("nobody", PASSWORD)).status_code == 401
        assert (await stranger.sign_in("", "")).status_code == 401
        answer = await stranger.sign_in()
        cookie = answer.headers["set-cookie"]
        assert answer.status_code == 303
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
        assert "Secure" not in cookie, "plain http on loopback"
        for path in PAGES[:-2]:
            assert (await stranger.get(path)).status_code == 200, path


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.soak)])
async def test_of_many_wrong_passwords_few_are_looked_at_and_the_owner_gets_in(tmp_path: Path, count: int) -> None:
    """The real process, with its own clock: those that are not looked at are told to wait, and cost no hash."""
    async with (
        office(tmp_path) as room,
        Clerk(room.url, address="127.0.0.2") as owner,
        Clerk(room.url, address="127.0.0.3") as attacker,
    ):
        assert (await owner.sign_in()).status_code == 303
        await owner.post("/sign-out")
        answers = Counter[int]()
        for n in range(count):
            answer = await attacker.sign_in("admin", f"wrong{n}")
            answers[answer.status_code] += 1
            assert ("retry-after" in answer.headers) == (answer.status_code == 429)
        assert answers.keys() == {401, 429}
        assert answers[401] <= 15, "looked at, each of which costs a hash"
        while int((await attacker.sign_in("admin", "wrong")).headers.get("retry-after", 0)) < 3:
            pass  # a lock of a moment says nothing: this machine may be slower than it lasts
        assert (await attacker.sign_in()).status_code == 429, "the right one is not looked at either"
        assert (await owner.sign_in()).status_code == 303, "from where they were before"


async def test_a_forged_or_stolen_cookie_opens_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as owner, clerk(room) as elsewhere:
        cookie = owner.http.cookies["clockd"]
        async with Clerk(room.url) as thief:
            for forged in ("", "x", cookie[:-1], f"{cookie}x", "admin", "../../etc/passwd", "%00"):
                answer = await thief.http.get("/", headers={"Cookie": f"clockd={forged}"})
                assert answer.status_code == 303, forged
            stolen = {"Cookie": f"clockd={cookie}"}
            assert (await thief.http.get("/", headers=stolen)).status_code == 200, (
                "a stolen one is as good as its owner's"
            )
            await owner.post("/account/sign-out")
            assert (await thief.http.get("/", headers=stolen)).status_code == 303, (
                "until the owner signs out everywhere"
            )
            assert (await elsewhere.get("/")).status_code == 303
            assert (await owner.get("/")).status_code == 303


async def test_signing_out_ends_one_browser_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as one, clerk(room) as other:
        await one.post("/sign-out")
        assert (await one.get("/")).status_code == 303
        assert (await other.get("/")).status_code == 200


async def test_a_removed_account_is_out(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room, VIEWER) as viewer:
        assert (await viewer.get("/account")).status_code == 200
        await room.rig.daemon.ask("accounts.remove", name=VIEWER)

        async def is_out() -> bool:
            return (await viewer.get("/account")).status_code == 303

        await until(is_out)
        async with Clerk(room.url) as anew:
            assert (await anew.sign_in(VIEWER)).status_code == 401


async def test_a_form_from_elsewhere_changes_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        csrf = csrf_of(await admin.text("/account"), "csrf")
        form = {"old": "user000", "new": "stolen"}
        for headers, token in (
            ({}, ""),
            ({}, "x" * len(csrf)),
            ({"Origin": "https://evil.example"}, csrf),
            ({"Origin": "null"}, csrf),
            ({"Sec-Fetch-Site": "cross-site"}, csrf),
            ({"Sec-Fetch-Site": "same-site"}, csrf),
        ):
            answer = await admin.http.post("/people/rename", data={**form, "csrf": token}, headers=headers)
            assert answer.status_code == 403, (headers, token)
        usernames = {one["username"] for one in await room.rig.daemon.ask("people")}
        assert "stolen" not in usernames
        # the control: the same form, from here
        same = {"Origin": room.url, "Sec-Fetch-Site": "same-origin"}
        await admin.http.post("/people/rename", data={**form, "csrf": csrf}, headers=same)
        assert "stolen" in {one["username"] for one in await room.rig.daemon.ask("people")}
        token = csrf_of((await admin.http.get("/account")).text, "csrf")
        assert token == csrf
        async with Clerk(room.url) as stranger:  # nobody is signed in behind their back either
            await stranger.get("/sign-in")
            answer = await stranger.http.post("/sign-in", data={"name": "admin", "password": PASSWORD, "token": "x"})
            assert answer.status_code == 403


async def test_a_viewer_sees_all_and_changes_nothing(tmp_path: Path) -> None:
    from clockd.web.pages.held import Repair

    async with office(tmp_path) as room, clerk(room, VIEWER) as viewer:
        room.rig.serial.raw(b"04DEADBEEF0001\r\n")
        (punch,) = await room.rig.daemon.recorded(1)
        for path in PAGES[:-2]:
            html = await viewer.text(path)
            assert "/assign" not in html, path
        posts = [f"/punches/{punch['id']}/{doing.value}" for doing in Repair]
        posts += [
            f"/people/{name}" for name in ("revoke", "rename", "erase", "import", "import/all", "enrol", "enrol/x/stop")
        ]
        before = await room.rig.daemon.ask("ledger.verify")
        for path in posts:
            answer = await viewer.post(path, username="user000", why="x", at="08:00", old="user000", new="y")
            assert answer.status_code == 403, path
        assert await room.rig.daemon.ask("ledger.verify") == before


async def test_an_employee_sees_their_own_hours_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room, EMPLOYEE) as employee:
        for n in (0, 1):
            await room.rig.daemon.ask("badges.add", uid=f"04AABBCC00000{n}", username=f"user00{n}", name="")
            room.rig.serial.raw(f"04AABBCC00000{n}\r\n".encode())
        await room.rig.daemon.recorded(2)
        for path in ("/", "/punches", "/people", "/log", "/health", "/hours.csv", "/people/badges.csv", "/now/live"):
            assert (await employee.get(path)).status_code == 403, path
        assert (await employee.get("/hours")).headers["location"] == "/hours/user000"
        assert (await employee.get("/hours/user000")).status_code == 200
        assert (await employee.get("/hours/user001")).status_code == 404
        assert (await employee.get("/hours/user001/table.csv")).status_code == 404
        assert "user001" not in await employee.text("/hours/user000")


async def test_only_our_own_names_are_answered(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        for host, status in (("evil.example", 421), ("evil.example:80", 421), ("", 421), ("localhost:1", 200)):
            answer = await admin.http.get("/account", headers={"Host": host})
            assert answer.status_code == status, host
        assert (await admin.http.get("/account", headers={"Host": "[::1]:8080"})).status_code == 200


async def test_no_path_leads_outside(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        secret = (Path(room.rig.daemon.config).read_text()).split("\n")[1]
        for path in (
            "/static/../running.py",
            "/static/%2e%2e/running.py",
            "/static/..%2f..%2frunning.py",
            "/static/....//running.py",
            "/static//etc/passwd",
            "/static/%2fetc%2fpasswd",
            "/punches/..%2f..%2fetc%2fpasswd",
            "/hours/..%2f..%2fclockd.toml",
            "/people/enrol/..%2f..",
        ):
            answer = await admin.http.get(path, follow_redirects=True)
            assert answer.status_code in (200, 404), (path, answer.status_code)
            assert "import asyncio" not in answer.text, path
            assert secret not in answer.text, path
        for wanted in (
            "//evil.example/",
            "https://evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "\t//evil",
        ):
            answer = await admin.http.get("/language/de", params={"next": wanted})
            assert answer.headers["location"] == "/", wanted
            answer = await admin.http.get("/sign-in", params={"next": wanted})
            assert answer.headers["location"] == "/", wanted


async def test_ten_megabytes_are_refused_and_the_page_goes_on(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin, Clerk(room.url) as stranger:
        csrf = csrf_of(await admin.text("/account"), "csrf")
        big = b"x" * 10_000_000

        async def pieces() -> AsyncIterator[bytes]:  # a body whose length nobody tells
            for _ in range(100):
                yield b"y" * 100_000

        for who, path in ((admin, "/people/import"), (stranger, "/sign-in")):
            for content in (big, pieces()):
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                try:
                    answer = await who.http.post(path, content=content, headers=headers)
                except httpx.TransportError:
                    continue  # it hung up on us, which is an answer as well
                assert answer.status_code == 413, (path, answer.status_code)
        files = {"file": ("badges.csv", big, "text/csv")}
        with contextlib.suppress(httpx.TransportError):
            assert (await admin.http.post("/people/import", data={"csrf": csrf}, files=files)).status_code == 413
        assert (await admin.get("/account")).status_code == 200
