"""What to do next for one employee's attendance: send, look, change a state, or rest.

A plan is made anew from what is on disk and what was last seen at the tracker; nothing is remembered in between, so
a restart at any point continues where the facts are. The same function serves sync (which carries out `Send`) and
reconcile (which carries out `Look`, and applies `Change`): a doubtful delivery and a fresh one differ only in state.

    the outbox has                      the tracker shows                       plan
    in + out, nothing sent              the same interval                       found
                                        another one that overlaps               hold
                                        anything else                           CreateEntry (one request, absolute)
    in alone (timer)                    a row from then                         found
                                        a running row of somebody, earlier      found, adopted
                                        one that runs for longer than a shift   hold
                                        a running row, later                    rest; the pair is sent with the out
                                        a closed row around it                  hold
                                        our own forgotten row still runs        rest; the pair is sent with the out
                                        nothing                                 StartTimer, dated at the punch
    in alone, older than a shift                                                hold: clock-out missing
    in + out, longer than a shift, and no person said so                        hold both
    in alone of an earlier boot, the time is not known yet                      rest
    out, its in booked by timer         our row runs                            StopTimer, dated at the punch
                                        our row runs beside another, or the     UpdateEntry on our id
                                        clocks were changed: with a note
                                        our row ends then                       found
                                        our row ended, another runs since       StopTimer on that one
                                        our row ended otherwise                 hold
                                        our row is gone                         hold (never made again)
    out without in                      a running row, earlier                  StopTimer, adopted
                                        nothing                                 hold
    out, its in is held                                                         hold, until the in goes on
    taken back                                                                  see core/plan_deletion.py

A stop hits whatever runs (trap T62), so one that waited is never sent on old knowledge (`Policy.fresh_timer_s`). A tap
of this minute says what the person wants now and may trust a look of the last minutes. A whole interval is absolute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from clockd.core.compare import equal_rows, near, overlapping_rows, running_rows, tiling_rows
from clockd.core.delivery import FINISHED, Event, State
from clockd.core.minutes import MINUTE, WholeMinutes, moment, whole_minutes
from clockd.core.model import ClockQuality, Kind
from clockd.core.pairing import Held, Interval, Item, intervals
from clockd.core.plan import (
    ITS_IN,
    NOT_DELETED,
    ORPHAN_OUT,
    TOO_LONG,
    Change,
    Look,
    Move,
    Plan,
    Policy,
    Rest,
    Seen,
    Send,
)
from clockd.core.plan_deletion import is_kept, loses_its_end, plan_deletion, settle_deletion
from clockd.core.timebase import Unsendable, Wire, WithNote, wire_interval
from clockd.core.wire import CreateEntry, Entry, StartTimer, StopTimer, UpdateEntry

LIVE_S = 60.0
"""A tap this young is of this minute."""


def plan_attendance(
    items: Sequence[Item], seen: Seen | None, policy: Policy, now_s: float, *, trusted: bool = True
) -> Plan:
    """Say what to do next in one employee's attendance lane.

    Args:
        items: the lane in order of seq: everything unfinished, and enough before it to see the open shift.
        seen: the last read of the tracker for this employee; None when there was none since the start.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
        trusted: the wall clock is right; else nobody knows how long ago an earlier boot was.
    """
    if any(item.state is State.SENDING for item in items) or any(item.held and item.held.blocks for item in items):
        return Rest()
    over = (State.VOID, State.IGNORED)
    kept = frozenset(i for item in items if is_kept(item) for i in item.entry_ids)
    owned = kept.union(*(item.entry_ids for item in items if item.state not in over))
    context = _Context(items, seen, policy, now_s, owned, kept, trusted)
    for item in items:
        if item.voided and item.state is State.DOUBTFUL and item.write == "DeleteEntry":
            return _settle_deletion(item, context)
    if plan := plan_deletion(items, seen, policy, now_s):
        return plan
    for interval in intervals(items, breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects):
        if _needs_its_out(interval):
            assert interval.closes is not None
            return Change((Move(interval.closes.seq, Event.REOPENED),))
        if all(item.state in FINISHED for item in interval.items):
            context.running_own |= interval.closes is None and interval.opens is not None
            continue
        if loses_its_end(interval):
            continue
        plan = _plan_interval(interval, context)
        if plan is not None:
            return plan
    return Rest()


@dataclass(slots=True)
class _Context:
    """What every rule below needs."""

    items: Sequence[Item]
    seen: Seen | None
    policy: Policy
    now_s: float
    owned: frozenset[str]
    """Ids that punches of this lane own already."""
    kept: frozenset[str]
    """Those among them that were to be deleted and are not: they are in the way, and nobody's."""
    trusted: bool
    running_own: bool = False
    """An earlier interval of ours was never closed at the tracker."""

    @property
    def foreign(self) -> list[Entry]:
        """Rows of this employee that none of our punches owns."""
        return [row for row in (self.seen.entries if self.seen else ()) if row.id not in self.owned]

    @property
    def in_the_way(self) -> list[Entry]:
        """Rows that none of our punches owns as its own."""
        return [row for row in (self.seen.entries if self.seen else ()) if row.id not in self.owned - self.kept]

    @property
    def work(self) -> list[Entry]:
        """Those of them that may be the work we book: a holiday at the same times is not."""
        types = self.policy.time_types
        return [row for row in self.foreign if not types or not row.time_type or row.time_type in types]

    def age_s(self, item: Item) -> float:
        """Return how long ago the tap was."""
        return self.now_s - item.tapped_s

    def knows_age(self, item: Item) -> bool:
        """Whether that is true: the wall clock begins where power was lost until somebody tells the time."""
        return item.same_boot or self.trusted

    def fresh_s(self, item: Item) -> float:
        """Return the oldest moment a look may be of, to start or stop a timer for this punch."""
        live = self.knows_age(item) and self.age_s(item) < LIVE_S and item.attempts == 0
        return self._oldest_s(self.policy.fresh_live_s if live else self.policy.fresh_timer_s)

    def fresh_pair_s(self) -> float:
        """Return the oldest moment a look may be of, to send a whole interval."""
        return self._oldest_s(self.policy.fresh_pair_s)

    def _oldest_s(self, one_page_s: float) -> float:
        if self.seen is None:
            return self.now_s - one_page_s
        return self.now_s - one_page_s * min(self.seen.pages, self.policy.most_fresh_pages) - self.seen.slack_s

    def needs_look(self, from_local: datetime, to_local: datetime, after_s: float) -> Look | None:
        """Return the look that is needed first, unless what was seen will do."""
        if self.seen and self.seen.taken_s >= after_s and self.seen.covers(from_local, to_local):
            return None
        return Look(from_local, to_local, after_s)


