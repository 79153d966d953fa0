"""What is special about nfcpy: kinds of badges, phones, a field nobody answers in, a chip that is stuck."""

import asyncio
import itertools
import logging
import socket
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd import config
from clockd.core.model import UID_BYTES, Uid, Unread
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing
from clockd.readers import nfc
from clockd.readers.nfc import NfcReader, kernel_drivers, probe, uid_of_target
from clockd.readers.texts import Skipped
from tests.readers.air import Air, Badge, Noise, Type1, TypeA, TypeB, TypeF
from tests.readers.clock import Clock
from tests.readers.contract import RELEASE_S, Door, held

PARTS = ("sdd_res", "rid_res", "sensb_res", "sensf_res")


def reader_of(air: Air) -> NfcReader:
    return NfcReader(f"udp:127.0.0.1:{air.port}", Clock().read)


@pytest.mark.parametrize(
    ("badge", "uid"),
    [
        (TypeA(bytes.fromhex("04A2B3C4")), "04A2B3C4"),
        (TypeA(bytes.fromhex("88112233445566")), "88112233445566"),
        (TypeA(bytes.fromhex("04112233445566778899")), "04112233445566778899"),
        (Type1(bytes.fromhex("A1B2C3D4")), "A1B2C3D4"),
        (TypeB(bytes.fromhex("B1B2B3B4")), "B1B2B3B4"),
        (TypeF(bytes.fromhex("0101020304050607")), "0101020304050607"),
    ],
)
async def test_every_kind_of_badge(badge: Badge, uid: str, air: Air) -> None:
    async with Door(reader_of(air)) as door:
        air.badge = badge
        await door.sees(Uid.parse(uid))


async def test_felica_emulated_by_nfcpy_itself() -> None:
    idm = bytes.fromhex("03FE001122334455")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    emulated = threading.Thread(target=_emulate_felica, args=(port, idm), name="felica")
    emulated.start()
    async with Door(NfcReader(f"udp:127.0.0.1:{port}", Clock().read)) as door:
        await door.sees(Uid.of(idm))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:  # a command to it ends its wait
        for command in (b"\x06\x00\xff\xff\x01\x00", b"\x10\x06" + idm + bytes(6)):
            other.sendto(b"212F " + command.hex().encode(), ("127.0.0.1", port))
    await asyncio.to_thread(emulated.join)


async def test_a_phone_with_a_new_random_identifier_at_each_look_is_one_tap(air: Air) -> None:
    class Phone:
        """ISO 14443-3: the first byte 08 says that the rest is made up."""

        def __init__(self) -> None:
            self._numbers = itertools.count()
            self._now = TypeA(b"\x08\x00\x00\x00")

        def answer(self, brty: str, asked: bytes) -> bytes | None:
            if asked == b"\x26":
                self._now = TypeA(b"\x08" + next(self._numbers).to_bytes(3, "big"))
            return self._now.answer(brty, asked)

    async with Door(reader_of(air)) as door:
        air.badge = Phone()  # type: ignore[assignment]  # a badge like the others, of this test only
        assert (await door.tap()).uid.is_random
        await air.asked(10)
        air.badge = TypeA(bytes.fromhex("04A2B3C4"))
        await door.sees(Uid.parse("04A2B3C4"))


async def test_a_device_that_offers_peer_to_peer_is_no_badge(air: Air) -> None:
    async with Door(reader_of(air)) as door:
        air.badge = TypeF(bytes.fromhex("01FE020304050607"))
        assert await door.cannot_read() is Unread.REFUSED
        air.badge = TypeA(bytes.fromhex("04A2B3C4"))
        await door.sees(Uid.parse("04A2B3C4"))


async def test_a_field_in_which_nobody_answers_is_left_within_a_second() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        async with Door(NfcReader(f"udp:127.0.0.1:{silent.getsockname()[1]}", Clock().read)) as door:
            await asyncio.get_running_loop().sock_recv(silent, 100)  # the driver now waits its whole second
            door.task.cancel()
            await asyncio.wait({door.task}, timeout=RELEASE_S - 0.3)
            assert door.task.cancelled()
        assert held()[1] == set()


async def test_a_chip_that_answers_nonsense_again_and_again_is_opened_anew(air: Air) -> None:
    class Stuck:
        device = "Stuck PN532"

        def sense(self, *targets: Any, **options: Any) -> Any:
            raise IndexError("bytearray index out of range")

        def close(self) -> None:
            raise IndexError("bytearray index out of range")

    with pytest.raises(DeviceError, match="nonsense"):
        async with Door(NfcReader("usb", Clock().read, open_frontend=lambda path: Stuck())) as door:
            await door.fails()


