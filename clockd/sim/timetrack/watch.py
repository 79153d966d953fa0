"""What the simulator itself finds wrong: with the rows a client left behind, and with how it got there.

A client never meets these rules in a reply; a test reads them at the end (`/_sim/invariants`). Rules that hold for
every tracker (requests in 60 s, bodies, redirects, writes after a 401) are in `clockd/sim/journal.py`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from clockd.sim.journal import examples
from clockd.sim.timetrack.world import AttendanceRow, Origin, User, World

RowChange = Literal["start", "stop", "create", "update", "delete"]


@dataclass(slots=True)
class Watch:
    """Notes down who changed what, as far as a rule needs it."""

    touched: list[str] = field(default_factory=list)
    """Changes a client made to rows of people who are not its own, and deletions of rows it did not make."""
    adopted: list[tuple[RowChange, int]] = field(default_factory=list)
    """Changes a client made to a row that our person began in the web app. Often right; no violation."""
    revived: list[str] = field(default_factory=list)
    """Rows a client made again after a person had deleted them."""
    _removed: dict[tuple[str, datetime], int] = field(default_factory=dict)

    def changed(self, act: RowChange, row: AttendanceRow, user: User, by: Origin) -> None:
        """Look at a change that has just happened."""
        if by != "api":
            if act == "delete" and row.origin == "api":
                self._removed[row.user, row.from_local] = row.id
            return
        what = f"{act} of row {row.id} ({row.user}, {row.from_local.isoformat()})"
        if user.noise or (act == "delete" and row.origin != "api"):
            self.touched.append(what)
        elif row.origin != "api":
            self.adopted.append((act, row.id))
        if act in ("start", "create") and (row.user, row.from_local) in self._removed:
            self.revived.append(what)

    def violations(self, world: World) -> list[str]:
        """The broken rules, in words."""
        return examples(
            (self.touched, "rows were touched that are not the client's"),
            (self.revived, "deleted rows were made again"),
            (doubles(world), "rows are doubled"),
        )


def doubles(world: World) -> list[str]:
    """Rows of one person that begin at the same moment and were made by requests, all but the first of each."""
    by_begin: dict[tuple[str, datetime], list[AttendanceRow]] = defaultdict(list)
    for row in world.live():
        if row.origin == "api":
            by_begin[row.user, row.from_local].append(row)
    return [
        f"row {row.id} ({row.user}, {row.from_local.isoformat()}) doubles row {rows[0].id}"
        for rows in by_begin.values()
        for row in rows[1:]
    ]
