"""What the office corrects is told to its owner, or waits for their yes: each way, each rule, at each tracker.

A scene without any correction, and one with `countersign = "off"`, say what the tracker must hold in the end: a yes and
silence come to what the office wanted, a no to what would be there if nothing had been asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlite_utils import Database

from clockd.core import feedback
from clockd.core.correction import Consent, Correction, CorrectionWay
from clockd.core.model import Action, KeyPress, Kind, Reading, Tap
from clockd.errors import NotRecorded, Refused
from clockd.flow.punch_repairs import Amendment
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named as timetrack_profile
from clockd.store import badges, ledger
from tests.flow.house import BEGIN_AT, House, in_virtual_time, simulator, uid_of, username_of
from tests.flow.matrix import TIME_FORMS

HOUR = 3600.0
TRACKERS = ("goodtime", "timer", "entries")
FOUND = 50
"""The badge that is nobody's at first."""

Rows = list[tuple[str, str, str]]
Answer = Literal["none", "off", "tell", "yes", "no", "silence"]
ANSWERS: tuple[Answer, ...] = ("none", "off", "tell", "yes", "no", "silence")
"""What is done in a scene: no correction, one that needs no word, one that is told, one that is answered so."""


@dataclass
class Scene:
    """One day at the door: something was recorded, the office corrects it, and its owner comes again."""

    folder: Path
    tracker: str
    answer: Answer
    offline: bool = False
    """Whether the tracker cannot be reached from the correction until after the answer."""
    door: House = field(init=False)
    news: list[feedback.News] = field(default_factory=list)
    while_asked: Rows = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """Why punches are held while the correction waits."""
    whats: list[str] = field(default_factory=list)
    """What stands in the ledger in the end, without the punches."""
    documents: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        if self.tracker == "goodtime":
            profile = goodtime_profile("strict")
            sim = GoodtimeSim(profile=profile, users=tuple(Person(username_of(n)) for n in range(3)))
            self.door = House(self.folder, sim, employees=2, secret="sim-password")
            self.door.time_format = TIME_FORMS[profile.time_form]
        else:
            self.door = House(self.folder, simulator(timetrack_profile("strict"), employees=3), employees=2)
            self.door.delivery = "timer" if self.tracker == "timer" else "entries"
        if self.answer in ("yes", "no", "silence"):
            self.door.countersign = "agree"
        elif self.answer == "tell":
            self.door.countersign = "tell"

    def play(self, begin: "Step", correct: "Step") -> Rows:
        """Play it; return what the tracker holds in the end."""

        async def whole() -> None:
            door = self.door
            await door.start()
            await begin(self)
            await self.until(9)
            if self.answer != "none":
                await correct(self)
            door.link_down = self.offline
            await self.until(9.9)
            self.while_asked = door.booked()
            self.codes = [d.held.code.value for _, d in await door.deliveries() if d.held]
            for hour in (10, 14):
                for owner in range(2):
                    await self.come(owner, hour + owner / 4)
                await self.until(hour + 0.5)
                door.link_down = False
            if self.answer == "silence":
                await asyncio.sleep(10 * HOUR)
            await door.until_settled()
            self.whats = await door.store.run(
                lambda db: [row.what for row in ledger.every_row(db) if row.what != "punch"]
            )
            self.documents = list(await door.office.corrections.listed())
            assert await door.store.run(lambda db: ledger.verify(db).wrong) is None
            door.check_alive()
            await door.kill()

        in_virtual_time(whole)
        assert self.door.sim.violations() == []
        return self.door.booked()

    async def until(self, hour: float) -> None:
        """Wait until an hour of the first day, where the day begins at 6."""
        at = BEGIN_AT + timedelta(hours=hour - 6)
        await asyncio.sleep((at - self.door.now_at()).total_seconds())

    async def come(self, owner: int, hour: float) -> None:
        """The owner comes or goes, and answers at the keys what they are asked."""
        await self.until(hour)
        shown = await self.door.tap(owner)
        assert isinstance(shown, feedback.Punched)
        assert shown.missing_out_local is None
        if shown.news is not None:
            self.news.append(shown.news)
        if self.answer in ("yes", "no") and shown.news is not None:
            await self.say(owner, yes=self.answer == "yes")

    async def say(self, owner: int, *, yes: bool) -> feedback.Screen:
        """Answer at the keys: the badge again, a key, and the badge."""
        await asyncio.sleep(2)
        asked = await self.door.tap(owner)
        assert isinstance(asked, feedback.AskConsent)
        assert asked.yes is None
        await asyncio.sleep(2)
        self.door.terminal.pressed(KeyPress(Action.IN if yes else Action.OUT, None, self.door.read_clock()))
        await asyncio.sleep(2)
        said = await self.door.tap(owner)
        assert said == feedback.ConsentSaved(asked.employee, yes)
        return said


