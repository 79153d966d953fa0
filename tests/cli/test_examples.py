"""The help of every command ends with an example; each is run here as it stands, with the names and ids of a bench."""

import asyncio
import itertools
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
import pytest

from clockd.cli import cli
from clockd.cli.examples import HELP_EXAMPLES
from clockd.cli.later import every
from clockd.core.ids import short_id
from tests.e2e.conftest import Command
from tests.e2e.looking import next_second, until
from tests.e2e.people import EMAILS, uid_of
from tests.e2e.processes import Said
from tests.e2e.processes import clockd as clockd_process
from tests.e2e.rig import Rig, bench

asyncio_mark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 3, "readers": ["desk"], "panel": True}
GOODTIME = {"time_type": "working hours", "time_format": "%Y-%m-%dT%H:%M:%S"}
START_SOMETHING = ("run", "web", "demo", "simulate", "simulate timetrack", "simulate goodtime")
"""Their examples are read, not run: they would stay. Other tests start them."""
OF_THE_MACHINE = ("set", "set key", "set tracker-url", "set wifi")
"""They would change this one; `test_setting` runs them."""
OF_A_DOOR_THAT_ASKS = ("corrections withdraw",)
"""They need a door where owners agree to corrections; `test_corrections` runs them."""
UNKNOWN = itertools.count(100)
"""Badges from here on are of people whom the tracker does not know."""


