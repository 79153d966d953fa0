"""What every page, the API and the background tasks are given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clockd.config import Config, Secrets
from clockd.web.accounts import Accounts
from clockd.web.daemon import Daemon
from clockd.web.live import Enrolments, Looker, Names
from clockd.web.rendering import Templates
from clockd.web.sessions import Attempts, Sessions


@dataclass(frozen=True, slots=True)
class PageClock:
    """The clocks of this process."""

    now_at: Callable[[], datetime]
    """True time, aware."""
    monotonic_s: Callable[[], float]
    """Seconds that only go forward; every duration is measured by it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the running page. All of them live as long as the process."""

    config: Config
    secrets: Secrets
    daemon: Daemon
    clock: PageClock
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts
    """Failed sign-ins, by account and by address."""
    templates: Templates
    looker: Looker
    """Looks at the daemon for all open pages together."""
    names: Names
    """What people are called."""
    enrolments: Enrolments
    """Badges that are being enrolled at the door."""
    encrypted: bool
    """Whether browsers reach the page by https: here, or by the proxy in front."""
