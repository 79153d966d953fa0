"""What is special about serial ports."""

import os
from pathlib import Path

import pytest
import serial

from clockd import config
from clockd.core.model import Uid
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing
from clockd.readers.serial import _why, probe
from tests.readers.benches import SerialBench
from tests.readers.contract import Door


async def test_a_frame_that_arrives_in_two_pieces(tmp_path: Path) -> None:
    bench = SerialBench(tmp_path)
    async with Door(bench.reader) as door:
        looks = bench.clock.looks
        bench.write(b"04A2")
        await bench.clock.looked_at(looks)
        bench.write(b"B3C4\r\n")
        await door.sees(Uid.parse("04A2B3C4"))
    await bench.close()


async def test_what_was_sent_before_it_was_opened_is_stale(tmp_path: Path) -> None:
    bench = SerialBench(tmp_path)
    bench.write(b"04112233\r\n")
    async with Door(bench.reader) as door:
        bench.write(b"04A2B3C4\r\n")
        await door.sees(Uid.parse("04A2B3C4"))
    await bench.close()


async def test_a_port_in_use_says_so(tmp_path: Path) -> None:
    bench = SerialBench(tmp_path)
    with serial.Serial(bench.reader.name, exclusive=True), pytest.raises(DeviceError, match="in use by another"):
        async with Door(bench.reader):
            pass
    async with Door(bench.reader):
        pass
    await bench.close()


def test_probe(tmp_path: Path) -> None:
    master, slave = os.openpty()
    device = os.ttyname(slave)
    assert probe(config.SerialReader(device=device)) == f"found: {device} (9600 baud, line)"
    os.close(master)
    os.close(slave)
    with pytest.raises(DeviceMissing, match="/dev/ttyNONE is not there"):
        probe(config.SerialReader(device="/dev/ttyNONE"))
    for no_port in ("/dev/null", str(tmp_path)):
        with pytest.raises(DeviceError):
            probe(config.SerialReader(device=no_port))


@pytest.mark.parametrize("number", [1, 13])
def test_no_permission_names_the_group(number: int) -> None:
    error = _why("/dev/ttyAMA0", OSError(number, os.strerror(number)))
    assert isinstance(error, DeviceForbidden)
    assert "dialout" in error.hint
