"""One bench per kind of reader: the real reader, and hands that put badges on it, take them away and pull its plug."""

import asyncio
import errno
import os
import socket
import struct
import tty
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from functools import partial, reduce
from operator import xor
from pathlib import Path
from typing import Any

from clockd.core.model import Uid
from clockd.core.numbers import NumberForm
from clockd.core.ports import Reader
from clockd.readers.keyboard import KeyboardReader
from clockd.readers.keys import DIGIT, EV_KEY, EV_SYN, PAD_SIGN_KEYS, SIGN_KEYS, KeyEvent, KeyFrames, PinFrames
from clockd.readers.nfc import NfcReader
from clockd.readers.pcsc import PcscReader
from clockd.readers.serial import SerialReader
from tests.readers.air import Air, Noise, TypeA, TypeF
from tests.readers.clock import Clock
from tests.readers.pcscd import Pcscd
from tests.readers.virtual_card import VirtualCard

UIDS = {
    4: Uid.parse("04A2B3C4"),
    5: Uid.parse("0100AABBCC"),
    7: Uid.parse("04112233445566"),
    8: Uid.parse("0101020304050607"),
    10: Uid.parse("04112233445566778899"),
}
ENTER = 28


class Bench(ABC):
    """What the contract does to a reader, in the words of somebody who stands at the door."""

    reader: Reader
    lengths: tuple[int, ...]
    """The lengths of identifiers that this kind of reader can see."""

    def __init__(self) -> None:
        self.clock = Clock()

    @abstractmethod
    async def present(self, uid: Uid) -> None:
        """Put a badge down; it lies there until `remove`."""

    @abstractmethod
    async def linger(self) -> None:
        """Let so much time pass that the reader has seen the lying badge several times more."""

    @abstractmethod
    async def remove(self) -> None:
        """Take the badge away, and return when the reader can know."""

    async def clear(self) -> None:
        """Take away what lies there, while the reader is closed."""
        await self.remove()

    @abstractmethod
    async def present_unreadable(self) -> None:
        """Present, and take away, what the reader cannot read."""

    @abstractmethod
    async def lose(self) -> None:
        """Pull the reader's plug."""

    @abstractmethod
    async def restore(self) -> None:
        """Plug it in again."""

    @abstractmethod
    async def close(self) -> None:
        """Clear the bench."""


class _Typing(Bench):
    """Readers that only ever send the identifier."""

    _lying: Uid | None = None

    @abstractmethod
    def send(self, uid: Uid) -> None:
        """Send the identifier once."""

    async def say(self, uid: Uid) -> None:
        """Send the identifier once, and return when the reader has taken it."""
        before = self.clock.looks
        self.send(uid)
        # The reader may have taken it together with what it was just reading: then it does not look again.
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await self.clock.looked_at(before)

    async def present(self, uid: Uid) -> None:
        self._lying = uid
        await self.say(uid)

    async def linger(self) -> None:
        assert self._lying
        for _ in range(30):
            self.clock.boottime_s += 0.1
            await self.say(self._lying)

    async def remove(self) -> None:
        self._lying = None
        self.clock.boottime_s += 2


