"""TOML -> frozen objects, or an error that says where, why and what to write instead (contract.md, "Configuration").

Everything is checked here, once; nothing behind this module sees an impossible value. Secrets never stand in the
TOML: `Secrets` finds them in systemd's credentials or in the environment, and reads them anew each time it is asked,
so that a rotated key is picked up without a restart.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta

from clockd.core.model import Action, Project
from clockd.errors import ConfigError

Positive = Annotated[float, Meta(ge=1)]
NotNegative = Annotated[float, Meta(ge=0)]
Gpio = Annotated[int, Meta(ge=0, le=27)]
"""BCM number of a pin on the 40-pin header."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all sections: frozen, and a key nobody knows is an error."""


class Terminal(Section, frozen=True):
    """`[terminal]`: which door this is."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] = "clockd"
    time_zone: str = "UTC"
    """IANA name; the wall clock that the trackers are told. The operating system's own zone does not matter."""
    language: Literal["en", "de"] = "en"
    state_dir: str = "/var/lib/clockd"
    control_socket: str = "/run/clockd/control.sock"

    @property
    def zone(self) -> ZoneInfo:
        """The zone itself, from the tzdata of this process."""
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return Path(self.state_dir) / "clockd.db"


class Clock(Section, frozen=True):
    """`[clock]`: whether this machine's clock can be believed."""

    trust: Literal["auto", "always"] = "auto"
    """auto: once it was synchronised in this boot. always: a desk or a server whose clock is right."""
    tracker_date: bool = False
    """Take the tracker's `Date` header as a time source when nothing else is there; off: it is only compared."""


class Rules(Section, frozen=True):
    """`[rules]`: what counts as one punch."""

    repeat_s: NotNegative = 10
    """The same badge again within this time is the same punch."""
    max_shift_h: Annotated[float, Meta(ge=1, le=48)] = 14
    """An `in` older than this is a forgotten clock-out; the next tap is an `in` again."""
    undo_s: NotNegative = 30
    """How long after a punch the undo key takes it back."""


class TimeTrack(Section, frozen=True, tag="timetrack", tag_field="kind"):
    """`[tracker]` with `kind = "timetrack"`."""

    url: str
    """Everything before `/attendances`."""
    delivery: Literal["timer", "entries"] = "timer"
    """timer: who is in is seen in TimeTrack at once. entries: closed intervals only."""
    breaks: Literal["gap", "minutes"] = "gap"
    """gap: a break ends one entry and begins another. minutes: one entry with `minutesBreak`."""
    attendance_timer_path: str = "/attendance_timer"
    """The documents have `/timers/attendance_timer` as well (trap T03)."""
    project_timer_path: str = "/timers/project_timer"
    """… and `/project_timer`."""
    requests_per_minute: Annotated[int, Meta(ge=1, le=6000)] = 30
    """What the tracker allows in any sliding 60 s, over all users of the key."""
    timeout_s: Positive = 10
    quarantine_s: Positive = 120
    """How long an answer that cannot be believed rests before the tracker is looked at."""
    on_switch: Literal["send", "hold"] = "hold"
    """Punches left over from another tracker: send them here, or hold them and ask."""


class Goodtime(Section, frozen=True, tag="goodtime", tag_field="kind"):
    """`[tracker]` with `kind = "goodtime"`."""

    url: str
    """Everything before `/api/...`, as `https://getgoodtime.com/goodtime-rs`."""
    time_type: str = "working hours"
    """Name or id of the time type that attendance is booked on."""
    token_header: Annotated[str, Meta(min_length=1)] = "Authorization"
    token_prefix: str = "Bearer "
    time_format: str = "auto"
    """auto: learned from an entry that exists; else a strftime pattern, or `epoch_ms`."""
    requests_per_minute: Annotated[int, Meta(ge=1, le=6000)] = 30
    timeout_s: Positive = 10
    quarantine_s: Positive = 120
    on_switch: Literal["send", "hold"] = "hold"


class NoTracker(Section, frozen=True, tag="none", tag_field="kind"):
    """`[tracker]` with `kind = "none"`: punches stay here until a tracker is configured, or are exported."""


Tracker = TimeTrack | Goodtime | NoTracker


class PcscReader(Section, frozen=True, tag="pcsc", tag_field="kind"):
    """A PC/SC reader; `name` is a part of its name, empty for the first one."""

    name: str = ""


class NfcReader(Section, frozen=True, tag="nfc", tag_field="kind"):
    """A reader driven by nfcpy; `path` as nfcpy writes it: `usb`, `tty:S0:pn532`, `udp:127.0.0.1:54321`."""

    path: Annotated[str, Meta(min_length=1)] = "usb"


class KeyboardReader(Section, frozen=True, tag="keyboard", tag_field="kind"):
    """A reader that types the number like a keyboard; it is grabbed, so that nothing reaches a console."""

    device: Annotated[str, Meta(min_length=1)]
    format: Literal["hex", "decimal", "decimal-reversed"] = "hex"


