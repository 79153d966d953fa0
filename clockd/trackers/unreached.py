"""Why nothing could be sent, in words that say what to do: each kind of fault of name, line, proxy and TLS has its own.

What stands here is said before a byte of a request has left. No text holds a credential, or what a stranger wrote.
"""

import errno
import socket
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from clockd.core.sentence import Sentence, phrase, sentence


@dataclass(frozen=True, slots=True)
class Way:
    """How requests get to the tracker, as people call it."""

    host: str
    """Name and port of the tracker."""
    proxy: str | None = None
    """Name and port of the proxy that is asked for a tunnel."""
    with_password: bool = False
    """The proxy was told a user and a password."""
    own_authority: bool = False
    """`tracker.ca` is believed as well."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What happened while we connected."""

    causes: Collection[BaseException]
    """The error, and all that led to it."""
    tcp: bool
    """The connection stood: with the proxy where there is one, else with the tracker."""
    too_slow_s: float | None = None
    """The time limit that ran out."""
    proxy_status: int | None = None
    """With which status the proxy refused a tunnel."""
    tunnel: bool = False
    """The proxy was asked, and has not said yes."""


def why(way: Way, obstacle: Obstacle) -> str:
    """Say why nothing was sent."""
    if obstacle.proxy_status is not None:
        return _refused_tunnel(way, obstacle.proxy_status)
    if way.proxy is not None and (obstacle.tunnel or not obstacle.tcp):
        return _proxy_lost(way, way.proxy, obstacle)
    for cause in obstacle.causes:
        match cause:
            case ssl.SSLCertVerificationError():
                return _not_trusted(way, cause)
            case ssl.SSLWantReadError():  # it waited until the time was over
                pass
            case ssl.SSLError():
                return _no_tls(way.host, cause)
            case _:
                pass
    return _no_line(way.host, "tracker.url", obstacle) or _no_reason(way.host, way, obstacle)


def lasts(obstacle: Obstacle) -> bool:
    """Whether a person has to end it. All else may be over in a minute: a cable, a service that starts anew."""
    if obstacle.proxy_status is not None:
        return obstacle.proxy_status < 500
    for cause in obstacle.causes:
        match cause:
            case ssl.SSLCertVerificationError(verify_code=code):
                return code != NOT_YET_VALID
            case ssl.SSLError():
                return cause.reason in _OF_SETTINGS
            case socket.gaierror(errno=number):
                return number != socket.EAI_AGAIN
            case _:
                pass
    return False


def _no_line(host: str, key: str, obstacle: Obstacle) -> str:
    """Say why there is no connection with a host that this machine calls itself; empty when it is nothing of that."""
    for cause in obstacle.causes:
        match cause:
            case socket.gaierror(errno=socket.EAI_AGAIN):
                return sentence(
                    "the name of {host} cannot be resolved: no name server answers. Is this machine in "
                    "the network (cable, Wi-Fi), and may it ask the network's name server?",
                    host=host,
                )
            case socket.gaierror():
                return sentence(
                    "the name of {host} cannot be resolved: check the host in {key}, and the network's name server",
                    host=host,
                    key=key,
                )
            case ConnectionRefusedError():
                return sentence(
                    "{host} refuses connections: check the port in {key}; or its service is down", host=host, key=key
                )
            case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.ENETDOWN | errno.EHOSTDOWN):
                return sentence(
                    "no way to {host}: {reason}. Is this machine in the network (cable, Wi-Fi)?",
                    host=host,
                    reason=_strerror(cause),
                )
            case _:
                pass
    return ""


def _no_reason(host: str, way: Way, obstacle: Obstacle) -> str:
    where = phrase(host) if way.proxy is None else sentence("{host} through the proxy", host=host)
    if obstacle.too_slow_s is not None:
        return sentence("no connection to {where} within {too_slow_s:g} s", where=where, too_slow_s=obstacle.too_slow_s)
    for cause in obstacle.causes:
        if isinstance(cause, OSError) and cause.errno and cause.strerror:
            return sentence("no connection to {where}: {reason}", where=where, reason=_strerror(cause))
    return sentence(
        "no connection to {where}: {reason}", where=where, reason=type(next(iter(obstacle.causes))).__name__
    )


def _strerror(error: OSError) -> str:
    # a group of tries, as asyncio makes it, has a text of its own with all addresses
    return error.strerror if error.strerror and len(error.strerror) < 80 else errno.errorcode.get(error.errno or 0, "")


# --- the proxy ----------------------------------------------------------------------------------------------------


def _proxy_lost(way: Way, proxy: str, obstacle: Obstacle) -> str:
    named = sentence("the proxy {proxy}", proxy=proxy)
    if not obstacle.tcp:
        if line := _no_line(named, "tracker.proxy", obstacle):
            return line
        if obstacle.too_slow_s is not None:
            return sentence(
                "no connection to {named} within {too_slow_s:g} s: check tracker.proxy",
                named=named,
                too_slow_s=obstacle.too_slow_s,
            )
        return _no_reason(named, Way(proxy), obstacle)
    if obstacle.too_slow_s is not None:
        return sentence(
            "{named} gives no answer about {host} within {too_slow_s:g} s",
            named=named,
            host=way.host,
            too_slow_s=obstacle.too_slow_s,
        )
    return sentence("{named} hangs up, or speaks no HTTP: check the port in tracker.proxy", named=named)


