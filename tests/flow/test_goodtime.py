"""Goodtime gets the same promise as TimeTrack: closed intervals in whole minutes, once, at the true time."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clockd.cli.asking import object_of
from clockd.config import Goodtime
from clockd.core.delivery import Now, State
from clockd.core.feedback import AlreadyRecorded, Punched, Undone
from clockd.core.model import Action, Kind, Project
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Change, Rest, Send
from clockd.core.wire import Exchange, Reply, Request
from clockd.daemon.booking import goodtime_policy, with_account
from clockd.errors import Refused
from clockd.flow.badge_desk import Enrolment
from clockd.flow.punch_repairs import Amendment
from clockd.sim.control import rules_from
from clockd.sim.faults import FaultRule, Lost, parse_rules
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import Profile, profile_named
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.store import deliveries, view
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from tests.flow.house import VIENNA, House, in_virtual_time, uid_of, username_of
from tests.flow.matrix import TIME_FORMS

HOUR = 3600.0
Scene = Callable[[House], Awaitable[None]]
POLICY = goodtime_policy(Goodtime(url="http://127.0.0.1"), 14, VIENNA)


def play(
    folder: Path,
    scene: Scene,
    *,
    profile: str = "strict",
    employees: int = 3,
    users: tuple[Person, ...] | None = None,
    faults: str = "",
    time_format: str = "",
    **answers: str,
) -> House:
    """Play a scene with a door that books on Goodtime."""
    chosen: Profile = profile_named(profile, **answers)
    people = users or tuple(Person(username_of(n)) for n in range(employees))
    sim = GoodtimeSim(profile=chosen, users=people, faults=parse_rules(faults), latency_s=(0.02, 0.3))
    door = House(folder, sim, employees=employees, secret="sim-password")
    door.time_format = time_format or TIME_FORMS[chosen.time_form]

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    return door


@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
def test_a_day_over_midnight_with_a_break_half_of_it_offline(tmp_path: Path, profile: str) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(14 * HOUR)  # 20:00
        for n in range(10):
            await door.tap(n)
            await asyncio.sleep(60)
        await asyncio.sleep(3 * HOUR - 600)
        door.link_down = True
        for n in range(10):
            await door.tap(n, Action.BREAK)
            await asyncio.sleep(60)
        await asyncio.sleep(HOUR / 2 - 600)
        for n in range(10):
            await door.tap(n)
            await asyncio.sleep(60)
        await asyncio.sleep(4 * HOUR - 600)
        for n in range(10):
            await door.tap(n)
            await asyncio.sleep(60)
        door.link_down = False
        await door.until_settled(6 * HOUR)
        assert await door.states() == {"delivered": 40}
        for n in range(10):
            rows = [(begin, end) for _, begin, end in door.booked(n)]
            first, rest = rows[0], rows[1:]
            assert first == (f"20 20:{n:02}:00", f"20 23:{n:02}:00")
            assert rest[0][0] == f"20 23:{30 + n:02}:00"
            assert rest[-1][1] == f"21 03:{30 + n:02}:00"
            assert all(a[1] == b[0] for a, b in itertools.pairwise(rest))
            assert len(rows) == (3 if door.sim.profile.midnight_split else 2)
        assert door.sim.violations() == []

    play(tmp_path, scene, profile=profile, employees=10)


def test_what_never_left_is_no_attempt(tmp_path: Path) -> None:
    """A day without a network, and then one reply that is lost: nobody has to be asked."""

    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(9 * HOUR)
        door.sim.front.faults.replace((FaultRule(Lost(), path="createtimeentry", times=1),))
        door.link_down = False
        await door.until_settled()
        assert await door.states() == {"delivered": 2}
        assert [delivery.attempts for _, delivery in await door.deliveries()] == [2, 2]

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("form", "begin", "end"),
    [
        ("%Y-%m-%dT%H:%M:%S%:z", "2026-10-24T22:00:00+02:00", "2026-10-25T02:30:00+01:00"),
        ("epoch_s", 1792872000, 1792891800),
        ("utc:%Y-%m-%dT%H:%MZ", "2026-10-24T20:00Z", "2026-10-25T01:30Z"),
    ],
)
@pytest.mark.parametrize("zone", [VIENNA, None])
def test_the_second_half_past_two_of_an_autumn_night(
    form: str, begin: str | int, end: str | int, zone: ZoneInfo | None
) -> None:
    """Where a time carries its offset, the true one is written; a plan that does not know the zone is the control."""
    came = datetime(2026, 10, 24, 20, 0, 10, tzinfo=UTC), 7200
    went = datetime(2026, 10, 25, 1, 30, 50, tzinfo=UTC), 3600
    kinds = zip((Kind.IN, Kind.OUT), (came, went), strict=True)
    items = [Item(n, "ada", kind, at, offset_s, State.WAITING) for n, (kind, (at, offset_s)) in enumerate(kinds)]
    plan = plan_attendance(items, None, replace(POLICY, zone=zone), 1e6)
    assert isinstance(plan, Send)
    account = Account(Named("T", "working hours"), TimeFormat.parse(form), TimeFormat.parse(form))
    body = GoodtimeCodec(account, VIENNA).request(plan.write).body
    assert isinstance(body, dict)
    assert body["starttime"] == begin
    assert (body["endtime"] == end) is (zone is not None)


def pair_in_utc(came: str, went: str) -> list[Item]:
    """A clock-in and a clock-out that wait."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (came, went)]
    offsets = [round((at.astimezone(VIENNA).utcoffset() or timedelta()).total_seconds()) for at in moments]
    pairs = zip((Kind.IN, Kind.OUT), moments, offsets, strict=True)
    return [Item(n, "ada", kind, at, offset_s, State.WAITING) for n, (kind, at, offset_s) in enumerate(pairs)]