def _plan_interval(interval: Interval, context: _Context) -> Plan | None:
    """Plan for the first interval that is not finished; None: it waits for a person, later ones may go on."""
    opens, closes = interval.opens, interval.closes
    if any(item.state is State.WAITING and item.clock is ClockQuality.UNCERTAIN for item in interval.items):
        return Rest()
    if doubtful := [item for item in interval.items if item.state is State.DOUBTFUL]:
        return _settle(interval, doubtful, context)
    if (until_s := max((i.due_s for i in interval.items if i.state is State.WAITING), default=0)) > context.now_s:
        return Rest(until_s)
    closing = closes is not None and (interval.shared_close or closes.state is State.WAITING)
    was_too_long = closes is not None and closes.held is not None and closes.held.code == TOO_LONG
    if closes is not None and was_too_long and not (opens and _too_long(interval, context.policy)):
        return Change((Move(closes.seq, Event.RELEASE),))
    if opens is None:
        assert closes is not None
        return _plan_orphan(closes, interval, context) if closing else None
    if was_too_long and opens.state is State.WAITING:
        return _hold((opens,), "missing-out", _missing_out(opens))
    if closing and closes and opens.state in (State.WAITING, State.HELD) and _too_long(interval, context.policy):
        return _hold_too_long(interval, context)
    if opens.state is State.HELD:
        if closing and opens.held and opens.held.code == "missing-out":
            return Change((Move(opens.seq, Event.RELEASE),))
        because = f"its clock-in of {opens.local:%d %b %H:%M} is held: settle that first, this follows"
        return _hold((closes,), ITS_IN, because) if closing and closes and not interval.shared_close else None
    if closes is not None and closes.held and closes.held.code in (ITS_IN, ORPHAN_OUT):
        return Change((Move(closes.seq, Event.RELEASE),))
    if opens.state is State.WAITING and closes is None:
        return _plan_start(opens, interval, context)
    if opens.state is State.WAITING and closing:
        if any(item.state is State.HELD for item in interval.inside):
            return None  # a break waits for a person, and so does the interval it is part of
        return _plan_pair(interval, context)
    if opens.state is State.DELIVERED and closing and not interval.shared_close:
        return _plan_stop(interval, context)
    if opens.state is State.DELIVERED and closes is not None and closes.state is State.DELIVERED:
        return _plan_breaks(interval)
    return None


