"""What is changed in a module, what is left alone, and by what a mutant is known."""

from collections.abc import Mapping
from enum import Enum
from textwrap import dedent

import pytest

from clockd.core.model import Kind
from tests.mutants import __main__ as command
from tests.mutants.__main__ import Survivor
from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.running import Verdict

ENUMS: Mapping[str, type[Enum]] = {"Kind": Kind}


def mutants(source: str) -> list[Mutant]:
    return mutants_of("m", dedent(source), ENUMS)


@pytest.mark.parametrize(
    ("source", "mutations"),
    [
        ("x = a < b", ["a < b -> a <= b"]),
        ("x = a is not b", ["a is not b -> a is b"]),
        ("x = a and not b", ["a and (not b) -> a or not b", "not b -> b"]),
        ("x = a - 2", ["a - 2 -> a + 2", "2 -> 3"]),
        ("x = 0.5", ["0.5 -> 1.5"]),
        ("x = True", ["True -> False"]),
        ("x = 'key'", ["'key' -> 'keyX'"]),
        ("x = 'a sentence for people'", []),
        ("x = f'{a} of 3'", []),
        ("x = Kind.IN", ["Kind.IN -> Kind.OUT"]),
        ("x = Unknown.IN", []),
        ("x = min(a, b)", ["min(a, b) -> max(a, b)"]),
        ("x = sorted(a, key=f)", ["sorted(a, key=f) -> list(a)"]),
        ("x = a if b else c", ["a if b else c -> a if not b else c"]),
        ("x += a", ["x += a -> x -= a", "x += a -> nothing"]),
        ("self.x = a", ["self.x = a -> nothing"]),
        ("go()", ["go() -> nothing"]),
        ("if a:\n    b = c", ["if a -> if not a"]),
        ("while a < b:\n    break", ["a < b -> a <= b", "break -> continue"]),
        ("def f(a=1): return a", ["1 -> 2", "return a -> return None"]),
        (
            "match a:\n    case Kind.IN | Kind.OUT:\n        b = c",
            [
                "Kind.IN | Kind.OUT -> Kind.OUT",
                "Kind.IN | Kind.OUT -> Kind.IN",
                "Kind.IN -> Kind.OUT",
                "Kind.OUT -> Kind.BREAK",
            ],
        ),
        ("match a:\n    case b if b > c:\n        d = e", ["b > c -> b >= c"]),
        ("class A:\n    x: int = 1", ["1 -> 2"]),
        ("@d(1)\ndef f() -> 'int':\n    'a docstring'\n    assert a < b\n    raise E(1)", []),
        ("import a\n__all__ = ['b']\nEither = A | B\nCall = Callable[[A], B]", []),
    ],
)
def test_what_is_changed(source: str, mutations: list[str]) -> None:
    assert [mutant.mutation for mutant in mutants(source)] == mutations


def test_a_mutant_is_the_module_with_one_change() -> None:
    first, second = mutants("a = 1\nb = 2\n")
    assert (first.source, second.source) == ("a = 2\nb = 2", "a = 1\nb = 3")


def test_it_is_known_by_what_a_small_edit_elsewhere_leaves() -> None:
    source = """
        class Pace:
            def floor(self):
                return self.x + 1 + 1
    """
    before, after = mutants(source), mutants("added = None\n\n" + dedent(source))
    assert [mutant.key for mutant in before] == [mutant.key for mutant in after]
    assert ("m", "Pace.floor", "return self.x + 1 + 1", "1 -> 2 #2") in {mutant.key for mutant in before}
    assert len({mutant.key for mutant in before}) == len(before)


def test_the_lines_are_those_of_its_statement() -> None:
    (mutant,) = mutants("x = [\n    a,\n    b < c,\n]")
    assert (mutant.first_line, mutant.last_line, mutant.line) == (1, 4, "b < c,")
    (head, *_) = mutants("if (\n    a\n    < b\n):\n    c = d")
    assert (head.first_line, head.last_line) == (1, 4)


def test_every_pattern_and_guard_is_still_python() -> None:
    for mutant in mutants("match a:\n    case Kind.IN | Kind.OUT | Kind.BREAK if b:\n        c = -1 + d[0]\n"):
        compile(mutant.source, "m", "exec")


KEY = ("m", "f", "x = 1", "1 -> 2")


@pytest.mark.parametrize(
    ("verdicts", "listed", "code"),
    [
        ({KEY: Verdict.KILLED}, (), 0),
        ({KEY: Verdict.TIMED_OUT}, (), 0),
        ({KEY: Verdict.SURVIVED}, (), 1),
        ({KEY: Verdict.UNTESTED}, (), 1),
        ({KEY: Verdict.SURVIVED}, (KEY,), 1),  # known, and yet too few are killed
        ({KEY: Verdict.SURVIVED} | {("m", "f", "x = 1", str(n)): Verdict.KILLED for n in range(9)}, (KEY,), 0),
        ({KEY: Verdict.SURVIVED} | {("m", "f", "x = 1", str(n)): Verdict.KILLED for n in range(9)}, (), 1),
    ],
)
def test_it_fails_for_a_survivor_that_is_not_listed_and_for_too_many(
    verdicts: dict[tuple[str, str, str, str], Verdict], listed: tuple[tuple[str, str, str, str], ...], code: int
) -> None:
    known = {key: Survivor(*key, "because") for key in listed}
    assert command.report(verdicts, known, 0.85) == code


def test_a_listed_survivor_that_is_killed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    command.report({KEY: Verdict.KILLED}, {KEY: Survivor(*KEY, "because")}, 0.85)
    assert "no survivor any more" in capsys.readouterr().out


def test_every_listed_survivor_has_a_reason() -> None:
    assert [survivor for survivor in command.listed().values() if not survivor.reason.strip()] == []
