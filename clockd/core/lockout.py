"""How many PINs, or codes of an own record, may be wrong. Pure: the time comes in.

A right PIN changes nothing: who knows one of their own must not be able to try others' between.
"""

from dataclasses import dataclass

FREE = 5
"""So many wrong PINs are forgiven."""
FORGOTTEN_S = 900.0
"""A wrong PIN is forgotten after this time."""
FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0


@dataclass(frozen=True, slots=True)
class Lockout:
    """The wrong PINs of late, and until when no PIN is taken; in boot time."""

    wrong_s: tuple[float, ...] = ()
    until_s: float = 0.0

    def wait_s(self, now_s: float) -> float:
        """Return how long no PIN is taken any more; 0 when it is."""
        return max(0.0, self.until_s - now_s)

    def after_wrong(self, now_s: float) -> "Lockout":
        """Count one more wrong PIN. From the fifth on each closes the pad, twice as long as the one before."""
        kept = (*(at for at in self.wrong_s if now_s - at < FORGOTTEN_S), now_s)[-32:]
        over = len(kept) - FREE
        if over < 0:
            return Lockout(kept, self.until_s)
        return Lockout(kept, now_s + min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0**over))
