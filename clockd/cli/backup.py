"""`clockd backup`, `clockd restore`: store and configuration in one file, and back."""

import base64
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clockd import config
from clockd.cli.asking import AskDaemon, asks_store, object_of, print_json
from clockd.cli.saying import a_bar, say
from clockd.cli.without_daemon import secrets_of
from clockd.config import Config, Secret
from clockd.core.json import Json
from clockd.errors import ClockdError, Refused, UsageError

if TYPE_CHECKING:
    from clockd.store import archive

DEFAULT_CONFIG = Path("/etc/clockd/clockd.toml")
DAYS_KEPT = 14
"""Daily backups that stay."""
BEGUN_AT_MOST = 3
"""So often a backup is begun when the database file changes under it."""
_DAILY = "clockd-{terminal}-{day}.backup"


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--to", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="With --daily.")
@click.option("--daily", is_flag=True, help="One file a day in DIR; the oldest go.")
@click.option(
    "--keep", type=click.IntRange(min=1), default=DAYS_KEPT, show_default=True, metavar="N", help="With --daily."
)
@click.option("--with-pepper", is_flag=True, help="Put the badge pepper in as well, under a passphrase.")
@click.option("--json", "as_json", is_flag=True, help="What is in it, as one JSON document.")
@asks_store
def make_backup(
    ask: AskDaemon,
    file: Path | None,
    folder: Path | None,
    daily: bool,
    keep: int,
    with_pepper: bool,
    as_json: bool,
) -> None:
    """Write a backup to FILE (mode 0600): the database as it is between two taps, and the configuration.

    It is read back and checked. The tracker's keys are never in it, and badges are fingerprints; the pepper, without
    which a new device knows no badge, only under a passphrase. DIR should be on another device: what is on a dead card
    and was not sent is lost, but for what the last backup holds.
    """
    from clockd.store import archive, sealed

    if (folder is None) is not (not daily) or (file is None) is not daily:
        hint = "as clockd backup FILE, or clockd backup --to /mnt/nas --daily"
        raise UsageError("where to?", hint=hint)
    begun = object_of(ask({"cmd": "backup.begin"}))
    if folder is not None:
        file = _file_of_today(folder, str(begun["terminal"]))
        if file.exists():
            say(f"{file} was made today already", err=as_json)
            return
    assert file is not None
    others, told = _configuration()
    if with_pepper:
        pepper = _pepper()
        words = click.prompt("passphrase", hide_input=True, confirmation_prompt=True, err=True)
        others[archive.PEPPER] = sealed.seal(pepper, Secret(words))
    told |= {
        "terminal": begun["terminal"],
        "pepper": "sealed" if with_pepper else "left out",
        "head": begun.get("head"),
    }
    try:
        with tempfile.TemporaryDirectory(prefix=".clockd-backup-", dir=file.parent) as private:
            database = Path(private) / archive.DATABASE
            _copy(ask, begun, database)
            manifest = archive.write(file, database, others, told)
    except OSError as error:
        raise Refused(f"{error.filename or file} cannot be written: {error.strerror}") from error
    _note(ask, file)
    if folder is not None:
        for old in sorted(_dailies(folder, str(begun["terminal"])))[:-keep]:
            old.unlink()
    if as_json:
        print_json(manifest)
    else:
        say(f"{file}: {object_of(object_of(manifest)['ledger'])['rows']} rows of the ledger, checked")
        if not with_pepper:
            say("the badge pepper is not in it (--with-pepper): keep that as well, badges are unknown without it")


def _copy(ask: AskDaemon, begun: dict[str, Json], target: Path) -> None:
    """Write the database file, piece by piece; where it changed under us, anew."""
    for left in reversed(range(BEGUN_AT_MOST)):
        try:
            with target.open("wb") as out:
                for piece in _pieces(ask, begun):
                    out.write(piece)
            return
        except Refused:
            if not left:
                raise
            time.sleep(1.0)
            begun = object_of(ask({"cmd": "backup.begin"}))


def _pieces(ask: AskDaemon, begun: dict[str, Json]) -> Iterator[bytes]:
    size = int(str(begun["bytes"]))
    with a_bar("backup", total=size) as bar:
        offset = 0
        while offset < size:
            sent: dict[str, Json] = {"cmd": "backup.piece", "edition": begun["edition"], "offset": offset}
            piece = base64.b64decode(str(ask(sent)))
            if not piece:
                raise Refused("the database file is shorter than it was")
            yield piece
            offset += len(piece)
            bar.at(offset, size)


def _configuration() -> tuple[dict[str, bytes], dict[str, Json]]:
    """Return the configuration as a part of a backup: that of `--config`, else the service's, if it can be read."""
    from clockd.store import archive

    given = _given_config()
    file = given or DEFAULT_CONFIG
    try:
        data = file.read_bytes()
    except OSError as error:
        if given is not None:
            raise Refused(f"{file} cannot be read: {error.strerror}") from error
        say(f"clockd: {file} cannot be read, so no configuration is in it; --config FILE names one", err=True)
        return {}, {"configuration": None}
    return {archive.CONFIGURATION: data}, {"configuration": str(file)}


def _given_config() -> Path | None:
    found = click.get_current_context().params.get("config_file")
    return found if isinstance(found, Path) else None


def _pepper() -> Secret:
    """Read the pepper; only the service's user and root can."""
    file = _given_config() or DEFAULT_CONFIG
    found = secrets_of(file).find("badge-pepper")
    if found is not None:
        return found
    loaded = config.load(file)
    place = Path(loaded.terminal.state_dir) / "badge-pepper"
    try:
        text = place.read_text().strip()
    except OSError as error:
        hint = "as root; or give it as the service gets it: CLOCKD_BADGE_PEPPER"
        raise Refused(f"the pepper in {place} cannot be read: {error.strerror}", hint=hint) from error
    if not text:
        raise Refused(f"{place} is empty")
    return Secret(text)


