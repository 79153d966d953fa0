"""What the panel says: which texts there are. Short: a line holds about seventeen letters.

Headlines in capitals are drawn by `clockd.panel.strokes`, the rest is set in a font. A language is one `Words`, and
stands in one file of `languages/`, which `clockd.panel.catalogue` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clockd.core.feedback import StillMissing
from clockd.core.model import Kind
from clockd.core.notices import NoticeWay
from clockd.panel.plurals import CountedText


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
    new_terminal: str
    """The headline of a terminal at which nobody tapped yet."""
    lacks: Mapping[StillMissing, str]
    """Below its name and address."""
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
    unsent: CountedText
    """With `{count}`: punches that are on their way to the tracker."""
    held: CountedText
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
