"""The sections of the file: every key with its type, its default and what it means."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from clockd.config.formats import KeyboardFormat, SerialFormat
from clockd.core.model import Action, Project

Day = Annotated[float, Meta(ge=0, le=86400)]
"""Seconds, up to a day."""
Gpio = Annotated[int, Meta(ge=0, le=27)]
"""BCM number of a pin on the 40-pin header."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all sections: frozen, and a key nobody knows is an error."""


Language = Literal["en", "de", "es", "fr", "it", "pl", "tr"]
"""Code of a language; each has a file in `clockd/panel/languages/`, which says whether it is a draft."""
LANGUAGE_CODES: tuple[Language, ...] = get_args(Language)


class TerminalSection(Section, frozen=True):
    """`[terminal]`: which door this is."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] = "clockd"
    time_zone: str = "UTC"
    """IANA name; the wall clock that the trackers are told. The operating system's own zone does not matter."""
    language: Language = "en"
    """What the display says; the admin page and alerts speak English where they do not know it."""
    state_dir: str = "/var/lib/clockd"
    state_in_memory: bool = False
    """Whether `state_dir` may be in memory, and be gone with the power: a demo, a test."""
    control_socket: str = "/run/clockd/control.sock"
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    """Where this door is, in degrees; told to a tracker that takes it (TimeTrack, with whole entries)."""
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None

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


class RulesSection(Section, frozen=True):
    """`[rules]`: what counts as one punch."""

    repeat_s: Day = 10
    """The same badge again within this time is the same punch."""
    max_shift_h: Annotated[float, Meta(ge=1, le=48)] = 14
    """An `in` older than this is a forgotten clock-out; the next tap is an `in` again."""
    undo_s: Day = 30
    """How long after a punch the undo key takes it back."""
    countersign: Literal["off", "tell", "agree"] = "off"
    """What an employee has to say when the office corrects their record. off: nothing. tell: it is shown to them at
    their next tap. agree: it counts when they said yes."""
    countersign_days: Annotated[float, Meta(gt=0, le=366)] = 7
    """With agree: after so many days without an answer it counts, and that nobody answered is written down."""
    notices: Literal["none", "de", "at", "es"] = "none"
    """Of which country's law it is said when a break or a rest was short (`core/notices.py`); nothing is changed."""
    own_record: bool = False
    """Whether the info key shows people a code that opens their own record on the admin page, for two minutes. Only of
    use where they reach that page: see `[web]`."""


class TimeTrack(Section, frozen=True, tag="timetrack", tag_field="kind"):
    """`[tracker]` with `kind = "timetrack"`."""

    url: str
    """Everything before `/attendances`."""
    delivery: Literal["timer", "entries"] = "timer"
    """timer: who is in is seen in TimeTrack at once. entries: closed intervals only."""
    breaks: Literal["gap", "minutes"] = "gap"
    """gap: a break ends one entry and begins another. minutes: one entry with `minutesBreak`."""
    attendance_timer_path: str = "/attendance_timer"
    """Where the attendance timer is; TimeTrack's documents also name `/timers/attendance_timer`."""
    project_timer_path: str = "/timers/project_timer"
    """Where the project timer is; TimeTrack's documents also name `/project_timer`."""
    requests_per_minute: Annotated[int, Meta(ge=1, le=6000)] = 30
    """What the tracker allows in any sliding 60 s, over all users of the key."""
    timeout_s: Annotated[float, Meta(ge=1, le=600)] = 10
    quarantine_s: Annotated[float, Meta(ge=1, le=86400)] = 120
    """How long an answer that cannot be believed rests before the tracker is looked at."""
    on_switch: Literal["send", "hold"] = "hold"
    """Punches left over from another tracker: send them here, or hold them and ask."""
    proxy: str = ""
    """The proxy that leads there, as `http://proxy:3128`, or with its user `http://user@proxy:3128`; empty: none."""
    ca: str = ""
    """A file with the certificate of an authority that is believed besides the system's; empty: none."""


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
    timeout_s: Annotated[float, Meta(ge=1, le=600)] = 10
    quarantine_s: Annotated[float, Meta(ge=1, le=86400)] = 120
    on_switch: Literal["send", "hold"] = "hold"
    proxy: str = ""
    ca: str = ""


