"""How often somebody may ask: a bucket for each, and so many buckets that no flood of names makes more room."""

from collections.abc import Callable

BUCKETS = 1024


class Turnstile:
    """Lets each caller ask at a steady pace, and a few at once.

    Args:
        now_s: seconds that only go forward.
        every_s: the steady pace: seconds for one request.
        at_once: how many may come together after a rest.
    """

    def __init__(self, now_s: Callable[[], float], every_s: float, at_once: int) -> None:
        self._now_s = now_s
        self._every_s = every_s
        self._at_once = at_once
        self._free_s = dict[int, float]()
        """By bucket: when all that was taken will have been made up for."""

    def take(self, who: str) -> float:
        """Take a place; return 0, or in how many seconds there is one."""
        bucket, now_s = hash(who) % BUCKETS, self._now_s()  # keyed anew in each process
        free_s = max(self._free_s.get(bucket, now_s), now_s) + self._every_s
        wait_s = free_s - now_s - self._at_once * self._every_s
        if wait_s > 1e-9:
            return wait_s
        self._free_s[bucket] = free_s
        return 0.0
