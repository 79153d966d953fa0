"""What is special about readers that type."""

import errno
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from clockd import config
from clockd.core.model import Uid
from clockd.core.numbers import NumberForm
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing
from clockd.readers.keyboard import KeyboardReader, KeyDevice, probe
from clockd.readers.keys import KeyFrames
from tests.readers.benches import KeyboardBench, RecordedKeyboard
from tests.readers.clock import Clock
from tests.readers.contract import Door

hex_frames = partial(KeyFrames, NumberForm.HEX)


async def test_it_is_grabbed_before_it_is_ready() -> None:
    bench = KeyboardBench()
    async with Door(bench.reader):
        assert [device.grabbed for device in bench.devices] == [True]
        assert "Sycreader" in bench.reader.name
    await bench.close()


@pytest.mark.parametrize(
    ("written", "digits", "uid"),
    [
        (NumberForm.HEX, "04A2B3C4D5E6F7", "04A2B3C4D5E6F7"),
        (NumberForm.DECIMAL, "0001234567", "0012D687"),
        (NumberForm.DECIMAL_REVERSED, "0001234567", "87D61200"),
    ],
)
async def test_formats(written: NumberForm, digits: str, uid: str) -> None:
    bench = KeyboardBench(written)
    async with Door(bench.reader) as door:
        bench.type(digits)
        await door.sees(Uid.parse(uid))
    await bench.close()


class Grabbed(RecordedKeyboard):
    """A keyboard that somebody else keeps."""

    def grab(self) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


async def test_a_device_that_cannot_be_grabbed_is_closed_again() -> None:
    plug, cable = socket.socketpair()
    with plug, cable:
        reader = KeyboardReader("/dev/input/event0", hex_frames, Clock().read, open_device=lambda path: Grabbed(plug))
        with pytest.raises(DeviceError, match="in use by another program"):
            async with Door(reader):
                pass
        assert plug.fileno() == -1


def _fails(number: int) -> Callable[[str], KeyDevice]:
    def fail(path: str) -> KeyDevice:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (errno.ENOENT, DeviceMissing, "is not there"),
        (errno.ENODEV, DeviceMissing, "is not there"),
        (errno.EACCES, DeviceForbidden, "group input"),
        (errno.ENOTTY, DeviceError, "cannot be opened as a keyboard"),
    ],
)
async def test_why_it_does_not_open(number: int, kind: type[DeviceError], says: str) -> None:
    reader = KeyboardReader("/dev/input/event0", hex_frames, Clock().read, open_device=_fails(number))
    with pytest.raises(kind, match=says):
        async with Door(reader):
            pass


def test_probe(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="is not there"):
        probe(config.KeyboardReader(device="/dev/input/by-id/none"))
    for no_keyboard in ("/dev/null", str(tmp_path)):
        with pytest.raises(DeviceError):
            probe(config.KeyboardReader(device=no_keyboard))
