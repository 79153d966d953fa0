"""What desk and daemon say to each other: JSON lines over a Unix socket.

A line from the desk is a `Down`, a line from the daemon an `Up`. Each line may carry several fields; a field that is
missing says nothing. Unknown fields are ignored, so that either side may learn more later.
"""

import msgspec
from msgspec import UNSET, UnsetType

WIDTH, HEIGHT = 128, 64
"""The display, in pixels."""

FRAME_BYTES = WIDTH * HEIGHT // 8
"""One bit per pixel, rows from the top, the leftmost pixel in the highest bit; 1 is lit."""

DESK_LINE_BYTES = 16_384
"""No honest line is longer; a frame takes about 1,400."""


class Down(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the desk to the daemon."""

    tap: str | None = None
    """A badge was held to the reader: its identifier in hex."""
    press: int | None = None
    """A key was pressed: the GPIO it is wired to."""


class BothLights(msgspec.Struct, frozen=True):
    """Both lights as they are now."""

    green: bool
    red: bool


class Sound(msgspec.Struct, frozen=True):
    """A tone that begins now."""

    hz: float
    ms: float | None = None
    """How long; None until another sound or silence comes."""


class Up(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the daemon to the desk."""

    frame: bytes | None = None
    """The display's picture, `FRAME_BYTES` long (base64 in JSON)."""
    text: str | None = None
    """The same in words, for people who hear the page instead of seeing it."""
    lights: BothLights | None = None
    sound: Sound | UnsetType | None = UNSET
    """None: silence."""


def line(message: Down | Up) -> bytes:
    """Put a message on a line."""
    return msgspec.json.encode(message) + b"\n"


def down(text: bytes) -> Down | None:
    """Read a line from the desk; None for a line that is none."""
    try:
        return msgspec.json.decode(text, type=Down)
    except msgspec.DecodeError:
        return None


def up(text: bytes) -> Up | None:
    """Read a line from the daemon; None for a line that is none, or a picture of the wrong size."""
    try:
        message = msgspec.json.decode(text, type=Up)
    except msgspec.DecodeError:
        return None
    return None if message.frame is not None and len(message.frame) != FRAME_BYTES else message
