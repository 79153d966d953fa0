"""Corrections that the office made or asks for, what their owners were shown and said, and what waits meanwhile.

All of it stands in the ledger as well; here it is found quickly.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from clockd.core.correction import Consent, Correction, CorrectionWay, Progress, Version
from clockd.core.delivery import Event, Held, HoldCode, Move, Now, State
from clockd.core.model import Kind
from clockd.core.sentence import said_text, sentence
from clockd.store import deliveries, ledger, repairs
from clockd.store.outbox import by_seq


@dataclass(frozen=True, slots=True)
class CorrectionOwner:
    """One whose record a correction changes."""

    username: str
    to_show: bool
    """Whether it is shown at their next tap."""
    told_us: int | None
    """When it was shown to them first, UTC in microseconds since 1970."""
    consent: Consent | None
    said_us: int | None


@dataclass(frozen=True, slots=True)
class KeptCorrection:
    """A correction, and how far it is."""

    number: int
    """Its place in the ledger."""
    correction: Correction
    was: Version | None
    becomes: Version | None
    progress: Progress
    made_us: int
    due_us: int | None
    """From then on silence counts as an answer; None where nobody is asked, or no clock was right since."""
    ended_us: int | None
    remark: str | None
    owners: tuple[CorrectionOwner, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """How a punch counted, and counts after a correction; both None for a new username."""

    was: Version | None
    becomes: Version | None


def keep(
    db: Database,
    number: int,
    correction: Correction,
    change: Versions,
    owners: Sequence[str],
    progress: Progress,
    now_us: int,
    due_us: int | None,
) -> None:
    """Keep a correction that was made, or is asked for; each owner is to be shown it."""
    said = correction
    db.execute(
        "INSERT INTO correction (number, seq, way, by, why, at_us, kind, username, old, time_type, merge, was, "
        "becomes, held, progress, made_us, due_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?)",
        [
            number,
            said.seq,
            said.way.value,
            said.by,
            said.why,
            None if said.at is None else ledger.to_us(said.at),
            None if said.kind is None else said.kind.value,
            said.username,
            said.old,
            said.time_type,
            int(said.merge),
            _written(change.was),
            _written(change.becomes),
            progress.value,
            now_us,
            due_us,
        ],
    )
    for username in owners:
        db.execute(
            "INSERT INTO correction_owner (number, username, to_show) VALUES (?, ?, 1)",
            [number, username],
        )


_COLUMNS = (
    "number, seq, way, by, why, at_us, kind, username, old, time_type, merge, was, becomes, progress, made_us, "
    "due_us, ended_us, remark"
)


def find(db: Database, number: int) -> KeptCorrection | None:
    """Return a correction; None when there is none with this number, or its row cannot be read."""
    row = db.execute(f"SELECT {_COLUMNS} FROM correction WHERE number = ?", [number]).fetchone()
    return None if row is None else _kept(db, row)


def newest(db: Database, most: int, *, waiting: bool = False) -> list[KeptCorrection]:
    """Return the newest corrections that can be read, or of those that wait all that there is room for."""
    where = "WHERE progress = 'asked' " if waiting else ""
    rows = db.execute(f"SELECT {_COLUMNS} FROM correction {where}ORDER BY number DESC LIMIT ?", [most]).fetchall()
    return [kept for row in rows if (kept := _kept(db, row)) is not None]


def asked_of(db: Database, seq: int) -> int | None:
    """Return the number of the correction of this punch that waits for an answer; None when none does."""
    row = db.execute("SELECT number FROM correction WHERE seq = ? AND progress = 'asked'", [seq]).fetchone()
    return None if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class WaitingCorrection:
    """A correction that waits for an answer: so much of it is known where the rest cannot be read as well."""

    number: int
    seq: int | None
    """The punch it is about; None for a new username."""


def waiting(db: Database, number: int) -> WaitingCorrection | None:
    """Return a correction that waits for an answer; None when none with this number does."""
    row = db.execute("SELECT number, seq FROM correction WHERE number = ? AND progress = 'asked'", [number]).fetchone()
    return None if row is None else WaitingCorrection(*row)


def to_show(db: Database, username: str) -> KeptCorrection | None:
    """Return the oldest correction that can be read of those that an employee is to be shown; None when none can."""
    rows = db.execute(
        "SELECT number FROM correction_owner INDEXED BY correction_to_show WHERE username = ? AND to_show = 1 "
        "ORDER BY number",
        [username],
    ).fetchall()
    return next((kept for (number,) in rows if (kept := find(db, number)) is not None), None)


def asked_from(db: Database, username: str) -> list[KeptCorrection]:
    """Return the corrections that wait for this employee's answer, oldest first."""
    rows = db.execute(
        "SELECT number FROM correction_owner INDEXED BY correction_to_show "
        "WHERE username = ? AND to_show = 1 AND consent IS NULL ORDER BY number",
        [username],
    ).fetchall()
    found = [kept for (number,) in rows if (kept := find(db, number)) is not None]
    return [kept for kept in found if kept.progress is Progress.ASKED]


