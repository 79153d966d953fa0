"""A request, read: its fields as the endpoints need them, or the 422 that says which one is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clockd.sim.message import SimRequest
from clockd.sim.moment import SimMoment
from clockd.sim.timetrack.book import Coordinates
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.world import CodedProblem

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with its body decoded."""

    request: SimRequest
    body: Mapping[str, object]
    now: SimMoment
    lag_s: float
    """For a stale read: how long ago the shown state was true."""

    # --- body ---------------------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise missing(name)
        return value

    def text_or(self, name: str, default: str) -> str:
        """A text that may be missing."""
        value = self.body.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise wrong(name, "is no text")
        return value

    def stamp(self, name: str) -> datetime:
        """A timestamp that must be there."""
        return stamp(name, self.body.get(name))

    def stamp_or_none(self, name: str) -> datetime | None:
        """A timestamp that may be missing, null or empty."""
        value = self.body.get(name)
        return None if value in (None, "") else stamp(name, value)

    def number_or_none(self, name: str) -> float | None:
        """A number that may be missing; text is understood (`"50"`)."""
        return number(name, self.body.get(name))

    def minutes_or_none(self, name: str) -> int | None:
        """Whole minutes that may be missing."""
        value = number(name, self.body.get(name))
        if value is not None and value != int(value):
            raise wrong(name, "is no whole number")
        return None if value is None else int(value)

    def flag_or(self, name: str, default: bool) -> bool:
        """A boolean that may be missing: true, false, 1, 0, also as text."""
        value = self.body.get(name)
        if value is None:
            return default
        known = {"true": True, "1": True, "false": False, "0": False}
        word = str(value).lower()
        if word not in known:
            raise wrong(name, "is neither true nor false")
        return known[word]

    def place(self) -> Coordinates:
        """Coordinates, if a client sends them."""
        return Coordinates(self.number_or_none("latitude"), self.number_or_none("longitude"))

    def place_of(self, end: str) -> Coordinates:
        """Coordinates under the names that the attendance object has for them.

        Args:
            end: Start or End.
        """
        found = Coordinates(self.number_or_none(f"latitude{end}"), self.number_or_none(f"longitude{end}"))
        for name, value, most in (("latitude", found.latitude, 90), ("longitude", found.longitude, 180)):
            if value is not None and not -most <= value <= most:
                raise wrong(f"{name}{end}", "is no coordinate")
        return found

    # --- query --------------------------------------------------------------------------------------------------

    def param(self, name: str) -> str | None:
        """A query parameter."""
        return self.request.param(name)

    def needed_param(self, name: str) -> str:
        """A query parameter that must be there."""
        value = self.request.param(name)
        if not value:
            raise missing(name)
        return value

    def stamp_param(self, name: str) -> datetime | None:
        """A timestamp of the query; missing is None."""
        value = self.request.param(name)
        return stamp(name, value) if value else None

    def page(self, profile: Profile) -> slice:
        """The rows that were asked for; only `page_number` and `limit` are known (trap T30)."""
        number, limit = self._count("page_number", 0), self._count("limit", DEFAULT_LIMIT)
        if limit > MAX_LIMIT:
            raise wrong("limit", f"is above {MAX_LIMIT}")
        if limit == 0:
            return slice(None) if profile.zero_limit == "all" else slice(0, 0)
        return slice(number * limit, (number + 1) * limit)

    def _count(self, name: str, default: int) -> int:
        value = self.request.param(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit():
            raise wrong(name, "is no number")
        return int(value)


def stamp(name: str, value: object) -> datetime:
    """A timestamp as the tracker understands it: wall clock, with a `Z` that means nothing, or without."""
    if value in (None, ""):
        raise missing(name)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= len("2020-10-20T09:00") else None
    except ValueError:
        at = None
    if at is None or (at.tzinfo is not None and not str(value).endswith("Z")):
        raise wrong(name, "is no timestamp, as 2020-10-20T09:00:00.000Z")
    if not 1900 <= at.year < 2200:
        raise wrong(name, "lies outside of 1900 to 2199")
    return at.replace(tzinfo=None)


def number(name: str, value: object) -> float | None:
    """A number, or text that holds one; missing is None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise wrong(name, "is no number")
    try:
        found = float(value)
    except ValueError:
        raise wrong(name, "is no number") from None
    if not abs(found) < 1e12:
        raise wrong(name, "is no number")
    return found


def missing(name: str) -> CodedProblem:
    """A parameter is missing."""
    return CodedProblem(422, 15016, "Wrong params", f"{name} is required.")


def wrong(name: str, why: str) -> CodedProblem:
    """A parameter cannot be read."""
    return CodedProblem(422, 15017, "Wrong params", f"{name} {why}.")
