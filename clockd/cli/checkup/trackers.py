"""The tracker of a configuration: asked through the daemon's own line where that daemon serves it, else directly.

A daemon that runs with this section and these credentials sends what is asked, within its budget; what it knows of the
account is not found out anew. Where the section or a credential is another one, a restart would use them first: so they
are tried from here, and where the daemon speaks to that tracker too, each request takes a place of its budget.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import assert_never

import msgspec

from clockd import control, daemon, host
from clockd.cli.asking import object_of
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import RunningDaemon, Standing
from clockd.cli.link import exchange_of
from clockd.config import Config, Goodtime, NoTracker, TimeTrack
from clockd.core import wire
from clockd.core.budget import Pace, next_send_s
from clockd.core.json import Json
from clockd.core.pieces import whole
from clockd.core.timebase import skew_report, skew_s
from clockd.core.wire import Exchange, Reply, Request
from clockd.daemon.booking import Sender, find_login, open_http
from clockd.errors import ClockdError, ConfigError, NoDaemon, TrackerUnreachable
from clockd.store import badges, sends
from clockd.trackers.goodtime import start as goodtime_start
from clockd.trackers.goodtime.session import NO_LOGIN, GoodtimeSession
from clockd.trackers.goodtime.wire import Account
from clockd.trackers.goodtime.wire.reading import says_throttled
from clockd.trackers.timetrack import TimeTrackCodec, credentials

USED_UP = "not asked: this minute's requests are used up, by clockd, by this check, or by who else uses the account"
LIST_HINT = "clockd badges list says what to do"
AGAIN = "run clockd check again in a minute; this is no sign that anything is wrong"
NEEDED = {
    "timetrack": ("timetrack-api-key", "timetrack-api-secret"),
    "goodtime": ("goodtime-login-email", "goodtime-api-password"),
}
"""The credentials of each tracker."""
PROXY_PASSWORD = "tracker-proxy-password"


async def check_tracker(config: Config, standing: Standing) -> list[CheckLine]:
    """Ask the tracker, as far as it can be asked."""
    tracker, running = config.tracker, standing.running
    match tracker:
        case NoTracker():
            return [CheckLine("tracker", ok=True, found="none is configured: punches stay here")]
        case TimeTrack() | Goodtime():
            if running is not None and _serves(running, tracker, standing):
                return await _through(running, config, tracker)
            return await _directly(config, tracker, standing)
        case _:
            assert_never(tracker)


def _serves(running: RunningDaemon, tracker: TimeTrack | Goodtime, standing: Standing) -> bool:
    """Whether the daemon speaks to this tracker as a restart would."""
    if running.section("tracker") != msgspec.to_builtins(tracker):
        return False
    needed = NEEDED[_kind(tracker)]
    if running.has_another(PROXY_PASSWORD):
        return False
    try:
        found = [standing.secrets.find(name) for name in needed]
    except ConfigError:
        return False
    return all(
        running.has(name) and (standing.is_unseen(name) if secret is None else not running.has_another(name))
        for name, secret in zip(needed, found, strict=True)
    )


def _kind(tracker: TimeTrack | Goodtime) -> str:
    return str(tracker.__struct_config__.tag)


async def _through(running: RunningDaemon, config: Config, tracker: TimeTrack | Goodtime) -> list[CheckLine]:
    """Ask through the daemon; where nothing may leave now, tell what it knows."""
    line = _ThroughDaemon(running.place)
    try:
        if isinstance(tracker, TimeTrack):
            return await _timetrack(tracker, config, lambda request: line.send(request, {}))
        info = object_of(await asyncio.to_thread(control.ask, running.place, {"cmd": "tracker.info"}))
        known = _told(info, running)
        found = await _goodtime(tracker, config, line, known, await _employees(config, running))
        return _excused(found, throttled=line.throttled)
    except TrackerUnreachable as error:
        told = object_of(running.said["tracker"])
        success = f", and heard from it last at {told['last_success_at']}" if told["last_success_at"] else ""
        why = f"{error.message}; the clockd that runs says {told['state']}{success}"
        return [CheckLine("tracker", ok=told["state"] == "ok", found=why, hint=AGAIN)]
    except NoDaemon as error:
        return [CheckLine.failed("tracker", error)]


def _told(info: Mapping[str, Json], running: RunningDaemon) -> Account | goodtime_start.NotReady:
    """Take what the daemon knows of the account, or what it lacks."""
    if info.get("account") is not None:
        return msgspec.convert(info["account"], Account)
    told = object_of(running.said["tracker"])
    why = str(told["detail"] or "the clockd that runs is about to get to know the account")
    return goodtime_start.NotReady("paused", why, "tried again each minute, or at once with clockd sync")


async def _directly(config: Config, tracker: TimeTrack | Goodtime, standing: Standing) -> list[CheckLine]:
    secrets, running = standing.secrets, standing.running
    try:
        missing = any(secrets.find(name) is None for name in NEEDED[_kind(tracker)])
    except ConfigError:
        return [CheckLine("tracker", ok=False, found="not asked without its credentials")]
    if missing:
        return [CheckLine("tracker", ok=False, found=daemon.NO_KEY if isinstance(tracker, TimeTrack) else NO_LOGIN)]
    http = open_http(tracker, secrets)
    sparing = _Sparing(http, _own_place(tracker.requests_per_minute))
    if running is not None and running.section("tracker").get("url") == tracker.url:
        sparing.place = _place_of(running)
    try:
        if isinstance(tracker, TimeTrack):
            key, secret = secrets.need("timetrack-api-key"), secrets.need("timetrack-api-secret")
            headers = credentials(key.reveal(), secret.reveal())
            return await _timetrack(tracker, config, lambda request: sparing.send(request, headers))
        session = GoodtimeSession(
            sparing.send,
            lambda: find_login(secrets),
            token_header=tracker.token_header,
            token_prefix=tracker.token_prefix,
        )
        found = await _goodtime(tracker, config, session, None, await _employees(config, running))
        return _excused(found, throttled=sparing.throttled)
    except ClockdError as error:
        return [CheckLine.failed("tracker", error)]
    finally:
        await http.aclose()


async def _timetrack(
    tracker: TimeTrack, config: Config, send: Callable[[Request], Awaitable[Exchange]]
) -> list[CheckLine]:
    """Ask the cheapest question that shows whether it is reachable, the key right and the paths there."""
    codec = TimeTrackCodec(tracker.attendance_timer_path, tracker.project_timer_path, config.terminal.zone)
    now_local = datetime.now(UTC).astimezone(config.terminal.zone).replace(tzinfo=None, microsecond=0)
    sent_at = host.now_at()
    exchange = await send(codec.probe(now_local))
    received_at = host.now_at()
    findings = [_reached(tracker.url, whole(codec.rows(exchange)))]
    if isinstance(exchange, Reply) and (date := exchange.headers.get("date")):
        skew = skew_s(date, sent_at, received_at)
        report = None if skew is None else skew_report(skew)
        findings.append(CheckLine("tracker's clock", ok=report is None, found=report or "agrees with this one"))
    return findings


async def _goodtime(
    tracker: Goodtime,
    config: Config,
    session: goodtime_start.Session,
    known: Account | goodtime_start.NotReady | None,
    names: list[str],
) -> list[CheckLine]:
    """Go step by step: reachable, logged in, time type, users, time format, zone."""
    zone = config.terminal.zone
    now_local = datetime.now(UTC).astimezone(zone).replace(tzinfo=None, microsecond=0)
    of_keys = sorted({button.time_type for button in config.button if button.time_type})
    steps = await goodtime_start.check(session, tracker, zone, names, now_local, known, of_keys)
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
    return findings


def _excused(findings: list[CheckLine], *, throttled: bool) -> list[CheckLine]:
    """Say that nothing is known of the step at which there were too many requests, which is no failure of that."""
    if not throttled or findings[-1].ok:
        return findings
    found = f"{findings[-1].what.removeprefix('tracker: ')}: {USED_UP}"
    return [*findings[:-1], CheckLine("tracker: requests", ok=False, found=found, hint=AGAIN)]


@dataclass(slots=True)
class _ThroughDaemon:
    """Lets the daemon send, with its own login; in place of a session with the tracker."""

    place: Path
    throttled: bool = False

    async def extra(self) -> None:
        """Wait for nothing: the daemon counts."""

    async def exchange(self, request: Request) -> Exchange:
        """Send a request with the daemon's credentials.

        Raises:
            TrackerUnreachable: nothing may leave in time.
            NoDaemon: the daemon went away.
        """
        sent = {"cmd": "tracker.request", "request": msgspec.to_builtins(request)}
        exchange = exchange_of(await asyncio.to_thread(control.ask, self.place, sent))
        self.throttled |= isinstance(exchange, Reply) and says_throttled(exchange)
        return exchange

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Send a request; the headers are the daemon's own."""
        return await self.exchange(request)


