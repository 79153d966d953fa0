"""Badges that an admin waits for: a new one to be enrolled, or any one whose number is asked for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from clockd.core.model import Pin, Uid
from clockd.core.sentence import sentence
from clockd.errors import Refused


@dataclass(slots=True)
class Awaiting:
    """Who waits for a badge at this door; one admin for each of the two kinds."""

    _new: asyncio.Future[Uid] | None = None
    _any: asyncio.Future[Uid] | None = None

    async def new_badge(self, timeout_s: float, begun: Callable[[], None]) -> Uid:
        """Wait for a badge without an owner; `begun` is called as soon as one would be taken.

        Raises:
            Refused: none came in time; or somebody else is enrolling.
        """
        if self._new is not None:
            raise Refused("another badge is being enrolled", hint="try again in a moment")
        self._new = asyncio.get_running_loop().create_future()
        begun()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._new
        except TimeoutError:
            hint = "a badge that has an owner clocks them in instead: clockd badges remove first"
            raise Refused(sentence("no new badge within {timeout_s:.0f} s", timeout_s=timeout_s), hint=hint) from None
        finally:
            self._new = None

    async def any_badge(self, timeout_s: float) -> Uid:
        """Wait for the next badge, whoever's it is.

        Raises:
            Refused: none came in time; or somebody else waits for one.
        """
        if self._any is not None:
            raise Refused("somebody else waits for a badge", hint="try again in a moment")
        self._any = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._any
        except TimeoutError:
            hint = "clockd status says how the readers are"
            raise Refused(sentence("no badge within {timeout_s:.0f} s", timeout_s=timeout_s), hint=hint) from None
        finally:
            self._any = None

    @property
    def wants_new(self) -> bool:
        """Whether somebody waits for a badge to enrol."""
        return self._new is not None and not self._new.done()

    def take_new(self, uid: Uid) -> bool:
        """Hand a badge to whoever enrols; False when nobody does any more."""
        if self._new is None or self._new.done():
            return False
        self._new.set_result(uid)
        return True

    def saw(self, uid: Uid | Pin) -> None:
        """Hand a badge to whoever waits for any; it counts as every tap all the same."""
        if self._any is not None and isinstance(uid, Uid) and not self._any.done():
            self._any.set_result(uid)
