"""When the same badge is still the same presentation. Pure: the caller says what time it is."""

from collections.abc import Hashable


class Presence:
    """Tells a badge that was just put down from one that still lies there.

    Readers that do not report a badge's leaving are watched by its absence: a badge not seen for `absent` units has
    left. What a unit is belongs to the caller, who passes an ever-growing `now`: seconds of boot time where a reader
    repeats the identifier by itself, looks where the reader is asked again and again (a look that takes long must
    not let a badge "leave").

    Several badges on the reader at once are each one presentation, in whatever order they are seen.
    """

    def __init__(self, absent: float) -> None:
        self._absent = absent
        self._last_seen: dict[Hashable, float] = {}
        self._reasons: set[Hashable] = set()
        """What stands in `_last_seen` for a badge that could not be read."""

    def unread(self, reason: Hashable, now: float) -> bool:
        """Note something that could not be read; True when it is a new presentation, and no badge lies there."""
        lies_there = any(now - at < self._absent for badge, at in self._last_seen.items() if badge not in self._reasons)
        self._reasons.add(reason)
        return self.seen(reason, now) and not lies_there

    def seen(self, badge: Hashable, now: float) -> bool:
        """Note a badge; True when this is a new presentation."""
        self._last_seen = {b: at for b, at in self._last_seen.items() if now - at < self._absent}
        new = badge not in self._last_seen
        self._last_seen[badge] = now
        return new