@dataclass(slots=True)
class _Sparing:
    """Sends for a check, which lasts seconds: what was read once is not asked again."""

    http: Sender
    place: Callable[[], Awaitable[None]]
    """Waits for a place within the budget."""
    throttled: bool = False
    _known: dict[Request, Reply] = field(default_factory=dict)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Send a request, unless its answer is known."""
        if not request.writes and request in self._known:
            return self._known[request]
        await self.place()
        exchange = await self.http.send(request, headers)
        if isinstance(exchange, Reply):
            self.throttled |= says_throttled(exchange)
            if not request.writes and 200 <= exchange.status < 300:
                self._known[request] = exchange
        return exchange


def _place_of(running: RunningDaemon) -> Callable[[], Awaitable[None]]:
    """Return what takes a place in the daemon's budget."""

    async def place() -> None:
        await asyncio.to_thread(control.ask, running.place, {"cmd": "tracker.place"})

    return place


def _own_place(limit: int) -> Callable[[], Awaitable[None]]:
    """Return what waits until one more request is within the limit, counted from the first of this check on."""
    pace, ends_s = Pace.of(limit), list[float]()

    async def place() -> None:
        now_s = host.boottime_s()
        at_s = next_send_s(pace, ends_s, 0, None, now_s, urgent=True) or now_s
        await asyncio.sleep(at_s - now_s)
        ends_s.append(at_s + sends.LONGEST_S)

    return place


