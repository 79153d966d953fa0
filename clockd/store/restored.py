"""A store that was restored from a backup: what became of its punches since that was made, it does not know.

A delivery that was open then may have been sent since, and punches that were made since may be booked at the tracker
though nothing here knows them. So nothing that is older than the restoring is sent before the tracker was read
(`core/planning/`), and no read counts that began before a request of the other life can have ended.

    restored_seq    the newest place of the ledger in the backup
    restored_at_us  when it was restored, or when it was made if that is later: nothing of the other life is younger
    restored_until  CLOCK_BOOTTIME and boot from which on a read counts; missing until clockd starts with it first
"""

import sqlite3

from sqlite_utils import Database

from clockd.core import chain
from clockd.core.delivery import Now
from clockd.core.model import Reading
from clockd.core.sentence import said_text, sentence
from clockd.store import ledger

SEQ, AT, UNTIL, BOOT = "restored_seq", "restored_at_us", "restored_until_us", "restored_boot"


def mark(db: sqlite3.Connection, at_us: int) -> None:
    """Note in the copy that becomes the store that it was restored, with what it holds and when."""
    newest = db.execute("SELECT max(coalesce((SELECT max(seq) FROM ledger), 0))").fetchone()[0]
    db.execute("DELETE FROM meta WHERE key IN (?, ?)", [UNTIL, BOOT])
    for key, value in ((SEQ, newest), (AT, at_us)):
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, str(value)])


def take_over(db: Database, reading: Reading, quarantine_s: float) -> bool:
    """Begin to work with a restored store, once; return whether it is new.

    Where the power went before the quarantine was over, it begins anew: requests of the other life may still arrive.
    """
    known = _numbers(db)
    if SEQ not in known:
        return False
    now = Now.of(reading)
    if UNTIL in known:
        row = db.execute("SELECT last_us FROM boot WHERE seq = ?", [known.get(BOOT, 0)]).fetchone()
        if known.get(BOOT) == now.boot_seq or (row is not None and row[0] >= known[UNTIL]):
            return False
    until_us = now.boottime_us + round(quarantine_s * 1e6)
    for key, value in ((UNTIL, until_us), (BOOT, now.boot_seq)):
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, str(value)])
    if UNTIL not in known:
        text = sentence(chain.RESTORED_NOTE, row=known[SEQ])
        ledger.add(db, "note", None, reading, {"text": text, "text_said": said_text(text)})
    return UNTIL not in known


def _numbers(db: Database) -> dict[str, int]:
    rows = db.execute("SELECT key, value FROM meta WHERE key IN (?, ?, ?, ?)", [SEQ, AT, UNTIL, BOOT])
    return {key: int(value) for key, value in rows if value.isascii() and value.isdecimal()}
