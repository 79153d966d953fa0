"""One or more of every screen, by name, as they are kept in `golden/`."""

from dataclasses import replace
from datetime import date, datetime

from clockd.core import feedback as fb
from clockd.core.model import Employee, Kind, Project

NOW = datetime(2026, 11, 21, 8, 2)
NAMES = {
    "polish": "Łukasz Wiśniewski",
    "turkish": "Jürgen Öztürk-Maier",
    "greek": "Αγγελική",
    "chinese": "李小龙",
}
"""The names that have to read well."""
ADA = Employee("ada", "Ada")
LUKASZ = Employee("lukasz", NAMES["polish"])

IDLE = fb.Idle(local=NOW, clock_trusted=True, link=fb.LinkSign.OK, unsent=0, held=0, reader_ok=True)
PUNCHED = fb.Punched(
    employee=LUKASZ,
    kind=Kind.IN,
    local=NOW,
    clock_trusted=True,
    worked_today_s=None,
    project=None,
    missing_out_local=None,
)
LEFT = fb.AskLeft(
    employee=LUKASZ, day_local=datetime(2026, 11, 20, 7, 58), now_local=NOW, hour=None, minute=None, chosen=False
)

AMENDED_LOCAL = datetime(2026, 11, 20, 17, 5)
AMENDED = fb.News(
    was=fb.Counted(Kind.OUT, AMENDED_LOCAL),
    becomes=fb.Counted(Kind.OUT, datetime(2026, 11, 20, 16, 45)),
    username=None,
    now_local=NOW,
)
LONG_AGO = fb.Counted(Kind.RESUME, datetime(2026, 9, 28, 12, 30))
WEEK = fb.Info(
    LUKASZ,
    NOW,
    27_720,
    worked_week_s=112_500,
    last=fb.Counted(Kind.IN, NOW),
    now_local=NOW,
    unsettled=fb.Unsettled(0, 0),
    second=True,
)
CONSENT = fb.AskConsent(LUKASZ, replace(AMENDED, asks=True), yes=None)


def _people() -> dict[str, fb.Screen]:
    cases: dict[str, fb.Screen] = {}
    for script, name in NAMES.items():
        person = Employee(script, name)
        left = replace(PUNCHED, employee=person, kind=Kind.OUT, local=NOW.replace(hour=16, minute=47))
        cases |= {
            f"in-{script}": replace(PUNCHED, employee=person),
            f"out-{script}": replace(left, worked_today_s=27_720),
            f"booked-{script}": fb.Booked(person, Kind.IN, NOW),
            f"already-{script}": fb.AlreadyRecorded(person, Kind.IN, NOW),
            f"undone-{script}": fb.Undone(person, Kind.OUT, NOW),
            f"nothing-to-undo-{script}": fb.NothingToUndo(person),
            f"info-in-{script}": fb.Info(person, NOW, 27_720),
            f"info-out-{script}": fb.Info(person, None, 0),
            f"info-break-{script}": fb.Info(person, None, 27_720, break_since_local=NOW),
            f"info-project-{script}": fb.Info(person, NOW, 27_720, project="ACME / Website"),
            f"out-no-in-{script}": replace(left, no_in=True),
            f"enrol-{script}": fb.Enrol(name),
            f"enrolled-{script}": fb.Enrolled(name),
        }
    return cases


