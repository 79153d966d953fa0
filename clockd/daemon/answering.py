"""The commands that need a running daemon, and how each of them is answered."""

import asyncio
import base64
import contextlib
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from clockd import __version__, host
from clockd.config import Goodtime, NoTracker, Secrets, TimeTrack
from clockd.config.secrets import OF_DAEMON
from clockd.control import Command
from clockd.core import feedback
from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.core.own_code import CodeWait, CodeWrong, RecordOpened
from clockd.core.sentence import phrase, said_json, sentence
from clockd.core.timebase import local, skew_report
from clockd.core.wire import canonical_user
from clockd.daemon.booking import Booking, Known
from clockd.daemon.devices import Devices
from clockd.daemon.opening import Core, memory_of
from clockd.errors import ConfigError, NotRecorded, Refused, UsageError
from clockd.flow import counter
from clockd.flow.counter import Office
from clockd.flow.devices import DeviceHealth
from clockd.flow.line import LineState
from clockd.flow.misreads import ADVICE
from clockd.flow.terminal import Terminal
from clockd.host import rtc
from clockd.store import badges, ledger, view
from clockd.trackers.goodtime.wire import GoodtimeCodec, calls
from clockd.trackers.timetrack import attendances, names_nobody
from clockd.updating.record import PROGRAM, WISHES, load_record

KNOWN_S = 4.0
"""How long an admin who adds a badge waits to hear whether the tracker knows its employee."""
MOST_ASKED = 3
"""Employees about whom TimeTrack is asked, one request for each, when many badges are added."""
LONGEST_ADDRESS = 300
TRY_S = 12.0
"""How many seconds `clockd sync` waits for the first try after the line was out of order."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a running terminal has its configuration and its secrets from."""

    secrets: Secrets = field(default_factory=lambda: Secrets(None, {}))
    file: Path | None = None


@dataclass(slots=True)
class Answering:
    """Answers the commands to one running terminal."""

    core: Core
    booking: Booking | None
    devices: Devices
    office: Office
    terminal: Terminal
    origin: Provenance = field(default_factory=Provenance)
    backup: Json = None
    """When the last backup was made, as the store knew it last."""
    web: Json = None
    """Where the admin page is served, as it said itself; None while it was not started."""
    _last_summary: dict[str, Json] | None = None

    async def answer(self, command: Command) -> Json:
        """Carry out one command.

        Raises:
            UsageError: no such command, or an argument is missing or of the wrong kind.
            Refused: understood, and it cannot be done.
        """
        name = command.get("cmd")
        handler = DAEMON_COMMANDS.get(name) if isinstance(name, str) else None
        if handler is None:
            return await counter.answer(self.office, command)
        return await handler(self, command)

    async def summary(self) -> dict[str, Json]:
        """Return the store's part of the status; while the disk refuses, what it was last."""
        try:
            theirs = await self.core.store.run(partial(badges.is_their_pepper, fingerprints=self.core.fingerprints))
            problem = None if theirs else badges.OTHER_PEPPER
            self.backup = await self.office.backups.last()
            self._last_summary = {**await self.office.documents.summary(), "badges": {"problem": problem}}
        except NotRecorded:
            if self._last_summary is None:
                raise
        return self._last_summary

    def tracker(self) -> Json:
        """Say how the tracker is."""
        if self.booking is None:
            return {
                "kind": "none",
                "state": "none",
                "detail": None,
                "needs_a_person": False,
                "last_success_at": None,
                "requests_last_minute": 0,
            }
        line = self.booking.line
        skew = None if line.skew_s is None else skew_report(line.skew_s)
        return {
            "kind": self.core.door.tracker,
            "state": line.state.value,
            "detail": line.detail,
            "detail_said": said_json(line.detail),
            "needs_a_person": line.needs_a_person,
            "last_success_at": None if line.last_success_at is None else _iso(line.last_success_at),
            "requests_last_minute": line.sent_last_minute(),
            "skew": skew,
            "skew_said": said_json(skew),
        }

    def need_booking(self) -> Booking:
        """Return what speaks to the tracker.

        Raises:
            UsageError: no tracker is configured.
        """
        if self.booking is None:
            raise UsageError("no tracker is configured", hint="[tracker] in clockd.toml")
        return self.booking


