"""The answer to a correction at the door: the badge once more opens it, a key says yes or no, the badge confirms.

As with the question when somebody left, the badge alone never answers, whoever walks away has said nothing, and the
next person's key is theirs.
"""

from dataclasses import dataclass
from datetime import timedelta

from clockd.core import feedback
from clockd.core.correction import Consent, CorrectionWay, Progress, Version, seen_by
from clockd.core.decide import ASIDE_S
from clockd.core.feedback import Counted, News
from clockd.core.model import Action, Employee, KeyPress, Reading
from clockd.core.timebase import local
from clockd.flow.door import Door
from clockd.store import ledger
from clockd.store.corrections import KeptCorrection


@dataclass(frozen=True, slots=True)
class Shown:
    """A correction that the panel shows to its owner."""

    fingerprint: str
    """The fingerprint of the badge that was shown it."""
    employee: Employee
    number: int
    news: News


@dataclass(frozen=True, slots=True)
class Spoken:
    """An owner answered."""

    shown: Shown
    consent: Consent


@dataclass(slots=True)
class ConsentAtTheDoor:
    """Who was shown which correction here, and how far their answer is; in memory only."""

    shown: Shown | None = None
    """What the panel showed last to somebody who can answer it; None when there is nothing to answer."""
    _open: Shown | None = None
    _consent: Consent | None = None
    _touched_s: float = 0.0

    def is_told(self, fingerprint: str) -> bool:
        """Whether this badge was the last that was shown what it can answer."""
        return self.shown is not None and self.shown.fingerprint == fingerprint

    def ask(self, reading: Reading) -> feedback.AskConsent:
        """Open the question for the badge that was shown it."""
        assert self.shown is not None
        self._open, self._consent = self.shown, None
        return self._screen(reading)

    def pressed(self, press: KeyPress) -> feedback.AskConsent | None:
        """Take a key for yes or no; None when nobody is asked, or the key says something else."""
        if not self._is_open(press.reading) or press.action not in (Action.IN, Action.OUT):
            self._open = None
            return None
        self._consent = Consent.YES if press.action is Action.IN else Consent.NO
        return self._screen(press.reading)

    def tapped(
        self, fingerprint: str, reading: Reading, seen_s_ago: float | None
    ) -> feedback.AskConsent | Spoken | None:
        """Take a badge for a confirmation; None when nobody is asked, or somebody else came."""
        if not self._is_open(reading) or self._open is None or self._open.fingerprint != fingerprint:
            self._open = None
            return None
        taken_away = seen_s_ago is None or seen_s_ago >= ASIDE_S
        if taken_away and self._consent is not None:
            spoken = Spoken(self._open, self._consent)
            self._open = self.shown = self._consent = None
            return spoken
        return self._screen(reading)

    def _is_open(self, reading: Reading) -> bool:
        return self._open is not None and reading.boottime_s - self._touched_s <= feedback.ANSWER_S

    def _screen(self, reading: Reading) -> feedback.AskConsent:
        assert self._open is not None
        self._touched_s = reading.boottime_s
        yes = None if self._consent is None else self._consent is Consent.YES
        return feedback.AskConsent(self._open.employee, self._open.news, yes)


def news_of(kept: KeptCorrection, username: str, door: Door, reading: Reading) -> News:
    """Return what an owner is shown of a correction."""
    was, after = seen_by(username, kept.correction.way, kept.was, kept.becomes)
    asked = kept.progress is Progress.ASKED
    begun_now_at = reading.wall_at + timedelta(days=door.countersign_days)
    due_at = begun_now_at if kept.due_us is None else ledger.nearest(kept.due_us)
    return News(
        was=_counted(was),
        becomes=_counted(after),
        username=kept.correction.username if kept.correction.way is CorrectionWay.RENAME else None,
        now_local=local(reading.wall_at, door.zone),
        asks=asked and door.asks,
        counts_from=local(due_at, door.zone).date() if asked else None,
    )


def _counted(version: Version | None) -> Counted | None:
    return None if version is None or version.kind is None else Counted(version.kind, version.local)
