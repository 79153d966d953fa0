"""What employees are shown of their own record besides the hours: what was changed of it, and what asks for a yes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from clockd.core.correction import Consent, seen_by
from clockd.core.json import Json
from clockd.core.own_changes import OwnChange, OwnCounted, SaidOfPunch, own_changes
from clockd.errors import Refused
from clockd.flow.correction_desk import CorrectionDesk, shown_version
from clockd.flow.documents import iso
from clockd.flow.timesheets import Timesheets, check_days
from clockd.store import changes, corrections, ledger
from clockd.store.changes import SpokenOf
from clockd.store.corrections import KeptCorrection
from clockd.store.thread import Store

PIECE_PLACES = 500
"""Places of the ledger that are looked at in one go of the store: a tap waits for each."""
ON_THE_PAGE = "said on the page, in their own record"
"""What the ledger says of a yes that was given there."""


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """Shows one employee what was done to their record, and takes their answers.

    Args:
        store: the open store.
        zone: of the terminal.
        timesheets: knows where the punches of some days stand.
        corrections: takes the answers.
        pages: the users of this machine who may ask: nobody else answers in an employee's name.
    """

    store: Store
    zone: ZoneInfo
    timesheets: Timesheets
    corrections: CorrectionDesk
    pages: Collection[str]

    async def of(self, username: str, first: date, last: date) -> Json:
        """Return what was changed of these days, newest first, and the corrections that ask for this employee's yes.

        Raises:
            UsageError: as for `Timesheets.of`.
        """
        check_days(first, last)
        seqs = await self.store.run(partial(self.timesheets.places, first=first, last=last))
        found = await self.store.run(partial(changes.added_later, username=username, seqs=seqs))
        for start in range(seqs.start, seqs.stop, PIECE_PLACES):
            piece = range(start, min(start + PIECE_PLACES, seqs.stop))
            found += await self.store.run(partial(changes.spoken_of, seqs=piece))
        listed = [change for spoken in found for change in self._changes(username, spoken, first, last)]
        listed.sort(key=lambda change: change.made_at, reverse=True)
        asked = await self.store.run(partial(corrections.asked_from, username=username))
        return {
            "changes": [_change(each) for each in listed],
            "asked": [self._asked(username, each) for each in asked],
        }

    async def answer(self, number: int, username: str, consent: Consent, why: str, peer: str) -> Json:
        """Take what an employee says to a correction; return how far it is then.

        Raises:
            Refused: it is settled, or is not theirs; or somebody else than the page asks.
        """
        self.refuse_others(peer)
        done = await self.corrections.answer(number, username, consent, why or ON_THE_PAGE)
        return {"progress": done.value}

    def refuse_others(self, peer: str) -> None:
        """Refuse everybody but the page, which knows who is at it.

        Raises:
            Refused: somebody else asks.
        """
        if peer not in self.pages:
            raise Refused("only the admin page may ask for this", hint="open it in a browser")

    def _changes(self, username: str, spoken: SpokenOf, first: date, last: date) -> list[OwnChange]:
        rows = [SaidOfPunch(row.what, ledger.nearest(row.wall_us), row.body) for row in spoken.rows]
        tapped = bool(rows[0].body.get("badge"))
        found = own_changes(username, spoken.username, rows, self.zone, tapped=tapped)
        days = {counted.at_local.date() for change in found for counted in (change.was, change.becomes) if counted}
        return found if any(first <= day <= last for day in days) else []

    def _asked(self, username: str, kept: KeptCorrection) -> Json:
        said = kept.correction
        was, becomes = seen_by(username, said.way, kept.was, kept.becomes)
        return {
            "number": kept.number,
            "way": said.way.value,
            "by": said.by,
            "why": said.why,
            "was": shown_version(was),
            "becomes": shown_version(becomes),
            "old": said.old,
            "new": said.username if said.old else None,
            "made_at": iso(ledger.nearest(kept.made_us)),
            "due_at": None if kept.due_us is None else iso(ledger.nearest(kept.due_us)),
        }


def _change(change: OwnChange) -> Json:
    return {
        "way": change.way.value,
        "at": iso(change.made_at),
        "by": change.by,
        "why": change.why or None,
        "was": _counted(change.was),
        "becomes": _counted(change.becomes),
        "leaves": change.leaves,
    }


def _counted(counted: OwnCounted | None) -> Json:
    return None if counted is None else {"kind": counted.kind, "local": counted.at_local.isoformat()}
