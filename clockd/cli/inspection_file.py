"""The archive for an inspection: a ZIP whose tables follow from the rows of the ledger in it, for anybody to check.

ledger.jsonl     every row as it is stored, one a line, with its hash
head.json        how many rows, the last hash, and the terminal's signature
punches.csv, corrections.csv, days.csv, months.csv   worked out of ledger.jsonl (`core/inspection.py`)
README.txt       what this is, in plain words
"""

import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from clockd.core import chain, inspection
from clockd.core.chain import Head, RawRow, signed_text
from clockd.core.extract import digest_of, extract_line
from clockd.core.json import Json
from clockd.core.notices import NoticeLaw
from clockd.errors import Refused

LEDGER, HEAD, README = "ledger.jsonl", "head.json", "README.txt"
_SIGNED = ("terminal", "tag", "zone", "max_shift_s", "at", "rows", "hash")
_SIGNED_OF_PART = (*_SIGNED, "username", "first", "last", "chosen", "digest")
_FORMS: Mapping[Json, frozenset[int]] = {
    None: frozenset({chain.OLD_COLUMNS}),
    2: frozenset({chain.OLD_COLUMNS, chain.COLUMNS}),
}
"""How many columns rows may have, by the form that the head names; an older clockd names none."""
_DATE = (1980, 1, 1, 0, 0, 0)
MOST_UNPACKED_BYTES = 4 * 1024**3
"""A file that unpacks to more is none of ours."""


def write(file: Path, head: dict[str, Json], rows: Sequence[RawRow]) -> None:
    """Write an archive; it takes its name when it is whole.

    Raises:
        OSError: it cannot be written there.
    """
    text = "".join(map(extract_line, rows))
    members = {LEDGER: text, HEAD: _shown(head), **_tables(rows, head), README: _readme(head)}
    part = file.with_name(f".{file.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out:
            for name, text in members.items():
                out.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)  # what broke off is somebody's whole record, under a name that nobody sees


