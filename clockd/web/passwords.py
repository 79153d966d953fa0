"""Passwords as Argon2id. The daemon never sees one: it keeps the hash."""

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from clockd.core.accounts import LEAST_KIB, LONGEST_PASSWORD

PASSES = 2


def hash_password(password: str) -> str:
    """Return the hash of a password, with a salt of its own; takes a tenth of a second of one core."""
    return _hasher().hash(password)


def is_password(password: str, hash_: str) -> bool:
    """Whether a hash was made of this password; takes as long as making one."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _hasher().verify(hash_, password)
    except (VerificationError, InvalidHashError, UnicodeError):
        return False


def _hasher() -> PasswordHasher:
    # little memory: it is taken from a machine that may have half a gigabyte, and whose door has to go on
    return PasswordHasher(time_cost=PASSES, memory_cost=LEAST_KIB, parallelism=1, type=Type.ID)
