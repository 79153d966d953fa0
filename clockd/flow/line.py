"""The line to the tracker: its budget, its state of health, and the one place where a request leaves.

`Line` decides *when* (budget, back-off, pause), never *what*. Everything that is sent is noted on disk first, together
with what the caller wants to be on disk before the first byte leaves.
"""

import asyncio
import logging
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from clockd.core.body import READ_BYTES, document_of, in_pieces
from clockd.core.budget import WINDOW_S, Pace, next_send_s, retry_after_s
from clockd.core.model import Reading
from clockd.core.pieces import Pieces
from clockd.core.sentence import phrase, sentence
from clockd.core.timebase import skew_s
from clockd.core.wire import (
    BodyRead,
    Exchange,
    NoJson,
    NotApplied,
    NotSent,
    Paused,
    Reply,
    Request,
    Throttled,
    Unknown,
)
from clockd.errors import TrackerUnreachable
from clockd.store import Database, sends
from clockd.store.thread import Store

log = logging.getLogger(__name__)

V = TypeVar("V")
Transport = Callable[[Request], Awaitable[Exchange]]
"""Sends one request with the credentials of this moment; it raises for no trouble of the network."""

LONGEST_BACKOFF_S = 40.0
"""The longest back-off; with its jitter less than 60 s, so that the backlog moves soon after the link is back."""
PROBE_EVERY_S = 300.0
"""While the tracker refuses us as a whole, one read in this time asks whether it still does."""
ON_THE_WAY = ("redirect", "path", "portal")
"""Reasons of a pause that may lie on the way, such as a network that wants a login: these are probed more often."""
ADMIN_WAIT_S = 45.0
"""How many seconds an admin's request may wait for a place on the line."""
IN_FLIGHT = 4
"""How many requests may be under way at once, so that one slow reply holds up one employee only."""


class LineState(StrEnum):
    """How the tracker as a whole is (`tracker.state` in `clockd status --json`)."""

    OK = "ok"
    OFFLINE = "offline"
    PAUSED = "paused"


