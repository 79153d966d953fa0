"""From the order in which a name is written to the order in which it is drawn, from left to right.

Three things stand between the two: characters that are drawn as one (a letter and its accents), scripts that run from
right to left (Hebrew, Arabic), and Arabic letters, whose form depends on their neighbours. All of it follows from the
Unicode data in Python's standard library. What a panel shows is one short line without embedding levels, so a part of
the bidirectional algorithm is enough: runs of one direction, neutral characters go with what surrounds them.

A fourth is only begun here: vowels of Tamil and Javanese that stand left of the letter they are written after. Letters
that are put together (Devanagari, Javanese below the line) need a font that knows how: `clockd.panel.shaping`.
"""

import unicodedata
from functools import lru_cache
from itertools import groupby

_LAM = "\u0644"
_FORMS = ("isolated", "final", "initial", "medial")

LEFT_VOWELS = "\u0bc6\u0bc7\u0bc8\ua9ba\ua9bb"
"""Vowels that are drawn before the letter behind which they are written (Unicode: Indic_Positional_Category Left)."""
RIGHT_VOWELS = "\u0bbe\u0bd7\ua9b4"
"""Vowels that stand beside their letter, and do not touch it."""
_AROUND = "\u0bca\u0bcb\u0bcc"
"""Vowels of which one part is drawn before the letter and one behind it."""


def clusters(text: str) -> list[str]:
    """Take a text apart into what is drawn as one, from left to right.

    Line breaks and tabs become spaces; what cannot be seen (controls, variation selectors, surrogates) vanishes.
    """
    parts: list[str] = []
    for c in unicodedata.normalize("NFC", text):
        category = unicodedata.category(c)
        if c.isspace():
            parts.append(" ")
        elif (c in LEFT_VOWELS or c in _AROUND) and parts and parts[-1] != " ":
            both = unicodedata.normalize("NFD", c)
            parts[-1:] = [both[0], parts[-1], *both[1:]]
        elif category in ("Mn", "Me") and parts and parts[-1] != " ":
            if not "\ufe00" <= c <= "\ufe0f" and len(parts[-1]) < 4:
                parts[-1] += c
        elif category not in ("Cc", "Cf", "Cs"):
            parts.append(c)
    if any(_side(part) == "R" for part in parts):
        return _ordered(_joined(parts))
    return parts


def _ordered(parts: list[str]) -> list[str]:
    """Put runs into the order in which they are drawn."""
    sides = [_side(part) for part in parts]
    base = next(side for side in sides if side)
    for n, side in enumerate(sides):
        if not side:
            before = next((s for s in reversed(sides[:n]) if s), base)
            after = next((s for s in sides[n + 1 :] if s), base)
            sides[n] = before if before == after else base
    runs: list[list[str]] = []
    for side, run in groupby(zip(sides, parts, strict=True), key=lambda pair: pair[0]):
        drawn = [part for _, part in run]
        runs.append(drawn[::-1] if side == "R" else drawn)
    return [part for run in (runs[::-1] if base == "R" else runs) for part in run]


def _side(part: str) -> str:
    """R and L for characters with a direction of their own, and numbers; nothing for spaces and signs."""
    match unicodedata.bidirectional(part[0]):
        case "R" | "AL":
            return "R"
        case "L" | "EN" | "AN":
            return "L"
        case _:
            return ""


def _joined(parts: list[str]) -> list[str]:
    """Give Arabic letters the form that joins them to their neighbours."""
    parts = _with_ligatures(parts)
    drawn: list[str] = []
    for n, part in enumerate(parts):
        to_before = n > 0 and _reaches_on(parts[n - 1]) and _has(part, "final")
        to_after = n + 1 < len(parts) and _reaches_on(part) and _has(parts[n + 1], "final")
        form = _FORMS[to_before + 2 * to_after]
        drawn.append(_forms().get((part[0], form), part[0]) + part[1:])
    return drawn


def _with_ligatures(parts: list[str]) -> list[str]:
    """Put lam and a following alef together, as every Arabic script does."""
    drawn: list[str] = []
    for part in parts:
        ligature = _ligatures().get((drawn[-1][0] if drawn else "") + part[0])
        if ligature:
            drawn[-1] = ligature + drawn[-1][1:] + part[1:]
        else:
            drawn.append(part)
    return drawn


def _reaches_on(part: str) -> bool:
    return part[0] == "\u0640" or _has(part, "initial")


def _has(part: str, form: str) -> bool:
    return (part[0], form) in _forms() or part[0] == "\u0640"


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, str], str]:
    """The drawn form of each letter, by letter and form; a ligature is the letter of its isolated form."""
    found: dict[tuple[str, str], str] = {}
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE70, 0xFEFD)):
        form, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        text = "".join(chr(int(letter, 16)) for letter in letters.split())
        if len(text) == 1 or text in _ligatures():
            found[_ligatures().get(text, text), form.strip("<>")] = chr(code)
    return found


@lru_cache(maxsize=1)
def _ligatures() -> dict[str, str]:
    """Lam and alef as one letter, in its isolated form."""
    found = {}
    for code in range(0xFEF5, 0xFEFD, 2):
        letters = unicodedata.decomposition(chr(code)).split()[1:]
        found["".join(chr(int(letter, 16)) for letter in letters)] = chr(code)
    assert all(text.startswith(_LAM) for text in found)
    return found
