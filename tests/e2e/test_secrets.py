"""Neither a badge's identifier nor the key of the tracker is anywhere where bytes stay."""

import socket
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.processes import KEY, SECRET, clockd
from tests.e2e.rig import Rig, bench

UNKNOWN = "04F1D2C3B4A596"
FOUR = "DE4A91C7"


def forms(identifier: str) -> list[bytes]:
    """An identifier as it might be written somewhere."""
    raw = bytes.fromhex(identifier)
    low = identifier.lower()
    pairs = [low[n : n + 2] for n in range(0, len(low), 2)]
    texts = [low, identifier.upper(), ":".join(pairs), ":".join(pairs).upper(), " ".join(pairs), str(int(low, 16))]
    backwards = raw[::-1]
    return [text.encode() for text in texts] + [
        raw,
        backwards,
        backwards.hex().encode(),
        backwards.hex().upper().encode(),
    ]


def places(rig: Rig) -> Mapping[str, bytes]:
    """Everything the terminal leaves behind: its files, its log, the arguments of its process."""
    found = {str(path): path.read_bytes() for path in rig.daemon.state.rglob("*") if path.is_file()}
    found[str(rig.daemon.log)] = rig.daemon.log.read_bytes()
    if rig.daemon.ended() is None:
        found["arguments"] = Path(f"/proc/{rig.daemon.pid}/cmdline").read_bytes()
    return found


def where(rig: Rig, secrets: list[bytes]) -> list[str]:
    """The places that hold one of these."""
    return [place for place, data in places(rig).items() if any(secret in data for secret in secrets)]


async def test_nothing_is_found(tmp_path: Path) -> None:
    badges = [uid_of(0).hex, uid_of(1).hex, UNKNOWN, FOUR]
    secrets = [form for badge in badges for form in forms(badge)] + [SECRET.encode(), KEY.encode()]
    async with bench(tmp_path, people=2, start=False) as rig:
        rig.simulator.start()
        await rig.daemon.start("--verbose")
        await rig.daemon.enrol(2)
        rig.serial.tap(*(uid_of(n) for n in (0, 1)))
        rig.serial.raw(UNKNOWN.encode() + b"\r\n" + FOUR.encode() + b"\r\n")
        await rig.daemon.recorded(4)
        await next_second()
        await rig.serial.absent()
        rig.serial.tap(uid_of(0))
        await until(lambda: _delivered(rig, 3))
        rig.simulator.stop()  # errors are told too
        rig.serial.tap(uid_of(1))
        await rig.daemon.recorded(6)
        await until(rig.daemon.offline)
        given = clockd("badges", "add", "--uid", "-", "-u", "late", "--socket", rig.daemon.socket, stdin=UNKNOWN)
        assert given.code == 0, given.err
        refused = clockd("badges", "add", "--uid", FOUR + "00FF", "-u", "late", "--socket", rig.daemon.socket)
        assert refused.code == 2
        assert FOUR not in refused.err
        _blurt(rig.daemon.socket, b'{"cmd": "badges.add", "uid": "%s"' % UNKNOWN.encode())
        assert where(rig, secrets) == []
        rig.daemon.kill()
        assert where(rig, secrets) == []
        await rig.daemon.start("--verbose")
        assert rig.daemon.stop() == 0
        assert where(rig, secrets) == []
        assert len(places(rig)) >= 3


async def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """The control."""
    async with bench(tmp_path, people=1) as rig:
        rig.serial.tap(uid_of(0))
        await rig.daemon.settled(1)
        secrets = [*forms(uid_of(0).hex), SECRET.encode()]
        for form in secrets:
            planted = rig.daemon.state / "planted"
            planted.write_bytes(b"\x00" * 4000 + form + b"\xff")
            assert where(rig, secrets) == [str(planted)]
            planted.unlink()
        rig.daemon.log.write_bytes(rig.daemon.log.read_bytes() + uid_of(0).hex.encode())
        assert where(rig, secrets) == [str(rig.daemon.log)]


async def _delivered(rig: Rig, count: int) -> bool:
    return (await rig.daemon.states()).count("delivered") == count


def _blurt(path: Path, line: bytes) -> None:
    """Say something broken to the control socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        sock.sendall(line + b"\n")
        assert b"not understood" in sock.recv(65536)
