"""A list of badges is given in pieces, between which taps have their turn; and not begun where a line would be refused.

A list of thousands is one command, and each of its badges takes some work in the store's thread: in one transaction a
tap would wait for all of them. So the list is looked through first, as it stands against the store and against its own
earlier lines, and only one that is fine is begun. What is left to go wrong between two pieces is power and disk: what
was given then stays, and the same list once more completes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clockd.core.model import Employee, Pin, Uid
from clockd.core.sentence import sentence
from clockd.errors import Refused
from clockd.store import Database, badges, same_badge
from clockd.store.badges import FOR_EVER, Fingerprints, Validity

PIECE = 16
"""How much of a list is done in one transaction: so many badges, or one whose longer forms are found by trying."""


@dataclass(frozen=True, slots=True)
class WantedBadge:
    """A badge that is to be given to an employee."""

    fingerprint: str
    tail: str
    employee: Employee
    uid: Uid | Pin | None = None
    """None where only the fingerprint is known: of a punch that it made, or of a list that was made at a desk."""
    ends: tuple[str, ...] | None = None
    """Of such a list: the fingerprints of its shorter numbers."""
    validity: Validity = FOR_EVER
    admin: bool = False
    """Whether it opens the badge desk at the door."""

    @property
    def work(self) -> int:
        """How much of a piece it takes."""
        return PIECE if isinstance(self.uid, Uid) and same_badge.is_tried(self.uid) else 1


def pieces(wanted: Sequence[WantedBadge]) -> Iterator[Sequence[WantedBadge]]:
    """Cut a list into pieces that a tap can wait for."""
    piece: list[WantedBadge] = []
    for badge in wanted:
        if piece and sum(each.work for each in piece) + badge.work > PIECE:
            yield piece
            piece = []
        piece.append(badge)
    if piece:
        yield piece


def taken() -> Refused:
    """Say that a PIN is somebody else's."""
    return Refused("this PIN is taken", hint="choose another one; six digits are hard to meet by chance")


def fits_several(usernames: set[str]) -> Refused:
    """Say that what is known of a badge's number fits several badges."""
    return Refused(
        sentence("badges of {names} end so", names=" and ".join(sorted(usernames))),
        hint="enrol it by its whole number: clockd badges enrol",
    )


@dataclass(slots=True)
class ListCheck:
    """Looks through a list before any of it is given.

    Args:
        fingerprints: turns badges into what is stored.
        known: how everybody's username is written here.
    """

    fingerprints: Fingerprints
    known: badges.Spellings
    _owners: dict[str, str] = field(default_factory=dict)
    """The usernames that the lines before give badges to, by fingerprint."""
    _ends: dict[str, list[str]] = field(default_factory=dict)
    """The fingerprints of the lines before, by each shorter form of their number."""

    def look(self, piece: Sequence[WantedBadge], db: Database) -> None:
        """Look through the next piece.

        Raises:
            Refused: a line of it could not be given once those before it are.
        """
        for badge in piece:
            username = self.known.of(badge.employee.username)
            if isinstance(badge.uid, Pin):
                if self._owner(db, badge.fingerprint) not in (None, username):
                    raise taken()
            elif badge.uid is not None or badge.ends is not None:
                self._look_at_number(db, badge, username)
            self._owners[badge.fingerprint] = username

    def _look_at_number(self, db: Database, badge: WantedBadge, username: str) -> None:
        own = badge.fingerprint
        if isinstance(badge.uid, Uid):
            ends = [self.fingerprints.of(end) for end in badge.uid.ends]
            known = same_badge.longer(db, self.fingerprints, badge.uid)
        else:
            ends, known = list(badge.ends or ()), same_badge.longer_known(db, own)
        longer = [*known, *self._ends.get(own, ())]
        others = {self._owner(db, each) for each in (*ends, *longer)} - {None}
        listed = {self._owners[each] for each in (*ends, *longer) if each in self._owners}
        names = {name for name in others if name is not None}
        if len(names) > 1 or listed - {username}:
            raise fits_several(names | {username})
        for end in ends:
            self._ends.setdefault(end, []).append(own)

    def _owner(self, db: Database, fingerprint: str) -> str | None:
        if fingerprint in self._owners:
            return self._owners[fingerprint]
        badge = badges.in_use(db, fingerprint)
        return None if badge is None else badge.username