CASES: dict[str, fb.Screen] = {
    "starting": fb.Starting(),
    "certificate": fb.PageFingerprint("9F3C51E07BD2A8461C0F4E92B7358ADD03E6F1A7C4590B82D61F7E3A905C48B2"),
    "stopped": fb.Stopped(),
    "new-badges": fb.NewTerminal("front-door", "192.168.178.57", fb.StillMissing.BADGES),
    "new-key": fb.NewTerminal("Lager 2, Tor Ost", "10.0.0.7", fb.StillMissing.KEY),
    "new-network": fb.NewTerminal("front-door", "", fb.StillMissing.NETWORK),
    "idle": IDLE,
    "asleep": fb.Asleep(),
    "idle-offline": replace(IDLE, link=fb.LinkSign.OFFLINE, unsent=7),
    "idle-paused": replace(IDLE, link=fb.LinkSign.PAUSED, unsent=120, held=3),
    "idle-held": replace(IDLE, held=1),
    "idle-no-tracker": replace(IDLE, link=fb.LinkSign.NONE, unsent=3),
    "idle-reader-fault": replace(IDLE, reader_ok=False, link=fb.LinkSign.OFFLINE, unsent=7, held=1),
    "idle-in-memory": replace(IDLE, in_memory=True),
    "idle-clock-not-set": replace(IDLE, clock_trusted=False),
    **_people(),
    "info-week": WEEK,
    "info-week-unsent": replace(WEEK, unsettled=fb.Unsettled(2, 1), last=fb.Counted(Kind.BREAK, AMENDED_LOCAL)),
    "info-week-code": replace(WEEK, code="123456"),
    "info-week-new": replace(WEEK, worked_week_s=0, last=None, unsettled=None),
    "info-week-long-ago": replace(WEEK, last=LONG_AGO, worked_week_s=216_000, unsettled=fb.Unsettled(120, 0)),
    "in-short": replace(PUNCHED, employee=ADA),
    "in-clock-not-set": replace(PUNCHED, clock_trusted=False),
    "in-missing-out": replace(PUNCHED, missing_out_local=datetime(2026, 11, 20, 7, 58)),
    "in-missing-out-long-ago": replace(PUNCHED, missing_out_local=datetime(2026, 10, 30, 7, 58)),
    "in-missing-out-asks": replace(PUNCHED, missing_out_local=datetime(2026, 11, 20, 7, 58), asks=True),
    "in-missing-out-asks-long-ago": replace(
        PUNCHED,
        employee=Employee("m", "Maximiliane Theodora von Sonnenschein-Bergmann"),
        missing_out_local=datetime(2026, 10, 30, 7, 58),
        asks=True,
    ),
    "left-nothing-chosen": LEFT,
    "left-hour": replace(LEFT, hour=16, chosen=True),
    "left-hour-said": replace(LEFT, hour=16),
    "left-minute": replace(LEFT, hour=16, minute=45, chosen=True),
    "left-long-ago": replace(LEFT, day_local=datetime(2026, 9, 28, 22, 0)),
    "in-news-amended": replace(PUNCHED, news=AMENDED),
    "in-news-asks": replace(PUNCHED, news=replace(AMENDED, asks=True, counts_from=date(2026, 11, 28))),
    "in-news-counts-later": replace(PUNCHED, news=replace(AMENDED, counts_from=date(2026, 11, 28))),
    "in-news-kind": replace(PUNCHED, news=replace(AMENDED, becomes=fb.Counted(Kind.BREAK, AMENDED_LOCAL))),
    "in-news-day": replace(PUNCHED, news=replace(AMENDED, was=fb.Counted(Kind.OUT, datetime(2026, 11, 19, 17, 5)))),
    "in-news-void": replace(PUNCHED, news=replace(AMENDED, becomes=None)),
    "in-news-added": replace(PUNCHED, news=replace(AMENDED, was=None)),
    "in-news-long-ago": replace(PUNCHED, news=replace(AMENDED, was=None, becomes=LONG_AGO)),
    "in-news-username": replace(PUNCHED, news=fb.News(None, None, "ada.lovelace@example.com", NOW)),
    "consent": CONSENT,
    "consent-yes": replace(CONSENT, yes=True),
    "consent-no": replace(CONSENT, yes=False),
    "consent-username": replace(CONSENT, news=fb.News(None, None, "ada.lovelace", NOW)),
    "answered-yes": fb.ConsentSaved(LUKASZ, yes=True),
    "answered-no": fb.ConsentSaved(LUKASZ, yes=False),
    "project-asked": fb.AskProject(LUKASZ, None, 0, 12),
    "project-page": fb.AskProject(LUKASZ, Project("Acme GmbH", "Website relaunch"), 3, 12),
    "project-page-long": fb.AskProject(
        LUKASZ, Project("Österreichische Bundesforste AG", "Sanierung Forsthaus Königssee"), 104, 120
    ),
    "project-page-goodtime": fb.AskProject(LUKASZ, Project("", "Roof"), 1, 2),
    "no-projects": fb.NoProjects(LUKASZ),
    "desk-open": fb.AskBadge(ADA),
    "desk-whose": fb.AskOwner(None, 0, 12, "3FA2"),
    "desk-whose-chosen": fb.AskOwner(LUKASZ, 3, 12, "3FA2"),
    "desk-lost-chosen": fb.AskOwner(LUKASZ, 3, 12, None),
    "desk-old": fb.AskLost(LUKASZ, None, can_keep=True),
    "desk-old-lost": fb.AskLost(LUKASZ, lost=True, can_keep=True),
    "desk-old-kept": fb.AskLost(LUKASZ, lost=False, can_keep=True),
    "desk-lost": fb.AskLost(LUKASZ, None, can_keep=False),
    "desk-revoked": fb.Revoked(LUKASZ.name, 2),
    "told": fb.Told(LUKASZ, datetime(2026, 11, 20, 16, 45), NOW),
    "told-long-ago": fb.Told(ADA, datetime(2026, 10, 28, 16, 45), NOW),
    "told-too-late": fb.TooLate(LUKASZ),
    "in-long-name": replace(PUNCHED, employee=Employee("m", "Maximiliane Theodora von Sonnenschein-Bergmann")),
    "in-one-long-word": replace(PUNCHED, employee=Employee("w", "maximiliane.sonnenschein@example.com")),
    "break": replace(PUNCHED, employee=ADA, kind=Kind.BREAK, worked_today_s=12_000),
    "resume": replace(PUNCHED, kind=Kind.RESUME),
    "in-home-office": replace(PUNCHED, employee=ADA, project="home office"),
    "project": replace(PUNCHED, kind=Kind.PROJECT, project="Acme GmbH / Website relaunch"),
    "project-short": replace(PUNCHED, kind=Kind.PROJECT, project="Acme / Web"),
    "unknown-badge": fb.UnknownBadge("3FA2"),
    "random-badge": fb.RandomBadge(),
    "not-valid": fb.NotValid(LUKASZ, None),
    "not-valid-yet": fb.NotValid(ADA, date(2026, 12, 1)),
    "not-readable": fb.NotReadable(),
    "wrong-pin": fb.WrongPin(),
    "pin-locked": fb.PinLocked(90),
    "not-recorded-full": fb.NothingRecorded("disk full"),
    "not-recorded-error": fb.NothingRecorded("disk error"),
    "not-recorded-read-only": fb.NothingRecorded("disk is read-only"),
    "not-recorded-in-use": fb.NothingRecorded("database in use"),
    "key-in": fb.KeyArmed("in"),
    "key-out": fb.KeyArmed("out"),
    "key-break": fb.KeyArmed("break"),
    "key-resume": fb.KeyArmed("resume"),
    "key-project": fb.KeyArmed("Acme GmbH / Website relaunch"),
    "key-undo": fb.KeyArmed("undo"),
    "key-info": fb.KeyArmed("info"),
}

