"""Space on the card."""

import shutil
from pathlib import Path


def disk_free_bytes(folder: Path) -> int:
    """Free bytes for an ordinary user on the file system of a folder."""
    return shutil.disk_usage(folder).free
