"""Logins: JSON web tokens that expire, can be revoked, and are counted.

A token looks as the real ones do; its signature is made up. What counts is the simulator's own list.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

import msgspec

LOCKED_OUT_S = 900.0
"""How long a lock-out lasts, and the time within which wrong passwords count together."""


@dataclass(slots=True)
class Issued:
    """A token that was given out."""

    expires_s: float
    heard: bool
    """False when its reply got lost: the client does not have it."""
    revoked: bool = False

    def valid(self, now_s: float) -> bool:
        """Whether it opens the door now."""
        return not self.revoked and now_s < self.expires_s


@dataclass(slots=True)
class Tokens:
    """The admin's login and the tokens it gave."""

    email: str
    password: str = field(repr=False)
    seed: int
    lifetime_s: float
    says_exp: bool
    locks_out_after: int
    enabled: bool = True
    """Whether the REST API is switched on (settings, tab Security)."""
    issued: dict[str, Issued] = field(default_factory=dict, repr=False)
    good: int = 0
    """Logins that worked."""
    bad: int = 0
    """Logins with a wrong e-mail or password."""
    needless: int = 0
    """Logins that worked while the client had a token that was still good."""
    locked_out: int = 0
    """How often wrong passwords locked the login."""
    spare: int = 1
    """So many logins need no reason: a process that starts has no token yet."""
    _wrong_s: list[float] = field(default_factory=list)
    _locked_until_s: float = float("-inf")

    def log_in(self, email: str, password: str, now_s: float, *, heard: bool = True) -> str | None:
        """A new token; None for a wrong login, or while the login is locked.

        A login whose reply gets lost (`heard` is False) is not judged: it may be a late one, and its client
        has no token of it.
        """
        right = email.strip().casefold() == self.email.casefold() and hmac.compare_digest(
            password.encode(), self.password.encode()
        )
        if not right:
            self.bad += 1
            self._wrong_s = [*(at_s for at_s in self._wrong_s if at_s > now_s - LOCKED_OUT_S), now_s]
            if len(self._wrong_s) == self.locks_out_after:
                self.locked_out += 1
                self._locked_until_s = now_s + LOCKED_OUT_S
                self._wrong_s = []
            return None
        if now_s < self._locked_until_s:
            return None
        self._wrong_s = []
        self.good += 1
        known = [issued for issued in self.issued.values() if issued.heard]
        if heard and (not known or any(issued.valid(now_s) for issued in known)):
            if self.spare:
                self.spare -= 1
            else:
                self.needless += 1
        return self._issue(now_s, heard)

    def _issue(self, now_s: float, heard: bool) -> str:
        claims: dict[str, object] = {"sub": self.email, "jti": self.good}
        if self.says_exp:
            claims |= {"iat": int(now_s), "exp": int(now_s + self.lifetime_s)}
        head = _part(msgspec.json.encode({"alg": "HS256", "typ": "JWT"})) + "." + _part(msgspec.json.encode(claims))
        token = head + "." + _part(hashlib.sha256(f"{self.seed} {head}".encode()).digest())
        self.issued[token] = Issued(now_s + self.lifetime_s, heard)
        return token

    def fits(self, token: str, now_s: float) -> bool:
        """Whether a token opens the door."""
        issued = self.issued.get(token)
        return self.enabled and issued is not None and issued.valid(now_s)

    def revoke(self) -> None:
        """Make every token worthless."""
        for issued in self.issued.values():
            issued.revoked = True


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
