"""Who asks: the kernel's word, and no name where it says none."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clockd.control.peers import UNKNOWN_USER, is_hidden

OUTSIDE = "         0          0 4294967295\n"
PRIVATE = "         0          0          1\n       990        990          1\n"
NOBODY, CLOCKD, ANNA = 65534, 990, 1000

SERVE = """
import os, socket, sys
from clockd.control import peers
with socket.socket(socket.AF_UNIX) as door:
    door.bind(sys.argv[1])
    os.chmod(sys.argv[1], 0o666)
    door.listen()
    print("open", flush=True)
    connection, _ = door.accept()
    print(peers.user_name(peers.uid_of(connection)))
"""
KNOCK = "import os, socket, sys; os.setuid(int(sys.argv[2])); socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user may enter, which those of pytest do not let in."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(
    ("uid", "uid_map", "hidden"),
    [
        (NOBODY, OUTSIDE, False),  # truly the user nobody
        (ANNA, OUTSIDE, False),
        (NOBODY, PRIVATE, True),
        (CLOCKD, PRIVATE, False),
        (0, PRIVATE, False),
        (NOBODY, "0 0 65536\n", False),
        (NOBODY, "", True),
    ],
)
def test_a_number_that_stands_for_everybody(uid: int, uid_map: str, hidden: bool) -> None:
    assert is_hidden(uid, uid_map, NOBODY) is hidden


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(("uid", "name"), [(12345, UNKNOWN_USER), (0, "root")])
def test_in_a_user_namespace_nobody_is_called_nobody(open_folder: Path, uid: int, name: str) -> None:
    path = str(open_folder / "c.sock")
    serve = ["unshare", "--user", "--map-root-user", sys.executable, "-c", SERVE, path]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        if server.stdout.readline() != "open\n":
            pytest.skip(f"no user namespaces here: {server.communicate()[1][-200:]}")
        subprocess.run([sys.executable, "-c", KNOCK, path, str(uid)], check=True, timeout=30)
        assert server.communicate(timeout=30)[0].strip() == name
