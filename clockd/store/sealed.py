"""A small secret under a passphrase: a key from scrypt, and ChaCha20-Poly1305, which also notices a change.

CLOCKD1  16 bytes of salt  12 bytes of nonce  what was sealed, with 16 bytes that prove it
"""

import hashlib
import secrets

from clockd.config import Secret
from clockd.errors import PackageMissing, Refused

_MAGIC = b"CLOCKD1"
_SALT_BYTES, _NONCE_BYTES = 16, 12
SHORTEST_PASSPHRASE = 12
"""Characters; whoever has the file may try as many as they like."""


def seal(secret: Secret, passphrase: Secret) -> bytes:
    """Return a secret that only this passphrase opens.

    Raises:
        Refused: the passphrase is too short.
        PackageMissing: there is no cipher here.
    """
    if len(passphrase.reveal()) < SHORTEST_PASSPHRASE:
        raise Refused(f"a passphrase has at least {SHORTEST_PASSPHRASE} characters", hint="some words in a row will do")
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    try:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    except ImportError:
        raise PackageMissing("a passphrase for the pepper", "backup") from None
    sealed = ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, secret.reveal().encode(), _MAGIC)
    return _MAGIC + salt + nonce + sealed


def unseal(sealed: bytes, passphrase: Secret) -> Secret:
    """Open what was sealed.

    Raises:
        Refused: it was another passphrase, or the file was changed.
        PackageMissing: there is no cipher here.
    """
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    except ImportError:
        raise PackageMissing("a passphrase for the pepper", "backup") from None
    start, middle = len(_MAGIC) + _SALT_BYTES, len(_MAGIC) + _SALT_BYTES + _NONCE_BYTES
    salt, nonce = sealed[len(_MAGIC) : start], sealed[start:middle]
    try:
        if not sealed.startswith(_MAGIC):
            raise InvalidTag
        return Secret(ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, sealed[middle:], _MAGIC).decode())
    except (InvalidTag, ValueError):
        raise Refused("this is not the passphrase of the pepper in this backup") from None


def _key(passphrase: Secret, salt: bytes) -> bytes:
    words = passphrase.reveal().encode()
    return hashlib.scrypt(words, salt=salt, n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32)
