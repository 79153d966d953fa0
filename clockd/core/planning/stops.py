"""The rules for a clock-out that ends a timer, which we or somebody else started, and for a clock-out alone."""

from datetime import datetime, timedelta

from clockd.core.delivery import Event, Held, HoldCode, Move, Via
from clockd.core.planning import holds
from clockd.core.planning.compare import ends_at, near, running_rows, stands_at, tiling_rows
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import OrphanOut, Pair
from clockd.core.planning.plan import Change, Look, Plan, Rest, Send, booked_by
from clockd.core.planning.rule import Rule
from clockd.core.planning.situation import Situation
from clockd.core.planning.span import note_for
from clockd.core.sentence import sentence
from clockd.core.wire import Entry, StopTimer, UpdateEntry, same_user


def _hold_out(pair: Pair, code: HoldCode, because: str) -> Change:
    return holds.hold([pair.closes], Held(code, because, other=pair.opens.seq))


def _stop(closes: Item, target: tuple[str, ...]) -> Send:
    return Send(StopTimer(closes.username, closes.local), (closes.seq,), target)


def _elsewhere(pair: Pair, situation: Situation) -> Change | None:
    because = "its clock-in is at the tracker or account used before: end the entry there, then ignore this"
    return _hold_out(pair, HoldCode.SWITCHED, because) if pair.opens.elsewhere else None


def _no_timers(pair: Pair, situation: Situation) -> Change | None:
    if situation.policy.can_stop:
        return None
    ids = pair.opens.entry_ids
    which = holds.which_entry(ids)
    because = sentence(
        "its clock-in is booked in {which} with another end: correct that in the tracker, then ignore this", which=which
    )
    return _hold_out(pair, HoldCode.CONFLICT, because)


def _cannot_be_said(pair: Pair, situation: Situation) -> Change | None:
    opens, closes = pair.opens, pair.closes
    if closes.local > opens.local:
        return None
    return _hold_out(pair, HoldCode.UNSENDABLE, holds.unsendable(pair, opens.local, closes.local))


def _just_started(pair: Pair, situation: Situation) -> Send | None:
    """Stop without a look when our own start was proved a moment ago: that is as good as a look."""
    started_s, seen = pair.opens.done_s or 0.0, situation.seen
    in_this_boot = started_s > 0.0  # what an earlier boot proved is no matter of a moment
    as_good = started_s >= situation.fresh_s(pair.closes) and (seen is None or seen.taken_s < started_s)
    if situation.policy.blind or (in_this_boot and as_good and not note_for(pair)):
        return _stop(pair.closes, pair.opens.entry_ids)
    return None


def _not_seen(pair: Pair, situation: Situation) -> Look | None:
    return situation.needs_look(pair.opens.local, pair.closes.local, situation.fresh_s(pair.closes))


def _is_gone(pair: Pair, situation: Situation) -> Plan | None:
    """Deal with a row of ours that the look does not show: only after the quarantine, since a list may lag behind."""
    opens, closes = pair.opens, pair.closes
    if our_row(opens, closes, situation) is not None:
        return None
    visible_s = (opens.done_s or 0.0) + situation.policy.quarantine_s
    if situation.seen is None or situation.seen.taken_s < visible_s:
        soon = situation.now_s < visible_s
        return Rest(visible_s) if soon else Look(opens.local, closes.local, visible_s)
    if known := opens.entry_ids or closes.entry_ids:
        if to := {
            name for i in known if (name := situation.seen.whose.get(i)) and not same_user(name, closes.username)
        }:
            because = sentence(
                "entry {known} belongs to {owners} in the tracker now: if that is the same person, "
                "clockd people rename {username} {owner}; else correct it there, then ignore this",
                known=tuple(known),
                owners=tuple(sorted(to)),
                username=closes.username,
                owner=min(to),
            )
            return _hold_out(pair, HoldCode.RENAMED, because)
        because = sentence("entry {known} was deleted in the tracker; it is not made again", known=tuple(known))
        return _hold_out(pair, HoldCode.DELETED, because)
    return Change((Move(opens.seq, Event.REOPENED),))


def _ended_then(pair: Pair, situation: Situation) -> Change | None:
    ours = our_row(pair.opens, pair.closes, situation)
    return ended_by(pair.closes, ours, pair.opens.local, situation) if ours else None


def _went_on(pair: Pair, situation: Situation) -> Send | None:
    """Stop the row that they started after they had ended ours, as for a break by phone."""
    ours, running = our_row(pair.opens, pair.closes, situation), running_rows(situation.rows)
    if ours is None or ours.to_local is None or len(running) != 1:
        return None
    went_on = ours.to_local <= running[0].from_local < pair.closes.local
    return _stop(pair.closes, (running[0].id,)) if went_on else None


