"""Which texts can be the address of a tracker, a proxy or a host."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from clockd.config.words import short, shown


def why_no_url(text: str) -> str:
    """Say why a text cannot be a tracker's address; empty when it can. What may hold a password is not repeated."""
    url = _address_of(text)
    if isinstance(url, str):
        return url
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        return f"{_told(text)}has no http:// or https:// and host"
    if "@" in url.netloc or "?" in text or "#" in text:
        return "no user, query or fragment can stand here"
    if not is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    if url.scheme == "http" and not _is_local(url.hostname):
        return "plain http would show the key to everybody on the way"
    return ""


def _address_of(text: str) -> SplitResult | str:
    """Take an address apart; a text that is none is answered with the reason."""
    if odd := re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", text):
        return f"{_told(text)}holds a character that no address has (U+{ord(odd[0]):04X})"
    try:
        url = urlsplit(text)
        _ = url.port  # which is read only when it is asked for
    except ValueError:
        return f"{_told(text)}is not a URL"
    return url


def _told(text: str) -> str:
    """Repeat an address before what is wrong with it, unless it may hold a password."""
    return "" if "@" in text else f"{short(text)!r} "


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
    url = _address_of(text)
    if isinstance(url, str):
        return url
    if url.password is not None:
        return "a password does not belong into this file: put it into the credential tracker-proxy-password"
    if url.scheme != "http" or not url.hostname or url.port == 0:
        return f"{_told(text)}is not http:// and a host (what is sent through it to the tracker is in TLS all the same)"
    if url.path.rstrip("/") or "?" in text or "#" in text:
        return "no path, query or fragment can stand here"
    if url.username == "":
        return "has no user before the @"
    if not is_host(url.hostname):
        return f"{shown(url.hostname)} is no name or address of a host"
    return ""