Step = Callable[[Scene], Awaitable[None]]


async def ids(door: House, *kinds: str, n: int = 0) -> list[str]:
    """The punches of these kinds of an employee, oldest first."""
    found = await door.documents.punches(limit=None, state=None, username=username_of(n))
    return [str(p["id"]) for p in reversed(found) if isinstance(p, dict) and p["kind"] in kinds]


# --- each way of a correction -----------------------------------------------------------------------------------


async def _worked(scene: Scene) -> None:
    """They come at 6 and leave at 8; it is booked."""
    await scene.door.tap(0)
    await scene.until(8)
    await scene.door.tap(0)
    await scene.until(8.5)


async def _worked_unsent(scene: Scene) -> None:
    """They come at 6 and leave at 8, and nothing of it has left."""
    scene.door.link_down = True
    await scene.door.tap(0)
    await scene.until(8)
    await scene.door.tap(0)
    await scene.until(8.5)


async def _forgotten(scene: Scene) -> None:
    """They came at 6 and again at 8, so that the clock-out between is missing."""
    await scene.door.tap(0, Action.IN)
    await scene.until(8)
    await scene.door.tap(0, Action.IN)
    await scene.until(8.2)
    await scene.door.tap(0, Action.OUT)
    await scene.until(8.5)


async def _lone_out(scene: Scene) -> None:
    """They leave at 8, and the clock-in before is missing."""
    await scene.until(8)
    await scene.door.tap(0, Action.OUT)
    await scene.until(8.5)


async def _found_badge(scene: Scene) -> None:
    """A badge that is nobody's comes at 6 and leaves at 8."""
    for hour, action in ((6, Action.IN), (8, Action.OUT)):
        await scene.until(hour)
        scene.door.terminal.pressed(KeyPress(action, None, scene.door.read_clock()))
        await scene.door.terminal.tapped(Tap(uid_of(FOUND), "pcsc", scene.door.read_clock()))
    await scene.until(8.5)


async def _amend(scene: Scene) -> None:
    out = (await ids(scene.door, "out"))[0]
    await scene.door.repairs.amend(out, BEGIN_AT + timedelta(hours=1), None, "left at seven", "olga")


async def _void(scene: Scene) -> None:
    await scene.door.repairs.void(await ids(scene.door, "in", "out"), "was not here", "olga")


async def _ignore(scene: Scene) -> None:
    await scene.door.repairs.ignore(await ids(scene.door, "in", "out"), "was not here", "olga")


async def _add_out(scene: Scene) -> None:
    first = (await ids(scene.door, "in"))[0]
    await scene.door.repairs.add_out(first, BEGIN_AT + timedelta(hours=1), "left at seven", "olga")


async def _add_in(scene: Scene) -> None:
    first = (await ids(scene.door, "out"))[0]
    await scene.door.repairs.add_in(first, BEGIN_AT, "came at six", "olga")


async def _assign(scene: Scene) -> None:
    taps = await scene.door.documents.punches(limit=None, state=None, username=None)
    strays = [str(p["id"]) for p in taps if isinstance(p, dict) and p["username"] is None]
    await scene.door.badge_desk.assign(strays[-1], username_of(0), "", "olga", "her new one")


async def _rename(scene: Scene) -> None:
    await scene.door.office.people.rename(username_of(0), username_of(2), "olga", merge=False)


async def _give_away(scene: Scene) -> None:
    both = await ids(scene.door, "in", "out")
    await scene.door.repairs.amend_all(both, Amendment(username=username_of(1)), "badges were swapped", "olga")


