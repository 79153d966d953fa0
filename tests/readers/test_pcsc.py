"""What is special about PC/SC: pcscd comes and goes, badges answer badly, readers have habits of their own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd import config
from clockd.core.model import UID_BYTES, Tap, Uid, Unread
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing
from clockd.readers import pcsc
from clockd.readers.pcsc import ACR122_NO_BEEP, PcscReader, badge_slots, probe, uid_of_answer
from clockd.readers.texts import Skipped
from tests.readers.clock import Clock
from tests.readers.contract import PATIENCE_S, Door
from tests.readers.pcscd import SOCKET, Pcscd, require_pcscd
from tests.readers.virtual_card import GET_UID, OK, VirtualCard

NO_READERS, REFUSED = 0x8010002E, 0x8010006A
A, B = Uid.parse("04112233445566"), Uid.parse("04A2B3C4")


@pytest.fixture
def no_readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    """A pcscd that runs, and nothing plugged in."""
    require_pcscd()
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(SOCKET))
    service = Pcscd(name=None)
    service.start()
    yield service
    service.close()


@pytest.fixture
def acr122(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pcscd]:
    """A pcscd with a reader that calls itself an ACR122U."""
    require_pcscd()
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(SOCKET))
    service = Pcscd(name="ACS ACR122U PICC Interface")
    service.start()
    yield service
    service.close()


class Faulty:
    """pyscard with one function that fails as this machine cannot make it fail: after some good calls, some times."""

    def __init__(self, function: str, answer: Callable[[], Any], *, good_calls: int = 0, bad_calls: int = 1000) -> None:
        from smartcard import scard

        self._scard = scard
        self._function = function
        self._answer = answer
        self._good_calls = good_calls
        self._bad_calls = bad_calls

    def __getattr__(self, name: str) -> Any:
        good = getattr(self._scard, name)
        if name != self._function:
            return good
        self._good_calls -= 1
        if self._good_calls >= 0:
            return good
        self._bad_calls -= 1
        return (lambda *_: self._answer()) if self._bad_calls >= 0 else good


# --- the badge --------------------------------------------------------------------------------------------------


async def test_a_badge_that_answers_late_is_asked_again(pcscd: Pcscd) -> None:
    answers = iter([b"\x63\x00", b"\x6a\x81"])
    async with Door(PcscReader("", Clock().read)) as door:
        async with VirtualCard(A, port=pcscd.port, answer=lambda: next(answers, A.raw + OK)) as badge:
            await door.sees(A)
        assert badge.apdus == 3 * [GET_UID]


async def test_a_badge_that_never_answers_is_given_up(pcscd: Pcscd) -> None:
    async with Door(PcscReader("", Clock().read)) as door:
        async with VirtualCard(A, port=pcscd.port, answer=lambda: b"\x6a\x81") as badge:
            await badge.asked(3)
            await badge.polled(2)
        assert badge.apdus == 3 * [GET_UID]
        async with VirtualCard(B, port=pcscd.port):
            await door.sees(B)


async def test_waking_up_and_another_program_that_uses_the_badge_make_no_tap(
    pcscd: Pcscd, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcard import scard

    monkeypatch.setattr(pcsc, "WAIT_MS", 50)
    async with Door(PcscReader("", Clock().read)) as door:
        async with VirtualCard(A, port=pcscd.port) as badge:
            await door.sees(A)
            _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            result, card, _ = scard.SCardConnect(context, "Virtual PCD 00 00", scard.SCARD_SHARE_SHARED, both)
            assert result == scard.SCARD_S_SUCCESS
            await badge.polled()
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
            await badge.polled()
            scard.SCardReleaseContext(context)
        async with VirtualCard(B, port=pcscd.port):
            await door.sees(B)


async def test_a_badge_is_left_as_it_is_for_other_programs(pcscd: Pcscd) -> None:
    async with Door(PcscReader("", Clock().read)) as door, VirtualCard(A, port=pcscd.port) as badge:
        await door.sees(A)
        before = badge.power.copy()
        await badge.polled()
        assert badge.power == before == ["on"]


async def test_a_badge_that_lies_there_already_is_seen(pcscd: Pcscd) -> None:
    async with VirtualCard(A, port=pcscd.port) as badge:
        await badge.polled()
        async with Door(PcscReader("", Clock().read)) as door:
            await door.sees(A)


@given(answer=st.binary(max_size=24))
def test_any_answer_is_a_badge_or_skipped(answer: bytes) -> None:
    read = uid_of_answer(answer)
    if answer[-2:] == OK and len(answer) - 2 in UID_BYTES:
        assert read == Uid.of(answer[:-2])
    else:
        assert isinstance(read, Skipped)


def test_a_card_that_refuses_the_question_is_told() -> None:
    assert uid_of_answer(b"\x01\x02\x03" + b"\x63\x00") == Skipped(Unread.REFUSED)


# --- the reader -------------------------------------------------------------------------------------------------


async def test_two_readers_at_once_each_chosen_by_a_part_of_its_name(pcscd: Pcscd) -> None:
    first, second = PcscReader("virtual", Clock().read), PcscReader("PCD 00 01", Clock().read)
    badges = (VirtualCard(A, port=pcscd.port), VirtualCard(B, port=pcscd.port + 1))
    async with Door(first) as one, Door(second) as two, badges[0], badges[1]:
        await one.sees(A)
        await two.sees(B)
        assert (first.name, second.name) == ("Virtual PCD 00 00", "Virtual PCD 00 01")


async def test_without_a_name_every_slot_takes_badges(pcscd: Pcscd) -> None:
    badges = (VirtualCard(A, port=pcscd.port), VirtualCard(B, port=pcscd.port + 1))
    reader = PcscReader("", Clock().read)
    async with Door(reader) as door, badges[1]:
        await door.sees(B)
        async with badges[0]:
            await door.sees(A)
    assert reader.name == "Virtual PCD 00 00, Virtual PCD 00 01"


async def test_a_card_that_refuses_is_told_once(pcscd: Pcscd) -> None:
    async with Door(PcscReader("PCD 00 00", Clock().read)) as door:
        async with VirtualCard(b"", port=pcscd.port, answer=lambda: b"\x6a\x81") as card:
            await card.asked(3)
            assert await door.cannot_read() is Unread.REFUSED
        async with VirtualCard(A, port=pcscd.port):
            await door.sees(A)
        assert door._reasons.empty()


@pytest.mark.parametrize(
    ("names", "slots"),
    [
        (["ACS ACR1281 1S Dual Reader SAM 0", "ACS ACR1281 1S Dual Reader PICC 0"], [1]),
        (["ACS ACR1281 1S Dual Reader ICC 0", "ACS ACR1281 1S Dual Reader PICC 0"], [1]),
        (["uTrust 4701 F [Contact Reader] 0", "uTrust 4701 F [Contactless Reader] 0"], [1]),
        (["HID OMNIKEY 5422 Smartcard Reader 00", "HID OMNIKEY 5422CL Smartcard Reader 01"], [0, 1]),
        (["ACS ACR39U ICC Reader 00 00"], [0]),
        ([], []),
    ],
)
def test_slots_for_key_cards_and_contacts_are_passed_over(names: list[str], slots: list[int]) -> None:
    assert badge_slots(names) == [names[n] for n in slots]


async def test_a_missing_reader_names_those_that_are_there(pcscd: Pcscd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "ARRIVAL_MS", 50)
    with pytest.raises(DeviceMissing, match=r'"OMNIKEY" in its name .*"Virtual PCD 00 00", "Virtual PCD 00 01"'):
        async with Door(PcscReader("OMNIKEY", Clock().read)):
            pass


async def test_no_reader_at_all(no_readers: Pcscd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "ARRIVAL_MS", 50)
    with pytest.raises(DeviceMissing, match=r"no PC/SC reader is connected .*pn533_usb"):
        async with Door(PcscReader("", Clock().read)):
            pass


async def test_a_reader_that_is_plugged_in_meanwhile_is_found_at_once(
    pcscd: Pcscd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcsc, "ARRIVAL_MS", 50)
    late = Faulty("SCardListReaders", lambda: (NO_READERS, []), bad_calls=1)
    async with Door(PcscReader("", Clock().read, scard=lambda: late)):
        pass


async def test_an_acr122_is_told_once_not_to_beep_by_itself(acr122: Pcscd) -> None:
    async with Door(PcscReader("", Clock().read)) as door:
        async with VirtualCard(A, port=acr122.port) as badge:
            await door.sees(A)
            await badge.asked(2)
        assert badge.apdus == [GET_UID, bytes(ACR122_NO_BEEP)]
        async with VirtualCard(B, port=acr122.port) as badge:
            await door.sees(B)
        assert badge.apdus == [GET_UID]


@pytest.mark.parametrize("state", [0x0004, 0x0008, 0x0002 | 0x0004 | 0x0008])
async def test_an_unplugged_reader_is_lost(pcscd: Pcscd, state: int) -> None:
    gone = Faulty("SCardGetStatusChange", lambda: (0, [("Virtual PCD 00 00", state, [])]), good_calls=1)
    with pytest.raises(DeviceMissing, match="Virtual PCD 00 00 is gone"):
        async with Door(PcscReader("", Clock().read, scard=lambda: gone)) as door:
            await door.fails()


@pytest.mark.parametrize("function", ["SCardEstablishContext", "SCardConnect"])
async def test_a_refusal_by_polkit_says_what_to_do(pcscd: Pcscd, function: str) -> None:
    refusing = Faulty(function, lambda: (REFUSED, 0, 0)[: 2 if function == "SCardEstablishContext" else 3])
    with pytest.raises(DeviceForbidden, match="polkit rule"):
        async with Door(PcscReader("", Clock().read, scard=lambda: refusing)) as door, VirtualCard(A, port=pcscd.port):
            await door.fails()


async def test_a_pcscd_that_dies_while_a_badge_is_read_is_lost_and_does_not_refuse(pcscd: Pcscd) -> None:
    def die() -> tuple[int, int, int]:
        pcscd.stop()
        return REFUSED, 0, 0

    dying = Faulty("SCardConnect", die)
    with pytest.raises(DeviceError, match="is lost") as raised:
        async with Door(PcscReader("", Clock().read, scard=lambda: dying)) as door, VirtualCard(A, port=pcscd.port):
            await door.fails()
    assert raised.type is DeviceError


# --- pcscd ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [Pcscd.stop, Pcscd.kill])
async def test_pcscd_goes_and_comes_back(pcscd: Pcscd, end: Any) -> None:
    taps: asyncio.Queue[Tap] = asyncio.Queue()
    lost = asyncio.Queue[DeviceError]()
    ready = asyncio.Event()

    async def as_the_daemon_does() -> None:
        while True:
            try:
                await reader.run(taps.put_nowait, ready.set, lambda reason: None)
            except DeviceError as error:
                lost.put_nowait(error)
                await asyncio.sleep(0.1)

    reader = PcscReader("", Clock().read)
    daemon = asyncio.create_task(as_the_daemon_does())
    async with asyncio.timeout(2 * PATIENCE_S):
        await ready.wait()
        end(pcscd)
        assert "is lost" in str(await lost.get())
        missing = await lost.get()
        assert isinstance(missing, DeviceMissing)
        assert "systemctl" in missing.hint
        pcscd.start()
        async with VirtualCard(A, port=pcscd.port):
            assert (await taps.get()).uid == A
    daemon.cancel()
    with suppress(asyncio.CancelledError):
        await daemon


@pytest.mark.parametrize(("still_there_s", "next_tap"), [(2.0, B), (0.0, A)])
async def test_a_badge_that_lies_through_a_restart_of_pcscd_is_one_tap(
    pcscd: Pcscd, still_there_s: float, next_tap: Uid
) -> None:
    """However long pcscd is away. Zero is the control: nothing is remembered, and the badge taps again."""
    clock = Clock()
    reader = PcscReader("", clock.read, still_there_s=still_there_s)
    async with VirtualCard(A, port=pcscd.port), Door(reader) as door:
        await door.sees(A)
        pcscd.stop()
        await door.lost()
    pcscd.start()
    clock.boottime_s += 3600
    async with Door(reader) as door:
        async with VirtualCard(A, port=pcscd.port) as badge:
            await badge.asked()
        async with VirtualCard(B, port=pcscd.port):
            await door.sees(next_tap)


async def test_a_badge_put_down_again_after_the_reader_is_back_is_a_tap(pcscd: Pcscd) -> None:
    clock = Clock()
    reader = PcscReader("", clock.read)
    async with VirtualCard(A, port=pcscd.port), Door(reader) as door:
        await door.sees(A)
        pcscd.stop()
        await door.lost()
    pcscd.start()
    async with Door(reader) as door:
        clock.boottime_s += 3
        async with VirtualCard(A, port=pcscd.port):
            await door.sees(A)


# --- clockd check -----------------------------------------------------------------------------------------------


def test_probe(pcscd: Pcscd) -> None:
    assert probe(config.PcscReader(name="pcd 00 01")) == "found: Virtual PCD 00 01"
    with pytest.raises(DeviceMissing, match="OMNIKEY"):
        probe(config.PcscReader(name="OMNIKEY"))
    pcscd.stop()
    with pytest.raises(DeviceMissing, match="apt install pcscd"):
        probe(config.PcscReader())
