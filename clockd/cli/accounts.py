"""`clockd accounts …`: who may sign in at the admin page, and which programs may read there."""

import sys
from contextlib import suppress

import click

from clockd.cli.asking import AskDaemon, asks_store, claimed_name, minutes, object_of, print_json, rows
from clockd.cli.completing import known_usernames
from clockd.cli.saying import say, say_columns
from clockd.core.accounts import SHORTEST_PASSWORD, Reach, account_name, why_no_password
from clockd.core.json import Json
from clockd.core.roles import Role
from clockd.errors import PackageMissing, Refused, StoreUnusable, UsageError

DAMAGED = "damaged: set it anew"
MISSING = "argon2"
"""The package of the page's extra without which no password becomes a hash."""


@click.group()
def accounts() -> None:
    """Accounts: who may sign in at the page, and tokens."""


@accounts.command(short_help="Let somebody sign in.")
@click.argument("name", metavar="NAME")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What they may do; see above."
)
@click.option(
    "--username",
    "-u",
    metavar="U",
    shell_complete=known_usernames,
    help="With --role employee: whose hours they see; else NAME.",
)
@asks_store
def add(ask: AskDaemon, name: str, role: str, username: str | None) -> None:
    """Let somebody sign in. The password is asked for, or read from standard input.

    \b
    admin     reads and changes everything
    viewer    reads everything and changes nothing
    employee  sees their own hours alone
    """  # noqa: D301 - click keeps the lines below a backspace as they are
    if username is not None and role != Role.EMPLOYEE:
        raise UsageError("--username goes with --role employee alone")
    sent: dict[str, Json] = {"cmd": "accounts.put", "name": name, "role": role, "new": True, "by": claimed_name()}
    if role == Role.EMPLOYEE:
        sent["username"] = name if username is None else username
    _refuse_known(ask, name)
    added = object_of(ask({**sent, "hash": _hash(_password())}))
    whose = f", for the hours of {added['username']}" if added["username"] else ""
    say(f"{added['name']} may sign in as {added['role']}{whose}")


@accounts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@asks_store
def list_(ask: AskDaemon, as_json: bool) -> None:
    """List the accounts. Passwords are not kept, so none can be shown."""
    found = rows(ask({"cmd": "accounts.list"}))
    if as_json:
        print_json(list[Json](found))
    elif not found:
        say("no accounts; clockd accounts add NAME --role admin, beside the credential web-password")
    else:
        lines = [
            [str(one["name"]), _role(one), str(one["username"] or ""), minutes(one["changed_local"])] for one in found
        ]
        say_columns(("name", "role", "username", "since"), lines)


@accounts.command(short_help="Let somebody sign in no more.")
@click.argument("name", metavar="NAME")
@asks_store
def remove(ask: AskDaemon, name: str) -> None:
    """Let somebody sign in no more."""
    done = object_of(ask({"cmd": "accounts.remove", "name": name, "by": claimed_name()}))
    say(f"{done['name']} signs in no more")


@accounts.command(short_help="Give somebody another password.")
@click.argument("name", metavar="NAME")
@asks_store
def password(ask: AskDaemon, name: str) -> None:
    """Give somebody another password. It is asked for, or read from standard input."""
    if _named(ask, "accounts.list", name) is None:
        raise Refused(f"nobody signs in as {name}", hint="clockd accounts list")
    sent: dict[str, Json] = {"cmd": "accounts.put", "name": name, "new": False, "by": claimed_name()}
    done = object_of(ask({**sent, "hash": _hash(_password())}))
    say(f"{done['name']} has another password")


@accounts.command(short_help="Tokens of programs that read: list, make, revoke.")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--figures", is_flag=True, help="It opens /metrics alone, which names nobody.")
@click.option("--revoke", is_flag=True, help="Let the token NAME open nothing any more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_store
def token(ask: AskDaemon, name: str | None, figures: bool, revoke: bool, as_json: bool) -> None:
    """Make a token with which a program may read /metrics and /api/v1. Without NAME, list them.

    The token is shown this once; what is kept of it opens nothing. --figures is enough for Prometheus.
    """
    if name is None:
        if revoke:
            raise UsageError("--revoke needs the NAME of a token", hint="clockd accounts token lists them")
        _list_tokens(ask, as_json=as_json)
        return
    if revoke:
        done = object_of(ask({"cmd": "tokens.remove", "name": name, "by": claimed_name()}))
        print_json(done) if as_json else say(f"the token {done['name']} opens nothing any more")
        return
    _make_token(ask, name, Reach.FIGURES if figures else Reach.ALL, as_json=as_json)


def _make_token(ask: AskDaemon, name: str, reach: Reach, *, as_json: bool) -> None:
    from clockd.web.tokens import hash_token, new_token

    made = new_token()
    sent: dict[str, Json] = {"cmd": "tokens.put", "name": name, "reach": reach.value, "by": claimed_name()}
    done = object_of(ask({**sent, "hash": hash_token(made)}))
    if as_json:
        print_json({**done, "token": made})
        return
    say(made)
    say(f"this is the token {done['name']}; it is shown this once", err=True)


def _list_tokens(ask: AskDaemon, *, as_json: bool) -> None:
    found = rows(ask({"cmd": "tokens.list"}))
    if as_json:
        print_json(list[Json](found))
    elif not found:
        say("no tokens; clockd accounts token NAME makes one")
    else:
        lines = [[str(one["name"]), str(one["reach"] or DAMAGED), minutes(one["made_local"])] for one in found]
        say_columns(("name", "reads", "since"), lines)


def _role(one: dict[str, Json]) -> str:
    return str(one["role"] or DAMAGED)


def _refuse_known(ask: AskDaemon, name: str) -> None:
    """Say it before a password is typed for nothing; a store that is not there yet knows nobody."""
    with suppress(StoreUnusable):
        if _named(ask, "accounts.list", name) is None:
            return
        raise Refused(f"somebody signs in as {name} already", hint=f"clockd accounts password {name}")


def _named(ask: AskDaemon, command: str, name: str) -> dict[str, Json] | None:
    return next((one for one in rows(ask({"cmd": command})) if one["name"] == account_name(name)), None)


def _password() -> str:
    """Ask for a password twice; or take it from standard input, where no person sits.

    Raises:
        UsageError: it cannot be one.
    """
    if sys.stdin.isatty():
        said = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        said = sys.stdin.readline().rstrip("\r\n")
    if why := why_no_password(said):
        raise UsageError(f"this password {why}", hint=f"take {SHORTEST_PASSWORD} characters or more, as four words")
    return said


def _hash(said: str) -> str:
    try:
        from clockd.web.passwords import hash_password
    except ModuleNotFoundError as error:
        if error.name != MISSING:
            raise
        raise PackageMissing("an account", "web") from None
    return hash_password(said)