async def _enrol(asked: Answering, command: Command) -> Json:
    """Take the next badge at the door for a new one."""
    username, name = str(command.get("username") or ""), str(command.get("name") or "")
    timeout_s = command.get("timeout_s", feedback.ENROL_S)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= feedback.ENROL_S:
        raise UsageError(f"timeout_s is a number up to {feedback.ENROL_S:.0f}")
    uid = await asked.terminal.next_badge(name or username, float(timeout_s))
    return await counter.answer(asked.office, {**command, "cmd": "badges.add", "uid": uid.hex})


async def _read_badge(asked: Answering, command: Command) -> Json:
    """Wait for the next badge, and say its number to whom it is held for."""
    timeout_s = command.get("timeout_s", feedback.ENROL_S)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= feedback.ENROL_S:
        raise UsageError(f"timeout_s is a number up to {feedback.ENROL_S:.0f}")
    return {"uid": (await asked.terminal.any_badge(float(timeout_s))).hex}


async def _tracker_info(asked: Answering, _: Command) -> Json:
    """Return what a command must know to speak the tracker's language itself."""
    tracker, door, booking = asked.core.config.tracker, asked.core.door, asked.booking
    info: dict[str, Json] = {"kind": door.tracker, "zone": door.zone.key}
    if isinstance(tracker, TimeTrack):
        info["attendance_timer_path"] = tracker.attendance_timer_path
        info["project_timer_path"] = tracker.project_timer_path
    if booking and isinstance(booking.account, Known) and isinstance(booking.account.codec, GoodtimeCodec):
        info["account"] = msgspec.to_builtins(booking.account.codec.account)
    return info


async def _tracker_request(asked: Answering, command: Command) -> Json:
    """Send an admin's request within the budget; the command made it and reads the reply itself."""
    booking = asked.need_booking()
    request = counter.request_of(command)
    booking.try_login()
    exchange = await booking.line.ask(request)
    return {"exchange": type(exchange).__name__, **msgspec.to_builtins(exchange, enc_hook=str)}  # a `Sentence` is text


async def _known(asked: Answering, command: Command) -> Json:
    """Say of each username whether the tracker knows it; None where it cannot tell, or not in time."""
    wanted = command.get("usernames")
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise UsageError("“usernames” is a list of texts")
    answer: dict[str, Json] = dict.fromkeys(map(str, wanted))
    booking, tracker = asked.booking, asked.core.config.tracker
    if booking is None:
        return answer
    booking.try_login()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(KNOWN_S):
            match tracker:
                case Goodtime():
                    users = calls.read_users(await booking.line.ask(calls.users()))
                    if isinstance(users, tuple):
                        found = set(map(canonical_user, users))
                        answer = {name: canonical_user(name) in found for name in answer}
                case TimeTrack():
                    now_local = local(asked.core.read_clock().wall_at, asked.core.door.zone)
                    for name in [*answer][:MOST_ASKED]:
                        request = attendances.timer(tracker.attendance_timer_path, name, now_local)
                        answer[name] = False if names_nobody(await booking.line.ask(request)) else None
                case NoTracker():
                    pass
    return answer


async def _sync(asked: Answering, _: Command) -> Json:
    """Try at once whatever waits; when it was tried, say how it is."""
    booking, documents = asked.need_booking(), asked.office.documents
    line = booking.line
    before = line.exchanges
    booking.try_now()
    booking.wake()
    summary = await documents.summary()
    if line.state is not LineState.OK and _unsent(summary) > booking.resting:
        with contextlib.suppress(TimeoutError):  # until it was tried, the line is as it was
            async with asyncio.timeout(TRY_S):
                while line.exchanges == before:  # noqa: ASYNC110 - an exchange rings no bell of its own
                    await asyncio.sleep(0.05)
        summary = await documents.summary()
    return {**summary, "tracker": asked.tracker(), "unsendable_yet": booking.resting}


