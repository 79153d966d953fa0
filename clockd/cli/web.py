"""`clockd web`: the admin page, a process of its own."""

import logging
import sys
from pathlib import Path

import click

from clockd import config
from clockd.cli.running import CONFIG, until_the_end
from clockd.cli.saying import OneLine, say


@click.command("web")
@CONFIG
@click.option("--fd", type=click.IntRange(min=3), help="A listening socket that was handed over, by its number.")
@click.option("--verbose", "-v", is_flag=True, help="Say more in the log.")
def serve_web(config_file: Path, fd: int | None, verbose: bool) -> None:
    """Serve the admin page at [web] listen, until told to stop.

    It speaks to the running terminal through its control socket and opens nothing else. Sign in with an account of
    clockd accounts, or at first as admin with the credential web-password.
    """
    from clockd.web import running

    loaded = config.load(config_file)
    written = logging.StreamHandler(sys.stderr)
    written.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[written])
    options = running.WebOptions(fd, lambda url: say(f"clockd web: open {url}"))
    until_the_end(running.run(loaded, config.Secrets.of_process(), options))
