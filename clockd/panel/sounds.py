"""What the six signals look and sound like, as data.

They differ in three ways at once, so that one is enough:

    signal   pitch               rhythm             light
    in       middle, high        short, long        one long green
    out      high, middle        long, short        two long greens
    done     high                one short          a short green, a long one
    again    middle twice        two short          two short greens
    saved    high, low, low      short, long, long  green and red in turn
    problem  low                 one very long      one long red

A passive buzzer plays the pitch; an active one, which has a tone of its own, still has the rhythm.
"""

from dataclasses import dataclass
from enum import Enum

from clockd.core.feedback import Signal


class Light(Enum):
    """Which light shines."""

    NONE = "none"
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True, slots=True)
class SignalStep:
    """A piece of a signal."""

    light: Light
    tone_hz: int | None
    """None is silence."""
    duration_ms: int


HIGH_HZ = 2637
MIDDLE_HZ = 1319
LOW_HZ = 440

PATTERNS: dict[Signal, tuple[SignalStep, ...]] = {
    Signal.IN: (
        SignalStep(Light.GREEN, MIDDLE_HZ, 100),
        SignalStep(Light.GREEN, None, 50),
        SignalStep(Light.GREEN, HIGH_HZ, 240),
        SignalStep(Light.GREEN, None, 1200),
    ),
    Signal.OUT: (
        SignalStep(Light.GREEN, HIGH_HZ, 240),
        SignalStep(Light.GREEN, None, 50),
        SignalStep(Light.GREEN, MIDDLE_HZ, 100),
        SignalStep(Light.GREEN, None, 210),
        SignalStep(Light.NONE, None, 350),
        SignalStep(Light.GREEN, None, 650),
    ),
    Signal.DONE: (
        SignalStep(Light.GREEN, HIGH_HZ, 120),
        SignalStep(Light.GREEN, None, 80),
        SignalStep(Light.NONE, None, 200),
        SignalStep(Light.GREEN, None, 1000),
    ),
    Signal.AGAIN: (
        SignalStep(Light.GREEN, MIDDLE_HZ, 90),
        SignalStep(Light.NONE, None, 110),
        SignalStep(Light.GREEN, MIDDLE_HZ, 90),
        SignalStep(Light.GREEN, None, 110),
    ),
    Signal.SAVED: (
        SignalStep(Light.GREEN, HIGH_HZ, 120),
        SignalStep(Light.NONE, None, 80),
        SignalStep(Light.RED, LOW_HZ, 350),
        SignalStep(Light.RED, None, 100),
        SignalStep(Light.GREEN, LOW_HZ, 350),
        SignalStep(Light.GREEN, None, 100),
        SignalStep(Light.RED, None, 450),
        SignalStep(Light.GREEN, None, 450),
        SignalStep(Light.RED, None, 450),
    ),
    Signal.PROBLEM: (
        SignalStep(Light.RED, LOW_HZ, 900),
        SignalStep(Light.RED, None, 2100),
    ),
}
"""After the last step everything is off."""


@dataclass(frozen=True, slots=True)
class LightsState:
    """What shines and sounds at a moment."""

    green: bool = False
    red: bool = False
    tone_hz: int | None = None

    @classmethod
    def of(cls, step: SignalStep) -> "LightsState":
        """The state during a step."""
        return cls(step.light is Light.GREEN, step.light is Light.RED, step.tone_hz)


DARK = LightsState()
