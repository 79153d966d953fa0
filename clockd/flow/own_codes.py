"""The codes by which employees open their own record on the page: made at the door, kept in memory alone."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from clockd.core.model import Employee, Reading
from clockd.core.own_code import CodeAnswer, OwnCodes, RecordOpened

DIGITS = 6


def _nobody_shows_it(_: str) -> None:
    """There is no panel."""


@dataclass(slots=True)
class OwnCodeDesk:
    """Makes codes for people at the door, and takes what is typed on the page. A start forgets all of them."""

    used: Callable[[str], None] = _nobody_shows_it
    """Told each code that was used: no panel has to show it any longer."""
    _codes: OwnCodes = field(default_factory=OwnCodes)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    """Of the hashes: whoever reads no more than them learns no code."""

    def issue(self, employee: Employee, reading: Reading) -> str:
        """Return a new code for an employee; the one that they had before counts no more."""
        now_s = reading.boottime_s
        code = _random_code()
        while self._codes.is_taken(self._digest(code), now_s):
            code = _random_code()
        self._codes = self._codes.issued(self._digest(code), employee.username, now_s)
        return code

    def redeem(self, code: str, address: str, reading: Reading) -> CodeAnswer:
        """Take a code that somebody typed at an address."""
        self._codes, answer = self._codes.redeemed(self._digest(code), address, reading.boottime_s)
        if isinstance(answer, RecordOpened):
            self.used(code)
        return answer

    def _digest(self, code: str) -> str:
        return hmac.new(self._key, code.encode(errors="replace"), "sha256").hexdigest()


def _random_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
