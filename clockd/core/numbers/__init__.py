"""The numbers of badges: how one identifier is printed, typed and sent, and how each of these is read. Pure.

    notations   every notation by its name, each written from an identifier and read back
    wiegand     the bit layouts of access control: facility, card and parity bits
    reading     a text -> each badge that it can be; a list of texts -> the one notation that fits all of them

A badge of 125 kHz (EM4100) has five bytes; many readers and prints give only the lower four or three of them. It is
still one badge: `Uid.ends` names the shorter forms, and the store finds a badge by any of them.
"""

from clockd.core.numbers.notations import NOTATIONS, Notation, NumberForm, notation
from clockd.core.numbers.reading import Ambiguous, NumberRead, every_notation, read_all, read_as, readings

__all__ = [
    "NOTATIONS",
    "Ambiguous",
    "Notation",
    "NumberForm",
    "NumberRead",
    "every_notation",
    "notation",
    "read_all",
    "read_as",
    "readings",
]
