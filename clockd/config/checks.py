"""What types alone cannot say: values that have the right type and still cannot be."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from clockd.config.sections import OLED_DEVICES, Config, Goodtime, NoTracker, Panel, TimeTrack, Tracker
from clockd.config.words import did_you_mean
from clockd.core.model import Action


def impossible(config: Config) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reason, suggestion) for each value that has the right type and still cannot be."""
    zones = available_timezones()
    zone = config.terminal.time_zone
    if zone not in zones:
        yield "terminal.time_zone", f"unknown zone {zone!r}", did_you_mean(zone, zones) or 'as "Europe/Vienna"'
    yield from _bad_tracker(config.tracker)
    yield from _bad_panel(config.panel)
    yield from _bad_pins(config)
    for n, button in enumerate(config.button):
        if button.action is Action.PROJECT and not button.project:
            yield f"button[{n}].project", "a project key needs a project", 'as client = "…", project = "…"'
        if button.action is not Action.PROJECT and (button.project or button.client):
            yield f"button[{n}].project", f"a key for {button.action.value!r} has no project", "remove it"
    if not re.fullmatch(r".*:\d{1,5}", config.web.listen) or int(config.web.listen.rpartition(":")[2]) > 65535:
        yield "web.listen", f"{config.web.listen!r} is not host:port", 'as "127.0.0.1:8080"'
    for n, reader in enumerate(config.reader):
        if reader in config.reader[:n]:
            yield f"reader[{n}]", "the same reader stands here twice", "remove one"


def _bad_tracker(tracker: Tracker) -> Iterator[tuple[str, str, str]]:
    if isinstance(tracker, NoTracker):
        return
    example = "https://testaccount.timetrackenterprise.com/api/v2/ext"
    if isinstance(tracker, Goodtime):
        example = "https://getgoodtime.com/goodtime-rs"
    try:
        url = urlsplit(tracker.url)
        port_ok = url.port is None or url.port > 0
    except ValueError:
        yield "tracker.url", f"{tracker.url!r} is not a URL", f"as {example}"
        return
    if url.scheme not in ("http", "https") or not url.hostname or not port_ok:
        yield "tracker.url", f"{tracker.url!r} has no http:// or https:// and host", f"as {example}"
    elif url.scheme == "http" and not _is_local(url.hostname):
        yield "tracker.url", "plain http would show the key to everybody on the way", f"as {example}"
    if url.query or url.fragment or url.username:
        yield "tracker.url", "no user, query or fragment can stand here", f"as {example}"
    if isinstance(tracker, Goodtime):
        yield from _bad_token(tracker)
        if tracker.time_format not in ("auto", "epoch_ms", "epoch_s") and (why := _why_no_time(tracker.time_format)):
            yield "tracker.time_format", why, 'as "%Y-%m-%dT%H:%M:%S", or "auto"'
    if isinstance(tracker, TimeTrack):
        for key in ("attendance_timer_path", "project_timer_path"):
            value = getattr(tracker, key)
            if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
                yield f"tracker.{key}", f"{value!r} is not a path", 'as "/attendance_timer"'


def _bad_token(tracker: Goodtime) -> Iterator[tuple[str, str, str]]:
    header, prefix = tracker.token_header, tracker.token_prefix
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header):
        yield "tracker.token_header", f"{header!r} is no name of an HTTP header", 'as "Authorization", "X-Auth-Token"'
    elif header.lower() in _HTTPS_OWN:
        yield "tracker.token_header", f"{header!r} is needed for something else", 'as "Authorization", "X-Auth-Token"'
    if not re.fullmatch(r"[\x20-\x7e]*", prefix):
        yield "tracker.token_prefix", f"{prefix!r} holds what no HTTP header can carry", 'as "Bearer ", or ""'


_HTTPS_OWN = ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding")


def _why_no_time(pattern: str) -> str:
    """Say why a pattern cannot hold a day and a time to the minute; empty when it can.

    `TimeFormat.parse` decides the same when it reads the pattern; it stands on a higher floor.
    """
    parts: list[str] = []
    for directive in re.findall(r"%(:z|.|$)", pattern.removeprefix("utc:"), re.DOTALL):
        if directive not in _PARTS:
            return f"{pattern!r} has %{directive}; known are %Y %m %d %H %M %S %f %L %z %:z %F %T %R %%"
        parts += _PARTS[directive]
    missing = [f"%{part}" for part in "YmdHM" if part not in parts]
    if missing:
        return f"{pattern!r} holds no day and time to the minute: {' '.join(missing)} {_is_are(missing)} missing"
    return "" if len(parts) == len(set(parts)) else f"{pattern!r} says a part of the time twice"


def _is_are(things: list[str]) -> str:
    return "is" if len(things) == 1 else "are"


_PARTS = {"F": "Ymd", "T": "HMS", "R": "HM", ":z": "z", "%": ""} | {part: part for part in "YmdHMSfLz"}


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _bad_panel(panel: Panel) -> Iterator[tuple[str, str, str]]:
    if panel.oled == "none":
        return
    if panel.oled == "desk":
        if not panel.desk_socket:
            yield "panel.desk_socket", 'is needed with oled = "desk"', "clockd demo writes it"
        return
    if panel.oled not in OLED_DEVICES:
        yield "panel.oled", f"unknown display {panel.oled!r}", did_you_mean(panel.oled, OLED_DEVICES)
    match panel.bus.split(":"):
        case ["i2c", port, address] if port.isdigit() and _i2c_address(address) is not None:
            pass
        case ["i2c", _, address]:
            yield "panel.bus", f"{address!r} is no I2C address (0x03 to 0x77)", 'as "i2c:1:0x3c"'
        case ["spi", port, device] if port.isdigit() and device.isdigit():
            pass
        case _:
            yield "panel.bus", f"{panel.bus!r} is no bus", 'as "i2c:1:0x3c" or "spi:0:0"'


def _i2c_address(text: str) -> int | None:
    try:
        address = int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        return None
    return address if 0x03 <= address <= 0x77 else None


def _bad_pins(config: Config) -> Iterator[tuple[str, str, str]]:
    """A pin has one job, and the pins of the display's bus are taken."""
    pins: list[tuple[str, int | None]] = [
        ("panel.green_led", config.panel.green_led),
        ("panel.red_led", config.panel.red_led),
        ("panel.buzzer", config.panel.buzzer),
        *((f"button[{n}].gpio", button.gpio) for n, button in enumerate(config.button)),
    ]
    taken: dict[int, str] = {}
    if config.panel.oled in OLED_DEVICES:
        bus = config.panel.bus.split(":")
        numbers = {"i2c": (2, 3), "spi": (8, 9, 10, 11, 24, 25)}[bus[0]] if bus[0] in ("i2c", "spi") else ()
        if bus[:2] == ["i2c", "0"]:
            numbers = (0, 1)
        taken = dict.fromkeys(numbers, f"panel.bus ({config.panel.bus})")
    for place, pin in pins:
        if pin is None:
            continue
        if pin in taken:
            yield place, f"GPIO {pin} is used by {taken[pin]} already", "give each its own pin (hardware/README.md)"
        taken[pin] = place