def _too_long(interval: Interval, policy: Policy) -> bool:
    """Whether it is longer than a shift and no person said that it is so: rather, a clock-out was forgotten."""
    opens, closes = interval.opens, interval.closes
    assert opens is not None
    assert closes is not None
    return closes.mark != "said" and (closes.at - opens.at).total_seconds() > policy.max_shift_s


def _hold_too_long(interval: Interval, context: _Context) -> Plan | None:
    """No time is invented for the clock-out that was forgotten; a project switch begins anew what it cannot end."""
    opens, closes = interval.opens, interval.closes
    assert opens is not None
    assert closes is not None
    if opens.state is State.WAITING:
        return _hold((opens,), "missing-out", _missing_out(opens))
    if interval.shared_close:
        return None
    because = (
        f"longer than a shift after the clock-in of {opens.local:%d %b %H:%M}: say when they left (clockd punches "
        "amend), or if it is so, retry this"
    )
    return _hold((closes,), TOO_LONG, because)


def _needs_its_out(interval: Interval) -> bool:
    """Whether a clock-out after a break, which needed nothing, ends an interval now that the break was taken back."""
    opens, closes = interval.opens, interval.closes
    return (
        opens is not None
        and closes is not None
        and not interval.shared_close
        and closes.state is State.DELIVERED
        and not closes.via
        and opens.state in (State.WAITING, State.DELIVERED)
        and not (opens.state is State.DELIVERED and not opens.via)
    )


def span(interval: Interval, policy: Policy) -> tuple[datetime, datetime]:
    """Return begin and end of a closed interval as they are sent; one that cannot be sent is empty or ends early.

    With whole minutes, one that lies within a minute takes all of it (`core/minutes.py`), if the minute is its own:
    that is asked before it is sent, see `_within_a_minute`.
    """
    opens, closes = interval.opens, interval.closes
    assert opens is not None
    assert closes is not None
    if not policy.whole_minutes:
        return opens.local, closes.local
    begin, end = (_told_apart(item, policy.zone) for item in (opens, closes))
    found = whole_minutes(begin, end, zone=policy.zone)
    if not isinstance(found, WholeMinutes):
        return begin, end
    if found.extended and opens.offset_s != closes.offset_s:
        return begin, begin
    on_the_wall = found.to_local - found.from_local
    if not policy.says_offset and (on_the_wall <= timedelta(0) or (found.extended and on_the_wall != MINUTE)):
        return begin, begin
    return found.from_local, found.to_local


def _told_apart(item: Item, zone: tzinfo | None) -> datetime:
    second = zone is not None and zone.utcoffset(item.local) != timedelta(seconds=item.offset_s)
    return item.local.replace(fold=int(second))


# --- writes -----------------------------------------------------------------------------------------------------


def _plan_pair(interval: Interval, context: _Context) -> Plan:
    assert interval.opens is not None
    assert interval.closes is not None
    from_local, to_local = span(interval, context.policy)
    zone = context.policy.zone
    if moment(to_local, zone) <= moment(from_local, zone):
        return _hold(interval.items, "unsendable", _unsendable(interval, from_local, to_local))
    extended = moment(to_local, zone) > moment(_told_apart(interval.closes, zone), zone)
    if extended and (instead := _within_a_minute(interval, to_local, context)):
        return instead
    if not context.policy.blind and (known := _known_of(interval, from_local, to_local, context)):
        return known
    write = CreateEntry(
        username=interval.opens.username,
        from_local=from_local,
        to_local=to_local,
        break_minutes=interval.break_minutes,
        note=note_for(interval),
        project=interval.project.name if interval.project else None,
    )
    return Send(write, tuple(item.seq for item in interval.items if item.state is State.WAITING))


