"""What an archive for an inspection says, and that no change of it goes unnoticed."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.cli import inspection_file
from clockd.cli.inspection_file import HEAD, LEDGER, what_is_wrong
from clockd.config import Secret
from clockd.core import chain, inspection
from clockd.core.chain import GENESIS, Head, RawRow, link, signed_text
from clockd.core.extract import extract_line
from clockd.core.harmless import FORMULA
from clockd.core.json import Json
from clockd.core.notices import NoticeLaw
from clockd.errors import ConfigError
from clockd.store import signing

AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
VIENNA_S = 3600
HOUR_US = 3_600_000_000


def chained(rows: Sequence[tuple[str, int | None, float, dict[str, object]]]) -> list[RawRow]:
    """Rows of a ledger: (what, punch or None, hours after 7:00 UTC, body)."""
    found, previous = list[RawRow](), GENESIS
    for seq, (what, about, hours, body) in enumerate(rows, 1):
        text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        wall_us = round(AT.timestamp() * 1e6) + round(hours * HOUR_US)
        fields = [seq, what, about or seq, wall_us, round(hours * HOUR_US), 1, 1, text]
        previous = link(previous, fields)
        found.append([*fields, previous])
    return found


def punch(username: str | None, kind: str | None, **more: object) -> dict[str, object]:
    of_door: dict[str, object] = {"terminal": "front-door", "reader": "pcsc", "offset_s": VIENNA_S}
    return {"username": username, "kind": kind, "client": None, "project": None, **of_door, **more}


ROWS = chained(
    [
        ("punch", None, 0, punch("ada", "in")),
        ("punch", None, 4, punch("ada", "break")),
        ("punch", None, 4.5, punch("ada", "resume")),
        ("punch", None, 9, punch("ada", "out")),
        ("amend", 4, 10, {"at_us": round((AT + timedelta(hours=8.5)).timestamp() * 1e6), "by": "olga", "why": "=1+1"}),
        ("punch", None, 24, punch(None, None)),
        ("assign", 6, 25, {"username": "bob", "kind": "in", "by": "olga"}),
        ("punch", None, 30, punch("bob", "out")),
        ("punch", None, 31, punch("李小龙", "in")),
        ("void", 9, 32, {"by": "olga", "why": "not here"}),
        ("rename", None, 33, {"old": "bob", "new": "robert", "by": "olga"}),
    ]
)


def archive(folder: Path, rows: Sequence[RawRow] = ROWS) -> dict[str, bytes]:
    """What an archive of these rows holds, signed by the key in the folder."""
    said: dict[str, Json] = {
        "terminal": "front-door",
        "tag": 7,
        "zone": "Europe/Vienna",
        "max_shift_s": 50_400.0,
        "at": "2026-11-30T12:00:00.000Z",
        "rows": len(rows),
        "hash": str(rows[-1][-1]),
    }
    signature = signing.sign(folder, signed_text(said))
    file = folder / "inspection.zip"
    inspection_file.write(file, {**said, "key": signature.public, "signature": signature.value}, rows)
    return inspection_file.read(file)


def test_the_tables_say_what_counts_and_what_was_recorded() -> None:
    found = inspection.files(ROWS, 50_400.0, AT + timedelta(days=10))
    assert found["days.csv"].splitlines() == [
        "username,day,worked_s,break_s,from_local,to_local",
        "ada,2026-11-20,28800,1800,2026-11-20 08:00:00,2026-11-20 16:30:00",
        "robert,2026-11-21,21600,0,2026-11-21 08:00:00,2026-11-21 14:00:00",
    ]
    assert found["months.csv"].splitlines()[1:] == ["ada,2026-11,28800,1800", "robert,2026-11,21600,0"]
    lines = found["punches.csv"].splitlines()
    assert lines[4] == (
        "4,ada,out,2026-11-20 16:30:00,2026-11-20T15:30:00.000Z,3600,yes,yes,,1,ada,out,2026-11-20T16:00:00.000Z,"
        "front-door,pcsc"
    )
    assert lines[5].startswith("6,robert,in,2026-11-21 08:00:00,2026-11-21T07:00:00.000Z,3600,yes,yes,,1,,,")
    assert ",void,,1,李小龙,in," in lines[7]
    assert [line.split(",")[2] for line in found["corrections.csv"].splitlines()[1:]] == [
        "amend", "assign", "void", "rename",
    ]  # fmt: skip
    assert ",olga,'=1+1," in found["corrections.csv"]


def test_an_archive_is_checked_without_a_database(tmp_path: Path) -> None:
    members = archive(tmp_path)
    head = inspection_file.head_of(members)
    assert what_is_wrong(members, None, ()) is None
    assert what_is_wrong(members, str(head["key"]), (Head(4, str(ROWS[3][-1])), Head(11, str(ROWS[-1][-1])))) is None
    assert (tmp_path / signing.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert archive(tmp_path) == members, "the key stays, and the same rows are the same bytes"
    other = tmp_path / "other"
    other.mkdir()
    assert "signed by another key" in str(what_is_wrong(archive(other), str(head["key"]), ()))


def test_a_key_that_was_given_signs_instead_and_makes_no_file(tmp_path: Path) -> None:
    first, again = (signing.sign(tmp_path, message, Secret("7f" * 32)) for message in (b"one", b"one"))
    assert first == again
    assert not list(tmp_path.iterdir())
    assert signing.is_signed(first, b"one")
    assert not signing.is_signed(first, b"two"), "the control"
    assert signing.sign(tmp_path, b"one").public != first.public
    for odd in ("x", "7f" * 31, "7f" * 33, "zz" * 32):
        with pytest.raises(ConfigError, match="credential ledger-key: is no key") as caught:
            signing.sign(tmp_path, b"one", Secret(odd))
        assert odd not in str(caught.value.__cause__)


Mutation = Callable[[dict[str, bytes], random.Random], None]


def _in_a_byte(members: dict[str, bytes], dice: random.Random) -> None:
    name = dice.choice([*members])
    text = bytearray(members[name])
    text[dice.randrange(len(text))] ^= 1 << dice.randrange(8)
    members[name] = bytes(text)


def _in_lines(members: dict[str, bytes], dice: random.Random) -> None:
    name = dice.choice([name for name in members if name != "README.txt"])
    lines = members[name].splitlines(keepends=True)
    place = dice.randrange(len(lines))
    match dice.choice(["delete", "double", "swap", "cut", "end"]):
        case "delete":
            del lines[place]
        case "double":
            lines.insert(place, lines[place])
        case "swap":
            other = dice.choice([n for n in range(len(lines)) if lines[n] != lines[place]])
            lines[place], lines[other] = lines[other], lines[place]
        case "cut":
            lines = lines[:place]
        case _:
            lines[-1] = lines[-1][: dice.randrange(len(lines[-1]))]
    members[name] = b"".join(lines)


def _a_file(members: dict[str, bytes], dice: random.Random) -> None:
    if dice.random() < 0.5:
        del members[dice.choice([*members])]
    else:
        members[f"more-{dice.randrange(99)}.csv"] = b""


def _a_rewritten_chain(members: dict[str, bytes], dice: random.Random) -> None:
    """Another time, with every hash after it and all tables made anew; the signature is the old one."""
    rows = [json.loads(line) for line in members[LEDGER].decode().splitlines()]
    place = dice.randrange(len(rows))
    rows[place][3] += dice.randrange(1, HOUR_US)
    previous = GENESIS if place == 0 else rows[place - 1][-1]
    for row in rows[place:]:
        row[-1] = previous = link(previous, row[:-1])
    head = json.loads(members[HEAD])
    if dice.random() < 0.5:
        head["hash"] = previous
    members[LEDGER] = "".join(map(extract_line, rows)).encode()
    members[HEAD] = inspection_file._shown(head).encode()
    members |= {name: text.encode() for name, text in inspection_file._tables(rows, head).items()}


MUTATIONS: Sequence[Mutation] = (_in_a_byte, _in_a_byte, _in_lines, _in_lines, _a_file, _a_rewritten_chain)


@pytest.mark.parametrize(("many", "seed"), [(1_000, 17), pytest.param(10_000, 18, marks=pytest.mark.soak)])
def test_mutations_of_an_archive_are_each_found(tmp_path: Path, many: int, seed: int) -> None:
    whole, dice = archive(tmp_path), random.Random(seed)
    for n in range(many):
        members = dict(whole)
        while members == whole:
            dice.choice(MUTATIONS)(members, dice)
        assert what_is_wrong(members, None, ()) is not None, (n, members)


def test_ten_thousand_mutations_of_a_chain_are_each_found() -> None:
    dice = random.Random(18)
    for n in range(10_000):
        rows = [list(row) for row in ROWS]
        while rows == [list(row) for row in ROWS]:
            place = dice.randrange(len(rows))
            match dice.choice(["field", "delete", "swap", "insert"]):
                case "field":
                    column = dice.randrange(9)
                    value = rows[place][column]
                    rows[place][column] = value + dice.choice([-1, 1]) if isinstance(value, int) else f"{value} "
                case "delete":
                    del rows[place]
                case "swap":
                    other = dice.randrange(len(rows))
                    rows[place], rows[other] = rows[other], rows[place]
                case _:
                    rows.insert(place, list(dice.choice(ROWS)))
        assert chain.walk(rows, [Head(11, str(ROWS[-1][-1]))])[1] is not None, (n, rows)


@pytest.mark.parametrize("cut", range(11))
def test_the_end_that_was_cut_off_is_missed_by_an_anchor_alone(cut: int) -> None:
    assert chain.walk(ROWS[:cut])[1] is None, "the control"
    assert "was noted elsewhere" in str(chain.walk(ROWS[:cut], [Head(11, str(ROWS[-1][-1]))])[1])


@pytest.mark.parametrize("begins", FORMULA)
def test_no_cell_of_an_archive_is_a_formula(begins: str) -> None:
    """However a spreadsheet may be made to calculate, as in every other table that leaves the house."""
    rows = chained([("punch", None, 0, punch(f"{begins}1+1", "in"))])
    assert f"'{begins}1+1" in inspection.files(rows, 50_400.0, AT + timedelta(days=1))["punches.csv"]


def spoilt(seq: int, column: int, value: object) -> list[RawRow]:
    rows = [list(row) for row in ROWS]
    rows[seq - 1][column] = value
    return [tuple(row) for row in rows]


ROTTEN_BODIES: tuple[dict[str, object], ...] = ({"at_us": 10**18}, {"at_us": []}, {"kind": 7}, {"why": "\ud800"})


@pytest.mark.parametrize(
    ("seq", "column", "value"),
    [
        *((4, 3, us) for us in (10**18, -(10**18), 2**63 - 1)),
        *((5, 7, json.dumps({"at_us": 5, "offset_s": many})) for many in (10**12, -90_000, True, "x")),
        *((5, 7, json.dumps(body)) for body in ROTTEN_BODIES),
        *((5, 7, text) for text in ("rot", "[" * 100_000, "7", json.dumps({"username": "\ud800"}))),
        (1, 7, json.dumps({"username": "ada", "kind": "in", "offset_s": 10**12})),
    ],
)
def test_a_damaged_row_is_exported_with_all_the_others(tmp_path: Path, seq: int, column: int, value: object) -> None:
    """And the archive says itself that this row is not what was written."""
    rows = spoilt(seq, column, value)
    members = archive(tmp_path, rows)
    assert "robert" in members["punches.csv"].decode()
    assert f"row {seq} is not what was written" in str(what_is_wrong(members, None, []))


def test_of_an_archive_that_cannot_take_its_name_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    head = inspection_file.head_of(archive(tmp_path))
    with pytest.raises(OSError, match="taken"):
        inspection_file.write(tmp_path / "taken", head, ROWS)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize("rows", [0, 6, 11])
@pytest.mark.parametrize("wrong_first", [False, True])
def test_every_anchor_of_a_row_counts(rows: int, wrong_first: bool) -> None:
    """Two papers that say another hash of the same row: the ledger cannot have both, whichever is named last."""
    right = Head(rows, str(ROWS[rows - 1][-1]) if rows else GENESIS)
    both = [right, Head(rows, "f" * 64)]
    assert chain.walk(ROWS, [right, right])[1] is None, "the control"
    assert chain.walk(ROWS, both[::-1] if wrong_first else both)[1] is not None


def test_a_restored_backup_is_told_from_a_rewritten_file() -> None:
    """Both have another hash at the anchor; one says in its chain what happened, and agrees with all anchors before."""
    plain = [(str(r[1]), int(str(r[2])), 0.0, json.loads(str(r[7]))) for r in ROWS]

    def with_note(text: str) -> list[RawRow]:
        return chained([*plain[:8], ("note", None, 1.0, {"text": text}), *plain[8:]])

    restored, rewritten = with_note(f"{chain.RESTORED} 8"), with_note("nothing")
    original = chained(plain)
    anchors = [Head(8, str(original[7][-1])), Head(11, str(original[10][-1]))]
    said = {name: chain.walk(rows, anchors)[1] for name, rows in (("restored", restored), ("rewritten", rewritten))}
    assert said == {
        "restored": "row 11 has another hash than was noted of it elsewhere: it was restored from a backup that ended "
        "with row 8; what was written after that is lost",
        "rewritten": "row 11 has another hash than was noted of it elsewhere: it was rewritten, or cut, and does not "
        "say that it was restored from a backup",
    }
    assert "ended with row 8" in str(chain.walk(restored[:9], anchors)[1])


def test_a_signature_is_of_one_key_and_one_message(tmp_path: Path) -> None:
    made = signing.sign(tmp_path, b"a")
    assert signing.is_signed(made, b"a")
    assert not signing.is_signed(made, b"b")
    assert not signing.is_signed(replace(made, public=made.public[:-2] + "00"), b"a")
    assert not signing.is_signed(replace(made, value="x"), b"a")
    assert not signing.is_signed(replace(made, value=made.value.upper()), b"a"), "there is one way to write it"


def test_what_was_short_stands_in_it_with_the_law_where_one_is_looked_at() -> None:
    found = inspection.files(ROWS, 50_400.0, AT + timedelta(days=10), NoticeLaw.DE)
    assert found.keys() - inspection.files(ROWS, 50_400.0, AT + timedelta(days=10)).keys() == {"notices.csv"}
    long_day = chained([("punch", None, 0, punch("ada", "in")), ("punch", None, 7, punch("ada", "out"))])
    lines = inspection.files(long_day, 50_400.0, AT + timedelta(days=10), NoticeLaw.DE)["notices.csv"].splitlines()
    assert lines[0] == "username,day,short,law,needed_s,had_s"
    assert [line.split(",")[2:] for line in lines[1:]] == [["break", "ArbZG § 4", "1800", "0"]]
