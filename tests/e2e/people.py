"""The employees of a bench, and their badges."""

from clockd.core.model import Uid


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee: seven bytes, no byte pattern of which is likely elsewhere."""
    return Uid.of(bytes([0x04, 0xA7, 0xC3, 0x9E, 0x5B, n // 256, n % 256]))


def username_of(n: int) -> str:
    return f"user{n:03}"


EMAILS = ("ada@example.com", "anna+clock@x.de", "jürgen@müller-söhne.example")
"""Login e-mails for a bench with Goodtime: a careless client cannot spell them."""
