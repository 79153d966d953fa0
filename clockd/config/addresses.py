"""Which texts can be the address of a tracker, a proxy or a host."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from clockd.config.words import short, shown


def why_no_url(text: str) -> str:
    """Say why a text cannot be a tracker's address; empty when it can. What may hold a password is not repeated."""
    told = "" if "@" in text else f"{short(text)!r} "
    if odd := re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", text):
        return f"{told}holds a character that no address has (U+{ord(odd[0]):04X})"
    try:
        url = urlsplit(text)
        port_ok = url.port is None or url.port > 0
    except ValueError:
        return f"{told}is not a URL"
    if url.scheme not in ("http", "https") or not url.hostname or not port_ok:
        return f"{told}has no http:// or https:// and host"
    if "@" in url.netloc or "?" in text or "#" in text:
        return "no user, query or fragment can stand here"
    if not is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    if url.scheme == "http" and not _is_local(url.hostname):
        return "plain http would show the key to everybody on the way"
    return ""


def is_host(host: str) -> bool:
    """Whether this is an address, or a name whose last part begins with a letter, so that none is half a number."""
    if _address(host) is not None:
        return True
    label = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
    return len(host) <= 253 and bool(re.fullmatch(rf"({label}\.)*(?=[a-z]){label}\.?", host))


def _is_local(host: str) -> bool:
    """Whether nothing that is sent there leaves this machine. A name counts only when it is `localhost` itself."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if isinstance(address, IPv4Address) or address.scope_id is None else None


def why_no_proxy(text: str) -> str:
    """Say why a text cannot be a proxy's address; empty when it can. What may hold a password is not repeated."""
    told = "" if "@" in text else f"{short(text)!r} "
    if odd := re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", text):
        return f"{told}holds a character that no address has (U+{ord(odd[0]):04X})"
    try:
        url = urlsplit(text)
        port_ok = url.port is None or url.port > 0
    except ValueError:
        return f"{told}is not a URL"
    if url.password is not None:
        return "a password does not belong into this file: put it into the credential tracker-proxy-password"
    if url.scheme != "http" or not url.hostname or not port_ok:
        return f"{told}is not http:// and a host (what is sent through it to the tracker is in TLS all the same)"
    if url.path.rstrip("/") or "?" in text or "#" in text:
        return "no path, query or fragment can stand here"
    if url.username == "":
        return "has no user before the @"
    if not is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    return ""
