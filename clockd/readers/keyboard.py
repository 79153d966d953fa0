"""Readers that type the identifier like a keyboard ("HID", "wedge"), by evdev.

The device is grabbed: what it types reaches clockd and nothing else, so that no badge number ends in a login prompt.
"""

import errno
import fcntl
import glob
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from clockd import config
from clockd.core.model import Pin, Reading, Tap, Uid
from clockd.core.ports import ReadClock, TellUnread
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.readers.keys import DIGIT, ENTER, EV_KEY, TOP_ROW, TYPED_PAUSE_S, KeyEvent
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped
from clockd.readers.thread import LoopLink, run_in_thread

KIND = "keyboard"
ABSENT_S = 1.0
"""Some readers type the identifier again and again as long as the badge is there."""

_PAUSE_S = TYPED_PAUSE_S + 0.05
"""How long a frame that has begun is waited for before it is looked whether it has ended by the pause."""

EVIOCSCLOCKID = 0x400445A0
"""ioctl of the input layer: which clock stamps the events. _IOW('E', 0xa0, int)."""


class KeyDevice(Protocol):
    """What clockd needs of an input device; evdev's InputDevice, or recorded events in a test."""

    name: str

    def fileno(self) -> int:
        """Readable when events wait."""

    def grab(self) -> None:
        """Keep the events from everybody else; OSError (EBUSY) when somebody else does."""

    def read_keys(self) -> Iterable[KeyEvent]:
        """Take the events that wait; OSError when the device is gone."""

    def close(self) -> None:
        """Let go, which ends the grab."""


class KeyParser(Protocol):
    """What puts keys together: `KeyFrames` or `PinFrames`."""

    @property
    def pending(self) -> bool:
        """Whether `pause` wants to be called while nothing is typed."""

    def feed(self, key: KeyEvent) -> Uid | Pin | Skipped | None:
        """Take the next event."""

    def pause(self, at_s: float) -> Uid | Pin | Skipped | None:
        """Nothing was typed up to `at_s`, in boot time."""


class KeyboardReader:
    """A reader that types; keeps `clockd.core.ports.Reader`.

    Args:
        device: path of the event device, best one below /dev/input/by-id.
        frames: makes what puts its keys together.
        read_clock: takes the reading of a tap.
        open_device: opens the device.
        absent_s: after how long without its identifier a badge has left.
    """

    kind = KIND

    def __init__(
        self,
        device: str,
        frames: Callable[[], "KeyParser"],
        read_clock: ReadClock,
        *,
        open_device: Callable[[str], KeyDevice] | None = None,
        absent_s: float = ABSENT_S,
    ) -> None:
        self.name = device
        self._path = device
        self._frames = frames
        self._read_clock = read_clock
        self._open_device = open_device or _InputDevice
        self._presence = Presence(absent_s)

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        """See `clockd.core.ports.Reader.run`."""

        def work(link: LoopLink) -> None:
            device = _grabbed(self._path, self._open_device)
            try:
                self.name = device.name or self._path
                self._listen(device, link)
            except OSError as error:
                lost = sentence("{device} is lost: {reason}", device=self.name, reason=str(error.strerror))
                raise DeviceError(lost, hint="plug it in again") from None
            finally:
                device.close()

        await run_in_thread(KIND, work, tapped, ready, unread)

    def _listen(self, device: KeyDevice, link: LoopLink) -> None:
        frames = self._frames()
        link.ready()
        while not link.stopping:
            readable = link.wait_readable(device.fileno(), _PAUSE_S if frames.pending else None)
            reading = self._read_clock()
            ended = [frames.feed(key) for key in device.read_keys()] if readable else []
            if not readable:
                ended.append(frames.pause(reading.boottime_s))
            for frame in ended:
                if frame is not None:
                    self._presented(frame, reading, link)

    def _presented(self, frame: Uid | Pin | Skipped, reading: Reading, link: LoopLink) -> None:
        if isinstance(frame, Pin):
            link.tap(frame, reading)
        elif isinstance(frame, Skipped):
            if self._presence.unread(frame.reason, reading.boottime_s):
                link.unread(frame.reason)
        elif self._presence.seen(frame, reading.boottime_s):
            link.tap(frame, reading)


def probe(section: config.KeyboardReader) -> str:
    """Open and grab the device for a moment and say what was found.

    Raises:
        DeviceMissing: there is no such device.
        DeviceForbidden: this user may not open it.
        DeviceError: another program has it, or it is no keyboard.
        PackageMissing: evdev is not installed.
    """
    device = _grabbed(section.device, _InputDevice)
    device.close()
    return f"found: {device.name} at {section.device}"


def _grabbed(path: str, open_device: Callable[[str], KeyDevice]) -> KeyDevice:
    try:
        device = open_device(path)
    except OSError as error:
        raise _why(path, error) from None
    try:
        device.grab()
    except OSError as error:
        device.close()
        raise _why(path, error) from None
    return device


def _why(path: str, error: OSError) -> DeviceError:
    match error.errno:
        case errno.ENOENT | errno.ENXIO | errno.ENODEV:
            there = tuple(sorted(glob.glob("/dev/input/by-id/*-event-kbd")))
            those = sentence("keyboards: {devices}", devices=there)
            hint = those if there else "keyboards: none; is the reader plugged in?"
            return DeviceMissing(sentence("{device} is not there", device=path), hint=hint)
        case errno.EACCES | errno.EPERM:
            return DeviceForbidden(
                sentence("{device} may not be opened by this user", device=path),
                hint="add the user that runs clockd to the group input: sudo usermod -aG input clockd",
            )
        case errno.EBUSY:
            used = sentence("{device} is in use by another program", device=path)
            return DeviceError(used, hint="is clockd running already?")
        case _:
            reason = str(error.strerror)
            return DeviceError(
                sentence("{device} cannot be opened as a keyboard: {reason}", device=path, reason=reason)
            )


class _InputDevice:
    """An event device of Linux, by evdev."""

    def __init__(self, path: str) -> None:
        try:
            import evdev  # the library is needed only where such a reader is configured
        except ImportError:
            raise PackageMissing('reader kind "keyboard"', "keyboard") from None
        self._device: Any = evdev.InputDevice(path)
        self.name = str(self._device.name)
        keys = set(self._device.capabilities().get(EV_KEY, ()))
        if not (keys & DIGIT.keys() and (keys & ENTER or keys >= TOP_ROW.keys())):
            self.close()
            none = sentence("{device} ({name}) has no digits", device=path, name=self.name)
            raise DeviceMissing(none, hint="choose the one …-event-kbd")
        # Boot time, and not the wall clock, which may step between two keys of one frame.
        fcntl.ioctl(self._device.fd, EVIOCSCLOCKID, struct.pack("i", time.CLOCK_BOOTTIME))

    def fileno(self) -> int:
        return int(self._device.fd)

    def grab(self) -> None:
        self._device.grab()

    def read_keys(self) -> Iterable[KeyEvent]:
        return [KeyEvent(e.type, e.code, e.value, e.sec + e.usec / 1e6) for e in self._device.read()]

    def close(self) -> None:
        self._device.close()
