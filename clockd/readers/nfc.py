"""Readers that nfcpy drives without pcscd: PN532 on a UART, ACR122U, SCL3711, RC-S380, … (hardware/README.md).

nfcpy has no event for "a badge came": the field is looked at again and again, without its own half second of rest.
One look asks for type A (MIFARE, NTAG, DESFire), type B and FeliCa; the kind that was found last is asked for first,
so that a badge that stays costs one question per look. A badge has left when `ABSENT_LOOKS` looks did not see it.
"""

import errno
import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from clockd import config
from clockd.core.model import BadUid, Tap, Uid, Unread
from clockd.core.ports import ReadClock, TellUnread
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped
from clockd.readers.thread import LoopLink, run_in_thread

log = logging.getLogger(__name__)

KIND = "nfc"
TECHNOLOGIES = ("106A", "106B", "212F")
POLL_S = 0.03
"""Rest between two looks."""
ABSENT_LOOKS = 3
"""A badge at the edge of the field is missed now and then."""
MOST_GARBLED_LOOKS = 10
"""So many looks in a row that ended in an error of the driver: the chip is stuck, and is opened anew."""

TOLD_GARBLED_LOOKS = 3
"""So many looks in a row without sense are a badge that cannot be read, or two at once."""

RANDOM = "random"
"""Stands for every random identifier: a phone that lies still would be a new badge at each look."""


class NfcReader:
    """A reader that nfcpy drives; keeps `clockd.core.ports.Reader`.

    Args:
        path: as nfcpy writes it: `usb`, `usb:072f:2200`, `tty:S0:pn532`, `udp:127.0.0.1:54321`.
        read_clock: takes the reading of a tap.
        open_frontend: opens a path; OSError when that fails.
        absent_looks: after how many looks without it a badge has left.
    """

    kind = KIND

    def __init__(
        self,
        path: str,
        read_clock: ReadClock,
        *,
        open_frontend: Callable[[str], Any] | None = None,
        absent_looks: int = ABSENT_LOOKS,
    ) -> None:
        self.name = path
        self._path = path
        self._read_clock = read_clock
        self._open_frontend = open_frontend or _open_frontend
        self._presence = Presence(absent_looks)
        self._looks = 0

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        """See `clockd.core.ports.Reader.run`."""
        field: _Field | None = None

        def work(link: LoopLink) -> None:
            nonlocal field
            field = _Field(_opened(self._path, self._open_frontend))
            try:
                self.name = field.name
                self._watch(field, link)
            except OSError as error:
                lost = sentence("{device} is lost: {reason}", device=self.name, reason=error.strerror or str(error))
                raise DeviceError(lost, hint="plug it in again") from None
            finally:
                field.close()

        await run_in_thread(KIND, work, tapped, ready, unread, nudge=lambda: field.nudge() if field else None)

    def _watch(self, field: "_Field", link: LoopLink) -> None:
        link.ready()
        while not link.stopping:
            seen = field.look(link)
            self._looks += 1
            if isinstance(seen, Uid):
                reading = self._read_clock()
                if self._presence.seen(RANDOM if seen.is_random else seen, self._looks):
                    link.tap(seen, reading)
            elif seen is not None and self._presence.unread(seen.reason, self._looks):
                link.unread(seen.reason)
            link.pause(POLL_S)


class _Field:
    """The field of one open frontend."""

    def __init__(self, frontend: Any) -> None:
        self._frontend = frontend
        self._target = _library().clf.RemoteTarget
        self._technologies = list(TECHNOLOGIES)
        self._garbled = 0
        self.name = str(frontend.device)

    def look(self, link: LoopLink) -> Uid | Skipped | None:
        """Ask each kind of badge once.

        Raises:
            OSError: the device is gone.
            DeviceError: the chip is stuck, or can read nothing of what badges are made of.
        """
        garbled = False
        for technology in tuple(self._technologies):
            if link.stopping:
                return None
            try:
                target = self._frontend.sense(self._target(technology), iterations=1)
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001 - each driver of nfcpy has exceptions of its own, and none checks lengths
                if "unsupported" in str(error):
                    self._drop(technology)
                log.debug("%s: %s: %s", self.name, technology, type(error).__name__)
                garbled = True
                continue
            if target is not None:
                self._technologies.remove(technology)
                self._technologies.insert(0, technology)
                self._garbled = 0
                return uid_of_target(target)
        self._garbled = self._garbled + 1 if garbled else 0
        if self._garbled > MOST_GARBLED_LOOKS:
            nonsense = sentence("{device} answers nonsense", device=self.name)
            raise DeviceError(nonsense, hint="take its power away for a moment")
        # A badge on its way into the field garbles a look or two, and is read by the next.
        return Skipped(Unread.GARBLED) if self._garbled >= TOLD_GARBLED_LOOKS else None

    def _drop(self, technology: str) -> None:
        self._technologies.remove(technology)
        if not self._technologies:
            raise DeviceError(sentence("{device} can read no badge that clockd knows", device=self.name))

    def nudge(self) -> None:
        """End a look that waits for an answer. Only the UDP driver waits long: it hears that the field is off."""
        waiting = getattr(self._frontend.device, "socket", None)
        if isinstance(waiting, socket.socket):
            with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"RFOFF", ("127.0.0.1", waiting.getsockname()[1]))

    def close(self) -> None:
        try:
            self._frontend.close()
        except Exception as error:  # noqa: BLE001 - as above; a device that is gone cannot be put to sleep
            log.debug("%s: closing failed: %s", self.name, type(error).__name__)


