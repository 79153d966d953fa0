"""The other people of the account: somebody in the web app, the admin, a second terminal on the same login.

An act is one small frozen class; words for it come from the control page or the command line.

    {"act": "web-start", "username": "ada@example.com", "at": "2026-11-21T13:00"}      without "at": now
    {"act": "close", "username": "ada@example.com", "in_s": 30}                        in 30 s of the tracker's clock
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.sim.crowd import Act, Copy, Crowd, Foreign, Neighbour, Rename, WebStart, WebStop, naive, next_act
from clockd.sim.front import Front
from clockd.sim.goodtime.api import Api
from clockd.sim.goodtime.book import Wanted
from clockd.sim.goodtime.people import made_up_id
from clockd.sim.goodtime.world import Choice, Origin, TimeEntry, User
from clockd.sim.moment import SimMoment


class WebCreate(Act, frozen=True, tag="web-create"):
    """A person enters a closed entry by hand."""

    username: str
    begin: datetime
    end: datetime
    comment: str = ""
    time_type: str | None = None
    """By name; the first one when left out."""


class WebEdit(Act, frozen=True, tag="web-edit"):
    """A person changes an entry: the one with that id, or the person's newest."""

    id: str | None = None
    username: str | None = None
    begin: datetime | None = None
    end: datetime | None = None


class Delete(Act, frozen=True, tag="delete"):
    """A person or the admin deletes an entry: the one with that id, or the person's newest."""

    id: str | None = None
    username: str | None = None


class Lock(Act, frozen=True, tag="lock"):
    """The admin locks the entries that begin before a moment, of one person or of all."""

    until: datetime
    username: str | None = None


class Unlock(Act, frozen=True, tag="unlock"):
    """The admin unlocks all entries."""


class Close(Act, frozen=True, tag="close"):
    """The admin closes a user."""

    username: str


class Reopen(Act, frozen=True, tag="reopen"):
    """The admin opens a closed user again."""

    username: str


class DropType(Act, frozen=True, tag="drop-type"):
    """The admin deletes a time type."""

    name: str


class AddType(Act, frozen=True, tag="add-type"):
    """The admin makes a time type, with an id of its own."""

    name: str


class ChangePassword(Act, frozen=True, tag="change-password"):
    """The admin sets another API password; tokens that were given out die with the old one."""

    password: str
    keep_tokens: bool = False


class RevokeTokens(Act, frozen=True, tag="revoke-tokens"):
    """All tokens are worthless at once, before their time."""


class SwitchOff(Act, frozen=True, tag="switch-off"):
    """The admin switches the REST API off."""


class SwitchOn(Act, frozen=True, tag="switch-on"):
    """The admin switches the REST API on again."""


class ExpectRestart(Act, frozen=True, tag="expect-restart"):
    """The client is restarted: so many further logins need no reason."""

    times: int = 1


