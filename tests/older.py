"""Rows of the ledger as a clockd wrote them before their bodies had digests (m014)."""

import json
from collections.abc import Mapping

from sqlite_utils import Database

from clockd.core import chain
from clockd.core.model import Reading
from clockd.store.ledger import to_us


def append(db: Database, what: str, punch_seq: int | None, reading: Reading, body: Mapping[str, object]) -> int:
    """Append a row to the end of the ledger; return its place."""
    last = db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last[0] + 1, last[1]) if last else (1, chain.GENESIS)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    boottime_us = round(reading.boottime_s * 1e6)
    fields = [seq, what, punch_seq or seq, to_us(reading.wall_at), boottime_us, reading.boot_seq, 1, text]
    db.execute(
        "INSERT INTO ledger (seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*fields, chain.link(previous, fields)],
    )
    return int(seq)