class NoTracker(Section, frozen=True, tag="none", tag_field="kind"):
    """`[tracker]` with `kind = "none"`: punches stay here until a tracker is configured, or are exported."""


TrackerSection = TimeTrack | Goodtime | NoTracker


class AnyReader(Section, frozen=True):
    """What every `[[reader]]` has."""

    direction: Literal["in", "out"] | None = None
    """What a badge at this reader means; without it the keys say it, or the last punch does. A key always wins."""


class PcscReader(AnyReader, frozen=True, kw_only=True, tag="pcsc", tag_field="kind"):
    """A PC/SC reader; `name` is a part of its name. Empty: every slot that takes badges."""

    name: str = ""


class NfcReader(AnyReader, frozen=True, kw_only=True, tag="nfc", tag_field="kind"):
    """A reader driven by nfcpy; `path` as nfcpy writes it: `usb`, `tty:S0:pn532`, `udp:127.0.0.1:54321`."""

    path: Annotated[str, Meta(min_length=1)] = "usb"


class KeyboardReader(AnyReader, frozen=True, kw_only=True, tag="keyboard", tag_field="kind"):
    """A reader that types the number like a keyboard; it is grabbed, so that nothing reaches a console."""

    device: Annotated[str, Meta(min_length=1)]
    format: KeyboardFormat = "hex"
    """How it writes the number; pin: not a badge, a PIN pad."""
    layout: Literal["auto", "us", "de", "fr"] = "auto"
    """The country's keyboard for which the reader was set up."""


class SerialReader(AnyReader, frozen=True, kw_only=True, tag="serial", tag_field="kind"):
    """A reader on a serial port: one identifier per line (`line`: in hex), or the frames of an RDM6300."""

    device: Annotated[str, Meta(min_length=1)]
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] = 9600
    format: SerialFormat = "line"


class DeskReader(AnyReader, frozen=True, kw_only=True, tag="desk", tag_field="kind"):
    """The badge rack of `clockd demo`; `socket` is where the demo listens."""

    socket: Annotated[str, Meta(min_length=1)]


ReaderSection = PcscReader | NfcReader | KeyboardReader | SerialReader | DeskReader


OLED_SIZES: Mapping[str, tuple[str, ...]] = {
    "ssd1306": ("128x64", "128x32"),
    "ssd1309": ("128x64",),
    "ssd1315": ("128x64", "128x32"),
    "ssd1322": ("256x64",),
    "ssd1325": ("128x64",),
    "ssd1327": ("128x128",),
    "ssd1362": ("256x64",),
    "sh1106": ("128x64", "128x32"),
    "sh1107": ("128x64", "128x128"),
}
"""The glasses with each device of luma.oled that have room for the pictures; the first is the usual one."""
OLED_DEVICES = tuple(OLED_SIZES)
"""The monochrome and grey devices of luma.oled that are at least 128×32."""


