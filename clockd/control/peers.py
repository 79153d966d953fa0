"""Who is at the other end of the socket: the kernel knows the user, and nobody can claim to be another one."""

import pwd
import socket
import struct
from collections.abc import Mapping

from clockd.core.harmless import said_by
from clockd.core.wire import Json

_CREDENTIALS = struct.Struct("3i")
"""What SO_PEERCRED tells: process, user, group."""


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
    """Return a command with the user who gives it in `peer`; in `by`, beside it, the name that the command claims."""
    claimed = command.get("by")
    return {**command, "peer": peer, "by": said_by(peer, claimed if isinstance(claimed, str) else "")}
