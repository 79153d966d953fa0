"""Key events: formats, both digit rows, torn and spoiled frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.model import UID_BYTES, Pin, Uid, Unread
from clockd.core.numbers import NumberForm
from clockd.readers.keys import EV_KEY, EV_SYN, LONGEST, SYN_DROPPED, KeyEvent, KeyFrames
from clockd.readers.texts import Skipped

ROW = dict(zip("1234567890", range(2, 12), strict=True)) | dict(zip("ABCDEF", (30, 48, 46, 32, 18, 33), strict=True))
LETTERS = dict(zip("QWERTYUIOPASDFGHJKLZXCVBNM", (*range(16, 26), *range(30, 39), *range(44, 51)), strict=True))
SIGNS = {" ": 57, ":": 39, ",": 51, ".": 52, "-": 12}
PAD = dict(zip("7894561230", (71, 72, 73, 75, 76, 77, 79, 80, 81, 82), strict=True))
ENTER, PAD_ENTER, SHIFT, F5 = 28, 96, 42, 63

uids = st.sampled_from(UID_BYTES).flatmap(lambda n: st.binary(min_size=n, max_size=n)).map(Uid.of)
events = st.builds(
    KeyEvent,
    type=st.integers(0, 5),
    code=st.one_of(st.sampled_from([*ROW.values(), *PAD.values(), ENTER, SHIFT, SYN_DROPPED]), st.integers(0, 0x2FF)),
    value=st.integers(0, 2),
    at_s=st.floats(0, 100),
)


def typed(text: str, at_s: float = 0, *, keys: dict[str, int] = ROW, enter: int | None = ENTER) -> list[KeyEvent]:
    """Down, report and up of each key, as a reader types them."""
    codes = [(keys | LETTERS | SIGNS | keys)[digit] for digit in text] + ([] if enter is None else [enter])
    return [
        event
        for n, code in enumerate(codes)
        for event in (
            KeyEvent(EV_KEY, code, 1, at_s + n / 100),
            KeyEvent(EV_SYN, 0, 0, at_s + n / 100),
            KeyEvent(EV_KEY, code, 0, at_s + n / 100),
        )
    ]


def read(written: NumberForm, *runs: list[KeyEvent]) -> list[Uid | Pin | Skipped]:
    frames = KeyFrames(written)
    return [frame for run in runs for key in run if (frame := frames.feed(key)) is not None]


@given(uid=uids)
def test_hex_of_every_length(uid: Uid) -> None:
    assert read(NumberForm.HEX, typed(uid.hex)) == [uid]


@given(uid=st.binary(min_size=4, max_size=4).map(Uid.of))
def test_decimal_and_its_reverse_are_the_same_bytes(uid: Uid) -> None:
    digits = f"{int.from_bytes(uid.raw, 'big'):010}"
    assert read(NumberForm.DECIMAL, typed(digits)) == [uid]
    assert read(NumberForm.DECIMAL_REVERSED, typed(digits)) == [Uid.of(uid.raw[::-1])]


def test_decimal_as_documented() -> None:
    assert read(NumberForm.DECIMAL, typed("0001234567")) == [Uid.parse("0012D687")]
    assert read(NumberForm.DECIMAL_REVERSED, typed("0001234567")) == [Uid.parse("87D61200")]


def test_keypad_and_its_enter() -> None:
    assert read(NumberForm.DECIMAL, typed("0001234567", keys=PAD, enter=PAD_ENTER)) == [Uid.parse("0012D687")]


def test_shift_caps_lock_and_held_keys_change_nothing() -> None:
    shifted = [event for key in typed("04A2B3C4") for event in (KeyEvent(EV_KEY, SHIFT, 1, key.at_s), key)]
    held = [event for key in typed("04A2B3C4") for event in (key, KeyEvent(key.type, key.code, 2, key.at_s))]
    assert read(NumberForm.HEX, shifted) == read(NumberForm.HEX, held) == [Uid.parse("04A2B3C4")]


@pytest.mark.parametrize(
    ("written", "digits", "reason"),
    [
        (NumberForm.HEX, "04A2B3C", Unread.LENGTH),
        (NumberForm.HEX, "04A2", Unread.LENGTH),
        (NumberForm.HEX, "0" * (LONGEST + 1), Unread.TOO_LONG),
        (NumberForm.HEX, "04A2B3CG", Unread.FOREIGN),
        (NumberForm.DECIMAL, "00012345678", Unread.LENGTH),
        (NumberForm.DECIMAL, "00012345A7", Unread.FOREIGN),
        (NumberForm.DECIMAL, "4294967296", Unread.LENGTH),
    ],
)
def test_frames_that_are_no_badge(written: NumberForm, digits: str, reason: Unread) -> None:
    assert read(written, typed(digits)) == [Skipped(reason)]


def test_half_a_frame_is_not_completed_by_the_next() -> None:
    _, torn, frame = read(
        NumberForm.HEX, typed("04A2B3C4", 5), typed("0411223344", 10, enter=None), typed("04A2B3C4", 11)
    )
    assert torn == Skipped(Unread.TORN)
    assert frame == Uid.parse("04A2B3C4")


def test_half_a_frame_is_not_completed_by_an_enter_long_after() -> None:
    [_, torn] = read(NumberForm.HEX, typed("04A2B3C4", 5), typed("04A2B3C4", 10, enter=None), typed("", 20))
    assert torn == Skipped(Unread.TORN)


def test_a_foreign_key_spoils_its_frame_only() -> None:
    spoiled = [*typed("04A2", 10, enter=None), KeyEvent(EV_KEY, F5, 1, 10.05), *typed("B3C4", 10.1)]
    assert read(NumberForm.HEX, spoiled, typed("04A2B3C4", 10.2)) == [
        Skipped(Unread.FOREIGN),
        Uid.parse("04A2B3C4"),
    ]


def test_events_that_the_kernel_dropped_spoil_their_frame_only() -> None:
    dropped = [*typed("0411", 10, enter=None), KeyEvent(EV_SYN, SYN_DROPPED, 0, 10.05), *typed("04A2B3C4", 10.1)]
    assert read(NumberForm.HEX, dropped, typed("04A2B3C4", 10.3)) == [Skipped(Unread.LOST), Uid.parse("04A2B3C4")]


def test_a_dropped_enter_does_not_cost_the_next_badge() -> None:
    dropped = [*typed("0411", 10, enter=None), KeyEvent(EV_SYN, SYN_DROPPED, 0, 10.05)]
    assert read(NumberForm.HEX, dropped, typed("04A2B3C4", 12))[-1] == Uid.parse("04A2B3C4")


def test_enter_alone_says_nothing() -> None:
    assert read(NumberForm.HEX, typed(""), typed("")) == []


@given(
    noise=st.lists(events, max_size=60),
    written=st.sampled_from((NumberForm.HEX, NumberForm.DECIMAL, NumberForm.DECIMAL_REVERSED)),
)
def test_any_events_do_no_harm_and_the_next_badge_is_read(noise: list[KeyEvent], written: NumberForm) -> None:
    frames = KeyFrames(written)
    for key in noise:
        frames.feed(key)
        assert len(frames._text) <= LONGEST
    last = [frame for key in typed("0001234567", 200) if (frame := frames.feed(key)) is not None][-1]
    assert isinstance(last, Uid)
