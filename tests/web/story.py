"""Three weeks of an office, so that every page has something to show."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clockd.core.delivery import Held, HoldCode
from clockd.core.model import Kind
from clockd.core.sentence import sentence
from tests.filled import Made

ZONE = ZoneInfo("Europe/Vienna")
NAMES = ("Ada Lovelace", "Łukasz Wiśniewski", "李小龙", "Αγγελική Παππά", "Jürgen Öztürk-Maier")
SCRIPT = "<script>document.title = 'owned'</script>"
NOTE = sentence("the tracker refuses it: {why}", why='"<img src=x onerror=alert(1)>Lunch & learn</td>"')
"""What a tracker may answer."""
STRANGER = b"049C41AE6D7F1E\r\n"


def today() -> date:
    return datetime.now(ZONE).date()


def at(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, 7, tzinfo=ZONE).astimezone(UTC)


def history() -> Iterator[Made]:
    """Who came and went until yesterday; the last days have what somebody has to see to."""
    days = [today() - timedelta(days=n) for n in range(21, 0, -1)]
    work = [day for day in days if day.weekday() < 5]
    for n, day in enumerate(work):
        late = n % 3 * 7
        yield from shift("user000", day, f"07:{50 + n % 7}", "12:02", f"12:{33 + n % 5}", f"16:{30 + late}")
        yield from shift("user001", day, f"08:{10 + late}", "12:15", "13:00", f"17:{20 + n % 9}")
        if n % 2 and day < days[-1]:
            yield Made("user002", Kind.IN, at(day, "21:55"))
            yield Made("user002", Kind.OUT, at(day + timedelta(days=1), "06:04"))
        if n < len(work) - 2:
            yield from shift("user004", day, "09:00", "12:30", "13:10", "18:05")
    forgot, refused = work[-2], work[-1]
    yield Made("user004", Kind.IN, at(forgot, "09:02"), held=Held(HoldCode.MISSING_OUT, "no clock-out"))
    yield Made("user004", Kind.IN, at(refused, "08:58"), held=Held(HoldCode.REFUSED, NOTE))
    yield Made("user004", Kind.OUT, at(refused, "17:31"))
    yield Made("user003", Kind.OUT, at(refused, "16:00"), held=Held(HoldCode.ORPHAN_OUT, "no clock-in"))


def shift(username: str, day: date, begins: str, rests: str, goes_on: str, ends: str) -> Iterator[Made]:
    yield Made(username, Kind.IN, at(day, begins))
    yield Made(username, Kind.BREAK, at(day, rests))
    yield Made(username, Kind.RESUME, at(day, goes_on))
    yield Made(username, Kind.OUT, at(day, ends))
