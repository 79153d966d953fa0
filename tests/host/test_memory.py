"""A state folder that is gone with the power is noticed, and one on a disk is not called so."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from clockd.host import in_memory
from tests.e2e.processes import CLOCKD, Daemon
from tests.e2e.rig import bench

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
EXT4 = "26 1 8:2 / / rw - ext4 /dev/mmcblk0p2 rw"
OVERLAY_BOOT = "26 1 0:22 / / rw - overlay overlay rw,lowerdir=/lower,upperdir={upper},workdir=/w"
RAM = "40 26 0:30 / {point} rw - tmpfs tmpfs rw,size=1000k"
TABLES = [
    # mounts, kernel's command line, what is said of {state}
    ((EXT4,), "", None),
    ((EXT4, "30 26 0:31 / {state} rw - tmpfs tmpfs rw"), "", "tmpfs at"),
    ((EXT4, "30 26 0:31 / {state} rw,nosuid shared:5 - ramfs ram rw"), "", "ramfs at"),
    ((EXT4, "30 26 0:31 / {above} rw - tmpfs tmpfs rw"), "", "tmpfs at"),
    ((EXT4, "30 26 0:31 / {above} rw - tmpfs tmpfs rw", "31 30 8:3 / {state} rw - ext4 /dev/sda1 rw"), "", None),
    ((EXT4, "30 26 0:31 / {state}x rw - tmpfs tmpfs rw"), "", None),
    ((EXT4, "30 26 0:31 / {state} rw - tmpfs a rw", "31 26 8:3 / {state} rw - ext4 /dev/sda1 rw"), "", None),
    ((EXT4, "30 26 251:0 / {state} rw - ext4 /dev/zram0 rw"), "", "/dev/zram0"),
    ((OVERLAY_BOOT.format(upper="/media/rw/up"), RAM.format(point="/media/rw")), "", "an overlay at"),
    ((OVERLAY_BOOT.format(upper="/media/rw/up"), "40 26 8:3 / /media/rw rw - ext4 /dev/sda1 rw"), "", None),
    ((OVERLAY_BOOT.format(upper="/overlay/up"),), "quiet boot=overlay root=/dev/mmcblk0p2", "an overlay at"),
    ((OVERLAY_BOOT.format(upper="/overlay/up"),), "overlayroot=tmpfs:swap=1", "an overlay at"),
    ((OVERLAY_BOOT.format(upper="/var/lib/docker/up"),), "quiet", None),  # a container; its disk is not to be seen
    (("nonsense", ""), "", None),
]


@pytest.mark.parametrize(("mounts", "booted", "said"), TABLES)
def test_what_the_mount_table_tells(tmp_path: Path, mounts: tuple[str, ...], booted: str, said: str | None) -> None:
    state = tmp_path / "a state"
    state.mkdir()
    table, line = tmp_path / "mountinfo", tmp_path / "cmdline"
    shown = str(state).replace(" ", r"\040")
    table.write_text("\n".join(mounts).replace("{state}", shown).replace("{above}", str(tmp_path)))
    line.write_text(booted)
    found = in_memory(state / "not made yet", table, line)
    assert (found is None) if said is None else (found is not None and found.startswith(said))


def test_a_table_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    assert in_memory(tmp_path, tmp_path / "nothing") is None


@ROOT
@pytest.mark.parametrize("kind", ["tmpfs", "overlay"])
def test_a_real_mount(tmp_path: Path, kind: str) -> None:
    """In a mount namespace of its own."""
    mount = f"mount -t tmpfs ram {tmp_path}"
    if kind == "overlay":
        mount += f" && cd {tmp_path} && mkdir lower up work state"
        mount += " && mount -t overlay over -o lowerdir=$PWD/lower,upperdir=$PWD/up,workdir=$PWD/work state"
    ask = f"from pathlib import Path; from clockd.host import in_memory; print(in_memory(Path('{tmp_path}/state')))"
    script = f'{mount} && cd / && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", CLOCKD[0], "-c", ask],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert "tmpfs at" in done.stdout
    assert ("an overlay at" in done.stdout) is (kind == "overlay")


@ROOT
async def test_check_status_and_log_say_so(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1, start=False) as rig:
        private = ("unshare", "--mount", "--propagation", "private", "sh", "-c")
        rig.daemon.state.mkdir()
        command = (*private, f'mount -t tmpfs ram {rig.daemon.state} && exec "$@"', "sh", *CLOCKD)
        terminal = {**rig.daemon.sections["terminal"], "state_in_memory": False}
        daemon = Daemon(rig.folder, {**rig.daemon.sections, "terminal": terminal}, command=command)
        try:
            await daemon.start()
            assert "tmpfs at" in (await daemon.status())["disk"]["in_memory"]
            assert "gone with the power" in daemon.log.read_text()
            said = await asyncio.to_thread(_run, [*CLOCKD, "status", "--socket", str(daemon.socket)])
            assert (said.returncode, "gone with the power" in said.stdout) == (1, True)
        finally:
            daemon.close()
        check = [*command, "check", "--config", str(daemon.config), "--json"]
        (line,) = [
            line for line in json.loads((await asyncio.to_thread(_run, check)).stdout) if line["what"] == "state"
        ]
        assert (line["ok"], "is in memory (tmpfs at" in line["found"]) == (False, True)


def _run(words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
