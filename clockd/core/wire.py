"""What goes to a tracker and what comes back, in words that both trackers share.

    sync / reconcile  --Write/Look-->  codec  --Request-->  http  --Exchange-->  codec  --Verdict/Entries-->  planning

A codec (`trackers/timetrack/`, `trackers/goodtime/wire/`) is pure: it turns a `Write` into a `Request`, and the
`Exchange` that came of it into a `Verdict`. What a verdict means for a punch is said by
`core/planning/outcome.py` alone. All wall-clock times here are naive and local to the terminal's zone, as both
trackers want them.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from clockd.core.json import Json
from clockd.core.pieces import Pieces
from clockd.core.sentence import advised


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, without host and credentials: those are added by `trackers/http.py` alone."""

    method: str
    path: str
    """Below the configured base URL, percent-encoded, beginning with `/`."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, not yet encoded."""
    body: Json = None
    """What is sent as JSON; None sends no body at all (some proxies refuse a GET with a body)."""

    @property
    def writes(self) -> bool:
        """Whether repeating it blindly could book something twice."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply that arrived whole; redirects are replies too, they are never followed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    document: "BodyRead | None" = field(default=None, repr=False, compare=False)
    """What the body says, where it has been read already, as a long one is when it arrives (`core/body.py`)."""

    @property
    def is_json(self) -> bool:
        """Whether the reply says it is JSON (a login page of the network says it is HTML)."""
        return "json" in self.headers.get("content-type", "").lower()


@dataclass(frozen=True, slots=True)
class NoJson:
    """A body that is not JSON."""

    why: str
    """What came instead, as the words that follow "the tracker answered with"."""
    empty: bool = False
    """Whether there is nothing in it but white space."""


@dataclass(frozen=True, slots=True)
class BodyRead:
    """A body that has been read."""

    says: Json | NoJson


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request reached the tracker: unknown host, connection refused, TLS failed, connect timed out."""

    why: str
    lasts: bool = False
    """Whether it lasts until a person ends it: a certificate that is not trusted, a proxy that wants a password."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The connection broke, or time ran out, after the first byte was sent: the request may have been applied."""

    why: str


Exchange = Reply | NotSent | NoAnswer


# --- what we ask a tracker to do --------------------------------------------------------------------------------


class WriteKind(StrEnum):
    """What a write does, as it is noted with a delivery."""

    START_TIMER = "StartTimer"
    STOP_TIMER = "StopTimer"
    CREATE_ENTRY = "CreateEntry"
    UPDATE_ENTRY = "UpdateEntry"
    DELETE_ENTRY = "DeleteEntry"
    START_PROJECT = "StartProject"
    PAUSE_PROJECT = "PauseProject"
    RESUME_PROJECT = "ResumeProject"
    STOP_PROJECT = "StopProject"


@dataclass(frozen=True, slots=True)
class StartTimer:
    """TimeTrack: `attendance_timer/start`, dated at the punch's own time."""

    kind: ClassVar[WriteKind] = WriteKind.START_TIMER
    username: str
    at_local: datetime


@dataclass(frozen=True, slots=True)
class StopTimer:
    """TimeTrack: `attendance_timer/stop`, dated at the punch's own time."""

    kind: ClassVar[WriteKind] = WriteKind.STOP_TIMER
    username: str
    at_local: datetime


@dataclass(frozen=True, slots=True)
class CreateEntry:
    """A whole closed interval: `POST /attendances`, `createtimeentry`."""

    kind: ClassVar[WriteKind] = WriteKind.CREATE_ENTRY
    username: str
    from_local: datetime
    to_local: datetime
    break_minutes: int
    note: str
    project: str | None = None
    """The project's name (Goodtime); None without one, and for TimeTrack, whose attendances have none."""
    time_type: str | None = None
    """The time type's name or id (Goodtime); None: the usual one."""


@dataclass(frozen=True, slots=True)
class UpdateEntry:
    """TimeTrack: partial `PUT /attendances/{id}`; None leaves a field as it is."""

    kind: ClassVar[WriteKind] = WriteKind.UPDATE_ENTRY
    entry_id: str
    from_local: datetime | None = None
    to_local: datetime | None = None
    break_minutes: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteEntry:
    """`DELETE /attendances/{id}`, `deletetimeentry/{id}`."""

    kind: ClassVar[WriteKind] = WriteKind.DELETE_ENTRY
    entry_id: str


@dataclass(frozen=True, slots=True)
class StartProject:
    """TimeTrack: `project_timer/start`."""

    kind: ClassVar[WriteKind] = WriteKind.START_PROJECT
    username: str
    client: str
    project: str
    at_local: datetime


@dataclass(frozen=True, slots=True)
class PauseProject:
    """TimeTrack: `project_timer/pause`."""

    kind: ClassVar[WriteKind] = WriteKind.PAUSE_PROJECT
    username: str
    at_local: datetime


@dataclass(frozen=True, slots=True)
class ResumeProject:
    """TimeTrack: `project_timer/resume`."""

    kind: ClassVar[WriteKind] = WriteKind.RESUME_PROJECT
    username: str
    at_local: datetime


@dataclass(frozen=True, slots=True)
class StopProject:
    """TimeTrack: `project_timer/stop`."""

    kind: ClassVar[WriteKind] = WriteKind.STOP_PROJECT
    username: str
    at_local: datetime


ProjectWrite = StartProject | PauseProject | ResumeProject | StopProject
Write = StartTimer | StopTimer | CreateEntry | UpdateEntry | DeleteEntry | ProjectWrite
"""The closed set of writes. No write has an idempotency key on either tracker: a repeated one may book twice."""


