"""How everything is, a line each, as the daemon knows it; live.

`clockd check` opens the devices anew; this page tells what the running daemon knows of those it has open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from clockd.core.updates import UpdateStage
from clockd.web.live import DaemonDocument, DaemonLook
from clockd.web.pages.now import look_now, stream
from clockd.web.parts import Parts
from clockd.web.visit import Visit, page
from clockd.web.words.speech import Speech

LOW_DISK_BYTES = 100 * 1024 * 1024
MOST_FINDINGS = 5
"""How many entries that are not as they were booked are named."""


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing, and how it is."""

    what: str
    ok: bool
    found: str
    hint: str = ""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [Route("/health", page(parts, _health)), Route("/health/live", page(parts, _live))]


async def _health(visit: Visit) -> Response:
    return visit.page("health.html", **_context(visit, await look_now(visit)))


async def _live(visit: Visit) -> Response:
    async def piece(look: DaemonLook) -> str:
        return visit.piece("health_live.html", **_context(visit, look))

    return stream(visit, piece)


def _context(visit: Visit, look: DaemonLook) -> dict[str, Any]:
    lines = [] if look.status is None else list(health_lines(look.status, visit.speech))
    return {
        "lines": lines,
        "wrong": sum(not line.ok for line in lines),
        "away": look.status is None,
        "error": look.error,
    }


def health_lines(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    """Say how everything is.

    Args:
        status: as `clockd status --json`.
        speech: in which language.
    """
    t = speech.t.health
    yield HealthLine(t.terminal, True, f"{status['terminal']}, {t.version.format(version=status['version'])}")
    yield from _time(status, speech)
    yield from _devices(status, speech)
    yield from _tracker(status, speech)
    yield from _store(status, speech)
    yield from _update(status, speech)


def _time(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    t, clock = speech.t.health, status["clock"]
    shown = (t.clock_ok if clock["synchronized"] else t.clock_bad).format(at=speech.exact(clock["now_at"]))
    yield HealthLine(t.clock, clock["synchronized"], shown, "" if clock["synchronized"] else t.clock_hint)
    battery = clock["battery"]
    if battery["state"] != "none":
        ok = battery["state"] == "ok"
        shown = t.battery_states[battery["state"]]
        yield HealthLine(t.battery, ok, shown, "" if ok else _told(battery, "detail", speech))


def _devices(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    t = speech.t.health

    def why_lost(part: str) -> str:
        return _told(status.get("panel_lost", {}).get(part, {"detail": None}), "detail", speech)

    for reader in status["readers"]:
        name = t.reader.format(name=f"{reader['kind']} {reader['name']}".strip())
        yield _device(name, reader["state"], _told(reader, "detail", speech), speech)
        yield from _unread(reader, name, speech)
    for key, name in (("oled", t.display), ("lights", t.lights)):
        yield _device(name, status["panel"][key], why_lost(key), speech)
    for relay in status["relays"]:
        yield _device(t.relay.format(gpio=relay["gpio"]), relay["state"], why_lost("relays"), speech)


def _device(name: str, state: str, why: str, speech: Speech) -> HealthLine:
    """Say how a device is, and why it is lost; one that is not there is well."""
    found, ok = speech.t.now.device_states.get(state, state), state in ("ok", "none")
    return HealthLine(
        name, ok, f"{found}: {why}" if why and not ok else found, "" if ok else speech.t.health.reader_hint
    )


def _unread(reader: DaemonDocument, name: str, speech: Speech) -> Iterator[HealthLine]:
    """Say what a reader could not read since the start; bad is what nothing good has followed."""
    for found in reader["unread"]:
        count, last = speech.number(found["count"]), speech.moment(found["last_at"])
        shown = speech.t.health.unread.format(reason=speech.tell(found["reason"]), count=count, last=last)
        yield HealthLine(name, not found["since_last_read"], shown, speech.tell(found["advice"]))


def _tracker(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    t, tracker, outbox = speech.t.health, status["tracker"], status["outbox"]
    ok = tracker["state"] in ("ok", "none")
    found = speech.t.now.tracker_states[tracker["state"]]
    yield HealthLine(
        t.tracker,
        ok,
        f"{found}: {speech.tell(tracker['detail'], tracker['detail_said'])}" if tracker["detail"] else found,
        "" if ok else t.tracker_hint,
    )
    if tracker.get("skew"):
        yield HealthLine(t.skew, False, _told(tracker, "skew", speech))
    unsent = sum(int(outbox[state]) for state in ("waiting", "sending", "doubtful"))
    words = speech.t.now.all_booked
    if unsent:
        since = speech.moment(outbox["oldest_waiting_at"])
        words = speech.t.now.unsent.format(count=speech.number(unsent), since=since)
    if unsent or not outbox["held"]:
        yield HealthLine(t.outbox, not unsent or ok, words)
    if outbox["held"]:
        yield HealthLine(t.outbox, False, t.held.format(count=speech.number(outbox["held"])), t.held_hint)
    if status["findings"]:
        details = [_told(found, "detail", speech) for found in status["findings"][:MOST_FINDINGS]]
        shown = t.findings.format(count=speech.number(len(status["findings"])))
        yield HealthLine(t.tracker, False, f"{shown} ({'; '.join(details)})")


def _store(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    t, disk, backup = speech.t.health, status["disk"], status["backup"]
    low = disk["free_bytes"] < LOW_DISK_BYTES
    free = speech.t.now.free.format(size=speech.size(disk["free_bytes"]))
    found = f"{t.disk_fault}: {speech.tell(disk['fault'])}" if disk["fault"] else free
    yield HealthLine(t.state, not (low or disk["fault"]), found, t.low_disk if low else "")
    if disk["in_memory"]:
        yield HealthLine(t.state, False, t.in_memory.format(why=disk["in_memory"]), t.in_memory_hint)
    for damaged in disk["damaged"]:
        yield HealthLine(t.damaged, False, str(damaged), t.damaged_hint)
    for row, said in zip(disk["unreadable"], disk["unreadable_said"], strict=True):
        yield HealthLine(t.damaged, False, speech.tell(row, said), t.damaged_hint)
    problem = status["badges"]["problem"]
    yield HealthLine(t.pepper, not problem, speech.tell(problem) or t.pepper_ok)
    if backup is None or backup["last_at"] is None:
        yield HealthLine(t.backup, False, t.no_backup, t.backup_hint)
    else:
        place = str(backup["place"]) if backup.get("off_device") else f"{backup['place']} ({t.on_device})"
        shown = t.backup_at.format(at=speech.exact(backup["last_at"]), place=place)
        yield HealthLine(t.backup, bool(backup.get("off_device")), shown)


def _update(status: DaemonDocument, speech: Speech) -> Iterator[HealthLine]:
    """Say how the last update went; nothing where there never was one."""
    update, t = status["update"], speech.t.health
    stage = UpdateStage(update["state"])
    if stage is UpdateStage.NONE:
        return
    failed = stage in (UpdateStage.FAILED, UpdateStage.RETURNING)
    found = t.update_stages[stage].format(version=update["version"] or "")
    detail = _told(update, "detail", speech)
    yield HealthLine(t.update, not failed, f"{found}: {detail}" if detail else found, t.update_hint if failed else "")


def _told(document: DaemonDocument, name: str, speech: Speech) -> str:
    """Say a text of a document in the page's language; the document holds beside it of which sentence it is made."""
    return speech.tell(document[name], document.get(f"{name}_said"))