Acts = (
    WebStart
    | WebStop
    | WebCreate
    | WebEdit
    | Delete
    | Lock
    | Unlock
    | Close
    | Reopen
    | Rename
    | DropType
    | AddType
    | ChangePassword
    | RevokeTokens
    | SwitchOff
    | SwitchOn
    | ExpectRestart
    | Neighbour
    | Foreign
    | Copy
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
            Problem: Goodtime refuses it, as it would in the web app.
            ValueError: it names a user or an entry that is not there.
        """
        book, now = self.api.book, self.api.moment(now_s)
        row: TimeEntry | None = None
        match act:
            case WebStart(username=username, at=at):
                user = self._known(username)
                row = book.start(user.email, naive(at) or now.local, _by(user), now)
            case WebStop(username=username, at=at):
                row = book.stop(self._known(username).email, naive(at) or now.local, now)
            case WebCreate(username=username, begin=begin, end=end, comment=comment, time_type=name):
                user, kinds = self._known(username), self.api.world.time_types
                type_id = next((kind.id for kind in kinds if name in (None, kind.name)), None)
                if type_id is None:
                    raise ValueError(f"there is no time type {name!r}")
                first, last = naive(begin), naive(end)
                assert first is not None
                assert last is not None
                row = book.create(Wanted(user.email, first, last, type_id, None, comment), _by(user), now)[0]
            case WebEdit(id=row_id, username=name, begin=begin, end=end):
                row = self._row(row_id, name)
                book.edit(row, naive(begin), naive(end), now)
            case Delete(id=row_id, username=name):
                row = self._row(row_id, name)
                book.delete(row, "web", now)
            case Copy(username=username):
                source = self._row(None, username)
                row = self._enter(source.from_local, source.to_local, now)
            case Foreign(rows=rows, hours=hours):
                for _ in range(rows):
                    row = self._foreign(hours, now)
            case _:
                self._administer(act, now_s)
        return {"done": act.__struct_config__.tag, "row": None if row is None else row.id}

    def _administer(self, act: Acts, now_s: float) -> None:
        """Change what the account holds: entries, users and time types."""
        world = self.api.world
        world.changes += 1
        match act:
            case Lock(until=until, username=username):
                whose = None if username is None else self._known(username).email
                edge = naive(until)
                assert edge is not None
                for entry in world.live(whose):
                    entry.locked = entry.locked or entry.from_local < edge
            case Unlock():
                for entry in world.live():
                    entry.locked = False
            case Close(username=username):
                self._known(username).closed = True
            case Reopen(username=username):
                self._known(username).closed = False
            case Rename(username=username, to=to):
                self._rename(self._known(username), to)
            case DropType(name=name):
                if name not in {kind.name for kind in world.time_types}:
                    raise ValueError(f"there is no time type {name!r}")
                world.time_types = [kind for kind in world.time_types if kind.name != name]
            case AddType(name=name):
                world.time_types.append(Choice(made_up_id(self.dice), name))
            case _:
                self._let_in(act, now_s)

    def _let_in(self, act: Acts, now_s: float) -> None:
        """Change who is let in, and how often."""
        tokens = self.api.tokens
        match act:
            case ChangePassword(password=password, keep_tokens=keep):
                tokens.password = password
                if not keep:
                    tokens.revoke()
            case RevokeTokens():
                tokens.revoke()
            case SwitchOff():
                tokens.enabled = False
            case SwitchOn():
                tokens.enabled = True
            case ExpectRestart(times=times):
                tokens.spare += times
            case Neighbour(requests=requests):
                for _ in range(requests):
                    self.front.throttle.occupy(now_s)
            case _:
                raise AssertionError(act)

    def _rename(self, user: User, to: str) -> None:
        world = self.api.world
        if world.user(to) is not None:
            raise ValueError(f"there is a user {to!r} already")
        mine = list(world.live(user.email))
        del world.users[user.email.casefold()]
        for entry in mine:
            world.forget(entry)
            entry.user = to
            world.add(entry)
        user.email = to
        world.users[to.casefold()] = user

    def next_act(self, kind: str) -> Acts | None:
        """Roll one act of a crowd; None when there is nobody to do it."""
        if kind == "revoke":
            return RevokeTokens()
        world = self.api.world
        ours = [user.email for user in world.users.values() if not user.noise and not user.closed]
        return next_act(kind, ours, world, self.dice)

    # --- who and which ------------------------------------------------------------------------------------------

    def _known(self, username: str) -> User:
        user = self.api.world.user(username)
        if user is None:
            raise ValueError(f"there is no user {username!r}")
        return user

    def _row(self, row_id: str | None, username: str | None) -> TimeEntry:
        if row_id is not None:
            return self.api.book.entry(row_id)
        if username is None:
            raise ValueError('needs "id" or "username"')
        row = self.api.world.newest(self._known(username).email)
        if row is None:
            raise ValueError(f"{username!r} has no entry")
        return row

    def _foreign(self, hours: float, now: SimMoment) -> TimeEntry:
        back = timedelta(minutes=self.dice.randrange(2, max(3, int(hours * 60))))
        begin = (now.local - back).replace(second=0, microsecond=0)
        end = begin + timedelta(minutes=self.dice.randrange(1, 240))
        return self._enter(begin, min(end, now.local.replace(second=0, microsecond=0)), now)

    def _enter(self, begin: datetime, end: datetime | None, now: SimMoment) -> TimeEntry:
        """Foreign entries follow no rules: they may overlap as they like."""
        world = self.api.world
        noise = [user.email for user in world.users.values() if user.noise]
        if not noise:
            raise ValueError("there is no noise user")
        kind = world.time_types[0].id
        row_id = made_up_id(self.dice)
        return world.add(TimeEntry(row_id, self.dice.choice(noise), begin, end, kind, None, "", "noise", now.s))


class LoginCrowd(Crowd, frozen=True):
    """What goes on all the time, per minute of the tracker's clock, where there are logins."""

    revoke: float = 0.0
    """Tokens that die before their time."""


def _by(user: User) -> Origin:
    return "noise" if user.noise else "web"
