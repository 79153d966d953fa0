"""The accounts of the admin page, and the tokens of programs: of a password or a token only a hash is kept."""

from dataclasses import dataclass

from sqlite_utils import Database

from clockd.core.accounts import Reach
from clockd.core.roles import Role


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """Somebody who signs in."""

    name: str
    role: Role | None
    """None where the cell was damaged: such an account may do nothing."""
    hash: str
    """Of the password, as Argon2id writes it."""
    username: str | None
    """The employee whose hours an account of an employee shows."""
    changed_us: int
    """When password or role changed last, UTC in microseconds since 1970."""

    def __repr__(self) -> str:
        return f"KeptAccount({self.name!r}, {self.role!r})"


@dataclass(frozen=True, slots=True)
class KeptToken:
    """What a program signs in with."""

    name: str
    hash: str
    """SHA-256 in hex."""
    role: Role | None
    """None where the cell was damaged: such a token opens nothing."""
    reach: Reach | None
    """None as well."""
    made_us: int

    def __repr__(self) -> str:
        return f"KeptToken({self.name!r}, {self.role!r})"


def keep(db: Database, account: KeptAccount) -> None:
    """Keep an account, in the place of the one that has its name."""
    assert account.role is not None
    db.execute(
        "INSERT OR REPLACE INTO account (name, role, hash, username, changed_us) VALUES (?, ?, ?, ?, ?)",
        [account.name, account.role.value, account.hash, account.username, account.changed_us],
    )


def find(db: Database, name: str) -> KeptAccount | None:
    """Return the account of this name."""
    row = db.execute("SELECT name, role, hash, username, changed_us FROM account WHERE name = ?", [name]).fetchone()
    return None if row is None else _account(*row)


def every(db: Database) -> list[KeptAccount]:
    """Return all accounts, by name."""
    rows = db.execute("SELECT name, role, hash, username, changed_us FROM account ORDER BY name")
    return [_account(*row) for row in rows.fetchall()]


def remove(db: Database, name: str) -> bool:
    """Forget an account; whether there was one."""
    return db.execute("DELETE FROM account WHERE name = ?", [name]).rowcount > 0


def rename_employee(db: Database, old: str, new: str) -> None:
    """Let the accounts of an employee show the hours of their new username."""
    db.execute("UPDATE account SET username = ? WHERE username = ?", [new, old])


def keep_token(db: Database, token: KeptToken) -> None:
    """Keep a token."""
    assert token.role is not None
    assert token.reach is not None
    db.execute(
        "INSERT INTO token (name, hash, role, reach, made_us) VALUES (?, ?, ?, ?, ?)",
        [token.name, token.hash, token.role.value, token.reach.value, token.made_us],
    )


def find_token(db: Database, hash: str) -> KeptToken | None:  # noqa: A002 - what it is
    """Return the token with this hash."""
    row = db.execute("SELECT name, hash, role, reach, made_us FROM token WHERE hash = ?", [hash]).fetchone()
    return None if row is None else _token(*row)


def every_token(db: Database) -> list[KeptToken]:
    """Return all tokens, by name."""
    return [
        _token(*row)
        for row in db.execute("SELECT name, hash, role, reach, made_us FROM token ORDER BY name").fetchall()
    ]


def remove_token(db: Database, name: str) -> bool:
    """Revoke a token; whether there was one."""
    return db.execute("DELETE FROM token WHERE name = ?", [name]).rowcount > 0


def _account(name: str, role: str, hash_: str, username: str | None, changed_us: int) -> KeptAccount:
    return KeptAccount(name, _role(role), hash_, username, changed_us)


def _token(name: str, hash_: str, role: str, reach: str, made_us: int) -> KeptToken:
    return KeptToken(name, hash_, _role(role), Reach(reach) if reach in set(Reach) else None, made_us)


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None
