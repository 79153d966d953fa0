"""Lanes, rows and plans in one line each, so that a table of cases can be read.

    in 08:00 waiting; out 12:00 held:orphan-out>1     a lane: punches with seq 1, 2, … and the words of `item`
    41 08:00..12:00; 42 13:00..                       rows of a tracker; the second one runs
    StopTimer 12:00 by 2 on 41                        a plan, as `said` says it

The clocks are those of one day, 2026-11-20 in Vienna: boot time is the seconds since its midnight, so that `08:00` is a
wall-clock time and a moment of the boot at once. `22:00-1` is the evening before, `00:30+1` the morning after.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from clockd.core.delivery import Held, HoldCode, Mark, Move, Now, State, Via
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Seen, Send, Waits
from clockd.core.wire import CreateEntry, DeleteEntry, Entry, StartProject, UpdateEntry, Write, WriteKind

DAY = datetime(2026, 11, 20)
WINTER_S = 3600
"""Offset of the wall clock."""
TIMER = Policy(timer=True)
ENTRIES = Policy(timer=False)
NAME = "ada"


def local(text: str) -> datetime:
    """Wall clock: `08:00`, `08:00:30`, with `-1` or `+1` for the day before or after."""
    days = int(text[-2:]) if text[-2] in "+-" else 0
    return datetime.combine(DAY + timedelta(days=days), time.fromisoformat(text[:-2] if days else text))


def secs(text: str) -> float:
    """Boot time of the same."""
    return (local(text) - DAY).total_seconds()


def clock(at: datetime | float) -> str:
    """The same backwards, for wall clock and boot time."""
    when = at if isinstance(at, datetime) else DAY + timedelta(seconds=at)
    days = (when.date() - DAY.date()).days
    shown = f"{when:%H:%M:%S}.{when.microsecond // 1000:03d}".removesuffix(".000").removesuffix(":00")
    return shown + (f"{days:+d}" if days else "")


def now(text: str) -> Now:
    """A moment as a delivery notes it."""
    wall = local(text).replace(tzinfo=UTC) - timedelta(seconds=WINTER_S)
    return Now(round(wall.timestamp() * 1e6), round(secs(text) * 1e6), 1)


def item(text: str, seq: int = 1) -> Item:
    """A punch: kind, time, and in any order what there is to say.

    waiting …           state                     held:conflict>3     held, its partner then; `held:forbidden!` blocks
    #41,42              entry ids                 timer entry …       how its entry came about
    rejected said …     mark                      StopTimer …         the last request
    x2                  attempts                  on:Roof             project         as:errand   time type
    sent@ first@ due@ done@ tapped@ retry@08:00   moments             utc+2  offset
    taken-back elsewhere old-boot uncertain             restored@08:00        a look counts from then on
    """
    kind, at, *words = text.split()
    offset_s = next((int(word[3:]) * 3600 for word in words if word.startswith("utc")), WINTER_S)
    wall = local(at)
    found = Item(
        seq=seq,
        username=NAME,
        kind=Kind(kind),
        at=(wall - timedelta(seconds=offset_s)).replace(tzinfo=UTC),
        offset_s=offset_s,
        state=State.WAITING,
        tapped_s=secs(at),
    )
    for word in words:
        found = _with(found, word)
    return found


def _with(found: Item, word: str) -> Item:
    name, _, value = word.partition("@")
    match name:
        case "sent" | "first" | "due" | "done" | "tapped" | "retry":
            field = "first_sent_s" if name == "first" else f"{name}_s"
            return replace(found, **{field: secs(value)})  # type: ignore[arg-type]
        case "restored":
            return replace(found, look_after_s=secs(value))
        case "taken-back":
            return replace(found, voided=True)
        case "elsewhere":
            return replace(found, elsewhere=True)
        case "old-boot":
            return replace(found, same_boot=False)
        case "uncertain":
            return replace(found, clock=ClockQuality.UNCERTAIN)
        case _:
            return _with_value(found, word)


def _with_value(found: Item, word: str) -> Item:
    if word.startswith("utc"):
        return found
    if word.startswith("#"):
        return replace(found, entry_ids=tuple(word[1:].split(",")))
    if word.startswith("on:"):
        return replace(found, project=Project("Client", word[3:]))
    if word.startswith("as:"):
        return replace(found, time_type=word[3:])
    if word.startswith("held:"):
        code, _, other = word[5:].rstrip("!").partition(">")
        held = Held(HoldCode(code), "because", blocks=word.endswith("!"), other=int(other) if other else None)
        return replace(found, state=State.HELD, held=held)
    if word[0] == "x" and word[1:].isdigit():
        return replace(found, attempts=int(word[1:]))
    return replace(found, **{_FIELDS[type(WORDS[word])]: WORDS[word]})  # type: ignore[arg-type]


_FIELDS: dict[type[StrEnum], str] = {State: "state", Via: "via", Mark: "mark", WriteKind: "write"}
WORDS: dict[str, StrEnum] = {word.value: word for kind in _FIELDS for word in kind}


def lane(text: str) -> tuple[Item, ...]:
    """Punches with seq 1, 2, …, parted by semicolons."""
    return tuple(item(part, n) for n, part in enumerate(_parts(text), 1))


def rows(text: str) -> tuple[Entry, ...]:
    """Rows: `41 08:00..12:00`, `42 13:00..`, and `locked`, `may-be-closed`, `type:home`, `note:lunch` behind."""
    return tuple(_row(part) for part in _parts(text))


def _row(text: str) -> Entry:
    row_id, span, *words = text.split()
    begin, end = span.split("..")
    told = {name: value for name, _, value in (word.partition(":") for word in words)}
    return Entry(
        row_id,
        NAME,
        local(begin),
        local(end) if end else None,
        note=told.get("note", ""),
        locked="locked" in told or None,
        may_be_closed="may-be-closed" in told,
        time_type=told.get("type"),
    )


def seen(
    text: str = "", at: str = "12:00", over: str = "00:00-1..23:59+1", slack_s: float = 0.0, pages: int = 1
) -> Seen:
    """What a read of the tracker showed that began at a moment, over a span."""
    begin, end = over.split("..")
    return Seen(secs(at), local(at), local(begin), local(end), rows(text), pages, slack_s)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


# --- plans in words ---------------------------------------------------------------------------------------------


def said(plan: Plan | Waits | None) -> str:
    """Everything that a plan says, but for the words that are for people."""
    match plan:
        case None:
            return "nothing"
        case Waits():
            return "waits"
        case Rest(until_s=until_s):
            return "rest" if until_s is None else f"rest until {clock(until_s)}"
        case Look(from_local=begin, to_local=end, after_s=after_s):
            return f"look {clock(begin)}..{clock(end)} after {clock(after_s)}"
        case Change(moves=moves):
            return moves_said(moves)
        case Send(write=write, covers=covers, target=target, final=final):
            on = f" on {','.join(target)}" if target else ""
            return f"{_write_said(write)} by {','.join(map(str, covers))}{on}{'' if final else ', one step'}"


def because(plan: Plan) -> str:
    """The words for people, of everything that a plan holds."""
    moves = plan.moves if isinstance(plan, Change) else ()
    return "; ".join(move.held.because for move in moves if move.held)


def moves_said(moves: Iterable[Move]) -> str:
    """Everything that moves say, but for the words that are for people."""
    return "; ".join(_move_said(move) for move in moves)


def _move_said(move: Move) -> str:
    words = [f"{move.seq} {move.event.value}"]
    if move.held:
        other = f">{move.held.other}" if move.held.other is not None else ""
        words.append(f"{move.held.code.value}{other}{'!' if move.held.blocks else ''}")
    if move.entry_ids is not None:
        words.append(f"#{','.join(move.entry_ids)}")
    words += [str(word.value) for word in (move.via, move.mark, move.write) if word]
    words += [f"due@{clock(move.due_s)}"] if move.due_s is not None else []
    words += [f"error:{move.error}"] if move.error else []
    words += [f"again:{move.retry_in_s}"] if move.retry_in_s else []
    return " ".join([*words, *["forgets"] * move.forgets])


def _write_said(write: Write) -> str:
    match write:
        case CreateEntry():
            words = [f"CreateEntry {clock(write.from_local)}..{clock(write.to_local)}"]
            words += [f"break {write.break_minutes}"] if write.break_minutes else []
            words += [f"note '{write.note}'"] if write.note else []
            words += [f"on {write.project}"] if write.project else []
            words += [f"as {write.time_type}"] if write.time_type else []
            return " ".join(words)
        case UpdateEntry():
            words = [f"UpdateEntry {write.entry_id}"]
            words += [f"from {clock(write.from_local)}"] if write.from_local else []
            words += [f"to {clock(write.to_local)}"] if write.to_local else []
            words += [f"break {write.break_minutes}"] if write.break_minutes is not None else []
            words += [f"note '{write.note}'"] if write.note is not None else []
            return " ".join(words)
        case DeleteEntry(entry_id=entry_id):
            return f"DeleteEntry {entry_id}"
        case StartProject():
            return f"StartProject {write.client} / {write.project} {clock(write.at_local)}"
        case _:
            return f"{write.kind.value} {clock(write.at_local)}"
