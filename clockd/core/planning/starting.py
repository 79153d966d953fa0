"""The rules for an interval that runs: its timer is started, dated at the punch, unless something is against it."""

from datetime import timedelta

from clockd.core.delivery import Event, Held, HoldCode, Mark, Move, State, Via
from clockd.core.planning import holds
from clockd.core.planning.compare import running_rows, stands_at
from clockd.core.planning.pairing import Running
from clockd.core.planning.plan import WAITS, Change, Look, Plan, Rest, Send, Waits, booked_by
from clockd.core.planning.rule import Rule
from clockd.core.planning.situation import Situation
from clockd.core.wire import Entry, StartTimer


def _age_unknown(running: Running, situation: Situation) -> Rest | None:
    return None if running.abandoned or situation.knows_age(running.opens) else Rest()


def _forgotten(running: Running, situation: Situation) -> Change | None:
    too_old = situation.age_s(running.opens) > situation.policy.max_shift_s
    return holds.hold_running(running) if running.abandoned or too_old else None


def _no_timer(running: Running, situation: Situation) -> Change | Waits | None:
    return None if situation.policy.timer else wait_for_out(running)


def _not_seen(running: Running, situation: Situation) -> Look | None:
    opens, after_s = running.opens, situation.fresh_s(running.opens)
    if situation.left_running:  # a look from before our own start does not show whether that still runs
        after_s = max(after_s, (situation.left_running.done_s or 0.0) + A_MOMENT_S)
    return situation.needs_look(opens.local, opens.local, after_s)


def _from_then(running: Running, situation: Situation) -> Change | Look | None:
    row = next((row for row in situation.foreign if stands_at(row, running.opens.local)), None)
    return _take(running, row, situation, Via.TIMER if row.to_local is None else Via.ADOPTED) if row else None


def _take(running: Running, row: Entry, situation: Situation, via: Via) -> Change | Look:
    """Take a row for the tap, if it still looked so after the tap: before it, its owner may have ended it."""
    opens = running.opens
    return situation.needs_look(opens.local, opens.local, opens.tapped_s) or booked_by([opens], [row], via)


def wait_for_out(running: Running) -> Change | Waits:
    """Note on each punch that waits that it is sent together with its clock-out; hold it where none can come."""
    if running.abandoned:
        change = holds.hold_running(running)
        return change if change.moves else WAITS
    news = [item for item in running.items if item.state is State.WAITING and item.mark is not Mark.WITH_OUT]
    return Change(tuple(Move(item.seq, Event.WAIT, mark=Mark.WITH_OUT) for item in news)) if news else WAITS


def _earliest_running(situation: Situation) -> Entry | None:
    return next(iter(running_rows(situation.foreign)), None)


def _endless(running: Running, situation: Situation) -> Change | None:
    row, shift = _earliest_running(situation), timedelta(seconds=situation.policy.max_shift_s)
    if row is None or row.from_local >= running.opens.local - shift:
        return None
    return holds.hold([running.opens], Held(HoldCode.CONFLICT, holds.endless(row)))


def _runs_already(running: Running, situation: Situation) -> Change | Look | None:
    row = _earliest_running(situation)
    return _take(running, row, situation, Via.ADOPTED) if row and row.from_local < running.opens.local else None


def _runs_later(running: Running, situation: Situation) -> Change | Waits | None:
    return wait_for_out(running) if _earliest_running(situation) else None


def _own_runs(running: Running, situation: Situation) -> Change | Waits | None:
    return wait_for_out(running) if situation.left_running and running_rows(situation.rows) else None


def _within(running: Running, situation: Situation) -> Change | None:
    at = running.opens.local
    around = [r for r in situation.foreign if r.to_local and r.from_local <= at < r.to_local - timedelta(minutes=1)]
    return holds.hold([running.opens], Held(HoldCode.CONFLICT, holds.within(around, at))) if around else None


def _start(running: Running, situation: Situation) -> Plan:
    return Send(StartTimer(running.opens.username, running.opens.local), (running.opens.seq,))


A_MOMENT_S = 0.001
"""A look that begins this many seconds after a proof shows what was proved."""

START: tuple[Rule[Running], ...] = (
    Rule("is of an earlier boot, and nobody knows the time yet", "rest", _age_unknown),
    Rule("is older than a shift, or an in follows", "hold: clock-out missing", _forgotten),
    Rule("the tracker has no timers", "wait: it is sent with its out", _no_timer),
    Rule("was not looked at, or too long ago", "look", _not_seen),
    Rule("a row from then", "look after the tap, then found", _from_then),
    Rule("a row of somebody's runs for longer than a shift", "hold", _endless),
    Rule("a row of somebody's runs since before", "look after the tap, then found, adopted", _runs_already),
    Rule("a row of somebody's runs since later", "wait: it is sent with its out", _runs_later),
    Rule("our own row of an earlier in still runs", "wait: it is sent with its out", _own_runs),
    Rule("a closed row around it", "hold", _within),
    Rule("nothing of these", "StartTimer, dated at the punch", _start),
)
"""The rules for a clock-in that waits, and that nothing ends."""
