"""A bench with its admin page, and a clerk who uses it without a browser."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from clockd import config
from clockd.daemon.opening import open_core
from clockd.web.passwords import hash_password
from tests.e2e.looking import PATIENCE_S
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import toml
from tests.e2e.rig import Rig, bench
from tests.filled import Made, fill
from tests.watch.process import Page, watching

PASSWORD = "three words of a test"
VIEWER, EMPLOYEE = "works-council", "user000"


@dataclass
class Room:
    """A bench, and the page over it."""

    rig: Rig
    page: Page

    @property
    def url(self) -> str:
        """Of the page, without the slash at its end."""
        return self.page.url.rstrip("/")


@asynccontextmanager
async def office(
    folder: Path,
    *,
    people: int = 3,
    enrolled: int | None = None,
    past: Iterable[Made] = (),
    names: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
    **more: Any,
) -> AsyncIterator[Room]:
    """Set up a bench with its page, an admin, a viewer and an employee.

    Args:
        folder: a folder of its own.
        people: how many employees the tracker knows.
        enrolled: how many of them have badges; all when left out.
        past: what they punched before.
        names: what they are called.
        secrets: further credentials of the page.
        more: as for `bench`.
    """
    async with bench(folder / "bench", people=people, start=False, **more) as rig:
        rig.daemon.config.write_text(toml(rig.daemon.sections))
        async with open_core(config.load(rig.daemon.config), config.Secrets(None, {})) as core:
            await fill(core, past)
        rig.simulator.start()
        await rig.daemon.start()
        for n in range(people if enrolled is None else enrolled):
            name = names[n] if n < len(names) else f"Person {n}"
            await rig.daemon.ask("badges.add", uid=uid_of(n).hex, username=username_of(n), name=name, by="office")
        for name, role in ((VIEWER, "viewer"), (EMPLOYEE, "employee")):
            named = {"username": EMPLOYEE} if role == "employee" else {}
            await rig.daemon.ask("accounts.put", name=name, role=role, hash=hash_password(PASSWORD), new=True, **named)
        given = {"web-password": PASSWORD, **(secrets or {})}
        with watching(rig.daemon, folder / "page", given) as page:
            yield Room(rig, page)


class Clerk:
    """Somebody at a browser that has no scripts.

    Args:
        url: the page's.
        language: that the browser asks for.
        address: where they are, one of this machine's; None: the usual one.
    """

    def __init__(self, url: str, language: str = "en", address: str | None = None) -> None:
        headers = {"Accept-Language": language}
        way = httpx.AsyncHTTPTransport(local_address=address)
        self.http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE_S, transport=way)

    async def __aenter__(self) -> "Clerk":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def sign_in(self, name: str = "admin", password: str = PASSWORD) -> httpx.Response:
        """Fill in the form; return what came of it, without following."""
        token = csrf_of((await self.http.get("/sign-in")).text, "token")
        return await self.http.post("/sign-in", data={"name": name, "password": password, "token": token})

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def text(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form as the page has it, and look where it leads."""
        csrf = csrf_of(await self.text("/account"), "csrf")
        return await self.http.post(path, data={"csrf": csrf, **form}, follow_redirects=True)


def csrf_of(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found, html
    return found[1]


@asynccontextmanager
async def clerk(room: Room, name: str = "admin", language: str = "en") -> AsyncIterator[Clerk]:
    """Somebody who is signed in."""
    async with Clerk(room.url, language) as someone:
        answer = await someone.sign_in(name)
        assert answer.status_code == 303, answer.text
        yield someone