class SerialReader(Section, frozen=True, tag="serial", tag_field="kind"):
    """A reader on a serial port: one identifier in hex per line, or the frames of an RDM6300."""

    device: Annotated[str, Meta(min_length=1)]
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] = 9600
    format: Literal["line", "rdm6300"] = "line"


class DeskReader(Section, frozen=True, tag="desk", tag_field="kind"):
    """The badge rack of `clockd demo`; `socket` is where the demo listens."""

    socket: Annotated[str, Meta(min_length=1)]


Reader = PcscReader | NfcReader | KeyboardReader | SerialReader | DeskReader


class Panel(Section, frozen=True):
    """`[panel]`: display, lights and buzzer. Each may be missing; a terminal without any still records."""

    oled: str = "none"
    """A luma.oled device, `none`, or `desk` (the demo's page)."""
    bus: str = "i2c:1:0x3c"
    """`i2c:PORT:ADDRESS` or `spi:PORT:DEVICE`."""
    rotate: Annotated[int, Meta(ge=0, le=3)] = 0
    """Quarter turns."""
    green_led: Gpio | None = None
    red_led: Gpio | None = None
    buzzer: Gpio | None = None
    font: str = ""
    """A font file to draw with; empty: the best one installed."""
    desk_socket: str = ""
    """With `oled = "desk"`: where the demo listens; lights, sound and buttons then go there as well."""


class Button(Section, frozen=True):
    """`[[button]]`: a key between a pin and ground."""

    gpio: Gpio
    action: Action
    client: str = ""
    project: str = ""

    @property
    def target(self) -> Project | None:
        """The project a `project` key switches to."""
        return Project(self.client, self.project) if self.project else None


class Web(Section, frozen=True):
    """`[web]`: where the admin page listens."""

    listen: str = "127.0.0.1:8080"


class Config(Section, frozen=True):
    """The whole file."""

    terminal: Terminal = Terminal()
    clock: Clock = Clock()
    rules: Rules = Rules()
    tracker: Tracker = NoTracker()
    reader: tuple[Reader, ...] = ()
    panel: Panel = Panel()
    button: tuple[Button, ...] = ()
    web: Web = Web()


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with the file, the place, the reason and what to write instead.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file", hint="see README.md for a first configuration") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {error}") from None
    return parse(text, str(path))


def parse(text: str, where: str = "clockd.toml") -> Config:
    """Check the text of a configuration; `where` names it in errors.

    Raises:
        ConfigError: as for `load`.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(where, f"is not TOML: {error}") from None
    _refuse_secrets(raw, where)
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise _explain(str(error), raw, where) from None
    for place, why, hint in _impossible(config):
        raise ConfigError(f"{where}: {place}", why, hint=hint)
    return config


# --- what types alone cannot say --------------------------------------------------------------------------------


def _impossible(config: Config) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reason, suggestion) for each value that has the right type and still cannot be."""
    zones = available_timezones()
    zone = config.terminal.time_zone
    if zone not in zones:
        yield "terminal.time_zone", f"unknown zone {zone!r}", _did_you_mean(zone, zones) or 'as "Europe/Vienna"'
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
    if isinstance(tracker, TimeTrack):
        for key in ("attendance_timer_path", "project_timer_path"):
            value = getattr(tracker, key)
            if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
                yield f"tracker.{key}", f"{value!r} is not a path", 'as "/attendance_timer"'


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
        yield "panel.oled", f"unknown display {panel.oled!r}", _did_you_mean(panel.oled, OLED_DEVICES)
    match panel.bus.split(":"):
        case ["i2c", port, address] if port.isdigit() and _i2c_address(address) is not None:
            pass
        case ["i2c", _, address]:
            yield "panel.bus", f"{address!r} is no I2C address (0x03 to 0x77)", 'as "i2c:1:0x3c"'
        case ["spi", port, device] if port.isdigit() and device.isdigit():
            pass
        case _:
            yield "panel.bus", f"{panel.bus!r} is no bus", 'as "i2c:1:0x3c" or "spi:0:0"'


OLED_DEVICES = ("ssd1306", "ssd1309", "ssd1315", "ssd1322", "ssd1325", "ssd1327", "ssd1362", "sh1106", "sh1107")
"""The monochrome and grey devices of luma.oled that are at least 128×64."""


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


def _refuse_secrets(raw: Mapping[str, object], where: str) -> None:
    tracker = raw.get("tracker")
    if not isinstance(tracker, dict):
        return
    for key in tracker:
        if re.search(r"secret|password|api_?key|token$", key, re.IGNORECASE):
            raise ConfigError(
                f"{where}: tracker.{key}",
                "a secret does not belong into this file",
                hint="put it into a systemd credential or the environment (README.md, “Secrets”)",
            )


# --- errors in words --------------------------------------------------------------------------------------------


def _did_you_mean(word: str, known: object) -> str:
    assert isinstance(known, (set, tuple, list, frozenset))
    lower = {str(k).lower(): str(k) for k in known}
    close = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.5)
    return f"did you mean {lower[close[0]]!r}?" if close else f"one of {', '.join(sorted(lower)[:12])}"


