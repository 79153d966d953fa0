"""The ids of punches: ULIDs, from which the place in the ledger can be read."""

import re

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SEQ_DIGITS = 7
"""Of an id, five bits each: as many as hold a seq."""
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


def short_id(punch_id_text: str) -> str:
    """Return the end of a punch's id that is enough to name it: the whole of its seq, and never the begin of an id.

    The begin is the time, of which two taps of one morning share so much that no short prefix names one of them; and
    which prefix names but one changes with each tap. The last seven digits hold the seq, which never changes. They are
    a few more where they would begin with 0, as all ids do until the year 3084.
    """
    digits = _SEQ_DIGITS
    while digits < len(punch_id_text) and punch_id_text[-digits] == "0":
        digits += 1
    return punch_id_text[-digits:]
