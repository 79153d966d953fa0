"""How systemd runs clockd here: as whom, with which configuration, with credentials from where.

The unit is read as systemd reads it: the first folder that has it, and then the drop-ins of all folders in the order of
their names. So `systemctl edit clockd` counts, and nothing has to run.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UNIT = "clockd.service"
PAGE_UNIT = "clockd-web.service"
FOLDERS = tuple(Path(folder, "systemd/system") for folder in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"))
"""Where units are, the first one first."""
CREDSTORES = tuple(Path(folder, "credstore") for folder in ("/etc", "/run", "/usr/local/lib", "/usr/lib"))
"""Where systemd looks for a credential that is loaded without a path; those that are encrypted have folders beside."""
_MADE = {"StateDirectory": "/var/lib", "RuntimeDirectory": "/run", "ConfigurationDirectory": "/etc"}


@dataclass(frozen=True, slots=True)
class Service:
    """What a unit says about the process that it starts."""

    user: str | None
    """Whom it runs as; None: root."""
    config: Path | None
    """The configuration it is started with."""
    credentials: Mapping[str, Path]
    """Where each credential is loaded from."""
    encrypted: Mapping[str, Path]
    """The same for those that systemd decrypts at the start."""
    folders: Sequence[Path]
    """Folders that systemd makes before the start, and gives to the user."""

    def starts(self, config: Path) -> bool:
        """Whether it is this configuration that the service is started with."""
        return self.config is not None and self.config.resolve() == config.resolve()


def read_service(
    folders: Sequence[Path] = FOLDERS, credentials: Sequence[Path] = CREDSTORES, name: str = UNIT
) -> Service | None:
    """Read a unit of this machine; None when there is none, or it cannot be read.

    Args:
        folders: of units, the first one first.
        credentials: folders of credentials that are loaded without a path.
        name: the unit's: the daemon's, or the admin page's.
    """
    unit = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if unit is None:
        return None
    by_name = {
        drop_in.name: drop_in for folder in reversed(folders) for drop_in in (folder / f"{name}.d").glob("*.conf")
    }
    said: dict[str, list[str]] = {}
    try:
        for file in [unit, *(by_name[name] for name in sorted(by_name))]:
            for key, value in _settings(file.read_text(errors="replace")):
                said[key] = [*said.get(key, []), value] if value else []
    except OSError:
        return None
    sealed = [folder.with_name(f"{folder.name}.encrypted") for folder in credentials]
    return Service(
        user=said["User"][-1] if said.get("User") else None,
        config=_config(said.get("ExecStart", [])),
        credentials=dict(_sources(said.get("LoadCredential", []), credentials)),
        encrypted=dict(_sources(said.get("LoadCredentialEncrypted", []), [*sealed, *credentials])),
        folders=[
            Path(root, name) for key, root in _MADE.items() for line in said.get(key, []) for name in line.split()
        ],
    )


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Return the settings of `[Service]`, as key and value; a value that is empty takes back what was said before."""
    section = ""
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and not line.startswith(("#", ";")) and "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def _config(starts: Sequence[str]) -> Path | None:
    try:
        words = [word for start in starts for word in shlex.split(start)]
    except ValueError:
        return None
    after = [words[n + 1] for n, word in enumerate(words[:-1]) if word == "--config"]
    after += [word.partition("=")[2] for word in words if word.startswith("--config=")]
    return Path(after[-1]) if after else None


def _sources(lines: Sequence[str], stores: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    for line in lines:
        name, _, place = line.partition(":")
        if place.startswith("/"):
            yield name, Path(place)
            continue
        kept = [store / (place or name) for store in stores]
        yield name, next((file for file in kept if file.exists()), kept[0])
