"""The other side of nfcpy's UDP driver: badges as they answer over the air (ISO 14443-3, FeliCa), byte by byte.

An empty field answers each question with "RFOFF", as a device that switches its own field off does, so that the
driver does not wait its full second for nobody.
"""

import asyncio
from dataclasses import dataclass
from functools import reduce
from operator import xor


@dataclass(frozen=True, slots=True)
class TypeA:
    """ISO 14443 type A (MIFARE, NTAG, DESFire), 4, 7 or 10 bytes."""

    uid: bytes

    def answer(self, brty: str, asked: bytes) -> bytes | None:
        """The bytes that go over the air, None for silence."""
        if brty != "106A":
            return None
        levels = self._levels()
        match asked[0], asked[1:2]:
            case 0x26, b"":
                return bytes([{1: 0x04, 2: 0x44, 3: 0x84}[len(levels)], 0x00])
            case (0x93 | 0x95 | 0x97) as level, b"\x20":
                return levels[(level - 0x93) // 2]
            case (0x93 | 0x95 | 0x97) as level, b"\x70":
                more = (level - 0x93) // 2 < len(levels) - 1
                return b"\x04" if more else b"\x00"
            case _:
                return None

    def _levels(self) -> list[bytes]:
        """The identifier as it is told: four bytes at a time, with 88 as "there is more", and a check byte each."""
        rest, parts = self.uid, []
        while len(rest) > 4:
            parts.append(b"\x88" + rest[:3])
            rest = rest[3:]
        return [part + bytes([reduce(xor, part)]) for part in [*parts, rest]]


@dataclass(frozen=True, slots=True)
class Type1:
    """Topaz: type A whose identifier is asked for in another way."""

    uid: bytes

    def answer(self, brty: str, asked: bytes) -> bytes | None:
        """See TypeA."""
        if brty != "106A":
            return None
        if asked == b"\x26":
            return b"\x00\x0c"
        return b"\x11\x48" + self.uid if asked[0] == 0x78 else None


@dataclass(frozen=True, slots=True)
class TypeB:
    """ISO 14443 type B, 4 bytes."""

    uid: bytes

    def answer(self, brty: str, asked: bytes) -> bytes | None:
        """See TypeA."""
        return b"\x50" + self.uid + bytes(7) if brty == "106B" and asked[0] == 0x05 else None


@dataclass(frozen=True, slots=True)
class TypeF:
    """FeliCa, whose IDm has 8 bytes."""

    idm: bytes

    def answer(self, brty: str, asked: bytes) -> bytes | None:
        """See TypeA."""
        if brty != "212F" or asked[1:2] != b"\x00":
            return None
        return bytes([20, 1]) + self.idm + bytes(8) + b"\x12\xfc"


@dataclass(frozen=True, slots=True)
class Noise:
    """A badge that moves too fast: what arrives is no answer."""

    datagrams: tuple[bytes, ...] = (b"106A", b"106A zz", b"\xff\xff 00", b"106A ", b"106A 4400 4400")


Badge = TypeA | Type1 | TypeB | TypeF | Noise


class Air(asyncio.DatagramProtocol):
    """The field of the reader at `udp:127.0.0.1:<port>`; `badge` is what lies in it."""

    def __init__(self) -> None:
        self.badge: Badge | None = None
        self.questions = 0
        """How often a kind of badge was asked for: up to three times in each look."""
        self._news = asyncio.Event()

    async def open(self) -> None:
        """Begin to answer."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Stop answering."""
        self._transport.close()

    async def asked(self, times: int) -> None:
        """Wait until a kind of badge was asked for this often from now on."""
        goal = self.questions + times
        while self.questions < goal:
            self._news.clear()
            await self._news.wait()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question of the driver."""
        brty, _, digits = data.decode().partition(" ")
        if brty == "RFOFF":
            return
        if digits in ("26", "050010") or (brty == "212F" and digits.startswith("06")):
            self.questions += 1
            self._news.set()
        self._transport.sendto(self._answer(brty, bytes.fromhex(digits)), addr)

    def _answer(self, brty: str, asked: bytes) -> bytes:
        if isinstance(self.badge, Noise):
            return self.badge.datagrams[self.questions % len(self.badge.datagrams)]
        said = self.badge.answer(brty, asked) if self.badge else None
        return b"RFOFF" if said is None else f"{brty} {said.hex()}".encode()