def _within_a_minute(interval: Interval, end_local: datetime, context: _Context) -> Plan | None:
    """What to do instead of booking a whole minute for less; None: it is free (trap U15).

    Until the minute is over somebody may clock in again in it. What follows without a gap books the minute anyway.
    """
    closes = interval.closes
    assert closes is not None
    if interval.shared_close:
        return Change(tuple(Move(i.seq, Event.NOTHING_TO_SEND) for i in interval.items if i.state is State.WAITING))
    later = context.items[[item.seq for item in context.items].index(closes.seq) + 1 :]
    zone = context.policy.zone
    end = moment(end_local, zone)
    for item in later:
        if item.kind in (Kind.OUT, Kind.BREAK) or item.voided or item.state in (State.IGNORED, State.VOID):
            continue
        if moment(_told_apart(item, zone), zone) >= end:
            return None
        because = "in, out and the next in lie within one minute, which the tracker books once: ignore it"
        return _hold(interval.items, "unsendable", because)
    left_s = (end - moment(_told_apart(closes, zone), zone)).total_seconds() - context.age_s(closes)
    return Rest(context.now_s + left_s) if left_s > 0 else None


def _known_of(interval: Interval, from_local: datetime, to_local: datetime, context: _Context) -> Plan | None:
    """What stands against sending an interval: it must be looked for first, is there already, or overlaps."""
    first = context.policy.look_first or bool(context.kept)
    if first and (look := context.needs_look(from_local, to_local, context.fresh_pair_s())):
        return look
    if rows := _booked(context.work, from_local, to_local):
        return _found(interval.items, rows, "adopted")
    if rows := overlapping_rows(context.in_the_way, from_local, to_local):
        return _hold(interval.items, "conflict", _conflict(rows, from_local, to_local))
    return None


def _plan_start(opens: Item, interval: Interval, context: _Context) -> Plan | None:
    if not interval.abandoned and not context.knows_age(opens):
        return Rest()
    if interval.abandoned or context.age_s(opens) > context.policy.max_shift_s:
        return _hold((opens,), "missing-out", _missing_out(opens))
    if not context.policy.timer or opens.mark == "no-start":
        return None
    if look := context.needs_look(opens.local, opens.local, context.fresh_s(opens)):
        return look
    foreign = context.foreign
    for row in foreign:
        if near(row.from_local, opens.local):
            return _found((opens,), [row], "timer" if row.to_local is None else "adopted")
    if running := running_rows(foreign):
        if running[0].from_local < opens.local - timedelta(seconds=context.policy.max_shift_s):
            return _hold((opens,), "conflict", _endless(running[0]))
        return _found((opens,), running[:1], "adopted") if running[0].from_local < opens.local else None
    assert context.seen is not None
    if context.running_own and running_rows(context.seen.entries):
        return None
    moment = opens.local, opens.local + timedelta(seconds=1)
    if around := [r for r in foreign if r.to_local and r.from_local <= moment[0] < r.to_local - timedelta(minutes=1)]:
        return _hold((opens,), "conflict", _conflict(around, *moment))
    return Send(StartTimer(opens.username, opens.local), (opens.seq,))


