"""What the panel says, in each language. Short: a line holds about seventeen letters.

Headlines in capitals are drawn by `clockd.panel.strokes`, the rest is set in a font. A language is one `Words`; a text
that is missing in one is an error of the type checker and of Python. What the admin page says as well stands in
`clockd.core.vocabulary`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clockd.core import vocabulary
from clockd.core.model import Action, Kind
from clockd.core.notices import NoticeWay


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All texts of one language."""

    weekdays: tuple[str, str, str, str, str, str, str]
    """Monday first."""
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    day_and_month: str
    """Format of a date with `{day}` and `{month}`."""
    kinds: Mapping[Kind, str]
    """Headlines of a punch."""
    kinds_small: Mapping[Kind, str]
    """The same within a line."""
    keys: Mapping[str, str]
    """Headlines of an armed key, by action."""
    saved: str
    today: str
    """With `{worked}`, as 7:42."""
    clock_not_set: str
    """On the idle screen."""
    clock_not_set_saved: str
    missing_out: str
    """With `{day}`, as Fri."""
    missing_out_ask: str
    """Below it, where keys can answer."""
    left_at: str
    """The question, above the time; with `{day}`."""
    left_keys: str
    """With `{earlier}` and `{later}`, the names of the two keys."""
    left_confirm: str
    told: str
    """With `{day}`: the answer is saved."""
    too_late: str
    """What was asked is settled meanwhile."""
    news: str
    """Of a change by the office; with `{day}`."""
    news_username: str
    """The same, of a new username."""
    news_made: str
    """Below the change, where nothing is asked."""
    news_counts: str
    """The same, where it counts later; with `{day}`."""
    news_ask: str
    """The same, where keys can answer."""
    consent: tuple[str, str]
    """Headlines of the two answers: yes, no."""
    consent_keys: tuple[str, str]
    """With `{key}`: what the two keys say."""
    which_project: str
    """The question, above the keys."""
    project_keys: str
    """With `{key}`: the key that shows the next project."""
    no_projects: tuple[str, str]
    """Below the name, two lines: the tracker has not shown any project; nothing is recorded."""
    reader_fault: str
    in_memory: str
    """On the idle screen: what is saved here is gone with the power."""
    booked: str
    already: str
    unknown_badge: str
    unknown_hint: str
    random_badge: tuple[str, str]
    """Two headlines: what it is not."""
    random_hint: tuple[str, str]
    """Two lines: what to do."""
    not_valid: str
    """Headline: the badge of this person does not count today."""
    not_valid_yet: str
    """With `{day}`: it counts from then on."""
    not_readable: tuple[str, str]
    """Two headlines."""
    wrong_pin: tuple[str, str]
    """Two headlines."""
    pin_locked: tuple[str, str]
    """Two headlines."""
    pin_wait: str
    """With `{minutes}`, until a PIN is taken again."""
    not_recorded: tuple[str, str]
    """Two headlines."""
    tap_again: str
    reasons: Mapping[str, str]
    """Why nothing was recorded, by the store's own words, which are English; without an entry those are shown."""
    starting: str
    stopped: str
    stopped_hint: str
    undone: str
    nothing_to_undo: str
    no_in: str
    """Below the name: they are not in."""
    no_in_hint: str
    """What to do then."""
    present: str
    """Headline before a time: since when."""
    on_break: str
    """Headline before a time, since which they are on a break."""
    absent: str
    short: Mapping[NoticeWay, str]
    """Of a legal break or rest that was short."""
    own_code: str
    """With `{code}`: what opens their own record on the page."""
    week: str
    """Headline on the second page of the info, before the time worked since Monday."""
    last: str
    """Below it, before the last punch."""
    unsent: str
    """With `{count}`: punches that are on their way to the tracker."""
    held: str
    """With `{count}`: punches that wait for the office."""
    all_booked: str
    tap_now: str
    new_badge: tuple[str, str]
    """At the badge desk, two lines below the admin's name: what it waits for."""
    desk: str
    """Headline of the badge desk."""
    whose: str
    """The question whose the new badge is; with `{tail}`."""
    whose_lost: str
    """The question whose badge is lost."""
    old_badges: str
    """The question what becomes of the badges that somebody has."""
    lost_keys: tuple[str, str]
    """With `{key}`: what the two keys say, keep and lost."""
    lost: tuple[str, str]
    """Headlines of the two answers: kept, lost."""
    revoked: str
    enrol: str
    enrol_hint: str
    enrolled: str

    def long_date(self, day: date) -> str:
        """A date with its weekday, as Sat 21 Nov."""
        return f"{self.weekdays[day.weekday()]} {self.short_date(day)}"

    def short_date(self, day: date) -> str:
        """A date without its weekday, as 21 Nov."""
        return self.day_and_month.format(day=day.day, month=self.months[day.month - 1])

    def day_before(self, when: datetime, now: datetime) -> str:
        """A day that is past, as short as it is clear: Fri within the last week, else 12 Nov."""
        if 0 <= (now.date() - when.date()).days < 7:
            return self.weekdays[when.weekday()]
        return self.short_date(when)

    def punch(self, kind: Kind, when: datetime) -> str:
        """A punch within a line, as in 08:02."""
        return f"{self.kinds_small[kind]} {when:%H:%M}"


