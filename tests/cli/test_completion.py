"""What Tab does: words, usernames and ids of punches, in a real shell; and what it costs."""

import asyncio
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from clockd.cli import cli
from clockd.cli.later import LaterCommand, every
from clockd.cli.punches import DELIVERY_STATES
from clockd.core.delivery import State
from clockd.core.ids import short_id
from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.processes import environ
from tests.e2e.rig import Rig

BENCH = {"people": 2, "readers": ["desk"]}
SCRIPTS = Path(__file__).parents[2] / "deploy" / "completions"
NAMES = ["user000", "user001"]
INSTALLED = {"bash": "clockd.bash", "zsh": "_clockd", "fish": "clockd.fish"}
HEAVY = {
    "asyncio",
    *("rich", "httpx", "httpcore", "h11"),
    *("sqlite3", "sqlite_utils", "cryptography"),
    *("smartcard", "nfc", "evdev", "serial", "luma", "PIL", "gpiozero", "lgpio", "starlette", "uvicorn"),
}
"""Libraries of the daemon, of tables, of HTTP, of the database and of devices."""


def started(shell: str, words: str, **env: str) -> str:
    """Run the command as the shell's script does."""
    found = subprocess.run(
        [str(Path(sys.executable).parent / "clockd")],
        env=environ(_CLOCKD_COMPLETE=f"{shell}_complete", COMP_WORDS=words, **env),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert found.stderr == ""
    return found.stdout


def tab(line: str, **env: str) -> list[str]:
    """Type a line in bash and press Tab; return what is offered."""
    words = line.split(" ")
    script = f"""
        . "{SCRIPTS / "clockd.bash"}"
        compopt() {{ :; }}
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
        _clockd_completion clockd
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environ(PATH=path, **env), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
ZSH = f"""
    PS1='ready '
    fpath=({SCRIPTS} $fpath)
    autoload -Uz compinit; compinit -u -D
    shown() {{ print -r -- "<<$BUFFER>>"; BUFFER=; zle accept-line }}
    zle -N shown; bindkey '^X' shown
"""


def tab_in_zsh(line: str, **env: str) -> str:
    """Type a line at the prompt of an interactive zsh and press Tab; return the line as it is then."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".zshrc").write_text(ZSH)
        ours, theirs = pty.openpty()
        shell = subprocess.Popen(
            ["zsh", "-i"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ(PATH=path, HOME=home, ZDOTDIR=home, TERM="dumb", **env),
            start_new_session=True,
        )
        os.close(theirs)
        try:
            _read_until(ours, r"ready ")
            os.write(ours, f"{line}\t\x18".encode())
            return _read_until(ours, r"<<(.*)>>")[1]
        finally:
            shell.kill()
            shell.wait()
            os.close(ours)


def _read_until(terminal: int, pattern: str) -> re.Match[str]:
    text, ends_s = "", time.monotonic() + 60
    while (found := re.search(pattern, text)) is None:
        assert select.select([terminal], [], [], max(0.0, ends_s - time.monotonic()))[0], text
        text += os.read(terminal, 4096).decode(errors="replace")
    return found


def tab_in_fish(line: str, **env: str) -> list[str]:
    """Return what fish offers for a line, by its own words for Tab."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f'source "{SCRIPTS / "clockd.fish"}"; complete -C "{line}"'],
            env=environ(PATH=path, HOME=home, **env),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")
    return [offered.split("\t")[0] for offered in done.stdout.splitlines()]


@needs_zsh
def test_zsh_completes_words() -> None:
    assert tab_in_zsh("clockd pun") == "clockd punches "
    assert tab_in_zsh("clockd punches --state h") == "clockd punches --state held "


@needs_fish
def test_fish_completes_words() -> None:
    assert tab_in_fish("clockd pun") == ["punches"]
    assert tab_in_fish("clockd punches add-") == ["add-in", "add-out"]
    assert {"status", "badges", "timetrack"} <= set(tab_in_fish("clockd "))


def test_bash_completes_words() -> None:
    assert tab("clockd pun") == ["punches"]
    assert tab("clockd punches add-") == ["add-in", "add-out"]
    assert tab("clockd punches --state h") == ["held"]
    assert "--from" in tab("clockd hours --")
    assert {"status", "badges", "timetrack"} <= set(tab("clockd "))


def test_bash_knows_the_command_once_the_script_is_read() -> None:
    done = subprocess.run(
        ["bash", "--norc", "-c", f'. "{SCRIPTS / "clockd.bash"}"; complete -p clockd'], capture_output=True, text=True
    )
    assert done.stdout.split()[-3:] == ["-F", "_clockd_completion", "clockd"]


def test_zsh_and_fish_are_answered_in_their_way() -> None:
    assert started("zsh", "clockd pun", COMP_CWORD="1").splitlines()[:2] == ["plain", "punches"]
    assert started("fish", "clockd pun", COMP_CWORD="pun").startswith("plain,punches")


@pytest.mark.parametrize("shell", INSTALLED)
def test_the_installed_script_is_that_of_click(shell: str) -> None:
    """Made by `_CLOCKD_COMPLETE=bash_source clockd > deploy/completions/clockd.bash`, and so on."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "clockd")],
        env=environ(_CLOCKD_COMPLETE=f"{shell}_source"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (SCRIPTS / INSTALLED[shell]).read_text()


LOADED = f"""
import sys
try:
    from clockd.cli import main
    main()
finally:
    loaded = {{name.split(".")[0] for name, module in sys.modules.items() if module}}
    print(*sorted({HEAVY!r} & loaded), file=sys.stderr)
"""


def loaded(*words: str, **env: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], env=environ(**env), capture_output=True, text=True, timeout=60
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", ["clockd ", "clockd punches retry M", "clockd timetrack ", "clockd hours -u a"])
def test_completing_loads_nothing_heavy(words: str) -> None:
    n = str(len(words.split(" ")) - 1)
    completes = {f"_{name}_COMPLETE": "bash_complete" for name in ("CLOCKD", "_C", "PYTHON")}
    assert loaded(COMP_WORDS=words, COMP_CWORD=n, CLOCKD_SOCKET="/nowhere", **completes) == set()


@pytest.mark.parametrize("words", ["--help", "punches --help", "status", "punches", "hours", "people list"])
def test_neither_does_help_nor_a_command_that_asks_the_daemon(words: str) -> None:
    assert loaded(*words.split(), CLOCKD_SOCKET="/nowhere") == set()


def test_what_the_list_names_is_there() -> None:
    assert [command.load().name for command in cli.commands.values() if isinstance(command, LaterCommand)] == list(
        cli.commands
    )


def test_the_states_of_a_delivery_are_all_offered() -> None:
    assert set(DELIVERY_STATES) == {state.value for state in State}


def test_control_what_is_heavy_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "clockd.toml"
    file.write_text("")
    assert {"rich", "httpx", "sqlite3"} & loaded("check", "--config", str(file))


asyncio_mark = pytest.mark.asyncio(loop_scope="module")


@asyncio_mark
async def test_usernames_and_punches_come_from_the_daemon(rig: Rig) -> None:
    rig.desk.terminal.tap(uid_of(0).hex)
    (booked,) = await rig.daemon.recorded(1)
    here = {"CLOCKD_SOCKET": str(rig.daemon.socket)}

    async def press(line: str, **env: str) -> list[str]:
        return await asyncio.to_thread(lambda: tab(line, **env))

    assert await press("clockd hours --username u", **here) == ["user000", "user001"]
    assert await press(f"clockd people rename --socket {rig.daemon.socket} user000") == ["user000"]
    assert await press("clockd punches void ", **here) == [short_id(booked["id"])]
    rig.desk.terminal.tap(uid_of(50).hex)
    held = next(punch for punch in await rig.daemon.recorded(2) if punch["username"] is None)
    assert await press("clockd badges assign ", **here) == [short_id(held["id"])]  # what waits for a person, alone
    assert await press("clockd hours --username u", CLOCKD_SOCKET="/nowhere") == []
    punch_id = short_id(held["id"])
    if shutil.which("fish"):
        assert await asyncio.to_thread(lambda: tab_in_fish("clockd hours --username u", **here)) == NAMES
        assert await asyncio.to_thread(lambda: tab_in_fish("clockd badges assign ", **here)) == [punch_id]
    if shutil.which("zsh"):
        in_zsh = [
            await asyncio.to_thread(tab_in_zsh, words, **here)
            for words in ("clockd hours --username u", "clockd badges assign ")
        ]
        assert in_zsh == ["clockd hours --username user00", f"clockd badges assign {punch_id} "]


@asyncio_mark
async def test_every_username_and_punch_is_completed(command: Command) -> None:
    bare = {
        f"{words} {parameter.name}"
        for words, each in every(cli)
        for parameter in each.params
        if (parameter.metavar or "").rstrip("…") in ("U", "PUNCH-ID", "OLD")
        or (words.startswith("punches") and parameter.metavar in ("ID", "ID…"))
        if parameter._custom_shell_complete is None
    }
    assert bare == set()
