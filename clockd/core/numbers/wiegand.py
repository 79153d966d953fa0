"""Wiegand layouts: how facility and card number lie in the bits that a reader sends to an access control panel.

A layout is data: the length, where the two numbers are, and which bits each parity bit covers. What identifies the
badge is what is left without the parity bits, right-aligned in as many bytes as it needs.
"""

from dataclasses import dataclass, field

from clockd.core.model import UID_BYTES, BadUid, Uid
from clockd.core.sentence import sentence


@dataclass(frozen=True, slots=True)
class Parity:
    """One parity bit; places count from 0, the first bit that is sent."""

    place: int
    odd: bool
    over: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BitLayout:
    """One way to lay facility and card number out in bits."""

    name: str
    bits: int
    facility: tuple[int, int]
    """First place and length; length 0 where the layout has none."""
    card: tuple[int, int]
    parities: tuple[Parity, ...] = field(default=())
    """In the order in which they are computed: a later one may cover an earlier one."""

    @property
    def payload_places(self) -> list[int]:
        """The places that are no parity bits."""
        parity = {each.place for each in self.parities}
        return [place for place in range(self.bits) if place not in parity]

    def of_numbers(self, facility: int, card: int) -> str:
        """Lay out the two numbers; return the bits as text, first one first.

        Raises:
            BadUid: a number is too large for this layout.
        """
        bits = [0] * self.bits
        for value, (first, length) in ((facility, self.facility), (card, self.card)):
            if value >> length:
                raise BadUid(sentence("more than {length} bits for {name}", length=length, name=self.name))
            for n in range(length):
                bits[first + n] = value >> (length - 1 - n) & 1
        return self._with_parity(bits)

    def of_uid(self, uid: Uid) -> str | None:
        """Return the bits whose payload is this identifier; None when it has another length."""
        places = self.payload_places
        value = int.from_bytes(uid.raw, "big")
        if _bytes_for(len(places)) != len(uid.raw) or value >> len(places):
            return None
        bits = [0] * self.bits
        for n, place in enumerate(reversed(places)):
            bits[place] = value >> n & 1
        return self._with_parity(bits)

    def uid_of(self, text: str) -> Uid:
        """NumberRead the bits, and check their parity.

        Raises:
            BadUid: another length, or a parity bit is wrong.
        """
        if len(text) != self.bits or set(text) - {"0", "1"}:
            raise BadUid(sentence("not {bits} bits", bits=self.bits))
        bits = [int(bit) for bit in text]
        if self._with_parity(list(bits)) != text:
            raise BadUid("a parity bit is wrong")
        payload = int("".join(text[place] for place in self.payload_places), 2)
        return Uid.of(payload.to_bytes(_bytes_for(len(self.payload_places)), "big"))

    def numbers_of(self, text: str) -> tuple[int, int]:
        """Return facility and card number of bits."""
        facility, card = (text[first : first + length] for first, length in (self.facility, self.card))
        return int(facility or "0", 2), int(card, 2)

    def _with_parity(self, bits: list[int]) -> str:
        for parity in self.parities:
            bits[parity.place] = (sum(bits[place] for place in parity.over) + parity.odd) % 2
        return "".join(map(str, bits))


def _bytes_for(bits: int) -> int:
    return next(count for count in UID_BYTES if 8 * count >= bits)


def _even_odd(bits: int, half: int, odd_from: int) -> tuple[Parity, ...]:
    """The usual pair: even over the first half, which it leads, and odd over the second, which it ends."""
    even = Parity(0, odd=False, over=tuple(range(1, 1 + half)))
    return even, Parity(bits - 1, odd=True, over=tuple(range(odd_from, bits - 1)))


def _two_of_three(bits: int, begin: int, without: int) -> tuple[int, ...]:
    """Two places of each three from `begin` on, up to the last but one."""
    return tuple(place for place in range(begin, bits - 1) if (place - begin) % 3 != without)


LAYOUTS = (
    BitLayout("wiegand-26", 26, (1, 8), (9, 16), _even_odd(26, 12, 13)),
    BitLayout("indala-26", 26, (1, 12), (13, 12), _even_odd(26, 12, 13)),
    BitLayout("wiegand-30", 30, (1, 12), (13, 16), _even_odd(30, 12, 13)),
    BitLayout("wiegand-32", 32, (4, 12), (16, 16)),
    BitLayout("wiegand-33", 33, (1, 7), (8, 24), _even_odd(33, 16, 16)),
    BitLayout("wiegand-34", 34, (1, 16), (17, 16), _even_odd(34, 16, 17)),
    BitLayout("bqt-34", 34, (1, 8), (9, 24), _even_odd(34, 16, 17)),
    BitLayout(
        "corporate-1000-35",
        35,
        (2, 12),
        (14, 20),
        (
            Parity(1, odd=False, over=_two_of_three(35, 2, 2)),
            Parity(34, odd=True, over=tuple(place for place in range(1, 33) if place % 3 != 0)),
            Parity(0, odd=True, over=tuple(range(1, 35))),
        ),
    ),
    BitLayout("wiegand-37", 37, (0, 0), (1, 35), _even_odd(37, 18, 18)),
    BitLayout("wiegand-37-facility", 37, (1, 16), (17, 19), _even_odd(37, 18, 18)),
)
"""H10301, Indala 26, ATS 30, generic 32, D10202, H10306, BQT 34, HID Corporate 1000, H10302 and H10304."""
