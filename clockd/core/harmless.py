"""Texts of others (badge files, the configuration, the tracker) where a person reads or gives them.

A control character may move the cursor, colour the screen or fill the clipboard; a direction mark may show a name as
another one; a line break may add a line that we never said. So each is written out where it is shown, and refused where
a name comes in. What joins letters in Persian and in the scripts of India stays as it is.
"""

import re
import unicodedata

from clockd.core.sentence import sentence

LONGEST_NAME = 128
"""Characters of a name or a username."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may calculate."""
_JOINERS = "\u200c\u200d"
_ODD = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MAYBE = re.compile(r"[^ -~]")


def harmless(text: str) -> str:
    """Return a text as one line that says no more than it shows: what is odd is written out as its code."""
    return _MAYBE.sub(_written_out, text)


def harmless_json(text: str) -> str:
    """Return JSON that says the same, with what is odd in its texts as the escapes that JSON has for it."""
    return _MAYBE.sub(lambda found: _as_json(found[0]) if found[0] != "\n" and _is_odd(found[0]) else found[0], text)


def no_formula(cell: str) -> str:
    """Return a text for a cell of a table; what a spreadsheet would calculate gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def why_no_name(text: str) -> str:
    """Say why a text can be nobody's name or username, without repeating it; empty when it can."""
    if len(text) > LONGEST_NAME:
        return sentence("is longer than {most} characters", most=LONGEST_NAME)
    odd = next((c for c in text if _is_odd(c)), None)
    return "" if odd is None else sentence("holds a character that no name has (U+{code:04X})", code=ord(odd))


def said_by(peer: str, claimed: str) -> str:
    """Say who does something: whom the kernel names, and beside it who they say they are, where that is another.

    Args:
        peer: the user at the other end of the socket, or of this process.
        claimed: who the caller says it is; empty when it does not say.
    """
    claim = harmless(claimed.strip())[:LONGEST_NAME]
    return peer if not claim or claim == peer else f"{peer} (claims {claim})"


def said_through(peer: str, account: str) -> str:
    """Say who does something by way of a program that knows its people: `anna via clockd-web`.

    Args:
        peer: the program's user.
        account: whom it signed in; empty when it acts by itself.
    """
    name = harmless(account.strip())[:LONGEST_NAME]
    return f"{name} via {peer}" if name else peer


def _is_odd(c: str) -> bool:
    return c not in _JOINERS and unicodedata.category(c) in _ODD


def _as_json(c: str) -> str:
    units = c.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n] << 8 | units[n + 1]:04x}" for n in range(0, len(units), 2))


def _written_out(found: re.Match[str]) -> str:
    c = found[0]
    if not _is_odd(c):
        return c
    code = ord(c)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
