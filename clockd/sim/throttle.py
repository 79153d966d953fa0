"""An exact sliding window over the arrivals of requests; time is an argument."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class SlidingWindow:
    """Admits at most `limit` requests in any half-open span `(t - span_s, t]`.

    A request that comes exactly `span_s` after the first of a full window is admitted: the first one has left.
    """

    limit: int
    span_s: float = 60.0
    count_refused: bool = True
    """Whether a refused request takes a place too; then a client that hammers stays locked out."""
    busiest: int = 0
    """The most arrivals ever seen in one span, refused ones included; what a well-behaved client keeps <= limit."""
    refused: int = 0
    _arrivals: deque[float] = field(default_factory=deque)
    _counted: deque[float] = field(default_factory=deque)

    def admit(self, now_s: float) -> float | None:
        """Count an arrival.

        Returns:
            None when it is admitted, else the seconds until a request would be, if none came before.
        """
        self._arrivals.append(now_s)
        _drop_before(self._arrivals, now_s - self.span_s)
        self.busiest = max(self.busiest, len(self._arrivals))
        wait_s = self._take(now_s)
        if wait_s is not None:
            self.refused += 1
        return wait_s

    def occupy(self, now_s: float) -> bool:
        """Take a place for somebody else on the same key: counts against the limit, not as an arrival of ours.

        Returns:
            Whether the neighbour was admitted.
        """
        return self._take(now_s) is None

    def _take(self, now_s: float) -> float | None:
        _drop_before(self._counted, now_s - self.span_s)
        if len(self._counted) < self.limit:
            self._counted.append(now_s)
            return None
        if self.count_refused:
            self._counted.append(now_s)
        return self._counted[-self.limit] + self.span_s - now_s

    def in_window(self, now_s: float) -> int:
        """How many places are taken now."""
        _drop_before(self._counted, now_s - self.span_s)
        return len(self._counted)


def _drop_before(times: deque[float], edge_s: float) -> None:
    while times and times[0] <= edge_s:
        times.popleft()
