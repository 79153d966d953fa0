"""Whether a folder is kept in memory alone, and gone with the power: tmpfs, ramfs, or an overlay that writes into one.

An overlay is what raspi-config's "overlay file system" makes, to spare the card. Where its upper folder lies is told by
the mount table; where that was hidden before this process could see it, by the kernel's command line.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
COMMAND_LINE = Path("/proc/cmdline")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_RAM_DISK = re.compile(r"/dev/(z?ram)\d+")
_BOOTED_SO = re.compile(r"(?:^|\s)(?:boot=overlay|overlayroot=tmpfs)(?=[\s:,]|$)")
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    point: str
    kind: str
    source: str
    options: str
    """Those of the file system itself."""


def in_memory(folder: Path, mounts: Path = MOUNTS, command_line: Path = COMMAND_LINE) -> str | None:
    """Say what keeps a folder in memory; None when nothing does, or it cannot be told.

    Args:
        folder: it, or the first one above it that exists, is looked at.
        mounts: the mount table, as proc(5) describes mountinfo.
        command_line: of the kernel.
    """
    try:
        table = [mount for line in mounts.read_text(errors="replace").splitlines() if (mount := _mount(line))]
        booted = command_line.read_text(errors="replace")
    except OSError:
        return None
    there = next((above for above in (folder, *folder.parents) if above.exists()), Path("/"))
    mount = _under(os.path.realpath(there), table)
    if mount is None:
        return None
    if mount.kind != "overlay":
        return _memory(mount)
    upper = dict(option.partition("=")[::2] for option in mount.options.split(",")).get("upperdir")
    below = None if upper is None else _under(upper, [other for other in table if other != mount])
    if below is not None and below.kind != "overlay" and below.point != "/":
        return None if _memory(below) is None else f"an overlay at {mount.point} that writes into {_memory(below)}"
    return f"an overlay at {mount.point} that writes into memory" if _BOOTED_SO.search(booted) else None


def _memory(mount: _Mount) -> str | None:
    if mount.kind in _IN_MEMORY:
        return f"{mount.kind} at {mount.point}"
    ram_disk = _RAM_DISK.fullmatch(mount.source)
    return f"{mount.source} at {mount.point}" if ram_disk else None


def _under(path: str, table: Sequence[_Mount]) -> _Mount | None:
    """Return the mount a path lies in: the deepest, and of several at one place the last."""
    found = [
        mount for mount in table if mount.point == "/" or path == mount.point or path.startswith(mount.point + "/")
    ]
    return max(reversed(found), key=lambda mount: len(mount.point), default=None)


def _mount(line: str) -> _Mount | None:
    before, _, after = line.partition(" - ")
    first, last = before.split(), after.split()
    if len(first) < 5 or len(last) < 2:
        return None
    return _Mount(_plain(first[4]), last[0], _plain(last[1]), _plain(last[2]) if len(last) > 2 else "")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
