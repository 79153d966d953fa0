"""The power plug: the daemon's process, that can be killed as a power cut would, and started again."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

BOOT_PAUSE_S = 1.0
"""Between an end nobody asked for and the next start, as systemd's RestartSec."""

GOODBYE_S = 5.0
"""How long the daemon may take to end when the demo ends."""

TAIL_LINES = 12
"""How much of the log is shown when the daemon ends by itself."""


def daemon_command(config: Path) -> tuple[str, ...]:
    """Return the command of the real daemon."""
    return (sys.executable, "-m", "clockd", "run", "--config", str(config))


class Power:
    """Runs the daemon while the plug is in.

    Args:
        command: the daemon.
        environ: its whole environment; secrets stand here and nowhere else.
        log: takes its output.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        self._command = (*dies_with_us(), *command)
        self._environ = dict(environ)
        self._log = log
        self.changed: Callable[[], None] = lambda: None
        """Called whenever something about the process has changed."""
        self._plugged = asyncio.Event()
        self._pulled = asyncio.Event()
        self._pulled.set()
        self._dark = asyncio.Event()
        self._dark.set()
        self._anew = asyncio.Event()
        self.pid: int | None = None
        """The daemon's process, while there is one."""
        self.trouble: str | None = None
        """How the daemon ended when nobody had pulled the plug: exit code and the last lines of its log."""

    @property
    def plugged(self) -> bool:
        """Whether the plug is in."""
        return self._plugged.is_set()

    def plug(self) -> None:
        """Put the plug in: the daemon starts."""
        self._pulled.clear()
        self._plugged.set()
        self.changed()

    def pull(self) -> None:
        """Pull the plug: the daemon is gone at once, in the middle of whatever it did."""
        self.trouble = None
        self._plugged.clear()
        self._pulled.set()
        self.changed()

    def restart(self) -> None:
        """Let the daemon end as it likes and start anew, with another configuration; nothing while it is unplugged."""
        self._anew.set()

    async def dark(self) -> None:
        """Wait until no process is left; pull the plug before."""
        await self._dark.wait()

    async def run(self) -> None:
        """Supply power until cancelled; then the daemon is asked to end, and killed if it does not."""
        while True:
            await self._plugged.wait()
            if not self.plugged:
                continue  # pulled again before it was noticed
            await self._live()
            if self.trouble is not None:
                await asyncio.sleep(BOOT_PAUSE_S)

    async def _live(self) -> None:
        """One life of the process: from its start to its end, whoever ends it."""
        self._dark.clear()
        self._anew.clear()
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                start_new_session=True,  # Ctrl-C is ours to hear; we tell the daemon
            )
        self._set_pid(process.pid)
        ended = asyncio.create_task(process.wait(), name="power: the daemon")
        pulled = asyncio.create_task(self._pulled.wait(), name="power: the plug")
        anew = asyncio.create_task(self._anew.wait(), name="power: anew")
        try:
            done, _ = await asyncio.wait((ended, pulled, anew), return_when=asyncio.FIRST_COMPLETED)
            if done == {anew}:
                _signal(process.pid, signal.SIGTERM)
                await asyncio.wait((ended, pulled), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():  # then the plug was pulled, and may be in again by now
                _signal(process.pid, signal.SIGKILL)
            code = await ended
            if not pulled.done() and not anew.done():
                self.trouble = f"clockd ended by itself (exit code {code})\n{self.last_words()}".strip()
        except asyncio.CancelledError:
            _signal(process.pid, signal.SIGTERM)
            await asyncio.wait((ended,), timeout=GOODBYE_S)
            raise
        finally:
            pulled.cancel()
            anew.cancel()
            _signal(process.pid, signal.SIGKILL)
            await ended
            self._set_pid(None)
            self._dark.set()

    def _set_pid(self, pid: int | None) -> None:
        self.pid = pid
        self.changed()

    def last_words(self) -> str:
        """Return the end of the daemon's log."""
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - 8192))
            lines = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


def _signal(group: int, number: signal.Signals) -> None:
    """Send a signal to the daemon and whatever it has started."""
    with contextlib.suppress(ProcessLookupError):  # it may have ended already
        os.killpg(group, number)


def dies_with_us() -> tuple[str, ...]:
    """Return a prefix that makes the kernel end the daemon when the demo itself is killed; empty without util-linux."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()
