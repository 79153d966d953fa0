"""TimeTrack's language, `…/api/v2/ext`: pure, without a network, a clock or a loop.

    codec.py        Write → Request, Exchange → Verdict, Rows: what sync and reconcile use
    echo.py         does a reply prove that what we sent was applied?
    attendances.py  attendance rows and the attendance timer: the same rows, seen twice (trap T29)
    projects.py     projects, and the whole of their API for the admin
    timers.py       the project timer, with its seconds computed by state
    hear.py         what any reply says before it is looked into: the table of statuses, the errors envelope
    values.py       single values: read tolerantly, written strictly

Not one reply of TimeTrack is documented. So everything is written in exactly one form and read in every form that
the documents or anybody's experience make thinkable; and a reply counts as a success only when it shows what was
sent. What cannot be read is never read as "nothing is there".
"""

from clockd.trackers.timetrack.codec import TimeTrackCodec, credentials
from clockd.trackers.timetrack.hear import ReadFailure, TrackerError, as_error, names_nobody
from clockd.trackers.timetrack.projects import ProjectRow, ProjectRows, exact_projects
from clockd.trackers.timetrack.timers import route_exists

__all__ = [
    "ProjectRow",
    "ProjectRows",
    "ReadFailure",
    "TimeTrackCodec",
    "TrackerError",
    "as_error",
    "credentials",
    "exact_projects",
    "names_nobody",
    "route_exists",
]
