"""What would stop a start of clockd: the folder of its store, the store, the pepper, the place of its socket.

A start is rehearsed on a copy of the store, so that what stops the one stops the other. What the daemon that runs has
open is its own to tell.
"""

from functools import partial
from pathlib import Path

from clockd import daemon, host
from clockd.cli.asking import object_of
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.checkup.standing import Standing
from clockd.config import Config
from clockd.config.secrets import SECRETS, in_quotes
from clockd.control.place import check_place
from clockd.errors import ClockdError, ConfigError
from clockd.store import badges, beforehand, lock

LOW_DISK_BYTES = 100 * 1024 * 1024
KNOWN_PEPPER = CheckLine("badge-pepper", ok=True, found="the one that the badges were enrolled under")
WRONG_PEPPER = CheckLine("badge-pepper", ok=False, found=badges.OTHER_PEPPER, hint=badges.OTHER_PEPPER_HINT)


async def check_start(config: Config, standing: Standing) -> list[CheckLine]:
    """Look at all that a start needs."""
    folder = check_folder(config, standing)
    findings = [folder, _socket(config, standing), *_credentials(standing)]
    if folder.ok:
        findings += await _store(config, standing)
    return findings


def check_folder(config: Config, standing: Standing) -> CheckLine:
    """Look whether the state folder takes what is written."""
    folder = Path(config.terminal.state_dir)
    kept = standing.keeps_store_of(config)
    if kept and standing.running is not None and (fault := standing.running.said["fault"]):
        return CheckLine("state", ok=False, found=f"the clockd that runs cannot record: {fault}", hint="clockd status")
    try:
        there = folder.exists()
        if not (kept and not standing.is_service) and (there or not standing.makes(folder)):
            beforehand.check_folder(folder)
        free = host.disk_free_bytes(folder if there else next(above for above in folder.parents if above.exists()))
    except ClockdError as error:
        return CheckLine.failed("state", error)
    except OSError as error:
        hint = "run as the user clockd runs as, or change terminal.state_dir"
        return CheckLine("state", ok=False, found=f"{folder} cannot be looked at: {error.strerror}", hint=hint)
    if (why := daemon.memory_of(config)) is not None:
        hint = "switch the overlay file system off (raspi-config), or put terminal.state_dir on a disk"
        return CheckLine("state", ok=False, found=f"{folder} is in memory ({why}) and gone with the power", hint=hint)
    low = free < LOW_DISK_BYTES
    found = f"{folder}, {free // (1024 * 1024)} MiB free"
    return CheckLine("state", ok=not low, found=found, hint="free some space" if low else "")


def _socket(config: Config, standing: Standing) -> CheckLine:
    place = Path(config.terminal.control_socket)
    if standing.running is not None and standing.running.place == place:
        return CheckLine("control socket", ok=True, found=f"the clockd that runs answers on {place}")
    try:
        if place.parent.exists() or not standing.makes(place.parent):
            check_place(place)
    except ClockdError as error:
        return CheckLine.failed("control socket", error)
    except OSError as error:
        return CheckLine("control socket", ok=False, found=f"{place} cannot be looked at: {error.strerror}")
    return CheckLine("control socket", ok=True, found=f"{place} is free")


def _credentials(standing: Standing) -> list[CheckLine]:
    """Look at each credential; one that is not there may not be needed."""
    findings = []
    for name in SECRETS:
        what = f"credential {name}"
        try:
            found = standing.secrets.find(name)
        except ConfigError as error:
            findings.append(CheckLine(what, ok=False, found=error.why, hint=error.hint))
            continue
        if name.endswith("-password") and found is not None and in_quotes(found.reveal()):
            findings.append(CheckLine(what, ok=True, found="the quotes around it are a part of it"))
        running, service = standing.running, standing.service
        if found is not None and running is not None and running.has_another(name):
            told = "is another one than the clockd that runs goes on with"
            findings.append(CheckLine(what, ok=True, found=told, hint="sudo systemctl restart clockd"))
        elif found is None and service is not None and name in service.encrypted:
            told = f"{service.encrypted[name]} is encrypted, and read by systemd at the start"
            findings.append(CheckLine(what, ok=service.encrypted[name].exists(), found=told))
        elif found is None and standing.is_unseen(name):
            told = "the clockd that runs has it; whether a restart finds it cannot be seen from here"
            findings.append(CheckLine(what, ok=True, found=told))
        elif found is None and running is not None and running.has(name):
            told = "is gone: the clockd that runs goes on with it, and a restart would not have it"
            findings.append(CheckLine(what, ok=False, found=told, hint="put it back where README.md, “Secrets”, says"))
    return findings


async def _store(config: Config, standing: Standing) -> list[CheckLine]:
    """Look at the store, and whether the badges were enrolled under this pepper."""
    database, running = config.terminal.database, standing.running
    try:
        if running is not None and standing.keeps_store_of(config) and not running.has_another("badge-pepper"):
            if standing.is_service and not standing.is_unseen("badge-pepper"):  # it may be gone since the start
                badges.find_peppers(standing.secrets.find("badge-pepper"), database.parent)
            return [WRONG_PEPPER if object_of(running.said["badges"])["problem"] else KNOWN_PEPPER]
        if running is None:
            lock.check_unused(database)
        async with daemon.open_rehearsal(config, standing.secrets) as core:
            known = await core.store.run(partial(badges.is_their_pepper, fingerprints=core.fingerprints))
            some = await core.store.run(badges.all_badges)
    except ConfigError as error:
        return [CheckLine(error.where, ok=False, found=error.why, hint=error.hint)]
    except ClockdError as error:
        return [CheckLine.failed("store", error)]
    except OSError as error:
        hint = "run as the user clockd runs as: sudo clockd check"
        return [CheckLine("store", ok=False, found=f"{database} cannot be looked at: {error.strerror}", hint=hint)]
    found = f"{database} can be opened" if database.exists() else "there is none yet: the first start makes it"
    pepper = [WRONG_PEPPER] if not known else [KNOWN_PEPPER] if some else []
    return [CheckLine("store", ok=True, found=found), *pepper]
