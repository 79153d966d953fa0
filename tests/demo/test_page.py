"""The page in a real browser, used as people use it: by mouse, keyboard and touch, with less motion, in the dark."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.demo.browser import CHROMIUM, Page, chromium
from tests.demo.stage import fake_options, playing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")

READY = "document.querySelectorAll('.badge').length === 6 && +document.querySelector('#oled').dataset.lit > 0"
HINT = "document.querySelector('#hint').innerText"
STATES = "[...document.querySelectorAll('#punches > [data-state]')].map((row) => row.dataset.state).join()"
IN = "[...document.querySelectorAll('#people > .in')].map((row) => row.dataset.username).sort().join()"
PULLED = "document.querySelector('#{}').getAttribute('aria-pressed') === 'false'"
DARK = "document.querySelector('#oled').dataset.lit === '0'"


@asynccontextmanager
async def opened(
    width: int = 1280, height: int = 800, *, touch: bool = False, motion: str = "no-preference", scheme: str = "light"
) -> AsyncIterator[Page]:
    async with playing(fake_options()) as url, chromium() as page:
        await page.size(width, height, touch=touch, ratio=2 if touch else 1)
        await page.media(prefers_color_scheme=scheme, prefers_reduced_motion=motion)
        await page.open(url)
        await page.until(READY)
        yield page
        assert page.errors == []


async def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    width: int = await page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


async def test_a_minute_with_the_mouse() -> None:
    async with opened() as page:
        await page.until(f"{HINT}.includes('Tap a badge')")
        await page.click(".slot:nth-child(1) .badge")
        await page.until(f"{STATES} === 'delivered' && {IN} === 'ada'")
        await page.until(f"{HINT}.includes('Now pull the network cable')")
        await page.click("#network")
        await page.until(f"{PULLED.format('network')} && {HINT}.includes('No network')")
        await page.click(".slot:nth-child(3) .badge")
        await page.until(f"{STATES} === 'waiting,delivered' && {HINT}.includes('not booked yet')")
        assert await page.eval(IN) == "ada"
        await page.click("#network")
        await page.until(f"{STATES} === 'delivered,delivered' && {IN} === 'ada,xiaolong'")
        await page.until(f"{HINT}.includes('All booked')")
        await page.click("#power")
        await page.until(f"{DARK} && {HINT}.includes('No power')")
        await page.click("#power")
        await page.until(f"{HINT}.includes('Still there') && !({DARK})")
        assert await page.eval(STATES) == "delivered,delivered"


async def test_everything_by_keyboard() -> None:
    async with opened(motion="reduce") as page:
        await page.key("2")
        await page.until(f"{STATES} === 'delivered'")
        await page.key("n")
        await page.until(PULLED.format("network"))
        await page.key("p")
        await page.until(f"{PULLED.format('power')} && {DARK}")
        await page.key("p")
        await page.until(f"!({DARK})")
        await page.key("n")
        await page.until(f"!({PULLED.format('network')})")
        await page.key("m")
        assert await page.eval("document.querySelector('#sound').getAttribute('aria-pressed')") == "false"
        await page.eval("document.querySelector('.slot:nth-child(5) .badge').focus()")
        await page.key("Enter")
        await page.until(f"{STATES} === 'delivered,delivered' && {IN} === 'juergen,lukasz'")
        for name in ("network", "power"):
            await page.eval(f"document.querySelector('#{name}').focus()")
            await page.key("Enter")
            await page.until(PULLED.format(name))


async def test_every_control_can_be_reached_by_tab() -> None:
    async with opened(motion="reduce") as page:
        seen = set()
        for _ in range(30):
            await page.key("Tab")
            seen.add(await page.eval("document.activeElement.id || document.activeElement.className"))
        assert {"network", "power", "sound", "start-over", "key in", "key info", "badge coral", "badge plain"} <= seen


async def test_a_badge_is_dragged_to_the_reader_and_is_one_tap() -> None:
    async with opened() as page:
        await page.drag(".slot:nth-child(4) .badge", await page.place("#reader"))
        await page.until(f"{STATES} === 'delivered' && {IN} === 'angeliki'")
        await page.drag(".slot:nth-child(6) .badge", await page.place("#network"))
        await page.key("1")
        await page.until(f"{IN} === 'ada,angeliki' && !{STATES}.includes('sending')")
        assert await page.eval(STATES) == "delivered,delivered", "a badge beside the reader is no tap"


async def test_a_plug_is_dragged_out_and_back_in() -> None:
    async with opened() as page:
        x, y = await page.place("#network .jack")
        await page.drag("#network .jack", (x - 60, y + 20))
        await page.until(PULLED.format("network"))
        await page.drag("#network .jack", (x + 34, y - 40))
        await page.until(f"!({PULLED.format('network')})")


async def test_nothing_is_wider_than_the_window() -> None:
    async with opened() as page:
        for width in (320, 390, 768, 1024, 1280, 1920):
            await page.size(width, 800, touch=width < 800)
            assert await overflow(page) == 0, width
        await page.eval("document.querySelector('.panel').style.width = '3000px'")
        assert await overflow(page) > 0, "the measure sees what is too wide"


async def test_on_a_phone_by_touch() -> None:
    async with opened(390, 844, touch=True) as page:
        await page.until(f"{HINT}.includes('touch one')")
        small = await page.eval(
            "[...document.querySelectorAll('button')].filter((b) => b.offsetWidth < 44 || b.offsetHeight < 44).length"
        )
        assert small == 0, "everything can be hit with a thumb"
        below = await page.eval("document.querySelector('#rack').getBoundingClientRect().bottom")
        assert below <= 844, "terminal, cables and badges are on one screen"
        await page.touch(".slot:nth-child(1) .badge")
        await page.until(f"{STATES} === 'delivered'")
        await page.touch("#network")
        await page.until(PULLED.format("network"))


async def test_the_display_is_drawn_pixel_for_pixel() -> None:
    async with opened() as page:
        sizes = await page.eval(
            "(() => { const c = document.querySelector('#oled'); const r = c.getBoundingClientRect();"
            "return [c.width / 128, c.height / 64, r.width * devicePixelRatio - c.width]; })()"
        )
        assert sizes == [3, 3, 0]


async def test_the_sound_waits_for_the_first_gesture() -> None:
    async with opened() as page:
        await page.eval(
            "(() => { window.tones = 0; const start = OscillatorNode.prototype.start;"
            "OscillatorNode.prototype.start = function (...when) { tones += 1; return start.apply(this, when); };"
            "})()"
        )
        await page.click(".slot:nth-child(1) .badge")
        await page.until("window.tones === 1")
        await page.click("#sound")
        await page.click(".slot:nth-child(2) .badge")
        await page.until(f"{STATES} === 'delivered,delivered'")
        assert await page.eval("window.tones") == 1, "muted"


async def test_screen_readers_hear_the_display() -> None:
    async with opened(scheme="dark") as page:
        await page.click(".slot:nth-child(6) .badge")
        await page.until("document.querySelector('#words').textContent.startsWith('Unknown badge')")
        assert await page.eval("document.querySelector('#words').getAttribute('aria-live')") == "polite"
        nameless = await page.eval(
            "[...document.querySelectorAll('button')]"
            ".filter((b) => !(b.getAttribute('aria-label') || b.innerText.trim())).length"
        )
        assert nameless == 0


async def test_a_demo_that_ended_says_so() -> None:
    async with chromium() as page:
        async with playing(fake_options()) as url:
            await page.open(url)
            await page.until(READY)
        await page.until(f"!document.querySelector('#lost').hidden && {DARK}")
