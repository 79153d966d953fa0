"""`clockd run`, `check`, `demo`, `simulate`: the commands that start something."""

import asyncio
import logging
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from clockd import config
from clockd.cli.asking import print_json
from clockd.cli.saying import OneLine, say, say_error, say_styled
from clockd.errors import ConfigError, UsageError

CONFIG = click.option(
    "--config",
    "config_file",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration, as /etc/clockd/clockd.toml.",
)


@click.command()
@CONFIG
@click.option("--verbose", "-v", is_flag=True, help="Say more in the log.")
def run(config_file: Path, verbose: bool) -> None:
    """Be a terminal: read badges, save punches, book them, until told to stop."""
    from clockd import daemon, host

    try:
        loaded = config.load(config_file)
    except ConfigError as error:
        if host.is_under_systemd():  # which would try it again at once, for ever
            say_error(error)
            host.notify(f"STATUS={error}")
            time.sleep(daemon.WAITS_S)
        raise
    written = logging.StreamHandler(sys.stderr)
    written.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[written])
    until_the_end(daemon.run(loaded, config.Secrets.of_process(), config_file))


@click.command()
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def check(config_file: Path, as_json: bool) -> None:
    """Look at all that a start needs, every configured device and the tracker; one line each.

    It looks as the service would, so run it with sudo. What a clockd that runs holds is asked of that. Exit code 1 when
    something is wrong.
    """
    from clockd.cli import checkup

    loaded = config.load(config_file)
    logging.getLogger("clockd").addHandler(logging.NullHandler())  # the lines say it
    findings = asyncio.run(checkup.check(config_file, loaded, config.Secrets.of_process()))
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "found": f.found, "hint": f.hint} for f in findings])
    else:
        for finding in findings:
            say_styled(("ok  ", "green") if finding.ok else ("FAIL", "red"), f" {finding.what}: {finding.found}")
            if finding.hint:
                say(f"     {finding.hint}")
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Of the page; 0 takes any free one.")
@click.option(
    "--tracker",
    type=click.Choice(["timetrack", "goodtime"]),
    default="timetrack",
    show_default=True,
    help="Which one is simulated.",
)
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep punches there between demos.")
def demo(port: int | None, tracker: str, state_dir: Path | None) -> None:
    """See it without hardware: a real terminal and a simulated tracker, on one page in the browser."""
    from clockd.sim.desk.demo import DemoOptions, perform_demo
    from clockd.sim.desk.goodtime import goodtime_desk
    from clockd.sim.desk.timetrack import timetrack_desk

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    opener = goodtime_desk if tracker == "goodtime" else timetrack_desk
    until_the_end(perform_demo(DemoOptions(tracker=opener, port=port, state_dir=state_dir)))


@click.group()
def simulate() -> None:
    """Be a tracker, to try a terminal against: answers, refuses and breaks as the real one may."""


@simulate.command("timetrack")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one; the first line says which.")
@click.option("--profile", default="strict", show_default=True, help="strict, alt or alt2: how the documents are read.")
@click.option("--answer", "answers", multiple=True, metavar="NAME=VALUE", help="Change one answer of the profile.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of everything that is made up or diced.")
@click.option("--users", type=click.Path(exists=True, path_type=Path), help="A CSV or JSON file; else made up.")
@click.option(
    "--made-up-users", type=click.IntRange(1, 10_000), default=10, show_default=True, help="So many, without --users."
)
@click.option("--projects", type=click.Path(exists=True, path_type=Path), help="A CSV or JSON file; else made up.")
@click.option("--key", default="sim-key", show_default=True, help="The API key it takes.")
@click.option("--secret", default="sim-secret", show_default=True, help="The API secret it takes.")
@click.option("--zone", default="Europe/Vienna", show_default=True, help="Of the account.")
@click.option("--faults", default="", metavar="RULES", help="What goes wrong, as mix, or lost=3%,late:0-20@write=1%.")
@click.option(
    "--crowd", default="", metavar="RATES", help="What others do, per minute, as neighbour=10,foreign=2,web=0.1."
)
@click.option("--foreign-rows", type=click.IntRange(min=0), default=0, help="Entries of people without a badge.")
@click.option("--requests-per-minute", type=click.IntRange(min=1), default=30, show_default=True, help="Limit.")
@click.option("--latency-ms", type=click.FloatRange(min=0), default=0.0, help="The slowest answer.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Keep the account in this file.")
def simulate_timetrack(answers: tuple[str, ...], **options: Any) -> None:
    """Simulate TimeTrack's REST API."""
    from clockd.sim.command import serve_until_cancelled
    from clockd.sim.timetrack.command import TimeTrackOptions, timetrack_from

    chosen = TimeTrackOptions(answers=_pairs(answers), **options)
    until_the_end(serve_until_cancelled(timetrack_from(chosen), chosen, say))


@simulate.command("goodtime")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one; the first line says which.")
@click.option("--profile", default="strict", show_default=True, help="How the documents are read.")
@click.option("--answer", "answers", multiple=True, metavar="NAME=VALUE", help="Change one answer of the profile.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of everything that is made up or diced.")
@click.option("--users", type=click.Path(exists=True, path_type=Path), help="A CSV or JSON file; else made up.")
@click.option(
    "--made-up-users", type=click.IntRange(1, 10_000), default=10, show_default=True, help="So many, without --users."
)
@click.option("--email", default="admin@example.com", show_default=True, help="The login e-mail it takes.")
@click.option("--password", default="sim-password", show_default=True, help="The API password it takes.")
@click.option("--zone", default="Europe/Vienna", show_default=True, help="Of the account.")
@click.option("--prefix", default="/goodtime-rs", show_default=True, help="Of all its paths.")
@click.option("--faults", default="", metavar="RULES", help="What goes wrong, as mix, or lost=3%,late:0-20@write=1%.")
@click.option(
    "--crowd", default="", metavar="RATES", help="What others do, per minute, as neighbour=10,foreign=2,revoke=0.05."
)
@click.option("--foreign-rows", type=click.IntRange(min=0), default=0, help="Entries of people without a badge.")
@click.option("--requests-per-minute", type=click.IntRange(min=1), default=30, show_default=True, help="Limit.")
@click.option("--latency-ms", type=click.FloatRange(min=0), default=0.0, help="The slowest answer.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Keep the account in this file.")
def simulate_goodtime(answers: tuple[str, ...], **options: Any) -> None:
    """Simulate Goodtime's time-v2.1 REST API."""
    from clockd.sim.command import serve_until_cancelled
    from clockd.sim.goodtime.command import GoodtimeOptions, goodtime_from

    chosen = GoodtimeOptions(answers=_pairs(answers), **options)
    until_the_end(serve_until_cancelled(goodtime_from(chosen), chosen, say))


def _pairs(answers: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(answer.split("=", 1) for answer in answers if "=" in answer)
    if len(pairs) != len(answers):
        raise UsageError("--answer takes NAME=VALUE")
    return pairs


def until_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends; an error inside a task group is shown as the one error it is."""
    try:
        asyncio.run(work)
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from group
