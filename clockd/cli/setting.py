"""`clockd set …`: what changes after the installation, by one command each: the tracker's URL, a key, the Wi-Fi."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from clockd import config
from clockd.cli.saying import say
from clockd.config import Config, Goodtime, NoTracker, Secrets, TimeTrack
from clockd.config.files import NoSmallFile, in_utf8
from clockd.config.secrets import SECRETS, variable
from clockd.errors import ConfigError, Refused, UsageError
from clockd.host.sealing import seal_secret
from clockd.host.service import PAGE_UNIT, UNIT, read_service

SERVICE_CONFIG = Path("/etc/clockd/clockd.toml")
SERVICE_CREDENTIALS = Path("/etc/clockd/credentials")
RESTART = "systemctl restart clockd"
LONGEST_SECRET_BYTES = 64 * 1024
CHANGEABLE = tuple(name for name in SECRETS if name != "badge-pepper")

CONFIG_FILE = click.option(
    "--config",
    "config_file",
    default=SERVICE_CONFIG,
    show_default=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration.",
)
RESTART_TOO = click.option("--restart", is_flag=True, help="Restart the service afterwards, so that it counts.")


SET_HELP = """Change the tracker's URL, a key, or the Wi-Fi, by one command each.

\b
clockd set tracker-url https://testaccount.timetrackenterprise.com/api/v2/ext
clockd set key timetrack-api-secret      (then type it; or from a file: < FILE)
clockd set wifi "Office 5 GHz"           (then type its password)
"""


@click.group("set", help=SET_HELP)
def set_() -> None:
    """What changes after the installation."""


@set_.command("tracker-url", short_help="Book at another address.")
@click.argument("url")
@click.option("--kind", type=click.Choice(["timetrack", "goodtime"]), help="And on another tracker.")
@CONFIG_FILE
@RESTART_TOO
def set_tracker_url(url: str, kind: str | None, config_file: Path, restart: bool) -> None:
    """Let the configuration name another URL of the tracker (URL is everything before /attendances, or /api/…).

    The rest of the file stays as it is, comments too; the one of before is kept beside it as FILE.before. A URL that
    cannot be one changes nothing.
    """
    from clockd.config import editing
    from clockd.daemon.opening import account

    text = editing.read_text(config_file)
    try:
        old = config.parse(text, str(config_file))
    except ConfigError:  # the URL may be what is wrong with it
        old = None
    if old is not None and isinstance(old.tracker, NoTracker) and kind is None:
        raise UsageError("no tracker is configured yet, so it has no URL", hint="--kind timetrack, or --kind goodtime")
    values: dict[str, str | float] = {} if kind is None else {"kind": kind}
    changed = editing.with_values(text, "tracker", {**values, "url": url.strip()})
    new = config.parse(changed, str(config_file))
    if changed == text:
        say(f"{config_file} names this URL already; nothing was changed")
        return
    kept = editing.replace_file(config_file, changed)
    say(f"{config_file} is changed; as it was before: {kept}")
    if old is not None and account(old) != account(new):
        _tell_of_another_account(new)
    _begin_anew(
        restart, "clockd goes on with the old URL until it is started anew", is_service=config_file == SERVICE_CONFIG
    )


def _tell_of_another_account(new: Config) -> None:
    tracker = new.tracker
    assert not isinstance(tracker, NoTracker)
    if tracker.on_switch == "send":
        say("this is another account: what waits for the old one will be sent here (tracker.on_switch = send)")
    else:
        say("this is another account: what waits for the old one will be held, and clockd punches --state held asks")


@set_.command("key", short_help="Take a new key, secret or password.")
@click.argument("names", metavar="[NAME]", nargs=-1)
@CONFIG_FILE
@click.option(
    "--credentials",
    "folder",
    default=SERVICE_CREDENTIALS,
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the service finds them.",
)
@RESTART_TOO
def set_key(names: tuple[str, ...], config_file: Path, folder: Path, restart: bool) -> None:
    """Put a secret where the service reads it, with mode 0600, or encrypted where the first boot did so.

    It is typed, or read from standard input; never given as an argument, where the list of processes and the shell's
    history would show it.

    NAME is timetrack-api-key, timetrack-api-secret, goodtime-login-email, goodtime-api-password,
    tracker-proxy-password or web-password. Without one, both that the configured tracker needs are asked for, a line
    each.
    """
    from clockd.config import editing

    wanted = _names(names, config_file)
    found = [(name, checked_secret(name, text)) for name, text in zip(wanted, typed_secrets(wanted), strict=True)]
    for name, secret in found:
        if folder == SERVICE_CREDENTIALS and (sealed := sealed_place(name)) is not None:
            seal_secret(name, secret, sealed)
            say(f"{sealed} is encrypted anew")
        else:
            say(f"{editing.write_secret(folder, name, secret)} is written")
    if folder != SERVICE_CREDENTIALS and not restart:
        say(f"a clockd with CREDENTIALS_DIRECTORY={folder} takes it without a restart; the service does not look there")
        return
    why = "systemd hands credentials over when the service starts: the old one is used until then"
    _begin_anew(restart, why, is_service=True)


def sealed_place(name: str) -> Path | None:
    """Return where the services get a secret from that systemd decrypts; None: it stands in plain text."""
    for unit in (UNIT, PAGE_UNIT):
        service = read_service(name=unit)
        if service is not None and name in service.encrypted:
            return service.encrypted[name]
    return None


def _names(names: tuple[str, ...], config_file: Path) -> tuple[str, ...]:
    """Return the secrets that are to be asked for.

    Raises:
        UsageError: there is none of this name; or more was given, which may be a secret and is not repeated.
    """
    if len(names) > 1:
        why = "a secret is no argument: it stands in the shell's history now, and everybody here could read it"
        raise UsageError(why, hint="make a new one at the tracker; then: clockd set key NAME, and type it")
    if names and names[0] == "badge-pepper":
        why = "under another badge-pepper every badge is a stranger's, so it cannot be changed"
        raise UsageError(why, hint="README.md, “Secrets”, says how one of your own is given before the first badge")
    if names and names[0] not in CHANGEABLE:
        raise UsageError("there is no secret of this name", hint=f"one of {', '.join(CHANGEABLE)}")
    if names:
        return names
    match config.load(config_file).tracker:
        case TimeTrack():
            return ("timetrack-api-key", "timetrack-api-secret")
        case Goodtime():
            return ("goodtime-login-email", "goodtime-api-password")
        case NoTracker():
            raise UsageError(
                "no tracker is configured, so it needs no key", hint="name the secret: clockd set key NAME"
            )


def typed_secrets(names: Sequence[str]) -> list[str]:
    """Ask for secrets, where a person sits; else read them from standard input, a line each.

    Raises:
        UsageError: there are more or fewer lines, or it is no text.
    """
    if sys.stdin.isatty():
        return [str(click.prompt(name, hide_input=True, err=True)) for name in names]
    data = sys.stdin.buffer.read(LONGEST_SECRET_BYTES)
    try:
        text = in_utf8(data)
    except NoSmallFile as error:
        raise UsageError(f"what was read from standard input {error.why}", hint=error.hint) from None
    if len(names) == 1:
        return [text]
    lines = [line for line in text.splitlines() if line.strip("\0\ufeff \t")]
    if len(lines) != len(names):
        raise UsageError(f"{len(lines)} lines were read from standard input", hint=f"one for each: {', '.join(names)}")
    return lines


def checked_secret(name: str, text: str) -> str:
    """Return a secret without what a paste left around it.

    Raises:
        ConfigError: it cannot be one.
        UsageError: it is empty.
    """
    secret = Secrets(None, {variable(name): text}).find(name)
    if secret is None:
        raise UsageError(f"nothing was given for {name}", hint="type it, or from a file: < FILE")
    return secret.reveal()


@set_.command("wifi", short_help="Join another Wi-Fi network.")
@click.argument("ssid")
@click.option("--hidden", is_flag=True, help="The network does not announce its name.")
@click.option("--open", "is_open", is_flag=True, help="It has no password.")
def set_wifi(ssid: str, hidden: bool, is_open: bool) -> None:
    """Join a Wi-Fi network, now and at each start (by NetworkManager, as Raspberry Pi OS has it).

    The password is typed, or read from standard input. Networks of before stay known: where this one cannot be joined,
    the device goes back to them.
    """
    from clockd.host.wifi import join_wifi

    password = None if is_open else typed_secrets(("password",))[0].strip("\r\n\0")
    join_wifi(ssid, password, hidden=hidden)
    say(f"joined {ssid}. clockd needs no restart: what waits is sent within minutes, or at once by clockd sync")


def _begin_anew(restart: bool, why: str, *, is_service: bool) -> None:
    """Restart the service, or say what has to be done."""
    from clockd.host.programs import NoProgram, run_program

    if not restart:
        say(f"{why}: " + (f"sudo {RESTART}" if is_service else "restart the clockd that uses it"))
        return
    try:
        done = run_program(RESTART.split())
    except NoProgram as error:
        raise Refused(f"it was not restarted: {error.message}", hint="restart clockd as it was started here") from None
    if done.code:
        said = " ".join(done.err.split())
        raise Refused(f"it was not restarted: {said}", hint="journalctl -u clockd -n 20 says why") from None
    say("clockd was restarted; clockd status shows whether the tracker takes it")
