"""The accounts of the admin page: kept here, beside the ledger that says who changed them. Passwords are not seen here.

Whoever signs in is checked by the process of the page. It computes the hashes, so that no sign-in costs the door a tap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clockd.core.accounts import MOST_ACCOUNTS, Reach, account_name, is_password_hash, is_token_hash
from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.core.roles import Role
from clockd.core.timebase import local
from clockd.errors import Refused, UsageError
from clockd.flow.documents import iso
from clockd.flow.naming import checked_name
from clockd.store import Database, accounts, ledger
from clockd.store.accounts import KeptAccount, KeptToken
from clockd.store.thread import Store

NAME_HINT = "letters, digits and . @ + - _, at most 64 of them"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an account is to be from now on; None leaves it as it is."""

    role: Role | None = None
    hash: str | None = None
    username: str | None = None

    def __repr__(self) -> str:
        return f"AccountChange({self.role!r})"


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Keeps accounts and tokens, and notes each change in the ledger.

    Args:
        store: the open store.
        zone: of the terminal.
        read_clock: all clocks at once.
        hash_readers: the users of this machine who may be told a hash: root, the page's, and the daemon's own.
    """

    store: Store
    zone: ZoneInfo
    read_clock: Callable[[], Reading]
    hash_readers: frozenset[str]

    async def find(self, name: str, peer: str) -> Json:
        """Return an account with its hash; None when there is none, or it is damaged.

        Args:
            name: as somebody typed it.
            peer: the user of this machine who asks, as the kernel says.

        Raises:
            Refused: this user is told no hash.
        """
        self._check_reader(peer)
        kept = account_name(name)
        found = None if kept is None else await self.store.run(lambda db: accounts.find(db, kept))
        if found is None or found.role is None:
            return None
        return {**self._shown(found), "hash": found.hash}

    async def listed(self) -> list[Json]:
        """Return all accounts, without hashes."""
        return [self._shown(account) for account in await self.store.run(accounts.every)]

    async def put(self, name: str, wanted: AccountChange, by: str, *, new: bool | None) -> Json:
        """Make an account, or change one.

        Args:
            name: of the account.
            wanted: what it is to be.
            by: who does it.
            new: whether it must not be there before, or must be; None for either.

        Raises:
            UsageError: a name, a hash or an employee that cannot be one.
            Refused: it is there already, or is not there.
        """
        if wanted.hash is not None and not is_password_hash(wanted.hash):
            raise UsageError("this is no hash of a password", hint="clockd accounts password makes it")
        kept, reading = _kept(name), self.read_clock()
        account = await self.store.run(lambda db: _put(db, kept, wanted, by, reading, new=new))
        return self._shown(account)

    async def remove(self, name: str, by: str) -> Json:
        """Forget an account.

        Raises:
            Refused: there is none.
        """
        kept, reading = _kept(name), self.read_clock()

        def change(db: Database) -> None:
            if not accounts.remove(db, kept):
                raise Refused(f"nobody signs in as {kept}", hint="clockd accounts list")
            _note(db, reading, kept, "removed", by)

        await self.store.run(change)
        return {"name": kept}

    async def find_token(self, hash_: str, peer: str) -> Json:
        """Return whose token has this hash; None when nobody's has.

        Raises:
            Refused: this user may not try tokens.
        """
        self._check_reader(peer)
        if not is_token_hash(hash_):
            return None
        found = await self.store.run(lambda db: accounts.find_token(db, hash_))
        whole = found is not None and found.role is not None and found.reach is not None
        return self._shown_token(found) if found is not None and whole else None

    async def tokens(self) -> list[Json]:
        """Return all tokens, without hashes."""
        return [self._shown_token(token) for token in await self.store.run(accounts.every_token)]

    async def put_token(self, name: str, hash_: str, reach: Reach, by: str) -> Json:
        """Keep the hash of a new token, with which a program reads what a viewer may.

        Raises:
            UsageError: a name or a hash that cannot be one.
            Refused: there is a token of this name or with this hash.
        """
        if not is_token_hash(hash_):
            raise UsageError("this is no SHA-256 of a token", hint="clockd accounts token makes it")
        kept, reading = _kept(name), self.read_clock()
        token = KeptToken(kept, hash_, Role.VIEWER, reach, ledger.to_us(reading.wall_at))

        def change(db: Database) -> None:
            known = accounts.every_token(db)
            if any(kept == other.name or hash_ == other.hash for other in known):
                raise Refused(f"there is a token {kept} already", hint=f"clockd accounts token {kept} --revoke")
            _check_room(len(known), "tokens")
            accounts.keep_token(db, token)
            _note(db, reading, kept, "token made", by)

        await self.store.run(change)
        return self._shown_token(token)

    async def remove_token(self, name: str, by: str) -> Json:
        """Revoke a token.

        Raises:
            Refused: there is none.
        """
        kept, reading = _kept(name), self.read_clock()

        def change(db: Database) -> None:
            if not accounts.remove_token(db, kept):
                raise Refused(f"there is no token {kept}", hint="clockd accounts token lists them")
            _note(db, reading, kept, "token revoked", by)

        await self.store.run(change)
        return {"name": kept}

    def _check_reader(self, peer: str) -> None:
        if peer not in self.hash_readers:
            raise Refused(f"{peer or 'nobody'} is told no hash", hint="the process of the admin page and root are")

    def _shown(self, account: KeptAccount) -> dict[str, Json]:
        return {
            "name": account.name,
            "role": account.role.value if account.role else None,
            "username": account.username,
            **self._moment("changed", account.changed_us),
        }

    def _shown_token(self, token: KeptToken) -> dict[str, Json]:
        return {
            "name": token.name,
            "role": token.role.value if token.role else None,
            "reach": token.reach.value if token.reach else None,
            **self._moment("made", token.made_us),
        }

    def _moment(self, what: str, us: int) -> dict[str, Json]:
        at = ledger.nearest(us)
        return {f"{what}_at": iso(at), f"{what}_local": local(at, self.zone).isoformat(timespec="milliseconds")}


def _put(db: Database, name: str, wanted: AccountChange, by: str, reading: Reading, *, new: bool | None) -> KeptAccount:
    known = accounts.find(db, name)
    if known is not None and new is True:
        raise Refused(f"somebody signs in as {name} already", hint=f"clockd accounts password {name}")
    if known is None and new is False:
        raise Refused(f"nobody signs in as {name}", hint="clockd accounts list")
    role, hash_ = wanted.role or (known.role if known else None), wanted.hash or (known.hash if known else None)
    if role is None or hash_ is None:
        raise UsageError("a new account has a role and a password", hint="clockd accounts add NAME --role ROLE")
    username = wanted.username if wanted.username is not None else known.username if known else None
    if role is Role.EMPLOYEE:
        username = checked_name(username or "", "username")
    elif wanted.username is not None:
        raise UsageError("only an account of an employee names a username", hint="--role employee")
    else:
        username = None
    if known is None:
        _check_room(len(accounts.every(db)), "accounts")
    account = KeptAccount(name, role, hash_, username, ledger.to_us(reading.wall_at))
    accounts.keep(db, account)
    changed = "added" if known is None else "password" if (role, username) == (known.role, known.username) else "role"
    _note(db, reading, name, changed, by, role)
    return account


def _note(db: Database, reading: Reading, name: str, change: str, by: str, role: Role | None = None) -> None:
    said = {"name": name, "change": change, "by": by}
    ledger.add(db, "account", None, reading, said if role is None else {**said, "role": role.value})


def _kept(name: str) -> str:
    kept = account_name(name)
    if kept is None:
        raise UsageError("this cannot be the name of an account", hint=NAME_HINT)
    return kept


def _check_room(used: int, what: str) -> None:
    if used >= MOST_ACCOUNTS:
        raise Refused(f"there are {used} {what} already", hint="remove those that nobody uses")
