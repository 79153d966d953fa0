"""What `clockd check` looks at: the state folder, every configured device, the tracker. Changes nothing."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from clockd import control, daemon, host, panel, readers
from clockd.cli.asking import rows
from clockd.cli.status import unread_lines
from clockd.config import Config, DeskReader, Goodtime, Secrets, TimeTrack
from clockd.config.secrets import SECRETS, in_quotes
from clockd.core import wire
from clockd.core.pieces import whole
from clockd.core.timebase import skew_report, skew_s
from clockd.core.wire import Exchange, Reply, Request
from clockd.daemon.booking import Sender, find_login, open_http
from clockd.errors import ClockdError, ConfigError, NoDaemon
from clockd.host import rtc, timesource
from clockd.store import badges
from clockd.trackers.goodtime import start as goodtime_start
from clockd.trackers.goodtime.session import NO_LOGIN, GoodtimeSession
from clockd.trackers.goodtime.wire.reading import says_throttled
from clockd.trackers.timetrack import TimeTrackCodec, credentials

LOW_DISK_BYTES = 100 * 1024 * 1024
USED_UP = "not asked: this minute's requests are used up, by clockd, by this check, or by who else uses the account"
LIST_HINT = "clockd badges list says what to do"
AGAIN = "run clockd check again in a minute; this is no sign that anything is wrong"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of the report."""

    what: str
    ok: bool
    found: str
    hint: str = ""


async def check(config: Config, secrets: Secrets) -> list[CheckLine]:
    """Look at everything the configuration names."""
    findings = [CheckLine("configuration", ok=True, found=f"terminal {config.terminal.name}"), _folder(config)]
    findings += _credentials(secrets)
    if (pepper := await _pepper(config, secrets)) is not None:
        findings.append(pepper)
    clock = await _clock(config)
    findings.append(clock)
    if (battery := rtc.battery_clock(true_at=host.now_at() if clock.ok else None)) is not None:
        found = f"{battery.name}: {battery.problem or 'plausible'}"
        findings.append(CheckLine("battery clock", ok=battery.plausible, found=found))
    for section in config.reader:
        if isinstance(section, DeskReader):
            continue
        kind = str(section.__struct_config__.tag)
        findings.append(await _probe(f"reader {kind}", partial(readers.probe, section)))
    findings += await _unread(config)
    if not config.reader:
        findings.append(CheckLine("reader", ok=False, found="none is configured", hint="add a [[reader]]"))
    findings.append(await _probe("display", lambda: panel.probe_display(config.panel) or "none configured"))
    findings.append(
        await _probe("lights", lambda: panel.probe_lights(config.panel, config.button) or "none configured")
    )
    if config.relay and config.panel.oled != "desk":
        findings.append(await _probe("relays", lambda: panel.probe_relays(config.relay)))
    if not all(finding.ok for finding in findings if finding.what.startswith(f"credential {_kind(config)}")):
        findings.append(CheckLine("tracker", ok=False, found="not asked without its credentials"))
    elif isinstance(config.tracker, TimeTrack):
        findings += await _timetrack(config.tracker, config, secrets)
    elif isinstance(config.tracker, Goodtime):
        findings += await _goodtime(config.tracker, config, secrets)
    else:
        findings.append(CheckLine("tracker", ok=True, found="none is configured: punches stay here"))
    return findings


async def _unread(config: Config) -> list[CheckLine]:
    """Ask a running daemon what its readers could not read; bad is what nothing good has followed."""
    try:
        told = await asyncio.to_thread(control.ask, Path(config.terminal.control_socket), {"cmd": "status"})
    except ClockdError:
        return []
    if not isinstance(told, dict):
        return []
    findings = []
    for reader in rows(told["readers"]):
        for line, found in zip(unread_lines(reader), rows(reader.get("unread") or []), strict=True):
            bad = bool(found["since_last_read"])
            findings.append(CheckLine(f"reader {reader['kind']}", ok=not bad, found=line))
    return findings