AUTUMN_MINUTE = "2026-10-25T00:59:05", "2026-10-25T00:59:40"
AUTUMN_HOUR = "2026-10-25T00:50:05", "2026-10-25T01:10:40"
SPRING_MINUTE = "2026-03-29T00:59:05", "2026-03-29T00:59:40"


@pytest.mark.parametrize(
    ("pair", "form", "begin", "end"),
    [
        (AUTUMN_MINUTE, "%Y-%m-%dT%H:%M:%S%:z", "2026-10-25T02:59:00+02:00", "2026-10-25T02:00:00+01:00"),
        (AUTUMN_MINUTE, "epoch_s", 1792889940, 1792890000),
        (AUTUMN_MINUTE, "utc:%Y-%m-%dT%H:%MZ", "2026-10-25T00:59Z", "2026-10-25T01:00Z"),
        (AUTUMN_HOUR, "%Y-%m-%dT%H:%M:%S%z", "2026-10-25T02:50:00+0200", "2026-10-25T02:10:00+0100"),
        (SPRING_MINUTE, "%Y-%m-%dT%H:%M:%S%:z", "2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"),
        (SPRING_MINUTE, "epoch_s", 1774745940, 1774746000),
        (AUTUMN_MINUTE, "%Y-%m-%dT%H:%M:%S", None, "cannot be said in the tracker's times"),
        (AUTUMN_HOUR, "%Y-%m-%dT%H:%M:%S", None, "20 min were worked"),
        (SPRING_MINUTE, "%Y-%m-%dT%H:%M:%S", None, "cannot be said in the tracker's times"),
    ],
)
def test_minutes_with_which_the_clocks_change_are_true_or_held(
    pair: tuple[str, str], form: str, begin: str | int | None, end: str | int
) -> None:
    """A whole minute may end an hour before it began by the wall clock; without an offset that would be 61 minutes."""
    account = Account(Named("T", "working hours"), TimeFormat.parse(form), TimeFormat.parse(form))
    plan = plan_attendance(pair_in_utc(*pair), None, with_account(POLICY, account), 1e6)
    if begin is None:
        assert isinstance(plan, Change)
        assert [(m.held.code, str(end) in m.held.because) for m in plan.moves if m.held] == [("unsendable", True)] * 2
        return
    assert isinstance(plan, Send)
    body = GoodtimeCodec(account, VIENNA).request(plan.write).body
    assert isinstance(body, dict)
    assert (body["starttime"], body["endtime"]) == (begin, end)


def test_in_the_minute_with_which_the_clocks_change_it_waits_until_nobody_can_come_back() -> None:
    came, went = pair_in_utc(*AUTUMN_MINUTE)
    went = replace(went, tapped_s=1e6)
    assert plan_attendance([came, went], None, POLICY, 1e6 + 5) == Rest(1e6 + 20)
    back = replace(pair_in_utc("2026-10-25T00:59:55", "2026-10-25T02:00:00")[0], seq=2)
    plan = plan_attendance([came, went, back], None, POLICY, 1e6 + 60)
    assert isinstance(plan, Change)
    assert ["within one minute" in move.held.because for move in plan.moves if move.held] == [True, True]


