"""When somebody far away is told: each trouble once, its end once, never more than a few an hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockd.core import alerts
from clockd.core.alerts import (
    MOST_AN_HOUR,
    MOST_EPISODES,
    NEXT,
    TELLING,
    TERMS,
    Affair,
    Alarm,
    Alarms,
    Instant,
    Stage,
    Tiding,
    Turn,
)

BEGIN_AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
LOOK_S = 15.0


@dataclass(slots=True)
class Watchman:
    """Looks every `LOOK_S` and tells what is due; owns the clock."""

    alarms: Alarms = field(default_factory=Alarms)
    now_s: float = 1000.0
    boot: int = 0
    wall_off: timedelta = timedelta()
    slow: int = 0
    """Looks while a notice is on its way."""
    told: list[tuple[float, tuple[Tiding, ...]]] = field(default_factory=list)

    def now(self) -> Instant:
        at = BEGIN_AT + timedelta(seconds=self.now_s) + self.wall_off
        return Instant(at, self.now_s - self.boot * 100_000, f"boot{self.boot}")

    def look(self, troubles: Mapping[Affair, str], *, network: bool = True, blind: bool = False) -> None:
        self.now_s += LOOK_S
        self.alarms = alerts.seen(self.alarms, troubles, self.now(), blind=blind)
        if network and (lines := alerts.due(self.alarms, self.now())):
            self.told.append((self.now_s, lines))
            for _ in range(self.slow):  # the notice is on its way meanwhile
                self.now_s += LOOK_S
                self.alarms = alerts.seen(self.alarms, troubles, self.now(), blind=blind)
            self.alarms = alerts.told(self.alarms, lines, self.now())

    def stay(self, seconds: float, *troubles: Affair, network: bool = True, blind: bool = False) -> None:
        for _ in range(round(seconds / LOOK_S)):
            self.look(dict.fromkeys(troubles, "so"), network=network, blind=blind)

    def said(self) -> list[tuple[Alarm, bool]]:
        """What was told, in order: the alarm, and whether it is over."""
        return [(line.affair.alarm, line.ended_at is not None) for _, lines in self.told for line in lines]


ONE = {alarm: Affair(alarm) for alarm in Alarm}


@pytest.mark.parametrize("alarm", Alarm)
def test_each_is_told_once_when_it_lasts_and_once_when_it_is_over(alarm: Alarm) -> None:
    man, terms = Watchman(), TERMS[alarm]
    if terms.lasting_s:
        man.stay(terms.lasting_s - LOOK_S, ONE[alarm])
        assert man.said() == []
        man.stay(2 * LOOK_S + terms.settled_s)
        assert man.alarms.episodes == (), "what passed by itself is nothing to remember"
    man.stay(terms.lasting_s + 10_000, ONE[alarm])
    assert man.said() == [(alarm, False)]
    man.stay(terms.settled_s - LOOK_S)
    man.stay(600, ONE[alarm])
    assert man.said() == [(alarm, False)], "a flicker is no end"
    man.stay(terms.settled_s + 2 * LOOK_S)
    man.stay(5000)
    assert man.said() == [(alarm, False), (alarm, True)]
    assert man.alarms == Alarms()


def test_two_readers_are_two_and_what_is_due_together_is_one_notice() -> None:
    man = Watchman()
    first, second = Affair(Alarm.READER, "pcsc A"), Affair(Alarm.READER, "nfc B")
    man.stay(600, first, second)
    assert len(man.told) == 1
    assert {line.affair for line in man.told[0][1]} == {first, second}
    man.stay(600, second)
    assert [line.affair for line in man.told[1][1]] == [first]


def test_without_a_network_it_follows_late_with_its_true_times() -> None:
    """The wall clock was wrong as well, and is set together with the network."""
    man = Watchman(wall_off=timedelta(days=-9000))
    man.stay(30)
    began = BEGIN_AT + timedelta(seconds=man.now_s + LOOK_S)
    man.stay(7200, ONE[Alarm.OFFLINE], network=False)
    ended = BEGIN_AT + timedelta(seconds=man.now_s + LOOK_S)
    man.stay(300, network=False)
    assert man.told == []
    man.wall_off = timedelta()
    man.stay(30)
    ((_, (line,)),) = man.told
    assert (line.began_at, line.ended_at) == (began, ended)
    man.stay(1000)
    assert len(man.told) == 1


def test_a_tracker_that_is_away_while_the_address_is_not_is_told_after_an_hour() -> None:
    man = Watchman()
    man.stay(7200, ONE[Alarm.OFFLINE])
    ((at_s, (line,)),) = man.told
    assert 3600 <= at_s - 1000 <= 3600 + 2 * LOOK_S
    assert line.ended_at is None


def test_while_the_daemon_is_silent_nothing_else_begins_or_ends() -> None:
    man = Watchman()
    man.stay(600, ONE[Alarm.HELD])
    man.stay(1200, ONE[Alarm.SILENT], blind=True)
    assert man.said() == [(Alarm.HELD, False), (Alarm.SILENT, False)]
    man.stay(1200, ONE[Alarm.HELD])
    assert man.said()[2:] == [(Alarm.SILENT, True)]


def test_what_flaps_for_a_day_tells_only_a_few_an_hour() -> None:
    man = Watchman()
    for _ in range(150):
        man.stay(300, ONE[Alarm.READER])
        man.stay(300)
    man.stay(7200)
    times = [at_s for at_s, _ in man.told]
    assert all(sum(0 <= other - at < 3600 for other in times) <= MOST_AN_HOUR for at in times)
    assert max(line.times for _, lines in man.told for line in lines) > 1
    assert man.said()[-1] == (Alarm.READER, True)
    assert man.alarms == Alarms()


def test_a_restart_of_the_machine_repeats_nothing_and_takes_no_notice_back() -> None:
    man = Watchman()
    man.stay(600, ONE[Alarm.HELD])
    man.boot, man.now_s = 1, 100_010
    man.stay(5000, ONE[Alarm.HELD])
    assert man.said() == [(Alarm.HELD, False)]
    man.stay(600)
    assert man.said() == [(Alarm.HELD, False), (Alarm.HELD, True)]


def test_no_flood_of_troubles_fills_the_memory() -> None:
    man = Watchman()
    man.stay(300, *(Affair(Alarm.DAMAGED, str(n)) for n in range(500)))
    assert len(man.alarms.episodes) == MOST_EPISODES
    assert len(man.told) == 1


def test_the_table_of_stages() -> None:
    assert {stage for stage, _ in NEXT} == set(Stage) - {Stage.GONE}
    assert {NEXT[Stage.DUE, Turn.TOLD_BEGIN]} & TELLING == set()
    assert {NEXT[stage, Turn.TOLD_END] for stage in TELLING - {Stage.DUE}} == {Stage.GONE}
    assert {turn for _, turn in NEXT} == set(Turn)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"episodes": 7}', b'{"episodes":[{"stage":"x"}]}', b"\xff" * 9])
def test_what_is_no_memory_is_not_read(text: bytes) -> None:
    assert alerts.read(text) is None


# --- whatever happens -------------------------------------------------------------------------------------------

AFFAIRS = [*ONE.values(), Affair(Alarm.READER, "a"), Affair(Alarm.READER, "b"), Affair(Alarm.DAMAGED, "x")]
STRETCHES = st.lists(
    st.tuples(
        st.integers(1, 400),
        st.frozensets(st.sampled_from(AFFAIRS), max_size=4),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


Stretches = list[tuple[int, frozenset[Affair], bool, bool]]


def lived(stretches: Stretches, *, restarts: bool = False, endless: bool = True, slow: int = 0) -> Watchman:
    man = Watchman(slow=slow)
    for looks, troubles, network, blind in stretches:
        for n in range(looks):
            if restarts and n % 7 == 0:
                again = alerts.read(alerts.written(man.alarms))
                assert again is not None
                man.alarms = again
            man.look(dict.fromkeys(troubles, "so"), network=network, blind=blind)
    if endless:
        man.stay(4 * 3600)
    return man


def check(man: Watchman) -> None:
    """Raise unless each begin has one end, in order, and no hour has too many."""
    open_ = set[Affair]()
    for _, lines in man.told:
        assert len({line.affair for line in lines}) == len(lines)
        for line in lines:
            if line.ended_at is None:
                assert line.affair not in open_, "told twice"
                open_.add(line.affair)
            else:
                assert line.ended_at >= line.began_at
                open_.discard(line.affair)
    assert not open_, "its end was never told"
    times = [at_s for at_s, _ in man.told]
    assert all(sum(0 <= other - at < 3600 for other in times) <= MOST_AN_HOUR for at in times)


@settings(max_examples=60, deadline=None)
@given(STRETCHES)
def test_each_once_with_its_end_and_never_too_many(stretches: Stretches) -> None:
    man = lived(stretches)
    check(man)
    assert man.alarms == Alarms()
    assert lived(stretches, restarts=True).told == man.told, "a restart changes nothing"


@settings(max_examples=40, deadline=None)
@given(STRETCHES, st.integers(1, 30))
def test_what_goes_on_while_a_notice_is_on_its_way_is_told_too(stretches: Stretches, slow: int) -> None:
    man = lived(stretches, slow=slow)
    check(man)
    assert man.alarms == Alarms()


@settings(max_examples=40, deadline=None)
@given(STRETCHES)
def test_what_lasts_is_told_when_it_can_be(stretches: Stretches) -> None:
    man = lived(stretches, endless=False)
    man.stay(3 * 3600 + 600, ONE[Alarm.HELD])
    told = [line.ended_at for _, lines in man.told for line in lines if line.affair == ONE[Alarm.HELD]]
    assert told[-1] is None


def test_control_a_memory_that_is_lost_tells_twice() -> None:
    man = Watchman()
    man.stay(900, ONE[Alarm.HELD])
    man.alarms = Alarms()
    man.stay(900, ONE[Alarm.HELD])
    with pytest.raises(AssertionError, match="told twice"):
        check(man)


def test_control_without_a_limit_an_hour_has_too_many() -> None:
    man = Watchman()
    for _ in range(40):
        man.stay(200, ONE[Alarm.READER])
        man.stay(200)
        man.alarms = replace(man.alarms, left=())
    with pytest.raises(AssertionError):
        check(man)
