"""Employees as this terminal knows them: by their badges and their punches. The username is all that names one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from clockd.core.delivery import Event, HoldCode, Move, Now, State
from clockd.store import accounts, corrections, deliveries, outbox
from clockd.store.ledger import possible_us
from clockd.store.outbox import COUNTS, OPEN_STATES, among


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """One employee."""

    username: str
    name: str
    """What the panel shows; the username where no badge says better."""
    badges: int
    held: int
    """Punches that wait for a person."""
    last_us: int | None
    """When the last punch was that counts, UTC in microseconds since 1970."""


def usernames(db: Database) -> list[str]:
    """Return everybody who has a badge or ever punched, in order."""
    carried = db.execute("SELECT DISTINCT username FROM badge WHERE removed_us IS NULL").fetchall()
    return sorted({*outbox.usernames(db), *(name for (name,) in carried)}, key=str.casefold)


def person(db: Database, username: str) -> KnownPerson:
    """Return what is known of an employee."""
    names = db.execute(
        "SELECT name FROM badge WHERE username = ? AND removed_us IS NULL ORDER BY added_us DESC", [username]
    ).fetchall()
    held = db.execute(
        f"SELECT count(DISTINCT seq) FROM outbox INDEXED BY outbox_open WHERE username = ? "
        f"AND state IN {OPEN_STATES} AND state = 'held'",
        [username],
    ).fetchone()[0]
    last = db.execute(
        f"SELECT at_us FROM outbox INDEXED BY outbox_of_employee WHERE username = ? AND {COUNTS} "
        "ORDER BY ord DESC LIMIT 1",
        [username],
    ).fetchone()
    name = str(names[0][0]) if names else username
    return KnownPerson(username, name, len(names), held, possible_us(last[0]) if last else None)


def is_known(db: Database, username: str) -> bool:
    """Whether somebody here has this username: a badge in use, or a punch."""
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM badge WHERE username = ?1 AND removed_us IS NULL) "
        "OR EXISTS (SELECT 1 FROM outbox WHERE username = ?1)",
        [username],
    ).fetchone()
    return bool(found[0])


def is_sending(db: Database, username: str) -> bool:
    """Whether a request for an employee is under way, or nobody knows how one ended."""
    states = among((State.SENDING, State.DOUBTFUL))
    row = db.execute(
        f"SELECT 1 FROM outbox INDEXED BY outbox_open WHERE username = ? AND state IN {OPEN_STATES} "
        f"AND state IN {states} LIMIT 1",
        [username],
    )
    return row.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Moved:
    """What a new username brought along."""

    badges: int
    punches: int
    released: int
    """Punches that were held since the tracker did not know the old name, and are sent now."""


def rename(db: Database, old: str, new: str, now: Now) -> Moved:
    """Let badges and punches of one username be another's. What the tracker booked stays as it is there.

    All punches go along, the booked ones too: a clock-out finds its clock-in by the name, and both names are one
    person. The ledger keeps the name that was recorded.
    """
    badges = db.execute("UPDATE badge SET username = ? WHERE username = ?", [new, old]).rowcount
    db.execute("UPDATE badge SET name = ?1 WHERE username = ?1 AND name = ?2", [new, old])
    punches = db.execute("SELECT count(DISTINCT seq) FROM outbox WHERE username = ?", [old]).fetchone()[0]
    db.execute("UPDATE outbox SET username = ? WHERE username = ?", [new, old])
    accounts.rename_employee(db, old, new)
    corrections.rename_owner(db, old, new)
    waiting = db.execute(
        f"SELECT seq, lane FROM outbox INDEXED BY outbox_open WHERE username = ? AND state IN {OPEN_STATES} "
        f"AND state = 'held' AND held_code IN ({', '.join('?' * len(_OF_THE_NAME))}) AND voided = 0",
        [new, *(code.value for code in _OF_THE_NAME)],
    ).fetchall()
    for seq, lane in waiting:
        deliveries.move(db, Move(seq, Event.RELEASE), lane, now)
    return Moved(badges, punches, len({seq for seq, _ in waiting}))


_OF_THE_NAME: Sequence[HoldCode] = (HoldCode.RENAMED, HoldCode.FORBIDDEN)
"""Why a punch is held whose employee has another name at the tracker."""
