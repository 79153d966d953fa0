"""What the shell completes besides words: usernames and ids of punches, as the running daemon knows them."""

import click

from clockd import control
from clockd.cli.asking import object_of, rows, socket_path
from clockd.core.ids import short_id
from clockd.core.json import Json
from clockd.errors import ClockdError

PATIENCE_S = 1.0
"""Nobody waits longer for a completion."""
MOST_OFFERED = 50
"""Newest punches whose ids are offered."""


def known_usernames(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the usernames that begin so."""
    names = (str(person["username"]) for person in _answer(context, {"cmd": "people"}))
    return [name for name in names if name.startswith(incomplete)]


def known_punches(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the short ids of punches that begin so, newest first: of the held ones, where any is held."""
    found = _answer(context, {"cmd": "punches", "limit": MOST_OFFERED})
    held = [punch for punch in found if object_of(punch["delivery"])["state"] in ("held", "stranger")]
    ids = (short_id(str(punch["id"])) for punch in held or found)
    return [each for each in ids if each.startswith(incomplete.upper())]


def _answer(context: click.Context, sent: control.Command) -> list[dict[str, Json]]:
    """Ask the daemon; where none answers, nothing is completed, and nothing is said."""
    place: object = None
    within: click.Context | None = context
    while within is not None and place is None:
        place, within = within.params.get("socket"), within.parent
    try:
        return rows(control.ask(socket_path(None if place is None else str(place)), sent, PATIENCE_S))
    except ClockdError:
        return []
