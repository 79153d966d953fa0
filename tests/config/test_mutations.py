"""However a configuration is wrong: it is understood, or an error says where, why and what to do. No secret is told."""

import random
from datetime import timedelta

import httpx
import pytest

from clockd.config import Config, Goodtime, TimeTrack, parse
from clockd.errors import ConfigError
from tests.config.mutations import SECRET, mutated, said

SLICE = 1500
WHOLE_RUN = 20_000


def _try(seed: int) -> str:
    """Read one; return what came of it."""
    text = mutated(random.Random(seed))
    try:
        config = parse(text)
    except ConfigError as refusal:
        error = refusal
    else:
        _can_be_used(config)
        return "understood"
    told = said(error)
    assert SECRET not in told, told
    assert error.exit_code == 2
    assert error.where.startswith("clockd.toml"), told
    assert error.why, told
    assert error.hint, told
    assert len(told) < 2000, told
    assert told.replace("\n", "").isprintable(), ascii(told)
    return "refused"


def _can_be_used(config: Config) -> None:
    """What is taken makes no trouble where it is used."""
    assert config.terminal.zone.key
    assert config.terminal.database.is_absolute()
    timedelta(seconds=config.rules.repeat_s, hours=config.rules.max_shift_h)
    for button in config.button:
        assert button.target is None or button.target.name
    if isinstance(config.tracker, TimeTrack | Goodtime):
        timedelta(seconds=config.tracker.quarantine_s + config.tracker.timeout_s)
        url = httpx.URL(config.tracker.url)
        local = url.host in ("localhost", "::1") or url.host.split(".")[0] == "127"
        assert url.scheme == "https" or (local and not url.host.endswith((".com", ".")))


def test_a_slice_of_the_mutations() -> None:
    outcomes = [_try(seed) for seed in range(SLICE)]
    assert {outcome: outcomes.count(outcome) > SLICE / 20 for outcome in outcomes} == {
        "refused": True,
        "understood": True,
    }


@pytest.mark.soak
def test_all_mutations() -> None:
    for seed in range(SLICE, WHOLE_RUN):
        _try(seed)
