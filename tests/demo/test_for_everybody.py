"""The page for everybody: contrast, small windows, two languages, colours of one's own, a reload."""

import json

import pytest

from tests.demo.browser import CHROMIUM, Page
from tests.demo.contrast import faults
from tests.demo.stage import visitor
from tests.demo.test_page import DARK, HINT, PULLED, READY, STATES, opened, overflow

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")

LANGUAGE = "document.documentElement.lang"


async def speak(page: Page, language: str) -> None:
    """Switch the page and the terminal to a language, and wait until the terminal is back."""
    if await page.eval(LANGUAGE) != language:
        await page.click("#language")
        await page.until(f"{LANGUAGE} === '{language}'")
        await page.until(DARK)  # it starts anew
    await page.until(f"{READY} && !{HINT}.includes('start')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read(scheme: str) -> None:
    """In both languages, in each part of the story, with a badge that is nobody's."""
    async with opened(motion="reduce", scheme=scheme) as page:
        for language, badges, later in (("en", "126", "3"), ("de", "4", "5")):
            await speak(page, language)
            for badge in badges:
                await page.key(badge)
            await page.until(f"{STATES}.includes('delivered')")
            assert await faults(page) == []
            await page.key("n")
            await page.until(PULLED.format("network"))
            await page.key(later)
            await page.until(f"{STATES}.includes('waiting')")
            assert await faults(page) == []
            await page.key("p")
            await page.until(DARK)
            assert await faults(page) == []
            await page.key("p")
            await page.until(f"!({DARK})")
            await page.key("n")
            await page.until(f"!({PULLED.format('network')}) && !{STATES}.includes('waiting')")


async def test_control_what_is_faint_is_seen() -> None:
    async with opened(motion="reduce") as page:
        await page.eval("document.querySelector('.tagline').style.color = '#888'")
        await page.eval("document.querySelector('.key').style.background = 'linear-gradient(#eee, #000)'")
        await page.eval("document.querySelector('.port-name').style.opacity = '0.5'")
        found = " ".join(await faults(page))
        assert [word in found for word in ("p.tagline", "button.key", "span.port-name")] == [True] * 3


@pytest.mark.parametrize(("width", "height"), [(1024, 700), (1280, 640), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("language", ["en", "de"])
async def test_badges_and_outbox_are_seen_at_once(width: int, height: int, language: str) -> None:
    async with opened(width, height, motion="reduce") as page:
        await speak(page, language)
        await page.key("1")
        await page.until(f"{STATES} === 'delivered'")
        bottoms = await page.eval(
            "['#rack', '#outbox'].map((part) => document.querySelector(part).getBoundingClientRect().bottom)"
        )
        assert max(bottoms) <= height
        assert await overflow(page) == 0
        assert await cut(page) == []


async def cut(page: Page) -> list[str]:
    """Names and words of buttons that do not fit into their place."""
    found: list[str] = await page.eval(
        "[...document.querySelectorAll('.key, .who, .port-name, .port-do, .kind, .tool')]"
        ".filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.innerText)"
    )
    return found


async def test_a_small_phone() -> None:
    async with opened(320, 640, touch=True, motion="reduce") as page:
        for language in ("en", "de"):
            await speak(page, language)
            assert await overflow(page) == 0
            assert await cut(page) == []
            right = await page.eval("document.querySelector('#sound').getBoundingClientRect().right")
            assert right <= 320
        assert await faults(page) == []


async def test_the_whole_page_speaks_one_language() -> None:
    """Each text that is not a name differs between the languages, and going back brings the first ones back."""
    seen = "[...document.querySelectorAll('[data-say], .key, .port-do, #hint, #booked')].map((e) => e.innerText)"
    async with opened(motion="reduce") as page:
        await page.until(f"{HINT}.includes('click one')")
        english = await page.eval(seen)
        await speak(page, "de")
        german = await page.eval(seen)
        same = {a for a, b in zip(english, german, strict=True) if a == b and a}
        assert same == {"Info"}
        assert "Badge hier vorhalten" in german
        await page.open(await page.eval("location.href"))
        await page.until(READY)
        assert await page.eval(LANGUAGE) == "de", "a reload keeps the language"
        await speak(page, "en")
        await page.until(
            f"JSON.stringify({seen}) === {json.dumps(json.dumps(english, ensure_ascii=False, separators=(',', ':')))}"
        )


async def test_a_reload_keeps_its_place_in_the_guide() -> None:
    async with opened(motion="reduce") as page:
        await page.key("1")
        await page.until(f"{STATES} === 'delivered' && {HINT}.includes('Now pull the network cable')")
        await page.key("n")
        await page.until(f"{HINT}.includes('No network')")
        await page.key("3")
        await page.until(f"{HINT}.includes('not booked yet')")
        step = "[...document.querySelectorAll('#steps li')].findIndex((step) => step.getAttribute('aria-current'))"
        before = await page.eval(f"[{step}, {HINT}]")
        await page.open(await page.eval("location.href"))
        await page.until(f"{READY} && {STATES} === 'waiting,delivered'")
        await page.until(f"{step} === {before[0]} && {HINT} === {json.dumps(before[1])}")
        await page.key("n")
        await page.until(f"{HINT}.includes('All booked')")
        await page.click("#start-over")
        await page.until(f"{HINT}.includes('Tap a badge')")
        await page.open(await page.eval("location.href"))
        await page.until(f"{READY} && {HINT}.includes('Tap a badge')")


GUIDE = """(async (taps) => {
    const { Guide } = await import("/static/guide.js");
    const guide = new Guide(document.createElement("ol"), document.createElement("p"));
    if (taps) guide.tapped();
    guide.tell({ punches: 1, alive: true });
    return guide.step;
})"""


async def test_a_tap_before_the_first_look_at_the_outbox_counts() -> None:
    """The outbox is seen for the first time with the visitor's own punch in it; one of another visit counts nothing."""
    async with opened(motion="reduce") as page:
        assert await page.eval(f"{GUIDE}(true)") == 1
        assert await page.eval(f"{GUIDE}(false)") == 0


async def test_a_cut_shorter_than_a_look_does_not_leave_the_page_waiting() -> None:
    async with opened(motion="reduce") as page, visitor(await page.eval("location.href")) as guest:
        for _ in range(3):
            await page.until(f"{HINT}.includes('Tap a badge')")
            await guest.do("power", plugged=False)
            await guest.do("power", plugged=True)
            await guest.until(lambda news: not news["daemon"]["answers"])
            await guest.until(lambda news: news["daemon"].get("ready"))


async def test_colours_of_ones_own() -> None:
    """With forced colours every button has an edge, and what is on, current or booked differs by more than colour."""
    edges = (
        "[...document.querySelectorAll('button, .reader, .glass')].filter((e) => e.checkVisibility()"
        " && parseFloat(getComputedStyle(e).borderTopWidth) < 1 && !e.classList.contains('port'))"
        ".map((e) => e.id || e.className)"
    )
    async with opened(motion="reduce") as page:
        await page.media(forced_colors="active", prefers_reduced_motion="reduce")
        assert await page.eval("matchMedia('(forced-colors: active)').matches")
        assert await page.eval(edges) == []
        await page.key("1")
        await page.until(f"{STATES} === 'delivered'")
        line = "getComputedStyle(document.querySelector('#steps [aria-current]')).textDecorationLine"
        assert await page.eval(line) == "underline"
        assert await overflow(page) == 0
