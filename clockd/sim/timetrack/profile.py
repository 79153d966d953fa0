"""What the documents leave open, answered: one field per ambiguity, named after the trap it belongs to.

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
    """T03. Every other path is a 404 in HTML."""
    project_timer_path: str = "/timers/project_timer"
    """T03."""
    redirect_slash: bool = False
    """T02. `/attendances/` is answered with 301 to another port; else it is the same as without the slash."""
    content_type: Literal["always", "with-body"] = "always"
    """T09. Which requests have to say that they are JSON; the documents show it on reads and deletes as well."""

    # --- names ---
    user_filter: Literal["username", "user", "none", "nobody"] = "username"
    """T20. The only filter for the person that is known, if any; every other query key is ignored. `nobody`: it is
    known, but names are spelled otherwise in it, so it never finds anybody."""
    note_key: Literal["details", "notes"] = "details"
    """T22. What POST /attendances takes the note from."""

    # --- shape of replies ---
    shapes: tuple[Shape, ...] = ("object",)
    """T24. How a single object is wrapped; lists are always bare."""
    created: tuple[int, ...] = (201,)
    """T07. Status of a write that made something …"""
    changed: tuple[int, ...] = (200,)
    """… and of one that changed something."""
    empty_chance: float = 0.0
    """T07. How often a write is answered with an empty 204."""
    errors_in_200: bool = False
    """T07. 422 is sent as 200 with an `errors` body."""
    id_keys: tuple[Literal["ID", "id"], ...] = ("ID",)
    """T23. For attendances and projects; the timer object says `id`."""
    loose_types: bool = False
    """T23, T25, T26. Numbers and booleans now and then as text, coordinates as anything."""
    extra_fields: bool = True
    """T27."""
    start_reply_id: bool = True
    """T29. Whether the reply to a timer's start tells the id of the row."""
    stamps: tuple[Stamp, ...] = ("millis",)
    """T41. Forms of a timestamp: `…00.000Z`, `…00Z`, `…00`, `…00.000000Z`."""
    open_to: tuple[OpenTo, ...] = ("null",)
    """T36. What stands in `to` of a row that runs."""
    contradictory_flags: bool = False
    """T44. A playing project timer also says that it is stopped."""

    # --- reading ---
    order: Literal["noise-first", "shuffled"] = "noise-first"
    """T31, T33. Rows of other people first and then by id; or another order at each request (over several pages the
    order stays while nothing is written)."""
    range: Literal["half-open", "overlap"] = "half-open"
    """T34. `from <= row.from < to`, or every row that touches the span, ends included."""
    zero_limit: Literal["none", "all"] = "none"
    """T32."""
    no_timer: Literal["missing", "null", "empty", "last"] = "missing"
    """What GET answers when no timer runs: 404, `null`, `{}`, or the last closed row."""

    # --- writing ---
    precision: Literal["second", "minute-down", "minute-round"] = "second"
    """T46."""
    overlap: Literal["accept", "refuse"] = "accept"
    """Whether rows of one person may overlap; a refusal is 422."""
    double: Literal["a", "b", "c", "d"] = "a"
    """T61. start while running: (a) 422, (b) success with the running row, (c) closes the old and opens a new one,
    (d) a second row. stop while stopped: (a) 422, (b) success with the last row, (c, d) 404."""
    midnight_split: bool = False
    """T51. A row over midnight becomes one row a day; the reply is the first."""
    auto_break: bool = False
    """T48. 30 minutes of break are taken from rows longer than 6 h."""
    unknown_user: Literal[404, 422] = 404
    """T04, T05."""
    locked_status: Literal[403, 422] = 403
    """How a write into a locked or approved day is refused."""
    unknown_client: Literal["create", "refuse"] = "create"
    """A new project of a client that does not exist."""
    future_limit_s: float = 300.0
    """T50. Times later than this after the tracker's clock are refused with 422."""


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
