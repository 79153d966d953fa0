"""The badge desk at the door: which keys open it, and what keys and badges lead to."""

import pytest

from clockd.core.door_desk import (
    DeskStep,
    HandOut,
    OldBadges,
    Opened,
    Owner,
    Pressed,
    badge_shown,
    confirmed,
    key_pressed,
)
from clockd.core.model import Action, Employee, Uid

NEW, OTHER = Uid("04AA0001"), Uid("04AA0002")
ADA, BOB = Employee("ada", "Ada"), Employee("bob", "Bob")
OWNERS = (Owner(BOB, 0), Owner(ADA, 1))
KEYS = {"i": Action.IN, "o": Action.OUT, "b": Action.BREAK}


@pytest.mark.parametrize(
    ("keys", "opens"),
    [
        ("", False),
        ("o", False),
        ("ioi", False),
        ("oio", False),
        ("ioio", True),
        ("oioio", True),
        ("ioioi", False),
        ("iooi", False),
        ("ioiob", False),
        ("iobio", False),
        ("io io", False),
    ],
)
def test_only_in_out_in_out_opens_it(keys: str, opens: bool) -> None:
    """A blank is a key that came late."""
    pressed, at_s = Pressed(), 100.0
    for key in keys:
        if key == " ":
            at_s += 5.1
            continue
        at_s += 1.0
        pressed = pressed.and_then(KEYS[key], at_s, 5.0)
    assert pressed.opens(at_s + 5.0, 5.0) is opens
    assert not pressed.opens(at_s + 5.1, 5.0)


def play(words: str) -> DeskStep | HandOut | None:
    """Play `-` and `+` for the keys, `n` for the new badge, `x` for another new one, `a` for the admin's."""
    step: DeskStep | HandOut | None = Opened(OWNERS)
    for word in words:
        assert isinstance(step, DeskStep), f"over before {word}"
        if word in "+-":
            step = key_pressed(step, later=word == "+")
        else:
            step = confirmed(step) if word == "a" else badge_shown(step, NEW if word == "n" else OTHER)
    return step


@pytest.mark.parametrize(
    ("words", "done"),
    [
        pytest.param("n+a", HandOut(NEW, BOB, lost=False), id="to somebody without a badge"),
        pytest.param("n++a-a", HandOut(NEW, ADA, lost=False), id="a second badge"),
        pytest.param("n-a+a", HandOut(NEW, ADA, lost=True), id="in the place of a lost one"),
        pytest.param("n-aa+-+a", HandOut(NEW, ADA, lost=True), id="only once it is said"),
        pytest.param("+a+a", HandOut(None, ADA, lost=True), id="lost, and no new one"),
        pytest.param("nnn+a", HandOut(NEW, BOB, lost=False), id="left lying"),
        pytest.param("nx", None, id="another new badge is a tap like every other"),
        pytest.param("+n", None, id="so is one while a lost one is looked for"),
    ],
)
def test_what_keys_and_badges_lead_to(words: str, done: HandOut | None) -> None:
    assert play(words) == done


@pytest.mark.parametrize("words", ["a", "aaa", "na", "naa", "n-a", "n-aa", "+a", "+aa", "+a-a"])
def test_the_badge_alone_says_nothing(words: str) -> None:
    assert isinstance(play(words), DeskStep)


def test_without_anybody_who_has_a_badge_none_is_lost() -> None:
    alone = Opened((Owner(BOB, 0),))
    assert key_pressed(alone, later=True) is alone


def test_whoever_keeps_their_badge_loses_none() -> None:
    step = OldBadges(None, OWNERS[1], lost=False)
    assert confirmed(step) is step
