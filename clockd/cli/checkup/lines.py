"""What a check found."""

from dataclasses import dataclass

from clockd.errors import ClockdError


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of the report."""

    what: str
    ok: bool
    found: str
    hint: str = ""

    @classmethod
    def failed(cls, what: str, error: ClockdError) -> "CheckLine":
        """Say that something is wrong, in an error's words."""
        return cls(what, ok=False, found=error.message, hint=error.hint)
