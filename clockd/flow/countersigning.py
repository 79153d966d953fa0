"""What the office corrects goes through here: it is made, or tried and asked for, as `[rules] countersign` says.

Under *agree* a correction is tried first, and all of the try is taken back: so whatever cannot be done is refused to
the office at once, by the same lines that make it later. Then it is written down, and what is not booked of the punch
is held until each owner has answered (`flow/correction_desk.py`). The days to answer begin when the clock is right: by
one that is not, they could be over at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from clockd.core.correction import Correction, CorrectionWay, Countersign, Progress, Version, becomes, owners
from clockd.core.delivery import Now
from clockd.core.model import Reading
from clockd.core.sentence import phrase, sentence
from clockd.core.timebase import local, offset_s
from clockd.errors import Refused
from clockd.store import Database, badges, corrections, ledger, people, view
from clockd.store.corrections import Versions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A correction that waits for its owners; nothing is changed."""

    number: int


@dataclass(frozen=True, slots=True)
class Countersigning:
    """The rule of this door for corrections.

    Args:
        rule: what owners have to say.
        days: after so many days silence counts as an answer.
        zone: of the terminal.
        tag: the installation's, for punch ids.
    """

    rule: Countersign
    days: float
    zone: ZoneInfo
    tag: int

    def carry(self, db: Database, wanted: Correction, reading: Reading, do: Callable[[], T]) -> T | AskedFor:
        """Make a correction, or ask for it, within the transaction that is open.

        Args:
            db: the open database.
            wanted: the correction.
            reading: the clocks now.
            do: makes it.

        Raises:
            Refused: as `do` does; or another correction of the same punch waits for an answer.
        """
        if wanted.seq is not None:
            refuse_if_asked(db, wanted.seq)
        if self.rule is Countersign.OFF:
            return do()
        wanted = _spelled(db, wanted)
        theirs, versions = _owners(db, wanted), self._versions(db, wanted)
        if not theirs:
            return do()
        now_us = ledger.to_us(reading.wall_at)
        if self.rule is Countersign.TELL:
            done = do()
            number = ledger.newest_seq(db)
            if wanted.way is CorrectionWay.RENAME and wanted.username is not None:
                theirs = (wanted.username,)
            corrections.keep(db, number, wanted, versions, theirs, Progress.MADE, now_us, None)
            return done
        corrections.rehearse(db, do)
        due_at = reading.wall_at + timedelta(days=self.days) if reading.trusted else None
        due_us = None if due_at is None else ledger.to_us(due_at)
        number = ledger.add(db, "propose", wanted.seq, reading, _body(wanted, theirs))
        corrections.keep(db, number, wanted, versions, theirs, Progress.ASKED, now_us, due_us)
        if wanted.seq is not None:
            corrections.hold(db, number, wanted.seq, self._why_it_waits(wanted, theirs, due_at), Now.of(reading))
        return AskedFor(number)

    def _why_it_waits(self, wanted: Correction, theirs: tuple[str, ...], due_at: datetime | None) -> str:
        way = phrase(wanted.way.value)
        if due_at is None:
            return sentence(
                "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts some days "
                "after the clock is right: clockd corrections",
                by=wanted.by,
                way=way,
                owners=theirs,
            )
        return sentence(
            "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts from "
            "{due_local:%d %b %H:%M} on: clockd corrections",
            by=wanted.by,
            way=way,
            owners=theirs,
            due_local=local(due_at, self.zone),
        )

    def _versions(self, db: Database, wanted: Correction) -> Versions:
        found = None if wanted.seq is None else view.punch(db, self.tag, wanted.seq)
        if found is None:
            return Versions(None, None)
        punch = found[0]
        was = Version(punch.username, punch.kind, punch.at, punch.offset_s)
        offset = None if wanted.at is None else offset_s(wanted.at, self.zone)
        return Versions(was, becomes(wanted, was, offset))


def refuse_if_asked(db: Database, seq: int) -> None:
    """Refuse what is to be done to a punch while a correction of it waits for an answer.

    Raises:
        Refused: one does.
    """
    number = corrections.asked_of(db, seq)
    if number is not None:
        raise Refused(
            "a correction of this punch waits for its owner's answer",
            hint=sentence(
                "clockd corrections shows it; clockd corrections withdraw {number} takes it back", number=number
            ),
        )


def is_asked(db: Database, seq: int) -> bool:
    """Whether a correction of this punch waits for an answer."""
    return corrections.asked_of(db, seq) is not None


def _owners(db: Database, wanted: Correction) -> tuple[str, ...]:
    has_it, counts = None, True
    if wanted.seq is not None:
        found = view.punch(db, 0, wanted.seq)
        has_it = None if found is None else found[0].username
        counts = found is not None and not found[0].voided
    known = wanted.username is not None and people.is_known(db, wanted.username)
    return owners(wanted, has_it, counts=counts, known=known)


def _spelled(db: Database, wanted: Correction) -> Correction:
    if wanted.username is None or wanted.way is CorrectionWay.RENAME:
        return wanted
    return replace(wanted, username=badges.Spellings.load(db).of(wanted.username.strip()))


def _body(wanted: Correction, theirs: tuple[str, ...]) -> ledger.Body:
    return {
        "way": wanted.way.value,
        "by": wanted.by,
        "why": wanted.why,
        "owners": ", ".join(theirs),
        "at_us": None if wanted.at is None else ledger.to_us(wanted.at),
        "kind": None if wanted.kind is None else wanted.kind.value,
        "username": wanted.username,
        "old": wanted.old,
        "time_type": wanted.time_type,
    }
