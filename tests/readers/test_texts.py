"""What readers write around a number, and what is no badge: read, or said why not."""

import pytest

from clockd.core.model import Uid, Unread
from clockd.core.numbers import NumberForm
from clockd.readers.frames import FRAME_PAUSE_S, LineFrames, Rdm6300Frames
from clockd.readers.keys import EV_KEY, KeyEvent, KeyFrames, Layout, PinFrames
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped, Texts
from tests.readers.test_frames import rdm6300

FIVE = "0F0184F07A"

SENT = [
    (b"\x020F0184F07A\x03", FIVE),
    (b"\x020F0184F07A\r\n\x03", FIVE),
    (b"\x020F0184F07A00\r\n\x03", FIVE),
    (b"UID: 0F 01 84 F0 7A\r\n", FIVE),
    (b"0F0184F07A 95\r\n", FIVE),
    (b"0F0184F07A\t", FIVE),
    (b"0F:01:84:F0:7A\n", FIVE),
    (b"S0F0184F07A\n", FIVE),
    (b"CARD 0F0184F07A\r", FIVE),
    (b"Card No.: 0F0184F07A\r", FIVE),
    (b"ID=0F0184F07A\r\n", FIVE),
    (b"0F0184F07A#\n", FIVE),
    (b"*0F0184F07A#\n", FIVE),
    (b"[0F0184F07A]\n", FIVE),
    (b"132,61562\r\n", "84F07A"),
    (b"84F07A\r\n", "84F07A"),
    (b"0064450000000\r", "0F0184F480"),
    (b";0090073029910=?\r\n", "14F8C55D16"),
    (b"%0090073029910?\r\n", "14F8C55D16"),
    (b"0x04A2B3C4\n", "04A2B3C4"),
    (b"04A2B3C4D5E6F7\0", "04A2B3C4D5E6F7"),
]


@pytest.mark.parametrize(("data", "uid"), SENT)
def test_what_can_be_read_is_read(data: bytes, uid: str) -> None:
    assert LineFrames().feed(data, 10) == [Uid.parse(uid)]


@pytest.mark.parametrize("uid", [FIVE, "84F07A", "04A2B3C4D5E6F7"])
def test_a_reader_that_sends_no_end_is_read_by_its_pause(uid: str) -> None:
    frames = LineFrames()
    assert frames.feed(uid.encode(), 10) == []
    assert frames.pending
    assert frames.pause(10.05) == []
    assert frames.pause(10.2) == [Uid.parse(uid)]
    assert not frames.pending


def test_what_a_reader_without_end_sends_and_cannot_be_read_is_told() -> None:
    frames = LineFrames()
    assert frames.feed(b"hello", 10) == []
    assert frames.pause(10.2) == []
    assert frames.pause(10.1 + FRAME_PAUSE_S) == [Skipped(Unread.FOREIGN)]


def test_a_reader_that_sends_ends_is_not_read_by_half() -> None:
    frames = LineFrames()
    frames.feed(b"04A2B3C4D5E6F7\n04A2B3C4", 10)
    assert frames.pause(10.5) == []
    assert frames.feed(b"D5E6F7\n", 10.8) == [Uid.parse("04A2B3C4D5E6F7")]


@pytest.mark.parametrize(
    ("form", "text", "uid"),
    [
        ("decimal", "0013748911", "00D1CAAF"),
        ("decimal", "13748911", "00D1CAAF"),
        ("decimal", "No: 13748911", "00D1CAAF"),
        ("decimal-reversed", "0001234567", "87D61200"),
        ("decimal-13", "0042954749443", "0A004D7603"),
        ("facility-card", "20951375", "D1C8AF"),
        ("wiegand-26", "01101000111001010101011111", "D1CAAF"),
        ("hex-reversed", "C4B3A204", "04A2B3C4"),
    ],
)
def test_a_reader_in_its_own_format(form: str, text: str, uid: str) -> None:
    assert LineFrames(NumberForm(form)).feed(f"{text}\r\n".encode(), 10) == [Uid.parse(uid)]


def test_what_has_been_a_check_sum_has_to_be_one() -> None:
    texts = Texts()
    assert texts.read("0F0184F07A 95") == Uid.parse(FIVE)
    assert texts.read("04A2B3C4 D1") == Uid.parse("04A2B3C4")  # the exclusive or
    assert texts.read("0F0184F07A 95") == Skipped(Unread.CHECKSUM)


# --- keys ----------------------------------------------------------------------------------------------------------


