"""Daylight saving on the wire and days at the door, over every change of every zone from 2020 to 2037."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.model import Kind
from clockd.core.timebase import (
    Plain,
    Unsendable,
    Wire,
    WithNote,
    day_span,
    local,
    moments,
    offset_s,
    week_span,
    wire_interval,
    wire_local,
    worked_today_s,
    worked_within_s,
)

VIENNA = ZoneInfo("Europe/Vienna")
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """A naive local time."""
    return datetime.fromisoformat(text)


def transitions_of(zone: ZoneInfo, every: timedelta = timedelta(days=7)) -> Iterator[datetime]:
    """Find each change of offset, to the second. Ramadan in Morocco is the shortest time between two: four weeks."""
    at = FIRST
    while at < LAST:
        if offset_s(at, zone) != offset_s(at + every, zone):
            low, high = at, at + every
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if offset_s(middle, zone) == offset_s(low, zone) else (low, middle)
            yield high
        at += every


@cache
def transitions() -> Mapping[str, tuple[datetime, ...]]:
    found = {name: tuple(transitions_of(ZoneInfo(name))) for name in sorted(available_timezones() - {"localtime"})}
    return {name: changes for name, changes in found.items() if changes}


def send(in_at: datetime, out_at: datetime, zone: ZoneInfo) -> Wire:
    return wire_interval(in_at, out_at, offset_s(in_at, zone), offset_s(out_at, zone))


def test_there_are_enough_transitions_to_speak_of() -> None:
    assert len(transitions()) > 150
    assert len(transitions()["Europe/Vienna"]) == 36
    assert datetime(2026, 10, 25, 1, tzinfo=UTC) in transitions()["Europe/Vienna"]


@pytest.mark.soak
def test_no_transition_hides_between_two_looks() -> None:
    for name in sorted(available_timezones() - {"localtime"}):
        zone = ZoneInfo(name)
        assert tuple(transitions_of(zone, timedelta(days=1))) == transitions().get(name, ())


# --- every transition -------------------------------------------------------------------------------------------

AROUND_MIN = (-600, -61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60, 61, 90, 600)
PAIRS = [(a, b) for a in AROUND_MIN for b in AROUND_MIN if a < b]


def test_durations_are_exact_over_every_transition_2020_to_2037_in_all_zones() -> None:
    checked = {Plain: 0, WithNote: 0, Unsendable: 0}
    naive_wrong = 0
    seen: set[tuple[datetime, int, int]] = set()
    for name, changes in transitions().items():
        zone = ZoneInfo(name)
        for change_at in changes:
            change = change_at, offset_s(change_at - timedelta(seconds=1), zone), offset_s(change_at, zone)
            if change in seen:
                continue  # the same change at the same moment in another zone of the same rules
            seen.add(change)
            around = {m: change_at + timedelta(minutes=m) for m in AROUND_MIN}
            offsets = {m: offset_s(at, zone) for m, at in around.items()}
            for a, b in PAIRS:
                in_at, out_at, true = around[a], around[b], timedelta(minutes=b - a)
                wire = wire_interval(in_at, out_at, offsets[a], offsets[b])
                checked[type(wire)] += 1
                assert wire.from_local == local(in_at, zone)
                match wire:
                    case Plain(from_local, to_local):
                        assert to_local == local(out_at, zone)
                        assert to_local - from_local == true
                    case WithNote(from_local, to_local, text, true_minutes):
                        assert to_local == local(out_at, zone)
                        assert to_local > from_local
                        assert true_minutes == b - a
                        wire_minutes = (to_local - from_local) // timedelta(minutes=1)
                        assert text.startswith(f"DST {true_minutes - wire_minutes:+d} min")
                        naive_wrong += 1
                    case Unsendable(from_local, _, proposal_to_local):
                        assert local(out_at, zone) <= from_local
                        assert proposal_to_local == from_local + true
                        naive_wrong += 1
    assert all(n > 5_000 for n in checked.values()), checked
    assert naive_wrong > 20_000  # control: differences of the wall clock are wrong all over


def test_texts_that_coincide_an_hour_apart_are_two_punches() -> None:
    """Each second of a repeated hour is shown twice: same text, another moment, another place in the ledger."""
    repeated = 0
    for name, changes in transitions().items():
        zone = ZoneInfo(name)
        for change_at in changes:
            back = offset_s(change_at - timedelta(seconds=1), zone) - offset_s(change_at, zone)
            if back <= 0:
                continue
            first_at, second_at = change_at - timedelta(seconds=back), change_at
            offsets = offset_s(first_at, zone), offset_s(second_at, zone)
            assert wire_local(first_at, offsets[0]) == wire_local(second_at, offsets[1])
            assert moments(local(first_at, zone), zone) == (first_at, second_at)
            wire = wire_interval(first_at, second_at, *offsets)
            assert isinstance(wire, Unsendable)
            assert wire.proposal_to_local == wire.from_local + timedelta(seconds=back)
            repeated += 1
    assert repeated > 2_000


def test_a_left_out_hour_belongs_to_no_moment() -> None:
    assert moments(wall("2026-03-29T02:30"), VIENNA) == ()
    assert moments(wall("2026-03-29T03:00"), VIENNA) == (datetime(2026, 3, 29, 1, tzinfo=UTC),)
    assert moments(wall("2026-10-25T02:30"), VIENNA) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )


# --- the table of the traps -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_utc", "out_utc", "expected"),
    [
        pytest.param(
            "2026-10-24T20:00",
            "2026-10-25T05:00",
            WithNote(wall("2026-10-24T22:00"), wall("2026-10-25T06:00"), "DST +60 min: true duration 540 min", 540),
            id="night shift in autumn",
        ),
        pytest.param(
            "2026-03-28T21:00",
            "2026-03-29T04:00",
            WithNote(wall("2026-03-28T22:00"), wall("2026-03-29T06:00"), "DST -60 min: true duration 420 min", 420),
            id="night shift in spring",
        ),
        pytest.param(
            "2026-03-29T00:55",
            "2026-03-29T01:05",
            WithNote(wall("2026-03-29T01:55"), wall("2026-03-29T03:05"), "DST -60 min: true duration 10 min", 10),
            id="ten minutes in spring",
        ),
        pytest.param(
            "2026-11-21T07:02:13.480",
            "2026-11-21T15:30:59.999",
            Plain(wall("2026-11-21T08:02:13"), wall("2026-11-21T16:30:59")),
            id="an ordinary day, whole seconds",
        ),
        pytest.param(
            "2028-02-28T23:30",
            "2028-02-29T23:30",
            Plain(wall("2028-02-29T00:30"), wall("2028-03-01T00:30")),
            id="leap day",
        ),
    ],
)
def test_sendable(in_utc: str, out_utc: str, expected: Wire) -> None:
    assert send(utc(in_utc), utc(out_utc), VIENNA) == expected


@pytest.mark.parametrize(
    ("in_utc", "out_utc", "proposal_to_local"),
    [
        ("2026-10-25T00:50", "2026-10-25T01:10", wall("2026-10-25T03:10")),
        ("2026-10-25T00:30", "2026-10-25T01:30", wall("2026-10-25T03:30")),
    ],
)
def test_unsendable(in_utc: str, out_utc: str, proposal_to_local: datetime) -> None:
    wire = send(utc(in_utc), utc(out_utc), VIENNA)
    assert isinstance(wire, Unsendable)
    assert wire.proposal_to_local == proposal_to_local
    assert "put back" in wire.reason


def test_an_empty_interval_has_no_proposal() -> None:
    wire = send(utc("2026-11-21T07:00:00.100"), utc("2026-11-21T07:00:00.900"), VIENNA)
    assert isinstance(wire, Unsendable)
    assert wire.proposal_to_local is None


def test_frozen_offsets_decide_not_todays_rules() -> None:
    """The zone's rules were changed between in and out: each punch keeps the offset it was shown with."""
    wire = wire_interval(utc("2026-11-21T07:00"), utc("2026-11-21T15:00"), 3600, 7200)
    assert isinstance(wire, WithNote)
    assert wire.true_minutes == 480