def overdue(db: Database, now_us: int) -> list[int]:
    """Return the numbers of those that wait for an answer, and whose time for it is over."""
    rows = db.execute("SELECT number FROM correction WHERE progress = 'asked' AND due_us <= ?", [now_us]).fetchall()
    return [number for (number,) in rows]


def all_answered(db: Database) -> list[int]:
    """Return the numbers of those that wait although every owner has answered: they could not be made at once."""
    rows = db.execute(
        "SELECT number FROM correction WHERE progress = 'asked' AND (SELECT count(*) > 0 AND count(*) = count(consent) "
        "FROM correction_owner o WHERE o.number = correction.number)"
    ).fetchall()
    return [number for (number,) in rows]


def begin_days(db: Database, due_us: int) -> None:
    """Let silence count from a time on where a correction waits that was asked for while no clock was right."""
    db.execute("UPDATE correction SET due_us = ? WHERE progress = 'asked' AND due_us IS NULL", [due_us])


def note_told(db: Database, number: int, username: str, now_us: int, *, stays: bool) -> None:
    """Note that an owner was shown a correction; `stays`: it is shown again until they answered."""
    db.execute(
        "UPDATE correction_owner SET told_us = coalesce(told_us, ?), to_show = ? WHERE number = ? AND username = ?",
        [now_us, int(stays), number, username],
    )


def note_consent(db: Database, number: int, username: str, consent: Consent, now_us: int) -> None:
    """Note what an owner said; it is not shown to them again."""
    db.execute(
        "UPDATE correction_owner SET consent = ?, said_us = ?, to_show = 0 WHERE number = ? AND username = ?",
        [consent.value, now_us, number, username],
    )


def end(db: Database, number: int, how: Progress, remark: str | None, now_us: int) -> None:
    """Note how a correction that was asked for ended. Whoever did not answer is asked no more."""
    db.execute(
        "UPDATE correction SET progress = ?, remark = ?, ended_us = ? WHERE number = ?",
        [how.value, remark, now_us, number],
    )
    db.execute("UPDATE correction_owner SET to_show = 0 WHERE number = ?", [number])


def rename_owner(db: Database, old: str, new: str) -> None:
    """Ask and tell an employee under their new username."""
    db.execute("UPDATE correction SET username = ? WHERE username = ? AND progress = 'asked'", [new, old])
    for column in ("was", "becomes"):
        db.execute(
            f"UPDATE correction SET {column} = json_set({column}, '$[0]', ?1) "
            f"WHERE json_extract({column}, '$[0]') = ?2 "
            "AND number IN (SELECT number FROM correction_owner WHERE username = ?2)",
            [new, old],
        )
    db.execute("UPDATE OR IGNORE correction_owner SET username = ? WHERE username = ?", [new, old])
    db.execute("DELETE FROM correction_owner WHERE username = ?", [old])


@contextmanager
def whole_or_not(db: Database) -> Iterator[None]:
    """Within the transaction that is open: do all of this, or, where it ends with an error, nothing of it."""
    db.execute("SAVEPOINT correction")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK TO correction")
        raise
    finally:
        db.execute("RELEASE correction")


def rehearse(db: Database, do: Callable[[], object]) -> None:
    """Do something and take all of it back, to see whether it can be done; its errors are those of `do`."""
    db.execute("SAVEPOINT rehearsal")
    try:
        do()
    finally:
        db.execute("ROLLBACK TO rehearsal")
        db.execute("RELEASE rehearsal")


# --- the punch waits meanwhile ----------------------------------------------------------------------------------


