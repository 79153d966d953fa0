"""What the documents of a tracker leave open, answered: the part that every tracker's profile has."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypeVar

import msgspec

from clockd.sim.faults import RetryAfter


@dataclass(frozen=True, slots=True)
class TrackerProfile:
    """One reading of the documents; the defaults are the literal one."""

    name: str = "strict"

    refuse_get_body: bool = False
    """Whether a GET with a body is a 400, as at proxies; otherwise its body is ignored, and noted (trap T01)."""
    throttle_status: Literal[429, 403, 503] = 429
    """The status of the tracker's own throttle (trap T06)."""
    retry_after: RetryAfter = "seconds"
    """What the throttle says in `Retry-After` (trap T06)."""


Read = TypeVar("Read", bound=TrackerProfile)


class BadProfile(ValueError):
    """No such profile, or no such answer; the message says what there is."""


def answered(profiles: Mapping[str, Read], name: str, changes: Mapping[str, object]) -> Read:
    """A profile by its name, with single answers changed; values may be text, as from a command line.

    Raises:
        BadProfile: unknown name, field or value.
    """
    if name not in profiles:
        raise BadProfile(f"{name!r} is no profile; there are {', '.join(profiles)}")
    plain = {field.name: getattr(profiles[name], field.name) for field in fields(profiles[name])}
    unknown = set(changes) - set(plain)
    if unknown:
        raise BadProfile(f"a profile has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(plain))}")
    for key, value in changes.items():
        plain[key] = value.split("/") if isinstance(plain[key], tuple) and isinstance(value, str) else value
    try:
        return msgspec.convert(plain, type(profiles[name]), strict=False)
    except msgspec.ValidationError as error:
        raise BadProfile(str(error)) from None
