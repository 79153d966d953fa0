"""A terminal's status as Prometheus reads it. Nothing in a label names a person or a badge.

Each scrape has a registry of its own, made from the status of that moment: what the library keeps for a whole process
says nothing of a terminal, and is not shown.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clockd.core.alerts import Alarm
from clockd.web.troubles import DaemonDocument, troubles

TRACKER_STATES = ("ok", "offline", "paused", "none")
OUTBOX_STATES = ("waiting", "open", "sending", "doubtful", "held", "delivered", "stranger")


def exposed(status: DaemonDocument | None, accept: str) -> tuple[bytes, str]:
    """Return the text of a scrape, and its type.

    Args:
        status: as `clockd status --json`; None when the daemon does not answer.
        accept: the header of the scrape, which says whether OpenMetrics is understood.
    """
    encode, kind = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Status(status))
    return encode(registry), kind


class _Status(Collector):
    def __init__(self, status: DaemonDocument | None) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        """Give each metric."""
        yield _one("up", "Whether the daemon answers.", self._status is not None)
        if self._status is None:
            return
        for part in (_terminal, _punches, _tracker, _devices, _disk):
            yield from part(self._status)
        wrong = [affair.alarm for affair in troubles(self._status)]
        alarms = (((alarm.value,), wrong.count(alarm)) for alarm in Alarm if alarm is not Alarm.SILENT)
        yield _several("troubles", "What needs a person or is about to, by its kind.", ("kind",), alarms)


def _terminal(status: DaemonDocument) -> Iterator[Metric]:
    clock = status["clock"]
    about = (str(status["terminal"]), str(status["version"]), str(status["tracker"]["kind"]))
    yield _several("info", "Which terminal this is.", ("terminal", "version", "tracker"), [(about, 1)])
    yield _one("clock_synchronized", "Whether the clock is known to be right.", clock["synchronized"])
    yield _one("clock_timestamp_seconds", "The terminal's wall clock.", _seconds(clock["now_at"]))
    battery = clock["battery"]
    if battery["state"] != "none":
        yield _one("battery_clock_ok", "Whether the battery clock can be believed.", battery["state"] == "ok")


def _punches(status: DaemonDocument) -> Iterator[Metric]:
    outbox, punches, now_s = status["outbox"], status["punches"], _seconds(status["clock"]["now_at"])
    total = CounterMetricFamily("clockd_punches", "Punches that were recorded, ever.")
    total.add_metric((), punches["total"])
    yield total
    yield _one("punches_today", "Punches of this day at the terminal.", punches["today"])
    states = (((state,), outbox[state]) for state in OUTBOX_STATES if state in outbox)
    yield _several("outbox_punches", "Punches by how far their delivery is.", ("state",), states)
    oldest = outbox["oldest_waiting_at"]
    age_s = 0.0 if oldest is None else max(0.0, now_s - _seconds(oldest))
    yield _one("oldest_waiting_seconds", "Age of the oldest punch that is not booked; 0 without one.", age_s)
    yield _one("present_people", "Employees who are clocked in.", len(status["present"]))
    yield _one("missing_outs", "Shifts whose clock-out is missing.", len(status["missing_out"]))
    yield _one("nightly_findings", "What the last nightly look found.", len(status["findings"]))
    yield _one("badges_known", "Whether the pepper is the one of the badges.", not status["badges"]["problem"])


def _tracker(status: DaemonDocument) -> Iterator[Metric]:
    tracker = status["tracker"]
    if tracker["kind"] == "none":
        return
    yield _one("tracker_up", "Whether the tracker answers and takes what it is sent.", tracker["state"] == "ok")
    states = (((state,), tracker["state"] == state) for state in TRACKER_STATES)
    yield _several("tracker_state", "How the tracker is: 1 for the state it is in.", ("state",), states)
    yield _one("tracker_requests_last_minute", "Requests in the last 60 seconds.", tracker["requests_last_minute"])
    if tracker["last_success_at"] is not None:
        at_s = _seconds(tracker["last_success_at"])
        yield _one("tracker_last_success_timestamp_seconds", "When the tracker last answered.", at_s)


def _devices(status: DaemonDocument) -> Iterator[Metric]:
    readers = (
        ((str(n), str(reader["kind"])), reader["state"] == "ok") for n, reader in enumerate(status["readers"], 1)
    )
    yield _several(
        "reader_up", "Whether a reader works, by its place in the configuration.", ("reader", "kind"), readers
    )
    panel = (((part,), state == "ok") for part, state in status["panel"].items() if state != "none")
    yield _several("panel_up", "Whether a part of the panel works.", ("part",), panel)


def _disk(status: DaemonDocument) -> Iterator[Metric]:
    disk, backup = status["disk"], status["backup"] or {}
    yield _one("disk_free_bytes", "Free bytes where the database is.", disk["free_bytes"])
    yield _one("disk_fault", "Whether the disk refuses what is recorded.", bool(disk["fault"]))
    yield _one("damaged_databases", "Damaged databases that are kept.", len(disk["damaged"]))
    yield _one("unreadable_rows", "Damaged rows that are left alone.", len(disk["unreadable"]))
    if backup.get("last_at"):
        yield _one("backup_last_timestamp_seconds", "When the last backup was made.", _seconds(backup["last_at"]))
        yield _one("backup_off_device", "Whether it is on another disk.", bool(backup["off_device"]))


def _one(name: str, help_: str, value: Any) -> Metric:
    return _several(name, help_, (), [((), value)])


def _several(name: str, help_: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], Any]]) -> Metric:
    family = GaugeMetricFamily(f"clockd_{name}", help_, labels=labels)
    for which, value in values:
        family.add_metric(which, float(value))
    return family


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