def _note(ask: AskDaemon, file: Path) -> None:
    """Tell the terminal that there is a backup; that it cannot remember it is no reason to fail."""
    with suppress(ClockdError):
        ask({"cmd": "backup.note", "place": str(file.resolve()), "off_device": _is_off_device(file)})


def _is_off_device(file: Path) -> bool:
    """Whether a backup is on another disk than the database, as far as it can be told from here."""
    with suppress(OSError, ClockdError):
        state = Path(config.load(_given_config() or DEFAULT_CONFIG).terminal.state_dir)
        return file.stat().st_dev != state.stat().st_dev
    return False


def _file_of_today(folder: Path, terminal: str) -> Path:
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder", hint="is it mounted?")
    return folder / _DAILY.format(terminal=_plain_name(terminal), day=date.today().isoformat())  # noqa: DTZ011


def _dailies(folder: Path, terminal: str) -> Iterator[Path]:
    name = re.compile(_DAILY.format(terminal=re.escape(_plain_name(terminal)), day=r"\d{4}-\d\d-\d\d"))
    return (path for path in folder.iterdir() if name.fullmatch(path.name))


def _plain_name(terminal: str) -> str:
    return re.sub(r"[^\w.-]", "_", terminal)


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    default=DEFAULT_CONFIG,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The terminal's configuration; where there is none, the one in the backup is written there.",
)
@click.option("--older", is_flag=True, help="Even where the present store holds more than the backup.")
@click.option("--check", "only_check", is_flag=True, help="Only see that the backup is whole.")
@click.option("--key", metavar="HEX", help="Only if this key signed it; from clockd ledger head.")
def restore_backup(file: Path, config_file: Path, older: bool, only_check: bool, key: str | None) -> None:
    """Put the store of a backup in its place; the daemon must not run.

    What stands there is put aside. Nothing that was open when the backup was made is sent before the tracker was
    looked at, since it may have been sent meanwhile; so nothing is booked twice. Whoever can write the backup can write
    its ledger anew: with --key only one that your terminal signed is taken. Configuration, badges and accounts are not
    signed: read them.
    """
    from clockd.store import archive, restoring, sealed

    key = None if key is None else key.strip().lower()
    with archive.opened(file) as backup:
        if only_check or key is not None:  # before a configuration of somebody else's is written
            backup.check()
            with tempfile.TemporaryDirectory(prefix="clockd-check-") as private:
                known, proof = backup.take_database(Path(private) / archive.DATABASE)
            restoring.refuse_other_key(proof, key)
        if only_check:
            say(f"{file} of {backup.manifest.get('created_at')}: {known.rows} rows of the ledger, all whole")
            _say_who_signed(known, proof, key)
            return
        loaded = _configured(backup.small(archive.CONFIGURATION), config_file)
        database = loaded.terminal.database
        pepper = None
        if (data := backup.small(archive.PEPPER)) is not None:
            pepper = sealed.unseal(data, Secret(click.prompt("passphrase of the pepper", hide_input=True, err=True)))
        try:
            database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            found = restoring.restore(backup, database, time.time_ns() // 1000, pepper, key, older=older)
        except OSError as error:
            raise Refused(f"{error.filename or database} cannot be written: {error.strerror}") from error
        created = backup.manifest.get("created_at")
    say(f"{database} is that of {created}: {found.ledger.rows} rows of the ledger")
    _say_who_signed(found.ledger, found.proof, key)
    if found.aside is not None:
        say(f"what was there is kept as {database.with_name(found.aside)}: look what it holds that is not here")
    if not found.knows_pepper:
        say(
            f"the badge pepper is not here: put yours into {database.with_name('badge-pepper')}, or into the "
            "credential badge-pepper; else every badge is a stranger",
            err=True,
        )
    say(
        "the page's accounts and tokens are those of that day: clockd accounts list; remove again who was removed since"
    )
    say("start it: systemctl start clockd; it looks at the tracker before it sends anything of before")


def _say_who_signed(known: "archive.Ledger", proof: "archive.HeadProof", key: str | None) -> None:
    """Say what the backup proves of its ledger, since its hashes alone can be made anew by whoever can write it."""
    from clockd.store import archive

    match proof:
        case archive.SignedHead(key=signed_by, rows=rows):
            after = "" if rows == known.rows else f", up to row {rows}"
            compare = (
                "" if key is not None else ": compare it with one that you noted from clockd ledger head (or --key)"
            )
            say(f"signed by the key {signed_by}{after}{compare}")
        case archive.UnsignedHead():
            say(
                "it is not signed (an older clockd made it, or no daemon ran): so nothing shows that nobody "
                "wrote its ledger anew",
                err=True,
            )
        case archive.UncheckedHead():
            say("it is signed, and that could not be checked here: install clockd[backup]", err=True)


def _configured(data: bytes | None, place: Path) -> Config:
    """Take the configuration that is there, else write the one of the backup there."""
    from clockd.store import files

    if place.exists():
        if data is not None and place.read_bytes() != data:
            beside = place.with_name(f"{place.name}.of-backup")
            files.write(beside, data)
            say(f"{place} stays as it is; that of the backup is {beside}")
        return config.load(place)
    if data is None:
        raise UsageError(f"there is no {place}, and no configuration in this backup", hint="--config FILE")
    loaded = config.parse(data.decode("utf-8", "replace"), f"{place} (of the backup)")
    if not place.parent.is_dir():
        raise Refused(f"{place.parent} is no folder", hint="install clockd first (deploy/install)")
    files.write(place, data)
    say(f"{place} is that of the backup")
    return loaded