def read(words: list[str]) -> click.Context:
    """Read a command as click does, to the last word; nothing is run."""
    context = cli.make_context("clockd", list(words))
    while isinstance(context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


def words_of(context: click.Context) -> str:
    names: list[str] = []
    within: click.Context | None = context
    while within is not None and within.parent is not None:
        names.insert(0, str(within.command.name))
        within = within.parent
    return " ".join(names)


def test_every_command_has_one_and_nothing_else_has() -> None:
    assert set(HELP_EXAMPLES) == dict(every(cli)).keys()


@pytest.mark.parametrize(("words", "command"), list(every(cli)))
def test_its_help_ends_with_it(words: str, command: click.Command) -> None:
    help_text = command.get_help(click.Context(command, info_name="clockd"))
    shown = help_text.split("\n\n")[-1].replace("\\\n", "").split()
    assert shown == ["Example:", *HELP_EXAMPLES[words].split()]


@pytest.mark.parametrize("words", list(HELP_EXAMPLES))
def test_it_is_of_this_command(words: str) -> None:
    """That of a group is of one of its own."""
    program, *rest = _words(words)
    assert program == "clockd"
    assert (words_of(read(rest)) + " ").startswith(f"{words} ".lstrip())


@pytest.mark.parametrize("wrong", ["punches retry", "punches --colour", "hours --month ada", "backup --keep x", "x"])
def test_control_what_cannot_be_read_is_seen(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        read(wrong.split())


def _words(words: str) -> list[str]:
    """The words of an example, without what the shell does."""
    return shlex.split(HELP_EXAMPLES[words].removeprefix("sudo ").partition(" < ")[0])


class Bench:
    """Prepares what an example is about, and runs it with this bench's names for the ones in it."""

    def __init__(self, rig: Rig, command: Command, folder: Path) -> None:
        self.rig, self.command, self.folder = rig, command, folder

    async def run(self, words: str, **own: object) -> Said:
        """Run the example of a command; `own` gives the bench's word for each of its words."""
        names: dict[str, object] = {"/mnt/nas": self.folder, "/etc/clockd/clockd.toml": self.rig.daemon.config, **own}
        line = [names.get(word, word) for word in _words(words)]
        if words == "support":
            line += ["--no-check"]
        if words == "goodtime entries delete":
            line += ["--yes"]
        if words in ("accounts add", "accounts password"):
            here = {"CLOCKD_SOCKET": str(self.rig.daemon.socket)}
            return await asyncio.to_thread(lambda: clockd_process(*line[1:], stdin="a long password\n", **here))
        if words == "badges enrol":
            enrolling = asyncio.ensure_future(self.command(*line[1:]))
            await self.rig.desk.says("Ada Lovelace")
            self.rig.desk.terminal.tap(uid_of(99).hex)
            return await enrolling
        return await self.command(*line[1:])

    async def held(self, at: str = "", kind: str = "in") -> str:
        """Return the short id of a punch that is held, since the tracker does not know who made it."""
        n = next(UNKNOWN)
        await self.rig.daemon.ask("badges.add", uid=uid_of(n).hex, username=f"ghost{n}", name="", by="test")
        await next_second()
        self.rig.desk.terminal.tap(uid_of(n).hex)

        async def look() -> Any:
            return await self.rig.daemon.punches(username=f"ghost{n}", state="held")

        punch_id = str((await until(look))[0]["id"])
        if at:
            await self.rig.daemon.ask("punches.amend", ids=[punch_id], at=at, kind=kind, why="", by="test")
        return short_id(punch_id)

    async def unknown(self) -> str:
        """Return the short id of a tap of a badge that is nobody's."""
        count = len(await self.rig.daemon.punches())
        self.rig.desk.terminal.tap(uid_of(next(UNKNOWN)).hex)
        return short_id(str((await self.rig.daemon.recorded(count + 1))[-1]["id"]))

    async def fingerprint(self) -> str:
        """Return the fingerprint of a badge, as the list shows it."""
        added = await self.rig.daemon.ask("badges.add", uid=uid_of(next(UNKNOWN)).hex, username="x", name="", by="t")
        badges = await self.rig.daemon.ask("badges")
        return next(str(badge["fingerprint"]) for badge in badges if badge["tail"] == added["tail"])


Prepared = Callable[[Bench], Awaitable[dict[str, object]]]


async def _nothing(_: Bench) -> dict[str, object]:
    return {}


async def _held(bench: Bench) -> dict[str, object]:
    return {"M00002K": await bench.held()}


async def _unknown(bench: Bench) -> dict[str, object]:
    return {"M00002K": await bench.unknown()}


async def _in_of_yesterday(bench: Bench) -> dict[str, object]:
    return {"M00002K": await bench.held("yesterday 08:00")}


async def _out_of_yesterday(bench: Bench) -> dict[str, object]:
    return {"M00002K": await bench.held("yesterday 17:05", "out")}


async def _fingerprint(bench: Bench) -> dict[str, object]:
    return {"3f9a1c2b": await bench.fingerprint()}


async def _file(bench: Bench) -> dict[str, object]:
    file = bench.folder / "badges.csv"
    file.write_text("uid,username,name\n04A2B3C4D5E6F7,ada,Ada Lovelace\n")
    names = ("badges-of-today.csv", "november.csv", "inspection.zip")
    return {"badges.csv": file, **{name: bench.folder / name for name in names}}


async def _account(bench: Bench) -> dict[str, object]:
    name = f"anna{next(UNKNOWN)}"
    here = {"CLOCKD_SOCKET": str(bench.rig.daemon.socket)}
    added = ("accounts", "add", name, "--role", "viewer")
    await asyncio.to_thread(lambda: clockd_process(*added, stdin="a long password\n", **here))
    return {"anna": name}


async def _bundle(bench: Bench) -> dict[str, object]:
    return {"clockd-support.tar.gz": bench.folder / "clockd-support.tar.gz"}


async def _ada(bench: Bench) -> dict[str, object]:
    n = next(UNKNOWN)
    await bench.rig.daemon.ask("badges.add", uid=uid_of(n).hex, username=f"old{n}", name="Ada", by="test")
    return {"ada": f"old{n}", "ada.lovelace": f"new{n}"}


async def _punched(bench: Bench) -> dict[str, object]:
    count = len(await bench.rig.daemon.punches())
    bench.rig.desk.terminal.tap(uid_of(0).hex)
    await bench.rig.daemon.recorded(count + 1)
    return {}


async def _left(at: Bench) -> dict[str, object]:
    """Somebody of whom nothing is kept any more."""
    return {"ada": "zaphod.beeblebrox"}


PREPARED: dict[str, Prepared] = {
    "hours": _punched,
    **dict.fromkeys(("punches show", "punches retry", "punches ignore", "punches void", "punches amend"), _held),
    "punches add-out": _in_of_yesterday,
    "punches add-in": _out_of_yesterday,
    **dict.fromkeys(("badges assign", "badges ignore"), _unknown),
    "badges remove": _fingerprint,
    **dict.fromkeys(("badges import", "badges export", "punches export", "ledger export"), _file),
    "people rename": _ada,
    "people erase": _left,
    **dict.fromkeys(("accounts password", "accounts remove"), _account),
    "support": _bundle,
}


def _at_home(words: str) -> bool:
    return (
        not words.startswith("update ")  # which is the Debian package's: tests/appliance
        and words.split()[:1] not in (["timetrack"], ["goodtime"], ["restore"])
        and words not in START_SOMETHING + OF_THE_MACHINE + OF_A_DOOR_THAT_ASKS
    )


@pytest.fixture
def at(rig: Rig, clockd: Command, tmp_path: Path) -> Bench:
    return Bench(rig, clockd, tmp_path)


@asyncio_mark
@pytest.mark.parametrize("words", [words for words in HELP_EXAMPLES if _at_home(words)])
async def test_it_works(at: Bench, words: str) -> None:
    own = {"ada": "user000", **await PREPARED.get(words, _nothing)(at)}
    said = await at.run(words, **own)
    judges = words in ("", "check", "status", "sync")  # whose answer is about what the others left here
    assert said.code in ((0, 1) if judges else (0,)), said
    assert "Usage" not in said.err
    assert said.out or (at.folder / "n.csv").exists()


@asyncio_mark
async def test_a_backup_is_restored(at: Bench, rig: Rig, command: Command, tmp_path: Path) -> None:
    assert (await at.run("backup")).code == 0
    (made,) = tmp_path.glob("clockd-front-door-*.backup")
    other = tmp_path / "clockd.toml"
    other.write_text(rig.daemon.config.read_text().replace(str(rig.daemon.state), str(tmp_path / "state")))
    words = shlex.split(HELP_EXAMPLES["restore"])
    words[2] = str(made)
    said = await command(*words[1:], "--config", other)
    assert said.code == 0, said
    assert (tmp_path / "state" / "clockd.db").exists()


TIMETRACK = (
    *("attendances create", "attendances list", "attendances", "", "attendances show", "attendances update"),
    "attendances delete",
    *("projects create", "projects list", "projects", "projects show"),
    *("timer start", "timer show", "timer", "timer stop"),
    *("project-timer start", "project-timer show", "project-timer", "project-timer pause", "project-timer resume"),
    "project-timer stop",
    *("projects update", "projects delete"),
)
"""In this order: what one makes, the next ones show, change and take away."""


@asyncio_mark
async def test_those_of_timetrack(at: Bench) -> None:
    own: dict[str, object] = {"ada": "user002"}
    for words in TIMETRACK:
        await next_second()  # nothing is stopped in the second in which it began
        said = await at.run(f"timetrack {words}".rstrip(), **own)
        assert said.code == 0, (words, said)
        if words.endswith(" create"):
            own |= {"4711" if "attendances" in words else "12": said.out.splitlines()[0].split()[-1]}
    assert {f"timetrack {words}".rstrip() for words in TIMETRACK} == {
        w for w in HELP_EXAMPLES if w.startswith("timetrack")
    }


@asyncio_mark
async def test_those_of_goodtime(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, people=1, tracker=GOODTIME, goodtime=()) as rig:
        monkeypatch.setenv("CLOCKD_SOCKET", str(rig.daemon.socket))
        at = Bench(rig, command, tmp_path)
        own: dict[str, object] = {"ada@example.com": EMAILS[0]}

        async def understood() -> bool:
            return (await rig.daemon.ask("tracker.info")).get("account") is not None

        await until(understood)
        for words in (words for words in HELP_EXAMPLES if words.startswith("goodtime")):
            said = await at.run(words, **own)
            assert said.code == 0, (words, said)
            if words.endswith(" create"):
                own |= {"8c5e11f0": said.out.splitlines()[0].split()[-1]}