# --- what came of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Position:
    """Where a terminal hangs, in degrees (WGS 84)."""

    latitude: float
    """-90 to 90, north is positive."""
    longitude: float
    """-180 to 180, east is positive."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row a tracker holds: attendance (TimeTrack) or time entry (Goodtime)."""

    id: str
    """Opaque; an integer on TimeTrack, a UUID on Goodtime, compared as text."""
    username: str
    """As the tracker wrote it; compare with `same_user`."""
    from_local: datetime
    to_local: datetime | None
    """None while it runs."""
    may_be_closed: bool = False
    """Whether a row without an end may be a closed one within a minute, since its end equals its begin."""
    note: str = ""
    break_minutes: int = 0
    worked_minutes: int | None = None
    manual: bool | None = None
    locked: bool | None = None
    """Whether it is locked (Goodtime); None when the reply does not say: then it may be."""
    time_type: str | None = None
    """Id of its time type (Goodtime); None elsewhere."""
    project: str | None = None
    """Id of its project (Goodtime); None without one."""
    latitude_start: float | None = field(default=None, compare=False)
    """Where it began and ended (TimeTrack), for people: two rows that differ in nothing else are one."""
    longitude_start: float | None = field(default=None, compare=False)
    latitude_end: float | None = field(default=None, compare=False)
    longitude_end: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ProjectTimer:
    """TimeTrack's project timer of one user. Its seconds are as of the moment of asking, computed by state."""

    username: str
    started_local: datetime | None
    worked_s: int
    break_s: int
    state: str
    """playing, paused or stopped; playing wins where the tracker's flags contradict each other."""
    client: str
    project: str
    task: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Applied, and the reply proves it: it echoes what was sent."""

    entry_ids: tuple[str, ...]
    """Empty where the reply has no id (a project timer; a timer reply without an id)."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The tracker said yes without an echo (204, or 200 without a recognisable row): look before believing it."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been applied: no answer, 5xx, a page instead of JSON. Look after the quarantine."""

    why: str


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Certainly not applied; try again after a back-off."""

    why: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """400, 409, 415, 422: wrong parameters, or the state is already what we want. Look, then decide."""

    why: str
    envelope: bool
    """Whether it was the tracker itself that spoke; then no quarantine is needed."""


@dataclass(frozen=True, slots=True)
class Gone:
    """404 in the tracker's own words: the row is not there, or is deleted (code 15020)."""

    why: str
    deleted: bool
    """Whether the tracker says that the row was there and is deleted."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """403, or 404 for the user: this employee cannot be booked; others can."""

    why: str
    about: Literal["key", "employee"] = "key"
    """What it is about: perhaps the key, which may have no right; or certainly the employee, unknown or renamed."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The tracker refuses us as a whole: 401, a redirect, a path that does not exist. Nothing was applied."""

    reason: str
    """credentials, redirect, path, portal (something on the way answers in the tracker's place), or setup (the account
    has to be got to know anew, which ends the pause).
    """
    why: str
    """What is wrong and what to do, for the admin."""


PORTAL = advised(
    "something on the way answers in the tracker's place, with a success that holds nothing of what was asked for",
    "a network that wants a login (captive portal), a proxy, or another service at tracker.url",
)
"""What to say of a success that cannot be the tracker's, in `Paused("portal", PORTAL)`."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """The tracker takes no more requests for now (429, or words that say so): nothing was applied."""

    retry_after: str | None
    """The `Retry-After` header as it came, seconds or an HTTP date; None without one."""


Verdict = Accepted | Unconfirmed | Unknown | NotApplied | Rejected | Gone | Forbidden | Paused | Throttled
"""The closed set of answers to a write."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of entries that was read and understood."""

    entries: tuple[Entry, ...]
    last: bool
    """Whether there is no further page."""


LookVerdict = Rows | NotApplied | Paused | Throttled | Forbidden
"""The answers to a read; a read that fails in any unclear way is simply NotApplied: reading again harms nobody."""


class Codec(Protocol):
    """What a tracker's codec does for sync and reconcile. It is pure, and raises on nothing that a tracker sent."""

    def request(self, write: Write) -> Request:
        """Say a write in the tracker's language."""

    def verdict(self, write: Write, exchange: Exchange) -> Verdict:
        """Read the answer to a write."""

    def look(self, usernames: tuple[str, ...], from_local: datetime, to_local: datetime, page: int) -> Request:
        """Ask for all entries that touch a span, wide enough for every reading of "from" and "to".

        Args:
            usernames: whom to ask about: one, or nobody in particular. Goodtime has to be asked about one.
            from_local: begin of the span.
            to_local: end of the span.
            page: from 0.
        """

    def rows(self, exchange: Exchange, asked: str = "") -> Pieces[LookVerdict]:
        """Read the answer to a look, some rows at a time.

        Args:
            exchange: what came back.
            asked: whom the look was about, if about one: stands in where a row does not say whose it is.
        """

    def probe(self, now_local: datetime) -> Request:
        """Make the cheapest read that shows whether credentials and paths are right."""


def canonical_user(username: str) -> str:
    """Return a username as it is compared: in Unicode NFC, without space around it; an e-mail in lower case."""
    text = unicodedata.normalize("NFC", username.strip())
    return text.lower() if "@" in text else text  # not casefold: strauß@ and strauss@ are two people


def same_user(a: str, b: str) -> bool:
    """Whether two usernames mean the same person, as both trackers see it."""
    return canonical_user(a) == canonical_user(b)