async def test_a_kind_of_badge_that_the_chip_cannot_read_is_not_asked_for(air: Air) -> None:
    asked: list[str] = []

    class Pn531:
        device = "PN531"

        def sense(self, target: Any, **options: Any) -> Any:
            asked.append(target.brty)
            if target.brty == "106B":
                raise ValueError("unsupported bitrate 106B")
            if len(asked) > 9:
                raise OSError(5, "Input/output error")

        def close(self) -> None:
            """Nothing is open."""

    with pytest.raises(DeviceError, match="PN531 is lost"):
        async with Door(NfcReader("usb", Clock().read, open_frontend=lambda path: Pn531())) as door:
            await door.fails()
    assert asked.count("106B") == 1
    assert asked.count("106A") == asked.count("212F") + 1 or asked.count("106A") == asked.count("212F")


def test_the_field_is_looked_at_twenty_times_a_second() -> None:
    assert nfc.POLL_S <= 0.05


async def test_nfcpy_is_quiet(air: Air, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG, "clockd"):
        async with Door(reader_of(air)) as door:
            air.badge = TypeA(bytes.fromhex("04A2B3C4"))
            await door.sees(Uid.parse("04A2B3C4"))
        with pytest.raises(DeviceMissing):
            probe(config.NfcReader(path="tty:NONE:pn532"))
    assert [r for r in caplog.records if r.name.startswith("nfc")] == []
    assert capfd.readouterr() == ("", "")


@given(part=st.sampled_from(PARTS), raw=st.binary(max_size=24))
def test_anything_that_was_found_is_a_badge_or_skipped(part: str, raw: bytes) -> None:
    read = uid_of_target(SimpleNamespace(**dict.fromkeys(PARTS) | {part: bytearray(raw)}))
    assert isinstance(read, Skipped) or len(read.raw) in UID_BYTES


def test_the_kernels_driver_that_holds_a_reader_is_named_with_the_command(tmp_path: Path) -> None:
    assert kernel_drivers(tmp_path) == []
    (tmp_path / "pn533_usb").mkdir()
    (tmp_path / "pn533_usb" / "module").touch()
    assert kernel_drivers(tmp_path) == [], "loaded, and it holds nothing"
    (tmp_path / "pn533_usb" / "1-1.2:1.0").touch()
    assert kernel_drivers(tmp_path) == ["pn533_usb"]
    error = nfc._busy("usb", kernel_drivers(tmp_path))
    assert "the kernel's own driver pn533_usb holds" in str(error)
    assert "sudo modprobe -r pn533_usb" in error.hint


async def test_two_badges_at_once_are_told_and_not_guessed(air: Air) -> None:
    async with Door(reader_of(air)) as door:
        air.badge = Noise()
        assert await door.cannot_read() is Unread.GARBLED
        air.badge = TypeA(bytes.fromhex("04A2B3C4"))
        await door.sees(Uid.parse("04A2B3C4"))


async def test_probe(air: Air) -> None:
    assert "UDP" in probe(config.NfcReader(path=f"udp:127.0.0.1:{air.port}"))
    with pytest.raises(DeviceMissing, match="no NFC reader at tty:NONE:pn532"):
        probe(config.NfcReader(path="tty:NONE:pn532"))
    with pytest.raises(DeviceMissing, match="no NFC reader at nonsense"):
        probe(config.NfcReader(path="nonsense"))


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (PermissionError(13, "Permission denied"), DeviceForbidden, "dialout"),
        (OSError(16, "Device or resource busy"), DeviceError, "in use by another program"),
        (OSError(5, "Input/output error"), DeviceError, "Input/output error"),
        (IndexError("nonsense"), DeviceError, "IndexError"),
    ],
)
async def test_why_it_does_not_open(error: Exception, kind: type[DeviceError], says: str) -> None:
    def fail(path: str) -> Any:
        raise error

    with pytest.raises(kind, match=says):
        async with Door(NfcReader("tty:S0:pn532", Clock().read, open_frontend=fail)):
            pass


def _emulate_felica(port: int, idm: bytes) -> None:
    import nfc as nfcpy

    with nfcpy.ContactlessFrontend(f"udp:127.0.0.1:{port}") as frontend:
        target = nfcpy.clf.LocalTarget("212F", sensf_res=bytearray(b"\x01" + idm + bytes(8) + b"\x12\xfc"))
        frontend.listen(target, timeout=10)
