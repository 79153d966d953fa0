"""Who is at the other end of the socket: the kernel knows the user, and nobody can claim to be another one."""

import pwd
import socket
import struct
from collections.abc import Mapping

from clockd.core.harmless import said_by, said_through
from clockd.core.wire import Json

_CREDENTIALS = struct.Struct("3i")
"""What SO_PEERCRED tells: process, user, group."""
WEB_USER = "clockd-web"
"""The user of the admin page's unit. Nobody else is this user, and the page signs people in before it names them."""


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


def signed(command: Mapping[str, Json], peer: str) -> dict[str, Json]:
    """Return a command with who gives it: in `peer` the user, in `by` beside it the name that the command claims.

    The page's own user names the account that it signed in, and is believed: `anna via clockd-web`.
    """
    claimed = command.get("by")
    name = claimed if isinstance(claimed, str) else ""
    by = said_through(peer, name) if peer == WEB_USER else said_by(peer, name)
    return {**command, "peer": peer, "by": by}
