"""How a language writes times, spans, numbers and errors. All times are local to the terminal's zone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_skeleton, format_time
from babel.numbers import format_decimal

from clockd.control.peers import WEB_USER
from clockd.core.harmless import harmless
from clockd.core.json import Json
from clockd.core.model import Kind
from clockd.core.sentence import SaidValue, Sentence, filled, read_said, told_text
from clockd.errors import ClockdError, NoDaemon
from clockd.web.words import PAGE_LANGUAGES
from clockd.web.words.shapes import PageTexts

MIB = 1024 * 1024
_CLAIMS = re.compile(r"(?P<user>.*) \(claims (?P<name>.*)\)")


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, at one moment."""

    t: PageTexts
    locale: Locale
    zone: ZoneInfo
    now_at: datetime
    """When the page was asked for."""

    @classmethod
    def of(cls, wanted: Sequence[str], zone: ZoneInfo, now_at: datetime) -> "Speech":
        """Return the first language of these that there is, else English."""
        code = next((code for code in wanted if code in PAGE_LANGUAGES), "en")
        # British English writes the day before the month, as the panel does
        return cls(PAGE_LANGUAGES[code], Locale.parse("en_GB" if code == "en" else code), zone, now_at)

    @property
    def today(self) -> date:
        """The day at the door."""
        return self.now_at.astimezone(self.zone).date()

    def local(self, text: str) -> datetime:
        """Read a time of a document; one in UTC becomes local."""
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(self.zone).replace(tzinfo=None)

    def time(self, text: str) -> str:
        """A time of day, as 08:02."""
        return format_time(self.local(text).time(), "HH:mm", locale=self.locale)

    def moment(self, text: str | None) -> str:
        """A time with its day; today's without: 08:02, or Fri 27 Nov, 08:02."""
        if text is None:
            return "–"
        at = self.local(text)
        return self.time(text) if at.date() == self.today else f"{self.day(at.date())}, {self.time(text)}"

    def exact(self, text: str | None) -> str:
        """A time with its day and its seconds, for a punch's story."""
        if text is None:
            return "–"
        return format_datetime(self.local(text), "medium", locale=self.locale)

    def day(self, day: date | str) -> str:
        """A day with its weekday, as Fri 27 Nov; with its year where that is another."""
        day = date.fromisoformat(day[:10]) if isinstance(day, str) else day
        skeleton = "MMMEd" if day.year == self.today.year else "yMMMEd"
        return str(format_skeleton(skeleton, day, locale=self.locale))

    def weekday(self, day: date) -> str:
        """A weekday, as it stands at the door."""
        return self.t.vocabulary.weekdays[day.weekday()]

    def span(self, first: date, last: date) -> str:
        """Two days, as 23–29 Nov 2026."""
        return str(format_interval(first, last, "yMMMd", locale=self.locale))

    def month(self, day: date) -> str:
        """A month, as November 2026."""
        return str(format_date(day, "LLLL yyyy", locale=self.locale))

    def length(self, seconds: float) -> str:
        """Worked time as hours and minutes, 7:42; minutes that are not full do not count."""
        minutes = max(0, int(seconds)) // 60
        return f"{minutes // 60}:{minutes % 60:02}"

    def wait(self, seconds: float) -> str:
        """A short time to wait, as 30 s or 12 min."""
        return f"{int(seconds) + 1} s" if seconds < 90 else f"{int(seconds) // 60 + 1} min"

    def number(self, value: float) -> str:
        """A number with the marks of the language."""
        return format_decimal(value, locale=self.locale)

    def size(self, value: int) -> str:
        """Bytes, as 3.4 GiB."""
        return (
            f"{self.number(round(value / MIB / 1024, 1))} GiB"
            if value >= 1024 * MIB
            else f"{self.number(value // MIB)} MiB"
        )

    def kind(self, kind: str | None) -> str:
        """What a punch was."""
        return self.t.punches.not_known if kind is None else self.t.vocabulary.kinds[Kind(kind)]

    def punched(self, punch: Mapping[str, Any]) -> str:
        """What a punch was, and on what, as the door says it: who goes on with another time type pressed in."""
        kind, project, time_type = punch["kind"], punch["project"], punch["time_type"]
        shown = self.kind(Kind.IN if kind == Kind.PROJECT and project is None else kind)
        named = ", ".join(harmless(each) for each in (project, time_type) if each)
        return f"{shown} ({named})" if named else shown

    def error(self, error: ClockdError) -> str:
        """What went wrong; the daemon's own sentence where it has one."""
        if isinstance(error, NoDaemon):
            return f"{self.t.frame.daemon_away} {_sentence(self.tell(error.hint))}".strip()
        parts = [self.tell(part) for part in (error.message, *error.details, error.hint)]
        return " ".join(_sentence(part) for part in parts if part)

    def tell(self, text: str | None, said: Json = None) -> str:
        """Say a sentence of the daemon in this language; one that no catalogue has as it is.

        Args:
            text: in English.
            said: of which pattern and values it is made, as a document holds it beside it.
        """
        told = text or "" if said is None else read_said(said, text or "")
        pattern, values = (told.pattern, told.values) if isinstance(told, Sentence) else (told, {})
        found = self.t.sentences.get(pattern)
        if found is None and not values:
            return harmless(told)
        spoken = {name: self._value(value) for name, value in values.items()}
        return harmless(filled(pattern if found is None else found, spoken))

    def noted(self, row: Mapping[str, Any], name: str) -> str:
        """Say a text of a row of the ledger, which may hold beside it of which sentence it is made."""
        return self.tell(told_text(row.get(f"{name}_said"), str(row.get(name) or "")))

    def who(self, by: str) -> str:
        """Who did something, as the ledger has it: the account of this page, or a user with the name they claim."""
        account, _, program = by.rpartition(" via ")
        if program == WEB_USER:
            return harmless(account)
        claim = _CLAIMS.fullmatch(by)
        if claim is None:
            return self.tell(by)
        return self.t.log.claims.format(user=self.tell(claim["user"]), name=harmless(claim["name"]))

    def _value(self, value: SaidValue) -> SaidValue:
        match value:
            case Sentence():
                return self.tell(value)
            case tuple():
                return tuple(self.tell(one) if isinstance(one, Sentence) else one for one in value)
            case _:
                return value

    def within(self, day: date, days: int) -> date:
        """A day so many days later."""
        return day + timedelta(days=days)


def _sentence(text: str) -> str:
    """Write a message as a sentence."""
    text = harmless(text.strip())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) or not text else ".")
