"""What the simulator itself finds wrong: with the entries a client left behind, and with how it got there.

A client never meets these rules in a reply; a test reads them at the end (`/_sim/invariants`). Rules that hold for
every tracker (requests in 60 s, bodies, redirects, writes after a 401) are in `clockd/sim/journal.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime

from clockd.sim.goodtime.tokens import Tokens
from clockd.sim.goodtime.world import Origin, TimeEntry, User, World
from clockd.sim.journal import examples


@dataclass(slots=True)
class Watch:
    """Notes down who changed what, as far as a rule needs it."""

    touched: list[str] = field(default_factory=list)
    """Entries a client made for people who are not its own, and deletions of entries it did not make."""
    locked_deletes: list[str] = field(default_factory=list)
    """Attempts to delete a locked entry."""
    revived: list[str] = field(default_factory=list)
    """Entries a client made again after a person had deleted them."""
    seconds: list[str] = field(default_factory=list)
    """Creates whose times were no whole minutes (trap U14)."""
    old_version: int = 0
    """Writes by the paths of version 1.1."""
    _removed: set[tuple[str, datetime]] = field(default_factory=set)

    def created(self, entry: TimeEntry, user: User, by: Origin) -> None:
        """Look at an entry that was just made."""
        if by != "api":
            return
        if user.noise:
            self.touched.append(f"create of {_shown(entry)}")
        if (entry.user, entry.from_local) in self._removed:
            self.revived.append(_shown(entry))

    def deleted(self, entry: TimeEntry, by: Origin) -> None:
        """Look at a deletion that has just happened."""
        if by != "api":
            if entry.origin == "api":
                self._removed.add((entry.user, entry.from_local))
        elif entry.origin != "api":
            self.touched.append(f"delete of {_shown(entry)}")

    def violations(self, world: World, tokens: Tokens) -> list[str]:
        """The broken rules, in words."""
        found = examples(
            (self.touched, "entries were touched that are not the client's"),
            (self.locked_deletes, "times a client tried to delete a locked entry"),
            (self.revived, "deleted entries were made again"),
            (self.seconds, "creates had seconds"),
            (doubles(world), "entries are doubled"),
            (overlaps(world), "entries overlap"),
        )
        if self.old_version:
            found.append(f"{self.old_version} writes used version 1.1")
        if tokens.needless:
            found.append(f"{tokens.needless} logins came while the token before was good")
        if tokens.locked_out:
            found.append(f"wrong passwords locked the login {tokens.locked_out} times")
        return found


def doubles(world: World) -> list[str]:
    """Entries of one user that begin at the same minute and were made by requests, all but the first of each."""
    seen: set[tuple[str, datetime]] = set()
    found: list[str] = []
    for entry in world.live():
        if entry.origin != "api":
            continue
        key = (entry.user, entry.from_local)
        if key in seen:
            found.append(_shown(entry))
        seen.add(key)
    return found


def overlaps(world: World) -> list[str]:
    """Entries made by requests that begin before the one before them, of the same user and made so too, has ended."""
    found: list[str] = []
    last: TimeEntry | None = None
    for entry in world.live():
        if entry.origin != "api":
            continue
        if last is not None and last.user == entry.user and last.to_local and entry.from_local < last.to_local:
            found.append(f"{_shown(entry)} begins before {last.to_local.isoformat()}")
        last = entry
    return found


def _shown(entry: TimeEntry) -> str:
    return f"entry {entry.id} ({entry.user}, {entry.from_local.isoformat()})"
