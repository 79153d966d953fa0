"""How an account writes and reads times (trap U18). Strict: a form reads its own writing and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

FormName = Literal["iso-seconds", "iso-minutes", "iso-millis", "iso-offset", "iso-z", "wall-z", "space", "epoch-ms"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
READABLE_YEARS = range(1900, 3000)
"""Others are no times; a day before or after them still is one."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write the account's wall clock."""

    name: FormName
    shape: str
    """What a text must match."""
    pattern: str
    """For strftime; times of this simulator have whole seconds."""
    meant: Literal["wall", "instant"] = "wall"

    def write(self, local: datetime, zone: ZoneInfo) -> str | int:
        """Write a wall-clock time of the account."""
        moment = local.replace(tzinfo=zone)
        match self.name:
            case "epoch-ms":
                return (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
            case "iso-z":
                return moment.astimezone(UTC).strftime(self.pattern)
            case "iso-offset":
                return moment.isoformat(timespec="seconds")
            case _:
                return moment.strftime(self.pattern)

    def read(self, value: object, zone: ZoneInfo) -> datetime | None:
        """Read a time as wall clock of the account, seconds kept; None for anything that is not of this form."""
        if self.name == "epoch-ms":
            if isinstance(value, bool) or not isinstance(value, int) or not 10**11 < value < 10**13:
                return None
            return (EPOCH + timedelta(milliseconds=value)).astimezone(zone).replace(tzinfo=None)
        if not isinstance(value, str) or not re.fullmatch(self.shape, value, re.ASCII):
            return None
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        if found.year not in READABLE_YEARS:
            return None
        if self.meant == "instant":
            return found.astimezone(zone).replace(tzinfo=None)
        return found.replace(tzinfo=None)


_DAY = r"\d{4}-\d\d-\d\d"
_FORMS = (
    Form("iso-seconds", _DAY + r"T\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
    Form("iso-minutes", _DAY + r"T\d\d:\d\d", "%Y-%m-%dT%H:%M"),
    Form("iso-millis", _DAY + r"T\d\d:\d\d:\d\d\.\d{3}", "%Y-%m-%dT%H:%M:%S.000"),
    Form("iso-offset", _DAY + r"T\d\d:\d\d:\d\d[+-]\d\d:\d\d", "", "instant"),
    Form("iso-z", _DAY + r"T\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ", "instant"),
    Form("wall-z", _DAY + r"T\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ"),
    Form("space", _DAY + r" \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    Form("epoch-ms", "", "", "instant"),
)
FORMS: Mapping[FormName, Form] = {form.name: form for form in _FORMS}


def read_any(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a time of a query in any form, or a bare date."""
    if re.fullmatch(_DAY, text, re.ASCII):
        text += "T00:00"
    for form in _FORMS:
        value: object = int(text) if form.name == "epoch-ms" and re.fullmatch(r"\d{12,13}", text, re.ASCII) else text
        if (found := form.read(value, zone)) is not None:
            return found
    return None
