"""One value of a file is another one, and every other byte of it stays."""

import os
import stat
import tomllib
from pathlib import Path

import pytest

from clockd.config import editing, parse
from clockd.errors import Refused

URL = "https://new.example/api/v2/ext"
FIRST = Path(__file__).parents[2] / "systemd" / "clockd.toml"

FILES = {
    "plain": '[tracker]\nkind = "timetrack"\nurl = "https://old.example"   # ours\ntimeout_s = 10\n[panel]\n',
    "single quotes": "[tracker]\nurl='https://old.example'#ours\nkind='timetrack'\n",
    "Windows": '\ufeff[tracker]\r\nkind = "timetrack"\r\nurl = "https://old.example"\r\n\r\n[panel]\r\n',
    "a comment before": '#url = ""\n[tracker]\n#url = "x"\nurl = "https://old.example"\nkind = "timetrack"',
    "another section's url": '[elsewhere]\nurl = "https://old.example"\n[tracker]\nkind = "timetrack"\nurl = "y"\n',
    "dotted": 'tracker.kind = "timetrack"\ntracker.url = "https://old.example"\n',
    "quoted key": '[tracker]\n"url" = "https://old.example"\nkind = "timetrack"\n',
    "escaped": '[tracker]\nurl = "https://old.example/\\"\\u0041"   # "mine"\nkind = "timetrack"\n',
    "in a long text": '[note]\ntext = """\nurl = "y"\n"""\n[tracker]\nurl = "x"\nkind = "timetrack"\n',
    "not there": '[tracker]\nkind = "timetrack"\n\n# the panel\n[panel]\noled = "none"\n',
    "last, without an end": '[panel]\n[ tracker ] # ours\nkind = "timetrack"',
    "no section": '[panel]\noled = "none"',
    "empty": "",
}


@pytest.mark.parametrize("name", FILES)
def test_one_value_is_another_one_and_the_rest_stays(name: str) -> None:
    before = FILES[name]
    after = editing.with_values(before, "tracker", {"url": URL})
    wanted = tomllib.loads(before.removeprefix("\ufeff"))
    wanted.setdefault("tracker", {})["url"] = URL
    assert tomllib.loads(after.removeprefix("\ufeff")) == wanted
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    changed = [n for n, line in enumerate(new) if line not in old]
    assert len(changed) <= 4
    assert all(line in after for line in old if "url" not in line and line.endswith("\n"))
    assert after.count("#") == before.count("#")
    assert after.startswith("\ufeff") == before.startswith("\ufeff")
    assert ("\r\n" in after) == ("\r\n" in before)
    assert editing.with_values(after, "tracker", {"url": URL}) == after


@pytest.mark.parametrize(
    "text",
    [
        'tracker = {kind = "timetrack", url = "https://old.example"}\n',
        '[tracker]\nkind = "timetrack"\nurl = """\nhttps://old.example"""\n',
        "[[tracker]]\nurl = 1\n",
        "tracker = 1\n",
        "[tracker\n",
    ],
)
def test_what_cannot_be_changed_is_told_with_what_to_write(text: str) -> None:
    with pytest.raises(Refused) as caught:
        editing.with_values(text, "tracker", {"url": URL})
    assert URL in caught.value.hint or "no TOML" in caught.value.message


def test_the_first_configuration_is_given_a_tracker_and_keeps_its_comments() -> None:
    before = FIRST.read_text()
    after = editing.with_values(before, "tracker", {"kind": "timetrack", "url": URL})
    tracker = parse(after).tracker
    assert getattr(tracker, "url", None) == URL
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert len(gone) == 1
    assert gone[0].startswith('kind = "none"')
    assert "# taps are kept here until a tracker is named" in after


def test_a_file_is_replaced_whole_and_the_one_before_kept(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text("a = 1\n")
    real.chmod(0o640)
    link = tmp_path / "clockd.toml"
    link.symlink_to(real)
    kept = editing.replace_file(link, "a = 2\n")
    assert (real.read_text(), kept.read_text()) == ("a = 2\n", "a = 1\n")
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clockd.toml", "real.toml", "real.toml.before"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "clockd.toml"
    path.write_text("a = 1\n")
    os.chown(path, 12345, 23456)
    kept = editing.replace_file(path, "a = 2\n")
    for file in (path, kept):
        assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_a_disk_that_refuses_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clockd.toml"
    path.write_text("a = 1\n")

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Refused, match="No space left"):
        editing.replace_file(path, "a = 2\n")
    with pytest.raises(Refused, match="No space left"):
        editing.write_secret(tmp_path, "web-password", "x")
    assert [file.name for file in tmp_path.iterdir()] == ["clockd.toml"]
    assert path.read_text() == "a = 1\n"


def test_a_secret_is_for_the_service_alone(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "credentials"
    path = editing.write_secret(folder, "web-password", "hunter2")
    path.chmod(0o644)
    assert editing.write_secret(folder, "web-password", "another") == path
    assert path.read_text() == "another\n"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    assert len(list(folder.iterdir())) == 1
