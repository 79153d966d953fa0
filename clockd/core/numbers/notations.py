"""Every notation of a badge number: how it is written from an identifier, and read back.

The decimal notations of EM4100 badges are those that readers and card printers use under names such as 10D, 13D,
"DEZ 3.5C" or IK2. Where a notation leaves out a part of the number (`whole` is false) a person can find it on the
badge, and nobody can enrol a badge by it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from clockd.core.model import BadUid, Uid
from clockd.core.numbers.wiegand import LAYOUTS, BitLayout
from clockd.core.sentence import sentence


class NumberForm(StrEnum):
    """The notations by name, as `--format` and `format` in a `[[reader]]` have them."""

    HEX = "hex"
    HEX_REVERSED = "hex-reversed"
    HEX_MIRRORED = "hex-mirrored"
    DECIMAL = "decimal"
    DECIMAL_REVERSED = "decimal-reversed"
    DECIMAL_8 = "decimal-8"
    DECIMAL_13 = "decimal-13"
    DECIMAL_14 = "decimal-14"
    DECIMAL_15 = "decimal-15"
    DECIMAL_20 = "decimal-20"
    DECIMAL_MIFARE_7 = "decimal-7-bytes"
    DECIMAL_MIFARE_7_REVERSED = "decimal-7-bytes-reversed"
    DECIMAL_8_BYTES = "decimal-8-bytes"
    FACILITY_CARD = "facility-card"
    FACILITY_CARD_4 = "facility-card-4"
    TEN_AND_FACILITY = "decimal-facility-card"
    HEX_FACILITY_CARD = "hex-facility-card"
    WIEGAND_26 = "wiegand-26"
    INDALA_26 = "indala-26"
    WIEGAND_30 = "wiegand-30"
    WIEGAND_32 = "wiegand-32"
    WIEGAND_33 = "wiegand-33"
    WIEGAND_34 = "wiegand-34"
    BQT_34 = "bqt-34"
    CORPORATE_1000_35 = "corporate-1000-35"
    WIEGAND_37 = "wiegand-37"
    WIEGAND_37_FACILITY = "wiegand-37-facility"
    DEZ_3_5_A = "decimal-3.5a"
    DEZ_3_5_B = "decimal-3.5b"
    PAXTON = "paxton"
    SEBURY = "sebury"


@dataclass(frozen=True, slots=True)
class Notation:
    """One way to write a badge number."""

    form: NumberForm
    what: str
    """For people: where it is found."""
    write: Callable[[Uid], str | None]
    """The number in this notation; None when such a badge has none."""
    read: Callable[[str], Uid]
    """The identifier; BadUid when the text is none in this notation."""
    whole: bool = True
    """Whether it holds enough to know a badge by."""


# --- bytes ------------------------------------------------------------------------------------------------------------


def _reversed(uid: Uid) -> Uid:
    return Uid.of(uid.raw[::-1])


def _mirrored(uid: Uid) -> Uid:
    """Turn the bits of each byte round: some 125 kHz readers send them so."""
    return Uid.of(bytes(int(f"{byte:08b}"[::-1], 2) for byte in uid.raw))


def _write_mirrored(uid: Uid) -> str | None:
    return _mirrored(uid).hex if len(uid.raw) == 5 else None


# --- one number -------------------------------------------------------------------------------------------------------


def _number(text: str, digits: int, bits: int) -> int:
    plain = text.strip().replace(" ", "").replace("'", "")
    if not re.fullmatch(r"[0-9]+", plain):
        raise BadUid("not decimal digits")
    if len(plain) > digits:
        raise BadUid(sentence("more than {digits} digits", digits=digits))
    if (number := int(plain)) >> bits:
        raise BadUid(sentence("more than {bits} bits", bits=bits))
    return number


def _read_number(text: str, *, digits: int, count: int, order: str = "big") -> Uid:
    number = _number(text, digits, 8 * count)
    return Uid.of(number.to_bytes(count, "little" if order == "little" else "big"))


def _write_number(uid: Uid, *, digits: int, counts: tuple[int, ...], last: int, order: str = "big") -> str | None:
    """Write the last bytes of an identifier as one number; None for identifiers of other lengths."""
    if len(uid.raw) not in counts:
        return None
    raw = uid.raw[-last:]
    return f"{int.from_bytes(raw, 'little' if order == 'little' else 'big'):0{digits}}"


def _one_number(
    form: NumberForm, what: str, digits: int, counts: tuple[int, ...], last: int, order: str = "big"
) -> Notation:
    return Notation(
        form,
        what,
        partial(_write_number, digits=digits, counts=counts, last=last, order=order),
        partial(_read_number, digits=digits, count=last, order=order),
    )


def _read_mirrored_number(text: str) -> Uid:
    return _mirrored(_read_number(text, digits=15, count=5))


def _write_mirrored_number(uid: Uid) -> str | None:
    return f"{int.from_bytes(_mirrored(uid).raw, 'big'):015}" if len(uid.raw) == 5 else None


def _read_nibbles(text: str) -> Uid:
    """NumberRead ten pairs of digits, each one hexadecimal digit of the mirrored identifier."""
    plain = text.strip()
    if not re.fullmatch(r"(0[0-9]|1[0-5]){10}", plain):
        raise BadUid("not ten numbers of 00 to 15")
    digits = "".join(f"{int(plain[n : n + 2]):X}" for n in range(0, 20, 2))
    return _mirrored(Uid.parse(digits))


def _write_nibbles(uid: Uid) -> str | None:
    return "".join(f"{int(digit, 16):02}" for digit in _mirrored(uid).hex) if len(uid.raw) == 5 else None


# --- two numbers ------------------------------------------------------------------------------------------------------

_PAIR = re.compile(r"\s*([0-9]{1,5})\s*[,;:/._\- ]\s*([0-9]{1,5})\s*")


def _pair(text: str, first_bits: int) -> tuple[int, int]:
    found = _PAIR.fullmatch(text)
    if not found:
        raise BadUid("not two numbers")
    first, second = int(found[1]), int(found[2])
    if first >> first_bits or second >> 16:
        raise BadUid(sentence("more than {first_bits} and 16 bits", first_bits=first_bits))
    return first, second


def _read_facility(text: str) -> Uid:
    plain = text.strip()
    if re.fullmatch(r"[0-9]{8}", plain):
        plain = f"{plain[:3]},{plain[3:]}"
    facility, card = _pair(plain, 8)
    return Uid.of(facility.to_bytes(1, "big") + card.to_bytes(2, "big"))


def _write_facility(uid: Uid) -> str | None:
    if len(uid.raw) not in (3, 4, 5):
        return None
    return f"{uid.raw[-3]:03},{int.from_bytes(uid.raw[-2:], 'big'):05}"


def _read_facility_4(text: str) -> Uid:
    facility, card = _pair(text, 16)
    return Uid.of(facility.to_bytes(2, "big") + card.to_bytes(2, "big"))


def _write_facility_4(uid: Uid) -> str | None:
    if len(uid.raw) not in (4, 5):
        return None
    return f"{int.from_bytes(uid.raw[-4:-2], 'big'):05}.{int.from_bytes(uid.raw[-2:], 'big'):05}"


_BOTH = re.compile(r"\s*([0-9]{10})[ ,;:/\-]*([0-9]{3}[,;:/.\- ][0-9]{5})\s*")


def _read_ten_and_facility(text: str) -> Uid:
    found = _BOTH.fullmatch(text)
    if not found:
        raise BadUid("not ten digits and a facility with its card")
    whole, lower = _read_number(found[1], digits=10, count=4), _read_facility(found[2])
    if whole.raw[1:] != lower.raw:
        raise BadUid("its two numbers are not those of one badge")
    return whole


def _write_ten_and_facility(uid: Uid) -> str | None:
    if len(uid.raw) not in (3, 4, 5):
        return None
    return f"{int.from_bytes(uid.raw[-4:], 'big'):010} {_write_facility(uid)}"


def _read_hex_facility(text: str) -> Uid:
    found = re.fullmatch(r"\s*([0-9A-Fa-f]{2})[,:;/\- ]([0-9A-Fa-f]{4})\s*", text)
    if not found:
        raise BadUid("not two and four hexadecimal digits")
    return Uid.parse(found[1] + found[2])


def _write_hex_facility(uid: Uid) -> str | None:
    return f"{uid.hex[-6:-4]}:{uid.hex[-4:]}" if len(uid.raw) in (3, 4, 5) else None


# --- what is only shown -----------------------------------------------------------------------------------------------


def _unreadable(_: str) -> Uid:
    raise BadUid("leaves out a part of the badge's number")


def _write_3_5(uid: Uid, *, byte: int) -> str | None:
    return f"{uid.raw[byte]:03}.{int.from_bytes(uid.raw[-2:], 'big'):05}" if len(uid.raw) == 5 else None


def _write_paxton(uid: Uid) -> str | None:
    """The number that Paxton Net2 shows: first byte and lower three, and a constant."""
    return str(int.from_bytes(uid.raw[:1] + uid.raw[2:], "big") + 0x143E00) if len(uid.raw) == 5 else None


def _write_sebury(uid: Uid) -> str | None:
    if len(uid.raw) != 5:
        return None
    number = int.from_bytes(uid.raw, "big")
    return f"{number & 0xFFFF} {number >> 16 & 0x7F} {number & 0x7FFFFF}"


# --- bits -------------------------------------------------------------------------------------------------------------


def _read_bits(text: str, layout: BitLayout) -> Uid:
    """NumberRead the bits themselves, the bits as hex, or `facility-card` where the layout has both."""
    plain = text.strip()
    if re.fullmatch(r"[01]+", plain) and len(plain) == layout.bits:
        return layout.uid_of(plain)
    if pair := re.fullmatch(r"([0-9]{1,10})\s*[,;:/\-]\s*([0-9]{1,10})", plain):
        return layout.uid_of(layout.of_numbers(int(pair[1]), int(pair[2])))
    if not layout.facility[1] and re.fullmatch(r"[0-9]{1,11}", plain):
        return layout.uid_of(layout.of_numbers(0, int(plain)))
    digits = plain.removeprefix("0x").removeprefix("0X")
    if re.fullmatch(r"[0-9A-Fa-f]{1,12}", digits) and not int(digits, 16) >> layout.bits:
        return layout.uid_of(f"{int(digits, 16):0{layout.bits}b}")
    raise BadUid(sentence("neither {bits} bits nor its two numbers", bits=layout.bits))


def _write_bits(uid: Uid, layout: BitLayout) -> str | None:
    bits = layout.of_uid(uid)
    if bits is None:
        return None
    if not layout.facility[1]:  # one number, which is what stands on the badge
        return str(layout.numbers_of(bits)[1])
    return f"{int(bits, 2):0{-(-layout.bits // 4)}X}"


_LAYOUT_WHAT: Mapping[str, str] = {
    "wiegand-26": "Wiegand 26 with its parity bits (H10301)",
    "indala-26": "Indala 26 with its parity bits",
    "wiegand-30": "Wiegand 30 with its parity bits (ATS)",
    "wiegand-32": "Wiegand 32 without parity",
    "wiegand-33": "Wiegand 33 with its parity bits (D10202)",
    "wiegand-34": "Wiegand 34 with its parity bits (H10306)",
    "bqt-34": "BQT 34 with its parity bits",
    "corporate-1000-35": "HID Corporate 1000, 35 bits with parity",
    "wiegand-37": "Wiegand 37 with parity, one number (H10302)",
    "wiegand-37-facility": "Wiegand 37 with parity, facility and card (H10304)",
}

NOTATIONS: tuple[Notation, ...] = (
    Notation(NumberForm.HEX, "hexadecimal, as PC/SC and most serial readers give it", lambda uid: uid.hex, Uid.parse),
    Notation(
        NumberForm.HEX_REVERSED,
        "hexadecimal, bytes the other way round",
        lambda uid: _reversed(uid).hex,
        lambda text: _reversed(Uid.parse(text)),
    ),
    Notation(
        NumberForm.HEX_MIRRORED,
        "hexadecimal, bits of each byte the other way round",
        _write_mirrored,
        lambda text: _mirrored(Uid.parse(text)),
    ),
    _one_number(NumberForm.DECIMAL, "ten digits, printed on many badges (10D)", 10, (3, 4, 5), 4),
    _one_number(NumberForm.DECIMAL_REVERSED, "ten digits, bytes the other way round", 10, (4,), 4, "little"),
    _one_number(NumberForm.DECIMAL_8, "eight digits, the lower three bytes (8D)", 8, (3, 4, 5), 3),
    _one_number(NumberForm.DECIMAL_13, "thirteen digits, all five bytes (13D)", 13, (5,), 5),
    _one_number(NumberForm.DECIMAL_14, "fourteen digits, all five bytes (IK2)", 14, (5,), 5),
    Notation(NumberForm.DECIMAL_15, "fifteen digits (IK3)", _write_mirrored_number, _read_mirrored_number),
    Notation(NumberForm.DECIMAL_20, "twenty digits, two for each half byte (ZK)", _write_nibbles, _read_nibbles),
    _one_number(NumberForm.DECIMAL_MIFARE_7, "seventeen digits, seven bytes", 17, (7,), 7),
    _one_number(NumberForm.DECIMAL_MIFARE_7_REVERSED, "the same, bytes the other way round", 17, (7,), 7, "little"),
    _one_number(NumberForm.DECIMAL_8_BYTES, "twenty digits, eight bytes", 20, (8,), 8),
    Notation(
        NumberForm.FACILITY_CARD, "facility and card, of Wiegand 26 without parity", _write_facility, _read_facility
    ),
    Notation(NumberForm.FACILITY_CARD_4, "two numbers of five digits", _write_facility_4, _read_facility_4),
    Notation(
        NumberForm.TEN_AND_FACILITY,
        "both, as printed side by side",
        _write_ten_and_facility,
        _read_ten_and_facility,
    ),
    Notation(NumberForm.HEX_FACILITY_CARD, "facility and card in hexadecimal", _write_hex_facility, _read_hex_facility),
    *(
        Notation(
            NumberForm(layout.name),
            _LAYOUT_WHAT[layout.name],
            partial(_write_bits, layout=layout),
            partial(_read_bits, layout=layout),
        )
        for layout in LAYOUTS
    ),
    Notation(NumberForm.DEZ_3_5_A, "first byte and card", partial(_write_3_5, byte=0), _unreadable, whole=False),
    Notation(NumberForm.DEZ_3_5_B, "second byte and card", partial(_write_3_5, byte=1), _unreadable, whole=False),
    Notation(NumberForm.PAXTON, "as Paxton Net2 shows it", _write_paxton, _unreadable, whole=False),
    Notation(NumberForm.SEBURY, "as Sebury keypads show it", _write_sebury, _unreadable, whole=False),
)
"""The order is the one in which they are shown."""

_BY_FORM = {each.form: each for each in NOTATIONS}


def notation(form: NumberForm) -> Notation:
    """Return the notation of a name."""
    return _BY_FORM[form]
