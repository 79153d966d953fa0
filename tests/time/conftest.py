"""What the suites of this folder share."""

from pathlib import Path

import pytest

from tests.time.forged_clock import ForgedMachine, build_preload, namespaces_work


@pytest.fixture(scope="session")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled preload."""
    return build_preload(tmp_path_factory.mktemp("preload"))


@pytest.fixture
def machine(tmp_path: Path, preload: Path) -> ForgedMachine:
    """A machine in 1970, without time."""
    if not namespaces_work():
        pytest.skip("no mount namespaces here: run as root")
    folder = tmp_path / "machine"
    folder.mkdir()
    return ForgedMachine(folder, preload)
