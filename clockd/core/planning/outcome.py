"""What an answer to a write means for the punches it covers.

    answer                                   START, PAIR         STOP, PUT            DELETE           whom it stops
    proved by an echo                        delivered           delivered            void             nobody
    yes without an echo                      doubtful, look soon doubtful, look soon  doubtful, look   the employee
    no answer, 5xx, HTML, crash              doubtful            doubtful             doubtful, again  the employee
    400, 409, 415, 422                       doubtful, look now  doubtful, look now   held             the employee
    404 in the tracker's words               held (unknown user) doubtful, look now   void             the employee
    403                                      held, blocks        held, blocks         held             the employee
    not sent, 401, 3xx, no such path, 429    waiting             waiting              waiting          everybody

A refusal is looked at before it is believed: it may say that the state is already what we want.
"""

from collections.abc import Collection, Sequence

from clockd.core.delivery import Event, Held, HoldCode, Mark, Move, State, Via
from clockd.core.planning import holds
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Policy, Send
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import (
    Accepted,
    DeleteEntry,
    Forbidden,
    Gone,
    NotApplied,
    Paused,
    Rejected,
    StopTimer,
    Throttled,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Verdict,
    WriteKind,
)

SEND_AGAIN_S = 15.0
"""After how many seconds a PUT or DELETE without an answer is sent again: doing it twice is doing it once."""


def outcome_of(
    send: Send,
    verdict: Verdict,
    items: Sequence[Item],
    policy: Policy,
    now_s: float,
    taken: Collection[str] = (),
) -> tuple[Move, ...]:
    """Turn a verdict into moves.

    Args:
        send: what was sent.
        verdict: what the codec read in the answer.
        items: the employee's lane as it was when the write was planned.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
        taken: those ids in the answer that punches of other employees own.
    """
    if isinstance(send.write, DeleteEntry):
        return _judge_delete(send, send.write, verdict, items, now_s)
    covered = [item for item in items if item.seq in send.covers]
    absolute = isinstance(send.write, UpdateEntry)
    match verdict:
        case Accepted(entry_ids=ids) if claimed := _claimed(send, ids, items, taken):
            why = sentence("the tracker names entry {claimed}, which another punch has already", claimed=tuple(claimed))
            return _all(send, Event.UNPROVED, mark=Mark.UNCONFIRMED, due_s=now_s + policy.quarantine_s, error=why)
        case Accepted(entry_ids=ids):
            event = Event.PROVED if send.final else Event.STEP_DONE
            return _all(send, event, entry_ids=ids or send.target, via=_via(send))
        case Unconfirmed(why=why):
            return _all(send, Event.UNPROVED, mark=Mark.UNCONFIRMED, due_s=now_s + policy.quarantine_s, error=why)
        case Unknown(why=why):
            due_s = now_s + (SEND_AGAIN_S if absolute else policy.quarantine_s)
            return _all(send, Event.UNPROVED, due_s=due_s, error=why)
        case Rejected() | Gone() | Forbidden():
            return _refused(send, verdict, covered, policy, now_s)
        case NotApplied(why=why) | Paused(why=why):
            return _all(send, Event.NOT_APPLIED, error=why)
        case Throttled():
            return _all(send, Event.NOT_APPLIED, error="throttled")


def _refused(
    send: Send, verdict: Rejected | Gone | Forbidden, covered: Sequence[Item], policy: Policy, now_s: float
) -> tuple[Move, ...]:
    """Say what the tracker's own no means: it may be that the state is already what we want, so it is looked at."""
    why = verdict.why
    match verdict:
        case Rejected() if isinstance(send.write, UpdateEntry):
            return _all(
                send,
                Event.HOLD,
                held=Held(HoldCode.REFUSED, sentence("the tracker refuses it: {why}", why=phrase(why))),
                error=why,
            )
        case Rejected(envelope=envelope):
            # an earlier attempt may still be on its way: then the look has to wait as long as ever
            quick = envelope and all(item.attempts == 0 for item in covered)
            due_s = now_s if quick else now_s + policy.quarantine_s
            return _all(send, Event.UNPROVED, mark=Mark.REJECTED, due_s=due_s, error=why)
        case Gone() if isinstance(send.write, StopTimer):
            return _all(send, Event.UNPROVED, mark=Mark.REJECTED, due_s=now_s, error=why)
        case Gone():
            because = sentence("its entry is gone from the tracker and is not made again: {why}", why=phrase(why))
            return _all(send, Event.HOLD, held=Held(HoldCode.DELETED, because), error=why)
        case Forbidden(about=about):
            because = sentence("the tracker does not book for this employee: {why}", why=phrase(why))
            held = Held(HoldCode.FORBIDDEN, because, blocks=about == "key")
            again_in_s = min((s for item in covered if (s := holds.again_in_s(item)) is not None), default=None)
            return _all(send, Event.HOLD, held=held, error=why, retry_in_s=again_in_s)