class SerialBench(_Typing):
    """A pty in the place of the port; a link to it, as below /dev/serial/by-id, in the place of its name."""

    def __init__(self, folder: Path, *, rdm6300: bool = False, absent_s: float = 1.0) -> None:
        super().__init__()
        self._link = folder / "port"
        self._rdm6300 = rdm6300
        self.lengths = (5,) if rdm6300 else (4, 5, 7, 8, 10)
        written_as = "rdm6300" if rdm6300 else "line"
        self.reader = SerialReader(str(self._link), 9600, written_as, self.clock.read, absent_s=absent_s)  # type: ignore[arg-type]  # of the two, one
        self._master: int | None = None
        self._plug_in()

    def send(self, uid: Uid) -> None:
        if self._rdm6300:
            self.write(b"\x02%s%02X\x03" % (uid.hex.encode(), reduce(xor, uid.raw)))
        else:
            self.write(uid.hex.encode() + b"\r\n")

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self._master is not None
        os.write(self._master, data)

    async def present_unreadable(self) -> None:
        if self._rdm6300:
            self.write(b"\x020100AABBCC00\x03\x02\x02\x03\x020100AABB")
        else:
            self.write(b"\n\xff\xfe\n04A2B3C\nhello\n" + 500 * b"04" + b"\n04A2B3C\r")

    async def lose(self) -> None:
        assert self._master is not None
        os.close(self._master)
        self._master = None
        self._link.unlink()

    async def restore(self) -> None:
        self._plug_in()

    async def close(self) -> None:
        if self._master is not None:
            os.close(self._master)

    def _plug_in(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._link.symlink_to(os.ttyname(slave))
        os.close(slave)


class RecordedKeyboard:
    """A `KeyDevice` that hands out the events that are written to the other end of its socket."""

    EVENT = struct.Struct("HHid")

    def __init__(self, sock: socket.socket) -> None:
        self.name = "Sycreader RFID Technology Co., Ltd SYC ID&IC USB Reader"
        self.grabbed = False
        self._sock = sock

    def fileno(self) -> int:
        return self._sock.fileno()

    def grab(self) -> None:
        self.grabbed = True

    def read_keys(self) -> Iterable[KeyEvent]:
        data = self._sock.recv(4096 * self.EVENT.size)
        if not data:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return [KeyEvent(*event) for event in self.EVENT.iter_unpack(data)]

    def close(self) -> None:
        self._sock.close()


class KeyboardBench(_Typing):
    """A keyboard whose key strokes are written here."""

    lengths = (4, 5, 7, 8, 10)

    def __init__(self, written_as: NumberForm = NumberForm.HEX, *, absent_s: float = 1.0, pin: bool = False) -> None:
        super().__init__()
        self._there = True
        self._cable, self._plug = socket.socketpair()
        self.devices: list[RecordedKeyboard] = []
        self.reader = KeyboardReader(
            "/dev/input/by-id/usb-Reader-event-kbd",
            PinFrames if pin else partial(KeyFrames, written_as),
            self.clock.read,
            open_device=self._open,
            absent_s=absent_s,
        )

    def send(self, uid: Uid) -> None:
        self.type(uid.hex)

    def type(self, digits: str, *, enter: bool = True) -> None:
        """Press and release the keys of a frame, 10 ms apart."""
        keys = DIGIT | SIGN_KEYS | PAD_SIGN_KEYS
        codes = [next(code for code, digit in keys.items() if digit == d) for d in digits] + [ENTER] * enter
        events = b""
        for n, code in enumerate(codes):
            at_s = self.clock.boottime_s + n / 100
            events += RecordedKeyboard.EVENT.pack(EV_KEY, code, 1, at_s)
            events += RecordedKeyboard.EVENT.pack(EV_SYN, 0, 0, at_s)
            events += RecordedKeyboard.EVENT.pack(EV_KEY, code, 0, at_s)
        self._cable.sendall(events)

    async def present_unreadable(self) -> None:
        self.type("04A2B3C")
        self.type("")
        self.type("0" * 300)
        self.type("04A2B3C4D5", enter=False)
        self.clock.boottime_s += 5

    async def lose(self) -> None:
        self._there = False
        await self.close()

    async def restore(self) -> None:
        self._there = True
        self._cable, self._plug = socket.socketpair()

    async def close(self) -> None:
        self._cable.close()
        self._plug.close()

    def _open(self, path: str) -> RecordedKeyboard:
        if not self._there:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        self.devices.append(RecordedKeyboard(self._plug.dup()))
        return self.devices[-1]


class NfcBench(Bench):
    """nfcpy's UDP driver, and badges that answer it. What UDP cannot do, be unplugged, is done between them."""

    lengths = (4, 7, 8, 10)

    def __init__(self, air: Air, *, absent_looks: int = 3) -> None:
        super().__init__()
        self.air = air
        self._there = True
        self.reader = NfcReader(
            f"udp:127.0.0.1:{air.port}", self.clock.read, open_frontend=self._open, absent_looks=absent_looks
        )

    async def present(self, uid: Uid) -> None:
        self.air.badge = TypeF(uid.raw) if len(uid.raw) == 8 else TypeA(uid.raw)

    async def linger(self) -> None:
        await self.air.asked(20)

    async def remove(self) -> None:
        self.air.badge = None
        await self.air.asked(15)

    async def clear(self) -> None:
        self.air.badge = None

    async def present_unreadable(self) -> None:
        self.air.badge = Noise()
        await self.air.asked(12)
        await self.remove()

    async def lose(self) -> None:
        self._there = False

    async def restore(self) -> None:
        self._there = True

    async def close(self) -> None:
        self.air.close()

    def _open(self, path: str) -> Any:
        import nfc

        if not self._there:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return _Unpluggable(nfc.ContactlessFrontend(path), self)

    @property
    def there(self) -> bool:
        """Whether the plug is in."""
        return self._there


class _Unpluggable:
    """A frontend of nfcpy whose device can vanish."""

    def __init__(self, frontend: Any, bench: NfcBench) -> None:
        self._frontend = frontend
        self._bench = bench
        self.device = frontend.device

    def sense(self, *targets: Any, **options: Any) -> Any:
        if not self._bench.there:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return self._frontend.sense(*targets, **options)

    def close(self) -> None:
        self._frontend.close()


class PcscBench(Bench):
    """A real pcscd with a virtual reader, and badges that answer it."""

    lengths = (4, 7, 8, 10)

    def __init__(self, service: Pcscd) -> None:
        super().__init__()
        self._service = service
        self._badge = AsyncExitStack()
        self._card: VirtualCard | None = None
        self.reader = PcscReader("virtual pcd 00 00", self.clock.read)

    async def present(self, uid: Uid) -> None:
        self._card = await self._badge.enter_async_context(VirtualCard(uid, port=self._service.port))

    async def linger(self) -> None:
        assert self._card
        await self._card.polled(2)

    async def remove(self) -> None:
        await self._badge.aclose()

    async def present_unreadable(self) -> None:
        card = VirtualCard(b"", port=self._service.port, answer=lambda: b"\x63\x00")
        async with card:
            await card.asked(3)

    async def lose(self) -> None:
        self._service.stop()
        await self.remove()

    async def restore(self) -> None:
        self._service.start()

    async def close(self) -> None:
        await self._badge.aclose()
