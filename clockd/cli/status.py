"""`clockd status`, `clockd sync`."""

import time
from collections.abc import Callable
from datetime import datetime
from itertools import zip_longest
from zoneinfo import ZoneInfo

import click

from clockd.cli.asking import AskDaemon, asks_daemon, object_of, print_json, rows
from clockd.cli.saying import BAD, Styled, say, say_styled
from clockd.cli.updating import UPDATE_ADVICE, update_lines
from clockd.core.ids import short_id
from clockd.core.json import Json

DAMAGE = ("damaged", "unreadable")
"""What the status of a disk lists."""
SETTLED_UPDATES = ("none", "done", "taken back", "not begun")
FAILED_UPDATES = ("failed", "returning")
STATES = ("waiting", "open", "sending", "doubtful", "held", "stranger", "delivered")
"""Of an outbox, as they are shown."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_daemon
def status(ask: AskDaemon, as_json: bool) -> None:
    """Show how the terminal is: tracker, outbox, people, devices.

    Exit code 1 when a person is needed: something is held, the tracker refuses the key, the disk refuses or is none,
    a reader, the display, the lights or the relays are lost, an update failed.
    """
    document = object_of(ask({"cmd": "status"}))
    if as_json:
        print_json(document)
    else:
        _print_status(document)
    devices = [reader["state"] for reader in rows(document["readers"])] + [*object_of(document["panel"]).values()]
    devices += [relay["state"] for relay in rows(document.get("relays") or [])]
    disk = object_of(document["disk"])
    refused = object_of(document["tracker"]).get("needs_a_person") or _badges_problem(document)
    update = object_of(document.get("update") or {})
    ill = disk["fault"] or disk.get("in_memory") or "lost" in devices or update.get("state") == "failed"
    if object_of(document["outbox"])["held"] or ill or refused:
        raise click.exceptions.Exit(1)


def unread_lines(reader: dict[str, Json]) -> list[str]:
    """Say of a reader what it could not read since the start, a line for each reason."""
    lines = []
    for found in rows(reader.get("unread") or []):
        last = ", and nothing was read since" if found["since_last_read"] else ""
        times = f"{found['count']} times, " if found["count"] != 1 else ""
        lines.append(f"not readable: {found['reason']}; {times}{_ago(found['age_s'])} ago{last}: {found['advice']}")
    return lines


def _ago(seconds: Json) -> str:
    total = int(str(seconds))
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if total >= 2 * size:
            return f"{total // size} {unit}"
    return f"{total} s"


def _device(name: str, state: str) -> tuple[Styled, Styled]:
    return f" {name} ", (f"{state} ", BAD) if state == "lost" else f"{state} "


def _badges_problem(document: dict[str, Json]) -> Json:
    return object_of(document.get("badges") or {}).get("problem")


def _print_status(document: dict[str, Json]) -> None:
    zone = ZoneInfo(str(document["zone"]))

    def local(at: Json) -> str:
        return datetime.fromisoformat(str(at)).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    _print_clock(document, local)
    _print_tracker(object_of(document["tracker"]), local)
    _print_punches(document, local)
    _print_news(document, local)
    _print_devices(document)
    _print_disk(object_of(document.get("disk") or {}))
    _print_backup(object_of(document.get("backup") or {}), local)
    _print_page(object_of(document.get("web") or {}))
    print_update(object_of(document.get("update") or {}))


def _print_clock(document: dict[str, Json], local: Callable[[Json], str]) -> None:
    clock = object_of(document["clock"])
    trusted: Styled = "synchronized" if clock["synchronized"] else ("not synchronized", BAD)
    name, now = (str(document["terminal"]), "bold"), local(clock["now_at"])
    say_styled(name, f"  clockd {document['version']}  {now}  clock ", trusted)
    battery = object_of(clock.get("battery") or {})
    if battery.get("detail"):
        say_styled((f"battery  {battery['state']}:", BAD), f" {battery['name']}: {battery['detail']}")


def _print_tracker(tracker: dict[str, Json], local: Callable[[Json], str]) -> None:
    state = (str(tracker["state"]), {"ok": "green", "none": "dim"}.get(str(tracker["state"]), BAD))
    success = f"  last success {local(tracker['last_success_at'])}" if tracker["last_success_at"] else ""
    say_styled(f"tracker  {tracker['kind']} ", state, f"  {tracker['requests_last_minute']} requests/min{success}")
    for more in (tracker["detail"], tracker.get("skew")):
        if more:
            say(f"         {more}")


def _print_punches(document: dict[str, Json], local: Callable[[Json], str]) -> None:
    """Print how far punches are, how many there are, and who is in."""
    outbox, punches = object_of(document["outbox"]), object_of(document["punches"])
    say("outbox   " + "  ".join(f"{outbox[name]} {name}" for name in STATES if name in outbox))
    if outbox["oldest_waiting_at"]:
        say(f"         oldest unsent {local(outbox['oldest_waiting_at'])}")
    if outbox["held"]:
        say_styled("         ", ("held punches wait for you:", BAD), " clockd punches --state held")
    say(f"punches  {punches['today']} today, {punches['total']} in all")
    present = ", ".join(f"{p['username']} since {local(p['since_at'])}" for p in rows(document["present"]))
    say(f"present  {present or 'nobody'}")


def _print_devices(document: dict[str, Json]) -> None:
    """Print how the readers, their badges and the panel are."""
    for reader in rows(document["readers"]):
        detail = f": {reader['detail']}" if reader["detail"] else ""
        say(f"reader   {reader['kind']} {reader['name']} {reader['state']}{detail}")
        for line in unread_lines(reader):
            say_styled("         ", (line, BAD))
    if problem := _badges_problem(document):
        say_styled((f"badges   {problem}", BAD))
    say_styled(
        "panel   ",
        *(part for name, state in object_of(document["panel"]).items() for part in _device(name, str(state))),
    )
    for relay in rows(document.get("relays") or []):
        say(f"relay    GPIO {relay['gpio']} on {relay['on']} {relay['state']}, pulsed {relay['pulses']} times")


def _print_page(web: dict[str, Json]) -> None:
    """Say where the admin page is, and what a browser has to show of a certificate that it made for itself."""
    if web:
        say(f"page     {web['address']}")
    if web.get("fingerprint"):
        digits = str(web["fingerprint"])
        say(f"         its certificate's SHA-256: {':'.join(digits[n : n + 2] for n in range(0, len(digits), 2))}")


def print_update(update: dict[str, Json]) -> None:
    """Say how far an update is that goes on, or how it failed; one that went well is told by `clockd update status`."""
    state = str(update.get("state") or "none")
    if state in SETTLED_UPDATES:
        return
    for heading, line in zip_longest(["update"], update_lines(update), fillvalue=""):
        said = f"{heading:7}  {line.strip()}"
        say_styled((said, BAD) if state in FAILED_UPDATES else said)
    if state == "failed":
        say(f"         {UPDATE_ADVICE}")


def _print_backup(backup: dict[str, Json], local: Callable[[Json], str]) -> None:
    if not backup.get("last_at"):
        say_styled("backup   ", ("none:", BAD), " clockd backup --to DIR --daily")
        return
    say(f"backup   {local(backup['last_at'])} in {backup['place']}")
    if not backup.get("off_device"):
        say_styled("         ", ("on the same disk as the database, and goes with it", BAD))


def _print_news(document: dict[str, Json], local: Callable[[Json], str]) -> None:
    """Print what a person may want to look at."""
    for missing in rows(document.get("missing_out") or []):
        say(
            f"missing  {missing['username']} never left after {local(missing['since_at'])}: "
            f"clockd punches add-out {short_id(str(missing['id']))} --at TIME"
        )
    for change in rows(document.get("clock_changes") or []):
        say(
            f"clocks   {change['username']} {change['from_local']} to {change['to_local']}: "
            f"{change['true_minutes']} min were worked, the wall clock shows {change['wall_minutes']}"
        )
    for finding in rows(document.get("findings") or []):
        say(f"nightly  {finding['detail']} (punch {short_id(str(finding['id']))})")


def _print_disk(disk: dict[str, Json]) -> None:
    if why := disk.get("in_memory"):
        say_styled((f"disk     what is saved here is gone with the power: it is in memory ({why})", BAD))
    if fault := disk.get("fault"):
        say_styled((f"disk     {fault}", BAD))
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
        say_styled((f"disk     {what}", BAD))
    for row in map(str, unreadable):
        say_styled(("disk     a damaged row is left alone:", BAD), f" {row}")


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
        say(f"{_unsent(document)} unsent, {outbox['held']} held, tracker {tracker['state']}")
    if _unsent(document) and tracker["state"] in ("offline", "paused"):
        if not as_json:
            say(f"tracker {tracker['state']}: {tracker['detail']}", err=True)
        raise click.exceptions.Exit(4)
    if outbox["held"]:
        raise click.exceptions.Exit(1)


def _unsent(document: dict[str, Json]) -> int:
    outbox = object_of(document["outbox"])
    return sum(int(str(outbox[state])) for state in ("waiting", "sending", "doubtful"))


def _wait(ask: AskDaemon, document: dict[str, Json], *, quiet: bool) -> dict[str, Json]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    total = _to_send(document)
    columns = (TextColumn("sending"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or total <= 0) as progress:
        task = progress.add_task("sending", total=total)
        while (left := _to_send(document)) > 0:
            progress.update(task, completed=max(0, total - left))
            if object_of(document["tracker"])["state"] in ("offline", "paused", "none"):
                break
            time.sleep(0.5)
            document = object_of(ask({"cmd": "status"}))
        progress.update(task, completed=max(0, total - _to_send(document)))
    return document


def _to_send(document: dict[str, Json]) -> int:
    """How many punches wait that can be sent: not those that wait for their other half."""
    resting = document.get("unsendable_yet", 0)
    return _unsent(document) - (resting if isinstance(resting, int) else 0)
