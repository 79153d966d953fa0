"""As whom a check looks, and whom it asks.

A check looks as the service would: as its user, with the credentials that systemd would load. What the daemon that runs
holds cannot be opened a second time; it answers for that. So who looks is found out first, and told.
"""

import os
import pwd
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clockd import control
from clockd.cli.asking import object_of, rows, socket_path
from clockd.cli.checkup.lines import CheckLine
from clockd.cli.without_daemon import with_sealed
from clockd.config import Config, Secrets
from clockd.control.peers import user_name
from clockd.core.json import Json
from clockd.errors import ClockdError, NoDaemon, NotLetIn
from clockd.host.service import PAGE_UNIT, Service, read_service

ASKED_WITHIN_S = 20.0
"""How long a daemon may take to answer."""


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """The daemon that runs with this configuration, or with what the file said when it started."""

    place: Path
    """Its control socket."""
    said: Mapping[str, Json]
    """Its answer to `check`."""

    def section(self, name: str) -> dict[str, Json]:
        """Return a section of the configuration it runs with."""
        return object_of(object_of(self.said["config"])[name])

    @property
    def buttons(self) -> list[dict[str, Json]]:
        """The keys it has."""
        return rows(object_of(self.said["config"])["button"])

    @property
    def relays(self) -> list[dict[str, Json]]:
        """The relays it has."""
        return rows(object_of(self.said["config"])["relay"])

    @property
    def readers(self) -> list[dict[str, Json]]:
        """The readers it has: `section`, `state` and `detail` of each."""
        return rows(self.said["readers"])

    def panel(self, name: str) -> dict[str, Json] | None:
        """Say how `oled` or `lights` are; None when there is none."""
        found = object_of(self.said["panel"]).get(name)
        return None if found is None else object_of(found)

    def has(self, credential: str) -> bool:
        """Whether it has a credential that can be one."""
        return credential in self._names("credentials")

    def has_another(self, credential: str) -> bool:
        """Whether it goes on with another credential than the one that was found here."""
        return credential in self._names("other_credentials")

    def _names(self, key: str) -> list[Json]:
        found = self.said[key]
        return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Standing:
    """As whom a check looks, and what it has."""

    line: CheckLine
    """Tells the person."""
    secrets: Secrets
    running: RunningDaemon | None
    service: Service | None
    """The unit that starts this configuration, if there is one."""
    is_service: bool
    """Whether this process may what the service may."""
    sees_credentials: bool
    """Whether a credential that is not found here would not be found by a restart either."""

    def keeps_store_of(self, config: Config) -> bool:
        """Whether the daemon that runs has this configuration's store open."""
        running = self.running
        return running is not None and running.section("terminal")["state_dir"] == config.terminal.state_dir

    def is_unseen(self, credential: str) -> bool:
        """Whether the daemon that runs has a credential that cannot be seen from here."""
        return not self.sees_credentials and self.running is not None and self.running.has(credential)

    def makes(self, folder: Path) -> bool:
        """Whether systemd makes this folder before the start."""
        return self.service is not None and folder in self.service.folders


def stand(file: Path, config: Config, secrets: Secrets) -> Standing:
    """Find the service and the daemon of a configuration, read the credentials, and become the service's user.

    This process stays that user for the rest of its life, where it was root and the service is not.
    """
    service = read_service()
    service = service if service is not None and service.starts(file) else None
    me = os.geteuid()
    sees = service is not None and me == 0
    if service is not None and sees:
        page = read_service(name=PAGE_UNIT)
        secrets = with_sealed(secrets, *((page,) if page is not None and page.starts(file) else ()), service)
    kept = secrets.kept(_credentials_of(service, file) if service is not None and sees else {})
    nonce = randomness.token_hex(16)
    try:
        running = _find(file, config, {"cmd": "check", "nonce": nonce, "proofs": dict(kept.proofs(nonce))})
    except ClockdError as error:
        return Standing(CheckLine.failed("looked at", error), kept, None, service, False, False)
    wanted = _user(running, service)
    if me == 0 and wanted not in (None, 0):
        _become(wanted)
    is_service = wanted in (None, os.geteuid())
    told = f"as {user_name(os.geteuid())}"
    if wanted is not None and is_service and me != wanted:
        told += ", whom the service runs as"
    if running:
        told += f"; the clockd that runs (process {running.said['pid']}) answers for what it holds"
    hint = "" if is_service or wanted is None else _elsewise(wanted, file)
    return Standing(CheckLine("looked at", ok=True, found=told, hint=hint), kept, running, service, is_service, sees)


def _credentials_of(service: Service, file: Path) -> Mapping[str, Path]:
    """Return from where the daemon gets its credentials, and the admin page those that it alone has."""
    page = read_service(name=PAGE_UNIT)
    return {**(page.credentials if page is not None and page.starts(file) else {}), **service.credentials}


def _elsewise(wanted: int, file: Path) -> str:
    user = user_name(wanted)
    return f"the service runs as {user}, who may open more than you, or less: sudo clockd check --config {file}"


def _find(file: Path, config: Config, sent: control.Command) -> RunningDaemon | None:
    """Find the daemon that a restart would end: it has this file, or this state folder.

    Raises:
        NotLetIn: one answers on the socket of this configuration, and not to this user.
        ClockdError: that one does not know what it is asked.
    """
    configured = Path(config.terminal.control_socket)
    for place in dict.fromkeys([configured, socket_path(None)]):
        try:
            running = RunningDaemon(place, object_of(control.ask(place, sent, ASKED_WITHIN_S)))
        except NotLetIn:
            if place == configured:
                raise
        except NoDaemon:
            continue
        except ClockdError as error:
            if place == configured:
                error.hint = "a clockd of another version runs: restart it, and check again"
                raise
        else:
            same_store = running.section("terminal")["state_dir"] == config.terminal.state_dir
            if same_store or running.said["file"] == str(file.resolve()):
                return running
    return None


def _user(running: RunningDaemon | None, service: Service | None) -> int | None:
    """Return whom the service runs as; None when nothing says so."""
    if running is not None:
        return int(str(running.said["uid"]))
    if service is None:
        return None
    try:
        return 0 if service.user is None else pwd.getpwnam(service.user).pw_uid
    except KeyError:
        return None


def _become(uid: int) -> None:
    """Give up root's rights for those of a user and of the groups it is in now."""
    os.chdir("/")  # the folder of before may be closed to the user
    try:
        user = pwd.getpwuid(uid)
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
    except KeyError:
        os.setgroups([])
    os.setuid(uid)
