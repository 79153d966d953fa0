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
@click.option("--check", is_flag=True, help="Say whether each alert address can be used, and serve nothing.")
@click.option("--verbose", "-v", is_flag=True, help="Say more in the log.")
def serve_web(config_file: Path, fd: int | None, check: bool, verbose: bool) -> None:
    """Serve the admin page at [web] listen, until told to stop.

    It speaks to the running terminal through its control socket and opens nothing else. Sign in with an account of
    clockd accounts, or at first as admin with the credential web-password.

    With --check it says of each address in the credential alert-urls, by its place, which service it is of; of the
    service's credentials with sudo CREDENTIALS_DIRECTORY=/etc/clockd/credentials clockd web --check --config FILE.
    """
    from clockd.web import running

    loaded = config.load(config_file)
    if check:
        _check_alerts(config.Secrets.of_process())
        return
    written = logging.StreamHandler(sys.stderr)
    written.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[written])
    options = running.WebOptions(fd, lambda url: say(f"clockd web: open {url}"))
    until_the_end(running.run(loaded, config.Secrets.of_process(), options))


def _check_alerts(secrets: config.Secrets) -> None:
    from clockd.web import alerting

    urls = secrets.find(alerting.ALERT_URLS)
    lines = [] if urls is None else alerting.checked(urls)
    for line in lines or [alerting.NO_ADDRESSES]:
        say(line)
    if any(line.endswith(alerting.UNKNOWN_ADDRESS) for line in lines):
        sys.exit(1)
