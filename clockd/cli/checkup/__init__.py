"""What `clockd check` looks at: all that a start needs, every configured device, the tracker. Changes nothing.

standing   as whom it looks, and whom it asks: it begins with that
start      what would stop a start
devices    opened, or asked of the daemon that holds them
trackers   asked through the daemon's line, or within its budget
alerts     whether somebody far away can be told
update     how the last one went
"""

import os
from pathlib import Path

from clockd import host
from clockd.cli.checkup.alerts import check_alerts
from clockd.cli.checkup.devices import check_devices
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import stand
from clockd.cli.checkup.start import check_start
from clockd.cli.checkup.trackers import check_tracker
from clockd.cli.checkup.update import check_update
from clockd.config import Config, Secrets
from clockd.host import rtc, timesource
from clockd.updating.record import load_record

__all__ = ["CheckLine", "check"]


async def check(file: Path, config: Config, secrets: Secrets) -> list[CheckLine]:
    """Look at everything the configuration in a file names, as the service would."""
    standing = stand(file, config, secrets)
    findings = [_configuration(file, config), standing.line, *await check_start(config, standing)]
    clock = await _clock(config)
    findings.append(clock)
    if (battery := rtc.battery_clock(true_at=host.now_at() if clock.ok else None)) is not None:
        found = f"{battery.name}: {battery.problem or 'plausible'}"
        findings.append(CheckLine("battery clock", ok=battery.plausible, found=found))
    findings += [*await check_devices(config, standing.running), *await check_tracker(config, standing)]
    return [*findings, *check_alerts(standing), *check_update(load_record())]


def _configuration(file: Path, config: Config) -> CheckLine:
    if os.access(file, os.R_OK):
        return CheckLine("configuration", ok=True, found=f"terminal {config.terminal.name}")
    hint = f"the user clockd runs as must be able to read it: sudo chmod 644 {file}, and look at its folder"
    return CheckLine("configuration", ok=False, found=f"{file} cannot be read", hint=hint)


async def _clock(config: Config) -> CheckLine:
    look = host.look()
    sync = await timesource.ask_sources(timesource.sources(config.clock.trust), 0.0, look)
    shown = look.wall_at.astimezone(config.terminal.zone)
    found = f"{shown:%Y-%m-%d %H:%M:%S} {config.terminal.time_zone}, {sync.source}"
    if sync.synchronized:
        return CheckLine("clock", ok=True, found=found)
    hint = "punches are saved and dated when time arrives; systemctl status systemd-timesyncd"
    return CheckLine("clock", ok=False, found=f"{found}: not synchronized", hint=hint)
