"""Who is at the other end of the socket: the kernel knows the user, and nobody can claim to be another one."""

import hmac
import pwd
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from clockd.core.harmless import said_by, said_through
from clockd.core.json import Json

UNKNOWN_USER = "a user of this machine"
"""Who asks, where the kernel does not say it: somebody whom the socket lets in, so root or the group clockd."""
_OVERFLOW_UID = Path("/proc/sys/kernel/overflowuid")
_UID_MAP = Path("/proc/self/uid_map")
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
    """Return a user's name, or the number where it has none. It may ask a directory, which takes its time.

    In a user namespace of its own (`PrivateUsers=`) a process is shown everybody else as one number, which outside is
    the user "nobody": that name would be a lie, so who asks is `UNKNOWN_USER` then.
    """
    try:
        if is_hidden(uid, _UID_MAP.read_text(), int(_OVERFLOW_UID.read_text())):
            return UNKNOWN_USER
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OSError, ValueError):
        return f"uid {uid}"


def is_hidden(uid: int, uid_map: str, overflow_uid: int) -> bool:
    """Whether a number stands for every user that is not known in this user namespace.

    Args:
        uid: as the kernel shows it.
        uid_map: `/proc/self/uid_map`: for each range of users its first inside, its first outside, and how many.
        overflow_uid: the number that stands for those that are in no range.
    """
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, uid_map.splitlines())]
    return uid == overflow_uid and not any(first <= uid < first + count for first, count in ranges)


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
