"""Serial frames: what is read, what is skipped, and that nothing that can arrive does any harm."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.model import UID_BYTES, Uid, Unread
from clockd.readers.frames import Frames, LineFrames, Rdm6300Frames
from clockd.readers.presence import Presence
from clockd.readers.texts import Skipped

uids = st.sampled_from(UID_BYTES).flatmap(lambda n: st.binary(min_size=n, max_size=n)).map(Uid.of)
em4100 = st.binary(min_size=5, max_size=5).map(Uid.of)
pieces = st.lists(st.binary(max_size=40), max_size=12)


def rdm6300(uid: Uid) -> bytes:
    return b"\x02%s%02X\x03" % (uid.hex.encode(), reduce(xor, uid.raw))


def read(frames: Frames, data: bytes, at_s: float = 0) -> list[Uid]:
    return [frame for frame in frames.feed(data, at_s) if isinstance(frame, Uid)]


def reasons(frames: Frames, data: bytes, at_s: float = 0) -> list[Unread]:
    return [frame.reason for frame in frames.feed(data, at_s) if isinstance(frame, Skipped)]


@pytest.mark.parametrize(
    "line",
    [
        b"04112233445566\n",
        b"04112233445566\r",
        b"04112233445566\r\n",
        b"\r\n04112233445566\r\n",
        b" 04:11:22:33:44:55:66 \n",
        b"0x04112233445566\n",
        b"\x0204112233445566\x03\r\n",
        b"04 11 22 33 44 55 66\n",
    ],
)
def test_lines_as_readers_write_them(line: bytes) -> None:
    assert read(LineFrames(), line) == [Uid.parse("04112233445566")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"04A2\n", Unread.LENGTH),
        (b"1234#\n", Unread.LENGTH),
        (b"hello, world\n", Unread.FOREIGN),
        (b"\xff\xfe\xfd\xfc\n", Unread.FOREIGN),
        (b"0" * 65 + b"\n", Unread.TOO_LONG),
        (b"04" * 5000 + b"\n", Unread.TOO_LONG),
        (b"0F0184F07A95\n", Unread.CHECKSUM),
    ],
)
def test_lines_that_are_no_badge(line: bytes, reason: Unread) -> None:
    assert reasons(LineFrames(), line) == [reason]


def test_a_line_torn_by_a_pause_is_not_completed_by_the_next() -> None:
    frames = LineFrames()
    assert read(frames, b"04A2B3C4\n", 5) == [Uid.parse("04A2B3C4")]
    assert read(frames, b"0411223344", 10) == []
    assert frames.pause(10.5) == []
    assert frames.pause(11.5) == [Skipped(Unread.TORN)]
    assert read(frames, b"0411223344", 20) == []
    assert read(frames, b"04A2B3C4\n", 22) == [Uid.parse("04A2B3C4")]


def test_a_line_that_comes_in_pieces_is_whole() -> None:
    frames = LineFrames()
    assert read(frames, b"04A2", 10) == []
    assert read(frames, b"B3C4\n", 10.5) == [Uid.parse("04A2B3C4")]


@given(uid=em4100)
def test_rdm6300_frames(uid: Uid) -> None:
    assert read(Rdm6300Frames(), rdm6300(uid)) == [uid]
    assert read(Rdm6300Frames(), rdm6300(uid)[:-1].lower() + b"\r\n\x03") == [uid]


@given(uid=em4100, place=st.integers(1, 12), wrong=st.sampled_from(b"0123456789ABCDEF"))
def test_rdm6300_checksum_finds_every_single_wrong_digit(uid: Uid, place: int, wrong: int) -> None:
    frame = bytearray(rdm6300(uid))
    changed = frame[place] != wrong
    frame[place] = wrong
    assert read(Rdm6300Frames(), bytes(frame)) == ([] if changed else [uid])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x020100AABBCC00\x03", Unread.CHECKSUM),
        (b"\x020100AABB\x03", Unread.LENGTH),
        (b"\x02\x03", Unread.LENGTH),
        (b"\x020100AABBCCDDEE\x03", Unread.TOO_LONG),
        (b"\x020100AAZZCC66\x03", Unread.FOREIGN),
        (b"\x0201 0AAB+CC66\x03", Unread.FOREIGN),
        (b"\x020100\x02", Unread.TORN),
    ],
)
def test_rdm6300_frames_that_are_no_badge(data: bytes, reason: Unread) -> None:
    assert reasons(Rdm6300Frames(), data) == [reason]


def test_lines_at_a_reader_set_to_rdm6300_are_told() -> None:
    frames = Rdm6300Frames()
    assert frames.feed(b"0100AABBCC\r\n", 10) == []
    assert frames.pending
    assert frames.pause(11.5) == [Skipped(Unread.FOREIGN)]


def test_rdm6300_frame_torn_by_a_pause() -> None:
    frames = Rdm6300Frames()
    uid = Uid.parse("0100AABBCC")
    assert read(frames, rdm6300(uid)[:6], 10) == []
    assert read(frames, rdm6300(uid)[6:], 12) == []
    assert read(frames, rdm6300(uid), 12.1) == [uid]


@given(pieces=pieces)
def test_any_bytes_do_no_harm_and_the_next_badge_is_read(pieces: list[bytes]) -> None:
    line, rdm = LineFrames(), Rdm6300Frames()
    for piece in pieces:
        line.feed(piece, 0)
        rdm.feed(piece, 0)
        assert len(line._line) <= LineFrames.LONGEST_BYTES + 1
        assert rdm._digits is None or len(rdm._digits) <= Rdm6300Frames.DIGITS
    uid = Uid.parse("0100AABBCC")
    assert read(line, b"\n" + uid.hex.encode() + b"\n")[-1] == uid
    assert read(rdm, rdm6300(uid))[-1] == uid


@given(pieces=pieces)
def test_how_bytes_are_cut_into_pieces_does_not_matter(pieces: list[bytes]) -> None:
    for frames, whole in ((LineFrames(), LineFrames()), (Rdm6300Frames(), Rdm6300Frames())):
        cut = [frame for piece in pieces for frame in frames.feed(piece, 0)]
        assert cut == whole.feed(b"".join(pieces), 0)


@given(uids=st.lists(uids, max_size=5))
def test_every_line_is_read_whole_and_in_order(uids: list[Uid]) -> None:
    assert read(LineFrames(), b"".join(uid.hex.encode() + b"\r\n" for uid in uids)) == uids


def test_presence() -> None:
    presence = Presence(1.0)
    a, b = Uid.parse("04A2B3C4"), Uid.parse("04A2B3C5")
    assert presence.seen(a, 10.0)
    assert not presence.seen(a, 10.9)
    assert presence.seen(b, 11.0)
    assert not presence.seen(a, 11.8)
    assert not presence.seen(b, 11.9)
    assert presence.seen(a, 12.8)


@given(gaps=st.lists(st.floats(0, 3), max_size=30))
def test_presence_counts_the_absences(gaps: list[float]) -> None:
    presence, now, taps = Presence(1.0), 0.0, []
    for gap in gaps:
        before, now = now, now + gap
        taps.append(presence.seen("badge", now))
        if len(taps) > 1:
            assert taps[-1] == (now - before >= 1.0)
    assert taps[:1] in ([], [True])
