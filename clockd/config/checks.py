"""What types alone cannot say: values that have the right type and still cannot be."""

import math
import os
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from clockd.config.sections import (
    OLED_DEVICES,
    Button,
    Config,
    Goodtime,
    NoTracker,
    Panel,
    Relay,
    Section,
    TerminalSection,
    TimeTrack,
    TrackerSection,
    Web,
)
from clockd.config.words import did_you_mean, short, shown
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
    yield from _bad_tracker(config.tracker)
    yield from _bad_panel(config.panel)
    yield from _bad_pins(config)
    for n, button in enumerate(config.button):
        yield from _bad_time_type(f"button[{n}].time_type", button, config.tracker)
        if button.action is Action.PROJECT and not button.project and not button.time_type:
            yield f"button[{n}].project", "a project key needs a project", 'as client = "…", project = "…"'
        elif button.action is Action.PROJECT and not button.client and isinstance(config.tracker, TimeTrack):
            why = "TimeTrack knows a project by its client and its name, and would refuse every punch of this key"
            yield f"button[{n}].client", why, 'as client = "…", project = "…"'
        if button.action is not Action.PROJECT and (button.project or button.client):
            yield f"button[{n}].project", f"a key for {button.action.value!r} has no project", "remove it"
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
    yield from _bad_values(config)


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
        if not _is_host(name.lower()):
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


def _bad_tracker(tracker: TrackerSection) -> Iterator[tuple[str, str, str]]:
    if isinstance(tracker, NoTracker):
        return
    example = "https://testaccount.timetrackenterprise.com/api/v2/ext"
    if isinstance(tracker, Goodtime):
        example = "https://getgoodtime.com/goodtime-rs"
    if why := _why_no_url(tracker.url):
        yield "tracker.url", why, f"as {example}"
    yield from _bad_way(tracker)
    if isinstance(tracker, Goodtime):
        yield from _bad_token(tracker)
        if tracker.time_format not in ("auto", "epoch_ms", "epoch_s") and (why := _why_no_time(tracker.time_format)):
            yield "tracker.time_format", why, 'as "%Y-%m-%dT%H:%M:%S", or "auto"'
    if isinstance(tracker, TimeTrack):
        for key in ("attendance_timer_path", "project_timer_path"):
            value = getattr(tracker, key)
            if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
                yield f"tracker.{key}", f"{shown(value)} is not a path", 'as "/attendance_timer"'


def _bad_way(tracker: TimeTrack | Goodtime) -> Iterator[tuple[str, str, str]]:
    """The proxy on the way to the tracker, and the file with a company's own authority."""
    if tracker.proxy and (why := _why_no_proxy(tracker.proxy)):
        yield "tracker.proxy", why, 'as "http://proxy:3128", or with its user as "http://user@proxy:3128"'
    if tracker.ca and not tracker.ca.startswith("/"):
        yield "tracker.ca", f"{shown(tracker.ca)} is not the whole path of a file", 'as "/etc/clockd/ca.pem"'


def _why_no_proxy(text: str) -> str:
    """Say why a text cannot be a proxy's address; empty when it can. What may hold a password is not repeated."""
    told = "" if "@" in text else f"{short(text)!r} "
    if odd := re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", text):
        return f"{told}holds a character that no address has (U+{ord(odd[0]):04X})"
    try:
        url = urlsplit(text)
        port_ok = url.port is None or url.port > 0
    except ValueError:
        return f"{told}is not a URL"
    if url.password is not None:
        return "a password does not belong into this file: put it into the credential tracker-proxy-password"
    if url.scheme != "http" or not url.hostname or not port_ok:
        return f"{told}is not http:// and a host (what is sent through it to the tracker is in TLS all the same)"
    if url.path.rstrip("/") or "?" in text or "#" in text:
        return "no path, query or fragment can stand here"
    if url.username == "":
        return "has no user before the @"
    if not _is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    return ""


def _bad_token(tracker: Goodtime) -> Iterator[tuple[str, str, str]]:
    header, prefix = tracker.token_header, tracker.token_prefix
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header):
        yield (
            "tracker.token_header",
            f"{shown(header)} is no name of an HTTP header",
            'as "Authorization", "X-Auth-Token"',
        )
    elif header.lower() in _HTTPS_OWN:
        yield (
            "tracker.token_header",
            f"{shown(header)} is needed for something else",
            'as "Authorization", "X-Auth-Token"',
        )
    if not re.fullmatch(r"[\x20-\x7e]*", prefix):
        yield "tracker.token_prefix", "holds what no HTTP header can carry", 'as "Bearer ", or ""'


_HTTPS_OWN = ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding")


