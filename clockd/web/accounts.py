"""Who may sign in: the accounts that the daemon keeps, and the first admin, whose password is a credential.

The daemon keeps the hashes and never sees a password; this process computes them (argon2id).
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from clockd.config import Secrets
from clockd.core.roles import Role
from clockd.errors import ClockdError, UsageError
from clockd.web.daemon import Daemon

FIRST_ADMIN = "admin"
"""The account whose password is the credential `web-password`, while the daemon has none of this name."""
LONGEST_PASSWORD = 1024
"""Characters that are looked at: a password of megabytes would keep the hash busy."""
MEMORY_KIB = 19 * 1024
"""For each try: a small machine has room for it, and a thief of the hashes needs it for each guess."""
ROUNDS = 2


def hasher() -> PasswordHasher:
    """Return what makes and compares the hashes of passwords (argon2id)."""
    return PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)


@dataclass(frozen=True, slots=True)
class Account:
    """One account."""

    name: str
    role: Role
    mark: str
    """Changes with the password, and says nothing of it."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Signs people in.

    Args:
        daemon: keeps the accounts.
        secrets: holds the first admin's password.
    """

    daemon: Daemon
    secrets: Secrets
    _nobodys: list[str] = field(default_factory=list)
    """A hash that is compared with where there is no such account, so that both take as long."""
    _one_at_a_time: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def sign_in(self, name: str, password: str) -> Account | None:
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
            return Account(FIRST_ADMIN, Role.ADMIN, _mark(first))
        return None

    async def still(self, account: Account) -> Account | None:
        """Return an account as it is now; None when it is gone or has another password.

        Raises:
            NoDaemon: its accounts cannot be asked for.
        """
        found = await self._kept(account.name)
        if found is not None:
            return found[0] if found[0].mark == account.mark else None
        first = self._first_admin()
        same = account.name == FIRST_ADMIN and first is not None and _mark(first) == account.mark
        return account if same else None

    async def _kept(self, name: str) -> tuple[Account, str] | None:
        if not name.strip():
            return None
        try:
            found = await self.daemon.ask("accounts.find", name=name)
        except UsageError:  # it cannot be a name
            return None
        if not isinstance(found, dict):
            return None
        hashed = str(found["hash"])
        return Account(str(found["name"]), Role(str(found["role"])), _mark(hashed)), hashed

    def _first_admin(self) -> str | None:
        try:
            secret = self.secrets.find("web-password")
        except ClockdError:
            return None
        return None if secret is None else secret.reveal()

    async def _verify(self, hashed: str | None, password: str) -> bool:
        async with self._one_at_a_time:
            if not self._nobodys:
                self._nobodys.append(await asyncio.to_thread(hasher().hash, "nobody has this password"))
            return await asyncio.to_thread(_is_password, hashed or self._nobodys[0], password) and hashed is not None


def _is_password(hashed: str, password: str) -> bool:
    try:
        return hasher().verify(hashed, password)
    except (Argon2Error, InvalidHashError, UnicodeError):
        return False


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


def _mark(secret: str) -> str:
    return hashlib.sha256(b"clockd-web " + secret.encode(errors="replace")).hexdigest()
