"""The voice to systemd."""

import os
import socket


def notify(message: str) -> None:
    """Tell systemd (sd_notify): `READY=1`, `WATCHDOG=1`, `STATUS=…`. Silent where no systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.sendto(message.encode(), address)


def is_under_systemd() -> bool:
    """Whether a service manager started this process and listens to it."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def watchdog_s() -> float | None:
    """Seconds within which systemd wants a sign of life, or None when it wants none."""
    usec = os.environ.get("WATCHDOG_USEC")
    pid = os.environ.get("WATCHDOG_PID")
    if not usec or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 1_000_000