def _ended_otherwise(pair: Pair, situation: Situation) -> Change | None:
    ours, closes = our_row(pair.opens, pair.closes, situation), pair.closes
    if ours is None or ours.to_local is None:
        return None
    because = sentence(
        "entry {entry_id} ended in the tracker at {end:%d %b %H:%M:%S}, not at "
        "{at:%H:%M:%S}: correct it there or leave it, then ignore this",
        entry_id=ours.id,
        end=ours.to_local,
        at=closes.local,
    )
    return _hold_out(pair, HoldCode.CONFLICT, because)


def _not_alone(pair: Pair, situation: Situation) -> Send | None:
    ours, note = our_row(pair.opens, pair.closes, situation), note_for(pair)
    if ours is None or not (note or len(running_rows(situation.rows)) > 1):
        return None
    whole_note = "; ".join(part for part in (ours.note, note) if part) if note else None
    return Send(UpdateEntry(ours.id, to_local=pair.closes.local, note=whole_note), (pair.closes.seq,), (ours.id,))


def _runs(pair: Pair, situation: Situation) -> Send | None:
    ours = our_row(pair.opens, pair.closes, situation)
    return _stop(pair.closes, (ours.id,)) if ours else None


STOP: tuple[Rule[Pair], ...] = (
    Rule("its in is at another tracker or account", "hold", _elsewhere),
    Rule("the tracker has no timers", "hold", _no_timers),
    Rule("the tracker's times cannot say it", "hold", _cannot_be_said),
    Rule("our start was proved a moment ago", "StopTimer, dated at the punch", _just_started),
    Rule("was not looked at, or too long ago", "look", _not_seen),
    Rule("our row is gone", "rest, look, then hold; never made again", _is_gone),
    Rule("our row ends then", "found", _ended_then),
    Rule("our row ended otherwise, another runs since", "StopTimer on that one", _went_on),
    Rule("our row ended otherwise", "hold", _ended_otherwise),
    Rule("our row runs beside another, or needs a note", "UpdateEntry on our id", _not_alone),
    Rule("our row runs", "StopTimer, dated at the punch", _runs),
)
"""The rules for a clock-in that is booked by a timer, and a clock-out that waits."""


# --- a clock-out alone ------------------------------------------------------------------------------------------


def _break_ended_it(orphan: OrphanOut, situation: Situation) -> Change | None:
    return Change((Move(orphan.closes.seq, Event.NOTHING_TO_SEND),)) if orphan.after_break else None


def _orphan_not_seen(orphan: OrphanOut, situation: Situation) -> Look | None:
    if not situation.policy.timer:
        return None
    closes = orphan.closes
    earliest = closes.local - timedelta(seconds=situation.policy.max_shift_s)
    return situation.needs_look(earliest, closes.local, situation.fresh_s(closes))


def _theirs_runs(orphan: OrphanOut, situation: Situation) -> Send | None:
    if not situation.policy.timer:
        return None
    closes = orphan.closes
    earliest = closes.local - timedelta(seconds=situation.policy.max_shift_s)
    running = [row for row in running_rows(situation.foreign) if earliest <= row.from_local < closes.local]
    return _stop(closes, (running[0].id,)) if len(running) == 1 else None


def _theirs_ended(orphan: OrphanOut, situation: Situation) -> Change | None:
    closes = orphan.closes
    ended = [row for row in situation.foreign if ends_at(row, closes.local)] if situation.policy.timer else []
    return booked_by([closes], ended[:1], Via.ADOPTED) if ended else None


def _alone(orphan: OrphanOut, situation: Situation) -> Change:
    return holds.hold([orphan.closes], holds.orphan_out(orphan.closes))


ORPHAN: tuple[Rule[OrphanOut], ...] = (
    Rule("the break before it ended the interval", "nothing to send", _break_ended_it),
    Rule("was not looked at, or too long ago", "look", _orphan_not_seen),
    Rule("one row of somebody's runs, since before", "StopTimer, adopted", _theirs_runs),
    Rule("a row of somebody's ends then", "found, adopted", _theirs_ended),
    Rule("nothing of these", "hold: clock-in missing", _alone),
)
"""The rules for a clock-out that waits, without a clock-in before it."""


# --- our row ----------------------------------------------------------------------------------------------------


def our_row(opens: Item | None, closes: Item, situation: Situation) -> Entry | None:
    """Find the row that a clock-out ends: by the id that either punch knows, else by when it began."""
    ids = (opens.entry_ids if opens else ()) + closes.entry_ids
    if ids:
        return next((row for row in situation.rows if row.id in ids), None)
    if opens is None:
        return None
    return next((row for row in situation.foreign if stands_at(row, opens.local)), None)


def ended_by(closes: Item, ours: Entry, from_local: datetime, situation: Situation) -> Change | None:
    """Say that our row, alone or with others that a tracker cut it into, ends at the clock-out; None if it does not."""
    if ours.to_local is None:
        return None
    if near(ours.to_local, closes.local):
        return booked_by([closes], [ours], Via.TIMER)
    others = (row for row in situation.rows if row.id != ours.id and row.id not in situation.owned)
    tiles = tiling_rows([ours, *others], from_local, closes.local)
    return booked_by([closes], tiles, Via.TIMER) if tiles else None
