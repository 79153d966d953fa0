"""Looking at the daemon for all open pages together, and badges that are being enrolled at the door."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from clockd.errors import ClockdError
from clockd.web.daemon import Daemon

PULSE_S = 1.0
"""Between two looks at the pulse, while somebody watches."""
STATUS_S = 20.0
"""Between two looks at the whole status while nothing happens: it costs the daemon some work."""
NAMES_S = 300.0
"""How long names are believed."""
ENROL_S = 30.0
"""How long the terminal waits for the badge …"""
ENROL_PATIENCE_S = 35.0
"""… and this process for the terminal."""
MOST_JOBS = 50
"""Enrolments that are remembered."""

DaemonDocument = Mapping[str, Any]
"""What the daemon says: JSON."""


@dataclass(frozen=True, slots=True)
class DaemonLook:
    """What was seen of the daemon last."""

    number: int
    """Another one for each look that shows something new."""
    status: DaemonDocument | None
    """As `clockd status --json`; None while the daemon does not answer."""
    picture: DaemonDocument | None
    """The display's: width, height and its bits in base64; None without one."""
    error: str = ""
    """Why there is no status."""


@dataclass(slots=True)
class Looker:
    """Looks while somebody watches, however many they are.

    Args:
        daemon: whom to ask.
    """

    daemon: Daemon
    last: DaemonLook = field(default_factory=lambda: DaemonLook(0, None, None))
    _watchers: int = 0
    _pulse: DaemonDocument = field(default_factory=dict)
    _status_s: float = float("-inf")
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Look again and again, for as long as somebody watches; until cancelled."""
        while True:
            await self._wanted.wait()
            await self._look()
            await asyncio.sleep(PULSE_S)

    async def watch(self) -> AsyncGenerator[DaemonLook]:
        """Give each look that shows something new, until closed."""
        self._watchers += 1
        self._wanted.set()
        seen = -1
        try:
            while True:
                if self.last.number != seen:
                    seen = self.last.number
                    yield self.last
                await self._news.wait()
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._wanted.clear()

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        try:
            pulse = await self.daemon.ask("pulse")
            assert isinstance(pulse, dict)
            picture, beat = pulse.pop("picture", None), pulse
            status = self.last.status
            if status is None or beat != self._pulse or now_s - self._status_s >= STATUS_S:
                asked = await self.daemon.ask("status")
                assert isinstance(asked, dict)
                status, self._status_s, self._pulse = asked, now_s, beat
            found = DaemonLook(self.last.number + 1, status, picture if isinstance(picture, dict) else None)
        except ClockdError as error:
            found = DaemonLook(self.last.number + 1, None, None, str(error))
        if (found.status, found.picture, found.error) != (self.last.status, self.last.picture, self.last.error):
            self.last = found
            self._news.set()
            self._news = asyncio.Event()


@dataclass(slots=True)
class Names:
    """What people are called, asked for seldom: the daemon looks each of them up.

    Args:
        daemon: whom to ask.
    """

    daemon: Daemon
    _known: dict[str, str] = field(default_factory=dict)
    _asked_s: float = float("-inf")

    async def of(self, usernames: Collection[str] = ()) -> Mapping[str, str]:
        """Return everybody's name by their username, these certainly as far as they are known.

        Raises:
            ClockdError: as `Daemon.ask`.
        """
        now_s = asyncio.get_running_loop().time()
        if now_s - self._asked_s > NAMES_S or any(name not in self._known for name in usernames if name != "None"):
            found = await self.daemon.ask("people")
            assert isinstance(found, list)
            self._known = {str(one["username"]): str(one["name"]) for one in found if isinstance(one, dict)}
            self._asked_s = now_s
        return self._known

    def forget(self) -> None:
        """Ask anew the next time: somebody changed something."""
        self._asked_s = float("-inf")


@dataclass(slots=True)
class Enrolling:
    """A badge that is to be held to the reader."""

    by: str
    username: str
    name: str
    task: "asyncio.Task[DaemonDocument] | None" = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody waits any more, however that ended."""

    @property
    def waits(self) -> bool:
        """Whether the badge has not come yet."""
        return self.task is not None and not self.task.done()


@dataclass(slots=True)
class Enrolments:
    """Waits at the door for badges, beside the pages that show it.

    Args:
        daemon: whose door it is.
    """

    daemon: Daemon
    _all: dict[str, Enrolling] = field(default_factory=dict)

    def begin(self, by: str, username: str, name: str) -> str:
        """Let the terminal wait for a badge; return what names this enrolment."""
        while len(self._all) >= MOST_JOBS:
            self._drop(next(iter(self._all)))
        job, key = Enrolling(by, username, name), secrets.token_urlsafe(12)
        job.task = asyncio.create_task(self._enrol(job), name=f"enrol: {key}")
        job.task.add_done_callback(partial(_look_at, job))
        self._all[key] = job
        return key

    def find(self, key: str, by: str) -> Enrolling | None:
        """Return an enrolment of this account."""
        job = self._all.get(key)
        return job if job is not None and job.by == by else None

    def stop(self, key: str) -> None:
        """Wait no longer: the terminal hears it as well."""
        job = self._all.get(key)
        if job is not None and job.task is not None:
            job.task.cancel()

    def close(self) -> None:
        """Wait for nobody any more."""
        for key in list(self._all):
            self._drop(key)

    def _drop(self, key: str) -> None:
        self.stop(key)
        del self._all[key]

    async def _enrol(self, job: Enrolling) -> DaemonDocument:
        done = await self.daemon.wait(
            ENROL_PATIENCE_S, "badges.enrol", by=job.by, username=job.username, name=job.name, timeout_s=ENROL_S
        )
        assert isinstance(done, dict)
        return done


def _look_at(job: Enrolling, task: "asyncio.Task[DaemonDocument]") -> None:
    """Tell the page that waits, if there still is one; its error counts as seen."""
    job.over.set()
    if not task.cancelled():
        task.exception()
