"""A thousand callers of every bad kind at a real daemon: it lives, says little, takes taps, and its memory is back."""

import asyncio
import contextlib
import random
import resource
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig, bench

CALLERS = 1000
ROUNDS = 5
"""Waves of callers of which each one comes before the one before is gone."""
MOST_LINES = 60
"""Of the log: a start has about twenty."""
MOST_MORE_BYTES = 64 * 1024 * 1024
"""What the daemon may hold more than before: what its memory is made of comes back in pieces."""

KINDS = ("idle", "half a line", "garbage", "an endless line", "deep nesting", "not reading", "many lines", "staging")


def _what(kind: str, dice: random.Random) -> bytes:
    match kind:
        case "half a line":
            return b'{"cmd": "status"'
        case "garbage":
            return dice.randbytes(2000).replace(b"\n", b"") + b"\n"
        case "an endless line":
            return b"x" * 400_000
        case "deep nesting":
            return b'{"cmd": ' + b"[" * 50_000 + b"\n"
        case "not reading":
            return b'{"cmd": "badges"}\n' * 50
        case "many lines":
            return b'{"cmd": "nonsense"}\n' * 500 + b'{"cmd": "punches", "limit": 1e999}\n' * 10
        case "staging":
            return b'{"cmd": "badges.import", "more": true, "badges": [%s1]}\n' % (b"[]," * 20_000)
        case _:
            return b""


@contextmanager
def _many_files() -> Iterator[None]:
    """The callers all come from this one process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * CALLERS), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _call(path: Path, said: bytes) -> socket.socket:
    """Come to the door and say something, as much of it as is taken; stays on the line."""
    loop = asyncio.get_running_loop()
    sock = socket.socket(socket.AF_UNIX)
    sock.setblocking(False)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(10.0):
            while True:
                try:
                    await loop.sock_connect(sock, str(path))
                except BlockingIOError:  # the row at the door is full
                    await asyncio.sleep(0.01)
                else:
                    break
            async with asyncio.timeout(1.0):
                await loop.sock_sendall(sock, said)
    return sock


def _resident_bytes(rig: Rig) -> int:
    fields = Path(f"/proc/{rig.daemon.pid}/statm").read_text().split()
    return int(fields[1]) * resource.getpagesize()


def _open_files(rig: Rig) -> int:
    return len(list(Path(f"/proc/{rig.daemon.pid}/fd").iterdir()))


async def _asked_for(rig: Rig) -> bool:
    """Whether an admin among all these gets an answer."""
    return bool((await rig.daemon.status())["terminal"] == "front-door")


@pytest.mark.parametrize(
    "kinds",
    [pytest.param(KINDS, id="all"), *(pytest.param((kind,), id=kind, marks=pytest.mark.soak) for kind in KINDS)],
)
async def test_a_thousand_callers(tmp_path: Path, kinds: Sequence[str]) -> None:
    dice = random.Random(1)
    async with bench(tmp_path, people=2) as rig:
        crowd = [{"uid": f"04{n:012X}", "username": f"user{n:04}", "name": "Somebody"} for n in range(1000)]
        await rig.daemon.ask("badges.import", badges=crowd, by="test")
        before, files, lines = _resident_bytes(rig), _open_files(rig), len(rig.daemon.log.read_text().splitlines())
        with _many_files():
            waves = CALLERS // ROUNDS
            callers: list[socket.socket] = []
            for n in range(ROUNDS):
                coming = [_call(rig.daemon.socket, _what(dice.choice(kinds), dice)) for _ in range(waves)]
                callers += await asyncio.gather(*coming)
                await next_second()
                rig.serial.tap(uid_of(n % 2))
                await rig.daemon.recorded(n + 1)
            assert await _asked_for(rig)
            for sock in callers:
                sock.close()
        assert await _asked_for(rig)
        await until(lambda: _open_files(rig) <= files + 5)
        await until(lambda: _resident_bytes(rig) <= before + MOST_MORE_BYTES)
        log = rig.daemon.log.read_text()
        assert "Traceback" not in log
        assert len(log.splitlines()) <= lines + MOST_LINES, log[-3000:]
        assert rig.daemon.ended() is None
        assert len(await rig.daemon.settled(ROUNDS)) == ROUNDS
        assert rig.daemon.stop() == 0
