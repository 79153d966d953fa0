"""Whether a folder would take a store, without leaving a trace in it."""

import errno
import os
from pathlib import Path

from clockd.config.files import kind_of
from clockd.errors import ConfigError, StoreUnusable
from clockd.store.lock import LOCK

WRITTEN_BYTES = 8192
"""How many bytes are tried: about as many as a tap writes."""
FOLDER_HINT = "create it, and give it to the user clockd runs as (terminal.state_dir)"
_NO_UNNAMED = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL})
"""Errors of a file system that has no files without a name."""


def no_folder(folder: Path) -> ConfigError:
    """Return what is said of a state folder that is something else."""
    why = f"{folder} is {kind_of(folder.lstat().st_mode)}, and no folder"
    return ConfigError("terminal.state_dir", why, hint='name a folder, as "/var/lib/clockd"')


def check_folder(folder: Path) -> None:
    """Make sure that this process may write into a state folder, or make it.

    Raises:
        ConfigError: something else stands there.
        StoreUnusable: it may not, the disk refuses, or a file of the store's is not this user's to write.
    """
    if not folder.exists():
        above = next(parent for parent in folder.parents if parent.exists())
        if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
            raise StoreUnusable(f"{folder} cannot be made: {above} cannot be written", hint=FOLDER_HINT)
        return
    if not folder.is_dir():
        raise no_folder(folder)
    try:
        _write(folder)
    except OSError as error:
        raise StoreUnusable(f"{folder} cannot be written: {error.strerror}", hint=FOLDER_HINT) from error
    for file in [*sorted(folder.glob("clockd.db*")), folder / LOCK]:
        if file.is_file() and not os.access(file, os.R_OK | os.W_OK):
            hint = f"give it to the user clockd runs as: sudo chown --reference={folder} {file}"
            raise StoreUnusable(f"{file} cannot be written", hint=hint)


def _write(folder: Path) -> None:
    """Write a file that has no name, so that it is gone whatever happens."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        code = errno.EROFS if read_only else errno.EACCES
        raise OSError(code, os.strerror(code))
    try:
        handle = os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in _NO_UNNAMED:
            return
        raise
    try:
        os.write(handle, b"-" * WRITTEN_BYTES)
        os.fsync(handle)
    finally:
        os.close(handle)
