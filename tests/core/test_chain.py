"""A chain of both forms whose bodies were discarded in part: it holds, and no change of it goes unnoticed."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from clockd.cli import inspection_file
from clockd.cli.inspection_file import what_is_wrong
from clockd.core import chain, inspection
from clockd.core.chain import (
    GENESIS,
    Because,
    Head,
    RawRow,
    Walk,
    body_digest,
    link,
    link_digest,
    places_of,
    places_text,
)
from clockd.core.json import Json
from clockd.store import signing
from tests.core.test_inspection import AT, HOUR_US, _a_file, _in_a_byte, _in_lines, punch

Rows = list[list[Any]]


class Book:
    """A ledger that is written in both forms, and loses bodies."""

    def __init__(self) -> None:
        self.rows: Rows = []

    def add(self, what: str, about: int | None, body: Mapping[str, object], *, old: bool = False) -> int:
        seq, previous = len(self.rows) + 1, str(self.rows[-1][-1]) if self.rows else GENESIS
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        wall_us = round(AT.timestamp() * 1e6) + seq * HOUR_US
        fields = [seq, what, about or seq, wall_us, seq * HOUR_US, 1, 1, text]
        if old:
            self.rows.append([*fields, link(previous, fields)])
        else:
            salt = f"{seq:032x}"
            digest = body_digest(salt, text)
            self.rows.append([*fields, salt, digest, link_digest(previous, fields, digest)])
        return seq

    def seal(self) -> int:
        walk = Walk()
        assert not any(walk.take(row) for row in self.rows)
        assert walk.sealed is not None
        return self.add("seal", None, {**asdict(walk.sealed), "by": "clockd"})

    def discard(self, *seqs: int, because: str = "retention") -> int:
        for seq in seqs:
            self.rows[seq - 1][7] = ""
            if len(self.rows[seq - 1]) == chain.COLUMNS:
                self.rows[seq - 1][8] = None
        return self.add("discard", None, {"places": places_text(seqs), "because": because, "by": "clockd", "why": ""})


def book(discards: int = 2) -> Book:
    """Six rows of an older clockd, eight of now, two of the older one once more, and then bodies that went."""
    made = Book()
    for n in range(6):
        made.add("punch", None, punch("ada", "out" if n % 2 else "in"), old=True)
    for n in range(6):
        made.add("punch", None, punch("bob", "out" if n % 2 else "in"))
    made.add("amend", 8, {"by": "olga", "why": "late", "at_us": 5})
    made.add("void", 9, {"by": "olga", "why": "not here"})
    if discards:
        made.seal()
        made.discard(1, 2, 7, 8, 13)
    for _ in range(2):
        made.add("punch", None, punch("eve", "in"), old=True)
    if discards > 1:
        made.seal()
        made.discard(3, 17, 10, because="erasure")
    made.add("punch", None, punch("zoe", "in"))
    return made


def wrong(rows: Sequence[RawRow]) -> str | None:
    return chain.walk(rows, [Head(len(rows), str(rows[-1][-1]))])[1]


def test_it_holds_and_says_what_went() -> None:
    rows = book().rows
    found = chain.follow(rows)
    assert (found.wrong, found.head) == (None, Head(len(rows), rows[-1][-1]))
    assert found.discarded == {Because.RETENTION: 5, Because.ERASURE: 3}
    assert chain.follow(book(0).rows).discarded == {}


def test_a_discard_changes_no_hash_so_anchors_of_before_hold() -> None:
    before = book(0).rows
    anchors = [Head(n, row[-1]) for n, row in enumerate(before[:14], 1)]
    assert chain.walk(book().rows, anchors)[1] is None


def test_the_tables_say_what_was_discarded() -> None:
    found = inspection.files(book().rows, 50_400.0, AT)
    lines = found["punches.csv"].splitlines()[1:]
    assert [line.split(",")[7] for line in lines] == [
        *("discarded",) * 3, *("yes",) * 3, "discarded", "discarded", "void", "discarded", "yes", "yes",
        "discarded", "yes", "yes",
    ]  # fmt: skip
    assert "ada" not in lines[0]
    assert lines[0].startswith("1,,,2026-11-20 08:00:00,"), "when there was a punch is a part of the chain"
    assert [line.rpartition(",")[2] for line in found["corrections.csv"].splitlines() if ",amend," in line] == [
        "discarded"
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b.rows[3].__setitem__(7, ""), "row 4 has no body any more, and no row says that it was discarded"),
        (lambda b: b.rows[10].__setitem__(7, ""), "row 11 is not what was written"),
        (lambda b: b.rows[10].__setitem__(slice(7, 9), ["", None]), "row 11 has no body any more"),
        (lambda b: b.rows[11].__setitem__(8, "0" * 32), "row 12 is not what was written"),
        (lambda b: b.rows[0].__setitem__(3, 5), "seals other rows than there are"),
        (lambda b: b.rows[1].__setitem__(2, 9), "seals other rows than there are"),
        (lambda b: b.rows[6].__setitem__(3, 5), "row 7 is not what was written"),
        (lambda b: b.rows[6].__setitem__(9, "0" * 64), "row 7 is not what was written"),
        (lambda b: b.rows[15].__setitem__(slice(7, 9), ["", None]), "row 16 is not what was written"),
        (lambda b: b.add("discard", None, {"places": "1", "because": "retention"}), "says that row 1 was discarded"),
        (lambda b: b.add("discard", None, {"places": "5", "because": "retention"}), "says that row 5 was discarded"),
        (lambda b: b.add("discard", None, {"places": "5", "because": "whim"}), "does not say what was discarded"),
        (lambda b: b.add("discard", None, {"places": "99", "because": "erasure"}), "does not say what was discarded"),
        (lambda b: b.add("discard", None, {"places": "6-5", "because": "erasure"}), "does not say what was discarded"),
        (lambda b: b.add("seal", None, {"rows": 18, "hash": "x", "facts": "y"}), "seals other rows than there are"),
        (lambda b: b.add("seal", None, {}), "seals other rows than there are"),
    ],
)  # fmt: skip
def test_what_is_no_discard_is_named(change: Callable[[Book], object], said: str) -> None:
    made = book()
    change(made)
    assert said in str(chain.walk(made.rows)[1])


def test_rows_of_an_older_clockd_lose_no_body_below_no_seal() -> None:
    made = book(1)
    made.discard(17)
    assert "row 20 discards row 17, which no seal covers" in str(chain.walk(made.rows)[1])


def test_a_row_of_now_is_never_taken_for_one_of_before() -> None:
    """Its digest in the place of its body, and neither salt nor digest, would be another row with the same hash."""
    made = book()
    *fields, _, digest, hash_ = made.rows[10]
    made.rows[10] = [*fields[:-1], digest, hash_]
    assert "row 11 is not what was written" in str(chain.walk(made.rows)[1])


def test_a_letter_does_not_move_from_the_body_to_the_salt() -> None:
    made = book()
    body, salt = made.rows[10][7:9]
    made.rows[10][7:9] = [body[1:], salt + body[0]]
    assert chain.walk(made.rows)[1] is not None


def _field(rows: Rows, dice: random.Random) -> None:
    row = dice.choice(rows)
    column = dice.randrange(len(row))
    value = row[column]
    row[column] = value + dice.choice([-1, 1]) if isinstance(value, int) else dice.choice([f"{value or ''} ", "", None])


def _empty(rows: Rows, dice: random.Random) -> None:
    row = dice.choice(rows)
    row[7:-1] = ["", None, row[9]] if len(row) == chain.COLUMNS else [""]


def _whole(rows: Rows, dice: random.Random) -> None:
    place, other = dice.randrange(len(rows)), dice.randrange(len(rows))
    match dice.choice(["delete", "swap", "insert", "old", "new"]):
        case "delete":
            del rows[place]
        case "swap":
            rows[place], rows[other] = rows[other], rows[place]
        case "insert":
            rows.insert(place, list(rows[other]))
        case "old":
            rows[place] = [*rows[place][:8], rows[place][-1]]
        case _:
            rows[place] = [*rows[place][:8], dice.choice([None, "0" * 32]), "0" * 64, rows[place][-1]]


def _forged(rows: Rows, dice: random.Random) -> None:
    """Another text in a row that tells of discards or seals, with its digest made anew."""
    row = dice.choice([row for row in rows if row[1] in ("discard", "seal")])
    body = json.loads(row[7] or "{}")
    key = dice.choice(["places", "because", "why", "rows", "facts"])
    body[key] = dice.choice(["1", "4", "1-4", "11", "erasure", 6, 18])
    row[7] = json.dumps(body, sort_keys=True, separators=(",", ":"))
    row[9] = body_digest(str(row[8]), row[7])
    if dice.random() < 0.5:
        row[10] = link_digest(str(rows[row[0] - 2][-1]), row[:8], row[9])


MUTATIONS: Sequence[Callable[[Rows, random.Random], None]] = (_field, _field, _empty, _whole, _forged)


def test_ten_thousand_mutations_are_each_found() -> None:
    dice = random.Random(20)
    whole = book().rows
    assert wrong(whole) is None, "the control"
    last = Head(len(whole), whole[-1][-1])
    for n in range(10_000):
        rows = [list(row) for row in whole]
        while rows == whole:
            dice.choice(MUTATIONS)(rows, dice)
        assert chain.walk(rows, [last])[1] is not None, (n, rows)


@pytest.mark.parametrize(
    ("seqs", "text"), [([1], "1"), ([3, 1, 2], "1-3"), ([5, 1, 2, 9, 10], "1-2,5,9-10"), ([7, 5], "5,7")]
)
def test_places_are_written_in_one_way(seqs: list[int], text: str) -> None:
    assert places_text(seqs) == text
    assert list(places_of(text, 99)) == sorted(seqs)


@pytest.mark.parametrize("text", ["", "x", "2,1", "1,1", "1-1", "3-2", "01", "1-99", "0", "-1", "1,", " 1", "1-2-3"])
def test_other_ways_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        list(places_of(text, 50))


def archive_of_now(folder: Path, rows: Rows) -> dict[str, bytes]:
    """An archive as this clockd writes it."""
    said: dict[str, Json] = {
        "form": 2, "terminal": "front-door", "tag": 7, "zone": "Europe/Vienna", "max_shift_s": 50_400.0,
        "at": "2026-11-30T12:00:00.000Z", "rows": len(rows), "hash": str(rows[-1][-1]),
    }  # fmt: skip
    signature = signing.sign(folder, chain.signed_text(said))
    inspection_file.write(folder / "x.zip", {**said, "key": signature.public, "signature": signature.value}, rows)
    return inspection_file.read(folder / "x.zip")


def test_an_archive_with_discarded_bodies_is_checked(tmp_path: Path) -> None:
    members = archive_of_now(tmp_path, book().rows)
    assert what_is_wrong(members, None, ()) is None
    assert inspection_file.discarded_in(members) == {"erasure": 3, "retention": 5}
    assert "What was discarded" in members["README.txt"].decode()
    head = json.loads(members["head.json"])
    forms: list[Json] = [None, 1, 3, [2]]
    for form in forms:
        other = {**members, "head.json": inspection_file._shown({**head, "form": form}).encode()}
        assert what_is_wrong(other, None, ()) is not None
    without = {name: value for name, value in head.items() if name != "form"}
    assert what_is_wrong({**members, "head.json": inspection_file._shown(without).encode()}, None, ()) is not None


def test_mutations_of_such_an_archive_are_each_found(tmp_path: Path) -> None:
    whole, dice = archive_of_now(tmp_path, book().rows), random.Random(21)
    for n in range(1_000):
        members = dict(whole)
        while members == whole:
            dice.choice((_in_a_byte, _in_lines, _a_file))(members, dice)
        assert what_is_wrong(members, None, ()) is not None, n
