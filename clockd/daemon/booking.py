"""Everything that speaks to a tracker, made from the configuration."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Protocol

from clockd.config import Config, Goodtime, NoTracker, Secrets, TimeTrack
from clockd.core import wire
from clockd.core.model import Project
from clockd.core.planning.plan import Policy
from clockd.core.sentence import advised
from clockd.core.wire import Exchange, NotSent, Position, Request
from clockd.daemon.opening import Core
from clockd.errors import ConfigError
from clockd.flow.board import Board
from clockd.flow.line import Line
from clockd.flow.nightly import Nightly
from clockd.flow.project_lists import ProjectLanguage, ProjectLists, ProjectPage, Unlisted
from clockd.flow.project_timers import ProjectTimers
from clockd.flow.reconcile import Reconcile
from clockd.flow.sync import Sync
from clockd.store import badges, outbox
from clockd.trackers.goodtime import start as goodtime_start
from clockd.trackers.goodtime.session import NO_LOGIN, GoodtimeSession, Login
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, calls
from clockd.trackers.http import Http
from clockd.trackers.timetrack import TimeTrackCodec, credentials, projects

PREPARE_EVERY_S = 60.0
"""How many seconds pass between two tries to get to know an account."""
KEY_LOOKED_UP_EVERY_S = 1.0
"""How many seconds pass until it is seen again whether the credentials are other ones than at the last try."""


class Sender(Protocol):
    """Sends requests to one tracker, as `trackers.http.Http` does."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Send one request with these credentials, and wait for its whole reply."""
        ...

    async def aclose(self) -> None:
        """End what is under way."""
        ...


def open_http(tracker: TimeTrack | Goodtime, secrets: Secrets) -> Sender:
    """Return what sends over the network, on the way that the configuration names."""
    return Http(
        tracker.url,
        timeout_s=tracker.timeout_s,
        proxy=tracker.proxy or None,
        proxy_password=lambda: secrets.find("tracker-proxy-password"),
        ca=Path(tracker.ca) if tracker.ca else None,
    )


def _as_configured(policy: Policy) -> Policy:
    return policy


@dataclass(frozen=True, slots=True)
class Means:
    """The parts of booking that a test in virtual time replaces."""

    sender: Callable[[TimeTrack | Goodtime, Secrets], Sender] = open_http
    """Returns what sends to a tracker."""
    jitter: Callable[[], float] = random.random
    """Returns a random number in [0, 1), for the back-off."""
    policy: Callable[[Policy], Policy] = _as_configured
    """Changes the policy that the configuration makes; for negative controls of the tests."""


THE_REAL = Means()


@dataclass(frozen=True, slots=True)
class Loops:
    """The loops that run as soon as the account is known."""

    sync: Sync
    reconcile: Reconcile
    nightly: Nightly

    def renew(self, codec: wire.Codec, policy: Policy) -> None:
        """Go on in this language and with this policy."""
        self.sync.codec = self.reconcile.codec = self.nightly.codec = codec
        self.sync.policy = self.nightly.policy = policy


@dataclass(frozen=True, slots=True)
class NotKnownYet:
    """An account of which too little is known: nobody can ask it for entries or write to it, so no loop exists."""

    policy: Policy
    """How the tracker is served, as far as the configuration says."""
    compose: Callable[[wire.Codec, Policy], Loops]
    """Makes the loops once there is a codec."""

    def learned(self, codec: wire.Codec, policy: Policy) -> "Known":
        """Return the account as it is known from now on, with new loops."""
        return Known(policy, codec, self.compose(codec, policy))


@dataclass(frozen=True, slots=True)
class Known:
    """An account that can be asked and written to."""

    policy: Policy
    codec: wire.Codec
    loops: Loops

    def learned(self, codec: wire.Codec, policy: Policy) -> "Known":
        """Return the account as it is known from now on; its loops go on with that."""
        self.loops.renew(codec, policy)
        return Known(policy, codec, self.loops)


