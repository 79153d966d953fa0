"""What a code opens, how often it may be guessed, and who has to wait for whom."""

import pytest

from clockd.core.lockout import FORGOTTEN_S, FREE
from clockd.core.own_code import (
    CODE_S,
    MOST_CODES,
    STRANGERS_FREE,
    CodeAnswer,
    CodeWait,
    CodeWrong,
    OwnCodes,
    RecordOpened,
)

PHONE, OTHER = "192.168.1.20", "192.168.1.21"


def typed(codes: OwnCodes, digest: str, address: str, at_s: float) -> tuple[OwnCodes, CodeAnswer]:
    return codes.redeemed(digest, address, at_s)


def guessed(codes: OwnCodes, count: int, address: str, at_s: float) -> OwnCodes:
    for n in range(count):
        codes, _ = codes.redeemed(f"guess {n}", address, at_s)
    return codes


ADA = OwnCodes().issued("A", "ada", 100.0)


@pytest.mark.parametrize(
    ("digest", "at_s", "answer"),
    [
        ("A", 100.0, RecordOpened("ada")),
        ("A", 100.0 + CODE_S - 0.1, RecordOpened("ada")),
        ("A", 100.0 + CODE_S, CodeWrong()),
        ("B", 100.0, CodeWrong()),
        ("", 100.0, CodeWrong()),
    ],
)
def test_a_code_opens_one_record_within_two_minutes(digest: str, at_s: float, answer: CodeAnswer) -> None:
    assert typed(ADA, digest, PHONE, at_s)[1] == answer


@pytest.mark.parametrize("again", [PHONE, OTHER])
def test_it_counts_once(again: str) -> None:
    codes, first = typed(ADA, "A", PHONE, 101.0)
    assert first == RecordOpened("ada")
    assert typed(codes, "A", again, 102.0)[1] == CodeWrong()


def test_a_new_one_ends_the_one_before_and_nobody_else_s() -> None:
    codes = ADA.issued("B", "bob", 101.0).issued("A2", "ada", 102.0)
    assert typed(codes, "A", PHONE, 103.0)[1] == CodeWrong()
    assert typed(codes, "A2", PHONE, 103.0)[1] == RecordOpened("ada")
    assert typed(codes, "B", PHONE, 103.0)[1] == RecordOpened("bob")


def test_no_two_people_have_the_same_one() -> None:
    assert ADA.is_taken("A", 101.0)
    assert not ADA.is_taken("A", 100.0 + CODE_S)
    assert not ADA.is_taken("B", 101.0)


def test_so_many_count_at_once_and_no_more() -> None:
    codes = OwnCodes()
    for n in range(MOST_CODES + 5):
        codes = codes.issued(f"code {n}", f"user{n}", 100.0)
    assert len(codes.codes) == MOST_CODES
    assert codes.is_taken(f"code {MOST_CODES + 4}", 100.0)


def test_the_fifth_wrong_one_closes_its_own_address_alone_and_the_right_one_is_not_looked_at() -> None:
    codes = guessed(ADA, FREE, PHONE, 101.0)
    assert typed(codes, "A", PHONE, 102.0)[1] == CodeWait(29.0)
    assert typed(codes, "A", OTHER, 102.0)[1] == RecordOpened("ada")


def test_a_right_one_forgives_none() -> None:
    """Who has a code of their own cannot try others' between."""
    codes = guessed(ADA, FREE - 1, PHONE, 101.0)
    codes, answer = typed(codes, "A", PHONE, 101.0)
    assert answer == RecordOpened("ada")
    assert guessed(codes, 1, PHONE, 101.0).wait_s(PHONE, 101.0) > 0


def test_many_addresses_close_it_to_strangers_and_to_nobody_who_was_here() -> None:
    codes, _ = typed(ADA, "A", PHONE, 100.5)
    codes = codes.issued("A2", "ada", 101.0)
    for n in range(STRANGERS_FREE):
        codes = guessed(codes, 1, f"10.0.0.{n}", 101.0)
    assert typed(codes, "A2", OTHER, 102.0)[1] == CodeWait(FORGOTTEN_S - 1.0)
    assert typed(codes, "A2", PHONE, 102.0)[1] == RecordOpened("ada")
    assert codes.wait_s(OTHER, 101.0 + FORGOTTEN_S) == 0.0


def test_one_address_alone_does_not_close_it_to_others() -> None:
    """For a day it tries as often as it may."""
    codes, tried = ADA, 0
    for at_s in range(100, 100 + 24 * 3600):
        before = codes
        codes, _ = codes.redeemed("guess", PHONE, float(at_s))
        tried += codes is not before
        assert codes.wait_s(OTHER, float(at_s)) == 0.0
    assert tried < 1000


def test_ten_thousand_guesses_open_nothing_and_fill_no_memory() -> None:
    """From as many addresses; of the six digits fifty are looked at, and none of them by chance is right."""
    codes, looked_at = ADA, 0
    for n in range(10_000):
        before = codes
        codes, answer = codes.redeemed(f"guess {n}", f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", 101.0 + n / 1000)
        looked_at += codes is not before
        assert not isinstance(answer, RecordOpened)
    assert looked_at == STRANGERS_FREE
    assert len(codes.wrong) <= STRANGERS_FREE
    assert len(codes.strangers_s) <= STRANGERS_FREE


def test_control_without_the_count_of_all_strangers_each_address_would_be_looked_at() -> None:
    codes = ADA
    looked_at = 0
    for n in range(1000):
        forgetful = OwnCodes(codes.codes, codes.wrong, (), codes.familiar)
        codes, answer = forgetful.redeemed(f"guess {n}", f"10.0.{n // 256}.{n % 256}", 101.0)
        looked_at += isinstance(answer, CodeWrong)
    assert looked_at == 1000


def test_what_was_wrong_is_forgotten() -> None:
    codes = guessed(ADA, 3, PHONE, 101.0)
    assert PHONE in codes.wrong
    assert PHONE not in guessed(codes, 1, OTHER, 101.0 + FORGOTTEN_S).wrong
