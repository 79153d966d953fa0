"""What an inspector reads: worked out from the rows of the ledger alone, so that anybody can work it out again.

    punches.csv      each punch as it counts, and as it was recorded
    corrections.csv  everything that was said of a punch or a person since, with its author
    days.csv         what each employee worked on each day
    months.csv       … and in each month
    notices.csv      legal breaks and rests that were short, where the door looks at a law

The rows are replayed in their order. What was corrected says so; nothing that was recorded is left out. A punch whose
body was discarded has its line, which says so and when it was recorded, and no more.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from clockd.core.chain import RawRow, is_discarded
from clockd.core.delivery import Mark, State
from clockd.core.harmless import no_formula
from clockd.core.hours import WorkDay, reckon
from clockd.core.model import ClockQuality, Kind
from clockd.core.notices import NoticeLaw, notices
from clockd.core.planning.item import Item

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_US, _LATEST_US = -62_135_000_000_000_000, 253_402_000_000_000_000
"""Within the times that Python has, by some days: a rotten cell may hold any number, and the rest is wanted as well."""
_MOST_OFFSET_S = 24 * 3600 - 1


@dataclass(frozen=True, slots=True)
class ReplayedPunch:
    """A punch as the ledger says that it counts."""

    seq: int
    username: str | None
    kind: str | None
    at_us: int
    offset_s: int
    recorded_us: int
    recorded_offset_s: int
    recorded_kind: str | None
    recorded_username: str | None
    certain: bool
    """Whether the clock was right, or the time was said later."""
    project: str | None
    terminal: str
    reader: str
    confirmed: bool = False
    """Whether a person said when it was, or that it truly is as it looks."""
    counts: str = "yes"
    """yes, void, ignored, or discarded."""
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class SaidSince:
    """Something that was done after a punch was recorded."""

    seq: int
    what: str
    punch_seq: int | None
    wall_us: int
    body: Mapping[str, object]
    discarded: bool = False


def replay(rows: Iterable[RawRow]) -> tuple[list[ReplayedPunch], list[SaidSince]]:
    """Replay the ledger; return every punch as it counts in the end, and everything that was said since."""
    punches, said = dict[int, ReplayedPunch](), list[SaidSince]()
    for row in rows:
        seq, what, punch_seq, wall_us, _, _, trusted, text = row[:8]
        body, is_gone = _body(str(text)), is_discarded(row)
        number, about, moment = _number(seq), _number(punch_seq), _number(wall_us)
        if what == "punch":
            recorded = _recorded(number, moment, bool(trusted), body)
            punches[number] = replace(recorded, counts="discarded") if is_gone else recorded
            continue
        punch = punches.get(about)
        said.append(SaidSince(number, str(what), about if punch else None, moment, body, is_gone))
        if is_gone:
            continue
        if what == "rename":
            for each in punches.values():
                if each.username == body.get("old"):
                    punches[each.seq] = replace(each, username=_text(body.get("new")))
        elif punch is not None:
            punches[about] = _after(punch, str(what), body)
    return list(punches.values()), said


def files(
    rows: Sequence[RawRow], max_shift_s: float, until: datetime, law: NoticeLaw = NoticeLaw.NONE
) -> dict[str, str]:
    """Return the tables by the names of their files.

    Args:
        rows: the whole ledger.
        max_shift_s: the longest shift, as `clockd hours` takes it.
        until: when they were read; what runs then has no end.
        law: whose breaks and rests are looked at; with none there is no table of them.
    """
    punches, said = replay(rows)
    reckoned = list(_reckoned(punches, max_shift_s, until))
    days = list(_days(reckoned))
    months = defaultdict[tuple[str, str], list[int]](lambda: [0, 0])
    for username, day, worked_s, break_s, *_ in days:
        months[username, day[:7]][0] += worked_s
        months[username, day[:7]][1] += break_s
    short = {"notices.csv": _table(_NOTICES, _notices(reckoned, law))} if law is not NoticeLaw.NONE else {}
    return short | {
        "punches.csv": _table(_PUNCHES, map(_punch_line, punches)),
        "corrections.csv": _table(("row", "at_utc", "what", "punch_row", "by", "why", "said"), map(_said_line, said)),
        "days.csv": _table(("username", "day", "worked_s", "break_s", "from_local", "to_local"), days),
        "months.csv": _table(
            ("username", "month", "worked_s", "break_s"), ((*key, *sums) for key, sums in sorted(months.items()))
        ),
    }


_PUNCHES = (
    *("row", "username", "kind", "local", "at_utc", "offset_s", "certain", "counts", "project", "corrections"),
    *("recorded_username", "recorded_kind", "recorded_at_utc", "terminal", "reader"),
)


def _recorded(seq: int, wall_us: int, trusted: bool, body: Mapping[str, object]) -> ReplayedPunch:
    offset, kind, username = _offset(body.get("offset_s")), _text(body.get("kind")), _text(body.get("username"))
    project = " / ".join(part for part in (_text(body.get("client")), _text(body.get("project"))) if part) or None
    terminal, reader = _text(body.get("terminal")) or "", _text(body.get("reader")) or ""
    return ReplayedPunch(
        seq, username, kind, wall_us, offset, wall_us, offset, kind, username, trusted, project, terminal, reader
    )


def _after(punch: ReplayedPunch, what: str, body: Mapping[str, object]) -> ReplayedPunch:
    """Return how a punch counts after something was said of it."""
    match what:
        case "void":
            return replace(punch, counts="void", corrections=punch.corrections + 1)
        case "ignore":
            counts = punch.counts if punch.counts == "void" else "ignored"
            return replace(punch, counts=counts, corrections=punch.corrections + 1)
        case "correct" | "amend" | "assign":
            at_us = body.get("at_us")
            return replace(
                punch,
                username=_text(body.get("username")) or punch.username,
                kind=_text(body.get("kind")) or punch.kind,
                at_us=punch.at_us if at_us is None else _number(at_us),
                offset_s=punch.offset_s if body.get("offset_s") is None else _offset(body["offset_s"]),
                certain=punch.certain or at_us is not None,
                confirmed=punch.confirmed or (what == "amend" and at_us is not None),
                corrections=punch.corrections + 1,
            )
        case "retry":
            return replace(punch, confirmed=True)
        case _:
            return punch


_NOTICES = ("username", "day", "short", "law", "needed_s", "had_s")


def _reckoned(
    punches: Sequence[ReplayedPunch], max_shift_s: float, until: datetime
) -> Iterable[tuple[str, Sequence[WorkDay]]]:
    of = defaultdict[str, list[Item]](list)
    for punch in sorted(punches, key=lambda punch: (punch.at_us, punch.seq)):
        if punch.username and punch.kind in set(Kind) and punch.counts == "yes":
            of[punch.username].append(_item(punch))
    for username in sorted(of):
        items = of[username]
        first, last = items[0].local.date(), items[-1].local.date() + timedelta(days=1)
        yield username, [day for day in reckon(items, first, last, until, max_shift_s).days if day.stretches]


def _days(reckoned: Iterable[tuple[str, Sequence[WorkDay]]]) -> Iterable[tuple[str, str, int, int, str, str]]:
    for username, days in reckoned:
        for day in days:
            begins, ends = day.stretches[0].begins.local, day.stretches[-1].ends
            until = "" if ends is None else ends.local.isoformat(" ")
            yield (username, day.day.isoformat(), day.worked_s, day.break_s, begins.isoformat(" "), until)


def _notices(reckoned: Iterable[tuple[str, Sequence[WorkDay]]], law: NoticeLaw) -> Iterable[tuple[object, ...]]:
    """Of each employee what was short; of work that still runs nothing is said."""
    for username, days in reckoned:
        stretches = (stretch for day in days for stretch in day.stretches)
        for each in notices(stretches, law, clock_is_right=False):
            yield username, each.day.isoformat(), each.way.value, each.law, each.needed_s, each.had_s


def _item(punch: ReplayedPunch) -> Item:
    clock = ClockQuality.SYNCHRONIZED if punch.certain else ClockQuality.UNCERTAIN
    return Item(
        punch.seq,
        punch.username or "",
        Kind(punch.kind or ""),
        _at(punch.at_us),
        punch.offset_s,
        State.DELIVERED,
        clock=clock,
        mark=Mark.SAID if punch.confirmed else None,
    )


def _punch_line(punch: ReplayedPunch) -> tuple[object, ...]:
    local = _at(punch.at_us) + timedelta(seconds=punch.offset_s)
    return (
        punch.seq,
        punch.username or "",
        punch.kind or "",
        local.replace(tzinfo=None).isoformat(" ", "seconds"),
        _utc(punch.at_us),
        punch.offset_s,
        "yes" if punch.certain else "no",
        punch.counts,
        punch.project or "",
        punch.corrections,
        punch.recorded_username or "",
        punch.recorded_kind or "",
        _utc(punch.recorded_us),
        punch.terminal,
        punch.reader,
    )


def _said_line(said: SaidSince) -> tuple[object, ...]:
    if said.discarded:
        return (said.seq, _utc(said.wall_us), said.what, said.punch_seq or "", "", "", "discarded")
    rest = {key: value for key, value in said.body.items() if key not in ("by", "why") and value is not None}
    shown = (_text(json.dumps(rest, ensure_ascii=False, sort_keys=True)) or "") if rest else ""
    by, why = _text(said.body.get("by")) or "clockd", _text(said.body.get("why")) or ""
    return (said.seq, _utc(said.wall_us), said.what, said.punch_seq or "", by, why, shown)


def _table(titles: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(titles)
    table.writerows([_cell(value) for value in line] for line in lines)
    return out.getvalue()


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return str(value) if isinstance(value, int) else no_formula(str(value))


def _body(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _offset(value: object) -> int:
    found = _number(value)
    return found if abs(found) <= _MOST_OFFSET_S else 0


def _text(value: object) -> str | None:
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def _at(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=min(max(us, _EARLIEST_US), _LATEST_US))


def _utc(us: int) -> str:
    return _at(us).isoformat(timespec="milliseconds").replace("+00:00", "Z")
