"""Secrets that systemd decrypts for a service: by this machine's TPM where it has one, else by a key of its disk.

Who has the whole disk has that key as well; who has a copy of the file alone has nothing.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from clockd.errors import Refused
from clockd.host.programs import NoProgram, run_program


def open_sealed(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the texts of encrypted secrets, by name; one that this process cannot decrypt is left out.

    Args:
        files: where each is.
    """
    found: dict[str, str] = {}
    for name, path in files.items():
        try:
            done = run_program(["systemd-creds", "decrypt", f"--name={name}", str(path), "-"])
        except NoProgram:
            break
        if done.code == 0:
            found[name] = done.out
    return found


def seal_secret(name: str, text: str, path: Path) -> None:
    """Encrypt a secret for this machine, in place of the one before; whole or not at all.

    Raises:
        Refused: it may not be written, cannot be encrypted, or cannot be read back; the one of before is as it was.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        done = run_program(["systemd-creds", "encrypt", f"--name={name}", "-", str(draft)], given=text)
    except NoProgram as error:
        raise Refused(error.message, hint="it comes with systemd 250 and newer") from None
    if done.code or open_sealed({name: draft}) != {name: text}:
        draft.unlink(missing_ok=True)
        said = " ".join(done.err.split())
        raise Refused(
            f"{name} could not be encrypted: {said}", hint="sudo is needed; else look at the disk: df -h, dmesg"
        )
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
