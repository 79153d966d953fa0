"""What was told already, kept in a small file of the page's own: a restart of it repeats no alert.

It is kept here and not at the daemon, since the daemon that does not answer is one of the alerts.
"""

import contextlib
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from clockd.core import alerts
from clockd.core.alerts import Alarms

log = logging.getLogger(__name__)

FILE = "alerts.json"
MOST_BYTES_KEPT = 1_000_000


@dataclass(slots=True)
class Memory:
    """Keeps what `core.alerts` remembers.

    Args:
        folder: the page's state directory; made when it is not there.
    """

    folder: Path
    _kept: bytes | None = field(default=None, init=False)
    """What stands in the file; None before it was read or written."""
    _told: bool = field(default=False, init=False)

    def recall(self) -> Alarms | None:
        """Read it; None when there is none that can be read."""
        try:
            with (self.folder / FILE).open("rb") as file:
                text = file.read(MOST_BYTES_KEPT + 1)
        except OSError:
            return None
        found = alerts.read(text) if len(text) <= MOST_BYTES_KEPT else None
        if found is None:
            log.warning("%s is no memory of alerts, and is begun anew", self.folder / FILE)
        return found

    def keep(self, alarms: Alarms) -> bool:
        """Write it, when it is not what stands there; whether it is on disk."""
        text = alerts.written(alarms)
        if text == self._kept:
            return True
        fresh = self.folder / f"{FILE}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with fresh.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.folder / FILE)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            if not self._told:
                log.error("a restart may repeat alerts: %s cannot be written (%s)", self.folder / FILE, error.strerror)
            self._told, self._kept = True, None
            return False
        self._told, self._kept = False, text
        return True
