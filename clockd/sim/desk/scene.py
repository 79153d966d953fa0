"""Everything a person sees and does on the page, without HTTP: acts come in, news go to the bulletin."""

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from clockd.core.json import Json
from clockd.errors import ClockdError
from clockd.sim.desk import wire
from clockd.sim.desk.books import BookedEntry, DeskTracker
from clockd.sim.desk.bulletin import Bulletin
from clockd.sim.desk.cable import Cable
from clockd.sim.desk.cast import CAST, KEYS
from clockd.sim.desk.office import DeskOffice
from clockd.sim.desk.outbox import ask_daemon, look_at_daemon
from clockd.sim.desk.place import PanelLanguage
from clockd.sim.desk.power import Power
from clockd.sim.desk.terminal import DeskTerminal

LOOK_S = 0.25
"""Between two looks at the daemon and at the tracker's books, while the terminal shows nothing new."""

BREATH_S = 0.03
"""Between two looks in any case."""


class HoldBadge(msgspec.Struct, frozen=True, tag_field="do", tag="tap"):
    """Hold a badge to the reader."""

    badge: str


class Press(msgspec.Struct, frozen=True, tag_field="do", tag="press"):
    """Press a key."""

    gpio: int


class PlugCable(msgspec.Struct, frozen=True, tag_field="do", tag="cable"):
    """Pull the network cable, or put it in."""

    plugged: bool


class PlugPower(msgspec.Struct, frozen=True, tag_field="do", tag="power"):
    """Pull the power plug, or put it in."""

    plugged: bool


class StartOver(msgspec.Struct, frozen=True, tag_field="do", tag="start-over"):
    """Forget everything and begin with an empty ledger."""


class SpeakLanguage(msgspec.Struct, frozen=True, tag_field="do", tag="speak"):
    """Let terminal and page speak a language."""

    language: PanelLanguage


PageAct = HoldBadge | Press | PlugCable | PlugPower | StartOver | SpeakLanguage
"""The closed set of what a person can do on the page."""


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """What never changes while the demo runs."""

    terminal: str
    repeat_s: float
    control_socket: Path
    now_local: Callable[[], datetime]
    """The wall clock of the terminal's zone."""
    set_language: Callable[[PanelLanguage], None]
    """Gives the terminal another language, for which it starts anew."""
    start_over: Callable[[], Awaitable[None]] | None
    """Empties ledger and books; None where the state is somebody's to keep."""
    office: DeskOffice | None = None
    """Where the admin page is; None without one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands on the stage."""

    cable: Cable
    power: Power
    tracker: DeskTracker