def hours(seconds: int) -> str:
    """Worked time as hours and minutes, 7:42; minutes that are not full do not count."""
    minutes = max(0, seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02}"


ENGLISH = Words(
    weekdays=vocabulary.ENGLISH_VOCABULARY.weekdays,
    months=vocabulary.ENGLISH_VOCABULARY.months,
    day_and_month="{day} {month}",
    kinds={Kind.IN: "IN", Kind.OUT: "OUT", Kind.BREAK: "BREAK", Kind.RESUME: "BACK", Kind.PROJECT: "PROJECT"},
    kinds_small=vocabulary.ENGLISH_VOCABULARY.kinds,
    keys={
        Action.IN: "IN",
        Action.OUT: "OUT",
        Action.BREAK: "BREAK",
        Action.RESUME: "BACK",
        Action.PROJECT: "PROJECT",
        Action.UNDO: "UNDO",
        Action.INFO: "INFO",
    },
    saved="SAVED",
    today="TODAY {worked}",
    clock_not_set=vocabulary.ENGLISH_VOCABULARY.clock_not_set,
    clock_not_set_saved="clock not set – saved",
    missing_out="OUT missing {day}",
    missing_out_ask="tap again: say when",
    left_at="You left {day} at",
    left_keys="− {earlier}    {later} +",
    left_confirm="OK: tap badge",
    told="saved for {day}",
    too_late="settled already",
    news="Office: {day}",
    news_username="Office: username",
    news_made="was changed",
    news_counts="from {day} on",
    news_ask="tap again: answer",
    consent=("YES", "NO"),
    consent_keys=("{key}: agree", "{key}: refuse"),
    which_project="which project?",
    project_keys="{key}: next",
    no_projects=("none known yet", "not recorded"),
    reader_fault=vocabulary.ENGLISH_VOCABULARY.reader_fault,
    in_memory="Kept in RAM only",
    booked="BOOKED",
    already="already recorded",
    unknown_badge=vocabulary.ENGLISH_VOCABULARY.unknown_badge,
    unknown_hint="saved – ask office",
    random_badge=("PHONE OR", "BANK CARD"),
    random_hint=("please use", "your own badge"),
    not_valid="NOT VALID",
    not_valid_yet="valid from {day}",
    not_readable=("BADGE NOT", "READABLE"),
    wrong_pin=("WRONG", "PIN"),
    pin_locked=("PIN", "LOCKED"),
    pin_wait="for {minutes} min",
    not_recorded=("NOT", "RECORDED"),
    tap_again="please tap again",
    reasons={"refused": "clockd log says why"},
    starting="starting …",
    stopped="STOPPED",
    stopped_hint="not recording",
    undone="UNDONE",
    nothing_to_undo="nothing to undo",
    no_in=vocabulary.ENGLISH_VOCABULARY.no_in,
    no_in_hint="saved – ask office",
    present="IN SINCE",
    on_break="BREAK",
    absent="NOT IN",
    short={
        NoticeWay.BREAK: "break short",
        NoticeWay.UNBROKEN: "break was late",
        NoticeWay.REST: "rest short",
    },
    own_code="CODE {code}",
    week="WEEK",
    last="Last",
    unsent="{count} not sent yet",
    held="{count} for the office",
    all_booked="all booked",
    tap_now="now tap badge",
    new_badge=("hold new badge", "or key: lost one"),
    desk="BADGES",
    whose="whose is …{tail}?",
    whose_lost="whose is lost?",
    old_badges="the old badge?",
    lost_keys=("{key}: keep it", "{key}: it is lost"),
    lost=("KEEP", "LOST"),
    revoked="REVOKED",
    enrol=vocabulary.ENGLISH_VOCABULARY.new_badge,
    enrol_hint=vocabulary.ENGLISH_VOCABULARY.hold_it_here,
    enrolled="ADDED",
)

