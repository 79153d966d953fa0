"""A browser at the admin page: signing in, sending forms, and what axe says of a page."""

import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import axe_core_python

from tests.demo.browser import Page, chromium
from tests.e2e.looking import until
from tests.web.room import PASSWORD

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def goes(page: Page, act: str) -> None:
    """Do something that leads to another page, and wait until that one is there."""
    await page.eval("window.isOld = true")
    with contextlib.suppress(AssertionError):  # the page went away while it answered
        await page.eval(act)

    async def is_new() -> bool:
        with contextlib.suppress(AssertionError):
            return bool(await page.eval("!window.isOld && document.readyState === 'complete'"))
        return False

    await until(is_new)


async def shows(page: Page, *words: str) -> None:
    """Wait until the page, or one that it leads to by itself, says all of this."""

    async def look_at() -> bool:
        with contextlib.suppress(AssertionError):  # the page went away while it answered
            text = str(await page.eval("document.body.innerText"))
            return all(word in text for word in words)
        return False

    await until(look_at)


async def submit(page: Page, form: str, **fields: str) -> None:
    """Fill in a form and send it as its button does."""
    for name, value in fields.items():
        await page.eval(
            f"document.querySelector({json.dumps(f'{form} [name={json.dumps(name)}]')}).value = {json.dumps(value)}"
        )
    await goes(page, f"document.querySelector({json.dumps(f'{form} button')}).click()")


async def axe(page: Page) -> list[str]:
    """Return what is not accessible."""
    await page.send("Runtime.evaluate", expression=AXE.read_text())
    found: dict[str, Any] = await page.eval(f"axe.run(document, {json.dumps(RULES)})")
    return [
        f"{one['id']}: {one['help']} at {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


async def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    width: int = await page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@asynccontextmanager
async def signed_in(url: str, *, language: str = "en", width: int = 1280, scheme: str = "light") -> AsyncIterator[Page]:
    """Open a browser and sign in as admin."""
    async with chromium() as page:
        await look(page, width, scheme)
        await page.open(f"{url}/language/{language}?next=/sign-in")
        await submit(page, "form[action='/sign-in']", name="admin", password=PASSWORD)
        assert await page.eval("document.querySelector('nav') !== null"), await page.eval("document.body.innerText")
        yield page


async def look(page: Page, width: int, scheme: str) -> None:
    """Look at pages on a phone or a desk, by day or by night."""
    await page.size(width, 844 if width < 800 else 800, touch=width < 800, ratio=2 if width < 800 else 1)
    await page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")


async def switch(page: Page, url: str, language: str) -> None:
    """Choose a language."""
    await page.open(f"{url}/language/{language}?next=/account")
