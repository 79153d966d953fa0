"""What is taken back: its entry is deleted at the tracker by its id, and only if a punch of ours began it.

    taken back                                                plan
    never booked                                              void
    booked by us                                              DeleteEntry, by id; a chain over midnight one by one
    booked by us, the reply had no number                     look for it, then DeleteEntry
    booked by us at another tracker or account                hold
    booked by us, locked (Goodtime)                           hold, and nothing of its chain is deleted
    the entry is another's                                    in: forgotten; out: hold
    a project switch (Goodtime)                               its own entry, then the one that it ended, which is booked
                                                              anew with its true end
    the tracker said "deleted", and complained as well        look; done if it is gone, hold if it is still there

Punches that shared an entry with one that was taken back are booked anew (`outcome.deleted`).
"""

from collections.abc import Sequence

from clockd.core.delivery import Event, Held, HoldCode, Move, State, Via
from clockd.core.model import Kind
from clockd.core.planning.compare import ends_at, stands_at
from clockd.core.planning.item import Item
from clockd.core.planning.outcome import deleted
from clockd.core.planning.pairing import BEGINS, Interval, Pair
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Seen, Send
from clockd.core.planning.situation import is_deleting, is_kept
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import DeleteEntry


def plan_deletion(items: Sequence[Item], seen: Seen | None, policy: Policy, now_s: float) -> Plan | None:
    """Say what to do next for the first punch that was taken back; None when there is none, and the others go on.

    Args:
        items: the lane in order of seq.
        seen: the last read of the tracker for this employee.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
    """
    for item in items:
        if item.voided and item.state in (State.WAITING, State.DELIVERED, State.HELD) and not is_kept(item):
            ended = None if is_deleting(item) else _ended_by(item, items, policy)
            if ended is None:
                return _take_back(item, items, seen, policy, now_s)
            if ended.state is not State.DOUBTFUL:  # else it is settled first, as it was sent
                return _take_back_switch(item, ended, items, seen, policy, now_s)
    return None


def settle_unconfirmed(item: Item, items: Sequence[Item], seen: Seen | None, policy: Policy, now_s: float) -> Plan:
    """Settle a deletion to which the tracker said yes, and complained: a look shows whether the entry is gone."""
    sent_s = item.sent_s or 0.0
    if seen is None or seen.taken_s < sent_s or not seen.covers(item.local, item.local):
        return Look(item.local, item.local, sent_s)
    entry_id = item.entry_ids[0]
    if all(row.id != entry_id for row in seen.entries):
        return Change(deleted((item.seq,), item.entry_ids, entry_id, items, proved=Event.ABSENT))
    visible_s = sent_s + policy.quarantine_s
    if seen.taken_s < visible_s:  # a list may lag behind a write
        return Rest(visible_s) if now_s < visible_s else Look(item.local, item.local, visible_s)
    why = item.last_error or "no reason given"
    because = sentence(
        "entry {entry_id} is still in the tracker ({why}): delete it there, then retry this, or ignore this",
        entry_id=entry_id,
        why=phrase(why),
    )
    return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because)),))


def _take_back(item: Item, items: Sequence[Item], seen: Seen | None, policy: Policy, now_s: float) -> Plan:
    """Say what to do for a punch that was taken back: void it when it was never booked, else delete its entry."""
    if item.state is State.HELD:
        may_be_there = is_deleting(item) or item.held_in_doubt
        return Change((Move(item.seq, Event.RELEASE if may_be_there else Event.VOID),))
    if item.state is State.DELIVERED:
        return Change((Move(item.seq, Event.TAKE_BACK),))
    if item.due_s > now_s:
        return Rest(item.due_s)
    if not item.via and not is_deleting(item):  # it was never booked: an id it holds is only what it would have ended
        return Change((Move(item.seq, Event.VOID),))
    if item.elsewhere:
        because = "it was booked at the tracker or account used before: correct it there, then ignore this"
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because)),))
    if item.entry_ids and not is_deleting(item) and not _made_by_us(item, items):
        if item.kind not in (Kind.OUT, Kind.BREAK):
            return Change((Move(item.seq, Event.VOID),))
        because = sentence(
            "entry {entry_id} was begun by somebody else: correct its end there, then ignore this",
            entry_id=item.entry_ids[0],
        )
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because)),))
    if item.entry_ids:
        return _delete(item, item.entry_ids, seen, policy, now_s)
    if item.via is Via.ADOPTED:
        return Change((Move(item.seq, Event.VOID),))
    return _find_and_delete(item, items, seen)


