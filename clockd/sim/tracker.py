"""A simulated tracker as a whole: account, rules, faults and people behind one front.

    clockd.sim.direct.exchange(sim.front, request, headers, now_s)          a plain call, for virtual time
    async with clockd.sim.shell.serving(sim) as served: …                   real sockets

The same options, seed and requests (with their times) give the same replies, bit for bit. What a tracker has of its
own, the model with the account and what its people can do, is in `TimeTrackSim` and `GoodtimeSim`.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Generic, Protocol
from zoneinfo import ZoneInfo

import msgspec

from clockd.errors import UsageError
from clockd.sim import account
from clockd.sim.crowd import NOBODY, Crowd, Doing, Others
from clockd.sim.faults import FaultRule, Faults
from clockd.sim.front import Front, Model
from clockd.sim.journal import Journal
from clockd.sim.moment import moment_at
from clockd.sim.profile import TrackerProfile
from clockd.sim.throttle import SlidingWindow


class MaybeNoise(Protocol):
    """A user of any tracker."""

    noise: bool
    """Whether this is nobody's badge: the client under test must never write for this person."""


@dataclass(slots=True, kw_only=True)
class TrackerSim(ABC, Generic[Doing]):
    """The options and the parts that every simulated tracker has; `clockd.sim.front.Simulator`."""

    profile: TrackerProfile
    seed: int = 1
    zone: str = "Europe/Vienna"
    """The account's wall clock."""
    requests_per_minute: int = 30
    faults: tuple[FaultRule, ...] = ()
    crowd: Crowd = NOBODY
    foreign_rows: int = 0
    """So many entries of noise users lie in the last ten hours before the first request (trap T31)."""
    latency_s: tuple[float, float] = (0.0, 0.0)
    count_refused: bool = True
    """Whether a throttled request counts too."""
    front: Front = field(init=False)
    others: Others[Doing] = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    # --- what a tracker has of its own --------------------------------------------------------------------------

    @property
    @abstractmethod
    def name(self) -> str:
        """As in the configuration: `timetrack`, `goodtime`."""

    @property
    @abstractmethod
    def label(self) -> str:
        """For people."""

    @property
    @abstractmethod
    def base_path(self) -> str:
        """Where the API begins on its host."""

    @property
    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """What must never reach another host."""

    @abstractmethod
    def account(self) -> msgspec.Struct:
        """The account as it is now, for a file."""

    @property
    @abstractmethod
    def changes(self) -> object:
        """Something that is another after each change of the account."""

    @abstractmethod
    def open_account(self) -> Model:
        """Begin with a new account, or go on with the one that was given."""

    @abstractmethod
    def other_people(self, dice: random.Random) -> Others[Doing]:
        """The people of that account; the front is there already."""

    @abstractmethod
    def users_now(self) -> Collection[MaybeNoise]:
        """The users of the account, noise among them."""

    @abstractmethod
    def counts(self) -> Mapping[str, object]:
        """What this tracker counts, for JSON."""

    @abstractmethod
    def broken_rules(self) -> list[str]:
        """The rules of this tracker that a client broke, in sentences."""

    # --- what every tracker has ---------------------------------------------------------------------------------

    def reset(self) -> None:
        """Begin anew with the same options. The front is a new one: ask for it again.

        Raises:
            UsageError: there are to be foreign rows, and nobody could own them.
        """
        model = self.open_account()
        if self.foreign_rows and not any(user.noise for user in self.users_now()):
            # they would silently not be there
            hint = "add noise to the users, or leave the rows away"
            raise UsageError("foreign rows need a user marked noise", hint=hint)
        fresh = Front(
            model=model,
            throttle=SlidingWindow(self.requests_per_minute, count_refused=self.count_refused),
            faults=Faults(self.faults, self.seed),
            journal=Journal(self.requests_per_minute),
            retry_after=self.profile.retry_after,
            throttle_status=self.profile.throttle_status,
            latency_s=self.latency_s,
            first=self._wake,
        )
        if hasattr(self, "front"):
            fresh.trap_url = self.front.trap_url
        self.front = fresh
        self.others = self.other_people(random.Random(f"actors {self.seed}"))  # noqa: S311 - dice

    def state(self, now_s: float) -> Mapping[str, object]:
        """Everything the account holds, for JSON."""
        self.front.advance(now_s)
        return {
            "tracker": self.name,
            "profile": self.profile.name,
            "zone": self.zone,
            "now_local": moment_at(now_s, ZoneInfo(self.zone)).local,
            "requests_last_minute": self.front.throttle.in_window(now_s),
            **msgspec.to_builtins(self.account(), builtin_types=(datetime, date)),
        }

    def invariants(self, now_s: float) -> Mapping[str, object]:
        """Counts and broken rules, for JSON."""
        self.front.advance(now_s)
        return {
            "violations": self.violations(),
            **self.front.journal.summary(),
            **self.counts(),
            "pending": self.front.pending,
            "faults": self.front.faults.struck,
        }

    def violations(self) -> list[str]:
        """The rules a client broke, in sentences; empty when it behaved."""
        return self.front.journal.violations() + self.broken_rules()

    def act(self, words: Mapping[str, object], now_s: float) -> dict[str, object]:
        """Let somebody do something, in words; see the tracker's `actors.py`.

        Raises:
            ValueError: the words cannot be read, or the tracker refuses the act.
        """
        return self.others.hear(words, now_s)

    def do(self, act: Doing, now_s: float) -> dict[str, object]:
        """Let somebody do something now.

        Raises:
            ValueError: it cannot be done; the message says why.
        """
        return self.others.do(act, now_s)

    @asynccontextmanager
    async def kept(self, path: Path | None, every_s: float) -> AsyncIterator[None]:
        """Keep the account in a file while the block runs; None: nothing is kept.

        Args:
            path: the file.
            every_s: how soon after a change it is saved.
        """
        async with account.kept(path, self.account, lambda: self.changes, every_s):
            yield

    def _wake(self, now_s: float) -> None:
        """Enter the foreign entries and let the crowd begin, when the first request comes."""
        self.others.begin(self.crowd, self.foreign_rows, now_s)
