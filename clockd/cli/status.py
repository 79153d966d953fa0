"""`clockd status`, `clockd sync`."""

import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from clockd.cli.asking import AskDaemon, asks_daemon, object_of, print_json, rows
from clockd.core.wire import Json

DAMAGE = ("damaged", "unreadable")
"""What the status of a disk lists."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_daemon
def status(ask: AskDaemon, as_json: bool) -> None:
    """Show how the terminal is: tracker, outbox, who is in, devices.

    Exit code 1 when a person is needed: something is held, the tracker refuses the key, the disk refuses, a reader is
    lost.
    """
    document = object_of(ask({"cmd": "status"}))
    if as_json:
        print_json(document)
    else:
        _print_status(document)
    lost = any(reader["state"] == "lost" for reader in rows(document["readers"]))
    refused = object_of(document["tracker"]).get("needs_a_person") or _badges_problem(document)
    if object_of(document["outbox"])["held"] or object_of(document["disk"])["fault"] or lost or refused:
        raise click.exceptions.Exit(1)


def _badges_problem(document: dict[str, Json]) -> Json:
    return object_of(document.get("badges") or {}).get("problem")


def _print_status(document: dict[str, Json]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    zone = ZoneInfo(str(document["zone"]))

    def local(at: Json) -> str:
        return datetime.fromisoformat(str(at)).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    clock, tracker, outbox = (object_of(document[name]) for name in ("clock", "tracker", "outbox"))
    punches, panel = object_of(document["punches"]), object_of(document["panel"])
    trusted = "synchronized" if clock["synchronized"] else "[bold red]not synchronized[/]"
    out.print(
        f"[bold]{document['terminal']}[/]  clockd {document['version']}  {local(clock['now_at'])}  clock {trusted}"
    )
    battery = object_of(clock.get("battery") or {})
    if battery.get("detail"):
        out.print(f"[bold red]battery  {battery['state']}:[/] ", end="")
        out.print(f"{battery['name']}: {battery['detail']}", markup=False)
    colour = {"ok": "green", "none": "dim"}.get(str(tracker["state"]), "bold red")
    line = f"tracker  {tracker['kind']} [{colour}]{tracker['state']}[/]  {tracker['requests_last_minute']} requests/min"
    out.print(line + (f"  last success {local(tracker['last_success_at'])}" if tracker["last_success_at"] else ""))
    if tracker["detail"]:
        out.print(f"         {tracker['detail']}", markup=False)
    if tracker.get("skew"):
        out.print(f"         {tracker['skew']}", markup=False)
    states = ("waiting", "open", "sending", "doubtful", "held", "delivered")
    out.print("outbox   " + "  ".join(f"{outbox[state]} {state}" for state in states))
    if outbox["oldest_waiting_at"]:
        out.print(f"         oldest unsent {local(outbox['oldest_waiting_at'])}")
    if outbox["held"]:
        out.print("         [bold red]held punches wait for you:[/] clockd punches --state held")
    out.print(f"punches  {punches['today']} today, {punches['total']} in all")
    present = ", ".join(f"{p['username']} since {local(p['since_at'])}" for p in rows(document["present"]))
    out.print(f"present  {present or 'nobody'}", markup=False)
    for missing in rows(document.get("missing_out") or []):
        out.print(
            f"missing  {missing['username']} never left after {local(missing['since_at'])}: "
            f"clockd punches add-out {missing['id']} --at TIME",
            markup=False,
        )
    for change in rows(document.get("clock_changes") or []):
        out.print(
            f"clocks   {change['username']} {change['from_local']} to {change['to_local']}: "
            f"{change['true_minutes']} min were worked, the wall clock shows {change['wall_minutes']}",
            markup=False,
        )
    for finding in rows(document.get("findings") or []):
        out.print(f"nightly  {finding['detail']} (punch {finding['id']})", markup=False)
    for reader in rows(document["readers"]):
        detail = f": {reader['detail']}" if reader["detail"] else ""
        out.print(f"reader   {reader['kind']} {reader['name']} {reader['state']}{detail}", markup=False)
    if problem := _badges_problem(document):
        out.print(f"[bold red]badges   {problem}[/]")
    out.print("panel    " + "  ".join(f"{name} {state}" for name, state in panel.items()))
    if fault := object_of(document.get("disk") or {}).get("fault"):
        out.print(f"[bold red]disk     {fault}[/]")
    _print_damage(out, object_of(document.get("disk") or {}))
    _print_backup(out, document, local)


def _print_backup(out: Console, document: dict[str, Json], local: Callable[[Json], str]) -> None:
    backup = object_of(document.get("backup") or {})
    if not backup.get("last_at"):
        out.print("backup   [bold yellow]none:[/] clockd backup --to DIR --daily")
        return
    out.print(f"backup   {local(backup['last_at'])} in {backup['place']}", markup=False)
    if not backup.get("off_device"):
        out.print("         [bold yellow]on the same disk as the database: it goes with it[/]")


def _print_damage(out: Console, disk: dict[str, Json]) -> None:
    damaged, unreadable = (found if isinstance(found := disk.get(name), list) else [] for name in DAMAGE)
    for name in map(str, damaged):
        if ".gone-" in name:
            what = f"the database was gone when clockd started: bring it back, or enrol the badges anew; delete {name}"
        elif ".replaced-" in name:
            what = f"a backup was restored, and what was there is kept as {name}: look what it holds that is not here, "
            what += "then move it away"
        elif name.endswith(("-wal", "-journal")):
            what = f"a journal that is not this database's is kept as {name}: it may hold punches; then move it away"
        else:
            what = f"a database was damaged and is kept as {name}: look what it holds that is not booked, "
            what += "enrol the badges anew, then move it away"
        out.print(f"[bold red]disk     {what}[/]")
    for row in map(str, unreadable):
        out.print("[bold red]disk     a damaged row is left alone:[/] ", end="")
        out.print(row, markup=False)


@click.command()
@click.option("--wait", is_flag=True, help="Stay until nothing waits any more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document at the end.")
@asks_daemon
def sync(ask: AskDaemon, wait: bool, as_json: bool) -> None:
    """Send what waits, now. Exit code 4 when the tracker cannot be reached, 1 when something is held."""
    document = object_of(ask({"cmd": "sync"}))
    if wait:
        document = _wait(ask, document, quiet=as_json)
    outbox, tracker = object_of(document["outbox"]), object_of(document["tracker"])
    if as_json:
        print_json(document)
    else:
        click.echo(f"{_unsent(document)} unsent, {outbox['held']} held, tracker {tracker['state']}")
    if _unsent(document) and tracker["state"] in ("offline", "paused"):
        if not as_json:
            click.echo(f"tracker {tracker['state']}: {tracker['detail']}", err=True)
        raise click.exceptions.Exit(4)
    if outbox["held"]:
        raise click.exceptions.Exit(1)


def _unsent(document: dict[str, Json]) -> int:
    outbox = object_of(document["outbox"])
    return sum(int(str(outbox[state])) for state in ("waiting", "sending", "doubtful"))


def _wait(ask: AskDaemon, document: dict[str, Json], *, quiet: bool) -> dict[str, Json]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # half of a command's start

    total = _unsent(document)
    columns = (TextColumn("sending"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("sending", total=total)
        while (unsent := _unsent(document)) > _open_shifts(document):
            progress.update(task, completed=max(0, total - unsent))
            if object_of(document["tracker"])["state"] in ("offline", "paused", "none"):
                break
            time.sleep(0.5)
            document = object_of(ask({"cmd": "status"}))
        progress.update(task, completed=max(0, total - _unsent(document)))
    return document


def _open_shifts(document: dict[str, Json]) -> int:
    """How many punches wait for their other half, and so cannot be sent yet."""
    found = document.get("unsendable_yet", 0)
    return found if isinstance(found, int) else 0
