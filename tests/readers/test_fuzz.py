"""Noise at every kind of reader: nothing raises, nothing grows, and the next badge is read.

A hundred thousand bytes of each in CI, a million in the long suites.
"""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from clockd.core.model import Pin, Uid, Unread
from clockd.core.numbers import NumberForm
from clockd.readers.frames import Frames, LineFrames, Rdm6300Frames
from clockd.readers.keys import KeyEvent, KeyFrames, PinFrames
from clockd.readers.nfc import uid_of_target
from clockd.readers.pcsc import uid_of_answer
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped
from tests.readers.test_frames import rdm6300
from tests.readers.test_texts import ENTER, FIVE, ROW, digits, keys

SHORT, LONG = 100_000, 1_000_000
MOST_HELD = 2048
"""So many bytes and entries at most may a parser and its presence hold, however much noise there was."""
ALPHABET = bytes(range(256)) + b"0123456789ABCDEF\r\n\x02\x03\t:; " * 20


def held(*parts: object) -> int:
    """Count what stands in the containers of these objects."""
    return sum(
        len(value)
        for part in parts
        for value in vars(part).values()
        if isinstance(value, bytes | bytearray | str | list | dict | tuple | set)
    )


def serial_noise(frames: Frames, count: int) -> None:
    """Feed so many bytes, with pauses of every length; then a badge."""
    presence, chance, now = Presence(1.0), random.Random(7), 0.0
    for _ in range(count // 100):
        now += chance.choice((0.0, 0.01, 0.2, 2.0))
        for found in [*frames.feed(bytes(chance.choices(ALPHABET, k=100)), now), *frames.pause(now)]:
            if isinstance(found, Skipped):
                presence.unread(found.reason, now)
            else:
                presence.seen(found, now)
        assert held(frames, presence) <= MOST_HELD
    frames.feed(b"\r\n", now + 10)
    last = frames.feed(b"\x02" + rdm6300(Uid.parse(FIVE))[1:] + b"\r\n", now + 15)
    assert isinstance(last[-1], Uid) or isinstance(frames, LineFrames)


def key_noise(frames: KeyFrames | PinFrames, count: int) -> None:
    """Feed so many events of keys; then a badge or a PIN."""
    chance, now = random.Random(7), 0.0
    codes = [*range(1, 128), *ROW.values(), *ROW.values(), ENTER]
    for _ in range(count):
        now += 0.01
        code = chance.choice(codes)
        frames.feed(KeyEvent(chance.choice((1, 1, 1, 0)), code, chance.choice((0, 1, 1, 2)), now))
        if code == 1:
            frames.pause(now + 2)
    assert held(frames) <= MOST_HELD
    end = keys(ENTER, *digits("0013748911"), ENTER, at_s=now + 60)
    assert isinstance([found for event in end if (found := frames.feed(event))][-1], Uid | Pin)


def answer_noise(read: Callable[[bytes], Uid | Skipped], count: int) -> None:
    """Let a card answer with so many bytes, a few at a time."""
    chance, left = random.Random(7), count
    while left > 0:
        answer = chance.randbytes(chance.randrange(14)) + chance.choice((b"\x90\x00", b"", b"\x63\x00"))
        found = read(answer)
        assert isinstance(found, Uid) or found.reason in Unread
        left -= len(answer) + 1


def of_a_target(answer: bytes) -> Uid | Skipped:
    """Read an answer as what nfcpy has found, in one of its four forms."""
    parts: dict[str, Any] = dict.fromkeys(("sdd_res", "rid_res", "sensb_res", "sensf_res"))
    parts[list(parts)[len(answer) % 4]] = bytearray(answer)
    return uid_of_target(SimpleNamespace(**parts))


KINDS: dict[str, Callable[[int], None]] = {
    "serial, lines": lambda count: serial_noise(LineFrames(), count),
    "serial, decimal": lambda count: serial_noise(LineFrames(NumberForm.DECIMAL), count),
    "serial, rdm6300": lambda count: serial_noise(Rdm6300Frames(), count),
    "keyboard, hex": lambda count: key_noise(KeyFrames(NumberForm.HEX), count // 4),
    "keyboard, decimal": lambda count: key_noise(KeyFrames(NumberForm.DECIMAL), count // 4),
    "PIN pad": lambda count: key_noise(PinFrames(), count // 4),
    "pcsc": lambda count: answer_noise(uid_of_answer, count),
    "nfc": lambda count: answer_noise(of_a_target, count),
}


@pytest.mark.parametrize("kind", KINDS)
def test_noise(kind: str) -> None:
    KINDS[kind](SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_million_bytes_of_noise(kind: str) -> None:
    KINDS[kind](LONG)


class Hoarder(LineFrames):
    """A parser that keeps what it has read."""

    def __init__(self) -> None:
        super().__init__()
        self.hoard = bytearray()

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        self.hoard += data
        return super().feed(data, at_s)


def test_control_a_parser_that_grows_is_seen() -> None:
    with pytest.raises(AssertionError):
        serial_noise(Hoarder(), SHORT)


def test_control_one_that_stumbles_is_seen() -> None:
    with pytest.raises(UnicodeDecodeError):
        answer_noise(lambda answer: Uid(answer.decode("ascii")), SHORT)
