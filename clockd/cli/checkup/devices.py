"""The devices of a configuration: those that the daemon which runs holds are asked of it, all others are opened.

A device that a changed section names as well is held all the same; what is new about it is tried by the restart.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from clockd import control, panel, readers
from clockd.cli.asking import object_of, rows
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import RunningDaemon
from clockd.cli.status import unread_lines
from clockd.config import Config, DeskReader
from clockd.core.json import Json
from clockd.errors import ClockdError

LIGHTS = ("green_led", "red_led", "buzzer")
DISPLAY = ("oled", "bus", "rotate", "desk_socket")


async def check_devices(config: Config, running: RunningDaemon | None) -> list[CheckLine]:
    """Look at the readers, the display, and lights and keys."""
    findings = []
    waiting = [] if running is None else running.readers
    for section in config.reader:
        if isinstance(section, DeskReader):
            continue
        what, wanted = f"reader {section.__struct_config__.tag}", _plain(section)
        held = next((one for one in waiting if one["section"] == wanted), None)
        if held is not None:
            waiting = [one for one in waiting if one is not held]
            findings.append(_told(what, held))
            continue
        held = next((one for one in waiting if one["state"] == "ok" and _is_same_device(one["section"], wanted)), None)
        if held is None:
            findings.append(await _probe(what, partial(readers.probe, section)))
        else:
            told = "the clockd that runs has the device open; its new settings are tried by a restart"
            findings.append(CheckLine(what, ok=True, found=told))
    findings += [] if running is None else await _unread(running)
    if not config.reader:
        findings.append(CheckLine("reader", ok=False, found="none is configured", hint="add a [[reader]]"))
    relays = [await _relays(config, running)] if config.relay and config.panel.oled != "desk" else []
    return [*findings, await _display(config, running), await _lights(config, running), *relays]


async def _unread(running: RunningDaemon) -> list[CheckLine]:
    """Ask what the readers could not read; bad is what nothing good has followed."""
    try:
        told = object_of(await asyncio.to_thread(control.ask, running.place, {"cmd": "status"}))
    except ClockdError:
        return []
    findings = []
    for reader in rows(told["readers"]):
        for line, found in zip(unread_lines(reader), rows(reader.get("unread") or []), strict=True):
            findings.append(CheckLine(f"reader {reader['kind']}", ok=not found["since_last_read"], found=line))
    return findings


async def _relays(config: Config, running: RunningDaemon | None) -> CheckLine:
    held = None if running is None else running.panel("relays")
    theirs = set() if running is None or held is None else {relay["gpio"] for relay in running.relays}
    if held is not None and {relay.gpio for relay in config.relay} == theirs:
        return _told("relays", held)
    if held is None or held["state"] != "ok":
        theirs = set()
    free = [relay for relay in config.relay if relay.gpio not in theirs]
    return await _probe("relays", lambda: panel.probe_relays(free) if free else "held by the clockd that runs")


async def _display(config: Config, running: RunningDaemon | None) -> CheckLine:
    held = None if running is None else running.panel("oled")
    same = running is not None and _of(running.section("panel"), DISPLAY) == _of(_plain(config.panel), DISPLAY)
    if (held is None or not same) and config.panel.oled != "desk":
        return await _probe("display", lambda: panel.probe_display(config.panel) or "none configured")
    fonts = await _probe("display", lambda: panel.probe_font(config.panel) or "")
    if held is None or not fonts.ok:
        return fonts
    told = _told("display", held)
    return CheckLine("display", told.ok, f"{told.found}; {fonts.found}".rstrip("; "), told.hint)


async def _lights(config: Config, running: RunningDaemon | None) -> CheckLine:
    held = None if running is None else running.panel("lights")
    if running is None or held is None:
        return await _probe("lights", lambda: panel.probe_lights(config.panel, config.button) or "none configured")
    theirs, ours = _pins(running.section("panel"), running.buttons), _pins(_plain(config.panel), _keys(config))
    if held["state"] != "ok":
        if theirs == ours:
            return _told("lights", held)
        theirs = set()
    free = {name: None for name in LIGHTS if getattr(config.panel, name) in theirs}
    unheld = msgspec.structs.replace(config.panel, **free)
    keys = [button for button in config.button if button.gpio not in theirs]
    new = await _probe("lights", lambda: panel.probe_lights(unheld, keys) or "")
    if not ours & theirs or not new.ok:
        return new
    pins = ", ".join(str(pin) for pin in sorted(ours & theirs))
    found = f"works, says the clockd that runs (GPIO {pins})"
    return CheckLine("lights", ok=True, found=f"{found}; {new.found}".rstrip("; "))


def _keys(config: Config) -> list[dict[str, Json]]:
    return [_plain(button) for button in config.button]


def _pins(section: Mapping[str, Json], buttons: list[dict[str, Json]]) -> set[int]:
    found = [section.get(name) for name in LIGHTS] + [button["gpio"] for button in buttons]
    return {pin for pin in found if isinstance(pin, int)}


def _of(section: Mapping[str, Json], keys: tuple[str, ...]) -> dict[str, Json]:
    return {key: section.get(key) for key in keys}


def _plain(section: msgspec.Struct) -> dict[str, Json]:
    built: dict[str, Json] = msgspec.json.decode(msgspec.json.encode(section))
    return built


def _is_same_device(held: Json, wanted: Mapping[str, Json]) -> bool:
    """Whether two sections mean one device, which can be open only once. PC/SC lets many in."""
    if not isinstance(held, dict):
        return False
    if wanted["kind"] in ("keyboard", "serial"):
        return held["kind"] in ("keyboard", "serial") and _real(held["device"]) == _real(wanted["device"])
    if wanted["kind"] != "nfc" or held["kind"] != "nfc":
        return False
    one, other = str(held["path"]), str(wanted["path"])
    return one == other or (one.startswith("usb") and other.startswith("usb"))


def _real(device: Json) -> str:
    return os.path.realpath(str(device))


def _told(what: str, held: Mapping[str, Json]) -> CheckLine:
    """Say how the daemon says that a device is."""
    match held["state"]:
        case "ok":
            return CheckLine(what, ok=True, found="works, says the clockd that runs")
        case "starting":
            return CheckLine(what, ok=False, found="the clockd that runs is about to open it", hint="check again")
        case _:
            return CheckLine(what, ok=False, found=f"is lost, says the clockd that runs: {held['detail']}")


async def _probe(what: str, look: Callable[[], str]) -> CheckLine:
    try:
        return CheckLine(what, ok=True, found=await asyncio.to_thread(look))
    except ClockdError as error:
        return CheckLine.failed(what, error)
