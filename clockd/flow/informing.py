"""What the door knows of somebody who asks: their day and week, what they work on, what is not booked yet."""

from datetime import datetime, timedelta

from clockd.core import feedback
from clockd.core.delivery import Now
from clockd.core.model import Employee, Kind, Project, Reading
from clockd.core.paging import projects_to_page
from clockd.core.planning.item import Item
from clockd.core.timebase import local, week_span, worked_today_s, worked_within_s
from clockd.flow.door import Door
from clockd.flow.short_rests import short_of_late
from clockd.store import Database, ledger, outbox, projects, view

_BEFORE = timedelta(hours=48)
"""A shift that was begun so long before a day or a week may reach into it."""


def info_of(db: Database, door: Door, employee: Employee, last: Item | None, reading: Reading) -> feedback.Info:
    """Return what the info key answers.

    Args:
        db: the open database.
        door: which door.
        employee: who asks.
        last: their last punch that counts.
        reading: of the tap.
    """
    since = None if last is None else (last.at + timedelta(seconds=last.offset_s)).replace(tzinfo=None)
    on_break = last is not None and last.kind is Kind.BREAK
    present = last is not None and last.kind not in (Kind.OUT, Kind.BREAK)
    now_local = local(reading.wall_at, door.zone)
    return feedback.Info(
        employee,
        since if present else None,
        today_s(db, door, employee.username, reading),
        break_since_local=since if on_break else None,
        project=what_for(_running(db, door, employee, last), last.time_type if last and present else None),
        short=short_of_late(db, employee.username, door, reading),
        worked_week_s=_week_s(db, door, employee.username, reading, now_local),
        last=_last_done(db, employee.username, reading),
        now_local=now_local,
        unsettled=_unsettled(db, door, employee.username),
    )


def offered_to(db: Database, door: Door, employee: Employee, last: Item | None) -> tuple[Project, ...]:
    """Return the projects that somebody can choose from: their own where the tracker says which these are."""
    own = projects.shown_last(db, door.account, employee.username)
    seen = projects.shown_last(db, door.account, None) if own is None else own
    return projects_to_page(seen or (), projects.recent(db, employee.username), _running(db, door, employee, last))


def today_s(db: Database, door: Door, username: str, reading: Reading) -> int:
    """Return how many seconds somebody worked today; a clock-in that is longer ago than a shift counts for nothing."""
    punches = outbox.counted(db, username, ledger.to_us(reading.wall_at - _BEFORE))
    max_shift_h = door.rules.max_shift_s / 3600
    return int(worked_today_s(punches, reading.wall_at, door.zone, max_shift_h=max_shift_h))


def what_for(project: Project | None, time_type: str | None) -> str | None:
    """Return in words what is worked on, where that is not the usual: a project, a time type, or both."""
    return ", ".join(filter(None, (str(project) if project else "", time_type))) or None


def _running(db: Database, door: Door, employee: Employee, last: Item | None) -> Project | None:
    """Return what somebody who is in works on; None where that is no project."""
    if last is None or last.kind in (Kind.OUT, Kind.BREAK):
        return None
    return outbox.running_project(db, employee.username) if door.project_timers else last.project


def _last_done(db: Database, username: str, reading: Reading) -> feedback.Counted | None:
    """Return the last punch, a project switch included."""
    done = outbox.last_done(db, username, Now.of(reading))
    if done is None:
        return None
    return feedback.Counted(done.kind, (done.at + timedelta(seconds=done.offset_s)).replace(tzinfo=None))


def _week_s(db: Database, door: Door, username: str, reading: Reading, now_local: datetime) -> int:
    span = week_span(now_local.date(), door.zone)
    punches = outbox.counted(db, username, ledger.to_us(span[0] - _BEFORE))
    return int(worked_within_s(punches, span, reading.wall_at, max_shift_h=door.rules.max_shift_s / 3600))


def _unsettled(db: Database, door: Door, username: str) -> feedback.Unsettled | None:
    if door.tracker == "none":
        return None
    counts = view.open_counts(db, username)
    return feedback.Unsettled(sum(counts[state] for state in view.UNSENT), counts["held"])
