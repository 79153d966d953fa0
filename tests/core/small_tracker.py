"""A tracker in miniature: rows in a dictionary, and requests with which anything can happen."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Entry,
    Forbidden,
    Gone,
    NotApplied,
    Rejected,
    StartTimer,
    StopTimer,
    Throttled,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Verdict,
    Write,
)
from tests.core.lanes import NAME


class Fault(StrEnum):
    """What becomes of one request."""

    NONE = "none"
    REPLY_LOST = "reply lost"
    LOST = "lost"
    LATE = "late"
    """It arrives a minute after the connection broke."""
    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    REFUSED = "refused"
    ECHOLESS = "applied, and a yes without an echo"
    EMPTY_YES = "not applied, and a yes without an echo"
    CRASH_BEFORE = "the power goes before it left"
    CRASH_AFTER = "the power goes after it was applied"
    FORBIDDEN = "forbidden"


@dataclass(slots=True)
class Tracker:
    """Rows, and what is still on its way to them."""

    rows: dict[str, Entry] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """Ids of rows that requests of ours made."""
    late: list[tuple[float, Write]] = field(default_factory=list)
    last_id: int = 40

    def pass_time(self, now_s: float) -> None:
        """Let arrive what was on its way."""
        for at_s, write in [late for late in self.late if late[0] <= now_s]:
            self.late.remove((at_s, write))
            self.apply(write)

    def put(self, begin: datetime, end: datetime | None) -> str:
        """Make a row."""
        self.last_id += 1
        self.rows[str(self.last_id)] = Entry(str(self.last_id), NAME, begin, end)
        return str(self.last_id)

    def running(self) -> Entry | None:
        """The row that began last of those that run."""
        return max((r for r in self.rows.values() if r.to_local is None), key=lambda r: r.from_local, default=None)

    def apply(self, write: Write) -> Verdict:
        """Do what a request says, or refuse it as trackers do."""
        match write:
            case StartTimer(at_local=at):
                if self.running():
                    return Rejected("a timer runs already", envelope=True)
                return self._made(self.put(at, None))
            case StopTimer(at_local=at):
                running = self.running()
                if running is None or running.from_local >= at:
                    return Rejected("no timer runs", envelope=True)
                self.rows[running.id] = replace(running, to_local=at)
                return Accepted((running.id,))
            case CreateEntry(from_local=begin, to_local=end):
                if any(r.from_local < end and (not r.to_local or begin < r.to_local) for r in self.rows.values()):
                    return Rejected("it overlaps", envelope=True)
                return self._made(self.put(begin, end))
            case UpdateEntry(entry_id=entry_id, to_local=ends):
                if entry_id not in self.rows:
                    return Gone("no such entry", deleted=True)
                row = self.rows[entry_id]
                self.rows[entry_id] = replace(row, to_local=ends or row.to_local)
                return Accepted((entry_id,))
            case DeleteEntry(entry_id=entry_id):
                gone = self.rows.pop(entry_id, None)
                return Accepted(()) if gone else Gone("no such entry", deleted=True)
            case _:
                raise AssertionError(f"no matter of attendance: {write}")

    def _made(self, entry_id: str) -> Accepted:
        self.made.add(entry_id)
        return Accepted((entry_id,))

    def answer(self, write: Write, fault: Fault, now_s: float) -> Verdict | None:
        """Do with a request what it is told; None: the power goes at the door."""
        match fault:
            case Fault.NONE:
                return self.apply(write)
            case Fault.REPLY_LOST:
                self.apply(write)
                return Unknown("no answer")
            case Fault.LATE:
                self.late.append((now_s + 60.0, write))
                return Unknown("no answer")
            case Fault.LOST:
                return Unknown("502")
            case Fault.NOT_SENT:
                return NotApplied("refused")
            case Fault.THROTTLED:
                return Throttled(None)
            case Fault.REFUSED:
                return Rejected("400", envelope=False)
            case Fault.ECHOLESS:
                verdict = self.apply(write)
                return Unconfirmed("204") if isinstance(verdict, Accepted) else verdict
            case Fault.EMPTY_YES:
                return Unconfirmed("204")
            case Fault.CRASH_BEFORE:
                return None
            case Fault.CRASH_AFTER:
                self.apply(write)
                return None
            case Fault.FORBIDDEN:
                return Forbidden("403")