def _find_and_delete(item: Item, items: Sequence[Item], seen: Seen | None) -> Plan:
    """Say what to do where it was booked and the reply had no number: the entry has to be found first."""
    booked_s = item.done_s or 0.0
    if seen is None or seen.taken_s <= booked_s or not seen.covers(item.local, item.local):
        return Look(item.local, item.local, booked_s + 0.001)
    owned = {i for other in items for i in other.entry_ids}
    is_it = stands_at if item.kind in BEGINS else ends_at
    ids = [row.id for row in seen.entries if row.id not in owned and is_it(row, item.local)]
    if not ids:
        return Change((Move(item.seq, Event.VOID),))
    if len(ids) > 1:
        because = sentence(
            "one of the entries {ids} is it: delete that one in the tracker, then ignore this", ids=tuple(ids)
        )
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because)),))
    return Send(DeleteEntry(ids[0]), (item.seq,), (ids[0],))


def _delete(item: Item, ids: tuple[str, ...], seen: Seen | None, policy: Policy, now_s: float) -> Plan:
    after_s = now_s - policy.fresh_pair_s - (seen.slack_s if seen else 0.0)
    instead = _locked(item, ids, seen, after_s) if policy.can_lock else None
    return instead or Send(DeleteEntry(ids[0]), (item.seq,), ids)


# --- a project switch that is taken back ------------------------------------------------------------------------


def _ended_by(item: Item, items: Sequence[Item], policy: Policy) -> Item | None:
    """Return the punch whose interval this project switch ended."""
    if item.kind is not Kind.PROJECT or not policy.split_projects:
        return None
    return begun_before(item.seq, items)


def begun_before(seq: int, items: Sequence[Item]) -> Item | None:
    """Return the punch that began what the punch with this seq ends; None when the one before it begins nothing."""
    place = next(n for n, item in enumerate(items) if item.seq == seq)
    earlier = [item for item in items[:place] if item.counts and not item.voided]
    return earlier[-1] if earlier and earlier[-1].kind in BEGINS else None


def ends_an_entry(seq: int, items: Sequence[Item]) -> bool:
    """Whether a punch is a project switch that ended an interval which is, or may be, at the tracker.

    Args:
        seq: the punch.
        items: its lane in order, up to and with this punch; if it is not the last, the answer is no.
    """
    if not items or items[-1].seq != seq or items[-1].kind is not Kind.PROJECT:
        return False
    begun = begun_before(seq, items)
    return begun is not None and begun.state in (State.SENDING, State.DOUBTFUL, State.DELIVERED)


def _take_back_switch(
    item: Item, ended: Item, items: Sequence[Item], seen: Seen | None, policy: Policy, now_s: float
) -> Plan:
    """Say what to do for a project switch that was taken back, and for the interval that it ended, which now goes on.

    The entry of that interval is deleted as well, and booked anew with its true end. The ids of both entries stand in
    the row of the switch from the first request on, so that no crash forgets one of them. An adopted entry is not
    touched, nor the one before it; an entry at another account is left to a person.
    """
    if ended.state is State.DELIVERED and not ended.via:  # within a minute there was nothing to send
        return Change((Move(ended.seq, Event.REOPENED),))
    ours = ended.via is Via.ENTRY and ended.state is State.DELIVERED and bool(ended.entry_ids)
    if not ours or ended.elsewhere or item.elsewhere or item.via is Via.ADOPTED:
        return _take_back(item, items, seen, policy, now_s)
    ids = tuple(dict.fromkeys((item.entry_ids if item.via is Via.ENTRY else ()) + ended.entry_ids))
    if item.state is State.HELD:
        return Change((Move(item.seq, Event.RELEASE),))
    if item.state is State.DELIVERED:
        return Change((Move(item.seq, Event.TAKE_BACK),))
    return Rest(item.due_s) if item.due_s > now_s else _delete(item, ids, seen, policy, now_s)


def loses_its_end(interval: Interval) -> bool:
    """Whether the switch that ends an interval is being taken back; until that is done nothing new is sent for it."""
    if not isinstance(interval, Pair) or not interval.shared_close:
        return False
    return interval.closes.voided and interval.opens.state is not State.DOUBTFUL


def _made_by_us(item: Item, items: Sequence[Item]) -> bool:
    """Whether a punch of ours began the entry of this punch: no other entry may ever be deleted."""
    began = (i for i in items if i.via is Via.ENTRY or (i.via is Via.TIMER and i.kind in BEGINS))
    return any(set(item.entry_ids) & set(i.entry_ids) for i in began)


def _locked(item: Item, ids: tuple[str, ...], seen: Seen | None, after_s: float) -> Plan | None:
    """Return what must be done before these entries can be deleted: look whether one is locked, or hold; else None.

    If one entry of a chain over midnight is locked, none is deleted: half of it would be neither booked nor taken back.
    """
    if seen is None or seen.taken_s < after_s or not seen.covers(item.local, item.local):
        return Look(item.local, item.local, after_s)
    locked = next((row.id for row in seen.entries if row.id in ids and row.locked), None)
    if locked is None:
        return None
    because = sentence(
        "entry {locked} is locked in the tracker: unlock it there and retry this, or ignore this", locked=locked
    )
    return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.NOT_DELETED, because)),))
