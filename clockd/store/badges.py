"""Who a badge belongs to. At rest a badge is a fingerprint: HMAC-SHA-256 of its identifier under the pepper.

A plain hash would be no protection: all four-byte identifiers can be tried in minutes. The pepper comes from a
credential, or is made once in the state folder (mode 0600). Without it the table is worthless; whoever steals a card
that holds both has the list itself, which hardware/power.md says.
"""

import hmac
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlite_utils import Database

from clockd.config import Secret
from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.core.model import Employee, Pin, Uid
from clockd.core.wire import canonical_user
from clockd.errors import ConfigError, Refused, StoreUnusable
from clockd.store import files, outbox
from clockd.store.ledger import possible_us

PEPPER_FILE = "badge-pepper"
"""In the state folder, made where no pepper is given."""
SHORTEST_PEPPER_BYTES = 16
"""A new store does not begin with a shorter pepper."""
MOST_PEPPER_BYTES = 64 * 1024
"""A longer file is no pepper."""
OTHER_PEPPER = "the badges were enrolled under another badge-pepper: each is a stranger at the door"
OTHER_PEPPER_HINT = (
    "restore that pepper and restart; or, if it is lost, remove all badges and enrol them anew. Taps are kept "
    "meanwhile: clockd punches amend ID --username U says whose they were"
)


@dataclass(frozen=True, slots=True)
class Badge:
    """One badge of the list."""

    fingerprint: str
    tail: str
    username: str
    name: str
    added_us: int
    removed_us: int | None
    from_day: str | None = None
    until_day: str | None = None

    @property
    def employee(self) -> Employee:
        """Who carries it."""
        return Employee(self.username, self.name)


@dataclass(frozen=True, slots=True)
class Validity:
    """The local days on which a badge counts, both included; None: no bound."""

    from_day: date | None = None
    until_day: date | None = None


FOR_EVER = Validity()
READ_BADGES = 200
"""How many badges are read before a tap may have its turn."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Turns identifiers into what may be stored."""

    pepper: Secret

    def of(self, uid: Uid | Pin) -> str:
        """Return the fingerprint of a badge or a PIN, as hex; no PIN has that of a badge."""
        match uid:
            case Uid():
                return self._keyed(uid.raw)
            case Pin():
                return self._keyed(b"clockd PIN " + uid.digits.encode())

    @property
    def check(self) -> str:
        """The value that the store keeps to tell this pepper from others; no badge has such a fingerprint."""
        return self._keyed(b"clockd pepper check")

    @property
    def is_short(self) -> bool:
        """Whether the pepper could be found by trying."""
        return len(self.pepper.reveal().encode()) < SHORTEST_PEPPER_BYTES

    def _keyed(self, data: bytes) -> str:
        return hmac.new(self.pepper.reveal().encode(), data, sha256).hexdigest()


@dataclass(slots=True)
class Spellings:
    """How everybody's username is written here.

    To both trackers `Ada@x.org` and `ada@x.org` are one; here each spelling has punches of its own, so that in with one
    badge and out with another would be two people who came. So one person keeps one spelling.
    """

    _in_use: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The spellings on badges that somebody carries, oldest first, by the username as it is compared."""
    _before: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The spellings on removed badges, latest first, and then those of punches, by the username as it is compared."""
    _read: int = 0
    """How many badges were read."""

    @classmethod
    def load(cls, db: Database) -> "Spellings":
        """Read the spellings that the store knows."""
        found = cls()
        while found.read_on(db):
            pass
        return found

    def read_on(self, db: Database) -> bool:
        """Read some more badges, and after the last one the punches; False when all is read."""
        rows = db.execute(
            "SELECT username, removed_us FROM badge ORDER BY added_us, fingerprint LIMIT ? OFFSET ?",
            [READ_BADGES, self._read],
        ).fetchall()
        for name, removed_us in rows:
            if removed_us is None:
                self._in_use[canonical_user(name)].append(name)
            else:
                self._before[canonical_user(name)].insert(0, name)
        self._read += len(rows)
        if rows:
            return True
        for name in outbox.usernames(db):
            self._before[canonical_user(name)].append(name)
        return False

    def of(self, username: str) -> str:
        """Return how somebody's username is to be written; it is in use from now on.

        Where two spellings are in use already, each stays what it is, so that a badge can be moved to the other.
        """
        key = canonical_user(username)
        known = self._in_use[key] or self._before[key] or [username]
        found = username if username in known else known[0]
        self._in_use[key].append(found)
        return found


def _by_person(names: Iterable[str]) -> defaultdict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for name in names:
        found[canonical_user(name)].append(name)
    return found


