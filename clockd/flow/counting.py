"""Which lanes a punch counts in, and how it is taken back; used by taps and repairs alike."""

from clockd.core.delivery import Event, Move, Now, State
from clockd.core.model import Kind, Project, Reading
from clockd.flow.door import Door
from clockd.store import Database, deliveries, ledger, outbox, repairs


def lanes_of(db: Database, door: Door, username: str, kind: Kind, project: Project | None) -> dict[str, Kind]:
    """Return the lanes that a punch counts in (attendance, a project timer, or both), with its kind in each.

    Args:
        db: the open database.
        door: which door.
        username: whose punch.
        kind: what it is.
        project: with an `in` or `resume`: they begin with this project.
    """
    if not door.project_timers:
        return {outbox.ATTENDANCE: kind}
    if kind is Kind.PROJECT:
        return {outbox.PROJECT: kind}
    if project is not None:
        return {outbox.ATTENDANCE: kind, outbox.PROJECT: Kind.PROJECT}
    if kind is not Kind.IN and outbox.running_project(db, username):
        return {outbox.ATTENDANCE: kind, outbox.PROJECT: kind}
    return {outbox.ATTENDANCE: kind}


def take_back(db: Database, seq: int, reading: Reading, *, by: str, why: str) -> None:
    """Take a punch back: at once when nothing was sent; otherwise its entry is deleted (`core/planning/deletion`)."""
    ledger.add(db, "void", seq, reading, {"by": by, "why": why})
    repairs.mark_void(db, seq)
    now = Now.of(reading)
    for lane, state in outbox.by_seq(db, seq):
        if (
            state in (State.WAITING, State.HELD)
            and not (deliveries.may_be_there(db, seq, lane) or outbox.ended_one(db, seq, now))
        ) or state is State.STRANGER:
            deliveries.move(db, Move(seq, Event.VOID), lane, now)
        elif state is State.DELIVERED:
            deliveries.move(db, Move(seq, Event.TAKE_BACK), lane, now)
        elif state is State.HELD and not deliveries.is_booked(db, seq, lane):
            deliveries.move(db, Move(seq, Event.RELEASE), lane, now)
