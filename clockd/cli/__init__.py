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
from clockd.cli.examples import epilog
from clockd.cli.later import LaterCommand
from clockd.cli.saying import say_error
from clockd.cli.zones import use_packaged_zones
from clockd.errors import ClockdError

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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, help=HELP, epilog=epilog(""))
@click.version_option(__version__, prog_name="clockd")
def cli() -> None:
    """All commands."""


EVERY_COMMAND = (
    ("run", "running:run", "Be a terminal: read badges, save and book punches."),
    ("check", "running:check", "Would it start, and is every device and the tracker there?"),
    ("demo", "running:demo", "See it without hardware, on a page in the browser."),
    ("simulate", "running:simulate", "Be a tracker, to try a terminal against."),
    ("web", "web:serve_web", "Serve the admin page."),
    ("status", "status:status", "Show how the terminal is: tracker, outbox, who is in, devices."),
    ("sync", "status:sync", "Send what waits, now."),
    ("punches", "punches:punches", "List punches, and repair those that are held."),
    ("corrections", "corrections:corrections", "Corrections: what owners said to what the office changed."),
    ("hours", "hours:show_hours", "Show who worked how long, and what is missing."),
    ("badges", "badges:badges", "Badges: who carries which, and whose an unknown one is."),
    ("people", "people:people", "Employees: who is known here, and a new username."),
    ("accounts", "accounts:accounts", "Accounts: who may sign in at the page, and tokens."),
    ("ledger", "ledger:ledger", "Check the ledger: all that was ever recorded."),
    ("backup", "backup:make_backup", "Write store and configuration to one file."),
    ("restore", "backup:restore_backup", "Take up work from a backup."),
    ("set", "setting:set_", "Change the tracker's URL, a key, or the Wi-Fi."),
    ("update", "updating:updates", "The package: what is new, update now, or go back."),
    ("support", "support:write_support", "Write what somebody needs who helps; no secrets, no names."),
    ("timetrack", "timetrack:timetrack", "TimeTrack by hand: attendances, projects, timers."),
    ("goodtime", "goodtime:goodtime", "Goodtime by hand: entries, time types, users, projects."),
)
"""Each command: its name, where it is, and its sentence in the list."""
for command in EVERY_COMMAND:
    cli.add_command(LaterCommand(*command))


def main() -> None:
    """Entry point of `clockd`."""
    run_command(cli, "clockd")


def run_command(command: click.Command, prog_name: str) -> NoReturn:
    """Run a program's command: errors of ours become one line and an exit code, never a traceback."""
    use_packaged_zones()
    try:
        # without its standalone mode click returns the code of an Exit instead of raising it
        code: object = command.main(prog_name=prog_name, standalone_mode=False)
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
        from clockd.cli.asking import print_json

        try:
            print_json({"error": {"message": message, "hint": hint, "exit_code": exit_code}})
        except OSError:
            _drop_output()
    sys.exit(exit_code)


def _drop_output() -> None:
    """Let what is still in the buffer go nowhere; Python would try it again at its end, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