async def _status(asked: Answering, _: Command) -> Json:
    """Return how everything is."""
    core, devices = asked.core, asked.devices
    reading = core.read_clock()
    status: dict[str, Json] = {
        "terminal": core.door.name,
        "version": __version__,
        "clock": {
            "synchronized": reading.trusted,
            "now_at": _iso(reading.wall_at),
            "battery": await _battery(core, reading),
        },
        "tracker": asked.tracker(),
        **await asked.summary(),
        "readers": [
            {
                "kind": health.kind,
                "name": reader.name,
                "state": health.state,
                "detail": health.detail,
                "detail_said": said_json(health.detail),
                "direction": None if health.direction is None else health.direction.value,
                "last_read_at": None if health.read is None else _iso(health.read.wall_at),
                "unread": _unread(health, reading),
            }
            for reader, health in devices.readers
        ],
        "panel": {name: devices.panel[name].state if name in devices.panel else "none" for name in ("oled", "lights")},
        "panel_lost": {
            name: {"detail": health.detail, "detail_said": said_json(health.detail)}
            for name, health in devices.panel.items()
            if health.detail is not None
        },
        "relays": _relays(core, devices),
        "disk": {
            "free_bytes": host.disk_free_bytes(Path(core.config.terminal.state_dir)),
            "fault": core.store.fault,
            "in_memory": memory_of(core.config),
            "damaged": list(core.store.damaged),
            "unreadable": list(core.store.unreadable),
            "unreadable_said": [said_json(row) for row in core.store.unreadable],
        },
        "backup": asked.backup,
        "web": asked.web,
        "update": await asyncio.to_thread(_of_update),
        "zone": core.door.zone.key,
        "unsendable_yet": asked.booking.resting if asked.booking else 0,
    }
    return status


async def _web_serves(asked: Answering, command: Command) -> Json:
    """Take note of where the admin page is served; show the fingerprint of a certificate that it made for itself."""
    address, fingerprint = command.get("address"), command.get("fingerprint")
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        raise UsageError("address is missing, or no text")
    if fingerprint is not None and not (isinstance(fingerprint, str) and re.fullmatch("[0-9A-F]{64}", fingerprint)):
        raise UsageError("fingerprint is not 64 digits in hex")
    asked.web = {"address": address, "fingerprint": fingerprint}
    if fingerprint is not None:
        asked.terminal.show(feedback.PageFingerprint(fingerprint), None)
    return {}


async def _pulse(asked: Answering, _: Command) -> Json:
    """Return what shows whether anything is new, cheap enough to be asked each second; and what the display shows."""
    counts = await asked.core.store.run(lambda db: (ledger.newest_seq(db), view.open_counts(db)))
    display = asked.devices.display
    shown = None if display is None else display.picture()
    return {
        "ledger": counts[0],
        "open": dict(counts[1]),
        "tracker": asked.booking.line.state.value if asked.booking else "none",
        "readers": [health.state for _, health in asked.devices.readers],
        "panel": {name: health.state for name, health in asked.devices.panel.items()},
        "trusted": asked.core.read_clock().trusted,
        "picture": None
        if shown is None
        else {"width": shown.width, "height": shown.height, "bits": base64.b64encode(shown.bits).decode()},
    }


def _relays(core: Core, devices: Devices) -> list[Json]:
    """Return each relay, and how often it was pulsed since the start."""
    if devices.relays is None:
        return []
    state = devices.panel["relays"].state
    return [
        {"gpio": section.gpio, "on": section.on, "state": state, "pulses": pulses}
        for section, pulses in zip(core.config.relay, devices.relays.pulses, strict=True)
    ]


def _unread(health: DeviceHealth, now: Reading) -> list[Json]:
    """Return what a reader could not read since the start, by reason."""
    return [
        {
            "reason": reason.value,
            "count": found.count,
            "last_at": _iso(found.last.wall_at),
            "age_s": round(now.boottime_s - found.last.boottime_s),
            "since_last_read": health.read is None or health.read.boottime_s < found.last.boottime_s,
            "advice": ADVICE[reason],
        }
        for reason, found in sorted(health.unread.items())
    ]


async def _battery(core: Core, reading: Reading) -> Json:
    """Say how the battery clock is: none, ok, implausible or dead; `detail` says what to do."""
    true_at = reading.wall_at if reading.trusted else None
    found = await asyncio.to_thread(rtc.battery_clock, rtc.NOT_BEFORE, true_at)
    if found is None:
        return {"state": "none", "name": None, "detail": None, "detail_said": None}
    if found.plausible and core.battery:
        # the kernel has set the chip by now; the battery that failed while the machine was off is the same
        then = sentence("when this machine started, {problem}", problem=phrase(core.battery))
        return {"state": "dead", "name": found.name, "detail": then, "detail_said": said_json(then)}
    problem = found.problem
    return {"state": found.state, "name": found.name, "detail": problem, "detail_said": said_json(problem)}


