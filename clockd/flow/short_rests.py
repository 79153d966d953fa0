"""The legal break or rest that was short of late, for the info screen: a few days of one employee, by index alone."""

from datetime import timedelta

from clockd.core.delivery import Now
from clockd.core.hours import reckon
from clockd.core.model import Reading
from clockd.core.notices import Notice, NoticeLaw, notices
from clockd.core.timebase import local
from clockd.flow.door import Door
from clockd.store import Database, spans, view

LOOKED_BACK = timedelta(days=3)
MOST_LOOKED_AT = 100
"""Punches of one employee in those days; of one who made more nothing is said."""


def short_of_late(db: Database, username: str, door: Door, reading: Reading) -> Notice | None:
    """Return what was short today or yesterday, the latest; None where nothing was, or nobody knows the time."""
    if door.notices is NoticeLaw.NONE or not reading.trusted:
        return None
    seqs = range(spans.first_since(db, reading.wall_at - LOOKED_BACK), view.newest_seq(db) + 1)
    found = spans.of_employee(db, username, seqs, 0, MOST_LOOKED_AT, Now.of(reading))
    if len(found) == MOST_LOOKED_AT:
        return None
    today = local(reading.wall_at, door.zone).date()
    items = [each.item for each in found]
    sheet = reckon(items, today - LOOKED_BACK, today, reading.wall_at, door.rules.max_shift_s)
    stretches = [stretch for day in sheet.days for stretch in day.stretches]
    found_short = notices(stretches, door.notices, clock_is_right=True)
    told = [each for each in found_short if each.day >= today - timedelta(days=1)]
    return told[-1] if told else None
