"""Corrections: what the office changes of somebody's record, and what its owner has to say to that.

    countersign   what happens                                          who is told
    off           it counts at once                                     nobody
    tell          it counts at once                                     each owner, at their next tap
    agree         nothing changes until each owner said yes             each owner, at every tap until they answered

With *agree* one no ends it: nothing was changed, and the office reads why. Who says nothing for so many days is written
down as one who did not answer, and it counts then. An owner is whoever has the punch, and whoever gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clockd.core.model import Kind


class Countersign(StrEnum):
    """The values of `countersign` in `[rules]`."""

    OFF = "off"
    TELL = "tell"
    AGREE = "agree"


class CorrectionWay(StrEnum):
    """What the office can do to a record."""

    AMEND = "amend"
    ADD_OUT = "add-out"
    ADD_IN = "add-in"
    VOID = "void"
    IGNORE = "ignore"
    ASSIGN = "assign"
    RENAME = "rename"


class Progress(StrEnum):
    """How far a correction is."""

    MADE = "made"
    """It counted at once; its owners are told."""
    ASKED = "asked"
    """It waits for a yes, and nothing is changed."""
    AGREED = "agreed"
    UNANSWERED = "unanswered"
    """It counts, since somebody did not answer in time."""
    REFUSED = "refused"
    """An owner said no; nothing was changed."""
    WITHDRAWN = "withdrawn"
    """The office took it back before it was answered; nothing was changed."""
    IMPOSSIBLE = "impossible"
    """It was agreed to, and could not be made any more; nothing was changed."""


class Consent(StrEnum):
    """What one owner said."""

    YES = "yes"
    NO = "no"
    SILENCE = "silence"
    """Nothing, until the time for it was over."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One change that the office makes, or asks for."""

    way: CorrectionWay
    seq: int | None
    """The punch it is about; with an addition, the other half of the interval. None for a new username."""
    by: str
    why: str
    at: datetime | None = None
    """The time that is said; None: it stays."""
    kind: Kind | None = None
    """The kind that is said; None: it stays."""
    username: str | None = None
    """Whose it is said to be, or the new username; None: it stays whose it is."""
    old: str | None = None
    """The username until now, where that is what changes."""
    time_type: str | None = None
    """The time type that is said (Goodtime), empty for the usual one; None: it stays."""
    merge: bool = False
    """Whether the new username is known here already, and both are one person."""


@dataclass(frozen=True, slots=True)
class Version:
    """How a punch counts, before a correction or after it."""

    username: str | None
    kind: Kind | None
    at: datetime
    offset_s: int

    @property
    def local(self) -> datetime:
        """The wall clock at the terminal."""
        return (self.at + timedelta(seconds=self.offset_s)).replace(tzinfo=None)


def owners(correction: Correction, has_it: str | None, *, counts: bool, known: bool) -> tuple[str, ...]:
    """Return the usernames of those whose record a correction changes.

    Args:
        correction: the change.
        has_it: whose the punch is now; None while it is nobody's.
        counts: whether the punch counts at all; to leave one alone that was taken back changes nobody's record.
        known: whether somebody here has the new username already.
    """
    match correction.way:
        case CorrectionWay.RENAME:
            found = (correction.old, correction.username if known and correction.merge else None)
        case CorrectionWay.IGNORE if not counts:
            found = (None, None)
        case CorrectionWay.AMEND | CorrectionWay.ASSIGN:
            found = (has_it, correction.username)
        case CorrectionWay.VOID | CorrectionWay.IGNORE | CorrectionWay.ADD_OUT | CorrectionWay.ADD_IN:
            found = (has_it, None)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def becomes(correction: Correction, was: Version, offset_s: int | None) -> Version | None:
    """Return how a punch counts after a correction; None when it does not count any more.

    Args:
        correction: the change.
        was: how the punch, or the other half of the interval, counts now.
        offset_s: of the time that is said; None where none is.
    """
    at, offset = correction.at or was.at, was.offset_s if offset_s is None else offset_s
    match correction.way:
        case CorrectionWay.VOID | CorrectionWay.IGNORE:
            return None
        case CorrectionWay.ADD_OUT | CorrectionWay.ADD_IN:
            return Version(was.username, Kind.OUT if correction.way is CorrectionWay.ADD_OUT else Kind.IN, at, offset)
        case CorrectionWay.AMEND | CorrectionWay.ASSIGN:
            return Version(correction.username or was.username, correction.kind or was.kind, at, offset)
        case CorrectionWay.RENAME:
            return was


def seen_by(
    username: str, way: CorrectionWay, was: Version | None, after: Version | None
) -> tuple[Version | None, Version | None]:
    """Return how a punch counted and counts in the record of one owner; what is not theirs is left out."""
    added = way in (CorrectionWay.ADD_OUT, CorrectionWay.ADD_IN)
    theirs = None if added or was is None or was.username != username else was
    return theirs, after if after is not None and after.username == username else None


def progress(said: Sequence[Consent | None]) -> Progress:
    """Say how far a correction is that waits for these answers; None for an owner who has not answered."""
    if Consent.NO in said:
        return Progress.REFUSED
    if None in said:
        return Progress.ASKED
    return Progress.UNANSWERED if Consent.SILENCE in said else Progress.AGREED
