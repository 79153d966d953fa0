"""When somebody far away is told that a terminal needs them: once when it begins, once when it is over.

What is wrong now (`troubles`) comes in at each look; what is to be told comes out (`due`). In between an *episode* is
one trouble from its begin to its end, and `NEXT` says how it goes on. A trouble is told when it has lasted as long as
its terms say, and is over when it was gone for a while, so that what flickers is one episode.

* All that is due is told in one notice, and never more than `MOST_AN_HOUR` of them leave in any hour. What has to wait
  is not lost: it is told later with its true times, and what began and ended meanwhile is told as one.
* *Offline* needs no look at the network of its own. A notice that leaves has reached its address, so the address can be
  reached and the tracker cannot. Without any network no notice leaves; when it is back, the notice says from when until
  when it was.
* Times are those of a boot. A wall clock that was wrong when something began is right when it is told, as a rule, and
  the begin is reckoned back from then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

MOST_AN_HOUR = 4
"""Notices that leave in any hour."""
HOUR_S = 3600.0
MOST_EPISODES = 100
"""That are remembered at once; while there are so many nothing else begins."""


class Alarm(StrEnum):
    """What may be wrong."""

    HELD = "held"
    """Punches wait for a person."""
    OFFLINE = "offline"
    """The tracker cannot be reached."""
    PAUSED = "paused"
    """The tracker refuses us, and only a person can change that."""
    READER = "reader"
    """A reader is lost; the subject is which."""
    CLOCK = "clock"
    """Nobody says that the time is right."""
    DISK = "disk"
    """Nothing can be recorded, or soon nothing can."""
    DAMAGED = "damaged"
    """A database was damaged and is kept; the subject is its file."""
    UPDATE = "update"
    """An update of clockd failed."""
    SILENT = "silent"
    """The daemon does not answer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a trouble is told."""

    lasting_s: float
    """How long it must have lasted."""
    settled_s: float = 60.0
    """How long it must have been gone to be over."""


TERMS: Mapping[Alarm, Terms] = {
    Alarm.HELD: Terms(300),
    Alarm.OFFLINE: Terms(3600),
    Alarm.PAUSED: Terms(300),
    Alarm.READER: Terms(120),
    Alarm.CLOCK: Terms(900),
    Alarm.DISK: Terms(30),
    Alarm.DAMAGED: Terms(0),
    Alarm.UPDATE: Terms(0),
    Alarm.SILENT: Terms(300),
}


@dataclass(frozen=True, slots=True)
class Affair:
    """One thing that may be wrong."""

    alarm: Alarm
    subject: str = ""
    """Which of several: a reader, a file; empty where there is one."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment by all clocks."""

    at: datetime
    """By the wall clock of then, aware UTC."""
    boot_s: float
    """CLOCK_BOOTTIME."""
    boot_id: str


class Stage(StrEnum):
    """How far an episode is."""

    BREWING = "brewing"
    """Seen, and not long enough to be told."""
    DUE = "due"
    """Its begin is to be told."""
    TOLD = "told"
    """Its begin was told."""
    PASSED = "passed"
    """Over before anybody was told; both are told at once."""
    OVER = "over"
    """Its begin was told, and its end is to be told."""
    GONE = "gone"
    """Nothing more is to be said."""


class Turn(StrEnum):
    """What may happen to an episode."""

    LASTED = "lasted"
    SETTLED = "settled"
    BACK = "back"
    """It is there again before its end was told."""
    TOLD_BEGIN = "told begin"
    """A notice has left that says that it is there …"""
    TOLD_END = "told end"
    """… or that it is over. Meanwhile it may have gone on."""


NEXT: Mapping[tuple[Stage, Turn], Stage] = {
    (Stage.BREWING, Turn.LASTED): Stage.DUE,
    (Stage.BREWING, Turn.SETTLED): Stage.GONE,
    (Stage.DUE, Turn.SETTLED): Stage.PASSED,
    (Stage.DUE, Turn.TOLD_BEGIN): Stage.TOLD,
    (Stage.TOLD, Turn.SETTLED): Stage.OVER,
    (Stage.TOLD, Turn.TOLD_END): Stage.DUE,
    (Stage.PASSED, Turn.BACK): Stage.DUE,
    (Stage.PASSED, Turn.TOLD_BEGIN): Stage.OVER,
    (Stage.PASSED, Turn.TOLD_END): Stage.GONE,
    (Stage.OVER, Turn.BACK): Stage.TOLD,
    (Stage.OVER, Turn.TOLD_END): Stage.GONE,
}
"""What is not named here leaves an episode as it is."""
TELLING = frozenset({Stage.DUE, Stage.PASSED, Stage.OVER})
"""Of these there is something to tell."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A trouble from its begin to its end."""

    affair: Affair
    detail: str
    """What was seen of it last, for people."""
    began: Instant
    stage: Stage = Stage.BREWING
    absent: Instant | None = None
    """Since when it is gone; its end, once it is over."""
    times: int = 1
    """How often it came within this episode after it had been over."""

    def turned(self, turn: Turn) -> "Episode":
        """Return the episode as it goes on."""
        return replace(self, stage=NEXT.get((self.stage, turn), self.stage))