def spelt_twice(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the spellings of everybody who has more than one among these usernames."""
    return [tuple(own) for own in _by_person(sorted(set(names))).values() if len(own) > 1]


def load_peppers(given: Secret | None, state_dir: Path) -> Sequence[Secret]:
    """Return the pepper of the credentials and the one in `state_dir/badge-pepper`, which is made when there is none.

    Raises:
        StoreUnusable: as for `find_peppers`.
    """
    return find_peppers(given, state_dir) or [_made(state_dir / PEPPER_FILE)]


def find_peppers(given: Secret | None, state_dir: Path) -> Sequence[Secret]:
    """Return the pepper of the credentials and the one in `state_dir/badge-pepper`, as far as there are any.

    Raises:
        StoreUnusable: a pepper exists and cannot be read, or is gone; a new one would turn every badge into a stranger.
    """
    path = state_dir / PEPPER_FILE
    try:
        kept = in_utf8(read_small(path, MOST_PEPPER_BYTES)).strip()
    except FileNotFoundError:
        kept = ""
    except NoSmallFile as error:
        if given is not None:
            return [given]
        raise StoreUnusable(f"{path} {error.why}", hint=error.hint) from None
    if given is not None:
        return [given, Secret(kept)] if kept else [given]
    if kept:
        return [Secret(kept)]
    if (state_dir / "clockd.db").exists() and (state_dir / "clockd.db").stat().st_size > 0:
        raise StoreUnusable(
            f"{path} is gone or empty, and the badges in clockd.db were made with it",
            hint="restore it from a backup; or put a new one into it (openssl rand -hex 32), remove all badges and "
            "enrol them anew",
        )
    return []


def choose_pepper(db: Database, peppers: Sequence[Secret], *, short_too: bool = False) -> Fingerprints:
    """Return the fingerprints of the pepper that the badges of this store were enrolled under; of the first if of none.

    A store that does not know its pepper yet takes the first: there is nothing to tell a wrong one by.

    Args:
        db: the open database.
        peppers: at least one; the first is the one that is meant to be taken.
        short_too: a store without badges takes a short one as well: it begins because the one before was damaged.

    Raises:
        ConfigError: a new store would begin with a pepper that is too short.
    """
    found = [Fingerprints(pepper) for pepper in peppers]
    known = _known_check(db)
    for each in found:
        if each.check == known:
            return each
    first = found[0]
    if not any_in_use(db):
        if first.is_short and not short_too:
            raise ConfigError(
                "credential badge-pepper",
                f"is shorter than {SHORTEST_PEPPER_BYTES} bytes, and could be found by trying",
                hint="make one: openssl rand -hex 32",
            )
        _keep_check(db, first)
    elif known is None:
        _keep_check(db, first)
    return first


def is_their_pepper(db: Database, fingerprints: Fingerprints) -> bool:
    """Whether the badges in use were enrolled under this pepper; if not, each is a stranger at the door."""
    return _known_check(db) in (None, fingerprints.check) or not any_in_use(db)


def may_enrol(db: Database, fingerprints: Fingerprints) -> None:
    """Make sure that a badge can be enrolled under this pepper.

    Raises:
        Refused: the badges in use were enrolled under another one.
    """
    if not is_their_pepper(db, fingerprints):
        raise Refused(OTHER_PEPPER, hint=OTHER_PEPPER_HINT)
    _keep_check(db, fingerprints)


def _known_check(db: Database) -> str | None:
    row = db.execute("SELECT value FROM meta WHERE key = 'pepper_check'").fetchone()
    # a damaged cell says nothing of the pepper
    return str(row[0]) if row is not None and re.fullmatch("[0-9a-f]{64}", str(row[0])) else None


def _keep_check(db: Database, fingerprints: Fingerprints) -> None:
    if _known_check(db) != fingerprints.check:
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('pepper_check', ?)", [fingerprints.check])


def any_in_use(db: Database) -> bool:
    """Whether anybody has a badge."""
    return db.execute("SELECT 1 FROM badge WHERE removed_us IS NULL LIMIT 1").fetchone() is not None


def _made(path: Path) -> Secret:
    text = secrets.token_hex(32)
    draft = path.with_name("badge-pepper.new")
    handle = files.create(draft)
    try:
        os.truncate(handle, 0)
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(path)
    files.sync_folder(path.parent)
    return Secret(text)


def find(db: Database, fingerprint: str) -> Employee | None:
    """Say who a badge belongs to; None when it is nobody's, or its row cannot be read: its punches are then held.

    A damaged name is shown as it is.
    """
    found = in_use(db, fingerprint)
    return found.employee if found else None


def in_use(db: Database, fingerprint: str) -> Badge | None:
    """Return the badge that somebody carries with exactly this fingerprint; None when its row cannot be read."""
    row = db.execute(f"SELECT {_COLUMNS} FROM badge WHERE fingerprint = ? AND removed_us IS NULL", [fingerprint])
    return _badge(row.fetchone())


def add(
    db: Database,
    fingerprint: str,
    tail: str,
    employee: Employee,
    now_us: int,
    known: Spellings | None = None,
    validity: Validity = FOR_EVER,
) -> Badge | None:
    """Give a badge to an employee; return what stood there before when it belonged to somebody else.

    Args:
        db: the store.
        fingerprint: of the badge.
        tail: its last digits.
        employee: who gets it; the username is written as it is known already.
        now_us: wall time.
        known: the usernames; None: they are read.
        validity: the days on which it counts.
    """
    known = known or Spellings.load(db)
    employee = replace(employee, username=known.of(employee.username))
    row = db.execute(f"SELECT {_COLUMNS} FROM badge WHERE fingerprint = ?", [fingerprint])
    before = _badge(row.fetchone())
    db.execute(
        "INSERT INTO badge (fingerprint, tail, username, name, added_us, from_day, until_day) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (fingerprint) DO UPDATE SET username = excluded.username, name = excluded.name, "
        "added_us = excluded.added_us, removed_us = NULL, from_day = excluded.from_day, until_day = excluded.until_day",
        [fingerprint, tail, employee.username, employee.name, now_us, *map(_iso, _bounds(validity))],
    )
    own(db, fingerprint)
    dismiss(db, fingerprint)  # with a new owner, or once more with the old one, it is an ordinary badge
    if before is not None and before.removed_us is None and before.username != employee.username:
        return before
    return None


def _bounds(validity: Validity) -> tuple[date | None, date | None]:
    return validity.from_day, validity.until_day


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def is_disowned(db: Database, fingerprint: str) -> bool:
    """Whether a person said that this card is nobody's here."""
    return db.execute("SELECT 1 FROM stranger WHERE fingerprint = ?", [fingerprint]).fetchone() is not None


def disown(db: Database, fingerprint: str, tail: str, now_us: int) -> None:
    """Note that a card is nobody's here: its taps are strangers' from now on."""
    db.execute("INSERT OR IGNORE INTO stranger VALUES (?, ?, ?)", [fingerprint, tail, now_us])


def own(db: Database, fingerprint: str) -> bool:
    """Take that back; False when it was not said."""
    return bool(db.execute("DELETE FROM stranger WHERE fingerprint = ?", [fingerprint]).rowcount)


def remove(db: Database, fingerprint: str, now_us: int) -> bool:
    """Take a badge away; False when it was nobody's. Punches made with it stay."""
    dismiss(db, fingerprint)
    cursor = db.execute(
        "UPDATE badge SET removed_us = ? WHERE fingerprint = ? AND removed_us IS NULL", [now_us, fingerprint]
    )
    return bool(cursor.rowcount)


def appoint(db: Database, fingerprint: str) -> None:
    """Let a badge open the badge desk at the door."""
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, 'yes')", [f"{_ADMIN}{fingerprint}"])


