"""What the display shows, as a sentence for a screen reader."""

from datetime import datetime

from clockd.core import feedback as fb
from clockd.core.model import Employee, Kind
from clockd.core.notices import NoticeWay

_DONE = {
    Kind.IN: "in",
    Kind.OUT: "out",
    Kind.BREAK: "on a break",
    Kind.RESUME: "back from the break",
    Kind.PROJECT: "on a project",
}


def describe(screen: fb.Screen) -> str:
    """Say a screen in one or two sentences."""
    if isinstance(screen, fb.TerminalScreen):
        return _of_terminal(screen)
    if isinstance(screen, fb.DeskScreen):
        return _of_desk(screen)
    if isinstance(screen, fb.BadgeScreen):
        return _of_badge(screen)
    return _of_employee(screen)


def _of_terminal(screen: fb.TerminalScreen) -> str:
    match screen:
        case fb.Starting():
            return "Starting."
        case fb.Stopped():
            return "Stopped."
        case fb.Idle():
            return _idle(screen)
        case fb.NewTerminal():
            return f"A new terminal, {screen.name}, {screen.address or 'without a network'}. It lacks: {screen.lack}."
        case fb.Asleep():
            return "The display is dark at this time of the day. Hold a badge to the reader."
        case fb.KeyArmed():
            return f"Key {screen.label}: now hold a badge to the reader."
        case fb.Enrol():
            return f"Enrolment: hold the badge for {screen.name} to the reader."
        case fb.PageFingerprint():
            return f"The admin page's certificate has the fingerprint {screen.digits}."
        case fb.Enrolled():
            return f"The badge now belongs to {screen.name}."


def _of_desk(screen: fb.DeskScreen) -> str:
    match screen:
        case fb.AskBadge():
            return f"{screen.admin.name}: hold the new badge to the reader. Keys in and out: whose badge is lost?"
        case fb.AskOwner():
            return _whose(screen)
        case fb.AskLost(lost=None):
            return f"What about the badge that {screen.employee.name} has? Key in: keep it. Key out: it is lost."
        case fb.AskLost():
            return f"{screen.employee.name}: {'lost' if screen.lost else 'kept'}. The admin's badge confirms it."
        case fb.Revoked():
            return f"{screen.name}: {screen.count} taken away."


def _whose(screen: fb.AskOwner) -> str:
    if screen.employee is not None:
        return f"{screen.employee.name}, {screen.number} of {screen.count}. The admin's badge confirms it."
    if screen.tail is None:
        return "Whose badge is lost? Key in: the one before. Key out: the next."
    return f"Whose is the badge that ends in {' '.join(screen.tail)}? Key in: before. Key out: next."


def _of_badge(screen: fb.BadgeScreen) -> str:
    match screen:
        case fb.UnknownBadge():
            return f"Unknown badge, ending in {' '.join(screen.tail)}. The tap is saved."
        case fb.RandomBadge():
            return "This badge shows another number each time. It cannot be enrolled."
        case fb.NotValid(from_day=None):
            return f"{screen.employee.name}: this badge is not valid any more. The tap is saved for the office."
        case fb.NotValid():
            return f"{screen.employee.name}: valid from {screen.from_day:%d %B}. The tap is saved for the office."
        case fb.NotReadable():
            return "Badge not readable. Try again."
        case fb.WrongPin():
            return "Wrong PIN. Nothing was recorded."
        case fb.PinLocked():
            return f"Too many wrong PINs. None is taken for {screen.wait_s:.0f} s."
        case fb.NothingRecorded():
            return f"Not recorded: {screen.reason}."


def _of_employee(screen: fb.EmployeeScreen) -> str:
    match screen:
        case fb.Punched():
            return _punched(screen)
        case fb.Booked():
            return f"{_who(screen.employee, screen.kind, screen.local)} Booked."
        case fb.AlreadyRecorded():
            return f"{_who(screen.employee, screen.kind, screen.local)} Already recorded, nothing was changed."
        case fb.Undone():
            return f"{_who(screen.employee, screen.kind, screen.local)} Taken back."
        case fb.NothingToUndo():
            return f"{screen.employee.name}: nothing to undo."
        case fb.AskLeft():
            return _asked(screen)
        case fb.AskConsent():
            return _consent(screen)
        case fb.AskProject():
            return _which_project(screen)
        case fb.NoProjects():
            return f"{screen.employee.name}: no projects known yet. Nothing was recorded."
        case fb.ConsentSaved(yes=True):
            return f"{screen.employee.name}: agreed. Saved."
        case fb.ConsentSaved():
            return f"{screen.employee.name}: refused. Saved, and the office is told."
        case fb.Told():
            return f"{screen.employee.name}: left on {screen.local:%d %B at %H:%M}. Saved."
        case fb.TooLate():
            return f"{screen.employee.name}: settled already."
        case fb.Info():
            return _info(screen)


