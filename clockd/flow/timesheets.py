"""Who worked how long, as an admin is shown it: one employee at a time, read in pieces, so that no tap waits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from clockd.core.delivery import Now
from clockd.core.hours import Hours, WorkDay, pair_of, reckon
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Reading
from clockd.core.notices import NoticeLaw, notices
from clockd.core.planning.item import Item
from clockd.core.sentence import sentence
from clockd.errors import UsageError
from clockd.flow.documents import Documents, iso
from clockd.flow.door import Door
from clockd.store import Database, badges, ledger, outbox, spans, view
from clockd.store.thread import Store

MOST_DAYS = 40
"""In one answer: more is asked for in parts."""
PIECE_ITEMS = 50
"""Punches that are read at once: a tap waits for each piece."""
PIECE_NAMES = 10
"""Employees, or punches with what stands beside them, that are looked up at once."""

Pairs = dict[int, tuple[str, int | None]]
"""For the seq of a punch the id of its other half, and with the one that ends the pair the seconds between."""


@dataclass(frozen=True, slots=True)
class Timesheets:
    """Works out hours from the open store.

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

    async def people(self) -> Json:
        """Return everybody who ever punched, and which day it is at the door."""
        names = await self.store.run(outbox.usernames)
        today = self.read_clock().wall_at.astimezone(self.door.zone).date()
        return {"people": list(names), "today": today.isoformat(), "zone": self.door.zone.key}

    async def of(self, username: str, first: date, last: date) -> Json:
        """Return what one employee worked from one day to another.

        Raises:
            UsageError: it ends before it begins, or is longer than `MOST_DAYS`.
        """
        check_days(first, last)
        reading = self.read_clock()
        seqs = await self.store.run(partial(self.places, first=first, last=last))
        clocked = list[spans.Clocked]()
        while True:
            piece = partial(
                spans.of_employee,
                username=username,
                seqs=seqs,
                after=clocked[-1].ord if clocked else 0,
                most=PIECE_ITEMS,
                now=Now.of(reading),
            )
            found = await self.store.run(piece)
            clocked += found
            if len(found) < PIECE_ITEMS:
                break
        items = [each.item for each in clocked]
        ids = {each.item.seq: ledger.punch_id(each.wall_us, self.tag, each.item.seq) for each in clocked}
        name = await self.store.run(partial(badges.name_of, username=username))
        sheet = reckon(items, first, last, reading.wall_at, self.door.rules.max_shift_s)
        short = self.notices(items, first, last, reading)
        return {"username": username, "name": name, **_shown(sheet, ids, reading), "notices": short}

    def notices(self, items: Sequence[Item], first: date, last: date, reading: Reading) -> list[Json]:
        """Return the legal breaks and rests of these days that were short; a rest reaches back to the day before."""
        if self.door.notices is NoticeLaw.NONE:
            return []
        sheet = reckon(items, first - timedelta(days=2), last, reading.wall_at, self.door.rules.max_shift_s)
        stretches = (stretch for day in sheet.days for stretch in day.stretches)
        found = notices(stretches, self.door.notices, clock_is_right=reading.trusted)
        return [
            {
                "day": each.day.isoformat(),
                "what": each.way.value,
                "law": each.law,
                "needed_s": each.needed_s,
                "had_s": each.had_s,
            }
            for each in found
            if first <= each.day <= last
        ]

    async def names(self, usernames: set[str]) -> dict[str, str]:
        """Return the name that is shown for each of these employees."""
        found, wanted = dict[str, str](), sorted(usernames)
        for n in range(0, len(wanted), PIECE_NAMES):
            found |= await self.store.run(partial(_names, usernames=wanted[n : n + PIECE_NAMES]))
        return found

    async def pairs(self, seqs: range) -> Pairs:
        """Return what the punches at these places of the ledger are paired with, as far as they are."""
        found: Pairs = {}
        now = Now.of(self.read_clock())
        for first in range(seqs.start, seqs.stop, PIECE_NAMES):
            piece = range(first, min(first + PIECE_NAMES, seqs.stop))
            found |= await self.store.run(partial(self._pairs, seqs=piece, now=now))
        return found

    async def page(self, documents: Documents, cursor: int | None, first: date | None, last: date | None) -> Json:
        """Return the next punches, oldest first, each with the name of its employee and what it is paired with.

        Args:
            documents: shows punches.
            cursor: None for the first page, else `next` of the page before.
            first: none of an earlier day …
            last: … nor of a later one; those of which nobody knows the day are shown with their neighbours.
        """
        if cursor is None and first is not None:
            cursor = await self._place(first)
        page = await documents.page(cursor=cursor, newest_first=False, state=None, username=None)
        beyond = None if last is None else await self._place(last + timedelta(days=3))
        shown = [(seq, punch) for seq, punch in _punches_on(page) if _is_within(seq, punch, first, last, beyond)]
        names = await self.names({str(punch["username"]) for _, punch in shown if punch["username"]})
        pairs = await self.pairs(range(shown[0][0], shown[-1][0] + 1)) if shown else {}
        listed: list[Json] = []
        for seq, punch in shown:
            other, worked_s = pairs.get(seq, (None, None))
            listed.append({**punch, "name": names.get(str(punch["username"])), "pair": other, "pair_s": worked_s})
        return {**page, "punches": listed}

    async def _place(self, day: date) -> int:
        """Return a place of the ledger before which there is no punch of a day or of a later one."""
        return await self.store.run(partial(spans.first_since, at=self.midnight(day) - timedelta(days=1)))

    def midnight(self, day: date) -> datetime:
        """Return when a day begins at the door."""
        return datetime.combine(day, time(), self.door.zone).astimezone(UTC)

    def _pairs(self, db: Database, seqs: range, now: Now) -> Pairs:
        found: Pairs = {}
        for seq in seqs:
            around = spans.with_neighbours(db, seq, now)
            before, here, after = (None if each is None else each.item for each in around)
            pair = here and pair_of(here, before, after, self.door.rules.max_shift_s)
            if pair:
                wall_us = next(each.wall_us for each in around if each and each.item.seq == pair.other.seq)
                found[seq] = ledger.punch_id(wall_us, self.tag, pair.other.seq), pair.worked_s
        return found

    def places(self, db: Database, first: date, last: date) -> range:
        """Return where the punches of these days stand, with the shifts that reach into them and beyond."""
        around = timedelta(days=1, seconds=2 * self.door.rules.max_shift_s)
        begin, end = self.midnight(first) - around, self.midnight(last + timedelta(days=1)) + around
        until = spans.first_since(db, end) + 4 * spans.AROUND
        return range(spans.first_since(db, begin), min(until, view.newest_seq(db) + 1))


