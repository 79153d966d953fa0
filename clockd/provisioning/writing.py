"""The files of a card: one that is pulled out too early is known as such, and one of before leaves no secret."""

import os
from collections.abc import Mapping
from pathlib import Path

from clockd.errors import Refused, UsageError
from clockd.provisioning.card import ID, SECRET_FOLDER, CardFiles
from clockd.provisioning.first_run import CARD_FOLDER, with_first_run

CMDLINE = "cmdline.txt"
"""The words for the kernel, on the open partition."""


def check_card(folder: Path, *, first_run: bool) -> None:
    """Look at the folder that is to be written, before anybody types a secret.

    Raises:
        UsageError: it is none, or no card where it has to be one.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="is the card mounted? lsblk shows where")
    if first_run and not (folder / CMDLINE).is_file():
        hint = "name the folder at which the card's first partition is mounted, as /media/you/bootfs"
        raise UsageError(f"{folder} has no {CMDLINE}, so it is no card of this system", hint=hint)


def write_card(folder: Path, files: CardFiles, *, first_run: bool) -> None:
    """Write all files below a folder; the one by which the terminal knows them comes last.

    Args:
        folder: the card's open partition, or one that is copied there.
        files: what `files_of` returned.
        first_run: whether the system reads `cmdline.txt`, and no user-data.

    Raises:
        Refused: it cannot be written.
    """
    cmdline = folder / CMDLINE
    try:
        (folder / ID).unlink(missing_ok=True)
        wipe_secrets(folder)
        _remove_old(folder / CARD_FOLDER)
        _write_all(folder, {path: data for path, data in files.plain.items() if path != ID})
        _write_all(folder, files.secret)
        if first_run:
            _write(cmdline, with_first_run(cmdline.read_text()).encode())
        _write(folder / ID, files.plain[ID])
    except OSError as error:
        hint = "is the card full, or locked by its switch? df -h, mount"
        raise Refused(f"{error.filename or folder} cannot be written: {error.strerror}", hint=hint) from None


def wipe_secrets(folder: Path) -> None:
    """Overwrite the secrets of a card that was written before, in place, and remove them."""
    old = folder / SECRET_FOLDER
    for path in sorted(old.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
            continue
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    if old.is_dir():
        old.rmdir()


def _remove_old(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        _write(folder / path, data)


def _write(path: Path, data: bytes) -> None:
    """Write a file once: a draft that is renamed would leave what it held in free space."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
