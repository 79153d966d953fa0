"""The codec: what sync and reconcile say to TimeTrack, and what they may believe of its answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from clockd.core.pieces import Pieces
from clockd.core.wire import (
    CreateEntry,
    DeleteEntry,
    Entry,
    Exchange,
    Forbidden,
    Gone,
    LookVerdict,
    NotApplied,
    PauseProject,
    Position,
    ProjectTimer,
    Rejected,
    Reply,
    Request,
    ResumeProject,
    Rows,
    StartProject,
    StartTimer,
    StopProject,
    StopTimer,
    Unknown,
    UpdateEntry,
    Verdict,
    Write,
)
from clockd.trackers.timetrack import attendances, timers
from clockd.trackers.timetrack.echo import prove
from clockd.trackers.timetrack.hear import Missing, ReadFailure, Said, hear

MARGIN = timedelta(hours=36)
"""How much wider a look is than what is looked for: "from" and "to" may mean "begins in" or "touches", with or without
their ends, and the account may live in another zone (trap T34)."""


def credentials(key: str, secret: str) -> dict[str, str]:
    """Make the headers that every request needs.

    Args:
        key: the App Key.
        secret: the App Secret.
    """
    return {"X-TimeTrack-Api-Key": key.strip(), "X-TimeTrack-Api-Secret": secret.strip()}


@dataclass(frozen=True, slots=True)
class TimeTrackCodec:
    """TimeTrack's side of `core.wire.Codec`."""

    attendance_timer_path: str
    """Two are known: with and without `/timers` before it (trap T03)."""
    project_timer_path: str
    zone: tzinfo
    """The configured zone: the wall clock that TimeTrack is told, and the one it is believed to tell."""
    place: Position | None = None
    """Where the terminal hangs; said with whole entries, since a timer's start and stop take no such thing."""

    # --- writes -------------------------------------------------------------------------------------------------

    def request(self, write: Write) -> Request:
        """Say a write in TimeTrack's language.

        Raises:
            UsageError: the id of an entry is none.
        """
        match write:
            case StartTimer():
                return attendances.start(self.attendance_timer_path, write)
            case StopTimer():
                return attendances.stop(self.attendance_timer_path, write)
            case CreateEntry():
                return attendances.create(write, self.place)
            case UpdateEntry():
                return attendances.update(write)
            case DeleteEntry():
                return attendances.delete(write)
            case StartProject() | PauseProject() | ResumeProject() | StopProject():
                return timers.change(self.project_timer_path, write)

    def verdict(self, write: Write, exchange: Exchange) -> Verdict:
        """Read the answer to a write; never raises."""
        if isinstance(exchange, Reply) and exchange.status == 303:
            return Unknown("303 See Other, which may follow on a success")
        heard = hear(exchange)
        match heard:
            case Said(document):
                return prove(write, document, self.zone)
            case Missing():
                return _missing(write, heard)
            case _:
                return heard

    # --- reads --------------------------------------------------------------------------------------------------

    def look(self, usernames: tuple[str, ...], from_local: datetime, to_local: datetime, page: int) -> Request:
        """Ask for the rows of one employee, or of everybody: one read serves all who wait.

        Raises:
            UsageError: a page below 0.
        """
        name = usernames[0] if len(usernames) == 1 else None
        return attendances.search(name, from_local - MARGIN, to_local + MARGIN, page)

    def rows(self, exchange: Exchange, asked: str = "") -> Pieces[LookVerdict]:
        """Read the answer to a look; a page with one unreadable row is no answer. Each row says whose it is."""
        return _looked((yield from attendances.read_page(exchange, self.zone)))

    def probe(self, now_local: datetime) -> Request:
        """Ask for one row of the last days."""
        return attendances.search(None, now_local - MARGIN, now_local + MARGIN, limit=1)

    def get_attendance_timer(self, username: str, now_local: datetime) -> Request:
        """Ask for the running timer of one employee."""
        return attendances.timer(self.attendance_timer_path, username, now_local)

    def attendance_timer(self, exchange: Exchange) -> Entry | LookVerdict | None:
        """Read the running timer; None when none runs."""
        found = attendances.read_timer(exchange, self.zone)
        return found if found is None or isinstance(found, Entry) else _looked(found)

    def get_project_timer(self, username: str, now_local: datetime) -> Request:
        """Ask for the project timer of one employee."""
        return timers.get(self.project_timer_path, username, now_local)

    def project_timer(
        self, exchange: Exchange, now_local: datetime | None = None, username: str | None = None
    ) -> ProjectTimer | LookVerdict | None:
        """Read a project timer; None when there is none.

        Args:
            exchange: the answer to `get_project_timer`.
            now_local: when it was asked; the seconds are computed as of then. None: they stay as last saved.
            username: who was asked about; a timer of somebody else is no answer. None: not checked.
        """
        found = timers.read(exchange, self.zone, username)
        if isinstance(found, ProjectTimer):
            return found if now_local is None else timers.as_of(found, now_local)
        return None if found is None else _looked(found)

    def attendance(self, exchange: Exchange) -> Entry | ReadFailure:
        """Read the answer to `attendances.get`."""
        return attendances.read_one(exchange, self.zone)


def _missing(write: Write, missing: Missing) -> Verdict:
    """Say what a 404 in the tracker's words means for each write (trap T04)."""
    if missing.deleted:
        return Gone(missing.why, deleted=True)
    match write:
        case StartTimer() | CreateEntry():
            return Forbidden(missing.why, about="employee")
        case StartProject():  # employee or project: only a look at both could tell, so nobody else is stopped by it
            return Rejected(missing.why, envelope=True)
        case StopTimer() | UpdateEntry() | DeleteEntry() | PauseProject() | ResumeProject() | StopProject():
            return Gone(missing.why, deleted=False)


def _looked(found: Rows | ReadFailure) -> LookVerdict:
    match found:
        case Gone(why) | Rejected(why):
            return NotApplied(why)
        case _:
            return found