def _punches_on(page: Mapping[str, Json]) -> Iterator[tuple[int, dict[str, Json]]]:
    punches = page["punches"]
    assert isinstance(punches, list)
    for punch in punches:
        assert isinstance(punch, dict)
        seq = ledger.seq_of(str(punch["id"]))
        assert seq is not None
        yield seq, punch


def _is_within(seq: int, punch: Mapping[str, Json], first: date | None, last: date | None, beyond: int | None) -> bool:
    if punch["clock"] == ClockQuality.UNCERTAIN:
        return beyond is None or seq < beyond
    day = str(punch["local"])[:10]
    return (first is None or first.isoformat() <= day) and (last is None or day <= last.isoformat())


def _names(db: Database, usernames: list[str]) -> dict[str, str]:
    return {username: badges.name_of(db, username) for username in usernames}


def _shown(sheet: Hours, ids: dict[int, str], reading: Reading) -> dict[str, Json]:
    """Return a sheet as `clockd hours --json` shows it."""
    return {
        "worked_s": sum(day.worked_s for day in sheet.days),
        "break_s": sum(day.break_s for day in sheet.days),
        "days": [_day(day, ids, reading) for day in sheet.days],
        "missing": [
            {
                "what": missing.what.value,
                "id": ids[missing.item.seq],
                "kind": missing.item.kind.value,
                **_moment("", missing.item),
                "clock": missing.item.clock.value,
                "because": missing.because or None,
            }
            for missing in sheet.missing
        ],
    }


def _day(day: WorkDay, ids: dict[int, str], reading: Reading) -> Json:
    return {
        "day": day.day.isoformat(),
        "worked_s": day.worked_s,
        "break_s": day.break_s,
        "work": [
            {
                **_moment("from_", stretch.begins),
                **(_moment("to_", stretch.ends) if stretch.ends else {"to_at": None, "to_local": None}),
                "worked_s": stretch.worked_s,
                "project": str(stretch.project) if stretch.project else None,
                "time_type": stretch.begins.time_type,
                "running": stretch.ends is None,
                "uncertain": stretch.uncertain or (stretch.ends is None and not reading.trusted),
                "held": stretch.held,
                "ids": [ids[stretch.begins.seq], *([ids[stretch.ends.seq]] if stretch.ends else [])],
            }
            for stretch in day.stretches
        ],
        "breaks": [
            {**_moment("from_", pause.begins), **_moment("to_", pause.ends), "break_s": pause.break_s}
            for pause in day.pauses
        ],
    }


def _moment(which: str, item: Item) -> dict[str, Json]:
    return {f"{which}at": iso(item.at), f"{which}local": item.local.isoformat()}


def check_days(first: date, last: date) -> None:
    """Refuse a span of days that ends before it begins, or is longer than `MOST_DAYS`.

    Raises:
        UsageError: it is one.
    """
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise UsageError(
            sentence("1 to {most} days can be asked for at once", most=MOST_DAYS),
            hint="clockd hours asks in parts",
        )


def day_of(text: str) -> date:
    """Read a day.

    Raises:
        UsageError: it is none, or cannot be meant.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise UsageError(sentence("{text} is no day", text=repr(text[:60])), hint="as 2026-11-21") from None
    if found.year not in range(1990, 2200):
        raise UsageError(sentence("{text} cannot be meant", text=text), hint="years from 1990 to 2199")
    return found
