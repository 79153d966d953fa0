"""The requests of the last minutes, kept so that no restart can refill the budget.

A request is noted, durably, before its first byte leaves. When it was over is not noted: a request lasts no longer
than `LONGEST_S`, so a restart knows the latest moment at which the tracker can have seen it.
"""

from collections.abc import Sequence

from sqlite_utils import Database

LONGEST_S = 15.0
"""The longest a request may take in all, however slow the tracker drips."""
KEEP_US = 120_000_000
"""How long a note is kept, in microseconds."""


def begin(db: Database, boot_seq: int, boottime_us: int) -> None:
    """Note a request that is about to be sent; old notes are forgotten on the way."""
    db.execute(
        "DELETE FROM request WHERE sent_us < ? AND boot_seq = ? OR boot_seq < ? AND ? > ?",
        [boottime_us - KEEP_US, boot_seq, boot_seq, boottime_us, KEEP_US],
    )
    db.execute("INSERT INTO request (boot_seq, sent_us) VALUES (?, ?)", [boot_seq, boottime_us])


def sent_s(db: Database, boot_seq: int, boottime_us: int) -> Sequence[float]:
    """Return when each remembered request of this boot left, in seconds of CLOCK_BOOTTIME, oldest first.

    None left later than now: a damaged cell must not close the line for years.
    """
    rows = db.execute("SELECT sent_us FROM request WHERE boot_seq = ? ORDER BY id", [boot_seq])
    return [min(boottime_us, sent_us) / 1e6 for (sent_us,) in rows]


def ends_s(db: Database, boot_seq: int, boottime_us: int) -> Sequence[float]:
    """Return when each remembered request was over at the latest, in seconds of this boot's CLOCK_BOOTTIME.

    A request of an earlier boot was over when this one began.
    """
    rows = db.execute("SELECT boot_seq, sent_us FROM request ORDER BY id")
    return [min(boottime_us / 1e6, sent_us / 1e6 + LONGEST_S) if boot == boot_seq else 0.0 for boot, sent_us in rows]
