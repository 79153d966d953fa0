"""lock.txt pins everything that pyproject.toml asks for, with hashes and without addresses."""

import re
import subprocess
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.deploy.places import DEPLOY, ROOT

SECTIONS = {"demo": "demo", "terminal": "all", "test": "dev"}
"""Section of the lock -> the extra of pyproject.toml that it serves. Each section includes those before it."""


@dataclass(frozen=True, slots=True)
class Pin:
    version: Version
    hashes: int


def pins(text: str) -> dict[str, Pin]:
    found: dict[str, Pin] = {}
    for block in re.split(r"(?m)^(?=[a-z0-9])", text)[1:]:
        head, *rest = block.splitlines()
        requirement = Requirement(head.rstrip("\\ "))
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", head
        hashes = [line for line in rest if re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)]
        found[canonicalize_name(requirement.name)] = Pin(Version(specifier.version), len(hashes))
    return found


def section(name: str) -> str:
    """The lock up to the end of a section, cut by the very function that the scripts use."""
    command = '. "$1/venv.sh"; lock_until "$1/lock.txt" "$2"'
    return subprocess.run(["bash", "-c", command, "-", DEPLOY, name], capture_output=True, text=True, check=True).stdout


def asked_for(extra: str) -> list[Requirement]:
    """What an extra asks for, with the extras inside it opened."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [Requirement(line) for line in project["dependencies"]]
    waiting = [extra]
    for name in waiting:
        for line in project["optional-dependencies"][name]:
            requirement = Requirement(line)
            if requirement.name == project["name"]:
                waiting.extend(requirement.extras)
            else:
                found.append(requirement)
    return found


@pytest.mark.parametrize(("name", "extra"), SECTIONS.items())
def test_the_lock_serves_pyproject(name: str, extra: str) -> None:
    known = pins(section(name))
    for requirement in asked_for(extra):
        pin = known.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement} is not in the lock: run deploy/lock"
        assert requirement.specifier.contains(pin.version), f"{requirement} is locked to {pin.version}: run deploy/lock"


def test_every_pin_has_hashes() -> None:
    assert [name for name, pin in pins((DEPLOY / "lock.txt").read_text()).items() if pin.hashes == 0] == []


def test_no_addresses() -> None:
    lines = (DEPLOY / "lock.txt").read_text().splitlines()
    assert [line for line in lines if re.search(r"://|^-|^ *--(?!hash=sha256:)| @ ", line)] == []


def test_sections_add_to_each_other() -> None:
    demo, terminal, test = (pins(section(name)) for name in SECTIONS)
    assert demo.items() < terminal.items() < test.items()
    assert test == pins((DEPLOY / "lock.txt").read_text())
    assert "setuptools" in demo, "clockd itself is built with it"
    assert not demo.keys() & {"pyscard", "evdev", "lgpio"}, "the demo needs no compiler"
