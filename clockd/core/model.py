"""The nouns of clockd. All are frozen: a fact does not change, another fact is added.

Times are aware UTC datetimes in names that end in `_at`, naive wall-clock times in names that end in `_local`,
seconds in names that end in `_s`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from clockd.core.sentence import sentence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

UID_BYTES = (3, 4, 5, 7, 8, 10)
"""ISO 14443 has 4, 7 and 10 bytes; 125 kHz (EM4100) has 5, of which some readers give 4 or 3; a FeliCa IDm has 8."""


class BadUid(ValueError):
    """A text is no badge identifier; the message says why and never repeats the text."""


@dataclass(frozen=True, slots=True, repr=False)
class Uid:
    """A badge's whole identifier in canonical form: upper-case hex, no separators, never shortened.

    Its `repr` and `str` show the last four digits only, so that no log or traceback can hold a badge.
    """

    hex: str

    @classmethod
    def parse(cls, text: str) -> "Uid":
        """Read an identifier as people write it (`04:a2:…`, `04-A2…`, `0x04A2…`, `04 a2`).

        Raises:
            BadUid: it is not hexadecimal, or has a length that no badge has.
        """
        digits = text.strip().removeprefix("0x").removeprefix("0X")
        for separator in (":", "-", " ", "."):
            digits = digits.replace(separator, "")
        try:
            raw = bytes.fromhex(digits)
        except ValueError:
            raise BadUid("not hexadecimal") from None
        return cls.of(raw)

    @classmethod
    def of(cls, raw: bytes) -> "Uid":
        """Take the bytes a reader delivered, most significant first.

        Raises:
            BadUid: they are so many as no badge has.
        """
        if len(raw) not in UID_BYTES:
            lengths = ", ".join(str(n) for n in UID_BYTES)
            raise BadUid(sentence("{count} bytes long; badges have {lengths}", count=len(raw), lengths=lengths))
        return cls(raw.hex().upper())

    @property
    def raw(self) -> bytes:
        """The identifier as bytes."""
        return bytes.fromhex(self.hex)

    @property
    def tail(self) -> str:
        """The last four digits: enough for a person to tell two badges apart, too few to copy one."""
        return self.hex[-4:]

    @property
    def ends(self) -> "tuple[Uid, ...]":
        """The shorter identifiers that other readers give of the same badge, the longest first.

        A badge of 125 kHz (EM4100) is read whole at one reader (five bytes), and without its first or its first two
        bytes at another.
        """
        if len(self.raw) not in (4, 5) or self.is_random:
            return ()
        return tuple(Uid.of(self.raw[-length:]) for length in range(len(self.raw) - 1, 2, -1))

    @property
    def is_random(self) -> bool:
        """Whether it changes at every tap (ISO 14443-3: four bytes, of which the first is 08)."""
        return len(self.hex) == 8 and self.hex.startswith("08")

    def __repr__(self) -> str:
        return f"Uid(…{self.tail})"

    __str__ = __repr__


PIN_DIGITS = range(4, 13)
"""How many digits a PIN may have."""


@dataclass(frozen=True, slots=True, repr=False)
class Pin:
    """A number that somebody types in the place of a forgotten badge. Never one with a badge's identifier."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> "Pin":
        """Take the digits that were typed.

        Raises:
            BadUid: they are no PIN; the message never repeats them.
        """
        if not (text.isascii() and text.isdecimal()):
            raise BadUid("not digits alone")
        if len(text) not in PIN_DIGITS:
            raise BadUid(
                sentence(
                    "{count} digits; a PIN has {fewest} to {most}",
                    count=len(text),
                    fewest=PIN_DIGITS.start,
                    most=PIN_DIGITS.stop - 1,
                )
            )
        return cls(text)

    @property
    def tail(self) -> str:
        """What stands for it in lists: nothing of it, since four digits can be all of it."""
        return "PIN"

    @property
    def is_random(self) -> bool:
        """Never: it is the same each time."""
        return False

    @property
    def ends(self) -> tuple[Uid, ...]:
        """None: a PIN has no shorter form."""
        return ()

    def __repr__(self) -> str:
        return "Pin(…)"

    __str__ = __repr__