def _plan_stop(interval: Interval, context: _Context) -> Plan | None:
    opens, closes = interval.opens, interval.closes
    assert opens is not None
    assert closes is not None
    if opens.elsewhere:
        because = "its clock-in is at the tracker or account used before: end the entry there, then ignore this"
        return _hold((closes,), "switched", because)
    if not context.policy.can_stop:
        which = f"entry {', '.join(opens.entry_ids)}" if opens.entry_ids else "an entry"
        because = f"its clock-in is booked in {which} with another end: correct that in the tracker, then ignore this"
        return _hold((closes,), "conflict", because)
    if closes.local <= opens.local:
        return _hold((closes,), "unsendable", _unsendable(interval, opens.local, closes.local))
    started_s = opens.done_s or 0.0
    fresh_s = context.fresh_s(closes)
    note = note_for(interval)
    if context.policy.blind:
        return Send(StopTimer(closes.username, closes.local), (closes.seq,), opens.entry_ids)
    if not note and started_s >= fresh_s and (context.seen is None or context.seen.taken_s < started_s):
        # our own start was proved a moment ago: that is as good as a look
        return Send(StopTimer(closes.username, closes.local), (closes.seq,), opens.entry_ids)
    if look := context.needs_look(opens.local, closes.local, fresh_s):
        return look
    assert context.seen is not None
    ours = _our_row(opens, closes, context)
    if ours is None:
        visible_s = started_s + context.policy.quarantine_s
        if context.seen.taken_s < visible_s:  # a list may lag behind a write (reliability.md §3.2)
            soon = context.now_s < visible_s
            return Rest(visible_s) if soon else Look(opens.local, closes.local, visible_s)
        if known := opens.entry_ids or closes.entry_ids:
            because = f"entry {', '.join(known)} was deleted in the tracker; it is not made again"
            return _hold((closes,), "deleted", because)
        return Change((Move(opens.seq, Event.REOPENED, entry_ids=(), via=""),))
    if ours.to_local is not None:
        return _ended(closes, ours, opens.local, context) or _ended_otherwise(closes, ours, context)
    if note or len(running_rows(context.seen.entries)) > 1:
        whole_note = "; ".join(part for part in (ours.note, note) if part) if note else None
        return Send(UpdateEntry(ours.id, to_local=closes.local, note=whole_note), (closes.seq,), (ours.id,))
    return Send(StopTimer(closes.username, closes.local), (closes.seq,), (ours.id,))


def _plan_orphan(closes: Item, interval: Interval, context: _Context) -> Plan | None:
    if interval.after_break:
        return Change((Move(closes.seq, Event.NOTHING_TO_SEND),))
    if context.policy.timer:
        earliest = closes.local - timedelta(seconds=context.policy.max_shift_s)
        if look := context.needs_look(earliest, closes.local, context.fresh_s(closes)):
            return look
        running = [r for r in running_rows(context.foreign) if earliest <= r.from_local < closes.local]
        if len(running) == 1:
            return Send(StopTimer(closes.username, closes.local), (closes.seq,), (running[0].id,))
        ended = [r for r in context.foreign if near(r.to_local, closes.local)]
        if ended:
            return _found((closes,), ended[:1], "adopted")
    because = f"clock-out at {closes.local:%d %b %H:%M} without a clock-in: say when they came (clockd punches amend)"
    return _hold((closes,), ORPHAN_OUT, because)


def _plan_breaks(interval: Interval) -> Plan | None:
    assert interval.opens is not None
    assert interval.closes is not None
    waiting = tuple(item.seq for item in interval.inside if item.state is State.WAITING)
    if not waiting:
        return None
    ids = interval.closes.entry_ids or interval.opens.entry_ids
    if not ids:
        return Change(tuple(Move(seq, Event.HOLD, held=_NO_ENTRY) for seq in waiting))
    return Send(UpdateEntry(ids[0], break_minutes=interval.break_minutes), waiting, ids[:1])


_NO_ENTRY = Held("conflict", "the entry these breaks belong to has no number; enter the break in the tracker")


# --- doubt ------------------------------------------------------------------------------------------------------


def _settle(interval: Interval, doubtful: list[Item], context: _Context) -> Plan | None:
    """A doubtful delivery: rest for the quarantine, look, and believe only what the look shows."""
    item, policy = doubtful[0], context.policy
    if policy.blind:
        return _absent(doubtful, context)
    if item.write == "UpdateEntry":  # absolute: doing it twice is doing it once
        return Rest(item.due_s) if item.due_s > context.now_s else _absent(doubtful, context)
    sent_s = item.sent_s or 0.0
    if context.now_s < item.due_s and item.mark != "unconfirmed":
        return Rest(item.due_s)
    from_local, to_local = _span_in_doubt(interval, item)
    after_s = item.due_s if context.now_s >= item.due_s else sent_s
    if look := context.needs_look(from_local, to_local, after_s):
        return look
    if found := _proof(interval, doubtful, context):
        return found
    if context.now_s < item.due_s:
        return Rest(item.due_s)
    rows = overlapping_rows(context.foreign, from_local, to_local) if item.write == "CreateEntry" else []
    if rows:
        return _hold(doubtful, "conflict", _conflict(rows, from_local, to_local))
    if item.mark == "rejected":
        return _refused(doubtful, item)
    return _absent(doubtful, context)