async def _check(asked: Answering, command: Command) -> Json:
    """Say for `clockd check` what this daemon runs with, and how it is. Proofs of secrets are compared with our own."""
    core, devices, secrets = asked.core, asked.devices, asked.origin.secrets
    nonce, proofs = command.get("nonce"), command.get("proofs")
    others: list[str] = []
    if isinstance(nonce, str) and isinstance(proofs, dict):
        others = secrets.others(nonce, proofs)
    return {
        "file": None if asked.origin.file is None else str(asked.origin.file.resolve()),
        "uid": os.getuid(),
        "pid": os.getpid(),
        "config": msgspec.to_builtins(core.config),
        "readers": [
            {"section": msgspec.to_builtins(section), "state": health.state, "detail": health.detail}
            for section, (_, health) in zip(core.config.reader, devices.readers, strict=True)
        ],
        "panel": {name: {"state": health.state, "detail": health.detail} for name, health in devices.panel.items()},
        "credentials": [name for name in OF_DAEMON if _is_there(secrets, name)],
        "other_credentials": others,
        "badges": (await asked.summary())["badges"],
        "fault": core.store.fault,
        "tracker": asked.tracker(),
    }


def _is_there(secrets: Secrets, name: str) -> bool:
    try:
        return secrets.find(name) is not None
    except ConfigError:
        return False


async def _rehearse(asked: Answering, _: Command) -> Json:
    """Say what would keep a tap from being recorded now; None where nothing would."""
    try:
        await asked.terminal.rehearse(asked.core.read_clock())
    except NotRecorded as failure:
        return {"problem": failure.message}
    return {"problem": None}


async def _update(asked: Answering, command: Command) -> Json:
    """Ask the updater, which is root's, for the newest version or for the one before."""
    wish = command.get("wish")
    if wish not in WISHES:
        raise UsageError(f"wish is one of {', '.join(WISHES)}")
    if not PROGRAM.exists():
        raise Refused("this clockd did not come as a Debian package", hint="deploy/install in a newer checkout")
    file = Path(asked.core.config.terminal.control_socket).with_name(f"update-{wish}")
    await asyncio.to_thread(file.touch)
    return _of_update()


def _of_update() -> Json:
    """Say how far the last update is, as the updater wrote it down."""
    found = load_record()
    return {
        "state": found.stage.value,
        "detail": found.detail or None,
        "detail_said": said_json(found.detail),
        "version": found.version or None,
    }


async def _tracker_place(asked: Answering, _: Command) -> Json:
    """Give a place in the budget away to a request that another process sends."""
    await asked.need_booking().line.lend()
    return None


async def _record_open(asked: Answering, command: Command) -> Json:
    """Take the code that somebody typed on the page, and say whose record it opens."""
    code, address, peer = (command.get(name) for name in ("code", "address", "peer"))
    if not (isinstance(code, str) and isinstance(address, str)) or len(code) + len(address) > LONGEST_ADDRESS:
        raise UsageError("code or address is missing, or no text")
    asked.office.own_record.refuse_others(str(peer))
    codes = asked.terminal.own_codes
    if codes is None:
        raise Refused("this terminal shows no codes", hint="[rules] own_record in clockd.toml")
    match codes.redeem(code, address, asked.core.read_clock()):
        case RecordOpened(username=username):
            return {"username": username, "wait_s": 0}
        case CodeWrong():
            return {"username": None, "wait_s": 0}
        case CodeWait(wait_s=wait_s):
            return {"username": None, "wait_s": wait_s}


DAEMON_COMMANDS: Mapping[str, Callable[[Answering, Command], Awaitable[Json]]] = {
    "badges.enrol": _enrol,
    "badges.read": _read_badge,
    "check": _check,
    "tracker.info": _tracker_info,
    "tracker.place": _tracker_place,
    "tracker.request": _tracker_request,
    "people.known": _known,
    "pulse": _pulse,
    "record.open": _record_open,
    "rehearse": _rehearse,
    "status": _status,
    "sync": _sync,
    "update": _update,
    "web.serves": _web_serves,
}
"""The commands that need a running daemon; those that need nothing but the store are in `flow/counter.py`."""


def _unsent(summary: dict[str, Json]) -> int:
    outbox = summary["outbox"]
    assert isinstance(outbox, dict)
    return sum(int(str(outbox[state])) for state in ("waiting", "sending", "doubtful"))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
