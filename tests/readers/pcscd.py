"""A real pcscd of our own, with virtual readers, beside whatever PC/SC this machine has.

It lives in a mount namespace of its own (`unshare`), so that neither a pcscd that runs already nor a stale socket or
pid file in /run/pcscd is in its way, and it needs no root where user namespaces are allowed. libpcsclite finds it by
`PCSCLITE_CSOCK_NAME`, which it reads once in the life of a process: the path is therefore the same for all of them.

Import the fixture into a conftest.py: `from tests.readers.pcscd import pcscd as pcscd`.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PCSCD = "/usr/sbin/pcscd"
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
HOME = Path(tempfile.gettempdir()) / f"clockd-pcscd-{os.getpid()}"
SOCKET = HOME / "run" / "pcscd.comm"
IN_OUR_OWN_RUN = 'mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd && shift && exec "$@"'
START_S = 10.0


class Pcscd:
    """One pcscd with two virtual readers, that can be stopped and started again.

    Args:
        name: how pcscd names the readers; it appends " 00 00" and " 00 01". None: no reader is plugged in.
    """

    def __init__(self, name: str | None = "Virtual PCD") -> None:
        self.port = _two_free_ports()
        """Where a `VirtualCard` goes for the first reader; `port + 1` is the second."""
        self._process: subprocess.Popen[bytes] | None = None
        self._conf = HOME / "conf"
        shutil.rmtree(HOME, ignore_errors=True)
        self._conf.mkdir(parents=True)
        if name is not None:
            reader = f'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:{self.port:#x}\nLIBPATH {DRIVER}\nCHANNELID 0\n'
            (self._conf / "vpcd").write_text(reader)

    def start(self) -> None:
        """Start it, and return once it takes connections."""
        shutil.rmtree(SOCKET.parent, ignore_errors=True)
        SOCKET.parent.mkdir()
        log = HOME / "pcscd.log"
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*_namespace(), "sh", "-c", IN_OUR_OWN_RUN, "sh", SOCKET.parent, PCSCD, "-f", "-e", "-c", self._conf],
                stdout=stderr,
                stderr=stderr,
            )
        deadline_s = time.monotonic() + START_S
        while not _answers():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"pcscd does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it as systemd does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """Let it die without a farewell: socket and pid file stay behind."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def close(self) -> None:
        """Stop it and leave nothing behind."""
        self.stop()
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def pcscd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    """A pcscd that runs with its virtual readers; processes started by the test find it too."""
    require_pcscd()
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(SOCKET))
    service = Pcscd()
    service.start()
    try:
        yield service
    finally:
        service.close()


def require_pcscd() -> None:
    """Skip the test with the reason where the real parts are missing; fail instead where CI runs."""
    if why := _missing():
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


def _missing() -> str:
    if not os.access(PCSCD, os.X_OK) or not DRIVER.exists():
        return "pcscd and its virtual reader are not installed: apt install pcscd vsmartcard-vpcd"
    probe = subprocess.run([*_namespace(), "mount", "-t", "tmpfs", "tmpfs", "/run"], check=False, capture_output=True)
    if probe.returncode:
        return f"no mount namespace for a pcscd of our own (run as root): {probe.stderr.decode().strip()}"
    return ""


def _namespace() -> list[str]:
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(SOCKET)) == 0


def _two_free_ports() -> int:
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = int(first.getsockname()[1])
            if port < 65535 and _binds(second, port + 1):
                return port


def _binds(sock: socket.socket, port: int) -> bool:
    try:
        sock.bind(("", port))
    except OSError:
        return False
    return True