@dataclass(slots=True)
class Line:
    """One tracker, one key.

    Args:
        store: where sends are noted.
        transport: sends.
        read_clock: all clocks at once.
        limit: requests in any sliding 60 s.
        jitter: random number in [0, 1), for the back-off.
    """

    store: Store
    transport: Transport
    read_clock: Callable[[], Reading]
    limit: int
    jitter: Callable[[], float] = random.random
    counted_below: bool = False
    """Whether the transport may need several requests for one exchange (a login), and counts each by `counted`."""
    state: LineState = LineState.OK
    detail: str | None = None
    last_success_at: datetime | None = None
    skew_s: float | None = None
    """Our clock minus the tracker's, from its `Date` header; evidence, not a source of time."""
    changed: Callable[[], None] = lambda: None
    """Called when `state` or `detail` changed."""
    dated: Callable[[str, Reading, Reading], None] = lambda header, sent, received: None
    """Given each reply's `Date`, with the readings before and after."""
    asked: int = 0
    """How often a person asked to try at once."""
    failed: int = 0
    """How many requests came to nothing because the tracker, or the way to it, was out of order."""
    failed_s: float = -math.inf
    """CLOCK_BOOTTIME when the tracker last kept everybody waiting: a second request in a row came to nothing, or we
    were refused as a whole. A request that fails alone holds the others up for some two seconds."""
    urgent: int = 0
    """How many tasks wait for the line with a person at the door; the backlog lets them go first."""
    reason: str = ""
    """Why the line is paused or offline, as one word; empty when all is well."""
    obstructed: bool = False
    """Whether the last request did not leave for a reason that lasts until a person ends it (`NotSent.lasts`)."""
    exchanges: int = 0
    """How many requests are over, whatever came of them: a sign that the line was tried."""
    bells: tuple[asyncio.Event, ...] = ()
    """Set when the line is free again, or its state changed."""
    _pace: Pace = field(init=False)
    _told_person: bool = False
    """Whether the log says that it needs a person."""
    _ends_s: list[float] = field(default_factory=list)
    _sent_s: list[float] = field(default_factory=list)
    _in_flight: int = 0
    _counting: int = 0
    _failures: int = 0
    _not_before_s: float = 0.0
    _asked_for: bool = False
    """Whether a person wants one request to leave although the tracker told us to wait."""

    def __post_init__(self) -> None:
        self._pace = Pace.of(self.limit)

    async def open(self) -> None:
        """Take up the budget where the last process left it."""
        reading = self.read_clock()
        now_us = round(reading.boottime_s * 1_000_000)
        self._ends_s = list(await self.store.run(lambda db: sends.ends_s(db, reading.boot_seq, now_us)))
        self._sent_s = list(await self.store.run(lambda db: sends.sent_s(db, reading.boot_seq, now_us)))

    def now_s(self) -> float:
        """Return CLOCK_BOOTTIME in seconds."""
        return self.read_clock().boottime_s

    def free_at_s(self, *, urgent: bool, asked: bool = False) -> float | None:
        """Say when the next request may leave; None: not before one in flight is over.

        Args:
            urgent: somebody stands at the door.
            asked: a person asks for just this request: a pause or a back-off does not hold it up.
        """
        now_s = self.now_s()
        self._pace = self._pace.risen(now_s)
        if self._in_flight >= IN_FLIGHT:
            return None
        last_s = self._sent_s[-1] if self._sent_s else None
        under_way = self._counting if self.counted_below else self._in_flight
        at_s = next_send_s(self._pace_at(now_s), self._ends_s, under_way, last_s, now_s, urgent=urgent)
        if at_s is None:
            return None
        if not urgent and self.urgent:
            at_s = max(at_s, now_s + 0.5)
        return at_s if asked else max(at_s, self._not_before_s)

    async def wait(self, until_s: float | None, bell: asyncio.Event) -> None:
        """Sleep until a time, or until the bell rings; the line rings all `bells` when it is free again."""
        # never quite zero: a clock that is a nanosecond short would make us turn on the spot
        timeout = None if until_s is None else max(0.002, until_s - self.now_s())
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await bell.wait()
        bell.clear()

    def ring(self) -> None:
        """Wake everybody who waits for the line."""
        for bell in self.bells:
            bell.set()

    async def exchange(self, request: Request, before: Callable[[Database], None] | None = None) -> Exchange:
        """Note the request (and what `before` writes) on disk, then send it.

        Raises:
            NotRecorded: the note could not be written; nothing was sent.
        """
        self._in_flight += 1
        try:
            if self.counted_below:
                if before is not None:
                    await self.store.run(before)
                exchange = await self.transport(request)
            else:
                exchange = await self._noted(lambda: self.transport(request), before)
        finally:
            self._in_flight -= 1
            self.exchanges += 1
            self.ring()
        self._reached(exchange)
        return exchange

    async def counted(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        """Send one of the requests that a transport needs for an exchange, when the budget allows it.

        Raises:
            NotRecorded: the note could not be written; nothing was sent.
        """
        while True:
            now_s = self.now_s()
            last_s = self._sent_s[-1] if self._sent_s else None
            at_s = next_send_s(self._pace_at(now_s), self._ends_s, self._counting, last_s, now_s, urgent=True)
            if at_s is not None and at_s <= now_s:
                break
            await asyncio.sleep(0.1 if at_s is None else min(1.0, at_s - now_s))
        self._counting += 1
        try:
            return await self._noted(send, None)
        finally:
            self._counting -= 1

    async def _noted(
        self, send: Callable[[], Awaitable[Exchange]], before: Callable[[Database], None] | None
    ) -> Exchange:
        reading = self.read_clock()
        self._sent_s = [*self._sent_s[-200:], reading.boottime_s]
        asked_for, self._asked_for = self._asked_for, False
        try:
            now_us = round(reading.boottime_s * 1_000_000)
            await self.store.run(lambda db: _note(db, before, reading.boot_seq, now_us))
            sent = self.read_clock()
            exchange = await send()
            if send is not _at_once:
                self.obstructed = isinstance(exchange, NotSent) and exchange.lasts
            self._compare_clocks(sent, exchange)
            if asked_for and isinstance(exchange, Reply) and exchange.status < 400:
                self._pace = self._pace.thawed(self.now_s())
        finally:
            now_s = self.now_s()
            self._ends_s = [end_s for end_s in self._ends_s if end_s > now_s - 2 * WINDOW_S] + [now_s]
        if isinstance(exchange, Reply) and len(exchange.body) > READ_BYTES:
            return replace(exchange, document=BodyRead(await self._finish(in_pieces(exchange.body))))
        return exchange

    async def ask(self, request: Request) -> Exchange:
        """Send a request for an admin: within the budget, before the backlog.

        Raises:
            TrackerUnreachable: the line is not free within a reasonable time; says why.
            NotRecorded: the note on disk failed; nothing was sent.
        """
        async with self._turn():
            return await self.exchange(request)

    async def lend(self) -> None:
        """Let somebody else send one request, to the same tracker with credentials of their own: it is counted as ours.

        Raises:
            TrackerUnreachable, NotRecorded: as for `ask`.
        """
        async with self._turn():
            await self._noted(_at_once, None)
            # we are not told when it is over
            self._ends_s[-1] += sends.LONGEST_S

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a place on the line, as somebody whom a person waits for."""
        bell = asyncio.Event()
        self.bells = (*self.bells, bell)
        self.urgent += 1
        give_up_s = self.now_s() + ADMIN_WAIT_S
        try:
            while (free_s := self.free_at_s(urgent=True, asked=True)) is None or free_s > self.now_s():
                if (free_s or 0.0) > give_up_s or self.now_s() > give_up_s:
                    why = self.detail or "too many requests in the last minute"
                    raise TrackerUnreachable(
                        sentence("not sent: {why}", why=phrase(why)),
                        hint="nothing was changed; clockd status tells more",
                    )
                await self.wait(free_s, bell)
            yield
        finally:
            self.urgent -= 1
            self.bells = tuple(other for other in self.bells if other is not bell)

    def read(self, how: Callable[[], V], exchange: Exchange, unread: Callable[[str], V]) -> tuple[V, bool]:
        """Let a codec read what came back at once, as the answer to a write.

        Args:
            how: reads it.
            exchange: what came back.
            unread: makes the verdict where a codec stumbles, which is a mistake of ours and ends nothing.

        Returns:
            What `how` says, and whether the tracker itself speaks (`is_answer`).
        """
        try:
            verdict = how()
        except Exception as mistake:  # noqa: BLE001 - whatever a network says, it ends no task
            verdict = unread(_stumbled(mistake))
        return verdict, is_answer(exchange)

    async def read_in_pieces(
        self, how: Callable[[], Pieces[V]], exchange: Exchange, unread: Callable[[str], V]
    ) -> tuple[V, bool]:
        """Let a codec read a list, which may be long: between two pieces of it a tap has its turn. Else as `read`."""
        try:
            verdict = await self._finish(how())
        except Exception as mistake:  # noqa: BLE001 - the same
            verdict = unread(_stumbled(mistake))
        return verdict, is_answer(exchange)

    async def _finish(self, work: Pieces[V]) -> V:
        """Do all pieces, and let what is done for a tap go first."""
        while True:
            try:
                next(work)
            except StopIteration as done:
                found: V = done.value
                return found
            await self.store.give_way()

    def judge(self, verdict: object, exchange: Exchange, *, answered: bool | None = None) -> None:
        """Do what a verdict means for the line as a whole: pause it, slow it down, or note that all is well.

        Args:
            verdict: what a codec read; None for a read that was understood.
            exchange: what the codec read it in.
            answered: whether the tracker itself speaks, where `read` has told; else it is asked here.
        """
        match verdict:
            case Paused(reason=reason, why=why):
                self._pause(reason, why)
            case Throttled(retry_after=header):
                self._throttle(header)
            case Unknown() if isinstance(exchange, Reply):
                self._fail(
                    sentence("the tracker answered {status}", status=exchange.status)
                )  # 5xx, or a page instead of an answer
            case NotApplied(why=why) if isinstance(exchange, Reply) and not (
                is_answer(exchange) if answered is None else answered
            ):
                self._fail(why)  # the same for a read, or a network that wants a login
            case _:
                if isinstance(exchange, Reply):
                    self._well()

    def pause(self, reason: str, why: str) -> None:
        """Stop all sending until `resume` or a probe that goes well."""
        self._pause(reason, why)
        self.ring()  # whoever looks has a probe to make

    def resume(self) -> None:
        """Let a request leave at once: something changed, such as the key."""
        self._not_before_s = 0.0
        self.ring()

    def try_now(self) -> None:
        """Let one request leave at once, within our own budget: a person asks, whatever wait the tracker told us."""
        self._asked_for = self._pace.frozen_until_s > self.now_s()
        self.asked += 1
        self.resume()

    def still_paused(self, *, refused: bool) -> None:
        """Note that a probe was refused, or came back without an answer to what was asked."""
        wait_s = PROBE_EVERY_S if refused else LONGEST_BACKOFF_S
        self._not_before_s = max(self._not_before_s, self.now_s() + wait_s)

    @property
    def lacks_credentials(self) -> bool:
        """Whether it is key or password that keep the tracker out of reach."""
        return self.state is LineState.PAUSED and self.reason == "credentials"

    @property
    def needs_a_person(self) -> bool:
        """Whether the tracker stays out of reach until a person does something. It is tried again all the same."""
        if self.state is LineState.OFFLINE:
            return self.obstructed
        return self.state is LineState.PAUSED and self.reason != "throttled"

    @property
    def gap_s(self) -> float:
        """Seconds from one request to the next while the line is busy."""
        return WINDOW_S / self._pace.allowed

    def well(self) -> None:
        """End a pause that was made by `pause`: the tracker takes requests again."""
        self._well()
        self.ring()

    def offline(self, why: str) -> None:
        """Note that the tracker could not be asked, and back off."""
        self._fail(why)

    def sent_last_minute(self) -> int:
        """Return how many requests left in the last 60 s."""
        now_s = self.now_s()
        return sum(1 for sent_s in self._sent_s if sent_s > now_s - WINDOW_S)

    def _compare_clocks(self, sent: Reading, exchange: Exchange) -> None:
        """Compare the reply's `Date` with our clock."""
        header = exchange.headers.get("date") if isinstance(exchange, Reply) else None
        if header is None:
            return
        received = self.read_clock()
        trip = timedelta(seconds=received.boottime_s - sent.boottime_s)  # the clock may have been set meanwhile
        self.skew_s = skew_s(header, received.wall_at - trip, received.wall_at)
        self.dated(header, sent, received)

    def _pace_at(self, now_s: float) -> Pace:
        """Return the pace; without the silence after a 429, if a person wants one request to leave."""
        return self._pace.thawed(now_s) if self._asked_for else self._pace

    # --- health ---

    def _reached(self, exchange: Exchange) -> None:
        if isinstance(exchange, Reply):
            return
        self._fail(
            exchange.why if isinstance(exchange, NotSent) else sentence("no answer: {why}", why=phrase(exchange.why))
        )

    def _well(self) -> None:
        self._failures = 0
        self._not_before_s = 0.0
        self.last_success_at = self.read_clock().wall_at
        self._set(LineState.OK, None, "")

    def _fail(self, why: str) -> None:
        self._failures += 1
        self.failed += 1
        if self._failures > 1:
            self.failed_s = self.now_s()
        wait_s = min(LONGEST_BACKOFF_S, 2.0 ** min(self._failures, 10)) * (0.8 + 0.4 * self.jitter())
        self._not_before_s = max(self._not_before_s, self.now_s() + wait_s)
        if self.state is not LineState.PAUSED:
            self._set(LineState.OFFLINE, why, "offline")

    def _throttle(self, header: str | None) -> None:
        reading = self.read_clock()
        self.failed_s = reading.boottime_s
        wait_s = retry_after_s(header, reading.wall_at)
        self._pace = self._pace.throttled(reading.boottime_s, self.sent_last_minute(), wait_s)
        if self.state is LineState.PAUSED and self.reason != "throttled":
            return  # what a person has to mend is the harder reason
        until = reading.wall_at + timedelta(seconds=self._pace.frozen_until_s - reading.boottime_s)
        self._set(
            LineState.PAUSED,
            sentence(
                "throttled by the tracker until {until:%H:%M:%S} UTC: somebody else uses the same key; going on "
                "by itself",
                until=until,
            ),
            "throttled",
        )

    def _pause(self, reason: str, why: str) -> None:
        # the first refusal may answer a request that left with the key of before
        self.failed_s = self.now_s()
        soon = reason in ON_THE_WAY or (reason == "credentials" and self.state is not LineState.PAUSED)
        self._not_before_s = self.now_s() + (LONGEST_BACKOFF_S if soon else PROBE_EVERY_S)
        self._set(LineState.PAUSED, why, reason)

    def _set(self, state: LineState, detail: str | None, reason: str) -> None:
        if (state, detail) == (self.state, self.detail):
            return
        before = (self.state, self._told_person)
        self.state, self.detail, self.reason = state, detail, reason
        self._told_person = self.needs_a_person
        if (state, self._told_person) != before:  # once when it goes or gets worse, once when it is back
            log.log(
                logging.INFO if state is LineState.OK else logging.WARNING,
                "tracker: %s%s%s",
                state.value,
                f" ({detail})" if detail else "",
                "; this needs a person" if state is LineState.OFFLINE and self._told_person else "",
            )
        self.changed()


def is_answer(reply: Exchange) -> bool:
    """Whether the tracker itself speaks: with a refusal or JSON, and not with a 5xx or a page of the network."""
    if not isinstance(reply, Reply):
        return False
    if not 200 <= reply.status < 300:
        return 400 <= reply.status < 500
    return not isinstance(document_of(reply), NoJson)


def _stumbled(mistake: Exception) -> str:
    """Tell of a mistake of ours, and say why there is no verdict."""
    # not the traceback: it could show what was sent
    log.error("clockd made a mistake in reading a reply, please report it (%s)", _where(mistake))
    return f"clockd could not read the reply ({type(mistake).__name__})"


def _where(mistake: BaseException) -> str:
    """Say what went wrong and where, without a word of what was read."""
    place = mistake.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    at = "" if place is None else f" in {place.tb_frame.f_code.co_qualname}, line {place.tb_lineno}"
    return f"{type(mistake).__name__}{at}"


async def _at_once() -> Exchange:
    return NotSent("somebody else sends it")


def _note(db: Database, before: Callable[[Database], None] | None, boot_seq: int, now_us: int) -> None:
    if before is not None:
        before(db)
    sends.begin(db, boot_seq, now_us)
