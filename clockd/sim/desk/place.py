"""Where a demo lives: its folder, its sockets, and the configuration it writes for the daemon."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from clockd.errors import UsageError
from clockd.sim.desk.cast import BUZZER, GREEN_LED, KEYS, RED_LED

TERMINAL = "front-door"

REPEAT_S = 3
"""A visitor taps the same badge again sooner than an employee would."""

WRITTEN_BY_A_DEMO = "# Written by `clockd demo`, anew at each start."

SOCKET_PATH_BYTES = 90
"""The kernel allows 107 bytes for the whole path of a Unix socket."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one demo is."""

    state: Path
    sockets: Path
    kept: bool
    """Whether the folder is somebody's to keep."""

    @property
    def config(self) -> Path:
        """The daemon's configuration."""
        return self.state / "clockd.toml"

    @property
    def log(self) -> Path:
        """What the daemon writes."""
        return self.state / "clockd.log"

    @property
    def web_log(self) -> Path:
        """What the admin page writes."""
        return self.state / "web.log"

    @property
    def control(self) -> Path:
        """The daemon's control socket."""
        return self.sockets / "control.sock"

    @property
    def desk(self) -> Path:
        """Where the daemon finds its devices."""
        return self.sockets / "desk.sock"

    def empty(self) -> None:
        """Remove everything but the configuration and the log; the daemon must not run."""
        assert not self.kept
        for path in self.state.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path not in (self.config, self.log, self.web_log, self.desk):
                path.unlink()


@contextmanager
def place_for(state_dir: Path | None) -> Iterator[Place]:
    """Give a demo its place; a temporary one is removed at the end.

    Raises:
        UsageError: the folder cannot be used, or another demo does.
    """
    with ExitStack() as stack:
        if state_dir is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clockd-demo-")))
            yield Place(folder, folder, kept=False)
            return
        state_dir = state_dir.absolute()
        try:
            state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise UsageError(f"--state-dir {state_dir}: {error.strerror}", hint="name a folder of your own") from None
        stack.callback(os.close, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            hint = "end it first, or name another folder"
            raise UsageError(f"--state-dir {state_dir}: another demo runs there", hint=hint) from None
        sockets = state_dir
        if len(os.fsencode(state_dir)) > SOCKET_PATH_BYTES:
            sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clockd-demo-")))
        yield Place(state_dir, sockets, kept=True)


PanelLanguage = Literal["en", "de"]
"""What the terminal speaks, as `terminal.language` has it."""


def configuration(
    place: Place,
    tracker: Mapping[str, str | int | float],
    zone: str,
    repeat_s: float,
    language: PanelLanguage = "en",
) -> str:
    """Write the daemon's configuration: what an admin would write, with desk devices."""
    sections: list[tuple[str, Mapping[str, object]]] = [
        (
            "[terminal]",
            {
                "name": TERMINAL,
                "time_zone": zone,
                "language": language,
                "state_dir": str(place.state),
                "state_in_memory": True,
                "control_socket": str(place.control),
            },
        ),
        ("[clock]", {"trust": "always"}),
        ("[rules]", {"repeat_s": repeat_s}),
        ("[tracker]", tracker),
        ("[[reader]]", {"kind": "desk", "socket": str(place.desk)}),
        (
            "[panel]",
            {
                "oled": "desk",
                "desk_socket": str(place.desk),
                "green_led": GREEN_LED,
                "red_led": RED_LED,
                "buzzer": BUZZER,
            },
        ),
        *(("[[button]]", {"gpio": key.gpio, "action": key.action.value}) for key in KEYS),
    ]
    blocks = (
        "\n".join((head, *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in keys.items())))
        for head, keys in sections
    )
    return WRITTEN_BY_A_DEMO + "\n\n" + "\n\n".join(blocks) + "\n"


def keep_configuration(place: Place, text: str) -> None:
    """Write the daemon's configuration over that of the demo before.

    Raises:
        UsageError: one stands there that no demo wrote.
    """
    try:
        ours = place.config.read_bytes().startswith(WRITTEN_BY_A_DEMO.encode())
    except FileNotFoundError:
        ours = True
    if not ours:
        hint = "name a folder of its own; a demo would write over the one that is there"
        raise UsageError(f"{place.config} was not written by a demo", hint=hint)
    place.config.write_text(text, encoding="utf-8")


def local_zone() -> str:
    """Return the IANA name of this machine's zone, so that the display agrees with the visitor's watch; else UTC."""
    known = available_timezones()
    zoneinfo = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), zoneinfo):
        if name in known:
            return name
    return "UTC"
