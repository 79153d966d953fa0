"""The employees: who is known here, and a new name for one whom the tracker renamed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from clockd.core.correction import Correction, CorrectionWay
from clockd.core.delivery import Now
from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.core.sentence import sentence
from clockd.core.timebase import local
from clockd.core.wire import canonical_user
from clockd.errors import NotNow, Refused
from clockd.flow.countersigning import AskedFor, Countersigning
from clockd.flow.documents import iso
from clockd.flow.naming import checked_name
from clockd.store import Database, ledger, people
from clockd.store.thread import Store


@dataclass(slots=True)
class People:
    """Lists and renames employees.

    Args:
        store: the open store.
        zone: of the terminal.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
        countersigning: the rule of this door for corrections.
    """

    store: Store
    zone: ZoneInfo
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]
    countersigning: Countersigning

    async def listed(self) -> list[Json]:
        """Return everybody who has a badge or ever punched; each in a step of its own, since a tap waits for it."""
        found: list[Json] = []
        for username in await self.store.run(people.usernames):
            one = await self.store.run(partial(people.person, username=username))
            last_at = None if one.last_us is None else ledger.from_us(one.last_us)
            last_local = None if last_at is None else local(last_at, self.zone).isoformat(timespec="milliseconds")
            found.append(
                {
                    "username": one.username,
                    "name": one.name,
                    "badges": one.badges,
                    "held": one.held,
                    "last_at": iso(last_at),
                    "last_local": last_local,
                }
            )
        return found

    async def rename(self, old: str, new: str, by: str, *, merge: bool) -> Json:
        """Give an employee another username, with badges and punches.

        Args:
            old: the username until now.
            new: the one the tracker has now.
            by: who does it.
            merge: the new one is known here already, and is the same person.

        Raises:
            UsageError: the new one cannot be a username.
            Refused: nobody has the old one, somebody has the new one, or a request is under way.
        """
        new, old = checked_name(new, "username"), old.strip()
        reading = self.read_clock()
        wanted = Correction(CorrectionWay.RENAME, None, by, "", username=new, old=old, merge=merge)
        moved = await self.store.run(
            lambda db: self.countersigning.carry(db, wanted, reading, lambda: self._rename(db, wanted, reading))
        )
        self.wake()
        if isinstance(moved, AskedFor):
            return {"username": old, "badges": 0, "punches": 0, "released": 0, "asked": moved.number}
        return {"username": new, "badges": moved.badges, "punches": moved.punches, "released": moved.released}

    def make(self, db: Database, wanted: Correction, reading: Reading) -> None:
        """Rename an employee who agreed, within the transaction that is open.

        Raises:
            Refused: it cannot be done any more, or not at this moment.
        """
        self._rename(db, wanted, reading)

    def _rename(self, db: Database, wanted: Correction, reading: Reading) -> people.Moved:
        old, new, by, merge = wanted.old, wanted.username, wanted.by, wanted.merge
        assert old is not None
        assert new is not None
        if old == new:
            raise Refused("both names are the same")
        if not people.is_known(db, old):
            raise Refused(sentence("nobody here has the username {old}", old=old), hint="clockd people list")
        if people.is_known(db, new) and not merge and canonical_user(old) != canonical_user(new):
            hint = "if both are the same person, --merge puts their badges and punches together"
            raise Refused(sentence("somebody here has the username {new} already", new=new), hint=hint)
        if people.is_sending(db, old) or people.is_sending(db, new):
            raise NotNow(
                sentence("a request for {old} or {new} is under way, or in doubt", old=old, new=new),
                hint="try again in two minutes",
            )
        ledger.add(db, "rename", None, reading, {"old": old, "new": new, "by": by})
        return people.rename(db, old, new, Now.of(reading))