def test_a_token_revoked_in_the_backlog_is_renewed_once(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.link_down = True
        for n in range(40):
            await door.tap(n)
            await asyncio.sleep(2)
        await asyncio.sleep(HOUR)
        for n in range(40):
            await door.tap(n)
            await asyncio.sleep(2)
        door.link_down = False
        await asyncio.sleep(62)
        assert 0 < len(door.booked()) < 40
        before = door.logins
        door.sim.act({"act": "revoke-tokens"}, door.now_at().timestamp())
        await door.until_settled()
        assert door.logins == before + 1
        assert len(door.booked()) == 40

    play(tmp_path, scene, employees=40)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_time_type_that_is_deleted_holds_nobody(tmp_path: Path, status: int) -> None:
    """What concerns everybody is no fault of a punch: all wait until the type is there again, be it with another id."""

    async def scene(door: House) -> None:
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        door.sim.act({"act": "drop-type", "name": "working hours"}, door.now_at().timestamp())
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        assert await door.states() == {"waiting": 6}
        assert str(door.line.state) == "paused"
        assert "none is called 'working hours'" in (door.line.detail or "")
        asked = len(door.requests)
        await asyncio.sleep(HOUR)
        assert len(door.requests) - asked <= 61
        assert not [request for _, request, _ in door.requests[asked:] if "createtimeentry" in request.path]
        door.sim.act({"act": "add-type", "name": "working hours"}, door.now_at().timestamp())
        await door.until_settled()
        assert await door.states() == {"delivered": 6}
        assert len(door.booked()) == 3
        assert str(door.line.state) == "ok"
        assert door.sim.violations() == []

    play(tmp_path, scene, no_type_status=str(status))


def typed(door: House, n: int) -> list[tuple[str, str, str]]:
    """What stands at the tracker of an employee: from, to, time type."""
    assert isinstance(door.sim, GoodtimeSim)
    names = {kind.id: kind.name for kind in door.sim.api.world.time_types}
    rows = sorted(door.sim.rows(username_of(n)), key=lambda row: row.from_local)
    return [(f"{row.from_local:%H:%M}", f"{row.to_local:%H:%M}", names[row.type_id]) for row in rows]


@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
@pytest.mark.parametrize("lost", [False, True])
def test_a_time_type_of_a_key(tmp_path: Path, profile: str, *, lost: bool) -> None:
    """It goes on over the break, ends at the end, and is switched to in between; without and with lost answers."""

    async def scene(door: House) -> None:
        await asyncio.sleep(2 * HOUR)  # 08:00
        if lost:
            door.sim.front.faults.replace((FaultRule(Lost(), path="createtimeentry", times=5),))
        shown = [await door.tap(0, Action.IN, time_type="home office"), await door.tap(1)]
        assert [(screen.kind, screen.project) for screen in shown if isinstance(screen, Punched)] == [
            (Kind.IN, "home office"),
            (Kind.IN, None),
        ]
        await asyncio.sleep(2 * HOUR)
        await door.tap(0, Action.BREAK)
        switch = await door.tap(1, Action.IN, time_type="Home Office")
        assert isinstance(switch, Punched)
        assert (switch.kind, switch.project, switch.missing_out_local) == (Kind.IN, "Home Office", None)
        await asyncio.sleep(HOUR)
        back = await door.tap(0)
        assert isinstance(back, Punched)
        assert (back.kind, back.project) == (Kind.RESUME, "home office")
        await door.tap(1, Action.IN)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.tap(1)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 10}
        assert typed(door, 0) == [
            ("08:00", "10:00", "home office"),
            ("11:00", "12:00", "home office"),
            ("13:00", "14:00", "working hours"),
        ]
        assert typed(door, 1) == [
            ("08:00", "10:00", "working hours"),
            ("10:00", "11:00", "home office"),
            ("11:00", "12:00", "working hours"),
        ]
        assert door.sim.violations() == []

    play(tmp_path, scene, profile=profile)


