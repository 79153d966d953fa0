"""From a `[[reader]]` to its reader; libraries are loaded only by readers that need them."""

import asyncio
import subprocess
import sys
from typing import get_args

import pytest

from clockd import config
from clockd.errors import PackageMissing
from clockd.readers import RealSection, open_reader, probe
from tests.readers.clock import Clock
from tests.readers.contract import Door

SECTIONS: tuple[tuple[RealSection, str, str], ...] = (
    (config.PcscReader(name="ACR"), "smartcard", "pcsc"),
    (config.NfcReader(path="usb"), "nfc", "nfc"),
    (config.SerialReader(device="/dev/ttyNONE"), "serial", "serial"),
    (config.KeyboardReader(device="/dev/input/none"), "evdev", "keyboard"),
)


def test_every_kind_of_metal_is_here() -> None:
    assert {type(section) for section, _, _ in SECTIONS} == set(get_args(config.ReaderSection)) - {config.DeskReader}


@pytest.mark.parametrize(("section", "library", "kind"), SECTIONS)
async def test_a_missing_library_names_the_reader_and_the_extra(
    section: RealSection, library: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    says = rf'reader kind "{kind}" needs a package .*clockd\[{kind}\]'
    reader = open_reader(section, Clock().read)
    assert reader.kind == kind
    with pytest.raises(PackageMissing, match=says):
        async with Door(reader):
            pass
    with pytest.raises(PackageMissing, match=says):
        await asyncio.to_thread(probe, section)


def test_no_library_is_loaded_before_a_reader_is_opened() -> None:
    code = "import sys, clockd.readers; print(sorted({'smartcard', 'nfc', 'serial', 'evdev', 'usb1'} & {*sys.modules}))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
