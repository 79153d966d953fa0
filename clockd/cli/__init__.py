"""The commands: parse, ask the daemon, print, exit code.

run, web, check, demo …        start something
set                            changes the configuration, a key, or the Wi-Fi
support                        writes what somebody needs who helps
status, punches, badges,       ask the daemon through its socket; punches, badges, people, accounts and ledger also
people, sync, ledger …         work on the store itself (`--config FILE`) while no daemon runs
"""

import os
import sys
from typing import Any, NoReturn

import click

from clockd import __version__
from clockd.cli import (
    accounts,
    backup,
    badges,
    examples,
    goodtime,
    hours,
    ledger,
    people,
    punches,
    running,
    setting,
    status,
    support,
    timetrack,
    updating,
    web,
)
from clockd.cli.asking import print_json
from clockd.cli.saying import say_error
from clockd.errors import ClockdError
from clockd.host.zones import use_packaged_zones

# click keeps a paragraph as it is when a backspace stands before it
HELP = """A time clock: badge at the door, saved on disk, booked exactly once on TimeTrack or Goodtime.

\b
To see it:      clockd demo
On a terminal:  clockd check --config /etc/clockd/clockd.toml
                clockd status
                clockd badges enrol --username ada
                clockd punches --state held

\b
The daemon is found at --socket PATH, else $CLOCKD_SOCKET, else
/run/clockd/control.sock. With --json a command prints one JSON document
and nothing else; an error too: {"error": {"message", "hint", "exit_code"}}.

\b
Exit codes: 0 done · 1 the answer is no · 2 wrong usage or configuration
            3 no daemon · 4 tracker unreachable
"""


class Commands(click.Group):
    """The commands, which end in peace when nobody can take their output."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if ctx.invoked_subcommand == "run":
                raise  # a mistake of ours, which belongs into the journal with its traceback
            _drop_output()
            if isinstance(error, BrokenPipeError):
                return 0  # as in `clockd punches | head -1`
            raise ClockdError(f"{error.filename or 'standard output'}: {error.strerror or error}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, help=HELP)
@click.version_option(__version__, prog_name="clockd")
def cli() -> None:
    """All commands."""


for command in (
    running.run,
    running.check,
    running.demo,
    running.simulate,
    web.serve_web,
    status.status,
    status.sync,
    punches.punches,
    hours.show_hours,
    badges.badges,
    people.people,
    accounts.accounts,
    ledger.ledger,
    backup.make_backup,
    backup.restore_backup,
    setting.set_,
    support.write_support,
    updating.updates,
    timetrack.timetrack,
    goodtime.goodtime,
):
    cli.add_command(command)


examples.put_into(cli)


def main() -> None:
    """Entry point of `clockd`: errors of ours become one line and an exit code, never a traceback."""
    use_packaged_zones()
    try:
        # without its standalone mode click returns the code of an Exit instead of raising it
        code: object = cli.main(prog_name="clockd", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        _end(error.format_message(), "", error.exit_code)
    except ClockdError as error:
        say_error(error)
        _end("\n  ".join((error.message, *error.details)), error.hint, error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _end(message: str, hint: str, exit_code: int) -> NoReturn:
    """End with an error; who asked for JSON finds it on standard output as well."""
    if "--json" in sys.argv:
        try:
            print_json({"error": {"message": message, "hint": hint, "exit_code": exit_code}})
        except OSError:
            _drop_output()
    sys.exit(exit_code)


def _drop_output() -> None:
    """Let what is still in the buffer go nowhere; Python would try it again at its end, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
