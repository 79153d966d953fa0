"""What the person at the door is told: a screen, and one of six signals.

The panel only draws what stands here. A screen is made after the fact that it tells has become true: the one for a
punch is made when the punch is on disk (`flow/terminal.py`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from clockd.core.model import Employee, Kind, Project
from clockd.core.notices import Notice
from clockd.core.own_code import CODE_S


class Signal(StrEnum):
    """Light and sound: six signals that a person can tell apart with closed eyes, or without hearing."""

    IN = "in"
    """One long green, two rising tones: recorded, and work begins."""
    OUT = "out"
    """Two long greens, two falling tones: recorded, and work ends."""
    DONE = "done"
    """A short green and a long one, one short high tone: recorded, and it is neither."""
    AGAIN = "again"
    """Two short greens, two short middle tones: it was recorded already, or this is only information."""
    SAVED = "saved"
    """Green and red in turn, a high tone and two low ones: recorded, and somebody must look at it."""
    PROBLEM = "problem"
    """Red, one long low tone: not recorded."""


class LinkSign(StrEnum):
    """The network sign of the idle screen."""

    OK = "ok"
    OFFLINE = "offline"
    PAUSED = "paused"
    """Nothing is booked for now: a wrong key or path, something on the way, too many requests, an account that is not
    known yet.
    """
    NONE = "none"
    """No tracker is configured."""


@dataclass(frozen=True, slots=True)
class Starting:
    """The daemon is not ready for taps yet."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The daemon ends; taps are not recorded until it is back."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is at the door. Redrawn each minute, and when a sign changes."""

    local: datetime
    clock_trusted: bool
    link: LinkSign
    unsent: int
    """Punches that are on disk and not yet booked."""
    held: int
    """Punches that wait for a person's decision."""
    reader_ok: bool
    in_memory: bool = False
    """Whether what is saved here is gone with the power."""


class StillMissing(StrEnum):
    """What a new terminal lacks."""

    READER = "reader"
    NETWORK = "network"
    """This machine has no address."""
    TIME = "time"
    KEY = "key"
    """The tracker's credentials are missing, or it does not take them."""
    TRACKER = "tracker"
    """It is not reached, or does not book."""
    BADGES = "badges"
    """Nobody has one."""


@dataclass(frozen=True, slots=True)
class NewTerminal:
    """Nothing was ever recorded here: which terminal it is, and what it lacks. Taps are taken."""

    name: str
    address: str
    """Of this machine in its network; empty: none."""
    lack: StillMissing


def lack_of(
    link: LinkSign, *, reader_ok: bool, address: str, clock_trusted: bool, key_refused: bool, badges: bool
) -> StillMissing | None:
    """Say what to see to first at a new terminal; None: nothing.

    Args:
        link: how the tracker is; that there is none is an answer as well.
        reader_ok: whether all readers are there.
        address: of this machine; empty: it has none.
        clock_trusted: whether the time is known.
        key_refused: whether it is the credentials that keep the tracker from booking.
        badges: whether anybody has one.
    """
    if not reader_ok:
        return StillMissing.READER
    if link is not LinkSign.NONE and not address:
        return StillMissing.NETWORK
    if not clock_trusted:
        return StillMissing.TIME
    if key_refused:
        return StillMissing.KEY
    if link in (LinkSign.OFFLINE, LinkSign.PAUSED):
        return StillMissing.TRACKER
    return None if badges else StillMissing.BADGES


