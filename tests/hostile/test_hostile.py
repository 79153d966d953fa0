"""Whatever a tracker, or something on the way to it, answers in any state: nothing ends, nothing doubles, no secret.

Each answer of the catalogue is played over real sockets before the booking as the daemon composes it, every other time
by a tracker that does what it was asked for and then answers so. In the end the tracker is itself again, and holds
every interval once.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clockd.core import wire
from clockd.daemon.booking import Known
from tests.hostile.catalogue import CATALOGUE, Answer
from tests.hostile.rig import SECRETS, STATES, Rig, rig

TRACKERS = ("timetrack", "goodtime")


def complaints(records: Sequence[logging.LogRecord]) -> Iterator[str]:
    """What may never stand in a log."""
    for record in records:
        text = record.getMessage()
        if record.exc_info or "Traceback" in text or "mistake" in text:
            yield f"{record.name}: {text} {record.exc_info}"
        if any(secret in text for secret in SECRETS):
            yield f"{record.name}: a secret"


async def play(folder: Path, tracker: str, scenes: Sequence[tuple[str, Answer]], log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.DEBUG, logger="clockd")
    async with rig(folder, tracker) as bench:
        for n, (state, answer) in enumerate(scenes):
            await bench.play(state, answer, applies=n % 2 == 1 and not answer.denies)
        await bench.settle()
        assert bench.wrong() == {}
        assert len(bench.unasked) * 10 <= len(scenes), bench.unasked
    assert list(complaints(log.records)) == []


def test_the_catalogue_is_large_and_each_of_its_answers_stands_for_itself() -> None:
    assert len({answer.name for answer in CATALOGUE}) == len(CATALOGUE) > 300


@pytest.mark.parametrize("tracker", TRACKERS)
async def test_a_slice_of_all_answers_in_every_state(
    tmp_path: Path, tracker: str, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [answer for answer in CATALOGUE[::19] if not answer.slow]
    scenes = [(STATES[n % len(STATES)], answer) for n, answer in enumerate(answers)]
    await play(tmp_path, tracker, scenes, caplog)


@pytest.mark.soak
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("tracker", TRACKERS)
async def test_all_answers_in_every_state(
    tmp_path: Path, tracker: str, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    await play(tmp_path, tracker, [(state, answer) for answer in CATALOGUE], caplog)


async def _unprepared(folder: Path, answers: Sequence[Answer], log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.DEBUG, logger="clockd")
    async with rig(folder, "goodtime", prepared=False, answer=answers[0]) as bench:
        for answer in answers:
            await bench.play_unprepared(answer)
        await bench.settle()
        assert bench.booking.runs
        assert len(bench.unasked) * 10 <= len(answers), bench.unasked
    assert list(complaints(log.records)) == []


async def test_a_slice_of_all_answers_before_goodtime_is_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await _unprepared(tmp_path, [answer for answer in CATALOGUE[::23] if not answer.slow], caplog)


@pytest.mark.soak
async def test_all_answers_before_goodtime_is_known(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await _unprepared(tmp_path, CATALOGUE, caplog)


PAGES = [
    answer for answer in CATALOGUE if answer.name in ("400 nginx", "418 empty", "499 nginx", "422 half of its JSON")
]


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("state", ["paused: credentials", "paused: redirect"])
async def test_a_page_that_answers_a_probe_ends_nothing(
    tmp_path: Path, tracker: str, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    await play(tmp_path, tracker, [(state, answer) for answer in PAGES], caplog)


# --- what breaks the proof --------------------------------------------------------------------------------------


@dataclass
class Blind:
    """A codec that takes every unclear answer for "nothing was done"."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def verdict(self, write: wire.Write, exchange: wire.Exchange) -> wire.Verdict:
        found: wire.Verdict = self.inner.verdict(write, exchange)
        return wire.NotApplied("") if isinstance(found, wire.Unknown | wire.Unconfirmed | wire.Rejected) else found


@dataclass
class Stumbling(Blind):
    """A codec that does not survive what it reads."""

    def rows(self, exchange: wire.Exchange, asked: str = "") -> wire.LookVerdict:
        assert isinstance(exchange, wire.Reply)
        json.loads(exchange.body)
        return wire.NotApplied("")


UNCLEAR = [
    answer for answer in CATALOGUE if answer.name in ("500 nginx", "504 empty", "reset after reading", "400 nginx")
]


def loops(bench: Rig) -> Any:
    assert isinstance(bench.booking.account, Known)
    return bench.booking.account.loops


@pytest.mark.parametrize("tracker", TRACKERS)
async def test_control_a_blind_retry_is_seen(tmp_path: Path, tracker: str) -> None:
    async with rig(tmp_path, tracker) as bench:
        loops(bench).sync.codec = Blind(loops(bench).sync.codec)
        for answer in UNCLEAR:
            await bench.play("ok", answer, applies=True)
        await bench.settle()
        assert "too many" in bench.wrong()


async def test_control_a_task_that_ends_is_seen(tmp_path: Path) -> None:
    def asks_the_disk() -> bool:
        raise ValueError("no JSON")

    async with rig(tmp_path, "timetrack") as bench:
        loops(bench).reconcile.fresh_key = asks_the_disk
        with pytest.raises(AssertionError, match="reconcile ended at"):  # noqa: PT012 - any of them
            for answer in PAGES:
                await bench.play("paused: credentials", answer, applies=False)


async def test_control_a_codec_that_stumbles_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig(tmp_path, "timetrack") as bench:
        codec = loops(bench).reconcile.codec
        loops(bench).reconcile.codec = Stumbling(codec)
        for answer in PAGES:
            await bench.play("paused: credentials", answer, applies=False)
        loops(bench).reconcile.codec = codec
        await bench.settle()
    assert any("mistake" in complaint for complaint in complaints(caplog.records))


def test_control_a_log_that_tells_too_much_is_seen() -> None:
    plain, told, failed = record("all is well"), record(f"no such key: {SECRETS[1]}"), record("it failed")
    failed.exc_info = (ValueError, ValueError("x"), None)
    assert list(complaints([plain])) == []
    assert len(list(complaints([plain, told, failed]))) == 2


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("clockd", logging.INFO, "", 0, text, None, None)
