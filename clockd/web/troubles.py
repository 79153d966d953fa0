"""What is wrong with a terminal, read out of its status."""

from collections.abc import Mapping
from typing import Any

from clockd.core.alerts import Affair, Alarm
from clockd.core.sentence import read_said

LOW_BYTES = 100_000_000
"""A disk with less is told before nothing can be recorded."""
UNANSWERED = Affair(Alarm.SILENT)

DaemonDocument = Mapping[str, Any]


def troubles(status: DaemonDocument) -> dict[Affair, str]:
    """Return what is wrong, each with what is known of it: a number, a name, or a sentence of the daemon."""
    outbox, tracker, disk = status["outbox"], status["tracker"], status["disk"]
    found = dict[Affair, str]()
    if outbox["held"]:
        found[Affair(Alarm.HELD)] = str(outbox["held"])
    if tracker["state"] == "offline":
        found[Affair(Alarm.OFFLINE)] = _said(tracker)
    elif tracker["needs_a_person"]:
        found[Affair(Alarm.PAUSED)] = _said(tracker)
    for reader in status["readers"]:
        if reader["state"] == "lost":
            found[Affair(Alarm.READER, f"{reader['kind']} {reader['name']}".strip())] = _said(reader)
    if not status["clock"]["synchronized"]:
        found[Affair(Alarm.CLOCK)] = ""
    if disk["fault"]:
        found[Affair(Alarm.DISK)] = str(disk["fault"])
    elif disk["free_bytes"] < LOW_BYTES:
        found[Affair(Alarm.DISK)] = f"{disk['free_bytes'] // 1_000_000} MB"
    for name in disk["damaged"]:
        found[Affair(Alarm.DAMAGED, str(name))] = ""
    if disk["unreadable"]:
        found[Affair(Alarm.DAMAGED)] = str(len(disk["unreadable"]))
    update = status.get("update") or {}
    if update.get("state") == "failed":
        found[Affair(Alarm.UPDATE)] = _said(update)
    return found


def _said(document: DaemonDocument) -> str:
    detail = str(document.get("detail") or "")
    return read_said(document.get("detail_said"), detail)


def can_record(status: DaemonDocument) -> bool:
    """Whether a tap is saved, as far as the daemon knows."""
    return not status["disk"]["fault"]
