"""How time entries may change: the rules of one profile, for requests and for people in the web app alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from clockd.sim.goodtime.people import made_up_id
from clockd.sim.goodtime.profile import Profile
from clockd.sim.goodtime.watch import Watch
from clockd.sim.goodtime.world import LONGEST_ENTRY, Choice, Origin, TimeEntry, User, World
from clockd.sim.message import Problem
from clockd.sim.moment import SimMoment

MINUTE = timedelta(minutes=1)


class Wanted(NamedTuple):
    """An entry as somebody wants it."""

    email: str
    from_local: datetime
    to_local: datetime
    type_id: str
    project_id: str | None = None
    comment: str = ""


@dataclass(slots=True)
class Book:
    """The rules over the entries of an account."""

    world: World
    profile: Profile
    watch: Watch

    # --- what must hold before anything changes -----------------------------------------------------------------

    def person(self, email: str) -> User:
        """The user a request names.

        Raises:
            Problem: unknown.
        """
        user = self.world.user(email)
        if user is None:
            raise Problem(self.profile.unknown_status, f"There is no user {email}.")
        return user

    def open_person(self, email: str) -> User:
        """The user a write is for.

        Raises:
            Problem: unknown, or closed.
        """
        user = self.person(email)
        if user.closed:
            raise Problem(self.profile.closed_status, "The user is closed.")
        return user

    def entry(self, entry_id: str) -> TimeEntry:
        """A living entry.

        Raises:
            Problem: unknown, or deleted.
        """
        entry = self.world.entries.get(entry_id)
        if entry is None:
            raise Problem(404, "There is no such time entry.")
        if entry.deleted:
            raise Problem(self.profile.gone_status, "There is no such time entry.")
        return entry

    def whole(self, at: datetime) -> datetime:
        """A time in the precision that is kept.

        Raises:
            Problem: it has seconds and they are refused.
        """
        if at.second and self.profile.seconds == "refuse":
            raise Problem(400, "Only whole minutes are allowed.")
        return at.replace(second=0, microsecond=0)

    def _type(self, type_id: str) -> Choice:
        for kind in self.world.time_types:
            if kind.id == type_id:
                return kind
        raise Problem(self.profile.no_type_status, "There is no such time type.")

    def _project(self, user: User, project_id: str | None) -> str | None:
        if project_id is None:
            return None
        if not self.profile.projects:
            raise Problem(400, "Projects are not enabled.")
        if project_id not in {job.id for job in self.world.projects_of(user)}:
            raise Problem(400, "The project is not assigned to the user.")
        return project_id

    def _free(self, email: str, from_local: datetime, to_local: datetime | None, *, but: str = "") -> None:
        if self.profile.overlap == "accept":
            return
        for other in self.world.touching(email, from_local, to_local):
            if other.deleted or other.id == but:
                continue
            begins_before_end = to_local is None or other.from_local < to_local
            ends_after_begin = other.to_local is None or other.to_local > from_local
            if begins_before_end and ends_after_begin:
                raise Problem(self.profile.overlap_status, "OverlappingTimeEntryFault")

    # --- changes ------------------------------------------------------------------------------------------------

    def create(self, wanted: Wanted, by: Origin, now: SimMoment) -> list[TimeEntry]:
        """Enter a closed entry; over midnight it may become several.

        Raises:
            Problem: a rule forbids it.
        """
        user = self.open_person(wanted.email)
        from_local, to_local = self.whole(wanted.from_local), self.whole(wanted.to_local)
        if to_local <= from_local:
            raise Problem(400, "The end must be after the start.")
        if to_local - from_local > LONGEST_ENTRY:
            raise Problem(400, "The time entry is too long.")
        type_id = self._type(wanted.type_id).id
        project_id = self._project(user, wanted.project_id)
        self._free(user.email, from_local, to_local)
        comment = wanted.comment if self.profile.comments else ""
        made = []
        for begin, end in self._pieces(from_local, to_local):
            entry = TimeEntry(
                made_up_id(self.world.dice), user.email, begin, end, type_id, project_id, comment, by, now.s
            )
            made.append(self.world.add(entry))
            self.watch.created(entry, user, by)
        return made

    def delete(self, entry: TimeEntry, by: Origin, now: SimMoment) -> None:
        """Delete an entry.

        Raises:
            Problem: it is locked.
        """
        if entry.locked and self.profile.locking:
            if by == "api":
                self.watch.locked_deletes.append(entry.id)
            raise Problem(403, "The time entry is locked.")
        self.world.delete(entry, now.s)
        self.watch.deleted(entry, by)

    def start(self, email: str, at: datetime, by: Origin, now: SimMoment) -> TimeEntry:
        """Somebody starts the web clock.

        Raises:
            Problem: it runs already, or a rule forbids it.
        """
        user = self.open_person(email)
        at = self.whole(at)
        if self.world.running(user.email) is not None:
            raise Problem(400, "The clock runs already.")
        self._free(user.email, at, None)
        type_id = self.world.time_types[0].id
        entry = TimeEntry(made_up_id(self.world.dice), user.email, at, None, type_id, None, "", by, now.s)
        return self.world.add(entry)

    def stop(self, email: str, at: datetime, now: SimMoment) -> TimeEntry:
        """Somebody stops the web clock; within the same minute it ends a minute later.

        Raises:
            Problem: no clock runs.
        """
        user = self.open_person(email)
        entry = self.world.running(user.email)
        if entry is None:
            raise Problem(400, "No clock runs.")
        end = max(self.whole(at), entry.from_local + MINUTE)
        self.world.move(entry, entry.from_local, end, now.s)
        return entry

    def edit(self, entry: TimeEntry, from_local: datetime | None, to_local: datetime | None, now: SimMoment) -> None:
        """Somebody changes an entry in the web app.

        Raises:
            Problem: a rule forbids it.
        """
        begin = entry.from_local if from_local is None else self.whole(from_local)
        end = entry.to_local if to_local is None else self.whole(to_local)
        if entry.locked and self.profile.locking:
            raise Problem(403, "The time entry is locked.")
        if end is not None and end <= begin:
            raise Problem(400, "The end must be after the start.")
        self._free(entry.user, begin, end, but=entry.id)
        self.world.move(entry, begin, end, now.s)

    def _pieces(self, from_local: datetime, to_local: datetime) -> Iterator[tuple[datetime, datetime]]:
        if self.profile.midnight_split:
            midnight = datetime.combine(from_local.date() + timedelta(days=1), time())
            while midnight < to_local:
                yield from_local, midnight
                from_local, midnight = midnight, midnight + timedelta(days=1)
        yield from_local, to_local