def hold(db: Database, number: int, seq: int, because: str, now: Now) -> None:
    """Hold what is not booked of a punch until its correction is answered, and keep what it waited for before."""
    before = dict[str, list[object]]()
    for lane, state in by_seq(db, seq):
        if state is State.HELD:
            columns = ", ".join(_HOLD)
            row = db.execute(f"SELECT {columns} FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()
            before[lane] = [state.value, *row]
            db.execute(
                "UPDATE outbox SET held_code = ?, held_because = ?, held_said = ?, held_other = NULL, retry_us = NULL "
                "WHERE seq = ? AND lane = ?",
                [HoldCode.COUNTERSIGN.value, str(because), said_text(because), seq, lane],
            )
        elif state in (State.WAITING, State.STRANGER):
            before[lane] = [state.value]
            held = Held(HoldCode.COUNTERSIGN, because)
            deliveries.move(db, Move(seq, Event.HOLD, held=held), lane, now)
    db.execute("UPDATE correction SET held = ? WHERE number = ?", [json.dumps(before), number])


_HOLD = ("held_code", "held_because", "held_other", "retry_us", "held_said")
_LACKS = (HoldCode.UNKNOWN_BADGE, HoldCode.DIRECTION, HoldCode.UNCERTAIN)
"""Reasons that may have gone while the punch waited for an answer."""


def let_go(db: Database, number: int, seq: int, now: Now) -> None:
    """Let a punch wait for what it waited for before its correction was asked for.

    Where that cannot be read any more, it waits for a person: nobody knows whether it lacked something.
    """
    before = _held_before(db.execute("SELECT held FROM correction WHERE number = ?", [number]).fetchone()[0])
    rows = db.execute(
        "SELECT lane FROM outbox WHERE seq = ? AND state = 'held' AND held_code = 'countersign'", [seq]
    ).fetchall()
    for (lane,) in rows:
        if before is None:
            because = sentence(
                "its correction is over, and what it waited for before cannot be read: look at it (clockd punches "
                "show), then retry or amend"
            )
            db.execute(
                "UPDATE outbox SET held_because = ?, held_said = ? WHERE seq = ? AND lane = ?",
                [str(because), said_text(because), seq, lane],
            )
            continue
        state, *hold = before.get(lane, [State.WAITING.value])
        if state == State.STRANGER.value:
            deliveries.move(db, Move(seq, Event.DISOWN), lane, now)
        elif not hold or hold[2] is not None or (hold[0] in _LACKS and repairs.lacking(db, seq) is None):
            deliveries.move(db, Move(seq, Event.RELEASE), lane, now)
        else:
            columns = ", ".join(f"{name} = ?" for name in _HOLD)
            db.execute(f"UPDATE outbox SET {columns} WHERE seq = ? AND lane = ?", [*hold, seq, lane])


def _held_before(text: str) -> Mapping[str, Sequence[Any]] | None:
    """Read how each delivery of a punch was; None when the cell was damaged."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    whole = all(isinstance(each, list) and len(each) in (1, 1 + len(_HOLD)) for each in found.values())
    return found if whole else None


# --- read and written -------------------------------------------------------------------------------------------


def _written(version: Version | None) -> str | None:
    if version is None:
        return None
    kind = None if version.kind is None else version.kind.value
    return json.dumps([version.username, kind, ledger.to_us(version.at), version.offset_s])


def _version(text: str | None) -> Version | None:
    if text is None:
        return None
    username, kind, at_us, offset = json.loads(text)
    return Version(username, None if kind is None else Kind(kind), ledger.nearest(at_us), offset)


def _at(us: int | None) -> datetime | None:
    return None if us is None else ledger.from_us(us)


def _kept(db: Database, row: Sequence[object]) -> KeptCorrection | None:
    """Read a row and those of its owners; None when a cell of them was damaged: `rotten.py` tells of it."""
    try:
        return _read(db, row)
    except (ValueError, TypeError, OverflowError):
        return None


def _read(db: Database, row: Sequence[object]) -> KeptCorrection:
    (number, seq, way, by, why, at_us, kind, username, old, time_type, merge, was, becomes, progress, made_us,
     due_us, ended_us, remark) = row  # fmt: skip
    assert isinstance(number, int)
    assert isinstance(made_us, int)
    for us in (made_us, due_us, ended_us):
        _at(_int(us))
    if (seq is None) is not (way == CorrectionWay.RENAME) or not (seq is None or by_seq(db, int(str(seq)))):
        raise ValueError(seq)
    owners = db.execute(
        "SELECT username, to_show, told_us, consent, said_us FROM correction_owner WHERE number = ? ORDER BY username",
        [number],
    ).fetchall()
    return KeptCorrection(
        number,
        Correction(
            CorrectionWay(str(way)),
            _int(seq),
            str(by),
            str(why),
            _at(_int(at_us)),
            None if kind is None else Kind(str(kind)),
            _str(username),
            _str(old),
            _str(time_type),
            bool(merge),
        ),
        _version(_str(was)),
        _version(_str(becomes)),
        Progress(str(progress)),
        made_us,
        _int(due_us),
        _int(ended_us),
        _str(remark),
        tuple(
            CorrectionOwner(name, bool(show), told_us, None if consent is None else Consent(consent), said_us)
            for name, show, told_us, consent, said_us in owners
        ),
    )


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _str(value: object) -> str | None:
    return None if value is None else str(value)