def _judge_delete(
    send: Send, write: DeleteEntry, verdict: Verdict, items: Sequence[Item], now_s: float
) -> tuple[Move, ...]:
    match verdict:
        case Accepted() | Gone():
            return deleted(send.covers, send.target, write.entry_id, items, proved=Event.STEP_DONE)
        case Unconfirmed(why=why):
            return _all(send, Event.UNPROVED, mark=Mark.UNCONFIRMED, due_s=now_s, error=why)
        case Unknown(why=why):
            return _all(send, Event.UNPROVED, due_s=now_s + SEND_AGAIN_S, error=why)
        case Rejected(why=why) | Forbidden(why=why):
            because = sentence(
                "the tracker does not delete entry {entry_id}: {why}. Delete it there, then retry this",
                entry_id=write.entry_id,
                why=phrase(why),
            )
            return _all(send, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because), error=why)
        case NotApplied(why=why) | Paused(why=why):
            return _all(send, Event.NOT_APPLIED, error=why)
        case Throttled():
            return _all(send, Event.NOT_APPLIED, error="throttled")


def deleted(
    covers: Sequence[int], ids: Sequence[str], entry_id: str, items: Sequence[Item], *, proved: Event
) -> tuple[Move, ...]:
    """Say what becomes of a lane when an entry is gone from the tracker.

    The punch that was taken back is void, or goes on with its next entry. Another one that was taken back and had this
    entry alone has nothing at the tracker any more. All others that shared the entry are booked anew.

    Args:
        covers: seq of the punch that was taken back.
        ids: every entry that is to be deleted for it.
        entry_id: the one of them that is gone.
        items: the employee's lane.
        proved: what happens to it when it has further entries; a reply and a look say it by different events.
    """
    moves: list[Move] = []
    for item in items:
        if item.seq in covers:
            rest = tuple(i for i in ids if i != entry_id)
            moves.append(Move(item.seq, proved if rest else Event.UNBOOKED, entry_ids=rest))
        elif entry_id in item.entry_ids and item.state is State.DELIVERED and not item.voided:
            moves.append(Move(item.seq, Event.REOPENED))
        elif item.voided and item.entry_ids == (entry_id,) and item.state in (State.WAITING, State.HELD):
            moves.append(Move(item.seq, Event.VOID))
        elif item.voided and item.entry_ids == (entry_id,) and item.state is State.DELIVERED:
            moves.append(Move(item.seq, Event.TAKE_BACK, forgets=True))
    return tuple(moves)


def _claimed(send: Send, ids: Sequence[str], items: Sequence[Item], taken: Collection[str]) -> list[str]:
    """Return the ids in an answer that another punch owns, and that therefore prove nothing of this one."""
    others = {i for item in items if item.seq not in send.covers and item.counts for i in item.entry_ids}
    return [i for i in ids if i not in send.target and (i in others or i in taken)]


def _via(send: Send) -> Via:
    return Via.ENTRY if send.write.kind is WriteKind.CREATE_ENTRY else Via.TIMER


def _all(
    send: Send,
    event: Event,
    *,
    entry_ids: tuple[str, ...] | None = None,
    via: Via | None = None,
    held: Held | None = None,
    mark: Mark | None = None,
    due_s: float | None = None,
    error: str | None = None,
    retry_in_s: float | None = None,
) -> tuple[Move, ...]:
    return tuple(
        Move(seq, event, entry_ids, via, held, mark, due_s, error, retry_in_s=retry_in_s) for seq in send.covers
    )