WAYS: dict[str, tuple[Step, Step]] = {
    "amend": (_worked_unsent, _amend),
    "void": (_worked, _void),
    "void-unsent": (_worked_unsent, _void),
    "ignore": (_worked_unsent, _ignore),
    "add-out": (_forgotten, _add_out),
    "add-in": (_lone_out, _add_in),
    "assign": (_found_badge, _assign),
    "give-away": (_worked, _give_away),
    "rename": (_worked, _rename),
}
BOOKED = ("void", "give-away", "rename")
"""Ways whose punches are booked when the office corrects them."""
EVERY = [(way, tracker) for way in WAYS for tracker in TRACKERS]
FEW = (
    ("amend", "entries"),
    ("void", "timer"),
    ("ignore", "entries"),
    ("add-out", "goodtime"),
    ("add-in", "goodtime"),
    ("assign", "timer"),
    ("give-away", "goodtime"),
    ("rename", "entries"),
)
"""Each way with one of the trackers; the others are long."""


def _sampled(case: tuple[str, str]) -> object:
    return pytest.param(*case, id="-".join(case), marks=() if case in FEW else pytest.mark.soak)


@pytest.mark.parametrize(("way", "tracker"), [_sampled(case) for case in EVERY])
def test_each_way_under_each_rule(tmp_path: Path, way: str, tracker: str) -> None:
    begin, correct = WAYS[way]
    scenes = dict[str, Scene]()
    rows = dict[str, Rows]()
    for answer in ANSWERS:
        scenes[answer] = Scene(tmp_path / answer, tracker, answer, offline=way == "rename")
        rows[answer] = scenes[answer].play(begin, correct)
    assert rows["none"] != rows["off"]
    assert rows["tell"] == rows["off"]
    assert scenes["tell"].news
    assert scenes["tell"].whats.count("told") == len(scenes["tell"].news)
    for answer, word, ended in (
        ("yes", "agree", "agreed"),
        ("no", "refuse", "refused"),
        ("silence", "silence", "unanswered"),
    ):
        scene = scenes[answer]
        old_name = way == "rename" and answer == "silence"  # what was tapped meanwhile is booked under the old name
        assert rows[answer] == rows["none" if answer == "no" or old_name else "off"], answer
        assert {d["progress"] for d in scene.documents if isinstance(d, dict)} == {ended}
        assert scene.whats.count("propose") == len(scene.documents)
        assert scene.whats.count(word) >= len(scene.documents)
        assert set(scene.while_asked) <= set(scenes["none"].while_asked), "nothing is booked that waits for a yes"
        if way in BOOKED:
            assert scene.while_asked == scenes["none"].while_asked, "what is booked stays until the yes"
        elif (way, tracker) != ("add-out", "timer"):
            assert "countersign" in scene.codes


# --- what else can happen ---------------------------------------------------------------------------------------


def one_day(folder: Path, work: Callable[[Scene], Awaitable[None]], answer: Answer = "yes") -> None:
    """Play what is not one of the ways above: the first employee has come and gone, and it is booked."""
    scene = Scene(folder, "entries", answer)

    async def whole() -> None:
        await scene.door.start()
        await _worked(scene)
        await work(scene)
        scene.door.check_alive()
        await scene.door.kill()

    in_virtual_time(whole)
    assert scene.door.sim.violations() == []


async def listed(door: House) -> list[dict[str, Any]]:
    """Every correction, newest first."""
    return [each for each in await door.office.corrections.listed() if isinstance(each, dict)]


async def how_far(door: House) -> list[tuple[str, str | None]]:
    """Progress and remark of every correction, oldest first."""
    return [(each["progress"], each["remark"]) for each in reversed(await listed(door))]


