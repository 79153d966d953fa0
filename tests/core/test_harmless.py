"""Texts of others: what moves a cursor, turns a line around or adds one is written out, and is in no name."""

import json
import unicodedata

import pytest

from clockd.core.harmless import LONGEST_NAME, harmless, harmless_json, said_by, why_no_name

ODD = {
    "colour": ("\x1b[31m", r"\x1b[31m"),
    "clipboard": ("\x1b]52;c;eA==\x07", r"\x1b]52;c;eA==\x07"),
    "eight bits": ("\x9b31m", r"\x9b31m"),
    "line": ("a\nb", r"a\x0ab"),
    "return": ("a\rb", r"a\x0db"),
    "separator": ("a\u2028b", r"a\u2028b"),
    "turned": ("\u202etxt", r"\u202etxt"),
    "isolated": ("\u2066x\u2069", r"\u2066x\u2069"),
    "tag": ("\U000e0041", r"\U000e0041"),
    "half": ("\ud800", r"\ud800"),
    "nothing": ("a\u200bb", r"a\u200bb"),
    "delete": ("\x7f", r"\x7f"),
}
FINE = ["Ada Lovelace", "Żółć Ñandú", "李雷", "علی‌رضا", "=1+1", "[bold]x[/]", "O’Brien", "a b", ""]


@pytest.mark.parametrize(("text", "shown"), ODD.values(), ids=ODD)
def test_what_is_odd(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert why_no_name(text)
    written = harmless_json(json.dumps({"a": text}, ensure_ascii=False, indent=2))
    assert json.loads(written) == {"a": text}
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in written if c != "\n")


@pytest.mark.parametrize("text", FINE)
def test_what_is_not(text: str) -> None:
    assert harmless(text) == text
    assert why_no_name(text) == ""


def test_a_name_has_an_end() -> None:
    assert why_no_name("x" * LONGEST_NAME) == ""
    assert "longer than" in why_no_name("x" * (LONGEST_NAME + 1))


@pytest.mark.parametrize(
    ("peer", "claimed", "said"),
    [
        ("anna", "anna", "anna"),
        ("anna", "", "anna"),
        ("root", "anna", "root (claims anna)"),
        ("bob", " root ", "bob (claims root)"),
        ("bob", "x\x1b[2J", r"bob (claims x\x1b[2J)"),
        ("bob", "x" * 999, f"bob (claims {'x' * LONGEST_NAME})"),
    ],
)
def test_who_it_was(peer: str, claimed: str, said: str) -> None:
    assert said_by(peer, claimed) == said
