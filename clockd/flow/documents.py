"""What an admin is shown: punches, the story of one, the store's part of the status, and a check of the ledger."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from clockd.core import chain
from clockd.core.chain import Head
from clockd.core.delivery import Now, State
from clockd.core.json import Json
from clockd.core.model import Kind, Punch, Reading
from clockd.core.sentence import said_json, sentence
from clockd.core.timebase import offset_s, wire_local
from clockd.errors import UsageError
from clockd.flow.door import Door
from clockd.flow.naming import find_punch
from clockd.store import Database, attempts, dating, ledger, outbox, schema, view
from clockd.store.thread import Store
from clockd.store.view import ShownDelivery

LISTED = timedelta(days=40)
"""How long an interval over a change of the clocks is listed: until the payroll of its month is done."""

PIECE_ROWS = 1000
"""How many places of the ledger are looked at in one go of the store: a tap waits for each."""
SHOWN_ROWS = 25
"""How many punches are written out in one go: it costs more than to pass over one."""

EXPORT_ROWS = 500
"""How many places of the ledger make a page of an export."""


def of_punch(punch: Punch, delivery: ShownDelivery) -> Json:
    """Return a punch as `clockd punches --json` shows it."""
    document: dict[str, Json] = {
        "id": punch.id,
        "username": punch.username,
        "kind": punch.kind.value if punch.kind else None,
        "at": iso(punch.at),
        "local": punch.local.isoformat(timespec="milliseconds"),
        "zone": punch.zone,
        "clock": punch.clock.value,
        "explicit": punch.explicit,
        "project": str(punch.project) if punch.project else None,
        "time_type": punch.time_type,
        "terminal": punch.terminal,
        "reader": punch.reader,
        "badge": f"…{punch.badge_tail}" if punch.badge_tail else None,
        "voided": punch.voided,
        "delivery": {
            "state": delivery.state.value,
            "entry_ids": list(delivery.entry_ids),
            "attempts": delivery.attempts,
            "last_error": delivery.last_error,
            "last_error_said": said_json(delivery.last_error),
            "held_because": delivery.held.because if delivery.held else None,
            "held_because_said": said_json(delivery.held.because) if delivery.held else None,
            "held_code": delivery.held.code.value if delivery.held else None,
            "retry_at": iso(delivery.retry_at),
            "waits_for": "out" if delivery.waits_for_out else None,
            "via": delivery.via,
        },
    }
    if punch.bounds is not None:
        early, late = punch.bounds.earliest_at, punch.bounds.latest_at
        document["bounds"] = {"earliest_at": iso(early), "latest_at": iso(late)}
    return document


@dataclass(frozen=True, slots=True)
class Documents:
    """Reads what an admin is shown out of the open store.

    Args:
        store: the open store.
        door: which terminal this is.
        tag: the installation's tag, for punch ids.
        read_clock: all clocks at once.
    """

    store: Store
    door: Door
    tag: int
    read_clock: Callable[[], Reading]

    async def punches(self, *, limit: int | None, state: str | None, username: str | None) -> list[Json]:
        """Return punches as `clockd punches --json` shows them, newest first."""
        _check_state(state)
        newest = await self.store.run(view.newest_seq)
        return await self._listed(range(1, newest + 1), state=state, username=username, most=limit)

    async def _listed(self, seqs: range, *, state: str | None, username: str | None, most: int | None) -> list[Json]:
        """Return the punches of these places of the ledger, newest first, in pieces."""
        listed, stop = list[Json](), seqs.stop
        while stop > seqs.start and (most is None or len(listed) < most):
            piece = range(max(seqs.start, stop - PIECE_ROWS), stop)
            show = partial(_punches, tag=self.tag, seqs=piece, state=state, username=username, most=SHOWN_ROWS)
            found, stop = await self.store.run(show)
            listed += found
        return listed[:most]

    async def page(
        self, *, cursor: int | None, newest_first: bool, state: str | None, username: str | None
    ) -> dict[str, Json]:
        """Return the next punches, and the cursor of the page after them (`next`; None at the end).

        A page looks at a fixed stretch of the ledger, so any may hold few punches or none.

        Args:
            cursor: None for the first page, else `next` of the page before.
            newest_first: from the newest back; else from the oldest on.
            state: only with a delivery in this state.
            username: only of this employee.
        """
        _check_state(state)
        newest = await self.store.run(view.newest_seq)
        if newest_first:
            end = newest + 1 if cursor is None else min(cursor, newest + 1)
            seqs = range(max(1, end - EXPORT_ROWS), end)
            following = seqs.start if seqs.start > 1 else None
        else:
            first = 1 if cursor is None else cursor
            seqs = range(first, min(first + EXPORT_ROWS, newest + 1))
            following = seqs.stop if seqs.stop <= newest else None
        listed = await self._listed(seqs, state=state, username=username, most=None)
        return {"punches": listed if newest_first else listed[::-1], "next": following, "newest": newest}

    async def story(self, punch_id: str) -> Json:
        """Return one punch with everything that was ever done to it."""
        seq = await find_punch(self.store, self.tag, punch_id)

        def read(db: Database) -> Json:
            found = view.punch(db, self.tag, seq)
            assert found is not None
            rows: list[Json] = [
                {"what": row.what, "at": iso(ledger.nearest(row.wall_us)), **dict(row.body), "badge": None}
                for row in ledger.story_of(db, seq)
            ]
            document = of_punch(*found)
            assert isinstance(document, dict)
            proposed = dating.proposal(db, seq)
            tried: list[Json] = [
                {
                    "at": iso(ledger.nearest(one.at_us)),
                    "sent": one.sent,
                    "status": one.status,
                    "answer": one.answer,
                    "answer_said": said_json(one.answer),
                }
                for one in attempts.of(db, seq)
            ]
            return {
                **document,
                "hash": ledger.hash_of(db, seq),
                "proposal_at": iso(proposed),
                "story": rows,
                "attempts": tried,
            }

        return await self.store.run(read)

    async def log(self, cursor: int | None) -> Json:
        """Return who changed what, newest first, and the cursor of the page after it (`next`; None at the end).

        A page looks at a fixed stretch of the ledger, so any may hold few rows or none.
        """
        newest = await self.store.run(ledger.newest_seq)
        end = newest + 1 if cursor is None else min(cursor, newest + 1)
        seqs = range(max(1, end - EXPORT_ROWS), end)
        found = await self.store.run(partial(ledger.changes, seqs=seqs)) if seqs else []
        rows: list[dict[str, Json]] = [
            {
                **dict(row.body),
                "seq": row.seq,
                "what": row.what,
                "at": iso(ledger.nearest(row.wall_us)),
                "id": None if punch_us is None else ledger.punch_id(punch_us, self.tag, row.punch_seq),
            }
            for row, punch_us in found
        ]
        return {"rows": _together(rows), "next": seqs.start if seqs.start > 1 else None}

    async def summary(self) -> dict[str, Json]:
        """Return the part of `clockd status` that the store knows; in pieces, since a tap waits for each."""
        now = self.read_clock().wall_at
        midnight = datetime.combine(now.astimezone(self.door.zone).date(), time(), self.door.zone)
        midnight_us = ledger.to_us(midnight.astimezone(UTC))
        states: Counter[str] = Counter()
        today = 0
        newest = await self.store.run(view.newest_seq)
        for first in range(1, newest + 1, PIECE_ROWS):
            piece = range(first, first + PIECE_ROWS)
            found, recent = await self.store.run(partial(view.counts, seqs=piece, since_us=midnight_us))
            states.update(found)
            today += recent
        present: list[Json] = []
        missing_out: list[Json] = []
        for username in await self.store.run(outbox.usernames):
            in_, missing = await self.store.run(
                partial(_shifts, username=username, door=self.door, tag=self.tag, now=Now.of(self.read_clock()))
            )
            present += in_
            missing_out += missing

        def read(db: Database) -> dict[str, Json]:
            oldest = view.oldest_open_us(db)
            return {
                "outbox": {
                    **{
                        state: states[state]
                        for state in ("waiting", "open", "sending", "doubtful", "held", "delivered", "stranger")
                    },
                    "oldest_waiting_at": None if oldest is None else iso(ledger.nearest(oldest)),
                },
                "punches": {"total": states.total(), "today": today},
                "schema": schema.present(db),
                "present": present,
                "findings": [
                    {"id": _id_of(db, seq, self.tag), "what": what, "detail": detail, "detail_said": said_json(detail)}
                    for seq, what, detail in view.findings(db)
                ],
                "clock_changes": _clock_changes(db, now, self.door.zone),
                "missing_out": missing_out,
            }

        return await self.store.run(read)

    async def verify(self, anchors: Sequence[Head] = ()) -> Json:
        """Check the ledger's chain of hashes, and that it still has those that were noted elsewhere."""
        found = await self.store.run(partial(ledger.verify, anchors=anchors))
        return {
            "rows": found.head.rows,
            "hash": found.head.hash,
            "ok": found.wrong is None,
            "wrong": found.wrong,
            "wrong_said": said_json(found.wrong),
            "discarded": {because.value: many for because, many in sorted(found.discarded.items())},
        }


