"""A certificate that the page makes for itself: an office has nobody who would issue one.

Its fingerprint is shown at the door and in the log, so that a browser's warning can be answered by a look.
"""

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clockd.errors import ConfigError
from clockd.web.tls import Certificate

LASTS = timedelta(days=825)
"""As long as browsers accept one."""
RENEW_BEFORE = timedelta(days=30)
UNSET_BEFORE = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
"""A clock that shows an earlier time is not set …"""
UNSET_LASTS = timedelta(days=20 * 365)
"""… and a certificate that was made then lasts so long from there: it must be valid once the time is known."""


def certificate_for(folder: Path, now_at: datetime, names: Sequence[str]) -> Certificate:
    """Return the page's own certificate, made at its first start and anew before it ends.

    Args:
        folder: where it is kept.
        now_at: true time, as far as it is known.
        names: further names that browsers know the page by.

    Raises:
        ConfigError: it cannot be kept there.
    """
    file, key = folder / "web.crt", folder / "web.key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = _read(file, key)
        if found is None or found.not_valid_after_utc - now_at < RENEW_BEFORE:
            found = _make(file, key, now_at, names)
    except OSError as error:
        hint = "give tls_certificate and tls_key, or a folder that this user may write"
        raise ConfigError("web", f"{folder}: no certificate can be kept: {error.strerror}", hint=hint) from None
    return Certificate(file, key, fingerprint_of(found), is_ours=True)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as browsers show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _read(file: Path, key: Path) -> x509.Certificate | None:
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
        serialization.load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    return found


def _make(file: Path, key: Path, now_at: datetime, names: Sequence[str]) -> x509.Certificate:
    secret = ec.generate_private_key(ec.SECP256R1())
    begins_at, lasts = (now_at, LASTS) if now_at >= UNSET_BEFORE else (UNSET_BEFORE, UNSET_LASTS)
    own = socket.gethostname().lower()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, own[:64] or "clockd")])
    hosts: list[x509.GeneralName] = [
        x509.DNSName(name)
        for name in dict.fromkeys((own, f"{own.partition('.')[0]}.local", "localhost", *names))
        if name
    ]
    hosts += [x509.IPAddress(ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins_at - timedelta(days=1))
        .not_valid_after(begins_at + lasts)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    no_passphrase = serialization.NoEncryption()
    pem = secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_passphrase)
    _write(key, pem)
    _write(file, made.public_bytes(serialization.Encoding.PEM))
    return made


def _write(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all."""
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
