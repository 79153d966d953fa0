"""The other people of the account: somebody in the web app, the admin, a second terminal on the same key.

An act is one small frozen class; words for it come from the control page or the command line.

    {"act": "web-start", "username": "ada", "at": "2026-11-21T13:00:00"}      without "at": now
    {"act": "disable", "username": "ada", "in_s": 30}                         in 30 s of the tracker's clock
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clockd.sim.crowd import Act, Copy, Foreign, Neighbour, Rename, WebStart, WebStop, naive, next_act
from clockd.sim.front import Front
from clockd.sim.moment import SimMoment
from clockd.sim.timetrack.api import Api
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.world import AttendanceRow, Origin


class WebCreate(Act, frozen=True, tag="web-create"):
    """A person enters a row by hand; without an end it runs."""

    username: str
    begin: datetime
    end: datetime | None = None
    notes: str = ""


class WebEdit(Act, frozen=True, tag="web-edit"):
    """A person changes a row: the one with that id, or the person's newest."""

    id: int | None = None
    username: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    notes: str | None = None


class Delete(Act, frozen=True, tag="delete"):
    """A person or the admin deletes a row: the one with that id, or the person's newest."""

    id: int | None = None
    username: str | None = None


class Lock(Act, frozen=True, tag="lock"):
    """The admin closes everything before a moment; null opens it again."""

    until: datetime | None


class Approve(Act, frozen=True, tag="approve"):
    """The admin approves a person's day; it cannot change any more."""

    username: str
    day: date


class Disable(Act, frozen=True, tag="disable"):
    """The admin disables a user; requests for this person meet 403."""

    username: str


class Enable(Act, frozen=True, tag="enable"):
    """The admin enables a user again."""

    username: str


class AddUser(Act, frozen=True, tag="add-user"):
    """The admin enters a user."""

    username: str
    noise: bool = False


class RotateKeys(Act, frozen=True, tag="rotate-keys"):
    """The admin makes new keys; the old ones are dead at once."""

    secret: str
    key: str | None = None


class Throttle(Act, frozen=True, tag="throttle"):
    """The vendor changes the number of requests in 60 s."""

    requests_per_minute: int


Acts = (
    WebStart
    | WebStop
    | WebCreate
    | WebEdit
    | Delete
    | Lock
    | Approve
    | Rename
    | Disable
    | Enable
    | AddUser
    | RotateKeys
    | Neighbour
    | Foreign
    | Copy
    | Throttle
)
"""The closed set of acts."""


@dataclass(slots=True)
class Actors:
    """Lets acts happen, by the same rules as requests but with nobody in between."""

    api: Api
    front: Front
    dice: random.Random

    def do(self, act: Acts, now_s: float) -> dict[str, object]:
        """Do something now.

        Raises:
            CodedProblem: the tracker refuses it, as it would in the web app.
            ValueError: it names a user or a row that is not there.
        """
        book, world, now = self.api.book, self.api.world, self.api.moment(now_s)
        row: AttendanceRow | None = None
        match act:
            case WebStart(username=username, at=at):
                row = book.start(username, naive(at) or now.local, self._by(username), now)
            case WebStop(username=username, at=at):
                row = book.stop(username, naive(at) or now.local, self._by(username), now)
            case WebCreate(username=username, begin=begin, end=end, notes=notes):
                first, last, by = naive(begin), naive(end), self._by(username)
                assert first is not None
                if last is None:
                    row = book.start(username, first, by, now)
                else:
                    row = book.create(username, first, last, by, now, notes=notes)
            case WebEdit(id=row_id, username=name, begin=begin, end=end, notes=notes):
                row = self._row(row_id, name)
                begin, end = naive(begin), naive(end)
                book.update(row, self._by(row.user), now, from_local=begin, to_local=end, notes=notes)
            case Delete(id=row_id, username=name):
                row = self._row(row_id, name)
                book.delete(row, self._by(row.user), now)
            case Copy(username=username):
                row = self._copy(self._row(None, username), now)
            case Foreign(rows=rows, hours=hours):
                for _ in range(rows):
                    row = self._foreign(hours, now)
            case Lock(until=until):
                world.locked_until = naive(until)
            case Approve(username=username, day=day):
                world.approved.add((self._known(username), day))
            case _:
                self._administer(act, now_s)
        return {"done": act.__struct_config__.tag, "row": None if row is None else row.id}

    def _administer(self, act: Acts, now_s: float) -> None:
        world = self.api.world
        match act:
            case Rename(username=username, to=to):
                if to in world.users:
                    raise ValueError(f"there is a user {to!r} already")
                world.rename(self._known(username), to)
            case Disable(username=username):
                world.users[self._known(username)].enabled = False
            case Enable(username=username):
                world.users[self._known(username)].enabled = True
            case AddUser(username=username, noise=noise):
                if username in world.users:
                    raise ValueError(f"there is a user {username!r} already")
                world.add_user(Person(username, noise=noise))
            case RotateKeys(secret=secret, key=key):
                self.api.keys.secret = secret
                self.api.keys.key = key or self.api.keys.key
            case Neighbour(requests=requests):
                for _ in range(requests):
                    self.front.throttle.occupy(now_s)
            case Throttle(requests_per_minute=limit):
                if limit < 1:
                    raise ValueError("at least one request in 60 s")
                self.front.throttle.limit = self.front.journal.limit = limit
            case _:
                raise AssertionError(act)

    def next_act(self, kind: str) -> Acts | None:
        """Roll one act of a crowd; None when there is nobody to do it."""
        world = self.api.world
        ours = [user.username for user in world.users.values() if not user.noise and user.enabled]
        return next_act(kind, ours, world, self.dice)

    # --- who and which ------------------------------------------------------------------------------------------

    def _by(self, username: str) -> Origin:
        return "noise" if self.api.world.users[self._known(username)].noise else "web"

    def _known(self, username: str) -> str:
        if username not in self.api.world.users:
            raise ValueError(f"there is no user {username!r}")
        return username

    def _row(self, row_id: int | None, username: str | None) -> AttendanceRow:
        world = self.api.world
        if row_id is not None:
            return self.api.book.row(row_id)
        if username is None:
            raise ValueError('needs "id" or "username"')
        row = world.newest(self._known(username))
        if row is None:
            raise ValueError(f"{username!r} has no row")
        return row

    def _somebody(self) -> str:
        noise = [user.username for user in self.api.world.users.values() if user.noise]
        if not noise:
            raise ValueError("there is no noise user; add one with add-user")
        return self.dice.choice(noise)

    def _copy(self, row: AttendanceRow, now: SimMoment) -> AttendanceRow:
        return self._enter(self._somebody(), row.from_local, row.to_local, now)

    def _foreign(self, hours: float, now: SimMoment) -> AttendanceRow:
        begin = now.local.replace(microsecond=0) - timedelta(
            seconds=self.dice.randrange(60, max(61, int(hours * 3600)))
        )
        end = min(now.local, begin + timedelta(seconds=self.dice.randrange(60, 4 * 3600)))
        return self._enter(self._somebody(), begin, end.replace(microsecond=0), now)

    def _enter(self, username: str, begin: datetime, end: datetime | None, now: SimMoment) -> AttendanceRow:
        """Foreign rows follow no rules: they may overlap and run as they like."""
        return self.api.world.add(
            AttendanceRow(
                self.api.world.new_id(),
                username,
                begin,
                end,
                "",
                manual=True,
                break_minutes=0,
                origin="noise",
                created_s=now.s,
            )
        )
