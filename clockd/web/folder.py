"""Where this process keeps the little that it keeps: its own certificate, and what it alerted of."""

import os
from pathlib import Path

from clockd.config import Config


def state_folder(config: Config) -> Path:
    """Return where this process keeps what it has: systemd's state directory, else one beside the daemon's."""
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else Path(config.terminal.state_dir) / "web"