def keys(*codes: int, at_s: float = 10.0, shifted: bool = False) -> list[KeyEvent]:
    pressed = [KeyEvent(EV_KEY, code, value, at_s + n / 100) for n, code in enumerate(codes) for value in (1, 0)]
    return [KeyEvent(EV_KEY, 42, 1, at_s), *pressed, KeyEvent(EV_KEY, 42, 0, at_s + 1)] if shifted else pressed


ROW = {digit: code for code, digit in zip((11, *range(2, 11)), "0123456789", strict=True)}
ENTER, TAB, COLON, COMMA, SLASH, A_OF_FRENCH = 28, 15, 39, 51, 53, 16


def fed(frames: KeyFrames | PinFrames, events: list[KeyEvent]) -> list[object]:
    return [frame for event in events if (frame := frames.feed(event)) is not None]


def digits(text: str) -> list[int]:
    return [ROW[digit] for digit in text]


def test_tab_in_the_place_of_enter_and_none_at_all() -> None:
    assert fed(KeyFrames(NumberForm.DECIMAL), keys(*digits("0013748911"), TAB)) == [Uid.parse("00D1CAAF")]
    frames = KeyFrames(NumberForm.DECIMAL)
    assert fed(frames, keys(*digits("13748911"))) == []
    assert frames.pending
    assert frames.pause(10.1) is None
    assert frames.pause(10.5) == Uid.parse("00D1CAAF")


@pytest.mark.parametrize("code", [COLON, COMMA])
def test_facility_and_card_with_a_sign_between(code: int) -> None:
    events = keys(*digits("132"), code, *digits("61562"), ENTER)
    assert fed(KeyFrames(NumberForm.HEX), events) == [Uid.parse("84F07A")]


def test_marks_in_front_and_behind() -> None:
    events = keys(COLON, *digits("0090073029910"), 13, SLASH, ENTER)
    assert fed(KeyFrames(NumberForm.HEX), events) == [Uid.parse("14F8C55D16")]


def test_readers_set_up_for_other_countries() -> None:
    number = digits("04")
    french = keys(*number, A_OF_FRENCH, *digits("2"), shifted=True) + keys(
        *digits("33"), ENTER, at_s=10.1, shifted=True
    )
    for layout in (Layout.AUTO, Layout.FR):
        assert fed(KeyFrames(NumberForm.HEX, layout), french) == [Uid.parse("04A233")]
    german = keys(*digits("132")) + keys(52, at_s=10.1, shifted=True) + keys(*digits("61562"), ENTER, at_s=10.2)
    assert fed(KeyFrames(NumberForm.HEX, Layout.DE), german[:7] + german[7:]) == [Uid.parse("84F07A")]
    unshifted = keys(*digits("04023344"), ENTER)
    assert fed(KeyFrames(NumberForm.HEX, Layout.FR), unshifted) == [Skipped(Unread.LENGTH)]


def test_a_pin_pad() -> None:
    frames = PinFrames()
    slow = [event for n, digit in enumerate("4711") for event in keys(ROW[digit], at_s=10 + 3 * n)]
    [pin] = fed(frames, [*slow, *keys(ENTER, at_s=22)])
    assert (getattr(pin, "digits", ""), repr(pin)) == ("4711", "Pin(…)")
    corrected = keys(*digits("4712"), 14, *digits("1"), ENTER, at_s=30)
    assert [getattr(each, "digits", "") for each in fed(frames, corrected)] == ["4711"]
    assert [
        getattr(each, "digits", "") for each in fed(frames, keys(*digits("99"), 1, *digits("4711"), ENTER, at_s=40))
    ] == ["4711"]
    left = keys(*digits("47"), at_s=50) + keys(*digits("11"), ENTER, at_s=70)
    assert [getattr(each, "digits", "") for each in fed(frames, left)] == ["11"], "who walked away began anew"


# --- long days -----------------------------------------------------------------------------------------------------


def test_a_badge_on_a_serial_reader_for_eight_hours_is_one_presentation() -> None:
    frames, presence, now, taps, misreads = Rdm6300Frames(), Presence(1.0), 0.0, 0, 0
    frame = rdm6300(Uid.parse(FIVE))
    for n in range(8 * 3600 * 3):
        now = n / 3
        for found in frames.feed(frame[:6] if n % 997 == 500 else frame, now):
            if isinstance(found, Skipped):
                misreads += presence.unread(found.reason, now)
            else:
                taps += presence.seen(found, now)
    assert (taps, misreads) == (1, 0)
    assert len(presence._last_seen) <= 3