def _refused_tunnel(way: Way, status: int) -> str:
    named = sentence("the proxy {proxy}", proxy=str(way.proxy))
    match status:
        case 407 if way.with_password:
            return sentence(
                "{named} does not accept our user and password (407): check the user in tracker.proxy"
                " and the credential tracker-proxy-password",
                named=named,
            )
        case 407:
            return sentence(
                "{named} wants a user and a password (407): write tracker.proxy as "
                "http://USER@HOST:PORT, and put the password into the credential tracker-proxy-"
                "password",
                named=named,
            )
        case 401 | 403 | 405:
            return sentence(
                "{named} forbids the way to {host} ({status}): its administrator has to allow CONNECT to it",
                named=named,
                host=way.host,
                status=status,
            )
        case 502 | 503 | 504:
            return sentence(
                "{named} cannot reach {host} ({status}): check the host in tracker.url, and the proxy's network",
                named=named,
                host=way.host,
                status=status,
            )
        case _:
            return sentence(
                "{named} does not connect us to {host} (it says {status})", named=named, host=way.host, status=status
            )


# --- TLS ----------------------------------------------------------------------------------------------------------

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE",
           "PACKET_LENGTH_TOO_LONG", "UNEXPECTED_MESSAGE")  # fmt: skip
"""What OpenSSL says of an answer that is no TLS."""
_OTHER_TLS = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE",
              "WRONG_SSL_VERSION", "UNSUPPORTED_SSL_VERSION")  # fmt: skip
_NO_CIPHER = ("SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "TLSV1_ALERT_INSUFFICIENT_SECURITY",
              "DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "WRONG_SIGNATURE_TYPE")  # fmt: skip
_OTHER_NAME = ("TLSV1_UNRECOGNIZED_NAME",)
NOT_YET_VALID = 9
"""OpenSSL's number for a certificate that time alone makes valid, as soon as this machine knows it."""
WANTS_CERTIFICATE = ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_NO_CERTIFICATE")
"""What a server says that wants to see a certificate of ours."""
_OF_SETTINGS = (*_NO_TLS, *_OTHER_TLS, *_NO_CIPHER, *_OTHER_NAME, *WANTS_CERTIFICATE)
"""What no waiting changes."""


def _no_tls(host: str, error: ssl.SSLError) -> str:
    reason = error.reason or ""
    if reason in _NO_TLS:
        return sentence(
            "{host} does not speak TLS: check the port in tracker.url, and whether it is http://", host=host
        )
    if reason in _OTHER_TLS:
        return sentence("{host} speaks only a version of TLS that is too old, or too new, for this machine", host=host)
    if reason in _NO_CIPHER:
        return sentence(
            "{host} and this machine know no cipher that both accept: its TLS settings are too old, or too new",
            host=host,
        )
    if reason in _OTHER_NAME:
        return sentence("{host} knows nobody of this name: check the host in tracker.url", host=host)
    if reason in WANTS_CERTIFICATE:
        return sentence("{host} {what}", host=host, what=phrase(WANTS_ONE))
    if reason == "UNEXPECTED_EOF_WHILE_READING" or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return sentence("{host} hangs up when TLS begins: a wrong port, or something on the way cuts it off", host=host)
    return sentence("no TLS with {host}: {reason}", host=host, reason=phrase(reason or "handshake failed"))


WANTS_ONE = "wants to see a certificate of ours, which clockd cannot show: is this the address for programs?"


def _not_trusted(way: Way, error: ssl.SSLCertVerificationError) -> str:
    match error.verify_code:
        case 9:  # NOT_YET_VALID
            return sentence(
                "the certificate of {host} is not valid yet: is this machine's clock right (timedatectl)?",
                host=way.host,
            )
        case 10:
            return sentence(
                "the certificate of {host} has expired: it has to be renewed there, unless this machine's clock is "
                "wrong",
                host=way.host,
            )
        case 62 | 64:
            return sentence(
                "the certificate of {host} is for another name: check the host in tracker.url; or a network that "
                "wants a login (captive portal) answers",
                host=way.host,
            )
        case 18:
            return sentence(
                "the certificate of {host} is signed by itself alone, and not trusted: {advice}",
                host=way.host,
                advice=_believe(way),
            )
        case 19 | 20 | 21:
            return sentence(
                "the certificate of {host} is not trusted: nobody this machine knows has signed it. {advice}",
                host=way.host,
                advice=_believe(way),
            )
        case 66 | 67 | 68:
            return sentence(
                "the certificate of {host} is too weak for this machine ({reason}): it has to be renewed there",
                host=way.host,
                reason=error.verify_message,
            )
        case _:
            return sentence(
                "the certificate of {host} is not trusted: {reason}",
                host=way.host,
                reason=error.verify_message,
            )


def _believe(way: Way) -> Sentence:
    if way.own_authority:
        return phrase(
            "The authority in tracker.ca is another one, or the server leaves out the certificates between; or "
            "something on the way answers (captive portal, a proxy that looks into TLS)"
        )
    return phrase(
        "If the authority is one's own (or a proxy's that looks into TLS), name its certificate: tracker.ca = "
        '"/etc/clockd/ca.pem". Else the server leaves out the certificates between, or something on the way answers '
        "(captive portal)"
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that caused it, deepest last; groups are opened."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cause.exceptions)
        waiting.extend(found for found in (cause.__cause__, cause.__context__) if found is not None)
