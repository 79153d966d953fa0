"""What a command prints to a person goes through one place, and nothing in it moves a cursor or adds a line."""

import ast
from pathlib import Path

import pytest

from clockd import cli
from clockd.core.harmless import harmless
from tests.e2e.conftest import Command
from tests.e2e.rig import Rig

HOSTILE = "\x1b]52;c;eA==\x07[bold]x[/]\u202e\nclockd: all is well"
BENCH = {"people": 1, "readers": ["desk"], "terminal": {"name": "door [bold red]x[/]"}}
PRINTS = {"echo", "secho", "print"}


def printing(source: str) -> list[int]:
    """Lines of a module that print without asking anybody."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    names = ((node.lineno, node.func) for node in calls)
    return [
        line
        for line, func in names
        if (isinstance(func, ast.Attribute) and func.attr in PRINTS)
        or (isinstance(func, ast.Name) and func.id in PRINTS)
    ]


def test_nobody_else_prints() -> None:
    folder = Path(cli.__file__).parent
    found = {path.name: lines for path in folder.glob("*.py") if (lines := printing(path.read_text()))}
    assert set(found) == {"saying.py"}


def test_control_who_prints_is_seen() -> None:
    assert printing("click.echo('x')\nConsole().print('x')\nprint('x')\nsay('x')") == [1, 2, 3]


asyncio_mark = pytest.mark.asyncio(loop_scope="module")


@asyncio_mark
@pytest.mark.parametrize(
    "words",
    [
        ("punches", "show", HOSTILE),
        ("punches", "retry", HOSTILE),
        ("punches", "amend", HOSTILE, "--at", HOSTILE),
        ("punches", "add-out", "0", "--at", HOSTILE),
        ("badges", "add", "--uid", "04C0FFEE112277", "-u", HOSTILE),
        ("badges", "add", "--uid", "04C0FFEE112277", "-u", "ada", "--name", HOSTILE),
        ("badges", "assign", HOSTILE, "-u", "ada"),
        ("badges", "import", f"/nowhere/{HOSTILE}"),
        ("people", "rename", HOSTILE, "ada"),
        ("people", "rename", "user000", HOSTILE),
        ("timetrack", "attendances", "list", "--from", HOSTILE),
        ("timetrack", "attendances", "show", HOSTILE),
        ("timetrack", "timer", "show", "-u", HOSTILE),
    ],
)
async def test_an_error_is_what_we_said(clockd: Command, words: tuple[str, ...]) -> None:
    said = await clockd(*words)
    assert said.code in (1, 2, 4), said
    for line in (said.out + said.err).splitlines():
        assert line == harmless(line)
        assert not line.startswith("clockd: all is well")


@asyncio_mark
async def test_a_file_with_such_names_is_refused(clockd: Command, tmp_path: Path) -> None:
    file = tmp_path / "badges.csv"
    file.write_text(
        f"uid,username,name\n04C0FFEE112277,a\x1b[2J,A\n04C0FFEE112278,b,{'x' * 200}\n04C0FFEE112279,\u202e,A\n"
    )
    said = await clockd("badges", "import", file)
    assert (said.code, said.out) == (1, "")
    for told in ("line 2: the username holds", "line 3: the name is longer", "line 4: the username holds"):
        assert told in said.err
    assert "\x1b" not in said.err


@asyncio_mark
async def test_what_is_stored_already_is_written_out(rig: Rig, clockd: Command) -> None:
    """Markup of the configuration stays what it is; status has no other colour than ours."""
    said = await clockd("status")
    assert said.out.startswith("door [bold red]x[/]  clockd ")
