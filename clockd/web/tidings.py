"""The words of alerts, in the language of the terminal: the admin reads them far away, without its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.core.alerts import Alarm, Tiding
from clockd.core.harmless import harmless
from clockd.web.alerting import Letter

LONGEST_DETAIL = 300
"""Characters of what the daemon says of a trouble."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is said of a trouble; `{subject}` and `{detail}` stand for what is known of it."""

    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One language."""

    needs_you: str
    is_over: str
    hello: str
    hello_body: str
    since: str
    """With `{begin}`."""
    span: str
    """With `{begin}` and `{end}`."""
    times: str
    """With `{times}`."""
    of: Mapping[Alarm, Phrase]


IN_ENGLISH = Wording(
    needs_you="{terminal} needs you",
    is_over="{terminal}: over again",
    hello="{terminal}: alerts arrive",
    hello_body="Alerts of this time clock come here from now on. All is well, or a second message says what is not.",
    since="since {begin}",
    span="from {begin} to {end}",
    times="{times} times",
    of={
        Alarm.HELD: Phrase("Punches wait for you: {detail}.", "No punch waits for you any more"),
        Alarm.OFFLINE: Phrase(
            "The tracker cannot be reached; punches are saved here. {detail}", "The tracker was out of reach"
        ),
        Alarm.PAUSED: Phrase("Booking is paused until somebody looks. {detail}", "Booking was paused"),
        Alarm.READER: Phrase("The reader {subject} is lost. {detail}", "The reader {subject} was lost"),
        Alarm.CLOCK: Phrase("Nobody says that the clock is right.", "Nobody said that the clock is right"),
        Alarm.DISK: Phrase("The disk: {detail}", "The disk was a problem"),
        Alarm.DAMAGED: Phrase(
            "A database was damaged and is kept ({subject}{detail}).", "A damaged database was put away ({subject})"
        ),
        Alarm.UPDATE: Phrase("An update of clockd failed. {detail}", "The failed update is done with"),
        Alarm.SILENT: Phrase("The daemon does not answer: nobody can clock in.", "The daemon did not answer"),
    },
)
IN_GERMAN = Wording(
    needs_you="{terminal} braucht Sie",
    is_over="{terminal}: wieder vorbei",
    hello="{terminal}: Meldungen kommen an",
    hello_body="Meldungen dieser Stempeluhr kommen ab jetzt hierher. Alles ist gut, oder eine zweite sagt, was nicht.",
    since="seit {begin}",
    span="von {begin} bis {end}",
    times="{times}-mal",
    of={
        Alarm.HELD: Phrase("Buchungen warten auf Sie: {detail}.", "Keine Buchung wartet mehr auf Sie"),
        Alarm.OFFLINE: Phrase(
            "Die Zeiterfassung ist nicht erreichbar; Buchungen sind hier gesichert. {detail}",
            "Die Zeiterfassung war nicht erreichbar",
        ),
        Alarm.PAUSED: Phrase("Das Buchen ruht, bis jemand nachsieht. {detail}", "Das Buchen ruhte"),
        Alarm.READER: Phrase("Der Leser {subject} fehlt. {detail}", "Der Leser {subject} fehlte"),
        Alarm.CLOCK: Phrase("Niemand sagt, dass die Uhrzeit stimmt.", "Niemand sagte, dass die Uhrzeit stimmt"),
        Alarm.DISK: Phrase("Der Speicher: {detail}", "Der Speicher war ein Problem"),
        Alarm.DAMAGED: Phrase(
            "Eine Datenbank war beschädigt und ist aufgehoben ({subject}{detail}).",
            "Eine beschädigte Datenbank wurde weggeräumt ({subject})",
        ),
        Alarm.UPDATE: Phrase("Ein Update von clockd misslang. {detail}", "Das misslungene Update ist erledigt"),
        Alarm.SILENT: Phrase("Der Dienst antwortet nicht: niemand kann stempeln.", "Der Dienst antwortete nicht"),
    },
)
WORDINGS: Mapping[str, Wording] = {"en": IN_ENGLISH, "de": IN_GERMAN}


def letter_of(tidings: Sequence[Tiding], terminal: str, zone: ZoneInfo, language: str) -> Letter:
    """Say in words what is to be told."""
    wording = WORDINGS.get(language, IN_ENGLISH)
    lasts = any(tiding.ended_at is None for tiding in tidings)
    title = (wording.needs_you if lasts else wording.is_over).format(terminal=terminal)
    return Letter(title, "\n".join(_line(tiding, wording, zone) for tiding in tidings))


def greeting(terminal: str, language: str) -> Letter:
    """Say that alerts arrive here from now on."""
    wording = WORDINGS.get(language, IN_ENGLISH)
    return Letter(wording.hello.format(terminal=terminal), wording.hello_body)


def _line(tiding: Tiding, wording: Wording, zone: ZoneInfo) -> str:
    phrase = wording.of[tiding.affair.alarm]
    said = phrase.begins if tiding.ended_at is None else phrase.ends
    subject, detail = harmless(tiding.affair.subject), harmless(tiding.detail)[:LONGEST_DETAIL]
    begin = _local(tiding.began_at, zone)
    if tiding.ended_at is None:
        when = wording.since.format(begin=begin)
    else:
        when = wording.span.format(begin=begin, end=_local(tiding.ended_at, zone))
    often = f", {wording.times.format(times=tiding.times)}" if tiding.times > 1 else ""
    return f"{said.format(subject=subject, detail=detail).strip()} ({when}{often})"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