def test_who_goes_on_with_another_time_type_pressed_no_key_of_a_project(tmp_path: Path) -> None:
    """The ledger keeps it as a switch; each screen says in, as the key did."""

    async def scene(door: House) -> None:
        await asyncio.sleep(2 * HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        shown = [await door.tap(0, Action.IN, time_type="home office")]
        await asyncio.sleep(2)
        shown += [await door.tap(0, Action.IN, time_type="home office"), await door.tap(0, Action.UNDO)]
        assert [
            (type(screen), screen.kind) for screen in shown if isinstance(screen, Punched | AlreadyRecorded | Undone)
        ] == [
            (Punched, Kind.IN),
            (AlreadyRecorded, Kind.IN),
            (Undone, Kind.IN),
        ]

    play(tmp_path, scene)


def test_a_time_type_that_is_missing_holds_those_alone_who_pressed_its_key(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN, time_type="errand")
        await door.tap(1)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.tap(1)
        await asyncio.sleep(120)
        assert await door.states() == {"held": 2, "delivered": 2}
        because = [told.held.because for _, told in await door.deliveries(username_of(0)) if told.held]
        assert all("none is called 'errand'; there are 'working hours', 'home office'" in text for text in because)
        assert str(door.line.state) == "ok"
        door.sim.act({"act": "add-type", "name": "errand"}, door.now_at().timestamp())
        await asyncio.sleep(2 * HOUR)  # it is tried again by itself
        assert await door.states() == {"delivered": 4}
        assert typed(door, 0) == [("06:00", "07:00", "errand")]
        assert door.sim.violations() == []

    play(tmp_path, scene)


def test_a_time_type_that_was_made_anew_is_found_after_a_lost_answer(tmp_path: Path) -> None:
    """What is in doubt is of a type that was not there at the start, and is yet told from other people's rows."""

    async def scene(door: House) -> None:
        door.sim.act({"act": "drop-type", "name": "home office"}, door.now_at().timestamp())
        door.sim.act({"act": "add-type", "name": "home office"}, door.now_at().timestamp())
        door.sim.front.faults.replace((FaultRule(Lost(), path="createtimeentry", times=1),))
        await door.tap(0, Action.IN, time_type="home office")
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 2}
        assert typed(door, 0) == [("06:00", "07:00", "home office")]

    play(tmp_path, scene)


def test_a_time_type_can_be_corrected_until_it_is_sent(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN, time_type="hom office")
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(120)
        assert await door.states() == {"held": 2}
        punch_ids = [
            str(punch["id"])
            for punch in map(object_of, await door.documents.punches(limit=None, state=None, username=None))
        ]
        await door.repairs.amend_all(punch_ids[-1:], Amendment(time_type="home office"), "a typing error", "office")
        await door.until_settled()
        assert await door.states() == {"delivered": 2}
        assert typed(door, 0) == [("06:00", "07:00", "home office")]
        with pytest.raises(Refused, match="at the tracker already"):
            await door.repairs.amend_all(punch_ids[-1:], Amendment(time_type=""), "", "office")
        story = object_of(await door.documents.story(punch_ids[-1]))["story"]
        assert isinstance(story, list)
        assert [(row["what"], row.get("time_type")) for row in map(object_of, story)] == [
            ("punch", "hom office"),
            ("amend", "home office"),
        ]

    play(tmp_path, scene)


