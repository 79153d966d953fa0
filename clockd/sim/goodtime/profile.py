"""What Goodtime's documents leave open, answered: one field per ambiguity, named after the trap it belongs to.

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
    """U02. Which of `/api/time-v2.1/…` and `/api/time/…` exist; the others are a 404 in HTML."""
    error_forms: tuple[ErrorForm, ...] = ("html",)
    """U24. How an error looks."""

    # --- login ---
    token_header: str = "authorization"
    """U05. Lower case."""
    token_prefix: str = "Bearer "
    """U05."""
    login_forms: tuple[LoginForm, ...] = ("raw",)
    """U06."""
    token_s: float = 3600.0
    """U07. How long a token lives."""
    says_exp: bool = True
    """U07. Whether the token tells it."""
    expired_status: Literal[401, 403] = 401
    """What an expired, revoked or missing token meets."""
    refused_status: Literal[200, 400, 401, 403] = 401
    """What a wrong password meets; 200 is a page that says so."""
    locks_out_after: int = 5
    """So many wrong passwords within 15 minutes lock the login for as long; 0: never."""

    # --- times ---
    time_form: FormName = "iso-seconds"
    """U18. Anything else is refused with 400."""
    look_form: FormName | Literal["same", "any"] = "same"
    """How `start` and `end` of a look are read."""
    look_filter: Literal["kept", "ignored"] = "kept"
    """T20. Whether a look heeds `useremail`, or shows everybody's entries."""
    range: Literal["half-open", "overlap"] = "half-open"
    """T34. `start <= entry.start < end`, or every entry that touches the span."""
    seconds: Literal["truncate", "refuse"] = "truncate"
    """U14."""

    # --- shape of replies ---
    created: tuple[int, ...] = (200,)
    """Status of a createtimeentry that worked …"""
    empty_chance: float = 0.0
    """… and how often its list of ids is empty (U10)."""
    created_rows: bool = False
    """Whether the reply to it holds whole rows instead of ids."""
    deleted: tuple[int, ...] = (204,)
    """U22. Status of a delete."""
    gone_status: Literal[404, 410] = 404
    """U22. A second delete."""
    key_style: tuple[Literal["lower", "camel", "upper"], ...] = ("lower",)
    """U12. How property names are written, beside `id`; `upper` is as in `StartTime`."""
    shuffled: bool = False
    """U12. Order of properties and rows differs at each request, and there are more of them."""
    rows_say_user: bool = True
    """U12. Whether an entry names its user."""
    open_end: tuple[Literal["null", "absent", "blank"], ...] = ("null",)
    """U12. How an entry that runs shows its end."""

    # --- features of the account ---
    overlap: Literal["refuse", "accept"] = "refuse"
    """U16."""
    overlap_status: Literal[400, 409, 422, 500] = 400
    """How an overlap is refused."""
    midnight_split: bool = False
    """U10. An entry over midnight becomes one a day, each with an id."""
    locking: bool = False
    """U13. "Lockable time entries": rows have `locked`, and locked ones refuse delete (403)."""
    comments: bool = True
    """U20. Off: comments are dropped."""
    projects: bool = True
    """U21. Off: the lists are empty and a projectid is refused."""
    null_project: Literal["accept", "refuse"] = "accept"
    """U21. `projectid: null` in a create."""
    closed_status: Literal[400, 403, 404] = 403
    """U25. What a write for a closed user meets."""
    unknown_status: Literal[400, 404] = 404
    """What any request about an unknown user meets."""
    no_type_status: Literal[400, 404, 422] = 400
    """What a create on a time type that is not there meets."""
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