_SECTIONS: dict[str, tuple[type[Section], ...]] = {
    "terminal": (Terminal,),
    "clock": (Clock,),
    "rules": (Rules,),
    "tracker": get_args(Tracker),
    "reader": get_args(Reader),
    "panel": (Panel,),
    "button": (Button,),
    "web": (Web,),
}


def _explain(message: str, raw: Mapping[str, object], where: str) -> ConfigError:
    """Turn msgspec's sentence into ours: the place as the file has it, and the nearest right word."""
    reason, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", reason):
        word = found[1]
        if not key:
            return ConfigError(f"{where}: {word}", "unknown key", hint=_did_you_mean(word, set(_SECTIONS)))
        known = _fields_at(key, raw)
        return ConfigError(f"{where}: {key}.{word}", "unknown key", hint=_did_you_mean(word, known))
    if found := re.fullmatch(r"Object missing required field `(.+)`", reason):
        return ConfigError(f"{where}: {key}.{found[1]}".replace(": .", ": "), "is missing", hint=f"add {found[1]} = …")
    if found := re.fullmatch(r"Invalid value '(.+)'", reason):
        section = key.split(".", 1)[0].split("[", 1)[0]
        if key.endswith(".kind") and section in _SECTIONS:
            kinds = [str(kind.__struct_config__.tag) for kind in _SECTIONS[section]]
            return ConfigError(f"{where}: {key}", f"unknown kind {found[1]!r}", hint=_did_you_mean(found[1], kinds))
    value = _value_at(key, raw)
    shown = "" if value is None or isinstance(value, (dict, list)) else f"; it is {value!r}"
    hint = _did_you_mean(value, _choices(key, raw)) if isinstance(value, str) and _choices(key, raw) else ""
    return ConfigError(f"{where}: {key}" if key else where, reason[0].lower() + reason[1:] + shown, hint=hint)


def _section_types(key: str, raw: Mapping[str, object]) -> tuple[type[Section], ...]:
    """Find the classes a key's section can be, narrowed by its `kind` where it has one."""
    name = re.split(r"[.\[]", key, maxsplit=1)[0]
    types = _SECTIONS.get(name, ())
    place = re.match(r"[a-z]+(\[\d+\]|\[\.\.\.\])?", key)
    section = _value_at(place[0] if place else name, raw)
    kind = section.get("kind") if isinstance(section, dict) else None
    return tuple(t for t in types if t.__struct_config__.tag == kind) or types


def _fields_at(key: str, raw: Mapping[str, object]) -> set[str]:
    return {field for t in _section_types(key, raw) for field in t.__struct_fields__}


def _choices(key: str, raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the words a key allows, or nothing when it is no closed set."""
    field = key.rpartition(".")[2]
    for section in _section_types(key, raw):
        for info in msgspec.structs.fields(section):
            if info.encode_name != field:
                continue
            if isinstance(info.type, type) and issubclass(info.type, Action):
                return tuple(action.value for action in Action)
            return tuple(str(choice) for choice in get_args(info.type) if isinstance(choice, str))
    return ()


def _value_at(key: str, raw: object) -> object:
    for part in re.findall(r"[A-Za-z_]+|\[\d+\]", key):
        if part.startswith("["):
            index = int(part[1:-1])
            raw = raw[index] if isinstance(raw, list) and index < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, dict) else None
    return raw


# --- secrets ----------------------------------------------------------------------------------------------------

SECRETS = (
    "timetrack-api-key",
    "timetrack-api-secret",
    "goodtime-login-email",
    "goodtime-api-password",
    "badge-pepper",
    "web-password",
)


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret's text; it shows itself to nobody but the code that calls `reveal`."""

    _text: str

    def reveal(self) -> str:
        """Return the text. Callers put it into a header or a hash and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where secrets are found: a credentials folder first, then the environment."""

    folder: Path | None
    environ: Mapping[str, str]

    @classmethod
    def of_process(cls) -> "Secrets":
        """The secrets of this process, as systemd or a shell gave them."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return cls(Path(folder) if folder else None, os.environ)

    def find(self, name: str) -> Secret | None:
        """Look a secret up, anew at each call. A trailing line end in a credential file is dropped.

        Args:
            name: one of `SECRETS`.
        """
        assert name in SECRETS, name
        if self.folder is not None:
            try:
                text = (self.folder / name).read_text(encoding="utf-8").rstrip("\r\n")
            except FileNotFoundError:
                text = ""
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"credential {name}", f"cannot be read: {type(error).__name__}") from None
            if text:
                return Secret(text)
        text = self.environ.get("CLOCKD_" + name.upper().replace("-", "_"), "")
        return Secret(text) if text else None

    def need(self, name: str) -> Secret:
        """Look a secret up that must be there.

        Raises:
            ConfigError: it is nowhere.
        """
        secret = self.find(name)
        if secret is None:
            env = "CLOCKD_" + name.upper().replace("-", "_")
            raise ConfigError(f"credential {name}", "is missing", hint=f"LoadCredential={name}:… or {env}=…")
        return secret
