"""True time without a clock chip: how far a reading can be believed, and what its wall-clock time is.

    anchors.py   one moment of true time in a boot dates every punch of that boot; of other boots only bounds are known
    wall.py      zones and offsets, daylight saving in the tracker's times, days
    skew.py      the tracker's `Date` header as evidence of a clock that is off
    said.py      times as an admin writes them

Boot time (CLOCK_BOOTTIME) is the backbone: it never steps and it counts through suspend. `wall - boottime`, the moment
at which this boot began as the wall clock tells it, is constant except for steps; so a step is a change of that moment.
"""

from clockd.core.timebase.anchors import (
    DRIFT,
    SAME_CLOCK_S,
    Anchor,
    Exact,
    Judgement,
    Life,
    Within,
    age_s,
    agrees,
    began_at,
    bounds_of,
    corrected,
    elapsed_at_least_s,
    is_forgotten,
    judge,
    never_ahead,
    touched_since,
)
from clockd.core.timebase.said import BadTime, read_moment, read_time
from clockd.core.timebase.skew import SKEW_REPORT_S, anchor_of_date, skew_report, skew_s
from clockd.core.timebase.wall import (
    Plain,
    Unsendable,
    Wire,
    WithNote,
    day_span,
    local,
    local_day,
    moments,
    offset_s,
    week_span,
    wire_interval,
    wire_local,
    worked_today_s,
    worked_within_s,
)

__all__ = [
    "DRIFT",
    "SAME_CLOCK_S",
    "SKEW_REPORT_S",
    "Anchor",
    "BadTime",
    "Exact",
    "Judgement",
    "Life",
    "Plain",
    "Unsendable",
    "Wire",
    "WithNote",
    "Within",
    "age_s",
    "agrees",
    "anchor_of_date",
    "began_at",
    "bounds_of",
    "corrected",
    "day_span",
    "elapsed_at_least_s",
    "is_forgotten",
    "judge",
    "local",
    "local_day",
    "moments",
    "never_ahead",
    "offset_s",
    "read_moment",
    "read_time",
    "skew_report",
    "skew_s",
    "touched_since",
    "week_span",
    "wire_interval",
    "wire_local",
    "worked_today_s",
    "worked_within_s",
]
