"""The terminal's own key (Ed25519): what it signs is known to be its own, and nobody without the key can make it anew.

The key is the credential `ledger-key` where one is given. Else it is made once in the state folder, readable to the
service alone; a backup does not hold it. Whoever has it can sign as this terminal: it shows that somebody else rewrote
a file, not that the terminal's owner did not.
"""

from dataclasses import dataclass
from pathlib import Path

from clockd.config import Secret
from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.errors import ConfigError, PackageMissing, StoreUnusable
from clockd.store import files

KEY_FILE = "ledger-key"
"""In the state folder: the private key, 64 digits in hex."""
_MOST_BYTES = 200


@dataclass(frozen=True, slots=True)
class Signature:
    """What proves that a message is of one key."""

    public: str
    """The public key, 64 digits in hex."""
    value: str
    """128 digits in hex."""


def sign(folder: Path, message: bytes, given: Secret | None = None) -> Signature:
    """Sign a message with the key of this terminal, which is made where there is none.

    Args:
        folder: the state folder.
        message: what is signed.
        given: the key that the terminal was given; None: its own.

    Raises:
        ConfigError: the key that was given is none.
        StoreUnusable: its own key cannot be read, or cannot be made.
        PackageMissing: there is no cipher here.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError:
        raise PackageMissing("a signature", "backup") from None
    path = folder / KEY_FILE
    try:
        text = in_utf8(read_small(path, _MOST_BYTES)).strip() if given is None else given.reveal()
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except FileNotFoundError:
        key = Ed25519PrivateKey.generate()
        _keep(path, key.private_bytes_raw().hex())
    except NoSmallFile as error:
        raise StoreUnusable(f"{path} {error.why}", hint=error.hint) from None
    except ValueError:
        if given is not None:
            hint = "64 digits in hex: openssl rand -hex 32"
            raise ConfigError(f"credential {KEY_FILE}", "is no key", hint=hint) from None
        hint = "put a copy of yours back; where there is none move it away: a new key is made, and signs from then on"
        raise StoreUnusable(f"{path} is no key", hint=hint) from None
    return Signature(key.public_key().public_bytes_raw().hex(), key.sign(message).hex())


def is_signed(signature: Signature, message: bytes) -> bool:
    """Whether a message was signed by the key that the signature names.

    Raises:
        PackageMissing: there is no cipher here.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise PackageMissing("a signature", "backup") from None
    try:
        public, value = bytes.fromhex(signature.public), bytes.fromhex(signature.value)
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return (public.hex(), value.hex()) == (signature.public, signature.value)  # and written in no other way


def _keep(path: Path, text: str) -> None:
    try:
        files.write(path, f"{text}\n".encode("ascii"))
    except OSError as error:
        raise StoreUnusable(
            f"{path} cannot be made: {error.strerror}", hint="the state folder is the service's"
        ) from None
