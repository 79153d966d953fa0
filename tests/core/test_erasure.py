"""What is looked for when somebody is erased, whose rows are whose, and what has to be done first."""

import json
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from clockd.core.chain import RESTORED, RawRow
from clockd.core.erasure import (
    LAWS,
    Hindrance,
    Mentions,
    Trace,
    Whereabouts,
    hindrances,
    is_about_them,
    reason_names_them,
    spellings,
)


def row(what: str, body: Mapping[str, object] | None, about: int = 5) -> RawRow:
    return [5, what, about, 0, 0, 1, 1, "" if body is None else json.dumps(body, ensure_ascii=False), "hash"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", True), ("ADA", True), ("of ada.", True), ("root (claims ada)", True), ("bob,ada", True),
        ("Canada", False), ("ada1", False), ("adam", False), ("", False), ("Žoë Ångström", True),
        ("ŽOË A\u030angstro\u0308m", True), ("x.y@example.com", True), ("x-y@example.com", False),
        ("ada.lovelace", False), ("x.ada", False), ("ada-x", False),
        ("ada@example.com", False), ("It was ada. Bob too.", True), ("...ada", True), ("a-ada", False),
    ],
)  # fmt: skip
def test_a_name_is_found_as_a_word(text: str, *, found: bool) -> None:
    assert Mentions(["ada", "Žoë Ångström", "x.y@example.com", " "]).are_in(text) is found
    assert not Mentions([]).are_in(text)


@pytest.mark.parametrize("name", ["ada.l", "Žoë Ångström", "李小龙", "a&b <c>", 'x"y', "müller@example.com"])
def test_it_is_sought_however_it_may_be_written(name: str) -> None:
    sought = spellings([name])
    for written in (name, name.upper(), json.dumps(name)[1:-1], json.dumps(name.upper())[1:-1], quote(name)):
        for way in ("utf-8", "utf-16-le", "utf-16-be"):
            text = (b"\x00x" + written.encode(way) + b"x").lower()
            assert any(spelling in text for spelling in sought), (written, way)
    assert not any(spelling in b"nothing of it" for spelling in sought)


def test_what_is_too_short_is_not_sought() -> None:
    """Everything holds it; in the rows it is found as a word."""
    assert spellings(["x"]) == frozenset()


@pytest.mark.parametrize(
    ("what", "body", "about", "theirs"),
    [
        ("badge", {"username": "ada", "by": "olga"}, 5, True),
        ("badge", {"username": "bob", "from": "ada"}, 5, True),
        ("rename", {"old": "ada", "new": "eve"}, 5, True),
        ("propose", {"way": "rename", "owners": "bob, ada"}, 5, True),
        ("note", {"text": "Ada was here"}, 5, True),
        ("badge", {"username": "bob", "by": "root (claims ada)"}, 5, False),  # who gave it is of the other's record
        ("account", {"name": "boss", "role": "ada"}, 5, False),
        ("amend", {"username": "ada"}, 3, False),  # of a punch that is not theirs any more
        ("punch", {"username": "ada"}, 5, False),  # the punch says itself whose it is: by the outbox
        ("note", {"text": f"{RESTORED} 7 of ada"}, 5, False),
        ("discard", {"why": "ada"}, 5, False),
        ("badge", None, 5, False),
        ("badge", {"username": "adam"}, 5, False),
        ("badge", {"username": "ada.lovelace"}, 5, False),
        ("propose", {"owners": "bob, ada.lovelace"}, 5, False),
        ("account", {"name": "Ada Lovelace"}, 5, False),  # what somebody is called is nobody's account
        ("account", {"name": "ADA"}, 5, False),  # another username
        ("account", {"name": "ada"}, 5, True),
        ("badge", {"username": 7}, 5, False),
    ],
)
def test_a_row_is_about_them(what: str, body: Mapping[str, object] | None, about: int, *, theirs: bool) -> None:
    assert is_about_them(row(what, body, about), ["ada", "x"], Mentions(["ada", "x", "Ada Lovelace"])) is theirs


def test_a_damaged_row_is_about_nobody() -> None:
    for text in ("rot", "[1]", "[" * 100_000):
        assert not is_about_them([5, "badge", 5, 0, 0, 1, 1, text, "hash"], ["rot"], Mentions(["rot"]))


def test_all_usernames_that_they_had_are_theirs() -> None:
    names = [("a", "b"), ("x", "y"), ("b", "c"), ("d", "c")]
    rows = [row("rename", {"old": old, "new": new}) for old, new in names]

    def of(username: str, *taken: str) -> list[str]:
        trace = Trace(username, taken)
        trace.learn([row("punch", {}), *rows])
        return trace.usernames()

    assert of("c") == ["c", "d", "b", "a"]
    assert of("c", "b") == ["c", "d"], "somebody else is called so now"
    assert of("b") == ["b", "a"]
    assert of("z") == ["z"]


def test_what_comes_first_is_named_first() -> None:
    assert hindrances(Whereabouts()) == []
    assert hindrances(Whereabouts(1, 1, True, 1, 1)) == [
        Hindrance.UNFINISHED, Hindrance.CORRECTION, Hindrance.PRESENT, Hindrance.BADGE, Hindrance.ACCOUNT,
    ]  # fmt: skip
    assert hindrances(Whereabouts(badges=2)) == [Hindrance.BADGE]


def test_neither_reason_nor_author_may_name_them() -> None:
    assert reason_names_them(("olga", "Ada left"), ["ada"])
    assert reason_names_them(("ada", "left"), ["ada"])
    assert not reason_names_them(("olga", "left for Canada"), ["ada"])


def test_the_laws_have_their_paragraphs() -> None:
    assert {law.country for law in LAWS} == {"DE", "AT", "ES"}
    assert all("§" in law.law or "art." in law.law for law in LAWS)