def _kind(config: Config) -> str:
    return str(config.tracker.__struct_config__.tag)


def _credentials(secrets: Secrets) -> list[CheckLine]:
    """Look at each credential; one that is not there may not be needed."""
    findings = []
    for name in SECRETS:
        try:
            secret = secrets.find(name)
        except ConfigError as error:
            findings.append(CheckLine(f"credential {name}", ok=False, found=error.why, hint=error.hint))
            continue
        if name.endswith("-password") and secret is not None and in_quotes(secret.reveal()):
            findings.append(CheckLine(f"credential {name}", ok=True, found="the quotes around it are a part of it"))
    return findings


async def _pepper(config: Config, secrets: Secrets) -> CheckLine | None:
    """Look whether the badges were enrolled under this pepper; None while there are none to tell by."""
    try:
        told = await asyncio.to_thread(control.ask, Path(config.terminal.control_socket), {"cmd": "status"})
        shown = told.get("badges") if isinstance(told, dict) else None
        known = not (isinstance(shown, dict) and shown.get("problem"))
    except NoDaemon:
        if not config.terminal.database.exists():
            return None
        try:
            async with daemon.open_core(config, secrets) as core:
                known = await core.store.run(partial(badges.is_their_pepper, fingerprints=core.fingerprints))
        except ClockdError as error:
            return CheckLine("store", ok=False, found=error.message, hint=error.hint)
    except ClockdError:
        return None
    if known:
        return CheckLine("badge-pepper", ok=True, found="the one that the badges were enrolled under")
    return CheckLine("badge-pepper", ok=False, found=badges.OTHER_PEPPER, hint=badges.OTHER_PEPPER_HINT)


async def _probe(what: str, look: Callable[[], str]) -> CheckLine:
    try:
        return CheckLine(what, ok=True, found=await asyncio.to_thread(look))
    except ClockdError as error:
        return CheckLine(what, ok=False, found=error.message, hint=error.hint)


def _folder(config: Config) -> CheckLine:
    folder = Path(config.terminal.state_dir)
    parent = folder if folder.exists() else folder.parent
    if not os.access(parent, os.W_OK | os.X_OK):
        hint = "run as the user clockd runs as, or change terminal.state_dir"
        return CheckLine("state", ok=False, found=f"{parent} cannot be written by this user", hint=hint)
    free = host.disk_free_bytes(parent)
    low = free < LOW_DISK_BYTES
    found = f"{folder}, {free // (1024 * 1024)} MiB free"
    return CheckLine("state", ok=not low, found=found, hint="free some space" if low else "")


async def _clock(config: Config) -> CheckLine:
    look = host.look()
    sync = await timesource.ask_sources(timesource.sources(config.clock.trust), 0.0, look)
    shown = look.wall_at.astimezone(config.terminal.zone)
    found = f"{shown:%Y-%m-%d %H:%M:%S} {config.terminal.time_zone}, {sync.source}"
    if sync.synchronized:
        return CheckLine("clock", ok=True, found=found)
    hint = "punches are saved and dated when time arrives; systemctl status systemd-timesyncd"
    return CheckLine("clock", ok=False, found=f"{found}: not synchronized", hint=hint)


async def _timetrack(tracker: TimeTrack, config: Config, secrets: Secrets) -> list[CheckLine]:
    """Ask the tracker the cheapest questions that show whether it is reachable, the key right and the paths there."""
    key, secret = secrets.find("timetrack-api-key"), secrets.find("timetrack-api-secret")
    if key is None or secret is None:
        return [CheckLine("tracker", ok=False, found=daemon.NO_KEY)]
    codec = TimeTrackCodec(tracker.attendance_timer_path, tracker.project_timer_path, config.terminal.zone)
    http = open_http(tracker, secrets)
    headers = credentials(key.reveal(), secret.reveal())
    now_local = datetime.now(UTC).astimezone(config.terminal.zone).replace(tzinfo=None, microsecond=0)
    sent_at = host.now_at()
    exchange = await http.send(codec.probe(now_local), headers)
    received_at = host.now_at()
    verdict = whole(codec.rows(exchange))
    await http.aclose()
    findings = [_reached(tracker.url, verdict)]
    if isinstance(exchange, wire.Reply) and (date := exchange.headers.get("date")):
        skew = skew_s(date, sent_at, received_at)
        report = None if skew is None else skew_report(skew)
        findings.append(CheckLine("tracker's clock", ok=report is None, found=report or "agrees with this one"))
    return findings