def _why_no_time(pattern: str) -> str:
    """Say why a pattern cannot hold a day and a time to the minute; empty when it can.

    `TimeFormat.parse` decides the same when it reads the pattern; it stands on a higher floor.
    """
    parts: list[str] = []
    for directive in re.findall(r"%(:z|.|$)", pattern.removeprefix("utc:"), re.DOTALL):
        if directive not in _PARTS:
            return f"{shown(pattern)} has %{directive}; known are %Y %m %d %H %M %S %f %L %z %:z %F %T %R %%"
        parts += _PARTS[directive]
    missing = [f"%{part}" for part in "YmdHM" if part not in parts]
    if missing:
        return f"{shown(pattern)} holds no day and time to the minute: {' '.join(missing)} {_is_are(missing)} missing"
    return "" if len(parts) == len(set(parts)) else f"{shown(pattern)} says a part of the time twice"


def _is_are(things: list[str]) -> str:
    return "is" if len(things) == 1 else "are"


_PARTS = {"F": "Ymd", "T": "HMS", "R": "HM", ":z": "z", "%": ""} | {part: part for part in "YmdHMSfLz"}


def _why_no_url(text: str) -> str:
    """Say why a text cannot be a tracker's address; empty when it can. What may hold a password is not repeated."""
    told = "" if "@" in text else f"{short(text)!r} "
    if odd := re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", text):
        return f"{told}holds a character that no address has (U+{ord(odd[0]):04X})"
    try:
        url = urlsplit(text)
        port_ok = url.port is None or url.port > 0
    except ValueError:
        return f"{told}is not a URL"
    if url.scheme not in ("http", "https") or not url.hostname or not port_ok:
        return f"{told}has no http:// or https:// and host"
    if "@" in url.netloc or "?" in text or "#" in text:
        return "no user, query or fragment can stand here"
    if not _is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    if url.scheme == "http" and not _is_local(url.hostname):
        return "plain http would show the key to everybody on the way"
    return ""


def _is_host(host: str) -> bool:
    """Whether this is an address, or a name whose last part begins with a letter, so that none is half a number."""
    if _address(host) is not None:
        return True
    label = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
    return len(host) <= 253 and bool(re.fullmatch(rf"({label}\.)*(?=[a-z]){label}\.?", host))


def _is_local(host: str) -> bool:
    """Whether nothing that is sent there leaves this machine. A name counts only when it is `localhost` itself."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if isinstance(address, IPv4Address) or address.scope_id is None else None


def _bad_panel(panel: Panel) -> Iterator[tuple[str, str, str]]:
    if panel.oled == "none":
        return
    if panel.oled == "desk":
        if not panel.desk_socket:
            yield "panel.desk_socket", 'is needed with oled = "desk"', "clockd demo writes it"
        return
    if panel.oled not in OLED_DEVICES:
        yield "panel.oled", f"unknown display {shown(panel.oled)}", did_you_mean(panel.oled, OLED_DEVICES)
    match panel.bus.split(":"):
        case ["i2c", port, address] if _is_small(port) and _i2c_address(address) is not None:
            pass
        case ["i2c", _, address]:
            yield "panel.bus", f"{shown(address)} is no I2C address (0x03 to 0x77)", 'as "i2c:1:0x3c"'
        case ["spi", port, device] if _is_small(port) and _is_small(device):
            pass
        case _:
            yield "panel.bus", f"{shown(panel.bus)} is no bus", 'as "i2c:1:0x3c" or "spi:0:0"'


def _is_small(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,3}", text))


def _i2c_address(text: str) -> int | None:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,4}|[0-9]{1,4}", text):
        return None
    address = int(text, 16) if text.lower().startswith("0x") else int(text)
    return address if 0x03 <= address <= 0x77 else None


def _bad_pins(config: Config) -> Iterator[tuple[str, str, str]]:
    """A pin has one job, and the pins of the display's bus are taken."""
    pins: list[tuple[str, int | None]] = [
        ("panel.green_led", config.panel.green_led),
        ("panel.red_led", config.panel.red_led),
        ("panel.buzzer", config.panel.buzzer),
        *((f"button[{n}].gpio", button.gpio) for n, button in enumerate(config.button)),
        *((f"relay[{n}].gpio", relay.gpio) for n, relay in enumerate(config.relay)),
    ]
    taken: dict[int, str] = {}
    if config.panel.oled in OLED_DEVICES:
        bus = config.panel.bus.split(":")
        numbers = {"i2c": (2, 3), "spi": (8, 9, 10, 11, 24, 25)}[bus[0]] if bus[0] in ("i2c", "spi") else ()
        if bus[:2] == ["i2c", "0"]:
            numbers = (0, 1)
        taken = dict.fromkeys(numbers, f"panel.bus ({shown(config.panel.bus)})")
    for place, pin in pins:
        if pin is None:
            continue
        if pin in taken:
            yield place, f"GPIO {pin} is used by {taken[pin]} already", "give each its own pin (hardware/README.md)"
        taken[pin] = place
