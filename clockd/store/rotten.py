"""Finds cells that were damaged without SQLite noticing, since what they say cannot be.

A row with such a cell stays as it is, byte for byte, and is not used; everything else goes on. Here such rows are only
found, to be told of: each reader of a row decides itself whether it can use it (`badges.py`, `boots.py`, `ledger.py`).
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlite_utils import Database

from clockd.core.correction import Consent, CorrectionWay, Progress
from clockd.core.delivery import State
from clockd.core.model import ClockQuality, Kind
from clockd.core.sentence import phrase, sentence
from clockd.store.ledger import EARLIEST_US, LATEST_US, MOST_BOOTTIME_US, UNREADABLE_KEY


def _unknown(column: str, known: type[StrEnum]) -> str:
    return f"{column} NOT IN ({', '.join(repr(word.value) for word in known)})"


def _no_version(column: str) -> str:
    return f"(NOT json_valid({column}) OR json_type({column}) != 'array')"


_NO_TIME = f"NOT BETWEEN {EARLIEST_US} AND {LATEST_US}"
_NO_LIST = "json_type(entry_ids) != 'array'"
_LOOKS = (
    ("badge", "tail", "trim(username) = ''", phrase("it belongs to nobody")),
    ("badge", "tail", f"added_us {_NO_TIME}", phrase("the time it was given is none")),
    (
        "badge",
        "tail",
        "from_day IS NOT date(from_day) OR until_day IS NOT date(until_day)",
        phrase("a day from or until which it counts is none"),
    ),
    ("boot", "seq", "seq NOT BETWEEN 1 AND 2147483646", phrase("its number cannot be")),
    ("boot", "seq", f"latest_us {_NO_TIME} OR saved_us {_NO_TIME}", phrase("a time of its clock is none")),
    (
        "anchor",
        "id",
        f"wall_us {_NO_TIME} OR boottime_us NOT BETWEEN 0 AND {MOST_BOOTTIME_US} "
        f"OR error_us NOT BETWEEN 0 AND {MOST_BOOTTIME_US}",
        phrase("its time is none"),
    ),
    (
        "ledger",
        "seq",
        "body != '' AND (NOT json_valid(body) OR json_type(body) != 'object')",
        phrase("it cannot be read"),
    ),
    ("ledger", "seq", f"seq NOT BETWEEN 1 AND 4294967294 OR wall_us {_NO_TIME}", phrase("its place or time cannot be")),
    ("outbox", "seq", _unknown("state", State), phrase("its state is none")),
    ("outbox", "seq", _unknown("kind", Kind), phrase("its kind is none")),
    ("outbox", "seq", _unknown("clock", ClockQuality), phrase("its clock is none")),
    ("outbox", "seq", f"at_us {_NO_TIME} OR offset_s NOT BETWEEN -86399 AND 86399", phrase("its time cannot be")),
    (
        "outbox",
        "seq",
        "NOT json_valid(entry_ids) OR json_type(entry_ids) != 'array'",
        phrase("its entries cannot be read"),
    ),
    ("correction", "number", _unknown("way", CorrectionWay), phrase("what it does is unknown")),
    ("correction", "number", _unknown("progress", Progress), phrase("how far it is is unknown")),
    ("correction", "number", _unknown("kind", Kind), phrase("its kind is none")),
    (
        "correction",
        "number",
        f"{_no_version('was')} OR {_no_version('becomes')}",
        phrase("what it changes cannot be read"),
    ),
    (
        "correction",
        "number",
        f"made_us {_NO_TIME} OR due_us {_NO_TIME} OR ended_us {_NO_TIME} OR at_us {_NO_TIME}",
        phrase("a time of it is none"),
    ),
    (
        "correction",
        "number",
        "(seq IS NULL) != (way = 'rename') OR (seq IS NOT NULL AND seq NOT IN (SELECT seq FROM outbox))",
        phrase("the punch that it is about is none"),
    ),
    (
        "correction",
        "number",
        "CASE WHEN json_valid(held) THEN json_type(held) != 'object' ELSE 1 END",
        phrase("what its punch waited for before cannot be read"),
    ),
    ("correction_owner", "number", _unknown("consent", Consent), phrase("what an owner said is unknown")),
    ("account", "name", f"changed_us {_NO_TIME}", phrase("its time is none")),
    ("outbox", "seq", "seq NOT IN (SELECT seq FROM ledger)", phrase("the ledger does not know it")),
    ("request", "id", f"sent_us NOT BETWEEN 0 AND {LATEST_US // 20}", phrase("its time cannot be")),
    ("meta", "key", "key = 'terminal_tag' AND (value = '' OR value GLOB '*[^0-9]*')", phrase("it is no number")),
    ("meta", "key", f"key LIKE '{UNREADABLE_KEY}%'", phrase("it could not be read, and was made anew")),
)
"""Table, what names a row to people, when it is damaged, and how."""
_TEXTS = (
    ("badge", "tail", "username", phrase("it does not say whose it is")),
    ("badge", "tail", "name", phrase("its name is no text")),
    ("boot", "seq", "boot_id", phrase("its id is no text")),
    ("outbox", "seq", "username", phrase("it does not say whose it is")),
)
"""Table, what names a row to people, a text that must be UTF-8, and what is wrong when it is not."""
MOST = 20
"""How many damaged rows are named."""


def found(db: Database) -> Sequence[str]:
    """Return a sentence for each damaged row: where it is, and what is wrong with it."""
    told = list[str]()
    for table, key, wrong, why in _LOOKS:
        rows = db.execute(f"SELECT {key} FROM {table} WHERE {wrong} LIMIT {MOST}")
        told += [_told(table, name, why) for (name,) in rows]
    for table, key, column, why in _TEXTS:
        rows = db.execute(f"SELECT {key}, CAST({column} AS BLOB) FROM {table}")
        told += [_told(table, name, why) for name, cell in rows if not _is_text(cell)]
    return told[:MOST]


def _told(table: str, name: object, why: str) -> str:
    return sentence("{table} {name}: {why}", table=table, name=str(name), why=phrase(why))


def _is_text(cell: bytes | None) -> bool:
    try:
        (cell or b"").decode()
    except UnicodeDecodeError:
        return False
    return True