async def _goodtime(tracker: Goodtime, config: Config, secrets: Secrets) -> list[CheckLine]:
    """Go step by step: reachable, logged in, time type, users, time format, zone."""
    if find_login(secrets) is None:
        return [CheckLine("tracker", ok=False, found=NO_LOGIN)]
    http = open_http(tracker, secrets)
    sparing = _Sparing(http)
    session = GoodtimeSession(
        sparing.send,
        lambda: find_login(secrets),
        token_header=tracker.token_header,
        token_prefix=tracker.token_prefix,
    )
    zone = config.terminal.zone
    now_local = datetime.now(UTC).astimezone(zone).replace(tzinfo=None, microsecond=0)
    names = await _employees(config)
    steps = await goodtime_start.check(session, tracker, zone, names, now_local)
    await http.aclose()
    findings = [
        CheckLine(
            "badges", ok=False, found=f"{' and '.join(twice)} are one person to Goodtime, and two here", hint=LIST_HINT
        )
        for twice in badges.spelt_twice(names)
    ]
    findings += [
        CheckLine(f"tracker: {step.name}", ok=step.state != "failed", found=step.detail, hint=step.hint)
        for step in steps
    ]
    if sparing.throttled and not findings[-1].ok:
        # nothing is known of what was to be asked, so it is no failure of that
        findings[-1] = CheckLine("tracker: requests", ok=False, found=f"{steps[-1].name}: {USED_UP}", hint=AGAIN)
    return findings


@dataclass(slots=True)
class _Sparing:
    """Sends for a check, which lasts seconds: what was read once is not asked again."""

    http: Sender
    throttled: bool = False
    _known: dict[Request, Reply] = field(default_factory=dict)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Send a request, unless its answer is known."""
        if not request.writes and request in self._known:
            return self._known[request]
        exchange = await self.http.send(request, headers)
        if isinstance(exchange, Reply):
            self.throttled |= says_throttled(exchange)
            if not request.writes and 200 <= exchange.status < 300:
                self._known[request] = exchange
        return exchange


async def _employees(config: Config) -> list[str]:
    """Whom our badges belong to: as the daemon says, which holds the store, or as the store says when there is none."""
    place = Path(config.terminal.control_socket)
    try:
        told = await asyncio.to_thread(control.ask, place, {"cmd": "badges"})
        names = [str(badge["username"]) for badge in told if isinstance(badge, dict)] if isinstance(told, list) else []
    except NoDaemon:
        if not config.terminal.database.exists():
            return []
        try:
            async with daemon.open_look(config) as office:
                told = await office.badges.listed()
                names = [str(badge["username"]) for badge in told if isinstance(badge, dict)]
        except ClockdError:
            return []
    except ClockdError:
        return []
    return sorted(set(names))


def _reached(url: str, verdict: wire.LookVerdict) -> CheckLine:
    match verdict:
        case wire.Rows():
            return CheckLine("tracker", ok=True, found=f"{url} answers, the key is right")
        case wire.NotApplied(why=why):
            return CheckLine(
                "tracker", ok=False, found=f"{url}: {why}", hint="network, tracker.url, or its own trouble"
            )
        case wire.Paused(reason=reason, why=why):
            return CheckLine("tracker", ok=False, found=f"{reason}: {why}")
        case wire.Throttled():
            return CheckLine("tracker: requests", ok=False, found=USED_UP, hint=AGAIN)
        case wire.Forbidden(why=why):
            return CheckLine("tracker", ok=False, found=f"refused: {why}", hint="check the rights of the key")
