"""Which buttons end what a punch waits for; everything else can be done on the punch's own page."""

from collections.abc import Mapping
from enum import StrEnum

from clockd.core.delivery import HoldCode
from clockd.core.model import Kind
from clockd.web.pages.reading import Row


class Doing(StrEnum):
    """What can be done to a punch, as the forms name it."""

    RETRY = "retry"
    IGNORE = "ignore"
    VOID = "void"
    AMEND = "amend"
    ACCEPT = "accept"
    ADD_OUT = "add-out"
    ADD_IN = "add-in"
    ASSIGN = "assign"
    DISOWN = "disown"

    @property
    def words(self) -> str:
        """Its name in the catalogue."""
        return self.value.replace("-", "_")


ENDS: Mapping[HoldCode, tuple[Doing, ...]] = {
    HoldCode.UNKNOWN_BADGE: (Doing.ASSIGN, Doing.DISOWN, Doing.IGNORE),
    HoldCode.MISSING_OUT: (Doing.ADD_OUT, Doing.IGNORE),
    HoldCode.ORPHAN_OUT: (Doing.ADD_IN, Doing.IGNORE),
    HoldCode.TOO_LONG: (Doing.RETRY, Doing.AMEND, Doing.VOID),
    HoldCode.ITS_IN: (Doing.RETRY, Doing.IGNORE),
    HoldCode.CONFLICT: (Doing.RETRY, Doing.IGNORE),
    HoldCode.REFUSED: (Doing.RETRY, Doing.IGNORE),
    HoldCode.NOT_STARTED: (Doing.RETRY, Doing.IGNORE),
    HoldCode.GAVE_UP: (Doing.RETRY, Doing.IGNORE),
    HoldCode.DELETED: (Doing.VOID, Doing.RETRY),
    HoldCode.RENAMED: (Doing.RETRY, Doing.VOID),
    HoldCode.NOT_DELETED: (Doing.RETRY,),
    HoldCode.FORBIDDEN: (Doing.RETRY, Doing.AMEND, Doing.IGNORE),
    HoldCode.UNSENDABLE: (Doing.IGNORE, Doing.VOID),
    HoldCode.WITHIN_A_MINUTE: (Doing.IGNORE, Doing.VOID),
    HoldCode.UNCERTAIN: (Doing.AMEND, Doing.IGNORE),
    HoldCode.SWITCHED: (Doing.RETRY, Doing.IGNORE),
    HoldCode.ZONE: (Doing.RETRY, Doing.AMEND),
    HoldCode.DIRECTION: (Doing.AMEND, Doing.IGNORE),
    HoldCode.INTERNAL: (Doing.RETRY, Doing.IGNORE),
    HoldCode.RESTORED: (Doing.RETRY, Doing.IGNORE),
    HoldCode.ROTTEN: (Doing.VOID,),
}
"""For each reason to wait what ends it, the likeliest first."""

TELLS_MORE = frozenset(HoldCode) - {
    HoldCode.UNKNOWN_BADGE,
    HoldCode.MISSING_OUT,
    HoldCode.ORPHAN_OUT,
    HoldCode.ITS_IN,
    HoldCode.DIRECTION,
    HoldCode.UNCERTAIN,
}
"""Reasons whose own words say more than the page's sentence: which entry is in the way, what the tracker answered."""


def code_of(punch: Row) -> HoldCode | None:
    """Return why a punch waits; None when it does not, or for a reason that this page does not know."""
    code = punch["delivery"].get("held_code")
    return HoldCode(code) if code in set(HoldCode) else None


def endings(punch: Row) -> tuple[Doing, ...]:
    """Return what ends the waiting of a held punch."""
    if punch["delivery"]["state"] != "held":
        return ()
    code = code_of(punch)
    found = (Doing.RETRY, Doing.IGNORE) if code is None else ENDS[code]
    return (Doing.ACCEPT, *found) if punch.get("proposal_at") else found


def ways(punch: Row) -> tuple[Doing, ...]:
    """Return what else can be done to a punch, whatever its state; the daemon has the last word."""
    state, kind, owned = punch["delivery"]["state"], punch["kind"], punch["username"] is not None
    found: list[Doing] = []
    if state in ("void", "ignored"):
        return ()
    if owned:
        found += [Doing.AMEND]
        if kind in (Kind.IN, Kind.RESUME, Kind.PROJECT):
            found += [Doing.ADD_OUT]
        if kind in (Kind.OUT, Kind.BREAK) and state in ("held", "waiting"):
            found += [Doing.ADD_IN]
    else:
        found += [Doing.ASSIGN, Doing.DISOWN]
    if state in ("held", "waiting", "stranger"):
        found += [Doing.IGNORE]
    if state == "held" and owned:
        found += [Doing.RETRY]
    found += [Doing.VOID]
    done = endings(punch)
    return tuple(doing for doing in found if doing not in done)
