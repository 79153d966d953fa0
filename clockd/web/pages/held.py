"""Which buttons end what a punch waits for; everything else can be done on the punch's own page."""

from collections.abc import Mapping
from enum import StrEnum

from clockd.core.delivery import HoldCode
from clockd.core.model import Kind
from clockd.web.pages.reading import DocumentRow


class Repair(StrEnum):
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
    WITHDRAW = "withdraw"

    @property
    def words(self) -> str:
        """Its name in the catalogue."""
        return self.value.replace("-", "_")


ENDINGS: Mapping[HoldCode, tuple[Repair, ...]] = {
    HoldCode.UNKNOWN_BADGE: (Repair.ASSIGN, Repair.DISOWN, Repair.IGNORE),
    HoldCode.MISSING_OUT: (Repair.ADD_OUT, Repair.IGNORE),
    HoldCode.ORPHAN_OUT: (Repair.ADD_IN, Repair.IGNORE),
    HoldCode.TOO_LONG: (Repair.RETRY, Repair.AMEND, Repair.VOID),
    HoldCode.ITS_IN: (Repair.RETRY, Repair.IGNORE),
    HoldCode.CONFLICT: (Repair.RETRY, Repair.IGNORE),
    HoldCode.REFUSED: (Repair.RETRY, Repair.IGNORE),
    HoldCode.NOT_STARTED: (Repair.RETRY, Repair.IGNORE),
    HoldCode.GAVE_UP: (Repair.RETRY, Repair.IGNORE),
    HoldCode.DELETED: (Repair.VOID, Repair.RETRY),
    HoldCode.RENAMED: (Repair.RETRY, Repair.VOID),
    HoldCode.NOT_DELETED: (Repair.RETRY,),
    HoldCode.FORBIDDEN: (Repair.RETRY, Repair.AMEND, Repair.IGNORE),
    HoldCode.UNSENDABLE: (Repair.IGNORE, Repair.VOID),
    HoldCode.WITHIN_A_MINUTE: (Repair.IGNORE, Repair.VOID),
    HoldCode.UNCERTAIN: (Repair.AMEND, Repair.IGNORE),
    HoldCode.SWITCHED: (Repair.RETRY, Repair.IGNORE),
    HoldCode.ZONE: (Repair.RETRY, Repair.AMEND),
    HoldCode.DIRECTION: (Repair.AMEND, Repair.IGNORE),
    HoldCode.INTERNAL: (Repair.RETRY, Repair.IGNORE),
    HoldCode.RESTORED: (Repair.RETRY, Repair.IGNORE),
    HoldCode.ROTTEN: (Repair.VOID,),
    HoldCode.COUNTERSIGN: (Repair.WITHDRAW,),
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


def code_of(punch: DocumentRow) -> HoldCode | None:
    """Return why a punch waits; None when it does not, or for a reason that this page does not know."""
    code = punch["delivery"].get("held_code")
    return HoldCode(code) if code in set(HoldCode) else None


def endings(punch: DocumentRow) -> tuple[Repair, ...]:
    """Return what ends the waiting of a held punch."""
    if punch["delivery"]["state"] != "held":
        return ()
    code = code_of(punch)
    found = (Repair.RETRY, Repair.IGNORE) if code is None else ENDINGS[code]
    return (Repair.ACCEPT, *found) if punch.get("proposal_at") else found


def ways(punch: DocumentRow) -> tuple[Repair, ...]:
    """Return what else can be done to a punch, whatever its state; the daemon has the last word."""
    state, kind, owned = punch["delivery"]["state"], punch["kind"], punch["username"] is not None
    found: list[Repair] = []
    if state in ("void", "ignored") or code_of(punch) is HoldCode.COUNTERSIGN:
        return ()
    if owned:
        found += [Repair.AMEND]
        if kind in (Kind.IN, Kind.RESUME, Kind.PROJECT):
            found += [Repair.ADD_OUT]
        if kind in (Kind.OUT, Kind.BREAK) and state in ("held", "waiting"):
            found += [Repair.ADD_IN]
    else:
        found += [Repair.ASSIGN, Repair.DISOWN]
    if state in ("held", "waiting", "stranger"):
        found += [Repair.IGNORE]
    if state == "held" and owned:
        found += [Repair.RETRY]
    found += [Repair.VOID]
    done = endings(punch)
    return tuple(doing for doing in found if doing not in done)
