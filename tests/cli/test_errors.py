"""The page of errors is what the commands say, and each says what happened, why, and what to do."""

from pathlib import Path

from tests.cli.errors import PAGE, problems, say_all


async def test_the_page_is_what_is_said(tmp_path: Path) -> None:
    """`python -m tests.cli.errors` writes it anew; look at what has changed."""
    assert (await say_all(tmp_path)).splitlines() == PAGE.read_text(encoding="utf-8").splitlines()


def test_each_error_says_what_to_do() -> None:
    assert problems(PAGE.read_text(encoding="utf-8")) == []


def test_control_an_error_without_advice_is_seen() -> None:
    assert problems("```console\n$ clockd x\nclockd: no\n```\n") == ["clockd x"]
    assert problems("```console\n$ clockd x\nclockd: no\n  say yes\n```\n") == []
    assert problems("```console\n$ clockd x\nTraceback (most recent call last):\n  a\n```\n") == ["clockd x"]
