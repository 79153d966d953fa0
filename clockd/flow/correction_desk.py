"""The corrections that wait: who is shown them, what an owner answers, and what comes of that."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from clockd.core.correction import Consent, Correction, CorrectionWay, Progress, Version, progress
from clockd.core.delivery import Now
from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.core.sentence import said_text, sentence
from clockd.core.timebase import local
from clockd.errors import NotNow, NotRecorded, Refused, UsageError
from clockd.flow.documents import iso
from clockd.flow.naming import find_punch
from clockd.store import Database, badges, corrections, ledger, view
from clockd.store.corrections import KeptCorrection, WaitingCorrection
from clockd.store.stored import UNREADABLE
from clockd.store.thread import Store

log = logging.getLogger(__name__)

MOST_LISTED = 500
EXPIRE_EVERY_S = 600.0
"""How many seconds pass between two looks whether the time to answer is over."""

T = TypeVar("T")

Make = Callable[[Database, Correction, Reading], None]
"""Makes a correction within the transaction that is open."""


@dataclass(frozen=True, slots=True)
class CorrectionDesk:
    """Shows corrections, takes the answers of their owners, and makes what was agreed to.

    Args:
        store: the open store.
        zone: of the terminal.
        days: after so many days silence counts as an answer.
        tag: the installation's, for punch ids.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
        make: what makes a correction, for each way.
    """

    store: Store
    zone: ZoneInfo
    days: float
    tag: int
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]
    make: Mapping[CorrectionWay, Make]

    async def listed(self, *, waiting: bool = False) -> list[Json]:
        """Return the newest corrections, or all that wait for an answer."""

        def read(db: Database) -> list[Json]:
            carriers = {badge.username for badge in badges.all_badges(db)}
            return [self._document(db, each, carriers) for each in corrections.newest(db, MOST_LISTED, waiting=waiting)]

        return await self.store.run(read)

    async def withdraw(self, number: int | None, punch_id: str | None, why: str, by: str) -> Json:
        """Take back a correction that nobody has answered yet; its punch is as it was.

        Args:
            number: which one; None: that of the punch.
            punch_id: the punch it is about.
            why: for the ledger.
            by: who takes it back.

        Raises:
            Refused: there is none, or it is settled.
        """
        seq = None if punch_id is None else await find_punch(self.store, self.tag, punch_id)
        reading = self.read_clock()

        def work(db: Database) -> int:
            which = corrections.asked_of(db, seq) if seq is not None else number
            kept = None if which is None else corrections.waiting(db, which)
            if kept is None:
                raise Refused("no such correction waits for an answer", hint="clockd corrections")
            body: ledger.Body = {"correction": kept.number, "by": by, "why": why}
            ledger.add(db, "withdraw", kept.seq, reading, body)
            _end(db, kept, Progress.WITHDRAWN, why, reading)
            return kept.number

        done = await self._do(work)
        self.wake()
        return {"number": done}

    async def answer(self, number: int, username: str, consent: Consent, why: str) -> Progress:
        """Take an owner's answer; return how far the correction is then.

        Raises:
            Refused: it is settled, or is not theirs to answer.
        """
        if consent is Consent.SILENCE:
            raise UsageError("the answer is yes or no")
        reading = self.read_clock()
        done = await self._do(lambda db: self._answer(db, number, username, consent, why, reading))
        self.wake()
        return done

    async def told(self, number: int, username: str) -> None:
        """Note that an owner was shown a correction."""
        reading = self.read_clock()

        def work(db: Database) -> None:
            kept = corrections.find(db, number)
            owner = None if kept is None else next((o for o in kept.owners if o.username == username), None)
            if kept is None or owner is None:
                return
            if owner.told_us is None:
                body: ledger.Body = {"correction": number, "username": username}
                ledger.add(db, "told", kept.correction.seq, reading, body)
            stays = kept.progress is Progress.ASKED and owner.consent is None
            corrections.note_told(db, number, username, reading.wall_us, stays=stays)

        await self.store.run(work)

    async def run(self) -> None:
        """Let silence count as an answer when the time is over."""
        while True:
            try:
                await self.expire()
            except NotRecorded as failure:
                log.warning("corrections could not be looked at: %s", failure.message)
            await asyncio.sleep(EXPIRE_EVERY_S)

    async def expire(self) -> int:
        """Let silence count for what is overdue; return how many. A clock that is not set says nothing.

        What everybody has answered, and could not be made at that moment, is made now. What was asked for by such a
        clock has all its days from the first look by one that is right.
        """
        reading = self.read_clock()
        for number in await self.store.run(corrections.all_answered):
            if await self._settled(number, partial(self._settle, number=number, remark=None, reading=reading)):
                self.wake()
        if not reading.trusted:
            return 0
        due_us = ledger.to_us(reading.wall_at + timedelta(days=self.days))
        await self.store.run(lambda db: corrections.begin_days(db, due_us))
        numbers = await self.store.run(lambda db: corrections.overdue(db, reading.wall_us))
        settled = 0
        for number in numbers:
            settled += await self._settled(number, partial(self._silence, number=number, reading=reading))
        if settled:
            log.warning("%d corrections count now without an answer of their owners", settled)
            self.wake()
        return settled

    async def _settled(self, number: int, work: Callable[[Database], object]) -> bool:
        """Settle one correction; False, and told in the log, where a row of it cannot be read: the others go on."""
        try:
            await self._do(work)
        except Refused as refusal:
            log.warning("correction %d cannot be settled: %s", number, refusal.message)
            return False
        return True

    async def _do(self, work: Callable[[Database], T]) -> T:
        """Do something in one transaction; where a row cannot be read, nothing of it, and that is told as such."""
        try:
            return await self.store.run(work)
        except UNREADABLE as mistake:
            raise Refused(
                sentence("its row in the database is damaged ({mistake})", mistake=str(mistake)),
                hint="enter what it was in the tracker, then ignore it",
            ) from None

    # --- in the store's thread, in one transaction ---

    def _answer(
        self, db: Database, number: int, username: str, consent: Consent, why: str, reading: Reading
    ) -> Progress:
        kept = corrections.find(db, number)
        owner = None if kept is None else next((o for o in kept.owners if o.username == username), None)
        if kept is None or owner is None:
            raise Refused("no such correction of yours waits for an answer")
        if kept.progress is not Progress.ASKED or owner.consent is not None:
            raise Refused("this correction is settled already")
        what = "agree" if consent is Consent.YES else "refuse"
        body: ledger.Body = {"correction": number, "by": "employee", "username": username, "why": why}
        ledger.add(db, what, kept.correction.seq, reading, body)
        corrections.note_consent(db, number, username, consent, reading.wall_us)
        return self._settle(db, number, why if consent is Consent.NO else None, reading)

    def _silence(self, db: Database, number: int, reading: Reading) -> None:
        kept = corrections.find(db, number)
        if kept is None or kept.progress is not Progress.ASKED:
            return
        for owner in kept.owners:
            if owner.consent is None:
                body: ledger.Body = {"correction": number, "username": owner.username}
                ledger.add(db, "silence", kept.correction.seq, reading, body)
                corrections.note_consent(db, number, owner.username, Consent.SILENCE, reading.wall_us)
        self._settle(db, number, None, reading)

    def _settle(self, db: Database, number: int, remark: str | None, reading: Reading) -> Progress:
        """Do what the answers so far say: nothing yet, leave all as it was, or make the correction."""
        kept = corrections.find(db, number)
        if kept is None:
            return Progress.ASKED  # its row was damaged: somebody takes it back
        found = progress([owner.consent for owner in kept.owners])
        match found:
            case Progress.ASKED:
                pass
            case Progress.AGREED | Progress.UNANSWERED:
                return self._make(db, kept, found, reading)
            case _:
                _end(db, _waiting(kept), found, remark, reading)
        return found

    def _make(self, db: Database, kept: KeptCorrection, how: Progress, reading: Reading) -> Progress:
        """Make what was agreed to; where it cannot be made any more, the office is told why, and nothing is changed.

        Where only a request is under way it waits on: who says yes has just tapped, and that tap is being sent.
        """
        try:
            with corrections.whole_or_not(db):
                _end(db, _waiting(kept), how, None, reading)
                self.make[kept.correction.way](db, kept.correction, reading)
        except NotNow:
            return Progress.ASKED
        except (Refused, UsageError) as refusal:
            why = refusal.message
            body: ledger.Body = {"correction": kept.number, "why": why, "why_said": said_text(why)}
            ledger.add(db, "lapse", kept.correction.seq, reading, body)
            _end(db, _waiting(kept), Progress.IMPOSSIBLE, why, reading)
            return Progress.IMPOSSIBLE
        return how

    def _document(self, db: Database, kept: KeptCorrection, carriers: set[str]) -> Json:
        said = kept.correction
        found = None if said.seq is None else view.punch(db, self.tag, said.seq)
        return {
            "number": kept.number,
            "way": said.way.value,
            "progress": kept.progress.value,
            "punch": None if found is None else found[0].id,
            "by": said.by,
            "why": said.why,
            "was": shown_version(kept.was),
            "becomes": shown_version(kept.becomes),
            "old": said.old,
            "time_type": said.time_type,
            "new": said.username if said.way is CorrectionWay.RENAME else None,
            "made_at": iso(ledger.nearest(kept.made_us)),
            "due_at": _iso_us(kept.due_us),
            "due_local": None if kept.due_us is None else _short(local(ledger.nearest(kept.due_us), self.zone)),
            "ended_at": _iso_us(kept.ended_us),
            "remark": kept.remark,
            "owners": [
                {
                    "username": owner.username,
                    "has_badge": owner.username in carriers,
                    "told_at": _iso_us(owner.told_us),
                    "consent": None if owner.consent is None else owner.consent.value,
                    "said_at": _iso_us(owner.said_us),
                }
                for owner in kept.owners
            ],
        }


def shown_version(version: Version | None) -> Json:
    """Return how a punch counts before or after a correction, as documents have it."""
    if version is None:
        return None
    return {
        "username": version.username,
        "kind": None if version.kind is None else version.kind.value,
        "at": iso(version.at),
        "local": _short(version.local),
    }


def _waiting(kept: KeptCorrection) -> WaitingCorrection:
    return WaitingCorrection(kept.number, kept.correction.seq)


def _end(db: Database, kept: WaitingCorrection, how: Progress, remark: str | None, reading: Reading) -> None:
    corrections.end(db, kept.number, how, remark, reading.wall_us)
    if kept.seq is not None:
        corrections.let_go(db, kept.number, kept.seq, Now.of(reading))


def _iso_us(us: int | None) -> Json:
    return None if us is None else iso(ledger.nearest(us))


def _short(at: datetime) -> str:
    return at.isoformat(" ", "seconds")[:19]
