"""A part of the ledger: all of what was asked for, nothing of anybody else, and no change of it goes unnoticed."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clockd.cli import inspection_file
from clockd.cli.inspection_file import HEAD, LEDGER, what_is_wrong
from clockd.core.chain import Head, RawRow, signed_text
from clockd.core.extract import ExtractChoice, digest_of, extracted
from clockd.core.json import Json
from clockd.store import signing
from tests.core.test_inspection import MUTATIONS, ROWS, archive

VIENNA = ZoneInfo("Europe/Vienna")
ADA = ExtractChoice("ada", None, None)


@pytest.mark.parametrize(
    ("username", "first", "last", "wanted"),
    [
        (None, None, None, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("ada", None, None, [1, 2, 3, 4, 5]),
        ("robert", None, None, [6, 7, 8, 11]),  # under the name that he had before, and with the renaming
        ("bob", None, None, [6, 7, 8]),  # who was renamed since is asked for by the new name
        ("李小龙", None, None, [9, 10]),
        ("nobody", None, None, []),
        (None, 20, 20, [1, 2, 3, 4, 5, 11]),
        (None, 21, None, [6, 7, 8, 9, 10, 11]),
        ("robert", 20, 20, [11]),
        ("ada", None, 19, []),
    ],
)
def test_each_part_is_all_of_it_and_nothing_else(
    username: str | None, first: int | None, last: int | None, wanted: list[int]
) -> None:
    days = [None if day is None else date(2026, 11, day) for day in (first, last)]
    found = extracted(ExtractChoice(username, *days), VIENNA, lambda: ROWS)
    assert [row[0] for row in found] == wanted


def test_a_damaged_time_is_of_no_day_and_ends_no_export() -> None:
    rows = [list(row) for row in ROWS]
    rows[0][3] = 10**30
    assert [row[0] for row in extracted(ADA, VIENNA, lambda: rows)] == [1, 2, 3, 4, 5]
    of_a_day = ExtractChoice("ada", date(2026, 11, 20), None)
    assert [row[0] for row in extracted(of_a_day, VIENNA, lambda: rows)] == [2, 3, 4, 5]


def part_of(folder: Path, choice: ExtractChoice = ADA) -> dict[str, bytes]:
    """What an archive of a part holds, signed by the key in the folder."""
    rows = extracted(choice, VIENNA, lambda: ROWS)
    said: dict[str, Json] = {
        **{name: value for name, value in _head(folder).items() if name not in ("key", "signature")},
        "username": choice.username,
        "first": None,
        "last": None,
        "chosen": len(rows),
        "digest": digest_of(rows),
    }
    return written(folder, said, rows)


def written(folder: Path, said: dict[str, Json], rows: Sequence[RawRow]) -> dict[str, bytes]:
    signature = signing.sign(folder, signed_text(said))
    file = folder / "part.zip"
    inspection_file.write(file, {**said, "key": signature.public, "signature": signature.value}, rows)
    return inspection_file.read(file)


def _head(folder: Path) -> dict[str, Json]:
    return inspection_file.head_of(archive(folder))


def test_a_part_is_checked_without_the_rest(tmp_path: Path) -> None:
    members = part_of(tmp_path)
    assert "bob" not in "".join(text.decode() for text in members.values())
    key = str(_head(tmp_path)["key"])
    of_it, end, elsewhere = Head(4, str(ROWS[3][-1])), Head(11, str(ROWS[-1][-1])), Head(8, str(ROWS[7][-1]))
    assert what_is_wrong(members, key, (of_it, end)) is None
    assert "whole export shows it" in str(what_is_wrong(members, key, (elsewhere,)))
    for anchor in (of_it, end):
        assert "was rewritten" in str(what_is_wrong(members, key, (replace(anchor, hash="0" * 64),)))


def test_no_change_of_a_part_goes_unnoticed(tmp_path: Path) -> None:
    whole = part_of(tmp_path)
    for seed in range(120):
        dice, members = random.Random(seed), dict(whole)
        dice.choice(MUTATIONS)(members, dice)
        assert members == whole or what_is_wrong(members, None, ()) is not None, seed


def test_a_row_less_is_no_part_that_was_signed(tmp_path: Path) -> None:
    """Its tables are made anew, and its hashes are right: the digest tells it."""
    head = inspection_file.head_of(part_of(tmp_path))
    rows = extracted(ADA, VIENNA, lambda: ROWS)[:-1]
    file = tmp_path / "less.zip"
    inspection_file.write(file, head, rows)
    assert what_is_wrong(inspection_file.read(file), None, ()) == f"{LEDGER} is not the part that was signed"
    other = tmp_path / "other"
    other.mkdir()
    said = {name: value for name, value in head.items() if name not in ("key", "signature")}
    forged = written(other, {**said, "chosen": len(rows), "digest": digest_of(rows)}, rows)
    assert what_is_wrong(forged, None, ()) is None, "the control: whoever signs it anew is believed without --key"
    assert "signed by another key" in str(what_is_wrong(forged, str(head["key"]), ()))
    assert HEAD in forged
