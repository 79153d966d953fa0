"""Everything that speaks to a tracker, made from the configuration."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

from clockd.config import Config, Goodtime, NoTracker, Secrets, TimeTrack
from clockd.core import wire
from clockd.core.plan import Policy
from clockd.core.wire import Exchange, NotSent, Request
from clockd.daemon.opening import Core
from clockd.errors import ConfigError
from clockd.flow.board import Board
from clockd.flow.line import Line
from clockd.flow.nightly import Nightly
from clockd.flow.project_timers import ProjectTimers
from clockd.flow.reconcile import Reconcile
from clockd.flow.sync import Sync
from clockd.store import badges, outbox
from clockd.trackers import goodtime_start
from clockd.trackers.goodtime import Account, GoodtimeCodec
from clockd.trackers.goodtime_session import GoodtimeSession, Login
from clockd.trackers.http import Http
from clockd.trackers.timetrack import TimeTrackCodec, credentials

PREPARE_EVERY_S = 60.0
"""How often an account that is not understood yet is looked at again."""
KEY_LOOKED_UP_EVERY_S = 1.0
"""How often meanwhile the credentials are compared with those of the last try."""


@dataclass(slots=True)
class Booking:
    """Everything that speaks to the tracker."""

    line: Line
    board: Board
    sync: Sync
    reconcile: Reconcile
    nightly: Nightly
    http: Http
    prepare: Callable[[], Awaitable[None]] | None = None
    """Gets to know the account before anything is written, and anew when its time type is gone; None when there is
    nothing to find out.
    """
    prepared: asyncio.Event = field(default_factory=asyncio.Event)
    try_login: Callable[[], None] = lambda: None
    """Ends the rest after a refused login, where there is one."""

    def try_now(self) -> None:
        """A person asks: whatever rests or waits is tried at once. What throttles us is not asked sooner."""
        self.try_login()
        self.line.resume()

    @property
    def runs(self) -> bool:
        """Whether sync goes round already."""
        return self.prepare is None or self.prepared.is_set()

    def tasks(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return what has to run, by name."""
        loops = [("sync", self.sync.run), ("reconcile", self.reconcile.run), ("nightly", self.nightly.run)]
        if self.prepare is None:
            return list(loops)
        return [("prepare", self.prepare), *((name, self._later(run)) for name, run in loops)]

    def _later(self, run: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def when_prepared() -> None:
            await self.prepared.wait()
            await run()

        return when_prepared


@dataclass(slots=True)
class Key:
    """TimeTrack's credentials, looked up anew for each request; remembers which ones were used last."""

    secrets: Secrets
    http: Http
    problem: str = ""
    """Why there is none."""
    _used: tuple[str, str] | None = None

    async def send(self, request: Request) -> Exchange:
        """Send a request with the key of this moment."""
        pair = self._find()
        if pair is None:
            return NotSent(self.problem)
        self._used = pair
        return await self.http.send(request, credentials(*pair))

    def fresh(self) -> bool:
        """Whether there is another key than the one used last."""
        pair = self._find()
        return pair is not None and pair != self._used

    def _find(self) -> tuple[str, str] | None:
        try:
            key, secret = self.secrets.find("timetrack-api-key"), self.secrets.find("timetrack-api-secret")
        except ConfigError as error:  # taps go on without the tracker
            self.problem = str(error)
            return None
        self.problem = NO_KEY
        return (key.reveal(), secret.reveal()) if key and secret else None


NO_KEY = (
    "the credentials timetrack-api-key and timetrack-api-secret are missing: put them where README.md, “Secrets”, says"
)


def timetrack_policy(tracker: TimeTrack, config: Config) -> Policy:
    """Say how TimeTrack is served."""
    return Policy(
        timer=tracker.delivery == "timer",
        breaks_in_minutes=tracker.breaks == "minutes",
        max_shift_s=config.rules.max_shift_h * 3600,
        quarantine_s=tracker.quarantine_s,
    )


async def _open_timetrack(core: Core, tracker: TimeTrack, secrets: Secrets) -> Booking:
    http = Http(tracker.url, timeout_s=tracker.timeout_s)
    key = Key(secrets, http)
    zone = core.config.terminal.zone
    codec = TimeTrackCodec(tracker.attendance_timer_path, tracker.project_timer_path, zone)
    board = Board(longest=timedelta(hours=core.config.rules.max_shift_h))
    line = Line(
        core.store,
        key.send,
        core.read_clock,
        tracker.requests_per_minute,
        bells=(board.news, board.wished),
    )
    sync = Sync(core.store, line, codec, timetrack_policy(tracker, core.config), board)
    reconcile = Reconcile(
        line,
        codec,
        board,
        zone,
        everybody=True,
        patient_gap_s=tracker.quarantine_s / 2,  # so much longer may doubt last, for half the looks
        projects=ProjectTimers(line, board, codec.get_project_timer, codec.project_timer),
        fresh_key=key.fresh,
    )
    await line.open()
    if not key.fresh():
        line.pause("credentials", key.problem)
    nightly = Nightly(core.store, line, reconcile, codec, sync.policy, zone, minute=core.tag % 60)
    return Booking(line, board, sync, reconcile, nightly, http)


async def open_booking(core: Core, secrets: Secrets) -> Booking | None:
    """Make everything for the configured tracker; None when there is none."""
    match core.config.tracker:
        case TimeTrack() as tracker:
            return await _open_timetrack(core, tracker, secrets)
        case Goodtime() as tracker:
            return await _open_goodtime(core, tracker, secrets)
        case NoTracker():
            return None


# --- Goodtime ---------------------------------------------------------------------------------------------------


def goodtime_policy(tracker: Goodtime, max_shift_h: float, zone: tzinfo | None = None) -> Policy:
    """Say how Goodtime is served: closed intervals in whole minutes, one employee per look."""
    return Policy(
        timer=False,
        can_lock=True,
        can_stop=False,
        look_first=False,
        split_projects=True,
        whole_minutes=True,
        zone=zone,
        max_shift_s=max_shift_h * 3600,
        quarantine_s=tracker.quarantine_s,
    )


def with_account(policy: Policy, account: Account) -> Policy:
    """Add what is known of the account: which entries can be the work we book, and what its times can say."""
    known = {account.time_type.id, account.time_type.name}
    time_types = policy.time_types | known  # we booked on those of before
    return replace(policy, time_types=time_types, says_offset=account.form.says_offset)


def find_login(secrets: Secrets) -> Login | None:
    """Look Goodtime's credentials up, anew at each call; None when there are none that can be used."""
    try:
        email, password = secrets.find("goodtime-login-email"), secrets.find("goodtime-api-password")
    except ConfigError:  # `clockd check` says why; taps go on without the tracker
        return None
    return Login(email.reveal(), password) if email and password else None


class _Unprepared:
    """The codec of an account that is not known yet; nobody may ask it for anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"Goodtime's {name} was asked for before the account was known")


async def _open_goodtime(core: Core, tracker: Goodtime, secrets: Secrets) -> Booking:
    zone = core.config.terminal.zone
    http = Http(tracker.url, timeout_s=tracker.timeout_s)
    board = Board(longest=timedelta(hours=core.config.rules.max_shift_h))
    bells = (board.news, board.wished)
    line = Line(core.store, _nowhere, core.read_clock, tracker.requests_per_minute, bells=bells, counted_below=True)

    async def send(request: Request, headers: Mapping[str, str]) -> Exchange:
        return await line.counted(lambda: http.send(request, headers))

    session = GoodtimeSession(
        send, lambda: find_login(secrets), token_header=tracker.token_header, token_prefix=tracker.token_prefix
    )
    line.transport = session.exchange
    unprepared = _Unprepared()
    assert isinstance(unprepared, object)
    codec: wire.Codec = unprepared  # type: ignore[assignment]  # replaced before the loops start
    policy = goodtime_policy(tracker, core.config.rules.max_shift_h, zone)
    sync = Sync(core.store, line, codec, policy, board)
    reconcile = Reconcile(line, codec, board, zone, everybody=False, fresh_key=session.fresh)
    nightly = Nightly(core.store, line, reconcile, codec, sync.policy, zone, minute=core.tag % 60)
    asked = asyncio.Event()

    def try_login() -> None:
        session.retry()
        asked.set()

    booking = Booking(line, board, sync, reconcile, nightly, http, try_login=try_login)

    async def prepare() -> None:
        while True:
            session.type_lost.clear()
            attempt = partial(_prepare, core, tracker, session, booking, goodtime_start.Gathered())
            await until_prepared(attempt, lambda: find_login(secrets), asked)
            await session.type_lost.wait()

    booking.prepare = prepare
    await line.open()
    return booking


async def until_prepared(
    attempt: Callable[[bool], Awaitable[bool]], find: Callable[[], Login | None], asked: asyncio.Event
) -> None:
    """Try at a slow pace until it works; at once, though once only, when there are other credentials or somebody asks.

    What was tried is remembered here: as long as a token is good nobody logs in, so the session's own memory of the
    credentials stays behind and would call the same change new for ever.

    Args:
        attempt: one try, told whether somebody asked for it; whether it worked.
        find: looks the credentials up.
        asked: set when somebody asks.
    """
    loop = asyncio.get_running_loop()
    while True:
        somebody_asks = asked.is_set()
        asked.clear()
        tried = find()
        if await attempt(somebody_asks):
            return
        due_s = loop.time() + PREPARE_EVERY_S
        while not asked.is_set() and loop.time() < due_s and find() in (None, tried):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), KEY_LOOKED_UP_EVERY_S)


async def _prepare(
    core: Core,
    tracker: Goodtime,
    session: GoodtimeSession,
    booking: Booking,
    gathered: goodtime_start.Gathered,
    somebody_asks: bool,
) -> bool:
    """Find out what must be known before a write; what is missing is told, and nothing is lost meanwhile."""
    zone, line = core.config.terminal.zone, booking.line
    # whoever has no badge any more is closed at Goodtime as likely as not
    names = {badge.username for badge in await core.store.run(badges.all_badges)}
    names = names or set(await core.store.run(outbox.usernames))
    now_local: datetime = core.read_clock().wall_at.astimezone(zone).replace(tzinfo=None, microsecond=0)
    effort = goodtime_start.ASKED if somebody_asks else goodtime_start.WAITING
    found = await goodtime_start.prepare(session, tracker, zone, sorted(names), now_local, effort, gathered)
    match found:
        case goodtime_start.Ready(account=account):
            codec = GoodtimeCodec(account, zone)
            booking.sync.codec = booking.reconcile.codec = booking.nightly.codec = codec
            booking.sync.policy = booking.nightly.policy = with_account(booking.sync.policy, account)
            line.well()
            booking.prepared.set()
            return True
        case goodtime_start.NotReady(state="offline", reason=reason):
            line.offline(reason)
        case goodtime_start.NotReady(reason=reason, hint=hint):
            line.pause("setup", f"{reason}: {hint}" if hint else reason)
    return False


async def _nowhere(request: Request) -> Exchange:
    return NotSent("the tracker is not set up yet")