def read(file: Path) -> dict[str, bytes]:
    """Read an archive, whatever is in it.

    Raises:
        Refused: it is none, or is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if (
                len({each.filename for each in members}) != len(members)
                or sum(m.file_size for m in members) > MOST_UNPACKED_BYTES
            ):
                raise Refused(f"{file} is no archive of clockd")
            return {each.filename: archive.read(each) for each in members}
    except FileNotFoundError:
        raise Refused(f"{file}: there is no such file") from None
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise Refused(f"{file} is no archive of clockd, or is damaged: {error}") from None
    except Exception as error:  # noqa: BLE001 - zlib's own error has no common base with the others
        raise Refused(f"{file} is damaged: {error}") from None


def what_is_wrong(members: dict[str, bytes], key: str | None, anchors: Iterable[Head]) -> str | None:
    """Say what is wrong with an archive; None when all of it is as its terminal wrote it.

    Args:
        members: what it holds, by name.
        key: the public key that its terminal is known by; None: the one it names itself.
        anchors: heads of the same ledger that were noted elsewhere.
    """
    from clockd.store.signing import Signature, is_signed

    try:
        head = json.loads(members[HEAD])
        if head.get("form") not in _FORMS:
            return f"it is of another form ({head['form']}): a newer clockd can check it"
        rows = list(_rows(members[LEDGER].decode(), _FORMS[head.get("form")]))
        named = (
            *(_SIGNED_OF_PART if "digest" in head else _SIGNED),
            *(name for name in ("form", "notices") if name in head),
        )
        said = {name: head[name] for name in named}
        signature = Signature(head["key"], head["signature"])
        if members[HEAD] != _shown({**said, "key": signature.public, "signature": signature.value}).encode():
            return f"{HEAD} is not what was written"
        if not is_signed(signature, signed_text(said)):
            return f"the signature in {HEAD} is not of this head"
        if key is not None and signature.public != key:
            return f"it is signed by another key, {signature.public[:16]}…"
        wrong = _wrong_part(rows, said, anchors) if "digest" in said else _wrong_whole(rows, said, anchors)
        if wrong is not None:
            return wrong
        wanted = {LEDGER: members[LEDGER].decode(), HEAD: members[HEAD].decode(), README: _readme(head)}
        wanted |= _tables(rows, head)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return f"it is not what clockd writes ({type(error).__name__}: {error})"
    for name in sorted({*members, *wanted}):
        if name not in wanted or name not in members:
            return f"{name} is {'none of its files' if name not in wanted else 'missing'}"
        if members[name] != wanted[name].encode():
            return f"{name} does not follow from {LEDGER}"
    return None


def _wrong_whole(rows: Sequence[RawRow], said: Mapping[str, Json], anchors: Iterable[Head]) -> str | None:
    found, wrong = chain.walk(rows, anchors)
    if wrong is None and (found.rows, found.hash) != (said["rows"], said["hash"]):
        return f"{LEDGER} has {found.rows} rows, and {said['rows']} were signed"
    return wrong


def _wrong_part(rows: Sequence[RawRow], said: Mapping[str, Json], anchors: Iterable[Head]) -> str | None:
    """Say what is wrong with a part: its terminal signed what is in it, since its hashes alone do not show that."""
    if (len(rows), digest_of(rows)) != (said["chosen"], said["digest"]):
        return f"{LEDGER} is not the part that was signed"
    known = {row[0]: row[-1] for row in rows} | {said["rows"]: said["hash"]}
    for anchor in anchors:
        if anchor.rows not in known:
            return f"an anchor of row {anchor.rows} says nothing of this part; the whole export shows it"
        if known[anchor.rows] != anchor.hash:
            return f"row {anchor.rows} has another hash than was noted of it elsewhere: it was rewritten"
    return None


def head_of(members: dict[str, bytes]) -> dict[str, Json]:
    """Return the head in an archive that is well."""
    found = json.loads(members[HEAD])
    assert isinstance(found, dict)
    return found


def is_of_one_moment(rows: Sequence[RawRow], head: dict[str, Json]) -> bool:
    """Whether rows that were read one after the other are those that the head was signed for."""
    if "digest" in head:
        return digest_of(rows) == head["digest"]
    return chain.follow(rows).wrong is None


def discarded_in(members: dict[str, bytes]) -> dict[str, Json]:
    """Return how many bodies were discarded, by the reason, in an archive that is well; in a part, how many."""
    head = head_of(members)
    rows = list(_rows(members[LEDGER].decode(), _FORMS[head.get("form")]))
    if "digest" in head:
        gone = sum(map(chain.is_discarded, rows))
        return {"here": gone} if gone else {}
    return {because.value: many for because, many in sorted(chain.follow(rows).discarded.items())}


def _rows(text: str, columns: Collection[int]) -> Iterator[RawRow]:
    if text and not text.endswith("\n"):
        raise ValueError(f"the last line of {LEDGER} is cut off")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        row = json.loads(line)
        if not isinstance(row, list) or len(row) not in columns or extract_line(row) != f"{line}\n":
            raise ValueError(f"line {number} of {LEDGER} is not what was written")
        yield row


def _shown(head: dict[str, Json]) -> str:
    return json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _tables(rows: Sequence[RawRow], head: dict[str, Json]) -> dict[str, str]:
    law, until = NoticeLaw(str(head.get("notices", NoticeLaw.NONE))), datetime.fromisoformat(str(head["at"]))
    return inspection.files(rows, float(str(head["max_shift_s"])), until, law)


def _readme(head: dict[str, Json]) -> str:
    more = {"of_notices": "" if head.get("notices", "none") == "none" else _OF_NOTICES}
    text = README_TEXT.format(**head, **more, **(_OF_NOW if "form" in head else _OF_BEFORE))
    if "digest" not in head:
        return text
    shown = {name: head[name] or "any" for name in ("username", "first", "last")}
    return PART_TEXT.format(**shown, rows=head["rows"]) + text


_OF_BEFORE = {"discarded": ", or ignored", "of_discarded": ""}
_OF_NOW = {
    "discarded": ", ignored, or discarded",
    "of_discarded": """\
What was discarded
==================

A row of ledger.jsonl with an empty text has lost its content: it was older than is kept here, or an employee's data
was erased. A later row "discard" names it, and says who did it and why. The SHA-256 of what it said stays, so all
other rows still prove each other.

""",
}


PART_TEXT = """\
This is a part of the record: employee {username}, days from {first} to {last}. Where it says "the whole record"
or "everything" below, read: everything of this part. That nothing of it is missing, the time clock itself worked out
when its record had {rows} rows, and signed. Each row's hash is found again in an export of the whole record.

"""
_OF_NOTICES = """
notices.csv      legal breaks and rests that were short, with the paragraph, in seconds; nothing was deducted"""
README_TEXT = """\
What this is
============

The whole record of the time clock "{terminal}", written on {at} (UTC). Times are those of {zone}, unless a column
says UTC. Everything that was ever recorded is here, and everything that was said of it since, with its author.

punches.csv      every punch as it counts, and beside it as it was recorded ("counts": yes, void{discarded})
corrections.csv  who changed what, when and why; "clockd" is the time clock itself
days.csv         what each employee worked on each day, in seconds, with the breaks between
months.csv       the same for each month{of_notices}
ledger.jsonl     the record itself, row by row; each row carries the SHA-256 of itself and of the row before it
head.json        the number of rows ({rows}), the last hash, and the signature of the time clock (Ed25519)

How to check it
===============

    clockd ledger verify --export THIS-FILE --key {key}

works out every hash and every table anew, without any database. It says what is wrong when one letter was changed.
Take the key from the time clock itself (clockd ledger head), not from this file: who writes another record can sign it
with another key. A hash that was noted earlier on paper is checked with --anchor ROWS:HASH; so it is noticed when
the time clock's owner rewrote all of it.

{of_discarded}In the tables a text that a spreadsheet would take for a formula has an apostrophe in front.
"""
