"""What a terminal remembers of its own keeping, for people."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The backup that was made last."""

    at_us: int
    """By the wall clock, UTC in microseconds since 1970."""
    place: str
    """The file, as whoever made it named it."""
    off_device: bool
    """Whether it is on another disk than the database."""


def keep_backup(db: Database, made: LastBackup) -> None:
    """Remember it."""
    words = {"backup_at_us": str(made.at_us), "backup_place": made.place, "backup_off": str(int(made.off_device))}
    for key, value in words.items():
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, value])


def last_backup(db: Database) -> LastBackup | None:
    """Return what is remembered; None when there never was one."""
    found = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('backup_at_us', 'backup_place', 'backup_off')"))
    at_us = found.get("backup_at_us", "")
    if not (at_us.isascii() and at_us.isdecimal()):
        return None
    return LastBackup(int(at_us), found.get("backup_place", ""), found.get("backup_off") == "1")
