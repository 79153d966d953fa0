"""An update of the program on a door, and the way back: what is decided about it.

The stage of an update is on disk before the step that it names begins. So a cut of the power finds, at the next start,
what was under way, and each step can be done again from its beginning:

* *installing*: the package of the new version is with dpkg. Done again after a cut, `MOST_INSTALLS` times in all.
* *trying*: the new version runs, and has to become healthy (`judge_update`) in time. Begun anew after a cut.
* *returning*: the package of the version before is with dpkg. Done again until it went well, however often.
* *taking back*: the same, since a person asked for it.

`COURSE` says how it goes on. A version that failed is not tried again until a person asks for it.

Only the standard library is used here: what decides about a new version must run when its packages do not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from clockd.core.sentence import phrase, sentence

TRIAL_S = 120.0
"""Within so many seconds a new version is healthy, or the one before comes back."""
CALM_S = 20.0
"""For so many seconds without a break nothing must be wrong."""
MOST_INSTALLS = 2
"""How often an installation is begun that was cut."""
SOURCE_EVERY_S = 20 * 3600.0
"""How old the last look at the source is when the next one is due."""
TIGHT = 0.9
"""The share of its memory limit that a healthy daemon stays below."""


class UpdateStage(StrEnum):
    """How far the last update is."""

    NONE = "none"
    """There never was one."""
    INSTALLING = "installing"
    TRYING = "trying"
    RETURNING = "returning"
    """The new version failed, and the one before is put back."""
    TAKING_BACK = "taking back"
    """A person asked for the version before."""
    DONE = "done"
    FAILED = "failed"
    """It failed, and the version before is back."""
    TAKEN_BACK = "taken back"
    NOT_BEGUN = "not begun"
    """One was wanted, and there is a reason not to begin: no network, a source that is not signed, no way back."""


class Step(StrEnum):
    """What may happen to an update."""

    BEGIN = "begin"
    INSTALLED = "installed"
    NOT_INSTALLED = "not installed"
    HEALTHY = "healthy"
    SICK = "sick"
    RETURNED = "returned"
    ASKED_BACK = "asked back"
    REFUSED = "refused"


_AT_REST = (UpdateStage.NONE, UpdateStage.DONE, UpdateStage.FAILED, UpdateStage.TAKEN_BACK, UpdateStage.NOT_BEGUN)

COURSE: Mapping[tuple[UpdateStage, Step], UpdateStage] = {
    **{(stage, Step.BEGIN): UpdateStage.INSTALLING for stage in _AT_REST},
    **{(stage, Step.REFUSED): UpdateStage.NOT_BEGUN for stage in _AT_REST},
    **{(stage, Step.ASKED_BACK): UpdateStage.TAKING_BACK for stage in _AT_REST},
    (UpdateStage.INSTALLING, Step.INSTALLED): UpdateStage.TRYING,
    (UpdateStage.INSTALLING, Step.NOT_INSTALLED): UpdateStage.RETURNING,
    (UpdateStage.TRYING, Step.HEALTHY): UpdateStage.DONE,
    (UpdateStage.TRYING, Step.SICK): UpdateStage.RETURNING,
    (UpdateStage.RETURNING, Step.RETURNED): UpdateStage.FAILED,
    (UpdateStage.TAKING_BACK, Step.RETURNED): UpdateStage.TAKEN_BACK,
}
"""How an update goes on; what stands not here cannot happen."""


def is_open(stage: UpdateStage) -> bool:
    """Whether something is under way, and has to be gone on with after a cut."""
    return stage not in _AT_REST


@dataclass(frozen=True, slots=True)
class DoorLook:
    """One look at the daemon, and at how systemd runs it."""

    answers: bool = False
    cannot_record: str | None = None
    """Why a tap would not be recorded; None: it would."""
    readers: frozenset[str] = frozenset()
    """Those that work, each as its kind and name."""
    tracker: str = "none"
    """The tracker's state."""
    restarts: int = 0
    """How often systemd started the daemon anew since it was told to."""
    memory_bytes: int | None = None
    limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Healthy:
    """The new version stays."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Look again in a moment."""

    why: str
    """What is wrong; empty where nothing is, and not for long enough."""


@dataclass(frozen=True, slots=True)
class Sick:
    """The version before comes back."""

    why: str


Fitness = Healthy | NotYet | Sick


def worse(before: DoorLook, now: DoorLook) -> str | None:
    """Say the first thing that is worse than before the update; None where nothing is."""
    if not now.answers:
        return phrase("the daemon does not answer")
    if now.cannot_record is not None and before.cannot_record is None:
        return sentence("taps are not recorded: {why}", why=phrase(now.cannot_record))
    if lost := sorted(before.readers - now.readers):
        return sentence("the reader does not work any more: {readers}", readers=tuple(lost))
    if before.tracker == "ok" and now.tracker != "ok":
        return sentence("the tracker was ok, and is {state}", state=phrase(now.tracker))
    if now.memory_bytes is not None and now.limit_bytes is not None and now.memory_bytes > TIGHT * now.limit_bytes:
        taken, most = now.memory_bytes // 1_000_000, now.limit_bytes // 1_000_000
        return sentence("it takes {taken} MB of the {most} MB that it may", taken=taken, most=most)
    return None


def judge_update(
    before: DoorLook, now: DoorLook, waited_s: float, well_s: float, patience_s: float = TRIAL_S
) -> Fitness:
    """Decide about a new version.

    Args:
        before: the last look at the version before.
        now: a look at the new one.
        waited_s: for how long it has been tried.
        well_s: for how long nothing has been wrong, up to this look.
        patience_s: within how many seconds it has to be healthy.
    """
    if now.restarts > 0:
        return Sick(phrase("the daemon ended, and systemd started it anew"))
    why = worse(before, now)
    if why is None:
        return Healthy() if well_s >= CALM_S else NotYet("")
    return Sick(why) if waited_s >= patience_s else NotYet(why)


def spans_of(text: str) -> tuple[tuple[time, time], ...]:
    """Read times of the day as `05:00-09:00`, several with commas between them; one may go over midnight.

    Raises:
        ValueError: it is written otherwise.
    """
    found = []
    for span in filter(None, text.replace(" ", "").split(",")):
        match = re.fullmatch(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})", span)
        if match is None or match[1] == match[2]:
            raise ValueError(span)
        found.append((time.fromisoformat(match[1]), time.fromisoformat(match[2])))
    return tuple(found)


def is_quiet(spans: tuple[tuple[time, time], ...], now_local: time) -> bool:
    """Whether it is one of these times of the day."""
    return any(
        begin <= now_local < end if begin < end else now_local >= begin or now_local < end for begin, end in spans
    )


def is_due(looked_at_s: float | None, now_s: float) -> bool:
    """Whether the source is to be looked at again; a look in the future was by a clock that was wrong.

    Args:
        looked_at_s: when it was last looked at, by the wall clock in seconds since 1970; None: never.
        now_s: now, likewise.
    """
    return looked_at_s is None or not 0 <= now_s - looked_at_s < SOURCE_EVERY_S
