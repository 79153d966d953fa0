"""One badge, read whole at one reader and in part at another, is one badge.

A badge of 125 kHz has five bytes; a reader that types the ten printed digits gives four of them, a Wiegand reader
three. So a badge that is not known as it was read is looked for by its shorter forms, and by what is known to end like
it. Where two people's badges end alike, neither is meant: the tap is then nobody's, and waits for a person.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from sqlite_utils import Database

from clockd.core.model import Pin, Uid
from clockd.store import badges
from clockd.store.badges import Badge, Fingerprints

FIRST_BYTES = 256
"""All first bytes that the whole number of a badge of 125 kHz can have."""


def badge_of(db: Database, fingerprints: Fingerprints, uid: Uid | Pin) -> Badge | None:
    """Return the badge that somebody carries and that was read so; None when it is nobody's, or of two people's."""
    exact = badges.in_use(db, fingerprints.of(uid))
    if exact is not None or isinstance(uid, Pin):
        return exact
    found = relatives(db, fingerprints, uid)
    return found[0] if len({badge.username for badge in found}) == 1 else None


def relatives(db: Database, fingerprints: Fingerprints, uid: Uid) -> Sequence[Badge]:
    """Return the badges in use that were enrolled by a shorter or a longer form of this identifier."""
    return carried(db, (*_shorter(fingerprints, uid), *longer(db, fingerprints, uid)))


def carried(db: Database, fingerprints: Iterable[str]) -> Sequence[Badge]:
    """Return the badges in use among these fingerprints."""
    found = [badges.in_use(db, fingerprint) for fingerprint in dict.fromkeys(fingerprints)]
    return [badge for badge in found if badge is not None]


def fingerprints_of(db: Database, fingerprints: Fingerprints, uid: Uid | Pin) -> Sequence[str]:
    """Return every fingerprint under which taps of this badge can stand in the ledger, its own first."""
    own = fingerprints.of(uid)
    if isinstance(uid, Pin):
        return [own]
    return [own, *_shorter(fingerprints, uid), *longer(db, fingerprints, uid)]


def remember(db: Database, fingerprints: Fingerprints, uid: Uid | Pin) -> None:
    """Note the shorter forms of an identifier that was seen, so that they lead to it."""
    if isinstance(uid, Uid) and uid.ends:
        remember_ends(db, fingerprints.of(uid), lambda: _shorter(fingerprints, uid))


def remember_ends(db: Database, own: str, ends: Callable[[], Sequence[str]]) -> None:
    """Note the fingerprints of the shorter forms of a badge, so that they lead to it.

    Args:
        db: the store.
        own: its own fingerprint.
        ends: works them out, where they are not noted yet.
    """
    if db.execute("SELECT 1 FROM badge_end WHERE fingerprint = ?", [own]).fetchone() is None:
        for end in ends():
            db.execute("INSERT OR IGNORE INTO badge_end VALUES (?, ?)", [end, own])


def counts_on(badge: Badge, day: date) -> bool:
    """Whether a badge counts on this local day."""
    text = day.isoformat()
    return (badge.from_day or text) <= text <= (badge.until_day or text)


def is_tried(uid: Uid) -> bool:
    """Whether the longer forms of an identifier are found by trying all that there can be."""
    return len(uid.raw) == 4 and not uid.is_random


def _shorter(fingerprints: Fingerprints, uid: Uid) -> list[str]:
    return [fingerprints.of(end) for end in uid.ends]


def longer(db: Database, fingerprints: Fingerprints, uid: Uid) -> list[str]:
    """Return the fingerprints of the longer identifiers that are known to end so."""
    found = longer_known(db, fingerprints.of(uid))
    if not is_tried(uid):
        return found
    # A badge that was enrolled before ends were kept is found by trying, which takes a millisecond or two.
    tried = [fingerprints.of(Uid.of(bytes([first]) + uid.raw)) for first in range(FIRST_BYTES)]
    marks = ", ".join("?" * len(tried))
    old = db.execute(f"SELECT fingerprint FROM badge WHERE removed_us IS NULL AND fingerprint IN ({marks})", tried)
    return list(dict.fromkeys([*found, *(str(fingerprint) for (fingerprint,) in old.fetchall())]))


def longer_known(db: Database, own: str) -> list[str]:
    """Return the fingerprints of the longer identifiers that were noted to end as this badge."""
    rows = db.execute("SELECT fingerprint FROM badge_end WHERE ending = ?", [own]).fetchall()
    return [str(fingerprint) for (fingerprint,) in rows]
