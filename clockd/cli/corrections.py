"""`clockd corrections …`: what the office changed or wants to change of a record, and what its owner said to it."""

from collections.abc import Collection

import click

from clockd.cli.asking import AskDaemon, asks_store, claimed_name, object_of, print_json
from clockd.cli.saying import say, say_columns
from clockd.core.ids import short_id
from clockd.core.json import Json

LISTED_CORRECTIONS = 20
"""Corrections of a list for people."""


@click.group(invoke_without_command=True, short_help="List corrections, and what their owners said to them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, newest first.")
@click.option("--waiting", is_flag=True, help="Only those that wait for an answer.")
@click.pass_context
@asks_store
def corrections(ask: AskDaemon, context: click.Context, as_json: bool, waiting: bool) -> None:
    """List what the office changed, or wants to change, of somebody's record, newest first.

    There are none unless `countersign` in [rules] is "tell" or "agree".
    """
    if context.invoked_subcommand is not None:
        return
    found = objects_in(ask({"cmd": "corrections", "waiting": waiting}))
    if as_json:
        print_json(list[Json](found))
        return
    if not found:
        say("no correction waits for an answer" if waiting else "no corrections")
        return
    shown = found if waiting else found[:LISTED_CORRECTIONS]
    titles = ("number", "punch", "what", "was", "becomes", "by", "owners", "how far")
    say_columns(titles, [_line(each) for each in shown], [_remark(each) for each in shown])
    if len(shown) < len(found):
        say(f"these are the newest {len(shown)}; --json shows all", err=True)


@corrections.command(short_help="Take back a correction that waits for an answer.")
@click.argument("number", metavar="NUMBER", type=click.IntRange(min=1))
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def withdraw(ask: AskDaemon, number: int, why: str) -> None:
    """Take back a correction that waits for an answer. Its punch is as it was before."""
    ask({"cmd": "corrections.withdraw", "number": number, "why": why, "by": claimed_name()})
    say(f"withdrawn: {number}")


def say_what_waits(ask: AskDaemon, ids: Collection[str]) -> list[str]:
    """Say which of these punches were not changed yet, since their owners have to agree; return the others."""
    waiting = {str(each["punch"]): each for each in objects_in(ask({"cmd": "corrections", "waiting": True}))}
    for punch_id in ids:
        if punch_id in waiting:
            say(f"{short_id(punch_id)} is not changed yet: {_waits(waiting[punch_id])}")
    return [punch_id for punch_id in ids if punch_id not in waiting]


def objects_in(answer: Json) -> list[dict[str, Json]]:
    """Return the objects of an answer that is a list of them."""
    assert isinstance(answer, list)
    return [object_of(each) for each in answer]


def _line(each: dict[str, Json]) -> tuple[str, ...]:
    renamed = each["way"] == "rename"
    return (
        str(each["number"]),
        "" if each["punch"] is None else short_id(str(each["punch"])),
        str(each["way"]),
        str(each["old"]) if renamed else _version(each["was"]),
        str(each["new"]) if renamed else _version(each["becomes"], each["time_type"]),
        str(each["by"]),
        ", ".join(_owner(owner) for owner in objects_in(each["owners"])),
        str(each["progress"]),
    )


def _version(version: Json, time_type: Json = None) -> str:
    if version is None:
        return "nothing"
    counted = object_of(version)
    shown = f"{counted['username'] or '?'} {counted['kind'] or '?'} {str(counted['local'])[:16]}"
    return f"{shown} {time_type}" if time_type else shown


def _owner(owner: dict[str, Json]) -> str:
    said = owner["consent"] or ("was told" if owner["told_at"] else "not told yet")
    return f"{owner['username']}: {said}"


def _remark(each: dict[str, Json]) -> str:
    """What an owner said beside no, why it could not be made; or until when it waits."""
    if each["progress"] == "asked":
        return _waits(each)
    return str(each["remark"] or "")


def _waits(each: dict[str, Json]) -> str:
    owners = [owner for owner in objects_in(each["owners"]) if owner["consent"] is None]
    if not owners:
        return "it is agreed to, and made as soon as no request is under way"
    names = " and ".join(str(owner["username"]) for owner in owners)
    gone = [str(owner["username"]) for owner in owners if not owner["has_badge"]]
    alone = f" ({' and '.join(gone)} has no badge here any more)" if gone else ""
    when = f"from {str(each['due_local'])[:16]} on" if each["due_local"] else "some days after the clock is right"
    return f"it waits for the yes of {names}{alone}; without an answer it counts {when}"
