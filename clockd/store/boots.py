"""Boots of this machine, and the anchors that tie a boot's own clock to true time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from clockd.core.timebase import SAME_CLOCK_S, Anchor, Life, never_ahead
from clockd.store.ledger import MOST_BOOTTIME_US, from_us, possible_us

_LAST_SEQ = 2**31 - 1
"""The highest number a boot can have; a higher one is a damaged cell."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot in which clockd ran; microseconds throughout."""

    seq: int
    boot_id: str
    began_us: int
    """Wall clock minus boot time when clockd first looked; that clock may have been wrong."""
    last_us: int
    """Boot time of the last sign of life."""
    synced: bool
    latest_us: int | None
    """The latest `began_us` over every step of the wall clock; None for a boot of an older clockd."""
    saved_us: int | None
    """The saved clock as this boot found it; None without one."""
    from_battery: bool
    """Whether the wall clock came from a battery clock that looked plausible."""
    battery: str | None
    """What was wrong with the battery clock when clockd first looked, for people; None when nothing was."""

    def life(self, anchors: Sequence[Anchor]) -> Life:
        """Return what is known of this boot, for `core.timebase.judge`.

        Args:
            anchors: those of all boots.
        """
        own = [anchor for anchor in anchors if anchor.boot_seq == self.seq]
        return Life(
            self.seq,
            self.last_us / 1e6,
            saved_at=None if self.saved_us is None else from_us(self.saved_us),
            never_ahead=self.latest_us is not None and never_ahead([from_us(self.latest_us)], own),
            battery_clock=self.from_battery,
        )


def begin(
    db: Database,
    boot_id: str,
    wall_us: int,
    boottime_us: int,
    *,
    saved_us: int | None = None,
    from_battery: bool = False,
    battery: str | None = None,
) -> int:
    """Return this boot's number, counting up when the boot is new. It strictly grows over the life of the state.

    Args:
        db: the open database.
        boot_id: the kernel's id of this boot.
        wall_us: the wall clock.
        boottime_us: CLOCK_BOOTTIME of the same moment.
        saved_us: the saved clock, if it was saved before this boot. Like the next two it counts in a new boot only.
        from_battery: see `Boot`.
        battery: see `Boot`.
    """
    began_us = wall_us - boottime_us
    row = db.execute("SELECT seq FROM boot WHERE boot_id = ?", [boot_id]).fetchone()
    if row:
        claimed(db, row[0], began_us)
        alive(db, row[0], boottime_us)
        return int(row[0])
    seq = int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM boot WHERE seq < ?", [_LAST_SEQ]).fetchone()[0])
    db.execute(
        "INSERT INTO boot (seq, boot_id, began_us, last_us, synced, latest_us, saved_us, from_battery, battery) "
        "VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)",
        [seq, boot_id, began_us, boottime_us, began_us, saved_us, int(from_battery), battery],
    )
    return seq


def claimed(db: Database, boot_seq: int, began_us: int) -> None:
    """Note when this boot began by its wall clock as it is now; another moment than before means that it was set."""
    db.execute(
        "UPDATE boot SET latest_us = max(latest_us, ?), from_battery = from_battery AND abs(began_us - ?) < ? "
        "WHERE seq = ?",
        [began_us, began_us, round(SAME_CLOCK_S * 1e6), boot_seq],
    )


def alive(db: Database, boot_seq: int, boottime_us: int) -> None:
    """Note a sign of life; it narrows the bounds of punches in a later boot without time."""
    db.execute("UPDATE boot SET last_us = max(last_us, ?) WHERE seq = ?", [boottime_us, boot_seq])


def all_boots(db: Database) -> Sequence[Boot]:
    """Return every boot, oldest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM boot ORDER BY seq")
    return [_boot(*row) for row in rows]


def boot(db: Database, seq: int) -> Boot | None:
    """Return one boot."""
    row = db.execute(f"SELECT {_COLUMNS} FROM boot WHERE seq = ?", [seq]).fetchone()
    return _boot(*row) if row else None


_COLUMNS = "seq, boot_id, began_us, last_us, synced, latest_us, saved_us, from_battery, battery"


def _boot(
    seq: int,
    boot_id: str,
    began_us: int,
    last_us: int,
    synced: int,
    latest_us: int | None,
    saved_us: int | None,
    from_battery: int | None,
    battery: str | None,
) -> Boot:
    latest_us, saved_us = possible_us(latest_us), possible_us(saved_us)
    return Boot(seq, boot_id, began_us, last_us, bool(synced), latest_us, saved_us, bool(from_battery), battery)


def add_anchor(db: Database, boot_seq: int, boottime_us: int, wall_us: int, error_us: int) -> None:
    """Store that the clock was right at a moment of this boot, within an error."""
    db.execute(
        "INSERT INTO anchor (boot_seq, boottime_us, wall_us, error_us) VALUES (?, ?, ?, ?)",
        [boot_seq, boottime_us, wall_us, error_us],
    )
    db.execute("UPDATE boot SET synced = 1, last_us = max(last_us, ?) WHERE seq = ?", [boottime_us, boot_seq])


def anchors(db: Database) -> Sequence[Anchor]:
    """Return every anchor that can be read, oldest first."""
    rows = db.execute(
        "SELECT boot.boot_id, boot_seq, boottime_us, wall_us, error_us FROM anchor "
        "JOIN boot ON boot.seq = anchor.boot_seq ORDER BY anchor.id"
    )
    return [
        Anchor(boot_id, boot_seq, boottime_us / 1e6, from_us(wall_us), error_us / 1e6)
        for boot_id, boot_seq, boottime_us, wall_us, error_us in rows
        if possible_us(wall_us) is not None
        and 0 <= boottime_us <= MOST_BOOTTIME_US
        and 0 <= error_us <= MOST_BOOTTIME_US
    ]
