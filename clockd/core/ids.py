"""The ids of punches: ULIDs, from which the place in the ledger can be read."""

import re

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_AS_DIGITS = str.maketrans(_CROCKFORD, "0123456789ABCDEFGHIJKLMNOPQRSTUV")
"""Crockford's letters as `int` has them."""
_ULID = re.compile(f"[{_CROCKFORD}]{{26}}")


def punch_id(wall_us: int, tag: int, seq: int) -> str:
    """Make a punch's ULID: milliseconds of the raw wall clock, the installation's tag, and the seq in the low bits.

    The seq can be read back (`seq_of`), so looking a punch up by id needs no index.
    """
    number = (max(0, wall_us // 1000) & (2**48 - 1)) << 80 | (tag & (2**48 - 1)) << 32 | seq
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def seq_of(punch_id_text: str) -> int | None:
    """Read the seq out of a punch id; None when the text is no ULID."""
    text = punch_id_text.strip().upper()
    return int(text.translate(_AS_DIGITS), 32) & (2**32 - 1) if _ULID.fullmatch(text) else None