def _idle(screen: fb.Idle) -> str:
    words = ["Ready. Hold a badge to the reader." if screen.reader_ok else "Out of order: the reader is missing."]
    if screen.link is fb.LinkSign.OFFLINE:
        words.append("Offline.")
    if screen.link is fb.LinkSign.PAUSED:
        words.append("Booking is paused: the office can see why.")
    if screen.unsent:
        words.append(f"{screen.unsent} saved here, not yet booked.")
    if screen.held:
        words.append(f"{screen.held} waiting for a person.")
    return " ".join(words)


def _punched(screen: fb.Punched) -> str:
    words = [_who(screen.employee, screen.kind, screen.local if screen.clock_trusted else None), "Saved."]
    if screen.no_in:
        words.append("No clock-in before it: the office has to say when they came.")
    elif screen.worked_today_s is not None:
        words.append(f"Worked today: {_span(screen.worked_today_s)}.")
    if screen.missing_out_local is not None:
        words.append(f"The end of the shift of {screen.missing_out_local:%d %B, %H:%M} is missing.")
    if screen.asks:
        words.append("Hold the badge there again to say when it was.")
    if screen.news is not None:
        words.append(_news(screen.news))
        if screen.news.asks:
            words.append("Hold the badge there again to answer.")
    return " ".join(words)


def _asked(screen: fb.AskLeft) -> str:
    chosen = f"{'--' if screen.hour is None else f'{screen.hour:02}'}:"
    chosen += "--" if screen.minute is None else f"{screen.minute:02}"
    then = "The badge says yes." if screen.chosen else "Key in: earlier. Key out: later."
    return f"{screen.employee.name}: when did you leave on {screen.day_local:%d %B}? {chosen} {then}"


def _news(news: fb.News) -> str:
    if news.username is not None:
        change = f"the username to {news.username}"
    else:
        was, becomes = (
            "nothing" if each is None else f"{each.kind.value} on {each.local:%d %B at %H:%M}"
            for each in (news.was, news.becomes)
        )
        change = f"{was} to {becomes}"
    if news.counts_from is None:
        return f"The office changed {change}."
    return f"The office wants to change {change}; without an answer it counts from {news.counts_from:%d %B}."


def _consent(screen: fb.AskConsent) -> str:
    chosen = "Key in: yes. Key out: no."
    if screen.yes is not None:
        chosen = f"{'Yes' if screen.yes else 'No'} is chosen. The badge confirms it."
    return f"{screen.employee.name}: do you agree? {_news(screen.news)} {chosen}"


_SHORT = {
    NoticeWay.BREAK: "Breaks were short",
    NoticeWay.UNBROKEN: "The break came late",
    NoticeWay.REST: "The rest before it was short",
}


def _which_project(screen: fb.AskProject) -> str:
    if screen.project is None:
        return f"{screen.employee.name}: which project? {screen.count} to choose from. Key project: next."
    return f"{screen.employee.name}: {screen.project}, {screen.number} of {screen.count}. The badge confirms it."


def _info(screen: fb.Info) -> str:
    if screen.second:
        return _week(screen)
    since = screen.present_since_local
    state = f"in since {since:%H:%M}" if since is not None else "out"
    if screen.break_since_local is not None:
        state = f"on a break since {screen.break_since_local:%H:%M}"
    if screen.project is not None:
        state += f", on {screen.project}"
    short = "" if screen.short is None else f" {_SHORT[screen.short.way]} ({screen.short.law})."
    code = "" if screen.code is None else f" Their code for the page: {screen.code[:3]} {screen.code[3:]}."
    return f"{screen.employee.name}: {state}. Worked today: {_span(screen.worked_today_s)}.{short}{code}"


def _week(info: fb.Info) -> str:
    words = [f"{info.employee.name}: worked this week: {_span(info.worked_week_s)}."]
    if info.last is not None:
        words.append(f"Last: {info.last.kind.value} on {info.last.local:%d %B at %H:%M}.")
    if info.unsettled == fb.Unsettled(0, 0):
        words.append("All booked.")
    elif info.unsettled is not None:
        words.append(f"{info.unsettled.unsent} not sent yet, {info.unsettled.held} for the office.")
    return " ".join(words)


def _who(employee: Employee, kind: Kind, local: datetime | None) -> str:
    moment = f" at {local:%H:%M}" if local is not None else ", the clock is not set"
    return f"{employee.name}: {_DONE[kind]}{moment}."


def _span(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
