"""Small files of an admin: configuration and credentials. What else may stand at their path is told, not waited for."""

import os
import stat
from pathlib import Path


class NoSmallFile(Exception):
    """What stands at a path is no such file.

    Args:
        why: what it is instead, to follow the file's name in a sentence.
        hint: what to do about it.
    """

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def kind_of(mode: int) -> str:
    """Say what a file of this mode (`st_mode`) is, with its article."""
    return _KINDS.get(stat.S_IFMT(mode), "no file")


_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_small(path: Path, most_bytes: int) -> bytes:
    """Read a whole file of at most so many bytes.

    Raises:
        FileNotFoundError: nothing is there.
        NoSmallFile: it is longer, is no file, or may not be read.
    """
    try:
        # a named pipe would keep the open waiting for its other end
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NoSmallFile(f"cannot be read: {why}", "look at its owner and mode: ls -l") from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise NoSmallFile(f"is {kind_of(mode)}, and not a file", "name a file")
        data = b""
        while len(data) <= most_bytes and (more := os.read(handle, most_bytes + 1 - len(data))):
            data += more
    except OSError as error:
        raise NoSmallFile(f"cannot be read: {error.strerror}", "look at dmesg; the card may be failing") from None
    finally:
        os.close(handle)
    if len(data) > most_bytes:
        raise NoSmallFile(f"is longer than {most_bytes // 1024} KiB", "is it the right file?")
    return data


def in_utf8(data: bytes) -> str:
    """Read bytes as text; a byte order mark in front is dropped.

    Raises:
        NoSmallFile: it is no UTF-8.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NoSmallFile("is UTF-16, and not UTF-8", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoSmallFile(f"is not UTF-8 (byte {error.start + 1})", "save it as UTF-8") from None
