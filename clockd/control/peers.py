"""Who is at the other end of the socket: the kernel knows the user, and nobody can claim to be another one."""

import hmac
import pwd
import socket
import struct
from collections.abc import Mapping

from clockd.core.harmless import said_by, said_through
from clockd.core.json import Json

_CREDENTIALS = struct.Struct("3i")
"""What SO_PEERCRED tells: process, user, group."""
WEB_USER = "clockd-web"
"""The user of the admin page's unit. Nobody else is this user, and the page signs people in before it names them."""
KEY = "key"
"""Where a command carries the page's key. A daemon in a user namespace of its own (`PrivateUsers=`) is told no user but
root and itself, so that the page, which root gave the same key, shows that.
"""


def uid_of(connection: socket.socket) -> int:
    """Return the number of the user who opened a connection."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])


def user_name(uid: int) -> str:
    """Return a user's name, or the number where it has none. It may ask a directory, which takes its time."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OSError):
        return f"uid {uid}"


def signed(command: Mapping[str, Json], peer: str, key: str | None = None) -> dict[str, Json]:
    """Return a command with who gives it: in `peer` the user, in `by` beside it the name that the command claims.

    The admin page names the account that it signed in, and is believed: `anna via clockd-web`.

    Args:
        command: as it came; the key in it goes no further.
        peer: the user at the other end.
        key: of the admin page; None without one.
    """
    claimed, shown = command.get("by"), command.get(KEY)
    name = claimed if isinstance(claimed, str) else ""
    knows = key is not None and isinstance(shown, str) and _same(shown, key)
    peer = WEB_USER if knows else peer
    by = said_through(peer, name) if peer == WEB_USER else said_by(peer, name)
    return {**{field: value for field, value in command.items() if field != KEY}, "peer": peer, "by": by}


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))