def _together(rows: list[dict[str, Json]]) -> list[Json]:
    """Return the rows of the log; pieces of what was discarded together as one, with how many bodies went."""
    found = list[dict[str, Json]]()
    for row in rows:
        if row["what"] != chain.DISCARD:
            found.append(row)
            continue
        with suppress(ValueError, KeyError):  # a damaged row stands as it is
            row["count"] = sum(1 for _ in chain.places_of(str(row.pop("places")), int(str(row["seq"]))))
        before = found[-1] if found else {}
        same = all(before.get(key) == row.get(key) for key in ("what", "because", "by", "why"))
        if same and isinstance(before.get("count"), int) and isinstance(row.get("count"), int):
            before["count"] = int(str(before["count"])) + int(str(row["count"]))
        else:
            found.append(row)
    return list[Json](found)


def _punches(
    db: Database, tag: int, seqs: range, state: str | None, username: str | None, most: int
) -> tuple[list[Json], int]:
    """Return some punches of these places, newest first, and the place before which the others stand."""
    found = list(view.punches(db, tag, seqs=seqs, state=state, username=username, most=most))
    seq = ledger.seq_of(found[-1][0].id) if len(found) == most else seqs.start
    assert seq is not None
    return [of_punch(punch, delivery) for punch, delivery in found], seq


