"""A list of fingerprints is read as it was written, or not at all."""

import pytest

from clockd.core.badge_file import NoBadgeFile
from clockd.core.fingerprint_file import (
    SealedBadge,
    is_fingerprint_file,
    read_fingerprint_file,
    write_fingerprint_file,
)

A, B, CHECK = "a" * 64, "b" * 64, "c" * 64
ADA = SealedBadge(A, "2233", (), "ada", 'Ada "Countess", Lovelace', "2026-01-01", "")
BOB = SealedBadge(B, "00FF", (A, CHECK), "bob")
TEXT = write_fingerprint_file([ADA, BOB], CHECK)


def test_it_is_read_as_it_was_written() -> None:
    assert is_fingerprint_file(TEXT)
    assert read_fingerprint_file(TEXT) == ([ADA, BOB], CHECK)
    assert read_fingerprint_file(TEXT.replace("\n", "\r\n")) == ([ADA, BOB], CHECK)
    assert not is_fingerprint_file("uid,username,name\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.splitlines()[0], "is no list"),
        (TEXT.replace("tail", "tails", 1), "is no list"),
        (TEXT.replace(A, "a" * 63), "line 2"),
        (TEXT.replace("00FF", "00FG"), "line 3"),
        (TEXT + "ada,\n", "more than one pepper"),
        (TEXT + f"ada,{CHECK}\n", "line 4"),
        (TEXT.replace(CHECK, B, 1), "more than one pepper"),
    ],
)
def test_what_is_damaged_is_refused_as_a_whole(text: str, why: str) -> None:
    with pytest.raises(NoBadgeFile) as refused:
        read_fingerprint_file(text)
    assert why in refused.value.why
