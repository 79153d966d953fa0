"""What an admin is shown, as contract.md has it: a punch, and the store's part of the status."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from clockd.core.model import Kind, Punch, Reading
from clockd.core.timebase import offset_s, wire_local
from clockd.core.wire import Json
from clockd.flow.terminal import Door
from clockd.store import ledger, outbox, view
from clockd.store.outbox import Now
from clockd.store.thread import Store
from clockd.store.view import Delivery

LISTED = timedelta(days=40)
"""How long an interval over a change of the clocks is listed: until every payroll of its month is done."""

PIECE_ROWS = 1000
"""Punches that are counted or listed at once: a tap waits for each piece."""

PAGE_ROWS = 500
"""Places of the ledger on a page of an export."""


def of_punch(punch: Punch, delivery: Delivery) -> Json:
    """Return a punch as contract.md shows it."""
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
        "terminal": punch.terminal,
        "reader": punch.reader,
        "badge": f"…{punch.badge_tail}" if punch.badge_tail else None,
        "voided": punch.voided,
        "delivery": {
            "state": delivery.state.value,
            "entry_ids": list(delivery.entry_ids),
            "attempts": delivery.attempts,
            "last_error": delivery.last_error,
            "held_because": delivery.held.because if delivery.held else None,
            "via": delivery.via,
        },
    }
    if punch.bounds is not None:
        early, late = punch.bounds.earliest_at, punch.bounds.latest_at
        document["bounds"] = {"earliest_at": iso(early), "latest_at": iso(late)}
    return document


async def of_status(store: Store, door: Door, tag: int, read_clock: Callable[[], Reading]) -> dict[str, Json]:
    """Return the part of `clockd status` that the store knows; in pieces, since a tap waits for each."""
    now = read_clock().wall_at
    midnight = datetime.combine(now.astimezone(door.zone).date(), time(), door.zone)
    midnight_us = ledger.to_us(midnight.astimezone(UTC))
    states: Counter[str] = Counter()
    today = 0
    newest = await store.run(view.newest_seq)
    for first in range(1, newest + 1, PIECE_ROWS):
        piece = range(first, first + PIECE_ROWS)
        found, recent = await store.run(partial(view.counts, seqs=piece, since_us=midnight_us))
        states.update(found)
        today += recent
    present: list[Json] = []
    missing_out: list[Json] = []
    for username in await store.run(outbox.usernames):
        in_, missing = await store.run(
            partial(_shifts, username=username, door=door, tag=tag, now=Now.of(read_clock()))
        )
        present += in_
        missing_out += missing

    def read(db: Database) -> dict[str, Json]:
        oldest = view.oldest_open_us(db)
        return {
            "outbox": {
                **{state: states[state] for state in ("waiting", "sending", "doubtful", "held", "delivered")},
                "oldest_waiting_at": None if oldest is None else iso(ledger.from_us(oldest)),
            },
            "punches": {"total": states.total(), "today": today},
            "present": present,
            "findings": [
                {"id": _id_of(db, seq, tag), "what": what, "detail": detail} for seq, what, detail in view.findings(db)
            ],
            "clock_changes": _clock_changes(db, now, door.zone),
            "missing_out": missing_out,
        }

    return await store.run(read)


def _shifts(db: Database, username: str, door: Door, tag: int, now: Now) -> tuple[list[Json], list[Json]]:
    """Return whether an employee is in, and who of them is in for longer than a shift or came without leaving."""
    last = outbox.last_item(db, username, now)
    in_ = last is not None and last.kind in (Kind.IN, Kind.RESUME)
    missing: list[Json] = [
        {
            "id": ledger.punch_id(wall_us, tag, seq),
            "username": username,
            "since_at": iso(ledger.from_us(at_us)),
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
        in_at, out_at = ledger.from_us(in_us), ledger.from_us(out_us)
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


def iso(at: datetime | None) -> str | None:
    """Return a time as contract.md writes times."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