def _settle_deletion(item: Item, context: _Context) -> Plan:
    """Absolute as well; everything else of the employee waits, for it may concern what they have since done."""
    if item.mark == "unconfirmed" and not context.policy.blind:
        return settle_deletion(item, context.items, context.seen, context.policy, context.now_s)
    return Rest(item.due_s) if item.due_s > context.now_s else _absent([item], context)


def _span_in_doubt(interval: Interval, item: Item) -> tuple[datetime, datetime]:
    first = interval.opens or item
    last = interval.closes or item
    return min(first.local, last.local), max(first.local, last.local)


def _proof(interval: Interval, doubtful: list[Item], context: _Context) -> Plan | None:
    """Whether the look shows that the write was applied."""
    item = doubtful[0]
    if item.write == "CreateEntry" and interval.opens and interval.closes:
        rows = _booked(context.work, *span(interval, context.policy))
        # what was refused is not ours, nor what is cut elsewhere than a tracker cuts: it may never be deleted
        made = item.mark != "rejected" and all(row.from_local.time() == time() for row in rows[1:])
        return _found(doubtful, rows, "entry" if made else "adopted") if rows else None
    if item.write == "StartTimer":
        rows = [row for row in context.foreign if near(row.from_local, item.local)]
        return _found(doubtful, rows[:1], "timer") if rows else None
    if item.write == "StopTimer":
        ours = _our_row(interval.opens, item, context)
        if ours is None:
            adopted = [row for row in context.foreign if near(row.to_local, item.local)]
            return _found(doubtful, adopted[:1], "adopted") if adopted else None
        if ours.to_local is not None:
            return _ended(item, ours, ours.from_local, context)
    return None


def _refused(doubtful: list[Item], item: Item) -> Plan:
    if item.write == "StartTimer":
        return Change(tuple(Move(i.seq, Event.ABSENT, mark="no-start") for i in doubtful))
    return _hold(doubtful, "refused", f"the tracker refuses it: {item.last_error or 'no reason given'}")


def _absent(doubtful: Sequence[Item], context: _Context) -> Plan:
    item, policy = doubtful[0], context.policy
    if item.attempts >= policy.max_attempts:
        because = f"sent {item.attempts} times without a trace; last: {item.last_error or 'no answer'}"
        return _hold(doubtful, NOT_DELETED if item.write == "DeleteEntry" else "gave-up", because)
    if item.first_sent_s is not None and item.first_sent_s <= 0 and not context.trusted:
        return Rest()  # sent before this boot, and nobody knows how long ago that was
    if item.first_sent_s is not None and context.now_s - item.first_sent_s > policy.horizon_s:
        if item.write == "DeleteEntry":
            because = "asked hours ago to delete it, without a clear answer: delete it in the tracker, or retry this"
            return _hold(doubtful, NOT_DELETED, because)
        because = "sent hours ago and not there now: somebody may have deleted or moved it. Look, then retry or ignore"
        return _hold(doubtful, "gave-up", because)
    return Change(tuple(Move(i.seq, Event.ABSENT) for i in doubtful))


# --- small parts ------------------------------------------------------------------------------------------------


def _our_row(opens: Item | None, closes: Item, context: _Context) -> Entry | None:
    """Find the row that a clock-out ends: by the id that either punch knows, else by when it began."""
    assert context.seen is not None
    ids = (opens.entry_ids if opens else ()) + closes.entry_ids
    if ids:
        return next((row for row in context.seen.entries if row.id in ids), None)
    if opens is None:
        return None
    return next((row for row in context.foreign if near(row.from_local, opens.local)), None)


