"""Which door this is: its name, zone, rules and tracker."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clockd.core import decide
from clockd.core.correction import Countersign
from clockd.core.notices import NoticeLaw


@dataclass(frozen=True, slots=True)
class Door:
    """What the terminal knows of itself, from the configuration."""

    name: str
    zone: ZoneInfo
    rules: decide.Rules
    tracker: str
    """The kind of the tracker: timetrack, goodtime or none."""
    project_timers: bool
    """Whether the tracker keeps project timers beside attendance (TimeTrack)."""
    account: str = ""
    """Which tracker and whose account of it, so that a change is noticed; empty where nothing is booked."""
    asks: bool = False
    """Whether there are keys for in and out, so that an employee can say when they left."""
    countersign: Countersign = Countersign.OFF
    """What employees have to say to corrections of their record."""
    countersign_days: float = 7.0
    """After so many days silence counts as an answer."""
    notices: NoticeLaw = NoticeLaw.NONE
    """Whose law says what a short break or rest is."""