GERMAN = Words(
    weekdays=vocabulary.GERMAN_VOCABULARY.weekdays,
    months=vocabulary.GERMAN_VOCABULARY.months,
    day_and_month="{day}. {month}",
    kinds={Kind.IN: "KOMMEN", Kind.OUT: "GEHEN", Kind.BREAK: "PAUSE", Kind.RESUME: "WEITER", Kind.PROJECT: "PROJEKT"},
    kinds_small=vocabulary.GERMAN_VOCABULARY.kinds,
    keys={
        Action.IN: "KOMMEN",
        Action.OUT: "GEHEN",
        Action.BREAK: "PAUSE",
        Action.RESUME: "WEITER",
        Action.PROJECT: "PROJEKT",
        Action.UNDO: "STORNO",
        Action.INFO: "INFO",
    },
    saved="GESPEICHERT",
    today="HEUTE {worked}",
    clock_not_set=vocabulary.GERMAN_VOCABULARY.clock_not_set,
    clock_not_set_saved="ohne Uhrzeit erfasst",
    missing_out="Gehen fehlt {day}",
    missing_out_ask="Badge: nachtragen",
    left_at="Gegangen {day} um",
    left_keys="− {earlier}  {later} +",
    left_confirm="OK: Badge",
    told="erfasst für {day}",
    too_late="schon erledigt",
    news="Büro: {day}",
    news_username="Büro: Kennung",
    news_made="wurde geändert",
    news_counts="gilt ab {day}",
    news_ask="Badge: antworten",
    consent=("JA", "NEIN"),
    consent_keys=("{key}: ja", "{key}: nein"),
    which_project="welches Projekt?",
    project_keys="{key}: nächstes",
    no_projects=("noch keine da", "nicht erfasst"),
    reader_fault=vocabulary.GERMAN_VOCABULARY.reader_fault,
    in_memory="Nur im RAM",
    booked="GEBUCHT",
    already="schon erfasst",
    unknown_badge=vocabulary.GERMAN_VOCABULARY.unknown_badge,
    unknown_hint="erfasst – ins Büro",
    random_badge=("HANDY /", "BANKKARTE"),
    random_hint=("bitte den", "eigenen Badge"),
    not_valid="GILT NICHT",
    not_valid_yet="gültig ab {day}",
    not_readable=("BADGE", "UNLESBAR"),
    wrong_pin=("FALSCHE", "PIN"),
    pin_locked=("PIN", "GESPERRT"),
    pin_wait="für {minutes} min",
    not_recorded=("NICHT", "ERFASST"),
    tap_again="bitte nochmals",
    reasons={
        "disk full": "Speicher voll",
        "disk error": "Speicherfehler",
        "disk is read-only": "nur lesbar",
        "database in use": "Speicher belegt",
        "settings wrong": "Konfig. falsch",
        "refused": "siehe Log",
    },
    starting="startet …",
    stopped="GESTOPPT",
    stopped_hint="keine Erfassung",
    undone="STORNIERT",
    nothing_to_undo="nicht möglich",
    no_in=vocabulary.GERMAN_VOCABULARY.no_in,
    no_in_hint="erfasst – ins Büro",
    present="DA SEIT",
    on_break="PAUSE",
    absent="NICHT DA",
    short={
        NoticeWay.BREAK: "Pause zu kurz",
        NoticeWay.UNBROKEN: "Pause zu spät",
        NoticeWay.REST: "Ruhe zu kurz",
    },
    own_code="CODE {code}",
    week="WOCHE",
    last="Zuletzt",
    unsent="{count} ungesendet",
    held="{count} fürs Büro",
    all_booked="alles gebucht",
    tap_now="Badge vorhalten",
    new_badge=("neuen vorhalten", "Taste: verloren"),
    desk="BADGES",
    whose="wem gehört …{tail}?",
    whose_lost="wer hat verloren?",
    old_badges="und der alte?",
    lost_keys=("{key}: bleibt", "{key}: verloren"),
    lost=("BLEIBT", "VERLOREN"),
    revoked="GESPERRT",
    enrol=vocabulary.GERMAN_VOCABULARY.new_badge,
    enrol_hint=vocabulary.GERMAN_VOCABULARY.hold_it_here,
    enrolled="ZUGEORDNET",
)

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN}
"""By the value of `terminal.language`."""
