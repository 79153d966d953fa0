"""How far an update is, on disk: one small file that is replaced as a whole. The daemon reads it for its status."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from clockd.core.sentence import read_said, said_json
from clockd.core.updates import COURSE, DoorLook, Step, UpdateStage

FOLDER = Path("/var/lib/clockd-update")
"""Where an update keeps what it needs: the state, the packages of the new version and of the one before, itself."""
PROGRAM = Path("/usr/lib/clockd/updater")
"""Where the Debian package has the updater; a clockd that came otherwise has none."""

WISHES = ("now", "back")
"""What the daemon may ask for, each by an empty file beside its socket: nothing that it writes is read."""


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """How far the last update is, and what has to be known to go on with it."""

    stage: UpdateStage = UpdateStage.NONE
    version: str = ""
    """The version that is or was wanted."""
    before: str = ""
    """The one that it replaces, whose package is kept."""
    detail: str = ""
    """For a person: why it failed, or was not begun."""
    tries: int = 0
    """How often the installation was begun."""
    well: DoorLook = field(default_factory=DoorLook)
    """The last look at the version before."""
    failed: tuple[str, ...] = ()
    """Versions that are not tried again until a person asks for it."""
    looked_at_s: float | None = None
    """When the source was last looked at, in seconds since 1970."""

    def after(self, step: Step, detail: str = "") -> "UpdateRecord":
        """Return what follows on a step."""
        return replace(self, stage=COURSE[self.stage, step], detail=detail or self.detail)


def load_record(folder: Path = FOLDER) -> UpdateRecord:
    """Read it; where there is none, or none that can be read, nothing was ever updated."""
    try:
        words: dict[str, Any] = json.loads((folder / "state").read_text())
        look = {**words.pop("well"), "readers": frozenset(words["readers"])}
        del words["readers"]
        words["detail"] = read_said(words.pop("detail_said", None), words["detail"])
        return UpdateRecord(
            **{
                **words,
                "stage": UpdateStage(words["stage"]),
                "well": DoorLook(**look),
                "failed": tuple(words["failed"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return UpdateRecord()


def save(record: UpdateRecord, folder: Path = FOLDER) -> None:
    """Write it; when this returns, it is on disk."""
    words: dict[str, Any] = asdict(record)
    words["readers"] = sorted(words["well"].pop("readers"))
    words["detail_said"] = said_json(record.detail)
    put_file(folder / "state", json.dumps(words, indent=1).encode() + b"\n")


def put_file(path: Path, content: bytes) -> None:
    """Replace a file as a whole; when this returns, it is on disk."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
