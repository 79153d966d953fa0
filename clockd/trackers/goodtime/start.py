"""Getting to know a Goodtime account: before the first write, and for `clockd check`.

    reachable -> logged in -> time type -> users -> time format -> zone

Only reads. As long as one of the needed steps is open, nothing may be written (`NotReady`), and nothing is lost: the
punches wait in the outbox. Reads with a made-up time format are harmless, writes are not; so the format of `start` and
`end` is found by trying, the format of `starttime` and `endtime` is taken from an entry that exists.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from clockd.config import Goodtime
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import Exchange, Forbidden, Paused, Request, same_user
from clockd.trackers.goodtime.format import Learned, find_format, quoted
from clockd.trackers.goodtime.search import (
    ASKED,
    CHECKING,
    WAITING,
    Effort,
    Gathered,
    NotReady,
    Users,
    not_ready,
)
from clockd.trackers.goodtime.session import GoodtimeSession, SendWith
from clockd.trackers.goodtime.wire import calls
from clockd.trackers.goodtime.wire.calls import Named
from clockd.trackers.goodtime.wire.codec import Account
from clockd.trackers.goodtime.wire.times import offset_in

__all__ = ["ASKED", "WAITING", "CheckStep", "Effort", "Gathered", "NotReady", "Ready", "check", "prepare"]


class Session(Protocol):
    """What sends for `check`: a `GoodtimeSession`, or somebody who has one."""

    @property
    def send(self) -> SendWith:
        """Sends a request as it is."""
        ...

    @property
    def extra(self) -> Callable[[], Awaitable[None]]:
        """Waits for a place in the budget."""
        ...

    async def exchange(self, request: Request) -> Exchange:
        """Send a request with a login."""
        ...


StepState = Literal["ok", "failed", "unknown"]
"""How a step of `clockd check` went."""


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One line of `clockd check`."""

    name: str
    """The name says what was looked at."""
    state: StepState
    """The state is *unknown* when nothing is wrong as far as can be seen, and a person should look at the detail."""
    detail: str
    """The detail says what was found."""
    hint: str = ""
    """The hint says what to do; it is empty when there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The account is known well enough to be written to."""

    account: Account
    """What is known of it."""


async def prepare(
    session: GoodtimeSession,
    config: Goodtime,
    zone: ZoneInfo,
    usernames: Sequence[str],
    now_local: datetime,
    effort: Effort = WAITING,
    gathered: Gathered | None = None,
) -> Ready | NotReady:
    """Get to know the account, with as few reads as possible.

    Args:
        session: sends the reads.
        config: time type and time format as configured.
        zone: the terminal's.
        usernames: our employees.
        now_local: the terminal's wall clock; the days before are looked at.
        effort: what this try may cost, besides time types and users.
        gathered: what the tries before came to; this one goes on from there.
    """
    study = _Study(session, config, zone, tuple(usernames), now_local, effort, gathered or Gathered())
    found = await study.needed()
    if isinstance(found, NotReady):
        return found
    return Ready(Account(found.time_type, found.learned.form, found.learned.look_form, found.time_types))


async def check(
    session: Session,
    config: Goodtime,
    zone: ZoneInfo,
    usernames: Sequence[str],
    now_local: datetime,
    known: Account | NotReady | None = None,
    of_keys: Sequence[str] = (),
) -> tuple[CheckStep, ...]:
    """Go through all steps for a person to read; ends at the first one without which the next make no sense.

    Args:
        session: sends the reads.
        config: as for `prepare`.
        zone: as for `prepare`.
        usernames: as for `prepare`.
        now_local: as for `prepare`.
        known: what a terminal that runs has learned of the account, or still lacks; its time format is then not looked
            for a second time.
        of_keys: the time types that keys of the terminal name.
    """
    study = _Study(session, config, zone, tuple(usernames), now_local, CHECKING, Gathered(), known, of_keys)
    if await study.reachable() and await study.logged_in():
        found = await study.needed()
        if isinstance(found, _Needed):
            study.compare_zones(found.learned)
    return tuple(study.steps)