@pytest.mark.parametrize("time_type", ["working hours", "vacation"])
def test_at_night_no_entry_of_a_person_is_deleted(tmp_path: Path, time_type: str) -> None:
    """The first create was lost and repeated, and somebody enters the same minutes: whole minutes prove nothing."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(2 * HOUR)
        door.sim.front.faults.replace((FaultRule(Lost(), path="createtimeentry", times=1),))
        await door.tap(0)
        await asyncio.sleep(HOUR)
        (ours,) = door.sim.rows(username_of(0))
        words = {"begin": ours.from_local.isoformat(), "end": ours.to_local.isoformat(), "time_type": time_type}
        door.sim.act({"act": "web-create", "username": username_of(0), **words}, door.now_at().timestamp())
        await asyncio.sleep(30 * HOUR)
        assert len(door.booked(0)) == 2
        found = [what for _, what, _ in await door.store.run(view.findings)]
        assert found == (["doubled"] if time_type == "working hours" else [])

    play(tmp_path, scene, overlap="accept")


def test_a_wrong_password_pauses_and_keeps_the_punches(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.act({"act": "change-password", "password": "other"}, door.now_at().timestamp())
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(3 * HOUR)
        assert str(door.line.state) == "paused"
        assert await door.states() == {"waiting": 2}
        assert door.logins <= 10
        door.rotate("other")
        await door.until_settled()
        assert len(door.booked(0)) == 1

    play(tmp_path, scene)


def test_a_closed_user_is_held_and_the_others_go_on(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.act({"act": "close", "username": username_of(0)}, door.now_at().timestamp())
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        assert (await door.states())["delivered"] == 4
        assert (await door.states())["held"] >= 1
        assert len(door.booked()) == 2

    play(tmp_path, scene)


@pytest.mark.parametrize("profile", ["alt", "alt2"])
def test_a_doubtful_write_for_a_user_who_is_closed_meanwhile_is_held(tmp_path: Path, profile: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        door.sim.front.faults.replace((FaultRule(Lost(), path="createtimeentry", times=1),))
        await door.tap(0)
        await asyncio.sleep(30)
        door.sim.act({"act": "close", "username": username_of(0)}, door.now_at().timestamp())
        await asyncio.sleep(HOUR)
        assert await door.states() == {"held": 2}

    play(tmp_path, scene, profile=profile)


def test_an_in_without_an_out_is_kept_and_never_sent(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(20 * HOUR)
        await door.tap(0)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == 1
        (_, first), *_ = await door.deliveries(username_of(0))
        assert first.held is not None
        assert first.held.code == "missing-out"
        assert all("user000" not in str(q.body) or q.path.endswith("createtimeentry") for _, q, _ in door.requests)

    play(tmp_path, scene)


@pytest.mark.parametrize("seconds", [(50, 40), (59, 1), (0, 0)])
def test_whole_minutes_never_overlap(tmp_path: Path, seconds: tuple[int, int]) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(seconds[0])
        await door.tap(0)
        await asyncio.sleep(1800 + seconds[1])
        await door.tap(0)
        await asyncio.sleep(11)
        await door.tap(0)
        await asyncio.sleep(1800)
        await door.tap(0)
        await door.until_settled()
        (_, _, first_end), (_, second_begin, _) = door.booked(0)
        assert first_end <= second_begin
        assert await door.states() == {"delivered": 4}

    play(tmp_path, scene, overlap="refuse")


def test_an_interval_within_a_minute_takes_all_of_it(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(60 - door.now_at().second + 5)
        await door.tap(0)
        await asyncio.sleep(15)
        await door.tap(0)
        await asyncio.sleep(30)
        assert door.booked(0) == []  # somebody might still come back in this minute
        await asyncio.sleep(30)
        assert door.booked(0) == [(username_of(0), "20 06:01:00", "20 06:02:00")]
        await asyncio.sleep(300)
        await door.tap(0)
        await asyncio.sleep(1800)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 4}
        assert len(door.booked(0)) == 2

    play(tmp_path, scene)


@pytest.mark.parametrize("offline", [False, True])
def test_in_out_and_in_within_a_minute_never_overlap(tmp_path: Path, offline: bool) -> None:
    async def scene(door: House) -> None:
        door.link_down = offline
        await asyncio.sleep(60 - door.now_at().second + 5)
        for pause_s in (12, 12, 1800):  # in, out, in
            await door.tap(0)
            await asyncio.sleep(pause_s)
        await door.tap(0)
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert door.booked(0) == [(username_of(0), "20 06:01:00", "20 06:31:00")]
        assert await door.states() == {"held": 2, "delivered": 2}
        (_, first), *_ = await door.deliveries(username_of(0))
        assert first.held is not None
        assert "within one minute" in first.held.because
        assert door.sim.violations() == []

    play(tmp_path, scene, overlap="accept")


def test_a_project_in_the_minute_of_the_clock_in_needs_nobody(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(60 - door.now_at().second + 5)
        await door.tap(0)
        await asyncio.sleep(12)
        await door.tap(0, Action.PROJECT, Project("", "Roof"))
        await asyncio.sleep(1800)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 3}
        assert door.booked(0) == [(username_of(0), "20 06:01:00", "20 06:31:00")]
        (row,) = door.sim.rows(username_of(0))
        assert [job.name for job in door.sim.api.world.projects if job.id == row.project_id] == ["Roof"]

    play(tmp_path, scene)


def test_nothing_is_written_while_the_time_format_is_unknown_and_nothing_is_lost(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert await door.states() == {"waiting": 2}
        assert str(door.line.state) == "paused"
        assert 'time_format = "%Y-%m-%dT%H:%M' in (door.line.detail or "")
        assert not any(request.writes and "login" not in request.path for _, request, _ in door.requests)
        words = {
            "act": "web-create",
            "username": username_of(1),
            "begin": "2026-11-20T06:00",
            "end": "2026-11-20T06:30",
        }
        door.sim.act(words, door.now_at().timestamp())
        await door.until_settled()
        assert door.booked(0) == [(username_of(0), "20 06:00:00", "20 07:00:00")]

    play(tmp_path, scene, time_format="auto")


def test_an_entry_by_hand_is_noticed_whoever_it_is_for(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for n in range(40):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        assert str(door.line.state) == "paused"
        assert "the last 31 days of 40 of 40 users" in (door.line.detail or "")
        before_s = door.now_s()
        assert len([at_s for at_s, _, _ in door.requests if at_s > before_s - 600]) <= 81
        words = {
            "act": "web-create",
            "username": username_of(30),
            "begin": "2026-11-20T06:00",
            "end": "2026-11-20T06:30",
        }
        door.sim.act(words, door.now_at().timestamp())
        await asyncio.wait_for(door.until_known(), 600)
        assert str(door.line.state) == "ok"

    play(tmp_path, scene, time_format="auto", employees=40)


async def take_back_the_out(door: House) -> None:
    """An admin takes the first clock-out back."""
    found = await door.documents.punches(limit=None, state=None, username=username_of(0))
    ids = [str(punch["id"]) for punch in found if isinstance(punch, dict) and punch["kind"] == "out"]
    await door.repairs.void(ids[-1:], "they stayed", "admin")


async def a_shift(door: House) -> None:
    """The first employee comes and goes."""
    await door.tap(0)
    await asyncio.sleep(HOUR)
    await door.tap(0)
    await door.until_settled()


def test_two_badges_whose_usernames_differ_in_case_are_one_person(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for n, name in ((5, "Ada@example.com"), (6, "ada@Example.com")):
            await door.badge_desk.give(Enrolment(uid_of(n).hex, name, "Ada"), "admin")
        await door.tap(5)
        await asyncio.sleep(HOUR)
        await door.tap(6)
        await door.until_settled()
        assert await door.states() == {"delivered": 2}
        assert len(door.booked()) == 1

    play(tmp_path, scene, users=(Person("Ada@example.com"), Person(username_of(0))), employees=1)


async def all_shifts(door: House) -> None:
    """Three come and go."""
    for n in range(3):
        await door.tap(n)
    await asyncio.sleep(2 * HOUR)
    for n in range(3):
        await door.tap(n)
    await door.until_settled()


async def gone(door: House) -> list[str]:
    """The ids that the last nightly look missed."""
    return [detail.split()[1] for _, what, detail in await door.store.run(view.findings) if what == "gone"]


def looks_at(door: House, n: int, since: int = 0) -> list[float]:
    """When the n-th employee's entries were asked for."""
    return [at_s for at_s, q, _ in door.requests[since:] if ("useremail", username_of(n)) in q.query]


