"""What TimeTrack's documents leave open, answered: one field per ambiguity.

The numbers are those of `clockd/trackers/TRAPS.md`.

`STRICT` is the documents taken literally. `ALT` is the other reading of the same sentences. `ALT2` is what is left:
errors inside of 200, a second running timer, a throttle that says 503. A client that is right under all three did not
guess anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from clockd.sim.profile import TrackerProfile, answered

Shape = Literal["object", "array", "data"]
Stamp = Literal["millis", "plain", "bare", "micros"]
OpenTo = Literal["null", "blank", "absent", "from"]


@dataclass(frozen=True, slots=True)
class Profile(TrackerProfile):
    """One reading of the documents; the defaults are the literal one."""

    # --- paths and transport ---
    attendance_timer_path: str = "/attendance_timer"
    """Where the attendance timer is; every other path is a 404 in HTML (trap T03)."""
    project_timer_path: str = "/timers/project_timer"
    """Where the project timer is (trap T03)."""
    redirect_slash: bool = False
    """Whether `/attendances/` is a 301 to another port; otherwise it is the same as without the slash (trap T02)."""
    content_type: Literal["always", "with-body"] = "always"
    """Which requests have to say that they are JSON; the documents show it on reads and deletes too (trap T09)."""

    # --- names ---
    user_filter: Literal["username", "user", "none", "nobody"] = "username"
    """The only query key that filters by person, if any; every other key is ignored (trap T20). `nobody`: `username`
    filters, but spells names in another way, so it never finds anybody."""
    note_key: Literal["details", "notes"] = "details"
    """The property that POST /attendances takes the note from (trap T22)."""

    # --- shape of replies ---
    shapes: tuple[Shape, ...] = ("object",)
    """How a single object is wrapped; lists are always bare (trap T24)."""
    created: tuple[int, ...] = (201,)
    """Status of a write that made something (trap T07)."""
    changed: tuple[int, ...] = (200,)
    """Status of a write that changed something (trap T07)."""
    empty_chance: float = 0.0
    """How often a write is answered with an empty 204 (trap T07)."""
    errors_in_200: bool = False
    """Whether a 422 is sent as 200 with an `errors` body (trap T07)."""
    id_keys: tuple[Literal["ID", "id"], ...] = ("ID",)
    """What attendances and projects call their id; the timer object always says `id` (trap T23)."""
    loose_types: bool = False
    """Whether ids, numbers and booleans now and then come as text, and coordinates as anything (T23, T25, T26)."""
    extra_fields: bool = True
    """Whether rows have properties that no document names (trap T27)."""
    start_reply_id: bool = True
    """Whether the reply to a timer's start tells the id of the row (trap T29)."""
    stamps: tuple[Stamp, ...] = ("millis",)
    """Forms of a timestamp: `…00.000Z`, `…00Z`, `…00`, `…00.000000Z` (trap T41)."""
    open_to: tuple[OpenTo, ...] = ("null",)
    """What stands in `to` of a row that runs (trap T36)."""
    contradictory_flags: bool = False
    """Whether a playing project timer also says that it is stopped (trap T44)."""

    # --- reading ---
    order: Literal["noise-first", "shuffled"] = "noise-first"
    """The order of rows: those of other people first and then by id; or another order at each request, which stays
    over several pages while nothing is written (traps T31 and T33)."""
    range: Literal["half-open", "overlap"] = "half-open"
    """What a list shows: `from <= row.from < to`, or every row that touches the span, ends included (trap T34)."""
    zero_limit: Literal["none", "all"] = "none"
    """What `limit=0` means: no row, or all of them (trap T32)."""
    no_timer: Literal["missing", "null", "empty", "last"] = "missing"
    """What GET answers when no timer runs: 404, `null`, `{}`, or the last closed row."""

    # --- writing ---
    precision: Literal["second", "minute-down", "minute-round"] = "second"
    """How exactly times are kept: to the second, cut to the minute, or rounded to it (trap T46)."""
    overlap: Literal["accept", "refuse"] = "accept"
    """Whether rows of one person may overlap; a refusal is 422."""
    double: Literal["a", "b", "c", "d"] = "a"
    """What a start while running does: (a) 422, (b) success with the running row, (c) closes the old and opens a new
    one, (d) opens a second row. A stop while stopped: (a) 422, (b) success with the last row, (c, d) 404 (trap T61)."""
    midnight_split: bool = False
    """Whether a row over midnight becomes one row a day; the reply is the first of them (trap T51)."""
    auto_break: bool = False
    """Whether 30 minutes of break are taken from rows longer than 6 h (trap T48)."""
    unknown_user: Literal[404, 422] = 404
    """The status with which a request about an unknown user is refused (traps T04 and T05)."""
    locked_status: Literal[403, 422] = 403
    """How a write into a locked or approved day is refused."""
    unknown_client: Literal["create", "refuse"] = "create"
    """What becomes of a new project of a client that does not exist."""
    future_limit_s: float = 300.0
    """How far ahead of the tracker's clock a time may be, in seconds; a later one is a 422 (trap T50)."""


STRICT = Profile()
ALT = Profile(
    name="alt",
    attendance_timer_path="/timers/attendance_timer",
    redirect_slash=True,
    refuse_get_body=True,
    content_type="with-body",
    retry_after="none",
    user_filter="user",
    note_key="notes",
    shapes=("object", "array", "data"),
    created=(200, 201),
    changed=(200, 201),
    empty_chance=0.02,
    id_keys=("id", "ID"),
    loose_types=True,
    start_reply_id=False,
    stamps=("millis", "plain", "bare"),
    open_to=("null", "blank", "absent", "from"),
    contradictory_flags=True,
    order="shuffled",
    range="overlap",
    zero_limit="all",
    no_timer="null",
    precision="minute-down",
    overlap="refuse",
    double="b",
    midnight_split=True,
    auto_break=True,
    unknown_user=422,
    locked_status=422,
    unknown_client="refuse",
)
ALT2 = replace(
    ALT,
    name="alt2",
    attendance_timer_path="/attendance_timer",
    redirect_slash=False,
    throttle_status=503,
    retry_after="date",
    created=(200,),
    changed=(200,),
    empty_chance=0.0,
    errors_in_200=True,
    start_reply_id=True,
    stamps=("micros", "plain"),
    no_timer="last",
    precision="minute-round",
    overlap="accept",
    double="d",
    midnight_split=False,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (STRICT, ALT, ALT2)}


def profile_named(name: str, **changes: object) -> Profile:
    """A profile by its name, with single answers changed; values may be text, as from a command line.

    Raises:
        BadProfile: unknown name, field or value.
    """
    return answered(PROFILES, name, changes)
