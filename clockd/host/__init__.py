"""The machine under us: the only reader of clocks, and the only voice to systemd.

Everything else gets a `Reading`, or `boottime_s()` as an argument.

    clocks.py       wall and boot time in one look, the boot id
    steps.py        a step of the wall clock, at the moment it happens
    timesource.py   who says that the wall clock is right: timesyncd, chrony, D-Bus, kernel
    timewatch.py    joins these: whether a look at the clock can be trusted, and an anchor for each clock that can
    rtc.py          the battery clock and the saved clock: hints, never truths
    systemd.py      sd_notify, watchdog
    disk.py         free space
    machine.py      what this machine is and has, for who helps
    programs.py     runs a program of the operating system
    wifi.py         another Wi-Fi network, by NetworkManager
    memory.py       whether a folder is gone with the power
    sealing.py      secrets that systemd decrypts for a service
    service.py      how systemd runs clockd here: as whom, with what
"""

from clockd.host.clocks import BOOT_ID, ClockLook, Clocks, boot_id, boottime_s, look, now_at
from clockd.host.disk import disk_free_bytes
from clockd.host.memory import in_memory
from clockd.host.systemd import is_under_systemd, notify, watchdog_s

__all__ = [
    "BOOT_ID",
    "ClockLook",
    "Clocks",
    "boot_id",
    "boottime_s",
    "disk_free_bytes",
    "in_memory",
    "is_under_systemd",
    "look",
    "notify",
    "now_at",
    "watchdog_s",
]