def test_the_nightly_look_goes_on_without_a_user_who_is_closed(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await all_shifts(door)
        (lost,) = door.sim.rows(username_of(2))
        door.sim.act({"act": "close", "username": username_of(0)}, door.now_at().timestamp())
        door.sim.act({"act": "delete", "id": lost.id}, door.now_at().timestamp())
        before = len(door.requests)
        await asyncio.sleep(72 * HOUR)
        assert await gone(door) == [lost.id]
        assert [len(looks_at(door, n, before)) for n in range(3)] == [3, 3, 3]  # once a night
        await asyncio.sleep(15 * 24 * HOUR)
        before = len(door.requests)
        await asyncio.sleep(24 * HOUR)
        assert looks_at(door, 0, before) == []  # there is nothing any more that could be missing

    play(tmp_path, scene, closed_look="refused")


def test_the_nightly_look_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    """What may pass is tried again, behind the others, and not for ever."""

    async def scene(door: House) -> None:
        await all_shifts(door)
        (lost,) = door.sim.rows(username_of(2))
        door.sim.act({"act": "delete", "id": lost.id}, door.now_at().timestamp())
        odd_looks(door, lambda reply: replace(reply, status=500, body=b"<html>oops</html>"))
        before = len(door.requests)
        await asyncio.sleep(20 * HOUR)
        assert [len(looks_at(door, n, before)) for n in range(3)] == [1, 0, 0]
        for _ in range(12):  # with each the line is seen to be well
            door.line.well()
            await asyncio.sleep(900)
        assert [len(looks_at(door, n, before)) for n in range(3)] == [4, 1, 1]
        assert await gone(door) == [lost.id]

    play(tmp_path, scene)


def test_rows_that_do_not_say_whose_they_are_are_not_missed_at_night(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await all_shifts(door)
        await asyncio.sleep(24 * HOUR)
        assert await gone(door) == []

    play(tmp_path, scene, rows_say_user="false")


def test_a_locked_entry_is_never_deleted(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await a_shift(door)
        door.sim.act({"act": "lock", "until": "2026-11-22T00:00"}, door.now_at().timestamp())
        before = door.booked(0)
        await take_back_the_out(door)
        await asyncio.sleep(HOUR)
        held = [delivery.held for _, delivery in await door.deliveries() if delivery.held]
        assert [(h.code, "locked" in h.because) for h in held] == [("not-deleted", True)]
        assert not any(request.method == "DELETE" for _, request, _ in door.requests)
        await door.tap(0)  # they stayed, and go now
        await asyncio.sleep(HOUR)
        assert held[0] in [delivery.held for _, delivery in await door.deliveries()]
        assert door.booked(0) == before
        door.sim.act({"act": "unlock"}, door.now_at().timestamp())
        found = await door.documents.punches(limit=None, state="held", username=None)
        ids = [str(punch["id"]) for punch in found if isinstance(punch, dict)]
        await door.repairs.retry(ids, "it is unlocked", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == [(username_of(0), before[0][1], "20 08:00:00")]
        assert await door.states() == {"delivered": 2, "void": 1}
        assert door.sim.violations() == []

    play(tmp_path, scene, locking="true")


def test_a_booking_of_a_closed_user_that_is_taken_back_is_held_and_asked_again(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await a_shift(door)
        door.sim.act({"act": "close", "username": username_of(0)}, door.now_at().timestamp())
        await asyncio.sleep(HOUR)
        await take_back_the_out(door)
        before = len(door.requests)
        await asyncio.sleep(HOUR)
        assert (await door.states())["held"] == 1
        assert len(door.requests) - before < 20, "not asked for ever"
        door.sim.act({"act": "reopen", "username": username_of(0)}, door.now_at().timestamp())
        found = await door.documents.punches(limit=None, state="held", username=None)
        await door.repairs.retry([str(p["id"]) for p in found if isinstance(p, dict)], "reopened", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        assert (await door.states()) == {"void": 1, "open": 1}

    play(tmp_path, scene, profile="alt2")


@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
def test_an_entry_that_is_not_locked_can_be_taken_back(tmp_path: Path, profile: str) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(17.5 * HOUR)  # over midnight: with some profiles two entries
        await a_shift(door)
        assert len(door.booked(0)) == (2 if door.sim.profile.midnight_split else 1)
        await take_back_the_out(door)
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        assert await door.states() == {"open": 1, "void": 1}
        assert door.sim.violations() == []

    play(tmp_path, scene, profile=profile)


@pytest.mark.parametrize("send", [True, False])
def test_another_tracker_asks_or_takes_over_and_nothing_goes_twice(tmp_path: Path, send: bool) -> None:
    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.store.run(lambda db: db.execute("UPDATE outbox SET tracker = 'timetrack'"))
        await door.store.run(lambda db: deliveries.switch_tracker(db, "goodtime", Now.of(door.read_clock()), send=send))
        door.link_down = False
        await asyncio.sleep(HOUR)
        if not send:
            assert await door.states() == {"held": 2}
            ids = [
                str(p["id"])
                for p in await door.documents.punches(limit=None, state="held", username=None)
                if isinstance(p, dict)
            ]
            await door.repairs.retry(ids, "the admin said so", "admin")
        await door.until_settled()
        assert len(door.booked(0)) == 1

    play(tmp_path, scene)


async def by_hand(door: House, time_type: str | None = None) -> None:
    """The first employee comes, and enters the shift by hand before they tap out."""
    await door.tap(0)
    begin = door.now_at().astimezone(VIENNA).replace(tzinfo=None, second=0, microsecond=0)
    await asyncio.sleep(HOUR)
    end = begin + timedelta(hours=1)
    words = {"act": "web-create", "username": username_of(0), "begin": f"{begin:%Y-%m-%dT%H:%M}"}
    door.sim.act(words | {"end": f"{end:%Y-%m-%dT%H:%M}", "time_type": time_type}, door.now_at().timestamp())
    await door.tap(0)
    await asyncio.sleep(600)


def test_what_somebody_entered_by_hand_is_booked_and_never_deleted(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await by_hand(door)
        assert await door.states() == {"delivered": 2}
        await take_back_the_out(door)
        await asyncio.sleep(HOUR)
        assert not any(request.method == "DELETE" for _, request, _ in door.requests)
        assert len(door.booked(0)) == 1

    door = play(tmp_path, scene, overlap="refuse")
    assert door.sim.violations() == []


def test_a_holiday_at_the_same_times_is_not_the_work(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await by_hand(door, "vacation")
        held = [delivery.held for _, delivery in await door.deliveries() if delivery.held]
        assert [(h.code, "overlaps" in h.because) for h in held] == [("conflict", True)] * 2

    play(tmp_path, scene, overlap="refuse")


def test_a_row_that_cannot_be_read_stops_its_employee_alone(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        odd_looks(door, lambda reply: replace(reply, body=b'[{"id": "a", "starttime": null}]'))
        door.sim.front.faults.replace(rules_from([{"rule": "reply-lost", "path": "createtimeentry"}]))
        await door.tap(0)
        await asyncio.sleep(10)
        door.sim.front.faults.replace(())
        await door.tap(1)
        await asyncio.sleep(600)
        await door.tap(1)
        await asyncio.sleep(30)
        assert door.line.state == "ok"
        await asyncio.sleep(600)
        first, second = [[d.state for _, d in await door.deliveries(username_of(n))] for n in (0, 1)]
        assert (first, second) == (["held", "held"], ["delivered", "delivered"])

    play(tmp_path, scene)


def odd_looks(door: House, change: Callable[[Reply], Reply]) -> None:
    """From now on the first employee's looks are answered in another way."""
    send = door.line.transport

    async def odd(request: Request) -> Exchange:
        exchange = await send(request)
        of_the_first = ("useremail", username_of(0)) in request.query
        return change(exchange) if of_the_first and isinstance(exchange, Reply) else exchange

    door.line.transport = odd


@pytest.mark.parametrize("name", ["Employee Zero", 17])
def test_rows_that_name_nobody_by_e_mail_are_those_that_were_asked_for(tmp_path: Path, name: str | int) -> None:
    """A booking whose reply is lost is found again among rows that say a display name or a number."""

    def named(reply: Reply) -> Reply:
        rows = [{k: v for k, v in row.items() if k != "useremail"} for row in json.loads(reply.body)]
        return replace(reply, body=json.dumps([row | {"user": name} for row in rows]).encode())

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        odd_looks(door, named)
        door.sim.front.faults.replace(rules_from([{"rule": "reply-lost", "path": "createtimeentry", "times": 1}]))
        await door.tap(0)
        await asyncio.sleep(2 * HOUR)
        assert len(door.booked(0)) == 1
        assert await door.states() == {"delivered": 2}

    play(tmp_path, scene, overlap="accept")


def test_a_look_that_always_fails_comes_after_those_of_the_others(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR / 2)
        odd_looks(door, lambda reply: replace(reply, status=500, body=b"<html>oops</html>"))
        door.sim.front.faults.replace(rules_from([{"rule": "reply-lost", "path": "createtimeentry"}]))
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(60)
        door.sim.front.faults.replace(())
        await asyncio.sleep(HOUR)
        assert await door.states() == {"doubtful": 2, "delivered": 4}

    play(tmp_path, scene)


def test_a_pause_ends_where_lists_are_wrapped(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        send = door.line.transport

        async def wrapped(request: Request) -> Exchange:
            exchange = await send(request)
            if request.writes or not isinstance(exchange, Reply) or not exchange.body.startswith(b"["):
                return exchange
            return replace(exchange, body=b'{"data": ' + exchange.body + b"}")

        door.line.transport = wrapped
        door.line.pause("credentials", "the token is refused")
        await asyncio.sleep(400)
        assert door.line.state == "ok"

    play(tmp_path, scene)


def test_a_right_that_is_missing_holds_a_few_and_pauses_for_the_rest(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for n in range(30):
            await door.tap(n)
        await asyncio.sleep(HOUR / 2)
        door.sim.front.faults.replace(rules_from([{"rule": "forbidden", "path": "createtimeentry"}]))
        for n in range(30):
            await door.tap(n)
        await asyncio.sleep(600)
        assert (await door.states())["waiting"] > (await door.states())["held"]
        assert door.line.state == "paused"

    play(tmp_path, scene, employees=30)


def test_a_person_ignores_what_shares_an_entry_that_is_being_deleted(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await a_shift(door)
        door.sim.act({"act": "lock", "until": "2026-11-22T00:00"}, door.now_at().timestamp())
        found = await door.documents.punches(limit=None, state=None, username=None)
        out_id, in_id = (str(punch["id"]) for punch in found if isinstance(punch, dict))
        await door.repairs.void([in_id, out_id], "a mistake", "admin")
        await asyncio.sleep(900)
        assert await door.states() == {"held": 2}
        door.sim.act({"act": "unlock"}, door.now_at().timestamp())
        door.sim.front.faults.replace(parse_rules("drip:8@write"))
        await door.repairs.retry([in_id], "it is unlocked", "admin")
        while not (await door.states()).get("sending"):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.5)
        await door.repairs.ignore([out_id], "it goes as well", "admin")
        await asyncio.sleep(60)
        assert await door.states() == {"void": 1, "ignored": 1}

    play(tmp_path, scene, locking="true")