def test_of_two_owners_one_no_is_enough(tmp_path: Path) -> None:
    async def work(scene: Scene) -> None:
        door = scene.door
        await _give_away(scene)
        first, second = (each["number"] for each in await listed(door))
        desk = door.office.corrections
        assert await desk.answer(first, username_of(0), Consent.YES, "") == "asked"
        assert await desk.answer(first, username_of(1), Consent.NO, "it is not mine") == "refused"
        assert await desk.answer(second, username_of(1), Consent.NO, "nor this") == "refused"
        with pytest.raises(Refused, match="settled"):
            await desk.answer(second, username_of(0), Consent.YES, "")
        with pytest.raises(Refused, match="no such correction of yours"):
            await desk.answer(second, "user002", Consent.YES, "")
        assert await how_far(door) == [("refused", "nor this"), ("refused", "it is not mine")]
        await asyncio.sleep(HOUR)
        assert door.booked() == [(username_of(0), "20 06:00:00", "20 08:00:00")]

    one_day(tmp_path, work)


def test_the_punch_is_left_alone_while_its_owner_is_asked(tmp_path: Path) -> None:
    """Nothing goes round the question: no retry, no second correction, and a try leaves no trace."""

    async def work(scene: Scene) -> None:
        door = scene.door
        (out,) = await ids(door, "out")
        before = await door.store.run(ledger.newest_seq)
        with pytest.raises(Refused, match="clock-out follows already"):
            await _add_out(scene)
        assert await door.store.run(ledger.newest_seq) == before, "what cannot be made is not asked for"
        await door.repairs.void([out], "was not here", "olga")
        rows = await door.store.run(lambda db: [row.what for row in ledger.every_row(db)][before:])
        assert rows == ["propose"]
        for act in (
            door.repairs.void([out], "", "olga"),
            door.repairs.retry([out], "", "olga"),
            door.repairs.ignore([out], "", "olga"),
            door.repairs.amend(out, None, None, "", "olga", username_of(1)),
        ):
            with pytest.raises(Refused, match="waits for its owner's answer"):
                await act
        await door.office.corrections.withdraw(None, out, "", "olga")
        await door.repairs.void([out], "was not here", "olga")
        assert [progress for progress, _ in await how_far(door)] == ["withdrawn", "asked"]

    one_day(tmp_path, work)


def test_a_held_punch_waits_again_for_what_it_waited_for(tmp_path: Path) -> None:
    """A no, or a withdrawal, gives back the very reason, with the time of its next try."""

    async def work(scene: Scene) -> None:
        door = scene.door
        await door.tap(0, Action.IN)
        await asyncio.sleep(HOUR)
        await door.store.run(
            lambda db: db.execute(
                "UPDATE outbox SET state = 'held', held_code = 'gave-up', held_because = 'no trace', retry_us = 7 "
                "WHERE seq = (SELECT max(seq) FROM outbox)"
            )
        )
        before = await door.store.run(_last_row)
        last = (await ids(door, "in"))[-1]
        await door.repairs.amend(last, None, Kind.RESUME, "", "olga")
        assert (await door.store.run(_last_row))[:2] == ("held", "countersign")
        await door.office.corrections.withdraw(None, last, "", "olga")
        assert await door.store.run(_last_row) == before

    one_day(tmp_path, work)


def _last_row(db: Database) -> tuple[object, ...]:
    columns = "state, held_code, held_because, retry_us, attempts, kind"
    return tuple(db.execute(f"SELECT {columns} FROM outbox ORDER BY seq DESC LIMIT 1").fetchone())


def test_what_cannot_be_made_any_more_is_told_to_the_office(tmp_path: Path) -> None:
    """The unknown badge's tap, for which ada is asked, is settled before she answers."""

    async def work(scene: Scene) -> None:
        door = scene.door
        await door.terminal.tapped(Tap(uid_of(FOUND), "pcsc", door.read_clock()))
        await _assign(scene)
        (asked,) = await listed(door)
        await door.store.run(
            lambda db: db.execute("UPDATE outbox SET state = 'ignored' WHERE held_code = 'countersign'")
        )
        said = await door.office.corrections.answer(asked["number"], username_of(0), Consent.YES, "")
        assert said == "impossible"
        assert await how_far(door) == [("impossible", "this punch is somebody's, or settled")]
        assert (await door.store.run(lambda db: [row.what for row in ledger.every_row(db)]))[-2:] == ["agree", "lapse"]

    one_day(tmp_path, work)


