"""Packages and roots are built once for all tests that ask for them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance import building
from tests.appliance.chroot import Chroot, is_root
from tests.appliance.offering import made_of
from tests.e2e.people import username_of
from tests.e2e.processes import Simulator

PEOPLE = 6
"""Employees whom the tracker knows."""
SUITE = "trixie"
"""The Debian of the tests; the package is built for bookworm as well."""


@pytest.fixture(scope="session")
def package() -> Path:
    """The package of this checkout; or one that was built already, $CLOCKD_PACKAGE."""
    if not is_root():
        pytest.skip("a root file system is root's to make")
    return building.base_package(SUITE)


@pytest.fixture(scope="session")
def older(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program under an older version."""
    return made_of(package, "0.0.1", tmp_path_factory.mktemp("older"))


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Chroot]:
    """A Debian that has what the package depends on, and nothing of ours."""
    if not is_root():
        pytest.skip("a root file system is root's to make")
    yield Chroot(building.unpack(building.root_archive(SUITE, building.DEPENDS), tmp_path / "root"))
    shutil.rmtree(tmp_path / "root")


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Simulator]:
    """TimeTrack, on the host."""
    simulator = Simulator(tmp_path, [username_of(n) for n in range(PEOPLE)])
    simulator.start()
    yield simulator
    simulator.stop()
