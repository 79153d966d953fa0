"""How far an update is stands on disk, and the updater runs with Debian's Python alone."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clockd.core.sentence import said_json, sentence
from clockd.core.updates import DoorLook, Step, UpdateStage
from clockd.updating.door import take_wishes
from clockd.updating.record import UpdateRecord, load_record, save

ROOT = Path(__file__).parents[2]

WELL = DoorLook(answers=True, readers=frozenset({"pcsc one"}), tracker="ok", memory_bytes=1, limit_bytes=2)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written = UpdateRecord(UpdateStage.TRYING, "2", "1", "why", 1, WELL, ("0.9",), 17.0)
    save(written, tmp_path)
    assert load_record(tmp_path) == written
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    save(replace(written, detail=sentence("it could not be installed: {why}", why="no room")), tmp_path)
    assert said_json(load_record(tmp_path).detail) is not None, "so that a page can say it in its language"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"stage": "dancing", "well": {}, "readers": []}', "nothing"])
def test_what_cannot_be_read_is_as_if_there_never_was_an_update(tmp_path: Path, text: str) -> None:
    (tmp_path / "state").write_text(text)
    assert load_record(tmp_path) == UpdateRecord()


def test_what_cannot_happen_changes_nothing() -> None:
    with pytest.raises(KeyError):
        UpdateRecord(UpdateStage.TRYING).after(Step.BEGIN)


def test_a_wish_is_taken_once_and_what_is_none_hinders_no_update(tmp_path: Path) -> None:
    """Whoever has taken over the daemon must not be able to keep the update away that throws them out."""
    (tmp_path / "update-now").touch()
    (tmp_path / "update-back").mkdir()
    assert take_wishes(tmp_path) == {"now"}
    assert take_wishes(tmp_path) == set()
    (tmp_path / "update-now").symlink_to("/nowhere")
    assert take_wishes(tmp_path) == {"now"}
    assert take_wishes(tmp_path / "missing") == set()


def test_the_standard_library_is_enough() -> None:
    """With no package at all, as when an update has broken them."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import clockd.updating.__main__"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