# --- days -------------------------------------------------------------------------------------------------------


def test_every_day_begins_at_its_first_moment_in_all_zones() -> None:
    """Also where midnight is left out (Beirut, Cairo, Havana, Asunción …) or comes twice."""
    odd = 0
    for name, changes in transitions().items():
        zone = ZoneInfo(name)
        for change_at in changes:
            day = local(change_at, zone).date()
            begin, end = day_span(day, zone)
            assert local(begin, zone).date() == day
            assert local(begin - timedelta(seconds=1), zone).date() < day
            assert local(end - timedelta(seconds=1), zone).date() <= day
            assert local(end, zone).date() == day + timedelta(days=1)
            odd += local(begin, zone).hour != 0
    assert odd > 50


def worked_h(events: list[tuple[Kind, str]], now: str, *, max_shift_h: float | None = None) -> float:
    known = [(kind, utc(at), offset_s(utc(at), VIENNA)) for kind, at in events]
    return worked_today_s(known, utc(now), VIENNA, max_shift_h=max_shift_h) / 3600


@pytest.mark.parametrize(
    ("events", "now", "hours"),
    [
        pytest.param([], "2026-11-21T12:00", 0, id="nothing"),
        pytest.param([(Kind.IN, "2026-11-21T07:00")], "2026-11-21T09:30", 2.5, id="running"),
        pytest.param(
            [
                (Kind.IN, "2026-11-21T07:00"),
                (Kind.BREAK, "2026-11-21T11:00"),
                (Kind.RESUME, "2026-11-21T11:30"),
                (Kind.OUT, "2026-11-21T15:00"),
            ],
            "2026-11-21T18:00",
            7.5,
            id="with a break",
        ),
        pytest.param(
            [(Kind.IN, "2026-11-20T21:00"), (Kind.OUT, "2026-11-21T05:00")], "2026-11-21T05:00", 6, id="night shift"
        ),
        pytest.param(
            [(Kind.IN, "2026-10-24T20:00"), (Kind.OUT, "2026-10-25T05:00")],
            "2026-10-25T05:00",
            7,
            id="night shift with the hour that comes twice",
        ),
        pytest.param(
            [(Kind.IN, "2026-11-21T07:00"), (Kind.IN, "2026-11-21T10:00"), (Kind.OUT, "2026-11-21T11:00")],
            "2026-11-21T12:00",
            1,
            id="an in without its out counts for nothing",
        ),
        pytest.param([(Kind.OUT, "2026-11-21T11:00")], "2026-11-21T12:00", 0, id="an out without its in"),
        pytest.param(
            [(Kind.IN, "2026-11-21T07:00"), (Kind.PROJECT, "2026-11-21T08:00")], "2026-11-21T09:00", 2, id="project"
        ),
        pytest.param(
            [(Kind.IN, "2026-11-20T07:00"), (Kind.OUT, "2026-11-20T15:00")], "2026-11-21T12:00", 0, id="yesterday"
        ),
    ],
)
def test_worked_today(events: list[tuple[Kind, str]], now: str, hours: float) -> None:
    assert worked_h(events, now) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("events", "now", "hours"),
    [
        pytest.param(
            [(Kind.IN, "2026-11-16T07:00"), (Kind.OUT, "2026-11-16T15:00")], "2026-11-21T12:00", 8, id="Monday"
        ),
        pytest.param(
            [(Kind.IN, "2026-11-15T07:00"), (Kind.OUT, "2026-11-15T15:00")], "2026-11-16T12:00", 0, id="Sunday"
        ),
        pytest.param(
            [(Kind.IN, "2026-11-15T21:00"), (Kind.OUT, "2026-11-16T05:00")], "2026-11-16T12:00", 6, id="into the week"
        ),
        pytest.param(
            [(Kind.IN, "2026-11-17T07:00"), (Kind.IN, "2026-11-18T07:00")], "2026-11-18T09:00", 2, id="a forgotten out"
        ),
        pytest.param(
            [(Kind.IN, "2026-10-24T20:00"), (Kind.OUT, "2026-10-25T05:00")], "2026-10-25T12:00", 9, id="25 hours"
        ),
        pytest.param([(Kind.IN, "2026-11-17T07:00")], "2026-11-18T09:00", 0, id="longer than a shift"),
    ],
)
def test_worked_this_week(events: list[tuple[Kind, str]], now: str, hours: float) -> None:
    known = [(kind, utc(at), offset_s(utc(at), VIENNA)) for kind, at in events]
    span = week_span(local(utc(now), VIENNA).date(), VIENNA)
    assert worked_within_s(known, span, utc(now), max_shift_h=14) == hours * 3600


