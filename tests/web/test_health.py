"""The lines of the page Health, in each language, as the daemon's status makes them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd.core.sentence import phrase, said_json, sentence
from clockd.core.timebase import skew_report
from clockd.core.updates import DoorLook, Sick, UpdateStage, judge_update
from clockd.errors import DeviceMissing
from clockd.flow.devices import loss_told
from clockd.web.pages.health import HealthLine, health_lines
from clockd.web.words.speech import Speech

NOW = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
SPEECH = {code: Speech.of([code], ZoneInfo("Europe/Vienna"), NOW) for code in ("en", "de")}
WELL: dict[str, Any] = {
    "terminal": "front-door",
    "version": "0.1.0",
    "clock": {"synchronized": True, "now_at": NOW.isoformat(), "battery": {"state": "none", "detail": None}},
    "tracker": {"state": "ok", "detail": None, "detail_said": None, "skew": None},
    "outbox": {"waiting": 0, "sending": 0, "doubtful": 0, "held": 0, "oldest_waiting_at": None},
    "readers": [{"kind": "serial", "name": "", "state": "ok", "detail": None, "unread": []}],
    "panel": {"oled": "ok", "lights": "none"},
    "panel_lost": {},
    "relays": [],
    "disk": {"free_bytes": 10**10, "fault": None, "in_memory": None, "damaged": [], "unreadable": []}
    | {"unreadable_said": []},
    "badges": {"problem": None},
    "backup": {"last_at": NOW.isoformat(), "place": "/mnt", "off_device": True},
    "findings": [],
    "update": {"state": "none", "detail": None, "version": None},
}


def told(name: str, text: str | None) -> dict[str, Any]:
    """A text of a document, as the daemon writes it."""
    return {name: text, f"{name}_said": said_json(text)}


def lines_of(code: str = "en", **changes: Any) -> list[HealthLine]:
    document = dict(WELL)
    for part, change in changes.items():
        document[part] = document[part] | change if isinstance(change, dict) else change
    return list(health_lines(document, SPEECH[code]))


def wrong(code: str, **changes: Any) -> HealthLine:
    [line] = [line for line in lines_of(code, **changes) if not line.ok]
    return line


@pytest.mark.parametrize("code", SPEECH)
def test_where_all_is_well_nothing_is_wrong(code: str) -> None:
    assert [line for line in lines_of(code) if not line.ok] == []


@pytest.mark.parametrize("stage", UpdateStage)
def test_an_update_that_failed_is_told_with_what_to_do(stage: UpdateStage) -> None:
    update = {"state": stage.value, "version": "0.2.0", "detail": "the daemon does not answer"}
    failed = stage in (UpdateStage.FAILED, UpdateStage.RETURNING)
    said = [line for line in lines_of("en", update=update) if line.what == "Update"]
    assert [line.ok for line in said] == ([] if stage is UpdateStage.NONE else [not failed])
    if failed:
        assert "0.2.0" in said[0].found
        assert "the daemon does not answer" in said[0].found
        assert "only when a person asks for it" in said[0].hint


LOST = loss_told(DeviceMissing(sentence("{device} is not there", device="/dev/ttyUSB0"), hint="plug it in again"))
GONE = "entry {entry_id} is not in the tracker any more; it is not made again"
SICK = judge_update(DoorLook(answers=True, readers=frozenset({"serial"})), DoorLook(answers=True), 200, 0)
assert isinstance(SICK, Sick)
SAID = {
    "a lost reader": (
        {"readers": [WELL["readers"][0] | {"state": "lost"} | told("detail", LOST)]},
        "fehlt: /dev/ttyUSB0 ist nicht da (stecken Sie ihn wieder an)",
    ),
    "what a reader could not read": (
        {
            "readers": [
                WELL["readers"][0]
                | {
                    "unread": [
                        {
                            "reason": "wrong checksum",
                            "count": 3,
                            "last_at": NOW.isoformat(),
                            "since_last_read": True,
                            "advice": "a long or bad cable, or another device's noise",
                        }
                    ]
                }
            ]
        },
        "konnte nicht lesen, was kam: falsche Prüfsumme; wie oft: 3, zuletzt 12:00",
    ),
    "the disk": ({"disk": {"fault": "disk full"}}, "lässt sich nicht beschreiben: er ist voll"),
    "a damaged row": (
        {
            "disk": {
                "unreadable": ["badge 06: its name is no text"],
                "unreadable_said": [
                    said_json(
                        sentence("{table} {name}: {why}", table="badge", name="06", why=phrase("its name is no text"))
                    )
                ],
            }
        },
        "badge 06: der Name ist kein Text",
    ),
    "the tracker's clock": (
        {"tracker": told("skew", skew_report(3700.0))},
        "diese Uhr geht gegenüber der Zeiterfassung 1 h 1 min 40 s vor; prüfen Sie, woher sie die Zeit hat "
        "(timedatectl timesync-status)",
    ),
    "the nightly look": (
        {"findings": [told("detail", sentence(GONE, entry_id="4711"))]},
        "Einträge in der Zeiterfassung, die nicht mehr so sind, wie sie gebucht wurden: 1 (Eintrag 4711 ist nicht mehr "
        "in der Zeiterfassung; er wird nicht neu angelegt)",
    ),
    "a folder in memory": (
        {"disk": {"in_memory": "tmpfs"}},
        "was hier erfasst wird, steht im Arbeitsspeicher (tmpfs) und ist mit dem Strom weg",
    ),
    "a display": (
        {
            "panel": {"oled": "lost"},
            "panel_lost": {
                "oled": told("detail", sentence("{device}: there is no {file}", device="d", file="/dev/i2c-1"))
            },
        },
        "fehlt: d: es gibt kein /dev/i2c-1",
    ),
    "an update that failed": (
        {"update": {"state": "failed", "version": "0.2.0"} | told("detail", SICK.why)},
        "mit 0.2.0 ging nicht alles, und die Version davor ist zurück: der Leser geht nicht mehr: serial",
    ),
    "a relay": ({"relays": [{"gpio": 22, "on": "in", "state": "lost", "pulses": 0}]}, "fehlt"),
}


@pytest.mark.parametrize(("changes", "found"), SAID.values(), ids=SAID)
def test_what_is_wrong_is_told_in_the_pages_language(changes: dict[str, Any], found: str) -> None:
    assert wrong("de", **changes).found == found


def test_control_a_text_without_its_sentence_stays_english() -> None:
    reader = WELL["readers"][0] | {"state": "lost", "detail": str(LOST), "detail_said": None}
    assert wrong("de", readers=[reader]).found == f"fehlt: {LOST}"


def test_who_has_held_punches_is_not_told_that_all_is_booked() -> None:
    assert [line.found for line in lines_of(outbox={"held": 2}) if line.what == "To be booked"] == ["2 need a person"]
    assert (
        len(
            [
                line
                for line in lines_of(outbox={"held": 2, "waiting": 1, "oldest_waiting_at": NOW.isoformat()})
                if line.what == "To be booked"
            ]
        )
        == 2
    )
