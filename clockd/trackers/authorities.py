"""Certificates of a company's own authority (`tracker.ca`), believed besides those of the system."""

import re
import ssl
from pathlib import Path

from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.errors import ConfigError

LONGEST_CA_BYTES = 1024 * 1024
"""The longest such file: the bundles of all authorities of the world have a fifth of this."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_DER = b"\x30"
_HINT = "it has to hold certificates, as -----BEGIN CERTIFICATE----- … -----END CERTIFICATE-----"


def believing(path: Path) -> ssl.SSLContext:
    """Return TLS settings for a client that believes the authorities of a file as well.

    The file is PEM, or one certificate in DER; text around the certificates does not matter.

    Raises:
        ConfigError: there is no such file, or nothing in it can be believed.
    """
    where = f"tracker.ca: {path}"
    try:
        data = read_small(path, LONGEST_CA_BYTES)
        found: str | bytes = data if data.startswith(_DER) else _pem(where, in_utf8(data))
    except FileNotFoundError:
        raise ConfigError(where, "no such file", hint="put the authority's certificate there, or remove ca") from None
    except NoSmallFile as error:
        raise ConfigError(where, error.why, hint=f"{error.hint}; {_HINT}") from None
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # what is named is believed, also when it is not a root
    try:
        context.load_verify_locations(cadata=found)
    except (ssl.SSLError, ValueError):
        raise ConfigError(where, "holds a certificate that is damaged", hint="copy it anew") from None
    return context


def _pem(where: str, text: str) -> str:
    if certificates := _CERTIFICATE.findall(text):
        return "\n".join(certificates)
    if "PRIVATE KEY-----" in text:
        hint = "only the authority's certificate belongs here; its key stays with the authority"
        raise ConfigError(where, "holds a key, and no certificate", hint=hint)
    raise ConfigError(where, "holds no certificate", hint=_HINT)