@dataclass(slots=True)
class Booking:
    """Everything that speaks to the tracker."""

    line: Line
    board: Board
    http: Sender
    account: NotKnownYet | Known
    """The one place that says what is known of the account."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """Gets to know the account before anything is written, and again when its time type is gone; None when there is
    nothing to find out.
    """
    try_login: Callable[[], None] = lambda: None
    """Lets a login be tried at once after one was refused; does nothing where there is no login."""
    prepare_now: Callable[[], None] = lambda: None
    """Lets the account be got to know at once, with more reads than by itself, where that waits for its next try."""
    lists: ProjectLists | None = None
    """Reads the tracker's projects; None where no key pages through them."""
    delivered: Callable[[int], None] = lambda seq: None
    """Told the seq of each punch that is now proved to be booked."""
    _learned: asyncio.Event = field(default_factory=asyncio.Event)

    def learn(self, codec: wire.Codec, policy: Policy) -> None:
        """Go on with an account that is known well enough to be written to, or is known anew."""
        self.account = self.account.learned(codec, policy)
        self._learned.set()

    def wake(self) -> None:
        """Let sync look at the outbox soon: something new is in it."""
        self.board.news.set()

    def look_anew(self, username: str) -> None:
        """Let nothing more be sent for an employee on what the tracker showed before: a person changed something."""
        self.board.ask_anew(username, self.line.now_s())

    def try_now(self) -> None:
        """Try at once whatever waits, because a person asks; while the tracker throttles us, with one request."""
        self.try_login()
        self.prepare_now()
        self.line.try_now()

    @property
    def runs(self) -> bool:
        """Whether the account is known, so that sync runs."""
        return isinstance(self.account, Known)

    @property
    def rounds(self) -> int:
        """How many rounds sync has begun, as a sign of life."""
        return self.account.loops.sync.progress if isinstance(self.account, Known) else 0

    @property
    def resting(self) -> int:
        """How many punches wait for something else than the tracker, as far as sync has looked."""
        return self.account.loops.sync.resting if isinstance(self.account, Known) else 0

    def tasks(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return what has to run, by name; each loop begins when the account is known."""
        prepare = [] if self.prepare is None else [("prepare", self.prepare)]
        lists = [] if self.lists is None else [("projects", self._projects)]
        return [*prepare, ("sync", self._sync), ("reconcile", self._reconcile), ("nightly", self._nightly), *lists]

    async def _sync(self) -> None:
        await (await self._loops()).sync.run()

    async def _reconcile(self) -> None:
        await (await self._loops()).reconcile.run()

    async def _nightly(self) -> None:
        await (await self._loops()).nightly.run()

    async def _projects(self) -> None:
        assert self.lists is not None
        await self._loops()
        await self.lists.run()

    async def _loops(self) -> Loops:
        while not isinstance(self.account, Known):
            await self._learned.wait()
        return self.account.loops


@dataclass(slots=True)
class ApiKey:
    """TimeTrack's credentials, looked up anew for each request; remembers which ones were used last."""

    secrets: Secrets
    http: Sender
    problem: str = ""
    """Why there are no credentials; empty before they were first looked up."""
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


async def _open_timetrack(core: Core, tracker: TimeTrack, secrets: Secrets, means: Means) -> Booking:
    http = means.sender(tracker, secrets)
    key = ApiKey(secrets, http)
    zone = core.config.terminal.zone
    codec = TimeTrackCodec(tracker.attendance_timer_path, tracker.project_timer_path, zone, _position(core.config))
    policy = means.policy(timetrack_policy(tracker, core.config))
    board = _board(policy)
    line = Line(
        core.store,
        key.send,
        core.read_clock,
        tracker.requests_per_minute,
        jitter=means.jitter,
        bells=(board.news, board.wished),
    )

    def compose(spoken: wire.Codec, served: Policy) -> Loops:
        reconcile = Reconcile(
            line,
            spoken,
            board,
            zone,
            everybody=True,
            patient_gap_s=tracker.quarantine_s / 2,  # so much longer may doubt last, for half the looks
            projects=ProjectTimers(line, board, codec.get_project_timer, codec.project_timer),
            fresh_key=key.fresh,
        )
        return _with_reconcile(core, booking, reconcile, spoken, served)

    booking = Booking(line, board, http, NotKnownYet(policy, compose))
    booking.lists = _lists(core, line, _TIMETRACK_PROJECTS)
    booking.learn(codec, policy)
    await line.open()
    if not key.fresh():
        line.pause("credentials", key.problem)
    return booking


def _position(config: Config) -> Position | None:
    latitude, longitude = config.terminal.latitude, config.terminal.longitude
    return None if latitude is None or longitude is None else Position(latitude, longitude)


def _board(policy: Policy) -> Board:
    return Board(longest=timedelta(seconds=policy.max_shift_s), local_filter=policy.local_filter)


def _with_reconcile(core: Core, booking: Booking, reconcile: Reconcile, codec: wire.Codec, policy: Policy) -> Loops:
    """Make the loops that are the same for both trackers, beside the one that is not."""
    store, line, zone = core.store, booking.line, core.config.terminal.zone
    sync = Sync(store, line, codec, policy, booking.board, delivered=lambda seq: booking.delivered(seq))
    nightly = Nightly(store, line, reconcile, codec, policy, zone, minute=core.tag % 60)
    return Loops(sync, reconcile, nightly)


def _lists(core: Core, line: Line, language: ProjectLanguage) -> ProjectLists | None:
    """Return what reads the tracker's projects; None where no key pages through them."""
    if not any(button.pages for button in core.config.button):
        return None
    return ProjectLists(line, core.store, core.door.account, language)


def _timetrack_page(exchange: Exchange) -> ProjectPage | Unlisted:
    found = projects.read_page(exchange)
    if not isinstance(found, projects.ProjectRows):
        return found
    rows = tuple(Project(row.client, row.name) for row in found.projects if row.enabled is not False)
    return ProjectPage(rows, found.last)


_TIMETRACK_PROJECTS = ProjectLanguage(lambda whose, page: projects.search(page=page), _timetrack_page, own=False)
"""TimeTrack's projects are the account's; who may book on which, its documents do not say."""


def _goodtime_page(exchange: Exchange) -> ProjectPage | Unlisted:
    found = calls.read_named(exchange)
    if not isinstance(found, tuple):
        return found
    names = Counter(each.name for each in found if each.name)
    return ProjectPage(tuple(Project("", name) for name, count in names.items() if count == 1), last=True)


_GOODTIME_PROJECTS = ProjectLanguage(lambda whose, page: calls.projects(whose), _goodtime_page, own=True)
"""Goodtime says which projects are whose. A name that two of them have names none, so it is not offered."""


async def open_booking(core: Core, secrets: Secrets, means: Means = THE_REAL) -> Booking | None:
    """Make everything for the configured tracker; None when there is none."""
    match core.config.tracker:
        case TimeTrack() as tracker:
            return await _open_timetrack(core, tracker, secrets, means)
        case Goodtime() as tracker:
            return await _open_goodtime(core, tracker, secrets, means)
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
    """Add to a policy which entries of this account can be the work we book, and what its times can say."""
    known = {account.time_type.id, account.time_type.name}
    time_types = policy.time_types | known  # we booked on those of before
    named = dict(policy.named_types)
    for each in account.time_types:
        for name in (each.id.casefold(), each.name.casefold()):
            named[name] = named.get(name, frozenset()) | {each.id, each.name}
    return replace(policy, time_types=time_types, named_types=named, says_offset=account.form.says_offset)


def find_login(secrets: Secrets) -> Login | None:
    """Look Goodtime's credentials up, anew at each call; None when there are none that can be used."""
    try:
        email, password = secrets.find("goodtime-login-email"), secrets.find("goodtime-api-password")
    except ConfigError:  # taps go on without the tracker
        return None
    return Login(email.reveal(), password) if email and password else None


def why_no_login(secrets: Secrets) -> str:
    """Say why Goodtime's credentials cannot be used: which one is no text, or that they are missing."""
    try:
        secrets.find("goodtime-login-email")
        secrets.find("goodtime-api-password")
    except ConfigError as error:
        return str(error)
    return NO_LOGIN


async def _open_goodtime(core: Core, tracker: Goodtime, secrets: Secrets, means: Means) -> Booking:
    zone = core.config.terminal.zone
    http = means.sender(tracker, secrets)
    policy = means.policy(goodtime_policy(tracker, core.config.rules.max_shift_h, zone))
    board = _board(policy)

    async def exchange(request: Request) -> Exchange:
        return await session.exchange(request)

    line = Line(
        core.store,
        exchange,
        core.read_clock,
        tracker.requests_per_minute,
        jitter=means.jitter,
        bells=(board.news, board.wished),
        counted_below=True,
    )

    async def send(request: Request, headers: Mapping[str, str]) -> Exchange:
        return await line.counted(lambda: http.send(request, headers))

    session = GoodtimeSession(
        send,
        lambda: find_login(secrets),
        why_no_login=lambda: why_no_login(secrets),
        token_header=tracker.token_header,
        token_prefix=tracker.token_prefix,
    )
    asked = asyncio.Event()

    def compose(codec: wire.Codec, policy: Policy) -> Loops:
        reconcile = Reconcile(booking.line, codec, board, zone, everybody=False, fresh_key=session.fresh)
        return _with_reconcile(core, booking, reconcile, codec, policy)

    booking = Booking(line, board, http, NotKnownYet(policy, compose), try_login=session.retry, prepare_now=asked.set)

    async def prepare() -> None:
        while True:
            session.type_lost.clear()
            attempt = partial(_prepare, core, tracker, session, booking, goodtime_start.Gathered())
            await until_prepared(attempt, lambda: find_login(secrets), asked)
            await session.type_lost.wait()

    booking.prepare = prepare
    booking.lists = _lists(core, line, _GOODTIME_PROJECTS)
    await line.open()
    return booking


async def until_prepared(
    attempt: Callable[[bool], Awaitable[bool]], find: Callable[[], Login | None], asked: asyncio.Event
) -> None:
    """Try at a slow pace until it works; and once at once when there are other credentials, or somebody asks.

    The credentials that were tried are remembered here. The session remembers those of its last login, but as long as a
    token is good it does not log in, and would call the same change new for ever.

    Args:
        attempt: tries once, is told whether somebody asked for it, and returns whether it worked.
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
            booking.learn(GoodtimeCodec(account, zone, core.door.name), with_account(booking.account.policy, account))
            line.well()
            return True
        case goodtime_start.NotReady(state="offline", reason=reason):
            line.offline(reason)
        case goodtime_start.NotReady(reason=reason, hint=hint):
            line.pause("setup", advised(reason, hint) if hint else reason)
    return False