def test_of_what_fails_half_way_nothing_is_kept(tmp_path: Path) -> None:
    async def work(scene: Scene) -> None:
        door = scene.door
        await _void(scene)

        def half(db: Database, wanted: Correction, reading: Reading) -> None:
            ledger.add(db, "void", wanted.seq, reading, {})
            raise Refused("not any more")

        desk = replace(door.office.corrections, make=dict.fromkeys(CorrectionWay, half))
        (first, _) = await listed(door)
        assert await desk.answer(first["number"], username_of(0), Consent.YES, "") == "impossible"
        assert (await door.store.run(lambda db: [row.what for row in ledger.every_row(db)]))[-2:] == ["agree", "lapse"]

    one_day(tmp_path, work)


def test_walking_away_says_nothing_and_the_next_persons_key_is_theirs(tmp_path: Path) -> None:
    async def work(scene: Scene) -> None:
        door = scene.door
        await _void(scene)
        assert isinstance(shown := await door.tap(0), feedback.Punched)
        assert shown.news is not None
        assert shown.news.asks
        await asyncio.sleep(2)
        assert isinstance(await door.tap(0), feedback.AskConsent)
        door.terminal.pressed(KeyPress(Action.OUT, None, door.read_clock()))
        await asyncio.sleep(2)
        other = await door.tap(1)
        assert isinstance(other, feedback.Punched)
        assert other.kind is Kind.OUT, "it is their key"
        await asyncio.sleep(60)
        assert {progress for progress, _ in await how_far(door)} == {"asked"}
        await asyncio.sleep(HOUR)
        assert isinstance(shown := await door.tap(0), feedback.Punched)
        assert shown.news is not None, "they are asked again"

    one_day(tmp_path, work)


def test_what_was_not_noted_as_shown_is_shown_again(tmp_path: Path) -> None:
    """The disk refuses the note that it was shown; a kill between the two comes to the same."""

    async def work(scene: Scene) -> None:
        door = scene.door
        await _void(scene)
        terminal = door.terminal
        desk, terminal.corrections = terminal.corrections, None
        assert desk is not None
        terminal.corrections = replace(desk, store=FullDisk())  # type: ignore[arg-type]
        assert isinstance(shown := await door.tap(0), feedback.Punched)
        assert shown.news is not None
        terminal.corrections = desk
        await asyncio.sleep(HOUR)
        assert isinstance(again := await door.tap(0), feedback.Punched)
        assert again.news is not None
        assert again.news.was == shown.news.was
        await asyncio.sleep(HOUR)
        assert isinstance(third := await door.tap(0), feedback.Punched)
        assert third.news is not None
        assert third.news.was != shown.news.was, "once is enough"

    one_day(tmp_path, work, "tell")


class FullDisk:
    """A store that takes nothing."""

    async def run(self, work: object) -> None:
        raise NotRecorded("disk full")


def test_an_owner_who_has_left_cannot_answer_and_it_counts_in_the_end(tmp_path: Path) -> None:
    async def work(scene: Scene) -> None:
        door = scene.door
        await _void(scene)
        await door.store.run(lambda db: badges.remove(db, door.core.fingerprints.of(uid_of(0)), 1))
        assert [owner["has_badge"] for each in await listed(door) for owner in each["owners"]] == [False, False]
        await asyncio.sleep(11 * HOUR)
        assert len(door.booked()) == 1
        await asyncio.sleep(2 * HOUR)
        assert door.booked() == []
        assert [progress for progress, _ in await how_far(door)] == ["unanswered"] * 2

    one_day(tmp_path, work)


def test_what_waits_outlives_a_power_cut(tmp_path: Path) -> None:
    async def work(scene: Scene) -> None:
        door = scene.door
        await _void(scene)
        await door.kill()
        await door.start()
        for hour in (10, 14):
            await scene.come(0, hour)
        await door.until_settled()
        assert door.booked() == [(username_of(0), "20 10:00:00", "20 14:00:00")]
        assert [progress for progress, _ in await how_far(door)] == ["agreed"] * 2

    one_day(tmp_path, work)


