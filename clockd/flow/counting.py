"""What a punch counts for, and how it ceases to count; for taps and repairs alike."""

from clockd.core.delivery import Event, Move, Now, State
from clockd.core.model import Kind, Reading
from clockd.flow.door import Door
from clockd.store import Database, deliveries, ledger, outbox, repairs


def lanes_of(db: Database, door: Door, username: str, kind: Kind) -> list[str]:
    """Say what a punch concerns: attendance, a project timer, or both."""
    if not door.project_timers:
        return [outbox.ATTENDANCE]
    if kind is Kind.PROJECT:
        return [outbox.PROJECT]
    if kind is not Kind.IN and outbox.project_runs(db, username):
        return [outbox.ATTENDANCE, outbox.PROJECT]
    return [outbox.ATTENDANCE]


def take_back(db: Database, seq: int, reading: Reading, *, by: str, why: str) -> None:
    """Take a punch back: at once when nothing was sent, else its entry will be deleted (`planning/deletion`)."""
    ledger.add(db, "void", seq, reading, {"by": by, "why": why})
    repairs.mark_void(db, seq)
    now = Now.of(reading)
    for lane, state in outbox.by_seq(db, seq):
        if state in (State.WAITING, State.HELD) and not (
            deliveries.is_booked(db, seq, lane) or outbox.ended_one(db, seq, now)
        ):
            deliveries.move(db, Move(seq, Event.VOID), lane, now)
        elif state is State.DELIVERED:
            deliveries.move(db, Move(seq, Event.TAKE_BACK), lane, now)
        elif state is State.HELD and not deliveries.is_booked(db, seq, lane):
            deliveries.move(db, Move(seq, Event.RELEASE), lane, now)
