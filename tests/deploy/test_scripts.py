"""The scripts do what they say, twice the same, and say clearly what they cannot do."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clockd import config
from tests.deploy.places import ROOT


def run(script: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in ("CI", "CLOCKD_REAL_PARTS")}
    return subprocess.run(
        [script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=env | environ,
        cwd="/",
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A copy of what the scripts need, in a folder with a space that other users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="clockd test "))
    folder.chmod(0o755)
    for name in ("deploy", "systemd", "hardware", "clockd"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    yield folder
    shutil.rmtree(folder)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


# --- install ------------------------------------------------------------------------------------------------------


def test_install_writes_files_once(tmp_path: Path) -> None:
    first = run(ROOT / "deploy" / "install", "--root", str(tmp_path / "disk"))
    assert first.returncode == 0, first.stderr
    before = tree(tmp_path)
    second = run(ROOT / "deploy" / "install", "--root", str(tmp_path / "disk"))
    assert tree(tmp_path) == before
    assert {line.split(maxsplit=1)[1] for line in second.stdout.splitlines()} == {"unchanged", "kept as it is"}
    disk = tmp_path / "disk"
    assert stat.S_IMODE((disk / "etc/clockd/credentials").stat().st_mode) == 0o700
    assert (disk / "etc/systemd/system/clockd.service").read_bytes() == (ROOT / "systemd/clockd.service").read_bytes()
    config.load(disk / "etc/clockd/clockd.toml")


def test_install_never_overwrites_a_configuration(tmp_path: Path) -> None:
    toml = tmp_path / "etc/clockd/clockd.toml"
    secret = tmp_path / "etc/clockd/credentials/web-password"
    unit = tmp_path / "etc/systemd/system/clockd.service"
    for path in (toml, secret, unit):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    done = run(ROOT / "deploy" / "install", "--root", str(tmp_path))
    assert toml.read_text() == secret.read_text() == "mine"
    assert unit.read_text() != "mine"
    assert "updated" in done.stdout


def test_install_closes_a_folder_of_secrets_that_others_could_enter(tmp_path: Path) -> None:
    credentials = tmp_path / "etc/clockd/credentials"
    secret = credentials / "timetrack-api-key"
    credentials.mkdir(parents=True)
    secret.write_text("mine")
    credentials.chmod(0o755)
    secret.chmod(0o644)
    done = run(ROOT / "deploy" / "install", "--root", str(tmp_path))
    assert "closed (others could read it)" in done.stdout
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o700
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text() == "mine"


def test_an_image_takes_its_own_zone_and_not_the_builders_name(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Vienna")
    assert run(ROOT / "deploy" / "install", "--root", str(tmp_path)).returncode == 0
    terminal = config.load(tmp_path / "etc/clockd/clockd.toml").terminal
    assert (terminal.name, str(terminal.time_zone)) == ("front-door", "Europe/Vienna")


def as_nobody(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a person without rights, whoever runs the tests."""
    if os.geteuid() != 0:
        return run(script, *arguments)
    setpriv = shutil.which("setpriv")
    assert setpriv is not None, "setpriv is a part of every Debian"
    return run(Path(setpriv), "--reuid=65534", "--regid=65534", "--clear-groups", str(script), *arguments)


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="not a Debian")
@pytest.mark.parametrize("script", ["install", "uninstall"])
def test_without_root_it_is_refused_and_a_dry_run_does_nothing(checkout: Path, script: str) -> None:
    before = tree(checkout)
    refused = as_nobody(checkout / "deploy" / script)
    assert refused.returncode == 2
    assert "root" in refused.stderr
    assert f"sudo deploy/{script}" in refused.stderr
    dry = as_nobody(checkout / "deploy" / script, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert tree(checkout) == before
    if script == "install":
        assert "/etc/systemd/system/clockd.service" in dry.stdout
        assert "Next, in this order" in dry.stdout


def test_purge_asks(checkout: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gets as far as the question")
    done = run(checkout / "deploy" / "uninstall", "--purge")
    assert done.returncode == 1
    assert "Nothing was done" in done.stderr


# --- demo ---------------------------------------------------------------------------------------------------------


def test_demo_without_a_network_says_so_and_can_be_repeated(checkout: Path) -> None:
    for _ in range(2):
        done = run(checkout / "deploy" / "demo", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE="/dev/null")
        assert done.returncode == 2
        assert "the packages could not be installed" in done.stderr
        assert "run this again" in done.stderr
        assert not (checkout / ".venv" / ".stamp").exists()


# --- test ---------------------------------------------------------------------------------------------------------

PASSES_AND_SKIPS = """
import pytest

def test_good():
    pass

def test_bad():
    {bad}

@pytest.mark.soak
def test_long():
    pass
"""


@pytest.fixture
def bench(checkout: Path) -> Path:
    """The checkout with an environment that is ready: the one these tests run in, under its own stamp."""
    binaries = checkout / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (binaries / "ruff").write_text('#!/bin/sh\necho "ruff $*"; [ "$1" = check ]\n')
    # Which Debian packages this machine has is not what is tested here.
    (binaries / "dpkg-query").write_text("#!/bin/sh\necho 'install ok installed'\n")
    for path in binaries.iterdir():
        path.chmod(0o755)
    command = '. "$1/deploy/venv.sh"; stamp_of "$1" test >"$1/.venv/.stamp"'
    subprocess.run(["bash", "-c", command, "-", checkout], check=True)
    (checkout / "tests").mkdir()
    return checkout


def run_test(bench: Path, *arguments: str, bad: str = "pass", **environ: str) -> subprocess.CompletedProcess[str]:
    (bench / "tests" / "test_it.py").write_text(PASSES_AND_SKIPS.format(bad=bad))
    path = f"{bench / '.venv' / 'bin'}:{os.environ['PATH']}"
    return run(bench / "deploy" / "test", *arguments, PATH=path, **environ)


def test_test_passes_and_counts(bench: Path) -> None:
    done = run_test(bench, "lint", "tests")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "2 passed, 0 failed, 0 skipped"
    assert [line.split()[:2] for line in done.stdout.splitlines()[-3:-1]] == [["PASS", "lint"], ["PASS", "tests"]]


def test_test_goes_on_after_a_failure_and_fails(bench: Path) -> None:
    done = run_test(bench, "format", "tests", bad="assert 1 == 2")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"
    assert [line.split()[:2] for line in done.stdout.splitlines()[-3:-1]] == [["FAIL", "format"], ["FAIL", "tests"]]


def test_a_skip_is_shown_and_in_ci_it_is_a_failure(bench: Path) -> None:
    skip = 'pytest.skip("no such part")'
    done = run_test(bench, "tests", bad=skip)
    assert done.returncode == 0
    assert "no such part" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"
    strict = run_test(bench, "tests", bad=skip, CI="true")
    assert strict.returncode == 1
    assert "in CI none may be" in strict.stderr
    assert strict.stdout.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"


def test_words_for_pytest_and_the_long_ones(bench: Path) -> None:
    assert run_test(bench, "--", "-k", "good").stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"
    assert run_test(bench, "soak").stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


def test_a_word_it_does_not_know(bench: Path) -> None:
    done = run_test(bench, "x")
    assert done.returncode == 2
    assert "one of" in done.stderr


def test_ci_runs_what_a_person_runs() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert "CI=true" in text
    assert 'exec ./deploy/test "$@"' in text
