"""What stands at the path of the control socket is left as it is, unless it is a socket that nobody listens on."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clockd.config import parse
from clockd.control.place import listening
from clockd.errors import ConfigError, UsageError
from clockd.sim.desk.place import Place, configuration, keep_configuration
from clockd.sim.desk.terminal import DeskTerminal
from tests.e2e.looking import until
from tests.e2e.processes import Daemon

Stand = Callable[[Path], None]


def _file(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0 and years of punches")


def _folder(path: Path) -> None:
    path.mkdir()
    _file(path / "inside")


def _link(path: Path) -> None:
    _file(path.with_name("target"))
    path.symlink_to("target")


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _link_to_a_dead_socket(path: Path) -> None:
    _dead(path.with_name("target"))
    path.symlink_to("target")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _dead(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


FOREIGN: list[tuple[Stand, str]] = [
    (_file, "is a file, and no socket"),
    (_folder, "is a folder, and no socket"),
    (_link, "is a symbolic link, and no socket"),
    (_dangling, "is a symbolic link, and no socket"),
    (_link_to_a_dead_socket, "is a symbolic link, and no socket"),
    (_pipe, "is a named pipe, and no socket"),
]


def _all_in(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything that stands in a folder: its mode, its number, its bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        data = path.read_bytes() if stat.S_ISREG(seen.st_mode) else b""
        found[str(path.relative_to(folder))] = (seen.st_mode, seen.st_ino, data)
    return found


@pytest.mark.parametrize(("stand", "why"), FOREIGN, ids=[stand.__name__ for stand, _ in FOREIGN])
async def test_what_is_no_socket_stays_as_it_is(tmp_path: Path, stand: Stand, why: str) -> None:
    place = tmp_path / "control.sock"
    stand(place)
    before = _all_in(tmp_path)
    with pytest.raises(ConfigError) as caught, listening(place):
        pass
    assert caught.value.where == "terminal.control_socket"
    assert why in caught.value.why
    assert caught.value.hint
    assert _all_in(tmp_path) == before
    with pytest.raises(UsageError, match=why):
        async with DeskTerminal(lambda _: None).listening(place):
            pass
    assert _all_in(tmp_path) == before


def test_a_socket_of_a_dead_daemon_is_replaced_and_the_own_one_goes(tmp_path: Path) -> None:
    place = tmp_path / "control.sock"
    _dead(place)
    with listening(place) as sock:
        assert stat.filemode(place.stat().st_mode) == "srw-rw----"
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(place))
            sock.accept()[0].close()
    assert not place.exists()


@contextmanager
def _alive(place: Path, kind: socket.SocketKind, backlog: int | None) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX, kind) as sock:
        sock.bind(str(place))
        if backlog is not None:
            sock.listen(backlog)
        yield


@pytest.mark.parametrize(
    ("kind", "backlog", "why"),
    [
        (socket.SOCK_STREAM, 5, "another clockd answers"),
        (socket.SOCK_STREAM, 0, "another clockd answers"),
        (socket.SOCK_DGRAM, None, "cannot be asked"),
    ],
    ids=["idle", "so busy that nobody gets in", "of another kind"],
)
def test_a_socket_that_lives_stays(tmp_path: Path, kind: socket.SocketKind, backlog: int | None, why: str) -> None:
    place = tmp_path / "control.sock"
    with _alive(place, kind, backlog), socket.socket(socket.AF_UNIX, kind) as waiting:
        if backlog == 0:
            waiting.connect(str(place))
        before = _all_in(tmp_path)
        with pytest.raises(ConfigError, match=why), listening(place):
            pass
        assert _all_in(tmp_path) == before


def test_the_socket_of_a_daemon_that_came_meanwhile_stays(tmp_path: Path) -> None:
    place = tmp_path / "control.sock"
    with listening(place):
        place.unlink()
        with listening(place):
            inner = _all_in(tmp_path)
            with socket.socket(socket.AF_UNIX) as caller:
                caller.connect(str(place))
            assert _all_in(tmp_path) == inner
        _dead(place)
        outer = _all_in(tmp_path)
    assert _all_in(tmp_path) == outer


STORE = ["clockd.db", "clockd.db-wal", "clockd.db-shm", "clockd.lock", "badge-pepper", "badge-pepper.new", ""]


@pytest.mark.parametrize("name", STORE)
@pytest.mark.parametrize("spelling", ["{state}/{name}", "{state}//x/../{name}", "{state}/./{name}"])
def test_the_places_of_the_store_are_no_places_for_a_socket(name: str, spelling: str) -> None:
    path = spelling.format(state="/var/lib/clockd", name=name)
    with pytest.raises(ConfigError, match=r"terminal\.control_socket"):
        parse(f'[terminal]\ncontrol_socket = "{path}"')
    parse('[terminal]\ncontrol_socket = "/var/lib/clockd/control.sock"')


async def test_a_daemon_that_is_told_to_listen_at_a_file_ends_and_leaves_it(tmp_path: Path) -> None:
    place = tmp_path / "precious"
    _file(place)
    sections = {"terminal": {"state_dir": str(tmp_path / "state"), "control_socket": str(place)}}
    daemon = Daemon(tmp_path, sections)
    daemon.launch()
    assert await until(daemon.ended) == 2
    assert "is a file, and no socket; it is left as it is" in daemon.log.read_text()
    assert "Traceback" not in daemon.log.read_text()
    assert place.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("stand", [_file, _pipe, _dangling], ids=["file", "pipe", "dangling"])
async def test_a_state_folder_that_is_none_is_named(tmp_path: Path, stand: Stand) -> None:
    stand(tmp_path / "state")
    sections = {"terminal": {"state_dir": str(tmp_path / "state"), "control_socket": str(tmp_path / "c.sock")}}
    daemon = Daemon(tmp_path, sections)
    daemon.launch()
    assert await until(daemon.ended) == 2
    assert "terminal.state_dir" in daemon.log.read_text()
    assert "and no folder" in daemon.log.read_text()


def test_a_demo_writes_over_no_configuration_but_its_own(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path, kept=True)
    text = configuration(place, {"kind": "none"}, "UTC", 3)
    for _ in range(2):
        keep_configuration(place, text)
    parse(place.config.read_text())
    place.config.write_text("[terminal]\nname = 'ours'\n")
    with pytest.raises(UsageError, match="not written by a demo"):
        keep_configuration(place, text)
    assert place.config.read_text() == "[terminal]\nname = 'ours'\n"