class Panel(Section, frozen=True):
    """`[panel]`: display, lights and buzzer. Each may be missing; a terminal without any still records."""

    oled: str = "none"
    """A luma.oled device, `none`, or `desk` (the demo's page)."""
    size: str = ""
    """Width and height in pixels as it lies, as `128x32`; empty: the device's usual one."""
    bus: str = "i2c:1:0x3c"
    """`i2c:PORT:ADDRESS` or `spi:PORT:DEVICE`."""
    rotate: Annotated[int, Meta(ge=0, le=3)] = 0
    """Quarter turns."""
    green_led: Gpio | None = None
    red_led: Gpio | None = None
    buzzer: Gpio | None = None
    volume: Annotated[int, Meta(ge=0, le=100)] = 100
    """How loud the buzzer is, in percent; 0: silent. One without tones of its own is loud or silent."""
    names: Literal["full", "initials"] = "full"
    """How the display names whoever taps."""
    sleep: str = ""
    """Times of the day at which an idle display is dark, as `20:00-05:00`, several with commas; a tap wakes it."""
    font: str = ""
    """A font file to draw with; empty: the best one installed."""
    desk_socket: str = ""
    """With `oled = "desk"`: where the demo listens; lights, sound and buttons then go there as well."""

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the display in pixels; one of `OLED_SIZES`."""
        width, height = (self.size or OLED_SIZES[self.oled][0]).split("x")
        return int(width), int(height)


class Button(Section, frozen=True):
    """`[[button]]`: a key between a pin and ground."""

    gpio: Gpio
    action: Action
    client: str = ""
    project: str = ""
    """What a `project` key switches to; empty: it pages through what the tracker has, and a badge confirms."""
    time_type: str = ""
    """Goodtime's time type for what begins with this key, by name or id, as `home office`; empty: the tracker's."""

    @property
    def pages(self) -> bool:
        """Whether it is a project key that names nothing, so that it pages through the tracker's projects."""
        return self.action is Action.PROJECT and not self.project and not self.time_type

    @property
    def target(self) -> Project | None:
        """The project a `project` key switches to."""
        return Project(self.client, self.project) if self.project else None


class Relay(Section, frozen=True):
    """`[[relay]]`: something that is switched on for a while: a door's opener, or a bell."""

    gpio: Gpio
    pulse_s: Annotated[float, Meta(ge=0.05, le=60)] = 3
    """For how long it is on."""
    on: Literal["in", "known", "bell"] = "in"
    """in: somebody came in, or back from a break. known: any badge of an employee whose tap is recorded. bell: `at`."""
    at: tuple[str, ...] = ()
    """The local times of a bell, as 07:00."""
    active: Literal["high", "low"] = "high"
    """Which level of the pin switches it on."""

    @property
    def times(self) -> tuple[time, ...]:
        """The times of a bell."""
        return tuple(time.fromisoformat(text) for text in self.at)


class Web(Section, frozen=True):
    """`[web]`: where the admin page listens."""

    listen: str = "127.0.0.1:8080"
    """Address and port. On another address than this machine's own the page is served by https alone: with the files
    below, with a certificate that it makes for itself, or by a proxy in front of it.
    """
    tls_certificate: str = ""
    """A PEM file with the certificate and those that lead to its issuer."""
    tls_key: str = ""
    """Its key, as a PEM file without a passphrase."""
    behind_proxy: bool = False
    """A proxy in front of it speaks https, and says who asks (`X-Forwarded-For`) and how (`X-Forwarded-Proto`)."""
    names: tuple[str, ...] = ()
    """Further names by which browsers reach the page, as `clock.example.com`; addresses and this machine's own name
    need none.
    """


class Update(Section, frozen=True):
    """`[update]`: when the Debian package updates itself, from a source of one's own."""

    not_between: str = ""
    """Times of the day, as `05:00-09:00`, several with commas: nothing is updated while people arrive and leave. An
    update that a person asks for begins at once.
    """


class Keep(Section, frozen=True):
    """`[keep]`: for how long what was recorded is kept."""

    punches_days: Annotated[int, Meta(ge=0, le=36_600)] = 0
    """After so many days a punch is discarded, with all that was said of it, once it is delivered, void or ignored and
    its shift is over. 0: kept for ever.
    """


class Config(Section, frozen=True):
    """The whole file."""

    terminal: TerminalSection = TerminalSection()
    clock: Clock = Clock()
    rules: RulesSection = RulesSection()
    tracker: TrackerSection = NoTracker()
    reader: tuple[ReaderSection, ...] = ()
    panel: Panel = Panel()
    button: tuple[Button, ...] = ()
    relay: tuple[Relay, ...] = ()
    web: Web = Web()
    update: Update = Update()
    keep: Keep = Keep()

    def in_folder(self, state_dir: Path) -> "Config":
        """Return the same terminal with its store elsewhere."""
        terminal = msgspec.structs.replace(self.terminal, state_dir=str(state_dir))
        return msgspec.structs.replace(self, terminal=terminal)
