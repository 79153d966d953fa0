"""How attendance rows may change: the rules of one profile, for requests and for people in the web app alike."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from clockd.sim.moment import SimMoment
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.watch import Watch
from clockd.sim.timetrack.world import DELETED, AttendanceRow, CodedProblem, Origin, User, World

AUTO_BREAK_AFTER = timedelta(hours=6)
AUTO_BREAK_MINUTES = 30


class Coordinates(NamedTuple):
    """Coordinates, where a client sends them."""

    latitude: float | None = None
    longitude: float | None = None


NOWHERE = Coordinates()


@dataclass(slots=True)
class Book:
    """The rules over the rows of an account."""

    world: World
    profile: Profile
    watch: Watch

    # --- what must hold before anything changes -----------------------------------------------------------------

    def person(self, username: str) -> User:
        """The user a request names.

        Raises:
            CodedProblem: unknown, or disabled.
        """
        user = self.world.users.get(unicodedata.normalize("NFC", username))
        if user is None:
            raise CodedProblem(self.profile.unknown_user, 15001, "User not found", f"There is no user {username}.")
        if not user.enabled:
            raise CodedProblem(403, 15030, "Action not allowed", "User is disabled.")
        return user

    def row(self, row_id: int) -> AttendanceRow:
        """A living row.

        Raises:
            CodedProblem: unknown, or deleted (the one error whose text is documented).
        """
        row = self.world.rows.get(row_id)
        if row is None:
            raise CodedProblem(404, 15000, "TimeEntry not found", f"There is no TimeEntry {row_id}.")
        if row.deleted:
            raise CodedProblem(
                404, DELETED, "TimeEntry exist but it is deleted", "TimeEntry is deleted and can not be used."
            )
        return row

    def stored(self, at: datetime, now: SimMoment) -> datetime:
        """A moment in the precision that is kept.

        Raises:
            CodedProblem: it lies in the future.
        """
        if at > now.local + timedelta(seconds=self.profile.future_limit_s):
            raise CodedProblem(422, 15012, "Wrong params", "Date is in the future.")
        match self.profile.precision:
            case "second":
                return at.replace(microsecond=0)
            case "minute-down":
                return at.replace(second=0, microsecond=0)
            case "minute-round":
                return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)

    def _span(self, from_local: datetime, to_local: datetime) -> None:
        if to_local <= from_local:
            raise CodedProblem(422, 15013, "Wrong params", "End must be after start.")

    def _unlocked(self, username: str, at: datetime) -> None:
        until = self.world.locked_until
        if (until is not None and at < until) or (username, at.date()) in self.world.approved:
            raise CodedProblem(self.profile.locked_status, 15031, "Action not allowed", "The period is locked.")

    def _free(
        self, username: str, from_local: datetime, to_local: datetime | None, *, but: tuple[int, ...] = ()
    ) -> None:
        if self.profile.overlap == "accept":
            return
        for other in self.world.overlapping(username, from_local, to_local):
            if other.id not in but:
                raise CodedProblem(422, 15010, "Conflict", f"TimeEntry overlaps with TimeEntry {other.id}.")

    # --- the timer ----------------------------------------------------------------------------------------------

    def start(
        self, username: str, at: datetime, by: Origin, now: SimMoment, place: Coordinates = NOWHERE
    ) -> AttendanceRow:
        """Start the person's timer."""
        user = self.person(username)
        username = user.username
        at = self.stored(at, now)
        running = self.world.running(username)
        if running is not None:
            match self.profile.double:
                case "a":
                    raise CodedProblem(422, 15011, "Conflict", "Timer is already running.")
                case "b":
                    return running
                case "c":
                    self._span(running.from_local, at)
                    self._close(running, at, now)
                case "d":
                    pass
        self._unlocked(username, at)
        self._free(username, at, None, but=tuple(open_row.id for open_row in self.world.open_rows(username)))
        row = self._add(username, at, None, by, now, manual=by == "web", place=place)
        self.watch.changed("start", row, user, by)
        return row

    def stop(
        self, username: str, at: datetime, by: Origin, now: SimMoment, place: Coordinates = NOWHERE
    ) -> AttendanceRow:
        """Stop the person's timer."""
        user = self.person(username)
        username = user.username
        at = self.stored(at, now)
        running = self.world.running(username)
        if running is None:
            last = self.world.last_closed(username)
            match self.profile.double:
                case "b" if last is not None:
                    return last
                case "a" | "b":
                    raise CodedProblem(422, 15014, "Conflict", "No timer is running.")
                case "c" | "d":
                    raise CodedProblem(404, 15003, "Timer not found", "No timer is running.")
        self._span(running.from_local, at)
        self._unlocked(username, running.from_local)
        running.latitude_end, running.longitude_end = place
        self._close(running, at, now)
        self.watch.changed("stop", running, user, by)
        return running

    # --- rows ---------------------------------------------------------------------------------------------------

    def create(
        self,
        username: str,
        from_local: datetime,
        to_local: datetime,
        by: Origin,
        now: SimMoment,
        *,
        break_minutes: int = 0,
        notes: str = "",
        place: Coordinates = NOWHERE,
        end_place: Coordinates = NOWHERE,
    ) -> AttendanceRow:
        """Enter a closed row; over midnight it may become several, and the first is returned."""
        user = self.person(username)
        username = user.username
        from_local, to_local = self.stored(from_local, now), self.stored(to_local, now)
        self._span(from_local, to_local)
        self._break(break_minutes, from_local, to_local)
        self._unlocked(username, from_local)
        self._free(username, from_local, to_local)
        pieces = list(self._pieces(from_local, to_local))
        first = self._add(
            username, *pieces[0], by, now, manual=True, notes=notes, break_minutes=break_minutes, place=place
        )
        last = first
        for piece in pieces[1:]:
            last = self._add(username, *piece, by, now, manual=True, notes=notes)
        last.latitude_end, last.longitude_end = end_place
        self.watch.changed("create", first, user, by)
        return first

    def update(
        self,
        row: AttendanceRow,
        by: Origin,
        now: SimMoment,
        *,
        from_local: datetime | None = None,
        to_local: datetime | None = None,
        break_minutes: int | None = None,
        notes: str | None = None,
        place: Coordinates = NOWHERE,
        end_place: Coordinates = NOWHERE,
    ) -> AttendanceRow:
        """Change what is given and leave the rest."""
        user = self.person(row.user)
        begin = row.from_local if from_local is None else self.stored(from_local, now)
        end = row.to_local if to_local is None else self.stored(to_local, now)
        self._unlocked(row.user, row.from_local)
        self._unlocked(row.user, begin)
        if end is not None:
            self._span(begin, end)
        if break_minutes is not None:
            self._break(break_minutes, begin, end or now.local)
        if (begin, end) != (row.from_local, row.to_local):
            self._free(row.user, begin, end, but=(row.id,))
        self.world.move(row, begin, end, now.s)
        if break_minutes is not None:
            row.break_minutes = break_minutes
        if notes is not None:
            row.notes = notes
        if place != NOWHERE:
            row.latitude_start, row.longitude_start = place
        if end_place != NOWHERE:
            row.latitude_end, row.longitude_end = end_place
        row.dressed = None
        self.watch.changed("update", row, user, by)
        return row

    def delete(self, row: AttendanceRow, by: Origin, now: SimMoment) -> None:
        """Mark a row as deleted."""
        user = self.person(row.user)
        self._unlocked(row.user, row.from_local)
        self.world.delete(row, now.s)
        self.watch.changed("delete", row, user, by)

    # --- how --------------------------------------------------------------------------------------------------

    def _break(self, minutes: int, from_local: datetime, to_local: datetime) -> None:
        if minutes < 0 or timedelta(minutes=minutes) > to_local - from_local:
            raise CodedProblem(422, 15015, "Wrong params", "Break does not fit.")

    def _add(
        self,
        username: str,
        from_local: datetime,
        to_local: datetime | None,
        by: Origin,
        now: SimMoment,
        *,
        manual: bool,
        notes: str = "",
        break_minutes: int = 0,
        place: Coordinates = NOWHERE,
    ) -> AttendanceRow:
        if to_local is not None:
            break_minutes += self._automatic(from_local, to_local)
        return self.world.add(
            AttendanceRow(
                id=self.world.new_id(),
                user=username,
                from_local=from_local,
                to_local=to_local,
                notes=notes,
                manual=manual,
                break_minutes=break_minutes,
                origin=by,
                created_s=now.s,
                latitude_start=place.latitude,
                longitude_start=place.longitude,
            )
        )

    def _close(self, row: AttendanceRow, at: datetime, now: SimMoment) -> None:
        """End a running row; where rows are split at midnight, the further days become rows of their own."""
        first, *more = self._pieces(row.from_local, at)
        self.world.move(row, *first, now.s)
        row.break_minutes += self._automatic(*first)
        for piece in more:
            self._add(row.user, *piece, row.origin, now, manual=row.manual, notes=row.notes)

    def _automatic(self, from_local: datetime, to_local: datetime) -> int:
        if self.profile.auto_break and to_local - from_local > AUTO_BREAK_AFTER:
            return AUTO_BREAK_MINUTES
        return 0

    def _pieces(self, from_local: datetime, to_local: datetime) -> Iterator[tuple[datetime, datetime]]:
        if self.profile.midnight_split:
            midnight = datetime.combine(from_local.date() + timedelta(days=1), time())
            while midnight < to_local:
                yield from_local, midnight
                from_local, midnight = midnight, midnight + timedelta(days=1)
        yield from_local, to_local
