"""The code that an employee is shown at the door and types on the page, to see their own record. Pure: time comes in.

A code opens one record, once, within two minutes. Six digits can be guessed, so what is wrong is counted twice: for
each address by itself, so that nobody uses up the tries of somebody else; and for all strangers together, which are
the addresses where no code was ever right. Many guessing addresses close the page to strangers for a while, and never
to an address where a code was right before: guessing locks nobody out who has looked at their record there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clockd.core.lockout import FORGOTTEN_S, Lockout

CODE_S = 120.0
"""How many seconds a code is shown, and counts."""
MOST_CODES = 200
"""Codes that count at the same time; one more takes the place of the oldest."""
MOST_FAMILIAR_ADDRESSES = 500
"""Addresses that are remembered because a code was right there."""
STRANGERS_FREE = 50
"""So many wrong codes of strangers are forgiven within `FORGOTTEN_S`."""


@dataclass(frozen=True, slots=True)
class OwnCode:
    """A code that counts until it is used or too old."""

    digest: str
    """A keyed hash of it: the code itself is kept nowhere."""
    username: str
    """Whose record it opens."""
    until_s: float


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """The code was right; it counts no more."""

    username: str


@dataclass(frozen=True, slots=True)
class CodeWrong:
    """There is no such code, it was used, or it is too old; nobody is told which."""


@dataclass(frozen=True, slots=True)
class CodeWait:
    """The code was not looked at: too many were wrong."""

    wait_s: float


CodeAnswer = RecordOpened | CodeWrong | CodeWait
"""What comes of a code that somebody typed."""


@dataclass(frozen=True, slots=True)
class OwnCodes:
    """All codes that count, and what was typed wrongly of late; in boot time."""

    codes: tuple[OwnCode, ...] = ()
    wrong: Mapping[str, Lockout] = field(default_factory=dict)
    """By address."""
    strangers_s: tuple[float, ...] = ()
    """When strangers were wrong."""
    familiar: tuple[str, ...] = ()
    """Addresses where a code was right, the latest last."""

    def is_taken(self, digest: str, now_s: float) -> bool:
        """Whether somebody has this code now."""
        return any(code.digest == digest and code.until_s > now_s for code in self.codes)

    def issued(self, digest: str, username: str, now_s: float) -> "OwnCodes":
        """Let a code count for an employee; the one that they had before counts no more."""
        others = [code for code in self.codes if code.until_s > now_s and code.username != username]
        return replace(self, codes=(*others, OwnCode(digest, username, now_s + CODE_S))[-MOST_CODES:])

    def wait_s(self, address: str, now_s: float) -> float:
        """Return how long no code is looked at that comes from an address; 0 when one is."""
        own_s = self.wrong.get(address, Lockout()).wait_s(now_s)
        return own_s if address in self.familiar else max(own_s, self._strangers_wait_s(now_s))

    def redeemed(self, digest: str, address: str, now_s: float) -> tuple["OwnCodes", CodeAnswer]:
        """Take a code that somebody typed at an address; return what is kept then, and the answer."""
        if (wait_s := self.wait_s(address, now_s)) > 0:
            return self, CodeWait(wait_s)
        found = next((code for code in self.codes if code.digest == digest and code.until_s > now_s), None)
        if found is None:
            return self._after_wrong(address, now_s), CodeWrong()
        # what was wrong stays counted: who has a code of their own must not be able to try others' between
        codes = tuple(code for code in self.codes if code is not found)
        familiar = (*(each for each in self.familiar if each != address), address)[-MOST_FAMILIAR_ADDRESSES:]
        return replace(self, codes=codes, familiar=familiar), RecordOpened(found.username)

    def _strangers_wait_s(self, now_s: float) -> float:
        recent = [at for at in self.strangers_s if now_s - at < FORGOTTEN_S]
        return 0.0 if len(recent) < STRANGERS_FREE else recent[-STRANGERS_FREE] + FORGOTTEN_S - now_s

    def _after_wrong(self, address: str, now_s: float) -> "OwnCodes":
        recent = {
            each: lockout
            for each, lockout in self.wrong.items()
            if lockout.wait_s(now_s) > 0 or now_s - lockout.wrong_s[-1] < FORGOTTEN_S
        }
        strangers = tuple(at for at in self.strangers_s if now_s - at < FORGOTTEN_S)
        if address not in self.familiar:
            strangers = (*strangers, now_s)[-STRANGERS_FREE:]
        wrong = {**recent, address: self.wrong.get(address, Lockout()).after_wrong(now_s)}
        return replace(self, wrong=wrong, strangers_s=strangers)
