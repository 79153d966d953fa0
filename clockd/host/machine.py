"""What this machine is and has, for somebody who helps: system, devices, disk. Nothing of it is needed at the door."""

import contextlib
import os
import platform
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from clockd.config.files import NoSmallFile, read_small

LONGEST_FACT_BYTES = 16 * 1024
_DEVICES = ("i2c-*", "spidev*", "gpiochip*", "serial*", "ttyACM*", "ttyUSB*", "ttyAMA*", "ttyS0", "rtc*")
_BY_ID = ("input/by-id/*", "serial/by-id/*")
_USB = ("idVendor", "idProduct", "manufacturer", "product")


def hostname() -> str:
    """Return what this machine is called, so that it can be left out."""
    return platform.node()


def own_address() -> str:
    """Return the address of this machine in its network; empty when it has none. Nothing is sent for this."""
    for family, anywhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.connect((anywhere, 9))
            return str(sock.getsockname()[0])
    return ""


def describe_system() -> list[str]:
    """Return lines about the system: its name, its kernel, its Python, how long it runs."""
    lines = [_line(Path("/proc/device-tree/model")), f"{platform.system()} {platform.release()} {platform.machine()}"]
    release = _read(Path("/etc/os-release")).splitlines()
    lines += [line.partition("=")[2].strip('"') for line in release if line.startswith("PRETTY_NAME=")]
    lines.append(f"Python {platform.python_version()}")
    lines.append(f"up for {_read(Path('/proc/uptime')).partition('.')[0]} s, load {' '.join(map(str, _load()))}")
    memory = _read(Path("/proc/meminfo")).splitlines()
    lines += [line for line in memory if line.startswith(("MemTotal", "MemAvailable"))]
    return [line for line in lines if line.strip()]


def describe_devices() -> list[str]:
    """Return lines about the devices that a reader, a display or keys may hang on."""
    lines = []
    for pattern in _DEVICES:
        lines += [f"{path} {_permission(path)}" for path in sorted(Path("/dev").glob(pattern))]
    for pattern in _BY_ID:
        lines += [f"{path} -> {os.readlink(path)}" for path in sorted(Path("/dev").glob(pattern)) if path.is_symlink()]
    for path in sorted(Path("/sys/bus/usb/devices").glob("*")):
        if (path / "idVendor").exists():
            lines.append("usb " + " ".join(filter(None, (_line(path / name) for name in _USB))))
    return lines


def describe_disk(folder: Path) -> list[str]:
    """Return lines about the disk under a folder: its size, how it is mounted, and the files in the folder."""
    lines = []
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    lines.append(f"{usage.free} of {usage.total} bytes are free")
    lines += [f"mounted: {line}" for line in _mounts(there)]
    try:
        for path in sorted(folder.iterdir()):
            lines.append(f"{path.name} {path.lstat().st_size} bytes {_permission(path)}")
    except OSError as error:
        lines.append(f"the state folder cannot be read: {error.strerror}")
    return lines


def _mounts(there: Path) -> Iterator[str]:
    mounts = [line.split() for line in _read(Path("/proc/self/mounts")).splitlines()]
    over = [words for words in mounts if len(words) > 3 and there.resolve().is_relative_to(words[1])]
    for words in sorted(over, key=lambda words: len(words[1]))[-1:]:
        yield " ".join(words[2:4])


def _permission(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError as error:
        return error.strerror or ""
    return f"{found.st_mode & 0o7777:04o} {found.st_uid}:{found.st_gid}"


def _load() -> tuple[float, ...]:
    return tuple(round(one, 2) for one in os.getloadavg())


def _line(path: Path) -> str:
    return " ".join(_read(path).replace("\0", " ").split())


def _read(path: Path) -> str:
    try:
        return read_small(path, LONGEST_FACT_BYTES).decode(errors="replace")
    except (FileNotFoundError, NoSmallFile):
        return ""
