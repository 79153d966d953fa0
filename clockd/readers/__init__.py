"""Badge readers: a badge in, a `Tap` out. One module per kind; each keeps `clockd.core.ports.Reader`.

    open_reader, probe      what the daemon and `clockd check` call
    pcsc, nfc               told when a badge leaves: one tap per presentation
    serial, keyboard        told nothing: a badge that was not heard for a second has left
    frames, keys, presence  pure: bytes and key events -> identifiers; when the same badge is the same presentation
    thread                  a device in a thread of its own, its taps in the event loop

A library is imported when a reader of its kind is opened, and never before.
"""

from collections.abc import Callable
from functools import partial
from typing import assert_never

from clockd import config
from clockd.core import ports
from clockd.core.numbers import NumberForm
from clockd.readers import keyboard, nfc, pcsc, serial
from clockd.readers.keys import KeyFrames, Layout, PinFrames

RealSection = config.PcscReader | config.NfcReader | config.KeyboardReader | config.SerialReader
"""A `[[reader]]` that is made of metal; the desk reader of the demo is not."""


def open_reader(section: RealSection, read_clock: ports.ReadClock) -> ports.Reader:
    """Make the reader of a `[[reader]]` section. Nothing is opened before its `run`."""
    match section:
        case config.PcscReader():
            return pcsc.PcscReader(section.name, read_clock)
        case config.NfcReader():
            return nfc.NfcReader(section.path, read_clock)
        case config.KeyboardReader():
            return keyboard.KeyboardReader(section.device, _key_frames(section), read_clock)
        case config.SerialReader():
            return serial.SerialReader(section.device, section.baud, section.format, read_clock)
        case _:
            assert_never(section)


def _key_frames(section: config.KeyboardReader) -> Callable[[], keyboard.KeyParser]:
    if section.format == "pin":
        return PinFrames
    return partial(KeyFrames, NumberForm(section.format), Layout(section.layout))


def probe(section: RealSection) -> str:
    """Look for the reader of a `[[reader]]` section and say in one line what was found. Blocks up to some seconds.

    Raises:
        DeviceMissing: it is not there; the hint says what is, or what to start.
        DeviceForbidden: it is there, and this user may not open it; the hint says what to do about it.
        PackageMissing: its library is not installed.
        DeviceError: it is in use by another program, or answers strangely.
    """
    match section:
        case config.PcscReader():
            return pcsc.probe(section)
        case config.NfcReader():
            return nfc.probe(section)
        case config.KeyboardReader():
            return keyboard.probe(section)
        case config.SerialReader():
            return serial.probe(section)
        case _:
            assert_never(section)