def _ended(closes: Item, ours: Entry, from_local: datetime, context: _Context) -> Change | None:
    """Our row has an end already: the one we wanted; None when it is another."""
    assert ours.to_local is not None
    assert context.seen is not None
    if near(ours.to_local, closes.local):
        return _found((closes,), [ours], "timer")
    rest_of_it = [ours, *(row for row in context.seen.entries if row.id != ours.id and row.id not in context.owned)]
    if tiles := tiling_rows(rest_of_it, from_local, closes.local):
        return _found((closes,), tiles, "timer")
    return None


def _ended_otherwise(closes: Item, ours: Entry, context: _Context) -> Plan:
    """Somebody gave our row another end: they went on with another row (a break by phone), or a person has to look."""
    assert ours.to_local is not None
    assert context.seen is not None
    running = running_rows(context.seen.entries)
    if len(running) == 1 and ours.to_local <= running[0].from_local < closes.local:
        return Send(StopTimer(closes.username, closes.local), (closes.seq,), (running[0].id,))
    because = (
        f"entry {ours.id} ended in the tracker at {ours.to_local:%d %b %H:%M:%S}, not at {closes.local:%H:%M:%S}: "
        "correct it there or leave it, then ignore this"
    )
    return _hold((closes,), "conflict", because)


def _booked(rows: Sequence[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    return equal_rows(rows, from_local, to_local)[:1] or tiling_rows(rows, from_local, to_local)


def _found(items: Iterable[Item], rows: Sequence[Entry], via: str) -> Change:
    ids = tuple(row.id for row in rows)
    unfinished = (item for item in items if item.state not in FINISHED)
    return Change(tuple(Move(item.seq, Event.FOUND, entry_ids=ids, via=via) for item in unfinished))


def _hold(items: Iterable[Item], code: str, because: str) -> Change:
    held = Held(code, because)
    unfinished = (item for item in items if item.state in (State.WAITING, State.DOUBTFUL))
    return Change(tuple(Move(item.seq, Event.HOLD, held=held) for item in unfinished))


def _missing_out(opens: Item) -> str:
    return f"no clock-out after {opens.local:%d %b %H:%M}: say when they left (clockd punches amend)"


def _conflict(rows: Sequence[Entry], from_local: datetime, to_local: datetime) -> str:
    theirs = ", ".join(
        f"entry {row.id} {row.from_local:%d %b %H:%M}–{row.to_local:%H:%M}"
        if row.to_local
        else f"entry {row.id} running since {row.from_local:%d %b %H:%M}"
        for row in rows[:3]
    )
    return f"{from_local:%d %b %H:%M}–{to_local:%H:%M} overlaps {theirs}: change one of them, then retry or ignore"


def _endless(row: Entry) -> str:
    since = f"{row.from_local:%d %b %H:%M}"
    return f"entry {row.id} runs in the tracker since {since}, longer than a shift: end it there, then retry this"


def _unsendable(interval: Interval, from_local: datetime, to_local: datetime) -> str:
    wire = _wire(interval)
    if isinstance(wire, Unsendable) and (end := wire.proposal_to_local) is not None:
        return f"{wire.reason}. Proposal: enter {from_local:%H:%M}–{end:%H:%M}, then ignore"
    if interval.opens and interval.closes and to_local == from_local < interval.closes.local:
        shown = f"{interval.opens.local:%H:%M:%S}–{interval.closes.local:%H:%M:%S}"
        why = "the clocks change then, and its whole minutes cannot be said in the tracker's times"
        return f"{shown}: {why}: ignore it, or enter it there"
    return f"{from_local:%H:%M:%S}–{to_local:%H:%M:%S} is too short for the tracker: ignore it, or enter it there"


def note_for(interval: Interval) -> str:
    """Return the text that goes with an interval: only a change of the clocks needs one (traps §5)."""
    wire = _wire(interval)
    return wire.text if isinstance(wire, WithNote) else ""


def _wire(interval: Interval) -> Wire:
    opens, closes = interval.opens, interval.closes
    assert opens is not None
    assert closes is not None
    return wire_interval(opens.at, closes.at, opens.offset_s, closes.offset_s)