class Scene:
    """The stage: it owns the terminal's body and connects the other parts."""

    def __init__(self, facts: SceneFacts, bulletin: Bulletin, parts: Parts) -> None:
        self._facts = facts
        self._bulletin = bulletin
        self._cable = parts.cable
        self._power = parts.power
        self._tracker = parts.tracker
        self._starting_over = asyncio.Lock()
        self._language: PanelLanguage = "en"
        self._booked_before: Json = None
        self._news = asyncio.Event()
        self.terminal = DeskTerminal(self._heard)
        self._power.changed = self._show_power
        bulletin.post("scene", self._setting())
        self._show_cable()
        self._show_power()
        self._heard(None)

    async def perform(self, act: PageAct) -> None:
        """Do what a person did on the page; what cannot be done (a badge nobody has) is let pass."""
        match act:
            case HoldBadge(badge):
                uid = next((player.uid for player in CAST if player.id == badge), None)
                if uid is not None:
                    self.terminal.tap(uid)
            case Press(gpio):
                if any(key.gpio == gpio for key in KEYS):
                    self.terminal.press(gpio)
            case PlugCable(plugged):
                await (self._cable.plug() if plugged else self._cable.pull())
                self._show_cable()
                if plugged:
                    await self._network_is_up()
            case PlugPower(plugged):
                if not self._starting_over.locked():
                    (self._power.plug if plugged else self._power.pull)()
            case StartOver():
                await self._start_over()
            case SpeakLanguage(language):
                if language != self._language and not self._starting_over.locked():
                    self._language = language
                    self._facts.set_language(language)
                    self._bulletin.post("scene", self._setting())

    async def _network_is_up(self) -> None:
        """Tell the daemon, as a network manager's hook does by `clockd sync`: it need not wait for its own next try."""
        with contextlib.suppress(ClockdError):  # no power; then it looks at its start
            await ask_daemon(self._facts.control_socket, {"cmd": "sync"})

    async def _start_over(self) -> None:
        if self._facts.start_over is None or self._starting_over.locked():
            return
        async with self._starting_over:
            await self._facts.start_over()
            await self._cable.plug()
            self._show_cable()

    async def watch(self) -> None:
        """Look at the daemon and at the tracker's books again and again, for as long as somebody reads."""
        while True:
            if self._bulletin.readers:
                await self.look()
            await asyncio.sleep(BREATH_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            self._news.clear()

    async def look(self) -> None:
        """Look once, and post what was seen."""
        try:
            outbox = await look_at_daemon(self._facts.control_socket)
        except ClockdError:
            outbox = None
        if outbox is None or not self._power.plugged:
            self._bulletin.post("daemon", {"answers": False})
        else:
            self._bulletin.post("outbox", {"punches": outbox.punches})
            self._bulletin.post("daemon", {"answers": True, "ready": outbox.ready, "status": _lasting(outbox.status)})
        self._show_books()

    def _setting(self) -> Mapping[str, Json]:
        facts = self._facts
        return {
            "terminal": facts.terminal,
            "language": self._language,
            "tracker": self._tracker.label,
            "repeat_s": facts.repeat_s,
            "control_socket": str(facts.control_socket),
            "can_start_over": facts.start_over is not None,
            "office": None if facts.office is None else {"url": facts.office.url, "password": facts.office.password},
            "badges": [{"id": p.id, "name": p.name, "tone": p.tone, "known": p.known} for p in CAST],
            "keys": [{"gpio": key.gpio, "action": key.action.value} for key in KEYS],
        }

    def _heard(self, news: wire.Up | None) -> None:
        """Show what the daemon shows; None: it is gone, and everything is dark."""
        self._news.set()
        post = self._bulletin.post
        if news is None:
            post("oled", {"frame": None})
            post("words", {"text": ""})
            post("lights", {"green": False, "red": False})
            post("sound", {"hz": None, "ms": None}, fleeting=True)
            return
        if news.frame is not None:
            post("oled", {"frame": base64.b64encode(news.frame).decode("ascii")})
        if news.text is not None:
            post("words", {"text": news.text})
        if news.lights is not None:
            post("lights", {"green": news.lights.green, "red": news.lights.red})
        if isinstance(news.sound, wire.Sound):
            post("sound", {"hz": news.sound.hz, "ms": news.sound.ms}, fleeting=True)
        elif news.sound is None:
            post("sound", {"hz": None, "ms": None}, fleeting=True)

    def _show_cable(self) -> None:
        self._bulletin.post("cable", {"plugged": self._cable.plugged})

    def _show_power(self) -> None:
        power = self._power
        if not power.plugged or power.pid is None:
            self._bulletin.post("daemon", {"answers": False})
        self._bulletin.post("power", {"plugged": power.plugged, "pid": power.pid, "trouble": power.trouble})

    def _show_books(self) -> None:
        books = self._tracker.books()
        booked: Json = {
            "entries": [_entry(entry) for entry in books.entries],
            "requests": books.requests_last_minute,
            "limit": books.requests_per_minute,
        }
        if booked != self._booked_before:
            self._booked_before = booked
            now = self._facts.now_local().isoformat(timespec="milliseconds")
            self._bulletin.post("books", {"books": booked, "now_local": now})


def _entry(entry: BookedEntry) -> Json:
    to_local = entry.to_local.isoformat(timespec="seconds") if entry.to_local is not None else None
    from_local = entry.from_local.isoformat(timespec="seconds")
    return {"id": entry.id, "username": entry.username, "from": from_local, "to": to_local}


def _lasting(status: Json) -> Json:
    """Return the parts of a status that do not change at every look."""
    if not isinstance(status, dict):
        return None
    return {key: status.get(key) for key in ("version", "tracker", "outbox", "punches", "readers", "panel")}
