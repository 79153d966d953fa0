"""Badges given and taken away at the door, by an admin's badge and the keys for in and out.

    IN OUT IN OUT, the admin's badge     a new badge? or keys: whose is lost
    a badge that is nobody's             whose is it?        keys: the employees
    the admin's badge                    given; or, where that employee has another one already:
    keys: keep it, or it is lost         the admin's badge   given, and what is lost is taken away

Nobody presses IN OUT IN OUT and means a punch, and with the badge of anybody else it is one all the same: the last key
counts. Without these keys the badge of an admin clocks them in and out like every other.
"""

from dataclasses import dataclass, replace

from clockd.core.model import Action, Employee, Uid
from clockd.core.paging import Paging

OPENING = (Action.IN, Action.OUT, Action.IN, Action.OUT)
"""The keys before the admin's badge."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The last keys, each soon after the one before."""

    keys: tuple[Action, ...] = ()
    last_s: float = 0.0
    """When the last one was pressed."""

    def and_then(self, action: Action, at_s: float, lasts_s: float) -> "Pressed":
        """Add a key; one that comes late begins anew."""
        before = self.keys if at_s - self.last_s <= lasts_s else ()
        return Pressed((*before, action)[-len(OPENING) :], at_s)

    def opens(self, at_s: float, lasts_s: float) -> bool:
        """Whether an admin's badge now opens the desk."""
        return self.keys == OPENING and at_s - self.last_s <= lasts_s


@dataclass(frozen=True, slots=True)
class Owner:
    """An employee whom a badge can be given to."""

    employee: Employee
    badges: int
    """How many badges they have."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The desk is open: it waits for a new badge, or for a key."""

    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True)
class Whose:
    """An employee is being chosen: for the new badge, or as the one whose badge is lost."""

    new: Uid | None
    owners: Paging[Owner]


@dataclass(frozen=True, slots=True)
class OldBadges:
    """What becomes of the badges that somebody has already."""

    new: Uid | None
    owner: Owner
    lost: bool | None = None
    """Whether they are lost; None before a key said so."""


@dataclass(frozen=True, slots=True)
class HandOut:
    """Do it: give the new badge, take away what is lost."""

    new: Uid | None
    employee: Employee
    lost: bool


DeskStep = Opened | Whose | OldBadges
"""How far it is."""


def key_pressed(step: DeskStep, *, later: bool) -> DeskStep:
    """Show the next employee or the one before; or say whether the old badges are lost (`later`) or kept."""
    match step:
        case Opened(owners):
            having = tuple(each for each in owners if each.badges)
            return Whose(None, Paging(having).pressed(later=later)) if having else step
        case Whose():
            return replace(step, owners=step.owners.pressed(later=later))
        case OldBadges():
            return replace(step, lost=later)


def badge_shown(step: DeskStep, new: Uid) -> DeskStep | None:
    """Take a badge that is nobody's for the one to be given; None where it is another one, and an ordinary tap."""
    match step:
        case Opened(owners):
            return Whose(new, Paging(owners))
        case Whose() | OldBadges():
            return step if step.new == new else None


def confirmed(step: DeskStep) -> DeskStep | HandOut:
    """Take the admin's badge for a yes; where nothing was chosen it changes nothing."""
    match step:
        case Opened():
            return step
        case Whose(new, owners):
            owner = owners.chosen
            if owner is None:
                return step
            return OldBadges(new, owner) if owner.badges else HandOut(new, owner.employee, lost=False)
        case OldBadges(new, owner, lost):
            if lost is None or (new is None and not lost):
                return step
            return HandOut(new, owner.employee, lost)
