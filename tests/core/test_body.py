"""Whatever a network sent as a body becomes a value or a word of why not, and nothing is ever raised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockd.core import body
from clockd.core.body import read_body
from clockd.core.wire import NoJson

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "\udc00x", ""])
)
documents = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=40)


@settings(max_examples=500)
@given(st.binary() | documents.map(lambda value: json.dumps(value).encode()))
def test_reading_never_raises_and_what_it_reads_can_be_written(sent: bytes) -> None:
    found = read_body(sent)
    if not isinstance(found, NoJson):
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"<html><center>nginx</center></html>",
        b"{",
        b'[{"id": 1}, {"id":',
        b'{"a": 1} {"b": 2}',
        b"NaN",
        b'{"id": 1e400}',
        b'[-Infinity, "\\ud800"]',
        b"1" * 5000,
        b'{"id": ' + b"9" * 4400 + b"}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"[" * (body.MOST_LEVELS + 1) + b"]" * (body.MOST_LEVELS + 1),
        b'{"user": "J\xf6rg"}',
        b'"' + b"x" * body.LONGEST_BYTES + b'"',
        b"\x1f\x8b\x08\x00garbage",
        b"\x00",
    ],
    ids=lambda sent: f"{sent[:12]!r}, {len(sent)} bytes",
)
def test_what_is_no_json_is_said_to_be_none(sent: bytes) -> None:
    found = read_body(sent)
    assert isinstance(found, NoJson)
    assert not found.empty


@pytest.mark.parametrize("sent", [b"", b" ", b"\r\n\t"])
def test_nothing_is_told_apart_from_garbage(sent: bytes) -> None:
    assert read_body(sent) == NoJson("an empty reply", empty=True)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": 1, "a": 2, "b": "\\ud800"}', {"a": 2, "b": "?"}),
        (b'{"\\udfff": "x"}', {"?": "x"}),
        (b'\xef\xbb\xbf["J\xc3\xb6rg"]', ["J\u00f6rg"]),
        (b"[18446744073709551616]", [2**64]),
        (b"[" * body.MOST_LEVELS + b"]" * body.MOST_LEVELS, None),
        (b'["\\ud800", ' + b"[" * (body.MOST_LEVELS - 1) + b"]" * (body.MOST_LEVELS - 1) + b"]", None),
    ],
)
def test_odd_but_readable(sent: bytes, read: object) -> None:
    found = read_body(sent)
    assert not isinstance(found, NoJson)
    if read is not None:
        assert found == read


def test_the_longest_body_is_read_and_one_byte_more_is_not() -> None:
    longest = b'"' + b"x" * (body.LONGEST_BYTES - 2) + b'"'
    assert isinstance(read_body(longest), str)
    assert isinstance(read_body(longest + b" "), NoJson)


def test_control_a_plain_reader_does_raise() -> None:
    for sent, error in ((b"<html>", ValueError), (b"[" * 100_000, RecursionError), (b"1" * 5000, ValueError)):
        with pytest.raises(error):
            json.loads(sent)
