"""`clockd update …`: the Debian package, brought up to date from a source of one's own, and back."""

from collections.abc import Mapping

import click

from clockd.cli.asking import AskDaemon, asks_daemon, object_of, print_json
from clockd.cli.saying import say
from clockd.core.json import Json

MEANS = {
    "none": "this terminal was never updated by itself",
    "installing": "is being installed",
    "trying": "runs, and has to show within two minutes that it is healthy",
    "returning": "is not healthy; the version before is being put back",
    "taking back": "is being taken back, as was asked",
    "done": "is installed, and healthy",
    "failed": "was not healthy; the version before is back",
    "taken back": "was taken back, as was asked",
    "not begun": "no update was begun",
}


UPDATE_ADVICE = (
    "punches go on with the version before; what went wrong: journalctl -u clockd-update; to try that version again: "
    "clockd update now"
)
"""What to do about an update that failed."""


@click.group("update")
def updates() -> None:
    """A newer version from the source of your own, and the way back.

    Only for the Debian package, with /etc/apt/sources.list.d/clockd.sources (deploy/PACKAGE.md).
    """


@updates.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_daemon
def update_status(ask: AskDaemon, as_json: bool) -> None:
    """Show how far the last update is. Exit code 1 when it failed."""
    _show(object_of(ask({"cmd": "status"})), as_json=as_json)


@updates.command("now", short_help="Update at once, at any time of the day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_daemon
def update_now(ask: AskDaemon, as_json: bool) -> None:
    """Update at once, at any time of the day, also to a version that failed before.

    The door is without a light for a few seconds. A version that is not healthy within two minutes goes back by itself.
    """
    _ask(ask, "now", as_json=as_json)


@updates.command("back")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_daemon
def update_back(ask: AskDaemon, as_json: bool) -> None:
    """Put the version before the last update back. Every punch stays.

    Where no daemon answers any more:  sudo /usr/lib/clockd/updater back
    """
    _ask(ask, "back", as_json=as_json)


def _ask(ask: AskDaemon, wish: str, *, as_json: bool) -> None:
    answer = ask({"cmd": "update", "wish": wish})
    if as_json:
        print_json(answer)
        return
    say("asked; how it goes: clockd update status, and journalctl -u clockd-update")


def _show(status: dict[str, Json], *, as_json: bool) -> None:
    found = object_of(status.get("update") or {"state": "none", "detail": None, "version": None})
    if as_json:
        print_json(found)
    else:
        say(f"clockd {status['version']} runs")
        for line in update_lines(found):
            say(line)
    if found["state"] == "failed":
        if not as_json:
            say(UPDATE_ADVICE)
        raise click.exceptions.Exit(1)


def update_lines(found: Mapping[str, Json]) -> list[str]:
    """Say how far an update is: which version, and why where it did not go well."""
    state = str(found["state"])
    about = MEANS.get(state, state)
    said = [f"{found['version']} {about}" if found.get("version") and state not in ("none", "not begun") else about]
    return [*said, f"  {found['detail']}"] if found["detail"] else said