@pytest.mark.parametrize("sending", [False, True])
def test_what_is_agreed_to_while_a_request_is_under_way_is_made_after_it(tmp_path: Path, sending: bool) -> None:
    """Who says yes has just tapped: that this tap is being sent must not make their yes worth nothing."""

    async def work(scene: Scene) -> None:
        door = scene.door
        await _rename(scene)
        await door.tap(0)
        await asyncio.sleep(60)
        state = "sending" if sending else "delivered"
        await door.store.run(lambda db: db.execute("UPDATE outbox SET state = ? WHERE seq = 1", [state]))
        (asked,) = await listed(door)
        said = await door.office.corrections.answer(asked["number"], username_of(0), Consent.YES, "")
        assert said == ("asked" if sending else "agreed")
        await door.store.run(lambda db: db.execute("UPDATE outbox SET state = 'delivered' WHERE seq = 1"))
        await asyncio.sleep(700)
        assert await how_far(door) == [("agreed", None)]
        whats = await door.store.run(lambda db: [row.what for row in ledger.every_row(db) if row.what != "punch"])
        assert (whats.count("agree"), whats.count("rename"), whats.count("lapse")) == (1, 1, 0)

    one_day(tmp_path, work)


@pytest.mark.parametrize(("column", "comes_back"), [("by", True), ("was", True), ("held", False)])
def test_a_damaged_correction_can_be_taken_back_and_ends_no_task(tmp_path: Path, column: str, comes_back: bool) -> None:
    """Else its punch would wait for good; `by` is the control, which any text can be."""
    scene = Scene(tmp_path, "entries", "yes")

    async def whole() -> None:
        door = scene.door
        await door.start()
        await _worked_unsent(scene)
        first = (await ids(door, "in"))[0]
        await door.repairs.amend(first, BEGIN_AT + timedelta(minutes=1), None, "came later", "olga")
        await door.store.run(lambda db: db.execute(f"UPDATE correction SET {column} = 'rot'"))
        with pytest.raises(Refused, match="waits for its owner's answer"):
            await door.repairs.retry([first], "", "olga")
        await door.office.corrections.withdraw(None, first, "cannot be read", "olga")
        held = [d.held.because for kind, d in await door.deliveries() if d.held and kind == "in"]
        assert held == [] if comes_back else "cannot be read" in held[0]
        if not comes_back:
            await door.repairs.retry([first], "seen", "olga")
        door.link_down = False
        await door.until_settled()
        assert len(door.booked()) == 1
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)


@pytest.mark.parametrize("off_days", [-365, 0, 365])
def test_the_days_to_answer_begin_when_the_clock_is_right(tmp_path: Path, off_days: int) -> None:
    """Asked for by a clock that was a year behind, it would count at once; by one ahead, a year later."""

    async def work(scene: Scene) -> None:
        door = scene.door
        right = door.read_clock
        wrong = replace(right(), wall_at=right().wall_at + timedelta(days=off_days), trusted=off_days == 0)
        office = replace(door.repairs, read_clock=lambda: wrong)
        await office.void(await ids(door, "in", "out"), "was not here", "olga")
        assert [bool(each["due_at"]) for each in await listed(door)] == [off_days == 0] * 2
        await asyncio.sleep(11 * HOUR)
        assert [progress for progress, _ in await how_far(door)] == ["asked"] * 2
        await asyncio.sleep(2 * HOUR)
        assert [progress for progress, _ in await how_far(door)] == ["unanswered"] * 2

    one_day(tmp_path, work)


def test_a_time_type_is_booked_once_its_owner_said_yes(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "goodtime", "yes")

    async def whole() -> None:
        door = scene.door
        await door.start()
        await _worked_unsent(scene)
        first = (await ids(door, "in"))[0]
        await door.repairs.amend_all([first], Amendment(time_type="home office"), "was at home", "olga")
        (asked,) = await listed(door)
        assert (asked["progress"], asked["time_type"]) == ("asked", "home office")
        await door.office.corrections.answer(asked["number"], username_of(0), Consent.YES, "")
        door.link_down = False
        await door.until_settled()
        await door.kill()

    in_virtual_time(whole)
    assert isinstance(scene.door.sim, GoodtimeSim)
    names = {kind.id: kind.name for kind in scene.door.sim.api.world.time_types}
    assert [names[row.type_id] for row in scene.door.sim.rows(username_of(0))] == ["home office"]
