"""Every screen has words, and they say what the screen says."""

from datetime import date, datetime
from typing import get_args

import pytest

from clockd.core import feedback as fb
from clockd.core.model import Employee, Kind, Project
from clockd.sim.desk.words import describe

ADA = Employee("ada", "Ada Lovelace")
AT = datetime(2026, 11, 21, 8, 2, 13)
PARTLY = fb.Unsettled(unsent=2, held=1)

SAID = {
    fb.Starting(): "Starting.",
    fb.Stopped(): "Stopped.",
    fb.Idle(AT, True, fb.LinkSign.OK, 0, 0, True): "Ready. Hold a badge to the reader.",
    fb.NewTerminal("door", "", fb.StillMissing.NETWORK): "A new terminal, door, without a network. It lacks: network.",
    fb.Idle(AT, True, fb.LinkSign.OFFLINE, 3, 1, False): (
        "Out of order: the reader is missing. Offline. 3 saved here, not yet booked. 1 waiting for a person."
    ),
    fb.Idle(AT, True, fb.LinkSign.PAUSED, 0, 0, True): (
        "Ready. Hold a badge to the reader. Booking is paused: the office can see why."
    ),
    fb.Punched(ADA, Kind.IN, AT, True, None, None, None): "Ada Lovelace: in at 08:02. Saved.",
    fb.Punched(ADA, Kind.OUT, AT, True, 3720, None, None): (
        "Ada Lovelace: out at 08:02. Saved. Worked today: 1 h 2 min."
    ),
    fb.Punched(ADA, Kind.BREAK, AT, False, 60, None, None): (
        "Ada Lovelace: on a break, the clock is not set. Saved. Worked today: 1 min."
    ),
    fb.Punched(ADA, Kind.IN, AT, True, None, None, datetime(2026, 11, 20, 6, 0)): (
        "Ada Lovelace: in at 08:02. Saved. The end of the shift of 20 November, 06:00 is missing."
    ),
    fb.Punched(ADA, Kind.IN, AT, True, None, None, datetime(2026, 11, 20, 6, 0), asks=True): (
        "Ada Lovelace: in at 08:02. Saved. The end of the shift of 20 November, 06:00 is missing. "
        "Hold the badge there again to say when it was."
    ),
    fb.AskLeft(ADA, datetime(2026, 11, 20, 6, 0), AT, 16, None, False): (
        "Ada Lovelace: when did you leave on 20 November? 16:-- Key in: earlier. Key out: later."
    ),
    fb.AskLeft(ADA, datetime(2026, 11, 20, 6, 0), AT, 16, 45, True): (
        "Ada Lovelace: when did you leave on 20 November? 16:45 The badge says yes."
    ),
    fb.Told(ADA, datetime(2026, 11, 20, 16, 45), AT): "Ada Lovelace: left on 20 November at 16:45. Saved.",
    fb.TooLate(ADA): "Ada Lovelace: settled already.",
    fb.Booked(ADA, Kind.RESUME, AT): "Ada Lovelace: back from the break at 08:02. Booked.",
    fb.AlreadyRecorded(ADA, Kind.IN, AT): "Ada Lovelace: in at 08:02. Already recorded, nothing was changed.",
    fb.UnknownBadge("7F1E"): "Unknown badge, ending in 7 F 1 E. The tap is saved.",
    fb.NotValid(ADA, None): "Ada Lovelace: this badge is not valid any more. The tap is saved for the office.",
    fb.NotValid(ADA, date(2026, 12, 1)): "Ada Lovelace: valid from 01 December. The tap is saved for the office.",
    fb.NotReadable(): "Badge not readable. Try again.",
    fb.WrongPin(): "Wrong PIN. Nothing was recorded.",
    fb.PinLocked(30): "Too many wrong PINs. None is taken for 30 s.",
    fb.RandomBadge(): "This badge shows another number each time. It cannot be enrolled.",
    fb.NothingRecorded("disk full"): "Not recorded: disk full.",
    fb.Undone(ADA, Kind.PROJECT, AT): "Ada Lovelace: on a project at 08:02. Taken back.",
    fb.NothingToUndo(ADA): "Ada Lovelace: nothing to undo.",
    fb.AskConsent(ADA, fb.News(fb.Counted(Kind.OUT, AT), None, None, AT, counts_from=AT.date()), None): (
        f"Ada Lovelace: do you agree? The office wants to change out on {AT:%d %B} at 08:02 to nothing; "
        f"without an answer it counts from {AT:%d %B}. Key in: yes. Key out: no."
    ),
    fb.AskConsent(ADA, fb.News(None, None, "ada.l", AT), yes=True): (
        "Ada Lovelace: do you agree? The office changed the username to ada.l. Yes is chosen. The badge confirms it."
    ),
    fb.AskProject(ADA, None, 0, 7): "Ada Lovelace: which project? 7 to choose from. Key project: next.",
    fb.AskProject(ADA, Project("Acme", "Web"), 2, 7): "Ada Lovelace: Acme / Web, 2 of 7. The badge confirms it.",
    fb.AskBadge(ADA): ("Ada Lovelace: hold the new badge to the reader. Keys in and out: whose badge is lost?"),
    fb.AskOwner(None, 0, 7, None): "Whose badge is lost? Key in: the one before. Key out: the next.",
    fb.AskOwner(None, 0, 7, "3F"): "Whose is the badge that ends in 3 F? Key in: before. Key out: next.",
    fb.AskOwner(ADA, 2, 7, "3F"): "Ada Lovelace, 2 of 7. The admin's badge confirms it.",
    fb.AskLost(ADA, None, can_keep=True): (
        "What about the badge that Ada Lovelace has? Key in: keep it. Key out: it is lost."
    ),
    fb.AskLost(ADA, lost=True, can_keep=True): "Ada Lovelace: lost. The admin's badge confirms it.",
    fb.Revoked("Ada", 2): "Ada: 2 taken away.",
    fb.NoProjects(ADA): "Ada Lovelace: no projects known yet. Nothing was recorded.",
    fb.ConsentSaved(ADA, yes=True): "Ada Lovelace: agreed. Saved.",
    fb.ConsentSaved(ADA, yes=False): "Ada Lovelace: refused. Saved, and the office is told.",
    fb.Info(ADA, AT, 59): "Ada Lovelace: in since 08:02. Worked today: 0 min.",
    fb.Info(ADA, None, 3600): "Ada Lovelace: out. Worked today: 1 h 0 min.",
    fb.Info(ADA, None, 0, worked_week_s=7200, last=fb.Counted(Kind.OUT, AT), unsettled=PARTLY, second=True): (
        f"Ada Lovelace: worked this week: 2 h 0 min. Last: out on {AT:%d %B at %H:%M}. "
        "2 not sent yet, 1 for the office."
    ),
    fb.Info(ADA, None, 0, unsettled=fb.Unsettled(0, 0), second=True): (
        "Ada Lovelace: worked this week: 0 min. All booked."
    ),
    fb.Asleep(): "The display is dark at this time of the day. Hold a badge to the reader.",
    fb.KeyArmed("break"): "Key break: now hold a badge to the reader.",
    fb.Enrol("Ada"): "Enrolment: hold the badge for Ada to the reader.",
    fb.Enrolled("Ada"): "The badge now belongs to Ada.",
    fb.PageFingerprint("AB12"): "The admin page's certificate has the fingerprint AB12.",
}


@pytest.mark.parametrize(("screen", "words"), SAID.items())
def test_a_screen_in_words(screen: fb.Screen, words: str) -> None:
    assert describe(screen) == words


def test_every_screen_is_said() -> None:
    assert {type(screen) for screen in SAID} == set(get_args(fb.Screen))
