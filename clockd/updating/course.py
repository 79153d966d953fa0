"""What is done, one step after the other; each stage is on disk before its step begins (`core.updates` says why)."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from clockd.core.sentence import phrase, sentence
from clockd.core.updates import (
    MOST_INSTALLS,
    TRIAL_S,
    DoorLook,
    Healthy,
    NotYet,
    Sick,
    Step,
    UpdateStage,
    is_due,
    is_open,
    is_quiet,
    judge_update,
    spans_of,
    worse,
)
from clockd.errors import Refused
from clockd.updating import door, packages, record
from clockd.updating.record import UpdateRecord

TRIAL_LOOK_S = 2.0
"""How many seconds lie between two looks at a new version."""


def tell_journal(text: str) -> None:
    """Say something for the journal."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Course:
    """Carries out updates on this machine."""

    folder: Path = record.FOLDER
    patience_s: float = TRIAL_S
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def kept(self) -> Path:
        """The package of the version before."""
        return self.folder / "before.deb"

    @property
    def coming(self) -> Path:
        """The package of the new version."""
        return self.folder / "coming.deb"

    def go_on(self) -> None:
        """Go on with what a cut has interrupted, as far as it goes."""
        while is_open((now := record.load_record(self.folder)).stage):
            tell_journal(f"{now.before} → {now.version}: {now.stage.value}")
            if (then := self._step(now)) is None:
                return
            record.save(then, self.folder)
            if not is_open(then.stage):
                tell_journal(f"{then.before} → {then.version}: {then.stage.value} {then.detail}".rstrip())

    def _step(self, now: UpdateRecord) -> UpdateRecord | None:
        match now.stage:
            case UpdateStage.INSTALLING:
                return self._install(now)
            case UpdateStage.TRYING:
                return self._try(now)
            case UpdateStage.RETURNING | UpdateStage.TAKING_BACK:
                return self._return(now)
            case _:
                raise AssertionError(now.stage)

    def _install(self, now: UpdateRecord) -> UpdateRecord:
        if now.tries >= MOST_INSTALLS:
            return now.after(Step.NOT_INSTALLED, phrase("the installation was cut again and again"))
        record.save(replace(now, tries=now.tries + 1), self.folder)
        try:
            packages.install(self.coming, now.version)
        except Refused as why:
            return now.after(Step.NOT_INSTALLED, sentence("it could not be installed: {why}", why=phrase(why.message)))
        return now.after(Step.INSTALLED)

    def _try(self, now: UpdateRecord) -> UpdateRecord:
        """Look at the new version until it is healthy, or has had all the time there is for that."""
        begun_s = self.clock()
        well_since_s: float | None = None
        while True:
            look = door.look_at_door()
            now_s = self.clock()
            if worse(now.well, look) is not None:
                well_since_s = None
            elif well_since_s is None:
                well_since_s = now_s
            well_s = 0.0 if well_since_s is None else now_s - well_since_s
            match judge_update(now.well, look, now_s - begun_s, well_s, self.patience_s):
                case Healthy():
                    return now.after(Step.HEALTHY)
                case Sick(why=why):
                    return now.after(Step.SICK, why)
                case NotYet():
                    self.sleep(TRIAL_LOOK_S)

    def _return(self, now: UpdateRecord) -> UpdateRecord | None:
        """Put the version before back; None where that did not go well, and has to be done again later."""
        try:
            packages.put_back(self.kept, now.before)
        except Refused as why:
            tell_journal(f"{now.before} could not be put back, and will be tried again: {why}")
            if not now.detail.endswith(str(why)):
                told = sentence(
                    "{first}; {version} could not be put back: {why}",
                    first=phrase(now.detail),
                    version=now.before,
                    why=phrase(why.message),
                )
                record.save(replace(now, detail=told), self.folder)
            return None
        failed = tuple(dict.fromkeys((*now.failed, now.version)))[-20:]
        return replace(now.after(Step.RETURNED), failed=failed)

    # --- what is wanted ---------------------------------------------------------------------------------------------

    def update(self, *, asked: bool) -> None:
        """Begin an update where the source offers a newer version.

        Args:
            asked: a person wants it now: at any time of the day, and a version that failed as well.
        """
        now = record.load_record(self.folder)
        wall_s = time.time()
        if not asked and (not is_due(now.looked_at_s, wall_s) or self._now_is_quiet()):
            return
        now = replace(now, looked_at_s=wall_s)
        record.save(now, self.folder)
        try:
            version = self._newer(now, asked=asked)
            packages.fetch(version, self.coming)
            packages.keep_installed(self.kept)  # last: until an update begins, the way back is the one of before
        except Refused as why:
            tell_journal(f"no update was begun: {why}")
            if asked:
                record.save(now.after(Step.REFUSED, why.message), self.folder)
            return
        begun = replace(
            now.after(Step.BEGIN),
            version=version,
            before=packages.installed(),
            detail="",
            tries=0,
            well=door.look_at_door(),
        )
        record.save(begun, self.folder)
        self.go_on()

    def _newer(self, now: UpdateRecord, *, asked: bool) -> str:
        version = packages.offered()
        if not version:
            raise Refused(phrase("the source offers no newer version"))
        if version in now.failed and not asked:
            raise Refused(
                sentence("{version} failed before, and waits for a person: clockd update now", version=version)
            )
        return version

    def _now_is_quiet(self) -> bool:
        try:
            return is_quiet(spans_of(door.quiet_times()), door.local_time(datetime.now(UTC)))
        except ValueError:
            return False  # the daemon does not start with such a configuration, and says so

    def back(self) -> None:
        """Put the version before back, since a person wants it."""
        now = record.load_record(self.folder)
        before = packages.version_of(self.kept)
        installed = packages.installed()
        if not before or before == installed:
            record.save(now.after(Step.REFUSED, phrase("no package of a version before is kept here")), self.folder)
            return
        asked = replace(now.after(Step.ASKED_BACK), version=installed, before=before, detail="", well=DoorLook())
        record.save(asked, self.folder)
        self.go_on()
