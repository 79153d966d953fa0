"""What clockd-update.service runs: goes on with what was cut, does what was asked for, looks at the source when due."""

import fcntl
import os
import sys
from pathlib import Path

from clockd.core.updates import TRIAL_S, is_open
from clockd.updating import door, record
from clockd.updating.course import Course

PATIENCE = "CLOCKD_UPDATE_PATIENCE_S"
"""The environment's word for a machine that is slower than any door."""


def run_updater() -> None:
    """Run the updater; a word `now` or `back` is the same as a wish."""
    if os.geteuid() != 0:
        sys.exit("the updater needs root: sudo systemctl start clockd-update")
    record.FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    _run_the_copy()
    with (record.FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _work(Course(patience_s=float(os.environ.get(PATIENCE, TRIAL_S))), set(sys.argv[1:]))
        if not is_open(record.load_record().stage):
            (record.FOLDER / "updater").unlink(missing_ok=True)


def _work(course: Course, wishes: set[str]) -> None:
    course.go_on()
    wishes |= door.take_wishes(door.wish_folder())
    if is_open(record.load_record().stage):
        return  # the way back has to be walked to its end first
    if "back" in wishes:
        course.back()
    else:
        course.update(asked="now" in wishes)


def _run_the_copy() -> None:
    """Go on as a copy that dpkg does not replace; one that an update left behind is the one that began it."""
    me, copy = Path(sys.argv[0]).resolve(), record.FOLDER / "updater"
    if me == copy.resolve() or not me.is_file():
        return
    if not is_open(record.load_record().stage) or not copy.exists():
        record.put_file(copy, me.read_bytes())
    os.execv(sys.executable, [sys.executable, "-I", str(copy), *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    run_updater()
