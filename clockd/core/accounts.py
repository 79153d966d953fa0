"""What the name, the password and the hash of an account of the admin page must be."""

import re
import unicodedata
from enum import StrEnum


class Reach(StrEnum):
    """What a token opens."""

    ALL = "all"
    """All that a viewer reads: figures, and who worked how long."""
    FIGURES = "figures"
    """`/metrics` alone, which names nobody: a server that watches needs no more."""


SHORTEST_PASSWORD = 12
"""Characters; each of the usual ways to choose fewer can be tried out by a machine."""
LONGEST_PASSWORD = 256
LONGEST_ACCOUNT = 64
MOST_ACCOUNTS = 1000
"""Accounts, and tokens, that one terminal keeps."""

_NAME = re.compile(r"[\w.@+-]+")
_HASH = re.compile(
    r"\$argon2id\$v=19\$m=(?P<kib>[1-9][0-9]{0,6}),t=(?P<passes>[1-9][0-9]?),p=[1-9][0-9]?"
    r"\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,128}"
)
LEAST_KIB = 19 * 1024
"""Memory of a hash, by the advice that is common for Argon2id with two passes (OWASP)."""
MOST_KIB = 256 * 1024
"""More would be taken from the door at each sign-in."""
MOST_PASSES = 20
_TOKEN_HASH = re.compile("[0-9a-f]{64}")


def account_name(text: str) -> str | None:
    """Return a name of an account or a token as it is kept; None when it cannot be one.

    Two spellings that differ in case, or in how an accent is written, are one name.
    """
    name = unicodedata.normalize("NFC", text.strip().casefold())
    return name if len(name) <= LONGEST_ACCOUNT and _NAME.fullmatch(name) else None


def why_no_password(text: str) -> str:
    """Say why a text cannot be a password, without repeating it; empty when it can."""
    if len(text) < SHORTEST_PASSWORD:
        return f"has less than {SHORTEST_PASSWORD} characters"
    if len(text) > LONGEST_PASSWORD:
        return f"has more than {LONGEST_PASSWORD} characters"
    if len(set(text)) < 4:
        return "repeats the same few characters"
    return ""


def is_password_hash(text: str) -> bool:
    """Whether this is a hash of Argon2id as it is kept here, neither too cheap to try out nor too dear to check."""
    found = _HASH.fullmatch(text)
    if found is None:
        return False
    return LEAST_KIB <= int(found["kib"]) <= MOST_KIB and 2 <= int(found["passes"]) <= MOST_PASSES


def is_token_hash(text: str) -> bool:
    """Whether this is a token's SHA-256 in hex. A token is 256 random bits: there is nothing to slow down."""
    return _TOKEN_HASH.fullmatch(text) is not None
