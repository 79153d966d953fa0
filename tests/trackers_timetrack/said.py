"""Short ways to make requests' and replies' parts."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.core.wire import CreateEntry, Reply, StartTimer, StopTimer
from clockd.trackers.timetrack import TimeTrackCodec

VIENNA = ZoneInfo("Europe/Vienna")
CODEC = TimeTrackCodec("/attendance_timer", "/timers/project_timer", VIENNA)
JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html"}
PAGE = b"<!DOCTYPE html><title>Welcome to our guest network</title>"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-21T{text}")


IN, OUT = at("08:02:13.480"), at("16:30:59.999")
START = StartTimer("jörg+x & co", IN)
STOP = StopTimer("jörg+x & co", OUT)
PAIR = CreateEntry("jörg+x & co", IN, OUT, 15, "by the door")


def says(document: object, status: int = 200) -> Reply:
    return Reply(status, JSON, json.dumps(document).encode())


def raw(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, JSON if headers is None else headers, body)


def error(status: int, code: int = 15001, title: str = "No", detail: str = "", *, inside: int | None = None) -> Reply:
    item = {"title": title, "status": status, "code": code, "detail": detail}
    return says({"errors": [item]}, inside or status)


def row(**changes: object) -> dict[str, object]:
    """A row as the documents show it: the pair above."""
    shown: dict[str, object] = {
        "id": 4711,
        "user": "jörg+x & co",
        "from": "2026-11-21T08:02:13.000Z",
        "to": "2026-11-21T16:30:59.000Z",
        "notes": "by the door",
        "manual": False,
        "workedMinutes": 493,
        "breakMinutes": 15,
        "latitudeStart": 48.2,
        "longitudeStart": "16.37",
    } | changes
    return {key: value for key, value in shown.items() if value is not ...}