@dataclass(frozen=True, slots=True)
class Alarms:
    """All that is remembered, over restarts too."""

    episodes: tuple[Episode, ...] = ()
    left: tuple[Instant, ...] = ()
    """When notices left, within the last hour."""
    greeted: bool = False
    """Whether the addresses were told that alerts arrive there."""


@dataclass(frozen=True, slots=True)
class Tiding:
    """A line of a notice."""

    affair: Affair
    detail: str
    began_at: datetime
    ended_at: datetime | None
    """None while it lasts."""
    times: int


def seen(alarms: Alarms, troubles: Mapping[Affair, str], now: Instant, *, blind: bool = False) -> Alarms:
    """Return what is remembered after a look.

    Args:
        alarms: what was remembered before.
        troubles: what is wrong now, each with what to say of it.
        now: the moment of the look.
        blind: the daemon did not answer, so that of all else nobody knows whether it is still wrong.
    """
    episodes = [
        episode
        if blind and episode.affair.alarm is not Alarm.SILENT and episode.affair not in troubles
        else _looked_at(episode, troubles.get(episode.affair), now)
        for episode in alarms.episodes
    ]
    known = {episode.affair for episode in episodes}
    for affair, detail in troubles.items():
        if affair not in known and len(episodes) < MOST_EPISODES:
            episodes.append(_looked_at(Episode(affair, detail, now), detail, now))
    return replace(alarms, episodes=_not_gone(episodes), left=_of_the_last_hour(alarms.left, now))


def _looked_at(episode: Episode, detail: str | None, now: Instant) -> Episode:
    terms = TERMS[episode.affair.alarm]
    if detail is None:
        absent = episode.absent or now
        settled = _elapsed_s(absent, now) >= terms.settled_s
        gone = replace(episode, absent=absent)
        return gone.turned(Turn.SETTLED) if settled else gone
    if episode.stage in (Stage.PASSED, Stage.OVER):
        return replace(episode, detail=detail, absent=None, times=episode.times + 1).turned(Turn.BACK)
    here = replace(episode, detail=detail, absent=None)
    return here.turned(Turn.LASTED) if _elapsed_s(episode.began, now) >= terms.lasting_s else here


def due(alarms: Alarms, now: Instant) -> tuple[Tiding, ...]:
    """Return what a notice has to tell now; nothing where there is nothing, or too many have left lately."""
    if len(_of_the_last_hour(alarms.left, now)) >= MOST_AN_HOUR:
        return ()
    return tuple(
        Tiding(
            episode.affair,
            episode.detail,
            _true_at(episode.began, now),
            None if episode.stage is Stage.DUE or episode.absent is None else _true_at(episode.absent, now),
            episode.times,
        )
        for episode in alarms.episodes
        if episode.stage in TELLING
    )


def told(alarms: Alarms, tidings: Iterable[Tiding], now: Instant) -> Alarms:
    """Return what is remembered when a notice has left.

    Args:
        alarms: what is remembered now; it may have gone on since the notice was made.
        tidings: what the notice said.
        now: when it left.
    """
    turns = {tiding.affair: Turn.TOLD_BEGIN if tiding.ended_at is None else Turn.TOLD_END for tiding in tidings}
    episodes = [
        episode.turned(turns[episode.affair]) if episode.affair in turns else episode for episode in alarms.episodes
    ]
    return replace(alarms, episodes=_not_gone(episodes), left=(*_of_the_last_hour(alarms.left, now), now))


def _not_gone(episodes: Iterable[Episode]) -> tuple[Episode, ...]:
    return tuple(episode for episode in episodes if episode.stage is not Stage.GONE)


def _of_the_last_hour(left: Iterable[Instant], now: Instant) -> tuple[Instant, ...]:
    return tuple(moment for moment in left if _elapsed_s(moment, now) < HOUR_S)


def _elapsed_s(since: Instant, now: Instant) -> float:
    """Say how long ago a moment was, at least: of an earlier boot nothing is certain but the time since this one."""
    return now.boot_s - since.boot_s if since.boot_id == now.boot_id else now.boot_s


def _true_at(moment: Instant, now: Instant) -> datetime:
    """Return when a moment was, by the wall clock of now as far as it can be; never later than now."""
    if moment.boot_id == now.boot_id:
        return now.at - timedelta(seconds=max(0.0, now.boot_s - moment.boot_s))
    return min(moment.at, now.at)


def written(alarms: Alarms) -> bytes:
    """Write what is remembered for the next life of this process."""
    return msgspec.json.encode(alarms)


def read(text: bytes) -> Alarms | None:
    """Read what `written` wrote; None when it is something else."""
    try:
        found = msgspec.json.decode(text, type=Alarms)
        aware = all(moment.at.tzinfo is not None for moment in _moments(found))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if aware else None


def _moments(alarms: Alarms) -> Iterable[Instant]:
    yield from alarms.left
    for episode in alarms.episodes:
        yield episode.began
        if episode.absent is not None:
            yield episode.absent
