"""What a person is told at the door differs by ear and by eye, for each of the two alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import pytest

from clockd.core import feedback
from clockd.core.feedback import Signal, signal_for
from clockd.core.model import Employee, Kind
from clockd.panel.sounds import PATTERNS, Light, SignalStep

SHORT_MS, LONG_MS = 150, 500
"""Up to here a tone is short, from here on very long; and a light that is on or off so long is long."""
LOCAL = datetime(2026, 11, 21, 8, 2)
ADA = Employee("ada", "Ada")
Steps = Sequence[SignalStep]


def pitches(steps: Steps) -> tuple[object, ...]:
    """The tones, by a buzzer that can play them."""
    return tuple(step.tone_hz for step in steps if step.tone_hz)


def rhythm(steps: Steps) -> tuple[object, ...]:
    """The tones, by a buzzer that has only one; tones that follow each other without a pause are one."""
    tones = [(bool(key), sum(s.duration_ms for s in own)) for key, own in groupby(steps, lambda s: bool(s.tone_hz))]
    return tuple("." if ms <= SHORT_MS else "-" if ms < LONG_MS else "=" for sounds, ms in tones if sounds)


def light(steps: Steps) -> tuple[object, ...]:
    """The colours, each short or long, as somebody sees them who hears nothing."""
    shown = [(key, sum(s.duration_ms for s in own)) for key, own in groupby(steps, lambda s: s.light)]
    while shown and shown[-1][0] is Light.NONE:
        shown.pop()
    return tuple((colour, ms >= 400) for colour, ms in shown if colour is not Light.NONE)


def colour_blind(steps: Steps) -> tuple[object, ...]:
    """On and off, as somebody sees them to whom both lights are one."""
    shown = [(key, sum(s.duration_ms for s in own)) for key, own in groupby(steps, lambda s: s.light is not Light.NONE)]
    return tuple(ms >= 400 for on, ms in shown if on)


SENSES = (pitches, rhythm, light)


def alike(
    patterns: Mapping[Signal, Steps], sense: Callable[[Steps], tuple[object, ...]]
) -> list[tuple[Signal, Signal]]:
    """The pairs that somebody with this sense alone cannot tell apart."""
    told = [(signal, sense(steps)) for signal, steps in patterns.items()]
    return [(a, b) for n, (a, of_a) in enumerate(told) for b, of_b in told[n + 1 :] if of_a == of_b]


@pytest.mark.parametrize("sense", SENSES)
def test_no_two_meanings_share_a_sound_or_a_light(sense: Callable[[Steps], tuple[object, ...]]) -> None:
    assert set(PATTERNS) == set(Signal)
    assert alike(PATTERNS, sense) == []


@pytest.mark.parametrize("sense", SENSES)
def test_control_two_that_are_alike_are_seen(sense: Callable[[Steps], tuple[object, ...]]) -> None:
    longer = tuple(SignalStep(step.light, step.tone_hz, step.duration_ms + 1) for step in PATTERNS[Signal.IN])
    assert alike({**PATTERNS, Signal.OUT: longer}, sense) == [(Signal.IN, Signal.OUT)]


def test_what_failed_is_no_success_to_who_sees_no_colours() -> None:
    """One light that shines for three seconds; a success is over, or has gone out, by then."""
    of_a_problem = max(step.duration_ms for step in PATTERNS[Signal.PROBLEM] if step.light is Light.RED)
    for signal, steps in PATTERNS.items():
        longest = max(sum(s.duration_ms for s in own) for key, own in groupby(steps, lambda s: s.light) if key.value)
        assert signal is Signal.PROBLEM or longest < of_a_problem, signal
    assert colour_blind(PATTERNS[Signal.SAVED]) != colour_blind(PATTERNS[Signal.PROBLEM])


def punched(kind: Kind, *, no_in: bool = False) -> feedback.Punched:
    return feedback.Punched(ADA, kind, LOCAL, True, None, None, None, no_in=no_in)


@pytest.mark.parametrize(
    ("screen", "signal"),
    [
        (punched(Kind.IN), Signal.IN),
        (punched(Kind.RESUME), Signal.IN),
        (punched(Kind.OUT), Signal.OUT),
        (punched(Kind.BREAK), Signal.OUT),
        (punched(Kind.PROJECT), Signal.DONE),
        (punched(Kind.OUT, no_in=True), Signal.SAVED),
        (feedback.UnknownBadge("2A7F"), Signal.SAVED),
        (feedback.RandomBadge(), Signal.SAVED),
        (feedback.NothingRecorded("disk full"), Signal.PROBLEM),
        (feedback.AlreadyRecorded(ADA, Kind.IN, LOCAL), Signal.AGAIN),
        (feedback.Undone(ADA, Kind.IN, LOCAL), Signal.DONE),
    ],
)
def test_what_a_screen_sounds_like(screen: feedback.Screen, signal: Signal) -> None:
    assert signal_for(screen) is signal


def test_green_alone_is_only_for_what_needs_nobody_and_red_alone_for_what_was_not_recorded() -> None:
    colours = {signal: {step.light for step in steps} - {Light.NONE} for signal, steps in PATTERNS.items()}
    assert {s for s, own in colours.items() if own == {Light.RED}} == {Signal.PROBLEM}
    assert {s for s, own in colours.items() if Light.RED not in own} == set(Signal) - {Signal.PROBLEM, Signal.SAVED}
