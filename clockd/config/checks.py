"""What types alone cannot say: values that have the right type and still cannot be."""

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from clockd.config.addresses import is_host
from clockd.config.panel_checks import bad_panel, bad_pins
from clockd.config.sections import (
    Button,
    Config,
    NoTracker,
    Relay,
    Section,
    TerminalSection,
    TimeTrack,
    TrackerSection,
    Web,
)
from clockd.config.tracker_checks import bad_tracker
from clockd.config.words import did_you_mean, shown
from clockd.core.keeping import LEAST_DAYS
from clockd.core.model import Action
from clockd.core.updates import spans_of


def impossible(config: Config) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reason, suggestion) for each value that has the right type and still cannot be."""
    zone = config.terminal.time_zone
    if not _is_zone(zone):
        hint = did_you_mean(zone, available_timezones() - {"localtime"}) or 'as "Europe/Vienna"'
        yield "terminal.time_zone", f"unknown zone {shown(zone)}", hint
    yield from _bad_places(config.terminal)
    yield from _bad_position(config.terminal)
    yield from bad_tracker(config.tracker)
    yield from bad_panel(config.panel)
    yield from bad_pins(config)
    for n, button in enumerate(config.button):
        yield from _bad_button(n, button, config.tracker)
    yield from _bad_web(config.web)
    for n, reader in enumerate(config.reader):
        if reader in config.reader[:n]:
            yield f"reader[{n}]", "the same reader stands here twice", "remove one"
    for n, relay in enumerate(config.relay):
        yield from _bad_relay(f"relay[{n}]", relay)
    try:
        spans_of(config.update.not_between)
    except ValueError:
        why = f"{shown(config.update.not_between)} is no time of the day from when to when"
        yield "update.not_between", why, 'as "05:00-09:00", or "05:00-09:00, 15:00-18:00"'
    if 0 < config.keep.punches_days < LEAST_DAYS:
        why = f"{config.keep.punches_days} days are too few: the nightly look and a month's payroll need {LEAST_DAYS}"
        yield "keep.punches_days", why, f"{LEAST_DAYS} or more, or 0 to keep all; what laws ask for is in years"
    yield from _bad_values(config)


def _bad_button(n: int, button: Button, tracker: TrackerSection) -> Iterator[tuple[str, str, str]]:
    yield from _bad_time_type(f"button[{n}].time_type", button, tracker)
    if button.action is not Action.PROJECT:
        if button.project or button.client:
            yield f"button[{n}].project", f"a key for {button.action.value!r} has no project", "remove it"
    elif button.client and not button.project:
        yield (
            f"button[{n}].client",
            "a client alone is no project",
            'add project = "…", or remove it: the key then pages',
        )
    elif button.pages and isinstance(tracker, NoTracker):
        why = "a project key that names none pages through those of the tracker, and there is none"
        yield f"button[{n}].project", why, 'name one, as client = "…", project = "…"'
    elif button.project and not button.client and isinstance(tracker, TimeTrack):
        why = "TimeTrack knows a project by its client and its name, and would refuse every punch of this key"
        yield f"button[{n}].client", why, 'as client = "…", project = "…"'


def _bad_time_type(place: str, button: Button, tracker: TrackerSection) -> Iterator[tuple[str, str, str]]:
    if not button.time_type:
        return
    if isinstance(tracker, TimeTrack):
        yield (
            place,
            "TimeTrack knows no time types; Goodtime does",
            'remove it, or make it a key with action = "project"',
        )
    elif button.action not in _BEGIN_WORK:
        why = f"a key for {button.action.value!r} begins no work, so nothing would be booked on it"
        yield place, why, 'remove it, or write action = "in"'
    elif not button.time_type.strip():
        yield place, "names nothing", 'as time_type = "home office"'


_BEGIN_WORK = (Action.IN, Action.RESUME, Action.PROJECT)


def _bad_web(web: Web) -> Iterator[tuple[str, str, str]]:
    if not re.fullmatch(r"[!-~]*:[0-9]{1,5}", web.listen) or int(web.listen.rpartition(":")[2]) > 65535:
        yield "web.listen", f"{shown(web.listen)} is not host:port", 'as "127.0.0.1:8080"'
    for key, other, example in (("tls_certificate", "tls_key", "crt"), ("tls_key", "tls_certificate", "key")):
        path = getattr(web, key)
        if path and not path.startswith("/"):
            yield (
                f"web.{key}",
                f"{shown(path)} is not a whole path",
                f'as "/etc/clockd/web.{example}"',
            )
        if path and not getattr(web, other):
            yield f"web.{other}", f"is needed with {key}", "name both files, or none"
    if web.tls_certificate and web.behind_proxy:
        yield "web.behind_proxy", "a proxy speaks https in the page's place", "leave it out, or the certificate"
    for n, name in enumerate(web.names):
        if not is_host(name.lower()):
            yield f"web.names[{n}]", f"{shown(name)} is no name of a host", 'as "clock.example.com", without a port'


def _bad_relay(place: str, relay: Relay) -> Iterator[tuple[str, str, str]]:
    for text in relay.at:
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
            yield f"{place}.at", f"{shown(text)} is no time of day", 'as at = ["07:00", "15:30"]'
    if (relay.on == "bell") != bool(relay.at):
        why = "a bell needs the times at which it rings" if relay.on == "bell" else "only a bell has times"
        yield f"{place}.at", why, 'as on = "bell", at = ["07:00", "15:30"]'


def _is_zone(name: str) -> bool:
    """Whether this names a zone; cheaper than to list them all."""
    if name.startswith(("right/", "posix/")) or name in ("posixrules", "localtime"):
        return False  # files beside the zones; those of the first kind count leap seconds
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _bad_values(config: Config) -> Iterator[tuple[str, str, str]]:
    """No value of any section holds what can stand nowhere."""
    for place, section in _sections(config):
        for key in section.__struct_fields__:
            value = getattr(section, key)
            if isinstance(value, str) and key != "time_format" and (odd := _ODD.search(value)):
                yield f"{place}.{key}", f"holds a character that no text has (U+{ord(odd[0]):04X})", "type it anew"
            if isinstance(value, float) and not math.isfinite(value):
                yield f"{place}.{key}", f"{value} is no number", "write one, as 10"


def _sections(config: Config) -> Iterator[tuple[str, Section]]:
    for name in config.__struct_fields__:
        value = getattr(config, name)
        if isinstance(value, Section):
            yield name, value
        else:
            yield from ((f"{name}[{n}]", one) for n, one in enumerate(value))


_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
SOCKET_BYTES = 107
"""What the kernel allows for the path of a Unix socket."""
OURS = ("clockd.db", "clockd.lock", "badge-pepper")
"""How the names of what stands in the state folder begin."""


def _bad_places(terminal: TerminalSection) -> Iterator[tuple[str, str, str]]:
    """A path that depends on where the daemon was started is another one at the next start."""
    state, sock = Path(terminal.state_dir), Path(terminal.control_socket)
    for key, example in (("state_dir", "/var/lib/clockd"), ("control_socket", "/run/clockd/control.sock")):
        path = getattr(terminal, key)
        if not path.startswith("/") or Path(path) == Path("/"):
            yield f"terminal.{key}", f"{shown(path)} is not the whole path of a place of its own", f'as "{example}"'
    if terminal.control_socket.endswith("/"):
        yield "terminal.control_socket", "is a folder, not the name of a socket in it", "add a name, as control.sock"
    if (size := len(terminal.control_socket.encode(errors="replace"))) > SOCKET_BYTES:
        yield (
            "terminal.control_socket",
            f"{size} bytes are too long for the path of a socket (at most {SOCKET_BYTES})",
            'choose a shorter one, as "/run/clockd/control.sock"',
        )
    if normal(sock) == normal(state) or (normal(sock.parent) == normal(state) and sock.name.startswith(OURS)):
        why = f"{shown(terminal.control_socket)} is the place of what the store keeps"
        yield "terminal.control_socket", why, 'choose a name of its own, as "/run/clockd/control.sock"'


def _bad_position(terminal: TerminalSection) -> Iterator[tuple[str, str, str]]:
    """A position has both numbers, or there is none."""
    both = {"latitude": terminal.latitude, "longitude": terminal.longitude}
    missing = [key for key, value in both.items() if value is None]
    if len(missing) == 1:
        yield (
            f"terminal.{missing[0]}",
            "is missing beside the other",
            "write both, as latitude = 48.2082, longitude = 16.3738",
        )


def normal(path: Path) -> str:
    """Return a path without its `..` and doubled slashes; links are not followed."""
    return os.path.normpath(path)