@dataclass(frozen=True, slots=True)
class Asleep:
    """Nobody is at the door, and the display is to be dark at this time of the day."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How a punch counts."""

    kind: Kind
    local: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What the office changed, or wants to change, of the record of the person at the door."""

    was: Counted | None
    """How their punch counted; None where there was none."""
    becomes: Counted | None
    """How it counts after that; None where it does not count any more, or not as theirs."""
    username: str | None
    """Their new username, where that is what changes."""
    now_local: datetime
    asks: bool = False
    """Whether the same badge again opens the question whether they agree."""
    counts_from: date | None = None
    """The day from which on it counts without an answer; None where it counts already."""


@dataclass(frozen=True, slots=True)
class Punched:
    """A punch is on disk."""

    employee: Employee
    kind: Kind
    local: datetime
    clock_trusted: bool
    """Whether the time of the punch is known; if not, the screen says "clock not set – saved" instead of a time."""
    worked_today_s: int | None
    """Worked time of the local day, for `out` and `break`; None when it is not known."""
    project: str | None
    """What is worked on where that is not the usual: a project, a time type, or both."""
    missing_out_local: datetime | None
    """When the `in` was whose `out` is missing; None when the shift before was closed."""
    no_in: bool = False
    """Whether it ends what was never begun: it is saved, and somebody has to say when they came."""
    asks: bool = False
    """Whether the same badge again opens the question when they left."""
    news: News | None = None
    """What the office did to their record; None when there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The tracker has the punch that was just shown as saved."""

    employee: Employee
    kind: Kind
    local: datetime


@dataclass(frozen=True, slots=True)
class AlreadyRecorded:
    """The same badge again within `repeat_s`; nothing was written."""

    employee: Employee
    kind: Kind
    local: datetime


@dataclass(frozen=True, slots=True)
class UnknownBadge:
    """A badge that belongs to nobody. The tap is recorded and can be given to an employee later."""

    tail: str


@dataclass(frozen=True, slots=True)
class RandomBadge:
    """A phone or bank card that shows another identifier at each tap. The tap is recorded; it cannot be enrolled."""


@dataclass(frozen=True, slots=True)
class NotValid:
    """The badge of an employee on a day on which it does not count. The tap is recorded, and waits for the office."""

    employee: Employee
    from_day: date | None
    """The first day on which it counts, where that is still to come."""


@dataclass(frozen=True, slots=True)
class NotReadable:
    """A reader saw something that it could not read. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class WrongPin:
    """A PIN that is nobody's. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class PinLocked:
    """So many PINs were wrong that none is taken for a while. Nothing was recorded."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class NothingRecorded:
    """Nothing was saved; tap again or find another way."""

    reason: str
    """Why, for people and short: `disk full`, `disk error`."""


@dataclass(frozen=True, slots=True)
class Undone:
    """The employee's last punch was taken back."""

    employee: Employee
    kind: Kind
    local: datetime


@dataclass(frozen=True, slots=True)
class NothingToUndo:
    """The undo came too late, or there is nothing to take back."""

    employee: Employee


@dataclass(frozen=True, slots=True)
class AskLeft:
    """The question when the employee left: keys choose hour and minute, and the badge confirms."""

    employee: Employee
    day_local: datetime
    """A moment of the day that is asked about."""
    now_local: datetime
    hour: int | None
    """The hour that is chosen; None before one was."""
    minute: int | None
    """The minute that is chosen; None before one was."""
    chosen: bool
    """Whether there is something for the badge to confirm."""


@dataclass(frozen=True, slots=True)
class Told:
    """The clock-out that was missing is on disk, as the employee told it."""

    employee: Employee
    local: datetime
    now_local: datetime


@dataclass(frozen=True, slots=True)
class AskConsent:
    """The question whether somebody agrees to what the office wants to change of their record."""

    employee: Employee
    news: News
    yes: bool | None
    """What a key chose and the badge would confirm; None before one did."""


@dataclass(frozen=True, slots=True)
class ConsentSaved:
    """What somebody said to a correction is on disk."""

    employee: Employee
    yes: bool


@dataclass(frozen=True, slots=True)
class AskProject:
    """The question which project: keys page through them, and the badge confirms. Nothing is recorded yet."""

    employee: Employee
    project: Project | None
    """What a key chose and the badge would confirm; None before one did."""
    number: int
    """Which of them that is, counted from 1; 0 before one was chosen."""
    count: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class NoProjects:
    """A project was asked for, and the tracker has not shown any yet. Nothing was recorded."""

    employee: Employee