SHEET = (
    ("idle", "en"), ("idle-offline", "en"), ("idle-paused", "en"),
    ("in-polish", "en"), ("out-polish", "en"), ("booked-turkish", "en"),
    ("in-greek", "en"), ("out-chinese", "en"), ("already-turkish", "en"),
    ("in-turkish", "de"), ("out-turkish", "de"), ("idle-held", "de"),
    ("break", "en"), ("resume", "en"), ("project", "en"),
    ("unknown-badge", "en"), ("random-badge", "en"), ("not-recorded-full", "en"),
    ("in-clock-not-set", "en"), ("in-missing-out", "en"), ("idle-reader-fault", "en"),
    ("in-missing-out-asks", "en"), ("left-hour", "en"), ("told", "en"),
    ("key-out", "en"), ("undone-polish", "en"), ("info-in-polish", "en"),
    ("info-break-polish", "en"), ("info-project-polish", "en"), ("out-no-in-polish", "en"),
    ("enrolled-chinese", "en"), ("starting", "en"), ("stopped", "de"),
    ("not-readable", "en"), ("not-valid", "en"), ("pin-locked", "en"),
)  # fmt: skip
"""What stands on the sheet of all screens: name and language."""
CAPTIONS = {
    "idle": "nobody there", "idle-offline": "offline, 7 unsent", "idle-paused": "3 held, tracker paused",
    "in-polish": "clocked in: saved", "out-polish": "clocked out: saved", "booked-turkish": "the tracker has it",
    "in-greek": "clocked in", "out-chinese": "clocked out", "already-turkish": "the same badge again",
    "in-turkish": "in German", "out-turkish": "in German", "idle-held": "in German, 1 held",
    "break": "break", "resume": "back from the break", "project": "switched the project",
    "unknown-badge": "nobody's badge", "random-badge": "not a badge", "not-recorded-full": "nothing was saved",
    "in-clock-not-set": "no true time yet", "in-missing-out": "forgot to clock out",
    "in-missing-out-asks": "forgot, and there are keys", "left-hour": "when did you leave?", "told": "answered",
    "idle-reader-fault": "the reader is lost", "key-out": "a key was pressed", "undone-polish": "taken back",
    "info-in-polish": "the info key", "info-break-polish": "on a break", "info-project-polish": "on a project",
    "out-no-in-polish": "out, and never in", "enrolled-chinese": "a badge was given out", "starting": "start-up",
    "stopped": "the service ends", "not-readable": "taken away too soon", "not-valid": "valid until yesterday",
    "pin-locked": "many wrong PINs",
}  # fmt: skip