def uid_of_target(target: Any) -> Uid | Skipped:
    """Find the identifier in what nfcpy found: the UID of types 1, 2 and 4, the IDm of type 3 (FeliCa)."""
    if target.sdd_res:
        raw = bytes(target.sdd_res)
    elif target.rid_res:
        raw = bytes(target.rid_res[2:6])
    elif target.sensb_res:
        raw = bytes(target.sensb_res[1:5])
    elif target.sensf_res:
        raw = bytes(target.sensf_res[1:9])
        if raw.startswith(b"\x01\xfe"):
            return Skipped(Unread.REFUSED)  # a phone that offers to exchange data
    else:
        return Skipped(Unread.REFUSED)
    try:
        return Uid.of(raw)
    except BadUid:
        return Skipped(Unread.LENGTH)


def probe(section: config.NfcReader) -> str:
    """Open the device for a moment and say what was found. Blocks up to some seconds.

    Raises:
        DeviceMissing: no such device.
        DeviceForbidden: this user may not open it.
        DeviceError: something else has it.
        PackageMissing: nfcpy is not installed.
    """
    field = _Field(_opened(section.path, _open_frontend))
    field.close()
    return f"found: {field.name}"


def _opened(path: str, open_frontend: Callable[[str], Any]) -> Any:
    try:
        return open_frontend(path)
    except DeviceError:
        raise
    except OSError as error:
        raise _why(path, error) from None
    except Exception as error:  # noqa: BLE001 - each driver of nfcpy has exceptions of its own
        kind = type(error).__name__
        raise DeviceError(
            sentence("the NFC reader {path} cannot be opened: {reason}", path=path, reason=kind)
        ) from None


def _open_frontend(path: str) -> Any:
    return _library().ContactlessFrontend(path)


def _why(path: str, error: OSError) -> DeviceError:
    group = "plugdev" if path.startswith("usb") else "dialout"
    forbidden = DeviceForbidden(
        sentence("the NFC reader {path} may not be opened by this user", path=path),
        hint=sentence(
            "install the udev rule from hardware/ and add the user to the group {group}: sudo usermod -aG {group} "
            "clockd",
            group=group,
        ),
    )
    busy = _busy(path, kernel_drivers())
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return forbidden
        case errno.EBUSY:
            return busy
        case errno.ENODEV | errno.ENOENT | errno.ENXIO:
            # A path that names no single device gives this for each of the three reasons.
            match _usb_access(path):
                case True:
                    return busy
                case False:
                    return forbidden
                case None:
                    return DeviceMissing(
                        sentence("no NFC reader at {path}", path=path),
                        hint="plug it in; lsusb, or ls /dev/tty*, shows what is there",
                    )
        case _:
            reason = error.strerror or str(error)
            return DeviceError(sentence("the NFC reader {path} cannot be opened: {reason}", path=path, reason=reason))


def _busy(path: str, drivers: Sequence[str]) -> DeviceError:
    if drivers:
        return DeviceError(
            sentence("the kernel's own driver {drivers} holds the NFC reader", drivers=tuple(drivers)),
            hint=sentence(
                "sudo modprobe -r {drivers}; and for good: sudo cp hardware/clockd.modprobe "
                "/etc/modprobe.d/clockd.conf",
                drivers=" ".join(drivers),
            ),
        )
    return DeviceError(
        sentence("the NFC reader {path} is in use by another program", path=path),
        hint="is clockd running, or pcscd? sudo systemctl disable --now pcscd.socket pcscd",
    )


KERNEL_DRIVERS = ("pn533_usb", "port100", "nfcmrvl_usb")
"""Modules of Linux that take NFC readers for themselves."""


def kernel_drivers(folder: Path = Path("/sys/bus/usb/drivers")) -> list[str]:
    """Return the kernel's NFC drivers that hold a device of USB now."""
    return [name for name in KERNEL_DRIVERS if any((folder / name).glob("[0-9]*-*:*"))]


def _usb_access(path: str) -> bool | None:
    """Whether a reader that nfcpy knows is on USB and may be opened; None when there is none."""
    clf = _library().clf
    for vendor, product, bus, device in clf.transport.USB.find(path) or ():
        if (vendor, product) in clf.device.usb_device_map:
            return os.access(f"/dev/bus/usb/{bus:03}/{device:03}", os.R_OK | os.W_OK)
    return None


def _library() -> ModuleType:
    try:
        import nfc  # the library is needed only where such a reader is configured
        import nfc.clf.transport
    except (ImportError, OSError):  # OSError: libusb is not installed
        raise PackageMissing('reader kind "nfc"', "nfc") from None
    logging.getLogger("nfc").setLevel(logging.WARNING)
    logging.getLogger("nfc.clf").addFilter(_not_said_by_us)
    return nfc  # type: ignore[no-any-return]  # nfcpy has no types


def _not_said_by_us(record: logging.LogRecord) -> bool:
    """Keep back "no reader available", which comes with each attempt to open and is raised as DeviceError anyway."""
    return record.levelno < logging.ERROR
