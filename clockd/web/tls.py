"""What the page is encrypted with: files that were given, or a certificate of its own; or a proxy in front does it."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clockd.config import Config
from clockd.errors import ConfigError
from clockd.web.folder import state_folder


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a certificate and its key are."""

    file: Path
    key: Path
    fingerprint: str
    """SHA-256 as browsers show it, `AB:CD:…`; empty for one that was given."""
    is_ours: bool
    """Whether the page made it."""


def find_certificate(config: Config, now_at: datetime, *, loopback: bool) -> Certificate | None:
    """Return what the page is encrypted with; None where nothing leaves this machine unencrypted.

    Args:
        config: `[web]` names files, or a proxy.
        now_at: true time, as far as it is known.
        loopback: whether the page listens at this machine's own addresses alone.

    Raises:
        ConfigError: it cannot be made or kept.
    """
    web = config.web
    if web.tls_certificate:
        return Certificate(Path(web.tls_certificate), Path(web.tls_key), "", is_ours=False)
    if web.behind_proxy or loopback:
        return None
    try:
        from clockd.web.certificate import certificate_for  # its library is needed for nothing else here
    except ImportError:
        hint = "pip install 'clockd[backup]', or name tls_certificate and tls_key"
        raise ConfigError("web", "a package that makes certificates is not installed", hint=hint) from None
    return certificate_for(state_folder(config), now_at, web.names)


def context_of(certificate: Certificate) -> ssl.SSLContext:
    """Load a certificate.

    Raises:
        ConfigError: it or its key cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate.file, certificate.key)
    except (OSError, ssl.SSLError) as error:
        why = f"certificate and key cannot be used: {error}"
        raise ConfigError("web.tls_certificate", why, hint="PEM files that this user may read") from None
    return context
