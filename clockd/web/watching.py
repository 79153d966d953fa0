"""What the page's process does while nobody looks at it: alerts, and a sign of life.

It looks at the daemon every half minute, and only where one of the two is configured.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clockd import host
from clockd.config import Config
from clockd.core import alerts
from clockd.core.alerts import Affair, Alarms, Instant, Tiding
from clockd.errors import ClockdError, ConfigError, PackageMissing
from clockd.web import alerting, heartbeat
from clockd.web.alerting import Alerting, Letter
from clockd.web.daemon import Daemon
from clockd.web.folder import state_folder
from clockd.web.heartbeat import BEAT_EVERY_S, Heartbeat
from clockd.web.memory import Memory
from clockd.web.parts import PageClock, Parts
from clockd.web.tidings import greeting, letter_of
from clockd.web.troubles import UNANSWERED, DaemonDocument, can_record, troubles
from clockd.web.words.speech import Speech

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
FIRST_AGAIN_S = 60.0
LONGEST_AGAIN_S = 600.0
"""Between two tries to get a notice out while no address takes it."""


async def watch(parts: Parts) -> None:
    """Watch the terminal until cancelled."""
    try:
        watchman = watchman_of(parts)
    except (ConfigError, PackageMissing) as error:
        log.error("nobody watches: %s", error)  # the page goes on
        watchman = None
    if watchman is None:
        await asyncio.Event().wait()
        return
    try:
        while True:
            await watchman.look()
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await watchman.close()


def watchman_of(parts: Parts) -> "Watchman | None":
    """Make what watches, as far as it is configured; None when nothing is.

    Raises:
        ConfigError: a credential cannot be used.
        PackageMissing: the library that sends alerts is not installed.
    """
    urls, beat = parts.secrets.find(alerting.ALERT_URLS), parts.secrets.find(heartbeat.HEARTBEAT_URL)
    if urls is None and beat is None:
        return None
    sender = None if urls is None else Alerting.of(urls)
    if sender is not None:
        sender.say_bad()
    return Watchman(
        parts.config,
        parts.daemon,
        clocks_of(parts.clock, host.boot_id),
        Memory(state_folder(parts.config)),
        sender,
        None if beat is None else Heartbeat(heartbeat.heartbeat_url(beat)),
    )


def clocks_of(clock: PageClock, boot_id: Callable[[], str]) -> Callable[[], Instant]:
    """Return what reads all clocks at once.

    Where the boot's id is hidden from this process, each life of the process counts as a boot of its own: less is
    known then of what was before, and nothing wrong.
    """
    try:
        known, begin_s = boot_id(), 0.0
    except OSError:
        known, begin_s = secrets.token_hex(8), clock.monotonic_s()
    return lambda: Instant(clock.now_at(), clock.monotonic_s() - begin_s, known)


@dataclass(slots=True)
class Watchman:
    """Looks, tells what has to be told, and shows that it is alive.

    Args:
        config: says which terminal this is.
        daemon: whom to look at.
        now: all clocks at once.
        memory: keeps what was told.
        alerting: sends it; None without addresses.
        heart: says that all is alive; None without an address.
    """

    config: Config
    daemon: Daemon
    now: Callable[[], Instant]
    memory: Memory
    alerting: Alerting | None
    heart: Heartbeat | None
    _alarms: Alarms | None = field(default=None, init=False)
    _again_s: float = field(default=0.0, init=False)
    """How long the next try waits, after one that no address took …"""
    _not_before_s: float = field(default=float("-inf"), init=False)
    """… and until when."""
    _beaten_s: float = field(default=float("-inf"), init=False)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _sending: asyncio.Task[None] | None = field(default=None, init=False)

    async def look(self) -> None:
        """Look once, and do what follows from it."""
        status = await self._status()
        if self.heart is not None and status is not None and can_record(status):
            now_s = self.now().boot_s
            if now_s - self._beaten_s >= BEAT_EVERY_S - 1:  # a look may come a little early
                self._beaten_s = now_s
                await self.heart.beat(await self._head())
        if self.alerting is not None:
            await self._alert(self.alerting, status)

    async def rest(self) -> None:
        """Wait until what is on its way has arrived, or was given up."""
        if self._sending is not None:
            await asyncio.wait((self._sending,))

    async def close(self) -> None:
        """Give up what is on its way."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait((self._sending,))

    async def _head(self) -> DaemonDocument | None:
        """Return the ledger's head; None where it cannot be signed: the sign of life goes out all the same."""
        try:
            found = await self.daemon.ask("ledger.head")
        except ClockdError:
            return None
        return found if isinstance(found, dict) and {"rows", "hash"} <= found.keys() else None

    async def _status(self) -> DaemonDocument | None:
        try:
            found = await self.daemon.ask("status")
        except ClockdError:
            return None
        return found if isinstance(found, dict) else None

    async def _alert(self, sender: Alerting, status: DaemonDocument | None) -> None:
        if self._alarms is None:
            self._alarms = await asyncio.to_thread(self.memory.recall) or Alarms()
        found = {UNANSWERED: ""} if status is None else self._in_words(troubles(status))
        self._alarms = alerts.seen(self._alarms, found, self.now(), blind=status is None)
        kept = await self._keep()
        if self._sending is not None and self._sending.done():
            self._sending.result()
            self._sending = None
        now = self.now()
        if self._sending is None and now.boot_s >= self._not_before_s:
            tidings = alerts.due(self._alarms, now)
            # who cannot remember it says it at each start, or better never
            work = self._tell(sender, tidings, greet=kept and not self._alarms.greeted)
            self._sending = asyncio.create_task(work, name="web: an alert leaves")

    def _in_words(self, found: Mapping[Affair, str]) -> dict[Affair, str]:
        """Say what is known of a trouble in the language of the terminal; so it is remembered, too."""
        terminal = self.config.terminal
        speech = Speech.of([terminal.language], terminal.zone, self.now().at)
        return {affair: speech.tell(detail) for affair, detail in found.items()}

    async def _tell(self, sender: Alerting, tidings: Sequence[Tiding], *, greet: bool) -> None:
        """Send what is due, in a task of its own: a mail server may take its time, and the looks go on."""
        await sender.send_late()
        terminal = self.config.terminal
        if greet and await self._left(sender, greeting(terminal.name, terminal.language)):
            self._alarms = replace(self._known, greeted=True)
            await self._keep()
        if tidings and await self._left(sender, letter_of(tidings, terminal.name, terminal.zone, terminal.language)):
            self._alarms = alerts.told(self._known, tidings, self.now())
            await self._keep()

    async def _left(self, sender: Alerting, letter: Letter) -> bool:
        """Send a letter; when nobody takes it, the next try waits, each time a little longer."""
        if await sender.send(letter):
            self._again_s = 0.0
            return True
        if not self._again_s:
            log.warning("no address takes an alert; it is tried again until one does")
        self._again_s = min(max(2 * self._again_s, FIRST_AGAIN_S), LONGEST_AGAIN_S)
        self._not_before_s = self.now().boot_s + self._again_s
        return False

    @property
    def _known(self) -> Alarms:
        assert self._alarms is not None
        return self._alarms

    async def _keep(self) -> bool:
        """Write down what is known now; whether it is on disk."""
        async with self._writing:
            return await asyncio.to_thread(self.memory.keep, self._known)
