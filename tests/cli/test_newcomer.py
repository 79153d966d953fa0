"""The first month of a new admin, as `deploy/README.md` tells it: each command is run, and says what stands there."""

import asyncio
import re
import shlex
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import KEY, KEYS, SECRET, Daemon, Said, clockd, environ
from tests.e2e.rig import Rig, bench

BOOK = Path(__file__).parents[2] / "deploy" / "README.md"
PEOPLE = 20
VIENNA = ZoneInfo("Europe/Vienna")
UNKNOWN, REPLACED = uid_of(500), uid_of(501)
NEW_KEY = "another-key"
ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]0{2,5}[0-9A-HJKMNP-TV-Z]{1,4}(?<=\w{7})\b")
"""The short id of a punch, among the first thousands of a terminal."""


@dataclass(frozen=True)
class Step:
    """A command of the book, or something that happens between two."""

    happens: str = ""
    command: str = ""
    shown: tuple[str, ...] = ()


def steps(book: str) -> list[Step]:
    """Read the book."""
    found: list[Step] = []
    for happens, block in re.findall(r"<!-- (.*?) -->|```console\n(.*?)```", book, re.DOTALL):
        if happens:
            found.append(Step(happens=happens))
        for part in re.split(r"(?m)^\$ ", block)[1:] if block else ():
            command, *shown = part.splitlines()
            found.append(Step(command=command, shown=tuple(shown)))
    return found


def shape(line: str) -> str:
    """What of a line is the same each time: no digits, ids, hashes, times; `…` is what was left out."""
    line = ID.sub("ID", line)
    line = re.sub(r"\b(0[0-9A-HJKMNP-TV-Z]{6,}|01KB…)", "ID", line)
    line = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{4,}…|\b[0-9a-f]{12,}\b", "HASH", line)
    line = re.sub(r"…[0-9A-F]{4}\b|\b(?=[0-9A-F]*\d)[0-9A-F]{4}\b(?![-:])", "TAIL", line)
    line = re.sub(r"/\S*/", "", line)
    return " ".join(re.sub(r"\d+", "9", line).split())


def missing(shown: tuple[str, ...], said: str) -> list[str]:
    """The lines of the book that a command did not say, in their order; without a `…` it must say nothing else."""
    lines, left = [shape(line) for line in said.splitlines()], []
    for line in shown:
        if line.strip() == "…":
            continue
        try:
            at = lines.index(shape(line))
        except ValueError:
            left.append(line)
        else:
            del lines[: at + 1]
    return left


