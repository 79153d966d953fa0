"""Who may sign in: the accounts that the daemon keeps, and the first admin, whose password is a credential.

The daemon keeps the hashes and never sees a password; this process computes them (argon2id).
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from clockd.config import Secrets
from clockd.core.accounts import LONGEST_PASSWORD
from clockd.core.roles import Role
from clockd.errors import ClockdError, UsageError
from clockd.web.daemon import Daemon
from clockd.web.passwords import is_password

FIRST_ADMIN = "admin"
"""The account whose password is the credential `web-password`, while the daemon has none of this name."""
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Compared with where there is no such account, so that both take as long; of no password."""


class Credential(StrEnum):
    """By what somebody showed who they are."""

    PASSWORD = "password"
    CODE = "code"
    """One that the terminal showed to who held their badge there: it opens their own record, and no account."""


@dataclass(frozen=True, slots=True)
class PageAccount:
    """One account."""

    name: str
    role: Role
    mark: str
    """Changes with the password, and says nothing of it."""
    username: str = ""
    """Whose hours an employee sees."""
    shown: Credential = Credential.PASSWORD

    def is_same(self, other: "PageAccount") -> bool:
        """Whether both are one account; a record that a code opened is nobody's account, whatever it is called."""
        return (self.name, self.shown) == (other.name, other.shown)

    @classmethod
    def by_code(cls, username: str) -> "PageAccount":
        """Return what a code opens: the own record of one employee."""
        return cls(username, Role.EMPLOYEE, "", username, Credential.CODE)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Signs people in.

    Args:
        daemon: keeps the accounts.
        secrets: holds the first admin's password.
    """

    daemon: Daemon
    secrets: Secrets
    _one_at_a_time: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def sign_in(self, name: str, password: str) -> PageAccount | None:
        """Return the account with this name and password; None when there is none.

        Raises:
            NoDaemon: its accounts cannot be asked for.
        """
        if len(password) > LONGEST_PASSWORD:
            return None
        found = await self._kept(name)
        right = await self._verify(None if found is None else found[1], password)
        if found is not None:
            return found[0] if right else None
        first = self._first_admin()
        if name == FIRST_ADMIN and first is not None and _same(first, password):
            return PageAccount(FIRST_ADMIN, Role.ADMIN, _mark(first))
        return None

    async def still(self, account: PageAccount) -> PageAccount | None:
        """Return an account as it is now; None when it is gone or has another password.

        Raises:
            NoDaemon: its accounts cannot be asked for.
        """
        if account.shown is Credential.CODE:
            return account  # ends by itself, and has no password that could be another one
        found = await self._kept(account.name)
        if found is not None:
            return found[0] if found[0].mark == account.mark else None
        first = self._first_admin()
        same = account.name == FIRST_ADMIN and first is not None and _mark(first) == account.mark
        return account if same else None

    async def _kept(self, name: str) -> tuple[PageAccount, str] | None:
        if not name.strip():
            return None
        try:
            found = await self.daemon.ask("accounts.find", name=name)
        except UsageError:  # it cannot be a name
            return None
        if not isinstance(found, dict):
            return None
        hashed = str(found["hash"])
        name, role = str(found["name"]), Role(str(found["role"]))
        return PageAccount(name, role, _mark(hashed), str(found.get("username") or name)), hashed

    def _first_admin(self) -> str | None:
        try:
            secret = self.secrets.find("web-password")
        except ClockdError:
            return None
        return None if secret is None else secret.reveal()

    async def _verify(self, hashed: str | None, password: str) -> bool:
        async with self._one_at_a_time:
            right = await asyncio.to_thread(is_password, password, hashed or NOBODYS_HASH)
        return right and hashed is not None


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


def _mark(secret: str) -> str:
    return hashlib.sha256(b"clockd-web " + secret.encode(errors="replace")).hexdigest()
