"""Readers on a serial port, by pyserial: identifiers as lines, or the frames of an RDM6300.

Such readers say nothing when a badge leaves; most repeat the identifier as long as it is there. A badge that was not
heard for `ABSENT_S` has left.
"""

import errno
import glob
import termios
from collections.abc import Callable
from types import ModuleType
from typing import Any

from clockd import config
from clockd.config.formats import SerialFormat
from clockd.core.model import Tap
from clockd.core.numbers import NumberForm
from clockd.core.ports import ReadClock, TellUnread
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.readers.frames import END_PAUSE_S, Frames, LineFrames, Rdm6300Frames
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped
from clockd.readers.thread import LoopLink, run_in_thread

KIND = "serial"
ABSENT_S = 1.0
"""An RDM6300 repeats its frame about every 100 ms, slow ones twice a second."""
CHUNK_BYTES = 256
_PAUSE_S = END_PAUSE_S + 0.05
"""How long a frame that has begun is waited for before it is looked whether it has ended by the pause."""


class SerialReader:
    """A reader on a serial port; keeps `clockd.core.ports.Reader`.

    Args:
        device: path of the port, best one below /dev/serial/by-id.
        baud: its speed; 8 data bits, no parity, one stop bit.
        written_as: `line` (in hex), `rdm6300`, or the notation of its lines.
        read_clock: takes the reading of a tap.
        absent_s: after how long without its identifier a badge has left.
    """

    kind = KIND

    def __init__(
        self,
        device: str,
        baud: int,
        written_as: SerialFormat,
        read_clock: ReadClock,
        *,
        absent_s: float = ABSENT_S,
    ) -> None:
        self.name = device
        self._baud = baud
        self._written_as = written_as
        self._read_clock = read_clock
        self._presence = Presence(absent_s)

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        """See `clockd.core.ports.Reader.run`."""

        def work(link: LoopLink) -> None:
            port = _open(_library(), self.name, self._baud)
            try:
                self._listen(port, link)
            except OSError as error:
                lost = sentence("{device} is lost: {reason}", device=self.name, reason=_reason(error))
                raise DeviceError(lost, hint="plug it in again") from None
            finally:
                port.close()

        await run_in_thread(KIND, work, tapped, ready, unread)

    def _listen(self, port: Any, link: LoopLink) -> None:
        frames = self._frames()
        link.ready()
        while not link.stopping:
            readable = link.wait_readable(port.fileno(), _PAUSE_S if frames.pending else None)
            reading = self._read_clock()
            at_s = reading.boottime_s
            for frame in frames.feed(port.read(CHUNK_BYTES), at_s) if readable else frames.pause(at_s):
                if isinstance(frame, Skipped):
                    if self._presence.unread(frame.reason, at_s):
                        link.unread(frame.reason)
                elif self._presence.seen(frame, at_s):
                    link.tap(frame, reading)

    def _frames(self) -> Frames:
        match self._written_as:
            case "rdm6300":
                return Rdm6300Frames()
            case "line":
                return LineFrames()
            case number:
                return LineFrames(NumberForm(number))


def probe(section: config.SerialReader) -> str:
    """Open the port and say what was found. Blocks for a moment.

    Raises:
        DeviceMissing: there is no such port.
        DeviceForbidden: this user may not open it.
        DeviceError: another program has it.
        PackageMissing: pyserial is not installed.
    """
    _open(_library(), section.device, section.baud).close()
    return f"found: {section.device} ({section.baud} baud, {section.format})"


def _open(library: Any, device: str, baud: int) -> Any:
    try:
        # exclusive: two readers of one port would each get half of every frame.
        return library.Serial(device, baud, timeout=0, exclusive=True)
    except (OSError, ValueError, termios.error) as error:
        raise _why(device, error) from None


def _why(device: str, error: Exception) -> DeviceError:
    match getattr(error, "errno", None):
        case errno.ENOENT | errno.ENXIO | errno.ENODEV:
            there = tuple(sorted(glob.glob("/dev/serial/by-id/*")))
            those = sentence("serial ports: {devices}", devices=there)
            hint = those if there else "serial ports: none by id; ls /dev/tty*"
            return DeviceMissing(sentence("{device} is not there", device=device), hint=hint)
        case errno.EACCES | errno.EPERM:
            return DeviceForbidden(
                sentence("{device} may not be opened by this user", device=device),
                hint="add the user that runs clockd to the group dialout: sudo usermod -aG dialout clockd",
            )
        case errno.EBUSY | errno.EAGAIN:
            return DeviceError(
                sentence("{device} is in use by another program", device=device),
                hint="is clockd running, or a login console on it? sudo raspi-config, Interface Options, Serial Port",
            )
        case _:
            reason = _reason(error)
            return DeviceError(
                sentence("{device} cannot be opened as a serial port: {reason}", device=device, reason=reason)
            )


def _reason(error: Exception) -> str:
    return str(error).partition("(")[0].strip().rstrip(":") or type(error).__name__


def _library() -> ModuleType:
    try:
        import serial  # the library is needed only where such a reader is configured
    except ImportError:
        raise PackageMissing('reader kind "serial"', "serial") from None
    return serial  # type: ignore[no-any-return]  # pyserial has no types