def dismiss(db: Database, fingerprint: str) -> None:
    """Take that back, if it was said."""
    db.execute("DELETE FROM meta WHERE key = ?", [f"{_ADMIN}{fingerprint}"])


def is_admin(db: Database, fingerprint: str) -> bool:
    """Whether a badge opens the badge desk at the door."""
    return db.execute("SELECT 1 FROM meta WHERE key = ?", [f"{_ADMIN}{fingerprint}"]).fetchone() is not None


def admins(db: Database) -> frozenset[str]:
    """Return the fingerprints of all badges that open the badge desk at the door."""
    rows = db.execute("SELECT key FROM meta WHERE key >= ? AND key < ?", [_ADMIN, f"{_ADMIN}~"])
    return frozenset(str(key).removeprefix(_ADMIN) for (key,) in rows)


def all_badges(db: Database) -> Sequence[Badge]:
    """Return the badges in use whose employee can be read, by username."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM badge WHERE removed_us IS NULL ORDER BY username, added_us")
    return [badge for badge in map(_badge, rows) if badge is not None]


def owners_ever(db: Database) -> frozenset[str]:
    """Return the usernames of all who have or had a badge."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM badge").fetchall()
    return frozenset(badge.username for badge in map(_badge, rows) if badge is not None)


_ADMIN = "admin badge "
_COLUMNS = "fingerprint, tail, CAST(username AS BLOB), name, added_us, removed_us, from_day, until_day"
_Row = tuple[str, str, bytes, str, int, int | None, str | None, str | None]


def _badge(row: _Row | None) -> Badge | None:
    """Read a row; None when there is none, or it does not say whose the badge is."""
    if row is None:
        return None
    fingerprint, tail, whose, name, added_us, removed_us, from_day, until_day = row
    try:
        username = whose.decode()
    except UnicodeDecodeError:
        return None
    if not username.strip():
        return None
    first, last = _day(from_day), _day(until_day)
    return Badge(fingerprint, tail, username, name, possible_us(added_us) or 0, removed_us, first, last)


def _day(text: str | None) -> str | None:
    """Return a local day as it is kept; None where it is no day: a cell that was damaged closes no door."""
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def name_of(db: Database, username: str) -> str:
    """Return the name the panel shows for a username; the username when no badge says better."""
    row = db.execute(
        "SELECT name FROM badge WHERE username = ? ORDER BY removed_us IS NOT NULL, added_us DESC LIMIT 1", [username]
    ).fetchone()
    return str(row[0]) if row else username
