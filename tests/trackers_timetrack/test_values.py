"""Single values: every form is read, one is written."""

from datetime import datetime

import pytest

from clockd.core.wire import NoJson, Reply
from clockd.trackers.timetrack.values import (
    NOTHING,
    decode,
    flag_of,
    id_of,
    number_of,
    objects,
    one_object,
    plain_words,
    stamp_of,
    text_of,
    user_of,
    wall_text,
    whole_of,
)
from tests.trackers_timetrack.said import IN, VIENNA


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-11-21T08:02:13.000Z", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13Z", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02Z", "2026-11-21T08:02:00"),
        ("2026-11-21 08:02:13", "2026-11-21T08:02:13"),
        (" 2026-11-21T08:02:13z\n", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13.4Z", "2026-11-21T08:02:13.400000"),
        ("2026-11-21T08:02:13,48Z", "2026-11-21T08:02:13.480000"),
        ("2026-11-21T08:02:13.123456789Z", "2026-11-21T08:02:13.123456"),
        ("2026-11-21T08:02:13+00:00", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13-0000", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13+01:00", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13 +0100", "2026-11-21T08:02:13"),
        ("2026-11-21T08:02:13.5-05", "2026-11-21T14:02:13.500000"),
        ("2026-07-21T08:02:13+01:00", "2026-07-21T09:02:13"),
        ("2026-11-21T08:02:13+05:45", "2026-11-21T03:17:13"),
    ],
)
def test_every_form_of_a_timestamp_is_read(text: str, wall: str) -> None:
    assert stamp_of(text, VIENNA) == datetime.fromisoformat(wall)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "now",
        "2026-11-21",
        "08:02:13",
        "2026-13-21T08:02:13Z",
        "2026-02-30T08:02:13Z",
        "2026-11-21T25:02:13Z",
        "2026-11-21T08:02:13.1234567890Z",
        "2026-11-21T08:02:13.Z",
        "2026-11-21T08:02:13UTC",
        "2026-11-21T08:02:13+99:00",
        "0001-01-01T00:00:00+10:00",
        "0000-00-00T00:00:00Z",
        "٢٠٢٦-١١-٢١T٠٨:٠٢:١٣Z",
        1795248133000,
        True,
        [],
        {},
    ],
)
def test_what_is_no_timestamp_is_none(value: object) -> None:
    assert stamp_of(value, VIENNA) is None  # type: ignore[arg-type] # anything may come


def test_timestamp_survives_writing_and_reading() -> None:
    assert stamp_of(wall_text(IN), VIENNA) == IN.replace(microsecond=0)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"id": 1}, "1"),
        ({"ID": 1}, "1"),
        ({"id": "17"}, "17"),
        ({"id": " x-9 "}, "x-9"),
        ({"id": 12.0}, "12"),
        ({"id": None, "ID": 3}, "3"),
        ({"id": 0}, None),
        ({"id": "0"}, None),
        ({"id": -1}, None),
        ({"id": 1.5}, None),
        ({"id": True}, None),
        ({"id": ""}, None),
        ({"id": ".."}, None),
        ({"id": "a\nb"}, None),
        ({"id": "\ud800"}, None),
        ({"id": "x" * 65}, None),
        ({"id": 10**30}, None),
        ({"id": float("inf")}, None),
        ({"id": [1]}, None),
        ({"Id": 1}, None),
    ],
)
def test_id(shown: dict[str, object], expected: str | None) -> None:
    assert id_of(shown) == expected  # type: ignore[arg-type] # anything may come


@pytest.mark.parametrize(
    ("value", "number", "whole", "flag", "text"),
    [
        (50, 50.0, 50, None, "50"),
        ("50", 50.0, 50, None, "50"),
        (" 20.5 ", 20.5, 20, None, " 20.5 "),
        (1, 1.0, 1, True, "1"),
        ("0", 0.0, 0, False, "0"),
        (True, None, None, True, ""),
        ("TRUE", None, None, True, "TRUE"),
        ("false", None, None, False, "false"),
        (None, None, None, None, ""),
        ("", None, None, None, ""),
        ("x", None, None, None, "x"),
        ("nan", None, None, None, "nan"),
        (float("inf"), None, None, None, "inf"),
        (10**400, None, None, None, None),
        ("1e999", None, None, None, "1e999"),
        ([1], None, None, None, ""),
        ({}, None, None, None, ""),
    ],
)
def test_numbers_and_booleans_may_come_as_text(
    value: object, number: float | None, whole: int | None, flag: bool | None, text: str | None
) -> None:
    assert number_of(value) == number  # type: ignore[arg-type] # anything may come
    assert whole_of(value) == whole  # type: ignore[arg-type] # anything may come
    assert flag_of(value) is flag  # type: ignore[arg-type] # anything may come
    if text is not None:
        assert text_of(value) == text  # type: ignore[arg-type] # anything may come


def test_text_can_always_be_stored() -> None:
    text_of("\ud83d \ude00").encode()
    assert plain_words("  a\r\n\x1b]0;b\x07\u0085c \u202e\u0a0b\ud800ü ") == "a ]0;b c ?ü"
    assert len(plain_words("x" * 10_000)) == 200


def test_user_is_called_user_or_username() -> None:
    assert user_of({"user": "ada", "username": "bob"}) == "ada"
    assert user_of({"user": "", "username": "bob"}) == "bob"
    assert user_of({"user": None}) is None


def test_wrappings() -> None:
    thing = {"id": 1, "from": "x"}
    for wrapped in (
        thing,
        [thing],
        {"data": thing},
        {"data": [thing]},
        {"data": thing, "n": 1},
        {"row": {"data": thing}},
    ):
        assert one_object(wrapped) == thing  # type: ignore[arg-type] # dict is invariant
    for nothing in (None, 1, "x", [], [thing, thing], [[[[[[thing]]]]]]):
        assert one_object(nothing) is None  # type: ignore[arg-type] # dict is invariant
    assert objects([thing]) == objects({"data": [thing]}) == objects({"rows": [thing]}) == [thing]  # type: ignore[list-item] # dict is invariant
    assert objects({"data": None}) is objects(1) is objects({"a": [], "b": []}) is None


def test_decoding() -> None:
    assert decode(Reply(200, {}, b" \n")) is NOTHING
    assert decode(Reply(200, {}, b"\xef\xbb\xbf{}")) == {}
    for garbage in (b"{", b"<", b"\xff", b"[" * 10**5, b"1" * 10**4, b'{"a":1}x', b"[NaN]", b"-Infinity", b"1e400"):
        assert isinstance(decode(Reply(200, {}, garbage)), NoJson)
