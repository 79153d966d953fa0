"""Runs a child under strace and reads back what it asked of the disk, in order.

Only calls that concern one folder are kept, and the child's own lines on stdout, which are ordered among them. A write
counts from the moment it was asked for, a sync from the moment it returned.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

REPOSITORY = Path(__file__).parents[2]
CALLS = (
    "openat,open,creat,pwrite64,write,writev,fdatasync,fsync,ftruncate,fallocate,"
    "unlink,unlinkat,rename,renameat,renameat2"
)


@dataclass(frozen=True, slots=True)
class Said:
    """The child wrote a line on stdout."""

    line: str


@dataclass(frozen=True, slots=True)
class Created:
    """A name appeared (or was emptied: `truncated`)."""

    name: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Wrote:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The file got another size."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A file (or the folder, when `name` is empty) was synced; `data` for fdatasync."""

    name: str
    data: bool


@dataclass(frozen=True, slots=True)
class Unlinked:
    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    name: str
    to: str


Op = Said | Created | Wrote | Cut | Synced | Unlinked | Renamed

_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?(?: .*)?$", re.DOTALL)
_FD = re.compile(r"^(\d+)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def record(command: Sequence[str], folder: Path) -> list[Op]:
    """Run a child from the repository's root until it ends well; return what it did in `folder`."""
    with TemporaryDirectory(prefix="clockd-trace-", dir=folder.parent) as scratch:
        trace = Path(scratch) / "trace"
        strace = ["strace", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-e", f"trace={CALLS}"]
        found = subprocess.run(
            [*strace, "-o", str(trace), sys.executable, *command],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=True,
        )
        with trace.open(encoding="ascii") as lines:
            ops = list(read_trace(lines, folder))
    heard = [op.line for op in ops if isinstance(op, Said)]
    assert "\n".join(heard) == found.stdout.decode().strip(), "the trace does not hold what the child said"
    return ops


def read_trace(lines: Iterator[str], folder: Path) -> Iterator[Op]:
    """Turn the lines of a trace into operations on `folder`."""
    begun: dict[str, str] = {}
    for line in lines:
        pid, _, call = line.rstrip("\n").partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[pid] = call.removesuffix("<unfinished ...>").rstrip()
            continue
        if call.startswith("<... "):
            call = begun.pop(pid) + call.partition(" resumed>")[2]
        found = _CALL.match(call)
        if found and not found[3].startswith("-"):
            yield from _op(found[1], found[2], found[4] or "", folder)


def _op(call: str, arguments: str, returned: str, folder: Path) -> Iterator[Op]:
    on = _FD.match(arguments)
    texts = [bytes.fromhex(text.replace("\\x", "")) for text, _ in _TEXT.findall(arguments)]
    if call in ("write", "pwrite64", "fdatasync", "fsync", "ftruncate"):
        assert on is not None, arguments
        if call == "write" and on[1] == "1":
            yield from (Said(line) for line in texts[0].decode().splitlines())
            return
        name = _inside(_path(on[2]), folder)
        if name is None:
            return
        if call in ("fdatasync", "fsync"):
            yield Synced(name, data=call == "fdatasync")
        elif call == "ftruncate":
            yield Cut(name, int(arguments.rpartition(", ")[2]))
        else:
            offset = int(arguments.rpartition(", ")[2]) if call == "pwrite64" else -1
            yield Wrote(name, offset, texts[0])
    elif call in ("open", "openat", "creat"):
        name = _inside(texts[0].decode(), folder)
        if name and ("O_CREAT" in arguments or "O_TRUNC" in arguments):
            yield Created(name, truncated="O_TRUNC" in arguments)
    elif call.startswith("unlink"):
        if name := _inside(texts[0].decode(), folder):
            yield Unlinked(name)
    elif call.startswith("rename"):
        name, to = (_inside(text.decode(), folder) for text in texts[:2])
        assert (name is None) == (to is None), "a rename across the border of the folder"
        if name and to:
            yield Renamed(name, to)
    else:
        paths = [_path(found) for found in re.findall(r"<([^>]*)>", arguments)]
        assert all(_inside(path, folder) is None for path in paths), f"{call} in the folder is not understood"


def _path(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


def _inside(path: str, folder: Path) -> str | None:
    if path == str(folder):
        return ""
    return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else None