@dataclass(frozen=True, slots=True)
class _Needed:
    """All without which nothing may be written."""

    time_type: Named
    """The time type that attendance is booked on."""
    time_types: tuple[Named, ...]
    """All of them."""
    learned: Learned
    """How the account writes times."""


@dataclass(slots=True)
class _Study:
    """One walk through the steps; the arguments are those of `prepare`."""

    session: Session
    config: Goodtime
    zone: ZoneInfo
    usernames: tuple[str, ...]
    now_local: datetime
    effort: Effort
    gathered: Gathered
    known: Account | NotReady | None = None
    of_keys: Sequence[str] = ()
    time_types: tuple[Named, ...] = ()
    """All that the account has, once they were read."""
    steps: list[CheckStep] = field(default_factory=list)
    """The steps that were taken so far, for a person to read."""

    async def needed(self) -> _Needed | NotReady:
        """Take the steps without which nothing may be written, up to the first that fails."""
        time_type = await self._find_time_type()
        if isinstance(time_type, NotReady):
            return time_type
        users = await self._list_users()
        if isinstance(users, NotReady):
            return users
        learned = await self._find_format(users)
        return learned if isinstance(learned, NotReady) else _Needed(time_type, self.time_types, learned)

    # --- reachable, logged in -----------------------------------------------------------------------------------

    async def reachable(self) -> bool:
        """Whether Goodtime is there at all, without login."""
        await self.session.extra()
        found = calls.read_hello(await self.session.send(calls.hello(), {}))
        if isinstance(found, str):
            self._step("reachable", "ok", f"{self.config.url} says {found[:40]!r}")
            return True
        failed = not_ready(found)
        self._step("reachable", "failed", failed.reason, failed.hint)
        return False

    async def logged_in(self) -> bool:
        """Whether the login works."""
        found = calls.read_hello(await self._ask(calls.secured_hello()))
        if isinstance(found, str):
            self._step("logged in", "ok", f"says {found[:40]!r}")
            return True
        failed = not_ready(found)
        self._step("logged in", "failed", failed.reason, failed.hint)
        return False

    # --- time type ----------------------------------------------------------------------------------------------

    async def _find_time_type(self) -> Named | NotReady:
        found = calls.read_named(await self._ask(calls.timetypes()))
        if not isinstance(found, tuple):
            failed = not_ready(found)
            if isinstance(found, Paused) and found.reason == "path" and await self._is_version_1():
                failed = NotReady(
                    "paused",
                    "this Goodtime speaks version 1.1 of the interface only; clockd needs time-v2.1",
                    "ask Goodtime to switch version 2.1 on for the account",
                )
            return self._failed("time type", failed)
        picked = calls.pick(self.config.time_type, found)
        if isinstance(picked, str):
            hint = "make one in Goodtime"
            if found:
                hint = sentence("write into [tracker]: time_type = {name}", name=quoted(found[0].name))
            reason = sentence("of Goodtime's time types {found}", found=phrase(picked))
            return self._failed("time type", NotReady("paused", reason, hint))
        self._step("time type", "ok", f"{picked.name} ({picked.id})")
        self.time_types = found
        self._find_those_of_keys()
        return picked

    def _find_those_of_keys(self) -> None:
        """Look for the time types of the keys; one that is missing concerns those alone who press that key."""
        for wanted in self.of_keys:
            picked = calls.pick(wanted, self.time_types)
            if isinstance(picked, Named):
                self._step("time type of a key", "ok", f"{picked.name} ({picked.id})")
            else:
                hint = "make it in Goodtime, or write another into the [[button]]: until then its punches are held"
                self._step("time type of a key", "failed", f"of Goodtime's time types {picked}", hint)

    async def _is_version_1(self) -> bool:
        return isinstance(calls.read_named(await self._ask(calls.OLD_TIME_CATEGORIES)), tuple)

    # --- users --------------------------------------------------------------------------------------------------

    async def _list_users(self) -> Users | NotReady:
        found = calls.read_users(await self._ask(calls.users()))
        if isinstance(found, Forbidden):
            self._step("users", "unknown", "this login may not list the users", "see that each badge's e-mail is right")
            return self._whom_to_read(self.usernames)
        if not isinstance(found, tuple):
            return self._failed("users", not_ready(found))
        unknown = [user for user in self.usernames if not any(same_user(user, other) for other in found)]
        if unknown:
            hint = "a badge's username must be the person's login e-mail in Goodtime (clockd badges list)"
            self._step("users", "failed", f"not in Goodtime: {', '.join(unknown)}", hint)
        else:
            self._step("users", "ok", f"{len(self.usernames)} of ours among {len(found)}")
        return self._whom_to_read(found)

    def _whom_to_read(self, listed: tuple[str, ...]) -> Users:
        """Put the users into the same order each time, whatever that of Goodtime's list is; the spelling is its own."""
        ours = tuple(user for our in self.usernames for user in listed if same_user(user, our))
        return Users(ours, tuple(sorted(user for user in listed if user not in ours)))

    # --- time format --------------------------------------------------------------------------------------------

    async def _find_format(self, users: Users) -> Learned | NotReady:
        match self.known:
            case Account(form=form, look_form=look_form):
                self._step("time format", "ok", f"{form.text}, says the clockd that runs")
                return Learned(form, look_form)
            case NotReady() as lacking:
                return self._failed("time format", lacking)
            case None:
                pass
        wanted = self.config.time_format
        found = await find_format(self._ask, wanted, self.zone, users, self.now_local, self.effort, self.gathered)
        if isinstance(found, NotReady):
            return self._failed("time format", found)
        source = f"learned from {found.sample!r}" if wanted == "auto" else "as configured"
        if found.sample is not None and not found.form.fits(found.sample):
            source += f", though an entry begins at {found.sample!r}"
        self._step("time format", "ok", f"{found.form.text}, {source}")
        return found

    # --- zone ---------------------------------------------------------------------------------------------------

    def compare_zones(self, learned: Learned) -> None:
        """Say what can be known of the account's zone: where times carry no offset, only a person can compare."""
        entry, sample, key = learned.entry, learned.sample, self.zone.key
        if entry is None:
            self._step("zone", "unknown", f"no entry to compare; terminal.time_zone is {key}", _COMPARE)
            return
        shown = f"the entry of {entry.username} that begins at {sample!r} is read as {entry.from_local:%d %b %H:%M}"
        if entry.to_local is None and entry.from_local > self.now_local + timedelta(minutes=5):
            hint = "make terminal.time_zone and the time zone in Goodtime's settings the same"
            self._step("zone", "failed", f"{shown}, runs, and lies in the future", hint)
            return
        theirs, ours = offset_in(sample), self.zone.utcoffset(entry.from_local)
        if theirs is None or learned.form.utc:
            self._step("zone", "unknown", f"{shown} in {key}", _COMPARE)
        elif theirs == ours:
            self._step("zone", "ok", f"{shown} in {key}, with the same offset")
        else:
            self._step("zone", "failed", f"{shown} in {key}: the account has another zone", _COMPARE)

    # --- small parts --------------------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> Exchange:
        await self.session.extra()
        return await self.session.exchange(request)

    def _step(self, name: str, state: StepState, detail: str, hint: str = "") -> None:
        self.steps.append(CheckStep(name, state, detail, hint))

    def _failed(self, name: str, failed: NotReady) -> NotReady:
        self._step(name, "failed", failed.reason, failed.hint)
        return failed


_COMPARE = "compare with what Goodtime's page shows; it must be the same"
