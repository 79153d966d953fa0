"""One version of the time zones, that of the package. In a process of its own, since the choice is the process's."""

import subprocess
import sys
from importlib.metadata import version

TRY = """
import os, sys, zoneinfo
os.makedirs(sys.argv[1] + "/Europe")
with open(sys.argv[1] + "/Europe/Vienna", "wb") as false, open("/usr/share/zoneinfo/Asia/Tokyo", "rb") as tokyo:
    false.write(tokyo.read())
zoneinfo.reset_tzpath(to=[sys.argv[1]])
from datetime import UTC, datetime
from clockd.core.timebase import offset_s
from clockd.cli.zones import use_packaged_zones
at = datetime(2026, 11, 21, tzinfo=UTC)
print(offset_s(at, zoneinfo.ZoneInfo("Europe/Vienna")))
print(use_packaged_zones(), offset_s(at, zoneinfo.ZoneInfo("Europe/Vienna")))
"""


def test_the_operating_systems_zones_are_passed_over(tmp_path: object) -> None:
    run = subprocess.run([sys.executable, "-c", TRY, f"{tmp_path}/zones"], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["32400", version("tzdata"), "3600"]
