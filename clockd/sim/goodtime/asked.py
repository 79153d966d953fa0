"""A request that may go on to its endpoint, and what it must say."""

from dataclasses import dataclass

from clockd.sim.message import Problem, SimRequest
from clockd.sim.moment import SimMoment


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may go on to its endpoint."""

    request: SimRequest
    body: dict[str, object]
    now: SimMoment
    lag_s: float
    old: bool
    """Version 1.1."""

    def param(self, name: str) -> str:
        """A query parameter that must be there."""
        value = self.request.param(name)
        if not value:
            raise Problem(400, f"The parameter {name} is missing.")
        return value

    def text(self, name: str) -> str:
        """A text of the body that must be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Problem(400, f"The property {name} is missing.")
        return value
