"""Getting to know a Goodtime account: before the first write, and for `clockd check`.

    reachable -> logged in -> time type -> users -> time format -> zone

Only reads. As long as one of the needed steps is open, nothing may be written (`NotReady`), and nothing is lost: the
punches wait in the outbox. Reads with a made-up time format are harmless, writes are not; so the format of `start` and
`end` is found by trying, the format of `starttime` and `endtime` is taken from an entry that exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clockd.config import Goodtime
from clockd.core.wire import (
    Entry,
    Exchange,
    Forbidden,
    Json,
    Paused,
    Reply,
    Request,
    Rows,
    Throttled,
    same_user,
)
from clockd.trackers.goodtime import calls
from clockd.trackers.goodtime.calls import Named
from clockd.trackers.goodtime.codec import Account, look_request, read_entries, start_samples
from clockd.trackers.goodtime.reading import Failure, read_failure
from clockd.trackers.goodtime.times import BadFormat, TimeFormat, as_wall_clock, learn_format, offset_in, zone_in_doubt
from clockd.trackers.goodtime_session import GoodtimeSession

MOST_READS = 12
"""Entries of so many users are read at most to learn the time format."""
BACK = timedelta(days=31)
TRIED = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S%:z",
    "utc:%Y-%m-%dT%H:%M:%SZ",
    "epoch_ms",
    "%Y-%m-%dT%H:%M:%S.%L",
    "utc:%Y-%m-%dT%H:%M:%S.%LZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
"""How `start` and `end` are asked for, until Goodtime understands one of them."""

State = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of `clockd check`."""

    name: str
    state: State
    """unknown: nothing is wrong as far as can be seen, and a person should look at the detail."""
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The account is known well enough to be written to."""

    account: Account


@dataclass(frozen=True, slots=True)
class NotReady:
    """Nothing may be written yet."""

    state: Literal["offline", "paused"]
    """offline: try again soon. paused: a person has to do something first."""
    reason: str
    hint: str


async def prepare(
    session: GoodtimeSession, config: Goodtime, zone: ZoneInfo, usernames: Sequence[str], now_local: datetime
) -> Ready | NotReady:
    """Get to know the account, with as few reads as possible.

    Args:
        session: sends the reads.
        config: time type and time format as configured.
        zone: the terminal's.
        usernames: our employees.
        now_local: the terminal's wall clock; entries of the 31 days before are looked at.
    """
    study = _Study(session, config, zone, tuple(usernames), now_local)
    return await study.needed() or study.ready()


async def check(
    session: GoodtimeSession, config: Goodtime, zone: ZoneInfo, usernames: Sequence[str], now_local: datetime
) -> tuple[Step, ...]:
    """Go through all steps for a person to read; ends at the first one without which the next make no sense."""
    study = _Study(session, config, zone, tuple(usernames), now_local)
    if await study.reachable() and await study.logged_in() and await study.needed() is None:
        study.compare_zones()
    return tuple(study.steps)


@dataclass(slots=True)
class _Study:
    """What was found out so far."""

    session: GoodtimeSession
    config: Goodtime
    zone: ZoneInfo
    usernames: tuple[str, ...]
    now_local: datetime
    steps: list[Step] = field(default_factory=list)
    known: tuple[str, ...] = ()
    """The users that Goodtime lists."""
    time_type: Named | None = None
    form: TimeFormat | None = None
    look_form: TimeFormat | None = None
    sample: Json = None
    entry: Entry | None = None
    """The entry that the sample stands in."""

    def ready(self) -> Ready:
        """Sum up."""
        assert self.time_type is not None
        assert self.form is not None
        return Ready(Account(self.time_type, self.form, self.look_form or self.form))

    async def needed(self) -> NotReady | None:
        """Take the steps without which nothing may be written."""
        return await self._find_time_type() or await self._list_users() or await self._find_format()

    # --- reachable, logged in -----------------------------------------------------------------------------------

    async def reachable(self) -> bool:
        """Whether Goodtime is there at all, without login."""
        await self.session.extra()
        found = calls.read_hello(await self.session.send(calls.hello(), {}))
        if isinstance(found, str):
            self._step("reachable", "ok", f"{self.config.url} says {found[:40]!r}")
            return True
        failed = _not_ready(found)
        self._step("reachable", "failed", failed.reason, failed.hint)
        return False

    async def logged_in(self) -> bool:
        """Whether the login works."""
        found = calls.read_hello(await self._ask(calls.secured_hello()))
        if isinstance(found, str):
            self._step("logged in", "ok", f"says {found[:40]!r}")
            return True
        failed = _not_ready(found)
        self._step("logged in", "failed", failed.reason, failed.hint)
        return False

    # --- time type ----------------------------------------------------------------------------------------------

    async def _find_time_type(self) -> NotReady | None:
        found = calls.read_named(await self._ask(calls.timetypes()))
        if not isinstance(found, tuple):
            failed = _not_ready(found)
            if isinstance(found, Paused) and found.reason == "path" and await self._is_version_1():
                failed = NotReady(
                    "paused",
                    "this Goodtime speaks version 1.1 of the interface only; clockd needs time-v2.1",
                    "ask Goodtime to switch version 2.1 on for the account",
                )
            return self._failed("time type", failed)
        picked = calls.pick(self.config.time_type, found)
        if isinstance(picked, str):
            hint = f"write into [tracker]: time_type = {_quoted(found[0].name)}" if found else "make one in Goodtime"
            return self._failed("time type", NotReady("paused", f"of Goodtime's time types {picked}", hint))
        self.time_type = picked
        self._step("time type", "ok", f"{picked.name} ({picked.id})")
        return None

    async def _is_version_1(self) -> bool:
        return isinstance(calls.read_named(await self._ask(calls.OLD_TIME_CATEGORIES)), tuple)

    # --- users --------------------------------------------------------------------------------------------------

    async def _list_users(self) -> NotReady | None:
        found = calls.read_users(await self._ask(calls.users()))
        if isinstance(found, Forbidden):
            self.known = self.usernames
            self._step("users", "unknown", "this login may not list the users", "see that each badge's e-mail is right")
            return None
        if not isinstance(found, tuple):
            return self._failed("users", _not_ready(found))
        self.known = found
        unknown = [user for user in self.usernames if not any(same_user(user, other) for other in found)]
        if unknown:
            hint = "a badge's username must be the person's login e-mail in Goodtime (clockd badges list)"
            self._step("users", "failed", f"not in Goodtime: {', '.join(unknown)}", hint)
        else:
            self._step("users", "ok", f"{len(self.usernames)} of ours among {len(found)}")
        return None

    def _whom_to_read(self) -> list[str]:
        """Ours first, then others."""
        ours = [user for user in self.known if any(same_user(user, our) for our in self.usernames)]
        return [*ours, *(user for user in self.known if user not in ours)][:MOST_READS]

    # --- time format --------------------------------------------------------------------------------------------

    async def _find_format(self) -> NotReady | None:
        configured = None
        if self.config.time_format != "auto":
            try:
                configured = TimeFormat.parse(self.config.time_format)
            except BadFormat as error:
                return self._failed("time format", NotReady("paused", f"tracker.time_format: {error}", _LINE))
        failed = await self._find_entry(configured)
        if failed is not None:
            return self._failed("time format", failed)
        self.form = configured
        if configured is None:
            failed = self._learn()
            if failed is not None:
                return self._failed("time format", failed)
            await self._prefer_learned()
        assert self.form is not None
        source = f"learned from {self.sample!r}" if configured is None else "as configured"
        if self.sample is not None and not self.form.fits(self.sample):
            source += f", though an entry begins at {self.sample!r}"
        self._step("time format", "ok", f"{self.form.text}, {source}")
        return None

    async def _find_entry(self, configured: TimeFormat | None) -> NotReady | None:
        """Find a form that a look may have, and an entry, if there is one."""
        forms = [TimeFormat(text.removeprefix("utc:"), utc=text.startswith("utc:")) for text in TRIED]
        if configured is not None:
            forms = [configured, *(form for form in forms if form != configured)]
        users = self._whom_to_read()
        for user in users:
            answer = await self._looked(user, forms)
            if isinstance(answer, NotReady):
                return answer
            if answer is None:
                continue
            assert self.look_form is not None
            forms = [self.look_form]
            if samples := start_samples(answer):
                self.sample = samples[0]
                form = configured or learn_format(self.sample) or self.look_form
                rows = read_entries(answer, form, self.zone, user)
                self.entry = rows.entries[0] if isinstance(rows, Rows) and rows.entries else None
                return None
            if configured is not None:
                return None
        if self.look_form is None and users:
            return NotReady("paused", "Goodtime shows nobody's time entries to this login", "check the login's rights")
        return None

    async def _looked(self, user: str, forms: list[TimeFormat]) -> Exchange | NotReady | None:
        """Read a user's entries with the first form that is understood; None when they are not shown."""
        for form in forms:
            answer = await self._ask(self._look(user, form))
            failure = read_failure(answer)
            if failure is None:
                rows = read_entries(answer, form, self.zone)
                if isinstance(rows, Rows) or start_samples(answer):
                    self.look_form = form
                    return answer
                return _not_ready(rows)
            if isinstance(failure, Forbidden):
                return None
            if isinstance(failure, Paused | Throttled) or not isinstance(answer, Reply) or answer.status > 500:
                return _not_ready(failure)
        return NotReady("paused", "Goodtime understands no question about time entries that clockd knows", _LINE)

    def _look(self, user: str, form: TimeFormat) -> Request:
        now = self.now_local.replace(second=0, microsecond=0)
        return look_request(user, now - BACK, now + timedelta(days=1), form, self.zone)

    def _learn(self) -> NotReady | None:
        """Learn the format from the sample, unless something stays open."""
        if self.sample is None:
            understood = self.look_form.text if self.look_form else TRIED[0]
            return NotReady(
                "paused",
                "Goodtime has no time entry of the last 31 days from which its time format could be learned",
                f"enter one by hand in Goodtime; or write into [tracker]: time_format = {_quoted(understood)}",
            )
        learned = learn_format(self.sample)
        if learned is None:
            return NotReady("paused", f"clockd does not know the time format of {self.sample!r}", _LINE)
        if zone_in_doubt(learned, self.zone):
            return self._ask_about_zone(learned)
        self.form = learned
        return None

    def _ask_about_zone(self, learned: TimeFormat) -> NotReady:
        other = as_wall_clock(learned)
        as_utc, as_wall = learned.read(self.sample, self.zone), other.read(self.sample, self.zone)
        whose = self.entry.username if self.entry else "that"
        return NotReady(
            "paused",
            f"an entry of {whose} begins at {self.sample!r}, and it is not clear whether that is UTC or the wall clock",
            f"look at it in Goodtime. If it shows {as_utc:%d %b %H:%M}, write into [tracker]: time_format = "
            f"{_quoted(learned.text)}; if it shows {as_wall:%d %b %H:%M}: time_format = {_quoted(other.text)}",
        )

    async def _prefer_learned(self) -> None:
        """Ask in the learned form too from now on, if the entry is found that way."""
        assert self.form is not None
        if self.form == self.look_form or self.entry is None:
            return
        answer = await self._ask(self._look(self.entry.username, self.form))
        rows = read_entries(answer, self.form, self.zone, self.entry.username)
        if isinstance(rows, Rows) and any(row.id == self.entry.id for row in rows.entries):
            self.look_form = self.form

    # --- zone ---------------------------------------------------------------------------------------------------

    def compare_zones(self) -> None:
        """Say what can be known of the account's zone: where times carry no offset, only a person can compare."""
        entry, key = self.entry, self.zone.key
        if entry is None:
            self._step("zone", "unknown", f"no entry to compare; terminal.time_zone is {key}", _COMPARE)
            return
        shown = (
            f"the entry of {entry.username} that begins at {self.sample!r} is read as {entry.from_local:%d %b %H:%M}"
        )
        if entry.to_local is None and entry.from_local > self.now_local + timedelta(minutes=5):
            hint = "make terminal.time_zone and the time zone in Goodtime's settings the same"
            self._step("zone", "failed", f"{shown}, runs, and lies in the future", hint)
            return
        theirs, ours = offset_in(self.sample), self.zone.utcoffset(entry.from_local)
        if theirs is None or (self.form is not None and self.form.utc):
            self._step("zone", "unknown", f"{shown} in {key}", _COMPARE)
        elif theirs == ours:
            self._step("zone", "ok", f"{shown} in {key}, with the same offset")
        else:
            self._step("zone", "failed", f"{shown} in {key}: the account has another zone", _COMPARE)

    # --- small parts --------------------------------------------------------------------------------------------

    async def _ask(self, request: Request) -> Exchange:
        await self.session.extra()
        return await self.session.exchange(request)

    def _step(self, name: str, state: State, detail: str, hint: str = "") -> None:
        self.steps.append(Step(name, state, detail, hint))

    def _failed(self, name: str, failed: NotReady) -> NotReady:
        self._step(name, "failed", failed.reason, failed.hint)
        return failed


_LINE = 'write into [tracker] how Goodtime writes times, as: time_format = "%Y-%m-%dT%H:%M:%S"'
_COMPARE = "compare with what Goodtime's page shows; it must be the same"


def _not_ready(failure: Failure) -> NotReady:
    match failure:
        case Paused(why=why):
            what, _, to_do = why.partition(": ")
            return NotReady("paused", what, to_do)
        case Throttled():
            return NotReady("offline", "Goodtime says: too many requests", "wait, it is tried again")
        case _:
            return NotReady("offline", failure.why, "it is tried again")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