@dataclass
class Office:
    """Where the book is played: a door, a tracker, and whoever holds badges to it."""

    rig: Rig
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    """What stands here for the ids and fingerprints of the book."""
    daemon: Daemon | None = None
    happenings: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)

    @property
    def door(self) -> Daemon:
        return self.daemon or self.rig.daemon

    @property
    def names(self) -> dict[str, str]:
        """What stands here for a word of the book."""
        today, file_day = datetime.now(VIENNA).date(), datetime.now().astimezone().date()
        first = (today - timedelta(days=1)).replace(day=1)
        nas = self.folder / "nas"
        return {
            "badges.csv": str(self.folder / "badges.csv"),
            "november.csv": str(self.folder / "november.csv"),
            "2026-11-01": first.isoformat(),
            "2026-11-30": today.isoformat(),
            "/mnt/nas": str(nas),
            "/mnt/nas/badge-pepper": str(nas / "badge-pepper"),
            "/mnt/nas/clockd-front-door-2026-11-29.backup": str(nas / f"clockd-front-door-{file_day}.backup"),
            "/var/lib/clockd/badge-pepper": str(self.folder / "new" / "badge-pepper"),
            **self.ids,
        }

    async def play(self, step: Step) -> None:
        """Let a step happen."""
        if step.happens:
            await self.happenings[step.happens]()
            return
        words = [self.names.get(word, word) for word in shlex.split(step.command)]
        said = await self.run(words)
        assert said.code == 0 or words[1:] == ["status"], (step, said)
        out = said.out + said.err
        assert missing(step.shown, out) == [], (step.command, out)
        for line in step.shown:
            same = [each for each in out.splitlines() if shape(each) == shape(line)]
            same.sort(key=lambda each: each.split()[:1] != line.split()[:1])  # the row of the same person first
            for told, true in zip(line.split(), same[0].split() if same else [], strict=False):
                if ID.fullmatch(told) or re.fullmatch(r"[0-9a-f]{4}…", told):
                    self.ids[told] = true

    async def run(self, words: list[str]) -> Said:
        """Run a command of the book; systemd's are the bench's own."""
        match words:
            case ["systemctl", *_, "clockd"]:
                if words[1] in ("stop", "restart"):
                    self.door.stop()
                if words[1] in ("start", "restart"):
                    await self.door.start()
                return Said(0, "", "")
            case ["clockd", "set", "key", _]:
                more = ("--credentials", self.folder / "credentials", "--config", self.door.config)
                return await asyncio.to_thread(lambda: clockd(*words[1:], *more, stdin=f"{NEW_KEY}\n"))
            case ["install", "-m", "600", file, target]:
                shutil.copy(file, target)
                return Said(0, "", "")
            case ["clockd", "badges", "enrol", *_]:
                enrolling = asyncio.ensure_future(self.clockd(words[1:]))
                await self.rig.desk.says("Person 05")
                self.rig.desk.terminal.tap(REPLACED.hex)
                return await enrolling
            case ["clockd", *rest]:
                return await self.clockd(rest)
            case _:
                pass
        raise AssertionError(f"not a command of this book: {words}")

    async def clockd(self, words: list[str]) -> Said:
        """Run clockd as a person does."""
        more = ["--config", str(self.door.config)] if words[0] in ("restore", "backup") else []
        return await asyncio.to_thread(clockd, *words, *more, CLOCKD_SOCKET=str(self.door.socket))

    async def taps(self, uid: str) -> str:
        """Somebody holds a badge to the reader; returns the id of the punch."""
        count = len(await self.door.punches())
        await next_second()
        self.rig.desk.terminal.tap(uid)
        return str((await self.door.recorded(count + 1))[-1]["id"])

    async def held(self, uid: str) -> None:
        """Somebody taps, and it is held."""
        punch = await self.taps(uid)

        async def look() -> bool:
            return any(each["id"] == punch for each in await self.door.punches(state="held"))

        await until(look)

    async def came_yesterday(self) -> None:
        """Somebody clocked in yesterday at eight."""
        self.rig.simulator.stop()
        punch = await self.taps(uid_of(3).hex)

        async def waits() -> bool:
            return (await self.door.states())[-1] == "waiting" and await self.door.offline()

        await until(waits)
        await self.door.ask("punches.amend", ids=[punch], at="yesterday 08:00", kind="in", why="", by="test")
        self.rig.simulator.start()
        await self.door.ask("sync")
        await self.door.settled(3)

    async def another_machine(self) -> None:
        """The old one is gone; another one was installed, and the pepper was kept."""
        old = self.rig.daemon
        shutil.copy(old.state / "badge-pepper", self.folder / "nas")
        old.stop()
        new = self.folder / "new"
        new.mkdir()
        terminal = {**old.sections["terminal"], "state_dir": str(new), "control_socket": str(new / "control.sock")}
        self.daemon = Daemon(new, {**old.sections, "terminal": terminal}, env=old.env)
        await self.daemon.start()


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """Nothing yet: a tracker with twenty employees, a terminal without badges, a list with one mistake."""
    credentials = folder / "credentials"
    credentials.mkdir()
    (folder / "nas").mkdir()
    (credentials / "timetrack-api-key").write_text(KEY)
    (credentials / "timetrack-api-secret").write_text(SECRET)
    names = [username_of(n) for n in range(PEOPLE - 1)] + ["usr19"]
    lines = [f"{uid_of(n).hex},{name},Person {n:02}\n" for n, name in enumerate(names)]
    (folder / "badges.csv").write_text("uid,username,name\n" + "".join(lines))
    async with bench(
        folder / "bench", people=PEOPLE, readers=["desk"], panel=True, start=False, tracker={"quarantine_s": 1}
    ) as rig:
        rig.daemon.env = {
            **{name: value for name, value in environ().items() if name not in KEYS},
            "CREDENTIALS_DIRECTORY": str(credentials),
        }
        rig.simulator.start()
        await rig.daemon.start()
        place = Office(rig, folder)
        place.happenings = {
            "an unknown badge is tapped": lambda: place.held(UNKNOWN.hex),
            "the badge with the wrong name is tapped": lambda: place.held(uid_of(PEOPLE - 1).hex),
            "user003 came yesterday at 08:00 and did not clock out": place.came_yesterday,
            "on another machine": place.another_machine,
        }
        try:
            yield place
        finally:
            if place.daemon is not None:
                place.daemon.close()


async def test_the_first_month(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        for step in steps(BOOK.read_text()):
            if "timetrack-api-key" in step.command:
                place.rig.simulator.stop()
                place.rig.simulator.accept_key(NEW_KEY)
                place.rig.simulator.start()
            await place.play(step)
        booked = ["user003", "user001", "user019"]
        assert [person for person, *_ in await place.rig.simulator.booked()] == booked
        punch = await place.taps(uid_of(10).hex)  # at the new machine, by a badge of the old one

        async def is_booked() -> bool:
            states = {each["id"]: each["delivery"]["state"] for each in await place.door.punches()}
            return bool(states[punch] == "delivered")

        await until(is_booked)
        assert [person for person, *_ in await place.rig.simulator.booked()] == [*booked, "user010"]
        assert await place.rig.simulator.violations() == []


def test_control_what_is_not_said_is_seen() -> None:
    assert missing(("20 badges imported",), "19 badges imported\n") == []
    assert missing(("20 badges imported",), "nothing was imported\n") == ["20 badges imported"]
    assert missing(("b", "a"), "a\nb\n") == ["a"]
