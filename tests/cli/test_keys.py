"""The keys, from the finger to the tracker: each key and then a badge at the desk, over a forged wall clock."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd.panel.gpio import BOUNCE_S
from tests.e2e.conftest import Command
from tests.e2e.looking import until, wall_texts
from tests.e2e.people import EMAILS, uid_of
from tests.e2e.processes import toml
from tests.e2e.rig import DESK, Rig, bench
from tests.time.forged_clock import ForgedClock, build_preload

KEYS = {"in": 5, "out": 6, "break": 13, "resume": 19, "undo": 26, "project": 12, "info": 16}
BUTTONS: list[dict[str, Any]] = [
    {"gpio": gpio, "action": action} | ({"client": "Client 001", "project": "Test"} if action == "project" else {})
    for action, gpio in KEYS.items()
]
OF_GOODTIME: list[dict[str, Any]] = [
    *({"gpio": KEYS[action], "action": action} for action in ("in", "out", "break")),
    {"gpio": KEYS["resume"], "action": "in", "time_type": "home office"},
    {"gpio": KEYS["project"], "action": "project", "project": "Roof", "time_type": "working hours"},
]
PROFILES = {
    "strict": {"time_type": "working hours", "time_format": "%Y-%m-%dT%H:%M:%S"},
    "alt": {"time_type": "working hours", "time_format": "%Y-%m-%dT%H:%M", "token_prefix": ""},
}
DAY = (datetime.now(UTC) - timedelta(days=1)).astimezone(ZoneInfo("Europe/Vienna")).replace(tzinfo=None, microsecond=0)
"""Yesterday: the tracker takes no times of the future."""


@pytest.fixture(scope="module")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_preload(tmp_path_factory.mktemp("preload"))


@dataclass
class Door:
    """The desk, with a wall clock that can be set."""

    rig: Rig
    clock: ForgedClock
    count: int = 0
    pressed_s: float = 0.0

    def at(self, text: str) -> str:
        """Set the clock to this time of the day, in winter as in summer; return it as the tracker writes it."""
        local = datetime.combine(DAY.date(), time.fromisoformat(text))
        self.clock.set_wall(local.replace(tzinfo=ZoneInfo("Europe/Vienna")).astimezone(UTC))
        return local.isoformat()

    async def press(self, key: str, label: str = "") -> None:
        """Press a key, no sooner after the last one than a finger can."""
        await until(lambda: monotonic() > self.pressed_s + BOUNCE_S)
        self.pressed_s = monotonic()
        self.rig.desk.terminal.press(KEYS[key])
        await self.rig.desk.says(f"Key {label or ('Client 001 / Test' if key == 'project' else key)}: now hold a badge")

    async def does(self, key: str | None, *says: str, n: int = 0) -> str:
        """Press a key, hold a badge to the reader; return what the panel said."""
        if key is not None:
            await self.press(key)
        self.rig.desk.terminal.tap(uid_of(n).hex)
        return await self.rig.desk.says(f"Person {n}", *says)

    async def punches(self, at: str, key: str | None, says: str) -> None:
        """Punch, and wait until the tracker has it: a day takes longer than a test."""
        self.at(at)
        await self.does(key, f": {says}", "Saved")
        self.count += 1
        await self.rig.daemon.recorded(self.count)


@asynccontextmanager
async def door(
    folder: Path, preload: Path, *, goodtime: Sequence[str] | None = None, **tracker: Any
) -> AsyncIterator[Door]:
    clock = ForgedClock(folder, preload)
    start = DAY.replace(hour=7, minute=0, second=0, tzinfo=ZoneInfo("Europe/Vienna")).astimezone(UTC)
    clock.set_wall(start)
    more = {"button": BUTTONS if goodtime is None else OF_GOODTIME}
    wanted: dict[str, Any] = {"tracker": tracker, "more": more, "env": clock.environ, "goodtime": goodtime}
    async with bench(folder, people=2, readers=[DESK], panel=True, **wanted) as rig:
        yield Door(rig, clock)


@pytest.mark.parametrize("delivery", ["timer", "entries"])
async def test_a_break_as_a_gap(tmp_path: Path, preload: Path, delivery: str) -> None:
    async with door(tmp_path, preload, breaks="gap", delivery=delivery) as desk:
        await desk.punches("08:00:00", "in", "in")
        await desk.punches("12:00:00", "break", "on a break")
        await desk.punches("12:30:20", "resume", "back from the break")
        await desk.punches("17:00:00", "out", "out")
        punches = await desk.rig.daemon.settled(4)
        assert [punch["kind"] for punch in punches] == ["in", "break", "resume", "out"]
        assert all(punch["explicit"] for punch in punches)
        assert [punch["local"][11:16] for punch in punches] == ["08:00", "12:00", "12:30", "17:00"]
        assert await desk.rig.simulator.booked() == wall_texts(punches)  # two rows
        assert {row["breakMinutes"] for row in await desk.rig.simulator.rows()} == {0}
        assert await desk.rig.simulator.violations() == []


@pytest.mark.parametrize("delivery", ["timer", "entries"])
async def test_breaks_as_minutes(tmp_path: Path, preload: Path, delivery: str) -> None:
    async with door(tmp_path, preload, breaks="minutes", delivery=delivery) as desk:
        await desk.punches("08:00:00", "in", "in")
        await desk.punches("10:00:00", "break", "on a break")
        await desk.punches("10:10:00", "resume", "back from the break")
        await desk.punches("12:00:00", "break", "on a break")
        await desk.punches("12:30:45", None, "back from the break")  # a bare tap ends a break
        await desk.punches("17:00:00", "out", "out")
        punches = await desk.rig.daemon.settled(6)
        (row,) = await desk.rig.simulator.rows()
        assert (row["from"], row["to"]) == (punches[0]["local"][:19], punches[-1]["local"][:19])
        assert row["breakMinutes"] == 41  # 10 min and 30 min 45 s
        assert await desk.rig.simulator.violations() == []


async def test_undo(tmp_path: Path, preload: Path) -> None:
    """Once before it was sent and once after; and not twice, and not what is long ago."""
    async with door(tmp_path, preload) as desk:
        await desk.does("undo", "nothing to undo")
        await desk.punches("08:00:00", "in", "in")
        await desk.rig.daemon.settled(1)
        assert len(await desk.rig.simulator.rows()) == 1
        await desk.does("undo", ": in", "Taken back")
        await until(lambda: _states(desk.rig, "void"))
        assert await desk.rig.simulator.rows() == []
        assert (await desk.rig.daemon.status())["present"] == []
        desk.rig.simulator.stop()
        await desk.punches("08:05:00", None, "in")  # a bare tap is an in again
        await desk.does("undo", "Taken back")
        await until(lambda: _states(desk.rig, "void", "void"))
        desk.rig.simulator.start()
        await desk.punches("08:10:00", "in", "in")
        await until(lambda: _states(desk.rig, "void", "void", "delivered"))
        assert [(row["from"][11:16], row["to"]) for row in await desk.rig.simulator.rows()] == [("08:10", None)]
        story = await desk.rig.daemon.ask("punches.show", id=(await desk.rig.daemon.punches())[-1]["id"])
        assert [(row["what"], row.get("by"), row.get("why")) for row in story["story"]][-1] == (
            "void",
            "employee",
            "undo key",
        )


async def test_info_records_nothing(tmp_path: Path, preload: Path) -> None:
    async with door(tmp_path, preload) as desk:
        await desk.does("info", "out. Worked today: 0 min")
        await desk.punches("08:00:00", "in", "in")
        desk.at("09:30:30")
        await desk.does("info", "in since 08:00. Worked today: 1 h 30 min")
        await desk.punches("12:00:00", None, "out")  # and it is no tap before this one
        assert [punch["kind"] for punch in await desk.rig.daemon.punches()] == ["out", "in"]


async def test_a_key_counts_for_the_next_tap_alone(tmp_path: Path, preload: Path) -> None:
    async with door(tmp_path, preload) as desk:
        await desk.punches("08:00:00", "in", "in")
        await desk.punches("09:00:00", "out", "out")
        await desk.punches("10:00:00", None, "in")
        await desk.press("out")
        await desk.punches("11:00:00", "break", "on a break")  # the newest key counts


async def test_a_project(tmp_path: Path, preload: Path, command: Command) -> None:
    async with door(tmp_path, preload) as desk:
        tt = ("timetrack", "project-timer", "show", "--socket", desk.rig.daemon.socket, "-u", "user000")

        async def state() -> Any:
            said = await command(*tt)
            return said.json["state"] if said.code == 0 else None

        await desk.punches("08:00:00", "in", "in")
        await desk.punches("08:01:00", "project", "on a project")
        await desk.rig.daemon.settled(2)
        assert await state() == "playing"
        await desk.punches("12:00:00", "break", "on a break")
        await desk.rig.daemon.settled(3)
        assert await state() == "paused"
        await desk.punches("12:30:00", "resume", "back from the break")
        await desk.rig.daemon.settled(4)
        assert await state() == "playing"
        await desk.punches("17:00:00", "out", "out")
        await desk.rig.daemon.settled(5)
        assert await state() is None
        punches = (await command("punches", "--socket", desk.rig.daemon.socket, "--json")).json
        assert [(p["kind"], p["project"]) for p in punches if p["project"]] == [("project", "Client 001 / Test")]
        attendance = [p for p in reversed(punches) if p["kind"] != "project"]
        assert set(wall_texts(attendance)) <= set(await desk.rig.simulator.booked())
        assert await desk.rig.simulator.violations() == []


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_time_type(tmp_path: Path, preload: Path, command: Command, profile: str) -> None:
    """Home office from the key on, over the break, until another key; then in the office, and on a project there."""
    options = ("--profile", profile)
    async with door(tmp_path, preload, goodtime=options, **PROFILES[profile]) as desk:
        home, roof = "home office", "Roof, working hours"
        for at, key, label, says in (
            ("08:00:00", "resume", home, "in"),
            ("12:00:00", "break", "", "on a break"),
            ("12:30:00", None, "", "back from the break"),
            ("14:00:00", "in", "", "in"),
            ("15:00:00", "project", roof, "on a project"),
            ("16:00:00", "resume", home, "in"),
            ("17:00:00", "out", "", "out"),
        ):
            if key is not None:
                await desk.press(key, label)
            await desk.punches(at, None, says)
        punches = await desk.rig.daemon.settled(7)
        kinds = ["in", "break", "resume", "project", "project", "project", "out"]
        assert [punch["kind"] for punch in punches] == kinds
        assert [punch["time_type"] for punch in punches] == [home, home, home, None, "working hours", home, None]
        span = ("--from", f"{DAY:%Y-%m-%d} 00:00", "--to", f"{DAY:%Y-%m-%d} 23:59")
        words = ("-u", EMAILS[0], *span, "--socket", desk.rig.daemon.socket, "--json")
        said = await command("goodtime", "entries", "list", *words)
        rows = [(r["from_local"][11:16], r["time_type_name"], r["project_name"], r["note"]) for r in said.json]
        note = "front-door" if profile == "strict" else ""  # the other one shows no comments
        assert sorted(rows) == [
            ("08:00", home, None, note),
            ("12:30", home, None, note),
            ("14:00", "working hours", None, note),
            ("15:00", "working hours", "Roof", note),
            ("16:00", home, None, note),
        ]
        assert await desk.rig.simulator.violations() == []
        listed = await command("punches", "--socket", desk.rig.daemon.socket)
        assert "project Roof working hours" in listed.out
        assert "break home office" in listed.out


async def test_a_check_names_the_key_whose_time_type_there_is_not(
    tmp_path: Path, preload: Path, command: Command
) -> None:
    async with door(tmp_path, preload, goodtime=(), **PROFILES["strict"]) as desk:
        daemon = desk.rig.daemon
        daemon.sections = {**daemon.sections, "button": [{"gpio": 5, "action": "in", "time_type": "errand"}]}
        daemon.config.write_text(toml(daemon.sections))
        said = await command("check", "--config", str(daemon.config))
        (line,) = [line for line in said.out.splitlines() if "time type of a key" in line]
        assert said.code == 1
        assert "none is called 'errand'; there are 'working hours', 'home office'" in line


async def _states(rig: Rig, *wanted: str) -> bool:
    return await rig.daemon.states() == list(wanted)