class Unread(StrEnum):
    """Why what a reader got is no badge."""

    TORN = "torn in its middle"
    """Picked up halfway, or the badge was taken away too soon."""
    LENGTH = "of a length that no badge has"
    TOO_LONG = "too long"
    FOREIGN = "not in the reader's format"
    """Other characters or keys than the configured format has."""
    CHECKSUM = "wrong checksum"
    REFUSED = "the card gives no identifier"
    """A card that answers, and refuses the question, as contact cards and some phones do."""
    MUTE = "the card does not answer"
    LOST = "a part was lost"
    """The kernel dropped keys, since nobody took them in time."""
    GARBLED = "the answer makes no sense"


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks, taken together at the moment something happened."""

    wall_at: datetime
    """CLOCK_REALTIME as aware UTC: what this machine took for the time."""
    boottime_s: float
    """CLOCK_BOOTTIME in seconds: never steps, counts through suspend, starts at 0 with each boot."""
    boot_id: str
    """The kernel's id of this boot."""
    boot_seq: int
    """Our own count of boots, strictly growing over the life of the state directory."""
    trusted: bool
    """Whether the wall clock was known to be right at that moment (synchronised, or trusted by configuration)."""

    @property
    def wall_us(self) -> int:
        """The wall clock in microseconds since 1970, exactly."""
        return (self.wall_at - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Tap:
    """A badge seen by a reader. The moment of the punch is the reading in it."""

    uid: Uid | Pin
    reader: str
    """The kind of the reader, such as `pcsc`."""
    reading: Reading
    direction: "Kind | None" = None
    """What a tap at this reader means, `in` or `out`; None where the reader stands for neither."""


class Kind(StrEnum):
    """What a punch says."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    RESUME = "resume"
    PROJECT = "project"


class Action(StrEnum):
    """What a button asks for: the values of `action` in a `[[button]]` of the configuration."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    RESUME = "resume"
    PROJECT = "project"
    UNDO = "undo"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Project:
    """A project as TimeTrack names it: by client and project name; Goodtime uses the project's name alone."""

    client: str
    name: str

    def __str__(self) -> str:
        return f"{self.client} / {self.name}" if self.client else self.name


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A button was pressed; it gives the next tap its direction for a few seconds."""

    action: Action
    project: Project | None
    reading: Reading
    time_type: str | None = None
    """The time type that is worked on from then on (Goodtime); None where the key names none."""


@dataclass(frozen=True, slots=True)
class Employee:
    """Who a badge belongs to."""

    username: str
    """The tracker's name for the person: TimeTrack's username, Goodtime's login e-mail."""
    name: str
    """What the panel shows; the username when nothing better is known."""


class ClockQuality(StrEnum):
    """How far a punch's time can be believed, as `clockd punches --json` says it in `clock`."""

    SYNCHRONIZED = "synchronized"
    CORRECTED = "corrected"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The span in which the true moment of an uncertain punch must lie; an open end is None."""

    earliest_at: datetime | None
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Punch:
    """A punch as it counts now: the recorded fact with every later correction applied.

    The raw fact stays in the ledger; this is the view that decisions and deliveries work on.
    """

    seq: int
    """Position in the ledger; with `boot_seq` the true order of punches, whatever the wall clock said."""
    id: str
    """ULID, made at the tap."""
    username: str | None
    """None while the badge belongs to nobody."""
    kind: Kind | None
    """None while the badge belongs to nobody and no key was pressed."""
    explicit: bool
    """True when a key gave the direction, False when it was toggled."""
    project: Project | None
    at: datetime
    """The best known true time."""
    offset_s: int
    """UTC offset of the zone at that time, frozen with the punch."""
    zone: str
    """IANA zone of the terminal at that time."""
    clock: ClockQuality
    bounds: Bounds | None
    """Set for uncertain punches only."""
    reading: Reading
    """The raw clocks of the tap."""
    terminal: str
    reader: str
    badge_tail: str
    """The badge's last four digits, for people; empty when the punch was not made with a badge."""
    voided: bool
    """A person took it back (undo, or `clockd punches void`)."""
    time_type: str | None = None
    """The time type that is worked on from then on (Goodtime), by name or id; None: the usual one."""

    @property
    def local(self) -> datetime:
        """The naive wall-clock time at the terminal, as the person saw it."""
        return (self.at + timedelta(seconds=self.offset_s)).replace(tzinfo=None)