def test_a_forgotten_clock_out_is_not_worked_time() -> None:
    assert worked_h([(Kind.IN, "2026-11-20T07:00")], "2026-11-21T12:00", max_shift_h=14) == 0
    assert worked_h([(Kind.IN, "2026-11-20T23:00")], "2026-11-21T12:00", max_shift_h=14) == 12 + 1 - 0


@given(
    st.datetimes(wall("2020-01-01T00:00"), wall("2037-12-30T00:00")),
    st.integers(1, 20 * 3600),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "UTC"]),
)
def test_the_days_of_a_shift_add_up_to_it(begin: datetime, length_s: int, name: str) -> None:
    zone, in_at = ZoneInfo(name), begin.replace(tzinfo=UTC)
    out_at = in_at + timedelta(seconds=length_s)
    events = [(Kind.IN, in_at, offset_s(in_at, zone)), (Kind.OUT, out_at, offset_s(out_at, zone))]
    days: set[date] = {local(in_at, zone).date(), local(out_at, zone).date()}
    total_s = sum(worked_today_s(events, day_span(day, zone)[1] - timedelta(microseconds=1), zone) for day in days)
    assert total_s == pytest.approx(length_s)


@pytest.mark.parametrize(("now", "hours"), [("2026-11-21 22:00:00", 14.0), ("2026-11-21 22:00:10", 0.0)])
def test_an_open_shift_counts_until_it_is_too_long(now: str, hours: float) -> None:
    events = [(Kind.IN, utc("2026-11-21 08:00:00"), 0)]
    worked_s = worked_today_s(events, utc(now), ZoneInfo("UTC"), max_shift_h=14)
    assert worked_s == hours * 3600


def test_whoever_begins_with_a_project_works() -> None:
    events = [(Kind.PROJECT, utc("2026-11-21 08:00:00"), 0), (Kind.OUT, utc("2026-11-21 10:00:00"), 0)]
    assert worked_today_s(events, utc("2026-11-21 12:00:00"), ZoneInfo("UTC")) == 2 * 3600
