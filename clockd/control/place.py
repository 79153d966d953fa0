"""Where the socket is: what stands at its path, and whose it is at the end."""

import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clockd.config.files import kind_of
from clockd.errors import ConfigError

SETTING = "terminal.control_socket"
"""Where the path of the socket is configured."""
BACKLOG = 128
"""Callers that wait to be let in."""
TRIES = 3


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen at a path for as long as the block runs. A socket that a dead daemon left is replaced, and nothing else.

    Raises:
        ConfigError: somebody else answers on it, something else stands there, or the folder is missing or not ours.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        _bind(sock, path)
        own = _identity(path)
        try:
            os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
            sock.listen(BACKLOG)
            sock.setblocking(False)
            yield sock
        finally:
            # before it is closed: until then nobody takes it for a dead one, and no other file can have its number
            if own is not None and _identity(path) == own:
                with contextlib.suppress(OSError):
                    path.unlink()


def check_place(path: Path) -> None:
    """Say what `listening` would say, and leave everything as it is.

    Raises:
        ConfigError: as for `listening`.
    """
    if _identity(path) is not None:
        _look(path)
    elif not path.parent.is_dir():
        raise _refused(path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _refused(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _bind(sock: socket.socket, path: Path) -> None:
    for _ in range(TRIES):
        try:
            sock.bind(str(path))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _refused(path, error) from error
            _remove_dead(path)
        else:
            return
    raise _taken(path)


def _refused(path: Path, error: OSError) -> ConfigError:
    hint = "create its folder and give it to the user clockd runs as, or choose another path"
    return ConfigError(SETTING, f"cannot listen on {path}: {error.strerror or error}", hint=hint)


def _taken(path: Path) -> ConfigError:
    return ConfigError(
        SETTING, f"another clockd answers on {path}", hint="stop it first, or give this one its own path"
    )


def _remove_dead(path: Path) -> None:
    """Remove a socket that nobody listens on.

    Raises:
        ConfigError: somebody does, or it is no socket.
    """
    found = _identity(path)
    if found is not None and _look(path) and _identity(path) == found:
        path.unlink(missing_ok=True)


def _look(path: Path) -> bool:
    """Whether a dead socket stands there; False when it is gone meanwhile.

    Raises:
        ConfigError: somebody listens on it, or it is no socket.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISSOCK(mode):
        why = f"{path} is {kind_of(mode)}, and no socket; it is left as it is"
        raise ConfigError(SETTING, why, hint='choose a path of its own, as "/run/clockd/control.sock"')
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
        except FileNotFoundError:
            return False
        except BlockingIOError:
            pass  # its callers wait in a row, so it lives
        except OSError as error:
            why = f"what stands at {path} cannot be asked: {error.strerror}"
            raise ConfigError(SETTING, why, hint="remove it, or choose another path") from error
    raise _taken(path)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at a path from all others that exist; None when nothing is there."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
