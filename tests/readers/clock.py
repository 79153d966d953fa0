"""A clock that stands still until a test moves it, and tells when somebody looked at it."""

import asyncio
from datetime import UTC, datetime, timedelta

from clockd.core.model import Reading


class Clock:
    """Readings of a boot that began at the epoch of this test; `read` may be called from any thread."""

    BEGAN_AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)

    def __init__(self) -> None:
        self.boottime_s = 100.0
        self._looks = 0
        self._loop = asyncio.get_running_loop()
        self._looked = asyncio.Event()

    def read(self) -> Reading:
        """A `clockd.core.ports.ReadClock`."""
        reading = Reading(
            wall_at=self.BEGAN_AT + timedelta(seconds=self.boottime_s),
            boottime_s=self.boottime_s,
            boot_id="test",
            boot_seq=1,
            trusted=True,
        )
        self._loop.call_soon_threadsafe(self._note)
        return reading

    @property
    def looks(self) -> int:
        """How often it was read."""
        return self._looks

    async def looked_at(self, since: int) -> None:
        """Wait until it was read more often than `since`."""
        while self._looks <= since:
            self._looked.clear()
            await self._looked.wait()

    def _note(self) -> None:
        self._looks += 1
        self._looked.set()
