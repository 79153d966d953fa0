"""How a punch's id is shown to people."""

_SEQ_DIGITS = 7
"""Of an id, five bits each: as many as hold a seq."""


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
