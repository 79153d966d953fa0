"""What Goodtime's documents leave open, answered: one field per ambiguity.

The numbers are those of `clockd/trackers/TRAPS.md`.

`STRICT` is the most literal account. `ALT` is the other reading; `ALT2` is what is left. A client that is right under
all three did not guess anywhere. Single answers can be changed (`profile_named("strict", time_form="epoch-ms")`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from clockd.sim.goodtime.forms import FormName
from clockd.sim.profile import TrackerProfile, answered

LoginForm = Literal["raw", "quoted", "token", "jwt", "access_token", "accessToken", "id_token", "nested", "header"]
ErrorForm = Literal["html", "plain", "empty", "json"]


@dataclass(frozen=True, slots=True)
class Profile(TrackerProfile):
    """One reading of the documents."""

    # --- paths and transport ---
    versions: Literal["2.1", "1.1", "both"] = "2.1"
    """Which of `/api/time-v2.1/…` and `/api/time/…` exist; the others are a 404 in HTML (trap U02)."""
    error_forms: tuple[ErrorForm, ...] = ("html",)
    """How an error looks (trap U24)."""

    # --- login ---
    token_header: str = "authorization"
    """The header that carries the token, in lower case (trap U05)."""
    token_prefix: str = "Bearer "
    """What stands before the token in its header (trap U05)."""
    login_forms: tuple[LoginForm, ...] = ("raw",)
    """How the reply to a login holds the token (trap U06)."""
    token_s: float = 3600.0
    """How long a token lives, in seconds (trap U07)."""
    says_exp: bool = True
    """Whether a token tells when it expires (trap U07)."""
    expired_status: Literal[401, 403] = 401
    """The status with which an expired, revoked or missing token is refused."""
    refused_status: Literal[200, 400, 401, 403] = 401
    """The status of a login with a wrong password; 200 is a page that says so."""
    locks_out_after: int = 5
    """How many wrong passwords within 15 minutes lock the login for 15 minutes; 0: never."""

    # --- times ---
    time_form: FormName = "iso-seconds"
    """How times are written; any other form is refused with 400 (trap U18)."""
    look_form: FormName | Literal["same", "any"] = "same"
    """How `start` and `end` of a look are read."""
    look_filter: Literal["kept", "ignored"] = "kept"
    """Whether a look heeds `useremail`, or shows everybody's entries (trap T20)."""
    range: Literal["half-open", "overlap"] = "half-open"
    """What a look shows: `start <= entry.start < end`, or every entry that touches the span (trap T34)."""
    seconds: Literal["truncate", "refuse"] = "truncate"
    """What becomes of the seconds in a time: cut off, or the create is refused (trap U14)."""

    # --- shape of replies ---
    created: tuple[int, ...] = (200,)
    """Status of a createtimeentry that worked."""
    empty_chance: float = 0.0
    """How often the list of ids in the reply to a createtimeentry is empty (trap U10)."""
    created_rows: bool = False
    """Whether the reply to a createtimeentry holds whole rows instead of ids."""
    deleted: tuple[int, ...] = (204,)
    """Status of a delete that worked (trap U22)."""
    gone_status: Literal[404, 410] = 404
    """Status of a delete of what is not there any more (trap U22)."""
    key_style: tuple[Literal["lower", "camel", "upper"], ...] = ("lower",)
    """How property names other than `id` are written; `upper` is as in `StartTime` (trap U12)."""
    shuffled: bool = False
    """Whether properties and rows come in another order at each request, with unknown properties (trap U12)."""
    rows_say_user: bool = True
    """Whether an entry names its user (trap U12)."""
    open_end: tuple[Literal["null", "absent", "blank"], ...] = ("null",)
    """How an entry that runs shows its end (trap U12)."""

    # --- features of the account ---
    overlap: Literal["refuse", "accept"] = "refuse"
    """Whether entries of one person may overlap (trap U16)."""
    overlap_status: Literal[400, 409, 422, 500] = 400
    """The status with which an overlap is refused."""
    midnight_split: bool = False
    """Whether an entry over midnight becomes one a day, each with an id (trap U10)."""
    locking: bool = False
    """Whether "lockable time entries" is on: rows have `locked`, and locked ones refuse delete (403, trap U13)."""
    comments: bool = True
    """Whether comments are kept; otherwise they are dropped (trap U20)."""
    projects: bool = True
    """Whether there are projects; otherwise their lists are empty and a projectid is refused (trap U21)."""
    null_project: Literal["accept", "refuse"] = "accept"
    """What becomes of a create with `projectid: null` (trap U21)."""
    closed_status: Literal[400, 403, 404] = 403
    """The status with which a write for a closed user is refused (trap U25)."""
    unknown_status: Literal[400, 404] = 404
    """The status with which any request about an unknown user is refused."""
    no_type_status: Literal[400, 404, 422] = 400
    """The status with which a create on a time type that is not there is refused."""
    closed_look: Literal["shown", "refused"] = "shown"
    """Whether the entries of a closed user can be read."""


STRICT = Profile()
ALT = Profile(
    name="alt",
    versions="both",
    refuse_get_body=True,
    retry_after="none",
    error_forms=("html", "plain", "empty"),
    token_prefix="",
    login_forms=("raw", "quoted", "token", "jwt", "access_token", "accessToken", "id_token", "nested"),
    token_s=900.0,
    says_exp=False,
    refused_status=403,
    time_form="iso-minutes",
    look_form="any",
    range="overlap",
    created=(200, 201),
    empty_chance=0.02,
    deleted=(200, 204),
    gone_status=404,
    key_style=("lower", "camel", "upper"),
    shuffled=True,
    rows_say_user=False,
    open_end=("null", "absent", "blank"),
    overlap="accept",
    midnight_split=True,
    locking=True,
    comments=False,
    null_project="refuse",
    closed_status=400,
    no_type_status=422,
    closed_look="refused",
)
ALT2 = replace(
    ALT,
    name="alt2",
    versions="2.1",
    token_header="x-auth-token",  # noqa: S106 - the name of a header
    token_prefix="",
    login_forms=("header", "quoted"),
    token_s=300.0,
    says_exp=True,
    expired_status=403,
    refused_status=200,
    throttle_status=503,
    retry_after="date",
    error_forms=("plain", "json"),
    time_form="epoch-ms",
    look_form="same",
    created=(201,),
    empty_chance=0.0,
    created_rows=True,
    deleted=(200,),
    gone_status=410,
    rows_say_user=True,
    overlap="refuse",
    overlap_status=500,
    comments=True,
    closed_status=404,
    unknown_status=400,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (STRICT, ALT, ALT2)}


def profile_named(name: str, **changes: object) -> Profile:
    """A profile by its name, with single answers changed; values may be text, as from a command line.

    Raises:
        BadProfile: unknown name, field or value.
    """
    return answered(PROFILES, name, changes)
