"""When a bell rings. Pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

LATEST = timedelta(minutes=2)
"""A bell that was missed for longer, because the machine slept or its clock was set, does not ring any more."""


def rings(before_local: datetime, now_local: datetime, at: Sequence[time]) -> bool:
    """Whether one of the times of day lies between two moments, the second included."""
    if not timedelta(0) < now_local - before_local <= LATEST:
        return False
    days = {before_local.date(), now_local.date()}
    return any(before_local < datetime.combine(day, each) <= now_local for day in days for each in at)