def _shifts(db: Database, username: str, door: Door, tag: int, now: Now) -> tuple[list[Json], list[Json]]:
    """Return whether an employee is in, and each of their clock-ins whose clock-out is missing."""
    last = outbox.last_item(db, username, now)
    in_ = last is not None and last.kind in (Kind.IN, Kind.RESUME)
    missing: list[Json] = [
        {
            "id": ledger.punch_id(wall_us, tag, seq),
            "username": username,
            "since_at": iso(ledger.nearest(at_us)),
        }
        for seq, at_us, wall_us in view.open_shifts(db, username, now, door.rules.max_shift_s)
    ]
    return [{"username": username, "since_at": iso(last.at)}] if in_ and last else [], missing


def _id_of(db: Database, seq: int, tag: int) -> Json:
    found = view.punch(db, tag, seq)
    return found[0].id if found else None


def _clock_changes(db: Database, now: datetime, zone: ZoneInfo) -> list[Json]:
    """List the intervals over a change of the clocks, for payroll: what was worked, and what the wall clock shows."""
    since = now - LISTED
    if offset_s(since, zone) == offset_s(now, zone):
        return []
    found: list[Json] = []
    for username, in_us, in_offset_s, out_us, out_offset_s in view.over_clock_changes(db, ledger.to_us(since)):
        in_at, out_at = ledger.nearest(in_us), ledger.nearest(out_us)
        from_local, to_local = wire_local(in_at, in_offset_s), wire_local(out_at, out_offset_s)
        found.append(
            {
                "username": username,
                "from_local": from_local.isoformat(),
                "to_local": to_local.isoformat(),
                "wall_minutes": int((to_local - from_local).total_seconds()) // 60,
                "true_minutes": int((out_at - in_at).total_seconds()) // 60,
            }
        )
    return found


def _check_state(state: str | None) -> None:
    if state is not None and state not in set(State):
        raise UsageError(
            sentence("unknown state {state}", state=repr(state)),
            hint=sentence("one of {choices}", choices=tuple(State)),
        )


def iso(at: datetime | None) -> str | None:
    """Return a time as documents have it: UTC with milliseconds, `2026-11-21T07:02:13.000Z`."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
