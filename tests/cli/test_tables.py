"""A table where a person reads, whole and plain lines where a program does; no colour for who wants none."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clockd.cli.saying import say_columns
from tests.cli.test_looking import configured
from tests.e2e.processes import CLOCKD, clockd, environ

COLOUR = re.compile(r"\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])[0-9;]*m")
ANY = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
NAME = "Ada Augusta, Countess of Lovelace, née Byron"


def on_a_screen(words: list[str], columns: int = 80, **env: str) -> str:
    """Run a program on a terminal that is so wide; return what it drew."""
    near, far = pty.openpty()
    text = b""
    program = subprocess.Popen(
        words, stdout=far, stderr=far, stdin=subprocess.DEVNULL, env=environ(COLUMNS=str(columns), TERM="xterm", **env)
    )
    os.close(far)
    while True:
        try:
            piece = os.read(near, 65536)
        except OSError:  # the other side was closed
            break
        if not piece:
            break
        text += piece
    os.close(near)
    assert program.wait(60) in (0, 1)
    return text.decode()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("door")
    file = configured(folder)
    added = clockd("badges", "add", "--uid", "04A2B3C4D5E6F7", "-u", "ada", "--name", NAME, "--config", file)
    assert added.code == 0, added
    return file


def test_a_person_gets_a_table(door: Path) -> None:
    shown = on_a_screen([*CLOCKD, "badges", "list", "--config", str(door)])
    assert "─" in shown
    assert "\x1b[1m" in shown  # its titles


@pytest.mark.parametrize("columns", [66, 80, 200])
def test_nothing_is_cut_however_narrow(door: Path, columns: int) -> None:
    shown = on_a_screen([*CLOCKD, "badges", "list", "--config", str(door)], columns)
    title, *lines = ANY.sub("", shown).splitlines()
    begin, end = title.index(" name") + 1, title.index("badge")
    assert "".join("".join(line[begin:end] for line in lines).replace("─", "").split()) == NAME.replace(" ", "")
    assert max(len(line) for line in ANY.sub("", shown).splitlines()) <= columns


def test_a_program_gets_whole_lines(door: Path) -> None:
    said = clockd("badges", "list", "--config", door)
    titles, line = said.out.splitlines()
    assert titles.split() == ["username", "name", "badge", "fingerprint", "since"]
    assert NAME in line
    assert re.split(r"  +", line)[:2] == ["ada", NAME]
    assert "\x1b" not in said.out


def test_no_color_is_obeyed(door: Path) -> None:
    check = [*CLOCKD, "check", "--config", str(door)]
    assert COLOUR.search(on_a_screen(check))
    assert not COLOUR.search(on_a_screen(check, NO_COLOR="1"))
    assert "\x1b" not in clockd("check", "--config", door).out


def test_what_is_said_of_a_line_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    say_columns(("id", "state"), [("M1", "held"), ("M2", "delivered")], ["nobody knows whose", ""])
    assert capsys.readouterr().out == "id  state\nM1  held\n    nobody knows whose\nM2  delivered\n"
    script = "from clockd.cli.saying import say_columns as s; s(('id',), [('M1',), ('M2',)], ['nobody knows', ''])"
    assert "M1: nobody knows" in ANY.sub("", on_a_screen([sys.executable, "-c", script]))
