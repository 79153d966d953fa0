"""An interval that runs: its timer is started, dated at the punch, unless something stands against it."""

from datetime import timedelta

from clockd.core.delivery import Held, HoldCode, Mark, Via
from clockd.core.planning import holds
from clockd.core.planning.compare import near, running_rows
from clockd.core.planning.pairing import Running
from clockd.core.planning.plan import WAITS, Change, Look, Plan, Rest, Send, Waits, found
from clockd.core.planning.rule import Rule
from clockd.core.planning.situation import Situation
from clockd.core.wire import Entry, StartTimer


def _age_unknown(running: Running, situation: Situation) -> Rest | None:
    return None if running.abandoned or situation.knows_age(running.opens) else Rest()


def _forgotten(running: Running, situation: Situation) -> Change | None:
    too_old = situation.age_s(running.opens) > situation.policy.max_shift_s
    return holds.hold([running.opens], holds.missing_out(running.opens)) if running.abandoned or too_old else None


def _no_timer(running: Running, situation: Situation) -> Waits | None:
    return WAITS if not situation.policy.timer or running.opens.mark is Mark.NO_START else None


def _not_seen(running: Running, situation: Situation) -> Look | None:
    opens = running.opens
    return situation.needs_look(opens.local, opens.local, situation.fresh_s(opens))


def _from_then(running: Running, situation: Situation) -> Change | None:
    row = next((row for row in situation.foreign if near(row.from_local, running.opens.local)), None)
    if row is None:
        return None
    return found([running.opens], [row], Via.TIMER if row.to_local is None else Via.ADOPTED)


def _earliest_running(situation: Situation) -> Entry | None:
    return next(iter(running_rows(situation.foreign)), None)


def _endless(running: Running, situation: Situation) -> Change | None:
    row, shift = _earliest_running(situation), timedelta(seconds=situation.policy.max_shift_s)
    if row is None or row.from_local >= running.opens.local - shift:
        return None
    return holds.hold([running.opens], Held(HoldCode.CONFLICT, holds.endless(row)))


def _runs_already(running: Running, situation: Situation) -> Change | None:
    row = _earliest_running(situation)
    return found([running.opens], [row], Via.ADOPTED) if row and row.from_local < running.opens.local else None


def _runs_later(running: Running, situation: Situation) -> Waits | None:
    return WAITS if _earliest_running(situation) else None


def _own_runs(running: Running, situation: Situation) -> Waits | None:
    return WAITS if situation.left_running and running_rows(situation.rows) else None


def _within(running: Running, situation: Situation) -> Change | None:
    at = running.opens.local
    around = [r for r in situation.foreign if r.to_local and r.from_local <= at < r.to_local - timedelta(minutes=1)]
    return holds.hold([running.opens], Held(HoldCode.CONFLICT, holds.within(around, at))) if around else None


def _start(running: Running, situation: Situation) -> Plan:
    return Send(StartTimer(running.opens.username, running.opens.local), (running.opens.seq,))


START: tuple[Rule[Running], ...] = (
    Rule("is of an earlier boot, and nobody knows the time yet", "rest", _age_unknown),
    Rule("is older than a shift, or an in follows", "hold: clock-out missing", _forgotten),
    Rule("has no timer here, or its start was refused", "wait: it is sent with its out", _no_timer),
    Rule("was not looked at, or too long ago", "look", _not_seen),
    Rule("a row from then", "found", _from_then),
    Rule("a row of somebody's runs for longer than a shift", "hold", _endless),
    Rule("a row of somebody's runs since before", "found, adopted", _runs_already),
    Rule("a row of somebody's runs since later", "wait: it is sent with its out", _runs_later),
    Rule("our own row of an earlier in still runs", "wait: it is sent with its out", _own_runs),
    Rule("a closed row around it", "hold", _within),
    Rule("nothing of these", "StartTimer, dated at the punch", _start),
)
"""A clock-in that waits, and nothing ends it."""
