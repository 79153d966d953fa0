"""Commands that are imported when they are called: help and completion of all of them need a name and a sentence."""

from importlib import import_module
from typing import Any

import click

from clockd.cli import examples


class LaterCommand(click.Command):
    """Stands in the list of commands for one whose module nobody needed yet.

    Args:
        name: how it is called.
        place: where it is, below `clockd.cli`: `punches:punches` is `clockd.cli.punches.punches`.
        sentence: what the list of commands says of it.
    """

    def __init__(self, name: str, place: str, sentence: str) -> None:
        super().__init__(name, short_help=sentence)
        self._module, _, self._attribute = place.partition(":")

    def load(self) -> click.Command:
        """Import the command; its help ends with an example."""
        command = getattr(import_module(f"clockd.cli.{self._module}"), self._attribute)
        assert isinstance(command, click.Command)
        assert self.name
        examples.put_into(command, self.name)
        return command

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Begin the command itself; click asks for this when it is called, and when its words are completed."""
        return self.load().make_context(*args, **extra)


def every(command: click.Command, words: str = "") -> list[tuple[str, click.Command]]:
    """Return a command and all below it, imported, with the words that lead there."""
    loaded = command.load() if isinstance(command, LaterCommand) else command
    found = [(words, loaded)]
    if isinstance(loaded, click.Group):
        for name, inner in loaded.commands.items():
            found += every(inner, f"{words} {name}".strip())
    return found