@dataclass(frozen=True, slots=True)
class TooLate:
    """What was asked is settled meanwhile; nothing was written."""

    employee: Employee


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Whose punches are not all booked yet."""

    unsent: int
    """How many are on disk and on their way to the tracker."""
    held: int
    """How many wait for the office."""


@dataclass(frozen=True, slots=True)
class Info:
    """The answer to the info key, on two pages one after the other: how somebody is today; their week and punches."""

    employee: Employee
    present_since_local: datetime | None
    worked_today_s: int
    break_since_local: datetime | None = None
    """Since when they are on a break; None when they are not."""
    project: str | None = None
    """What they work on where that is not the usual: a project, a time type, or both."""
    code: str | None = None
    """Six digits that open their own record on the page; None where there is none."""
    short: Notice | None = None
    """The legal break or rest that was short of late; None where none was."""
    worked_week_s: int = 0
    """Worked time since Monday."""
    last: Counted | None = None
    """Their last punch; None before the first one."""
    now_local: datetime | None = None
    unsettled: Unsettled | None = None
    """What the tracker does not have yet; None where there is no tracker."""
    second: bool = False
    """Whether this is the second page."""


@dataclass(frozen=True, slots=True)
class KeyArmed:
    """A key was pressed and waits for a badge."""

    label: str
    """The action as in `[[button]]`: in, out, break, resume, project, undo, info; or what is worked on then."""


@dataclass(frozen=True, slots=True)
class Enrol:
    """The next new badge will be enrolled (`clockd badges enrol`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The badge now belongs to the employee."""

    name: str


@dataclass(frozen=True, slots=True)
class AskBadge:
    """The badge desk is open at the door: it waits for a new badge, or for keys that say whose is lost."""

    admin: Employee


@dataclass(frozen=True, slots=True)
class AskOwner:
    """The question whose the new badge is, or whose badge is lost: keys page, and the admin's badge confirms."""

    employee: Employee | None
    """Whom a key chose; None before one did."""
    number: int
    """Which of them that is, counted from 1; 0 before one was chosen."""
    count: int
    """How many there are."""
    tail: str | None
    """The last digits of the new badge; None where it is about a lost one."""


@dataclass(frozen=True, slots=True)
class AskLost:
    """The question what becomes of the badges that an employee has already."""

    employee: Employee
    lost: bool | None
    """What a key said and the admin's badge would confirm; None before one did."""
    can_keep: bool
    """Whether there is a new badge to be given beside them."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The badges of an employee are taken away."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PageFingerprint:
    """Of the certificate that the admin page made for itself: browsers warn of it, and what they show must be this."""

    digits: str
    """SHA-256 in hex, 64 digits."""


DeskScreen = AskBadge | AskOwner | AskLost | Revoked
"""What an admin is shown who gives badges out at the door."""
TerminalScreen = Starting | Stopped | Idle | NewTerminal | Asleep | KeyArmed | Enrol | Enrolled | PageFingerprint
"""What the terminal shows of itself, or for an admin."""
BadgeScreen = UnknownBadge | RandomBadge | NotValid | NotReadable | WrongPin | PinLocked | NothingRecorded
"""What somebody is shown whom their badge or PIN does not clock in or out."""
EmployeeScreen = (
    Punched
    | Booked
    | AlreadyRecorded
    | Undone
    | NothingToUndo
    | AskLeft
    | AskConsent
    | AskProject
    | NoProjects
    | ConsentSaved
    | Told
    | TooLate
    | Info
)
"""What an employee is shown who is known by their badge."""
Screen = TerminalScreen | DeskScreen | BadgeScreen | EmployeeScreen
"""The closed set of things the panel can show."""


def signal_for(screen: Screen) -> Signal | None:
    """Say which signal goes with a screen; None for screens that nobody tapped for."""
    match screen:
        case Punched(no_in=True) | UnknownBadge() | RandomBadge() | NotValid():
            return Signal.SAVED
        case Punched(kind=Kind.IN | Kind.RESUME):
            return Signal.IN
        case Punched(kind=Kind.OUT | Kind.BREAK):
            return Signal.OUT
        case Punched() | Undone() | Enrolled() | Revoked() | Told() | ConsentSaved():
            return Signal.DONE
        case Info(second=True):
            return None
        case AskLeft(chosen=True) | AskConsent(yes=True | False) | AskProject(project=Project()):
            return None
        case AskOwner(number=0) | AskLost(lost=None) | AskBadge():
            return Signal.AGAIN
        case AskOwner() | AskLost():
            return None
        case AlreadyRecorded() | Info() | NothingToUndo() | AskLeft() | AskConsent() | AskProject() | TooLate():
            return Signal.AGAIN
        case NothingRecorded() | NotReadable() | WrongPin() | PinLocked() | NoProjects():
            return Signal.PROBLEM
        case Starting() | Stopped() | Idle() | NewTerminal() | Asleep():
            return None
        case Booked() | KeyArmed() | Enrol() | PageFingerprint():
            return None


PAGE_S = 3.5
"""How many seconds the first of two pages stays."""
ENROL_S = 30.0
"""How many seconds after an admin asked for it a badge can be enrolled."""

CERTIFICATE_S = 60.0
"""How many seconds a fingerprint stays, so that it can be compared with that of a browser. A tap ends it."""

ANSWER_S = 30.0
"""How many seconds a question stays after the last key or badge."""


def hold_s(screen: Screen) -> float:
    """Say how many seconds a screen stays before the idle screen returns; infinite where it has no end."""
    match screen:
        case Starting() | Stopped() | Idle() | NewTerminal() | Asleep():
            return float("inf")
        case Enrol():
            return ENROL_S
        case PageFingerprint():
            return CERTIFICATE_S
        case AskLeft() | AskConsent() | AskProject() | AskBadge() | AskOwner() | AskLost():
            return ANSWER_S
        case Info(second=False, now_local=datetime()):
            return PAGE_S
        case Info(code=str()):
            return CODE_S - PAGE_S if screen.second else CODE_S
        case Punched(asks=True) | Punched(news=News()):
            return 9.0
        case Info():
            return 6.0
        case Punched(no_in=True):
            return 6.0
        case NothingRecorded() | UnknownBadge() | RandomBadge() | NotValid() | NoProjects():
            return 6.0
        case NotReadable() | WrongPin() | PinLocked():
            return 3.0
        case KeyArmed():
            return 5.0
        case (
            Punched()
            | Undone()
            | NothingToUndo()
            | AlreadyRecorded()
            | Enrolled()
            | Revoked()
            | Told()
            | TooLate()
            | ConsentSaved()
        ):
            return 4.0
        case Booked():
            return 2.0


def next_page(screen: Screen) -> Screen | None:
    """Return what follows a screen when it has been seen; None where that is the idle screen."""
    match screen:
        case Info(second=False, now_local=datetime()):
            return replace(screen, second=True)
        case _:
            return None


class Opens(StrEnum):
    """What a relay is pulsed for: the values of `on` in a `[[relay]]` that a badge can cause."""

    IN = "in"
    """Somebody has come in, or back from a break."""
    KNOWN = "known"
    """Somebody who is known has tapped, and it is recorded."""


def opens(screen: Screen) -> frozenset[Opens]:
    """Say which relays a screen pulses: none for what was not recorded."""
    match screen:
        case Punched(kind=Kind.IN | Kind.RESUME):
            return frozenset(Opens)
        case Punched() | AlreadyRecorded():
            return frozenset({Opens.KNOWN})
        case _:
            return frozenset()