async def _employees(config: Config, running: RunningDaemon | None) -> list[str]:
    """Whom our badges belong to: as the daemon says, which holds the store, or as the store says when there is none."""
    told: Json = []
    try:
        if running is not None:
            told = await asyncio.to_thread(control.ask, running.place, {"cmd": "badges"})
        elif config.terminal.database.exists():
            async with daemon.open_look(config) as office:
                told = list(await office.badges.listed())
    except (ClockdError, OSError):
        return []
    return sorted(
        {str(badge["username"]) for badge in told if isinstance(badge, dict)} if isinstance(told, list) else ()
    )


def _reached(url: str, verdict: wire.LookVerdict) -> CheckLine:
    match verdict:
        case wire.Rows():
            return CheckLine("tracker", ok=True, found=f"{url} answers, the key is right")
        case wire.NotApplied(why=why):
            hint = "network, tracker.url, or its own trouble"
            return CheckLine("tracker", ok=False, found=f"{url}: {why}", hint=hint)
        case wire.Paused(reason=reason, why=why):
            return CheckLine("tracker", ok=False, found=f"{reason}: {why}")
        case wire.Throttled():
            return CheckLine("tracker: requests", ok=False, found=USED_UP, hint=AGAIN)
        case wire.Forbidden(why=why):
            return CheckLine("tracker", ok=False, found=f"refused: {why}", hint="check the rights of the key")
