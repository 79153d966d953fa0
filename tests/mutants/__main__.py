"""`python -m tests.mutants`: which changes of the decisions no test notices."""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path

import msgspec

from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.running import ROOT, Verdict, check_unchanged, recorded, tried

ROOMS = ("planning", "delivery", "decide", "budget", "timebase")
"""Below `clockd/core`: where punches are decided about. A room that is not there is passed over."""

TESTS = ("tests/core", "tests/time")

LEAST_KILLED = 0.85

SURVIVORS = ROOT / "tests" / "core" / "survivors.toml"

Key = tuple[str, str, str, str]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Survivor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that may survive, and why."""

    module: str
    function: str
    line: str
    mutation: str
    reason: str

    @property
    def key(self) -> Key:
        """As the mutant's."""
        return self.module, self.function, self.line, self.mutation


class Survivors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of them."""

    survivor: list[Survivor] = []


def files_of(names: Iterable[str]) -> list[Path]:
    """The files of rooms (`budget`), folders or files; what is not there is left out."""
    found: list[Path] = []
    for name in names:
        plain = [ROOT / name, ROOT / "clockd" / "core" / name, ROOT / "clockd" / "core" / f"{name}.py"]
        for path in plain:
            if path.is_dir():
                found += sorted(path.rglob("*.py"))
            elif path.is_file():
                found.append(path)
    return list(dict.fromkeys(found))


def module_of(file: Path) -> str:
    """The dotted name of a file."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def enums_of(module: str) -> Mapping[str, type[Enum]]:
    """The enumerations that a module knows, by the names it uses."""
    known = vars(importlib.import_module(module))
    return {name: kind for name, kind in known.items() if isinstance(kind, type) and issubclass(kind, Enum)}


def made(files: Sequence[Path]) -> list[Mutant]:
    """All mutants of these files."""
    return [
        mutant for file in files for mutant in mutants_of(module_of(file), file.read_text(), enums_of(module_of(file)))
    ]


def listed() -> dict[Key, Survivor]:
    """The survivors that are known."""
    if not SURVIVORS.exists():
        return {}
    known = msgspec.convert(tomllib.loads(SURVIVORS.read_text()), Survivors).survivor
    return {survivor.key: survivor for survivor in known}


def report(verdicts: Mapping[Key, Verdict], known: Mapping[Key, Survivor], share: float) -> int:
    """Print what came of it; 0 when enough were killed and every survivor is known."""
    survivors = [key for key, verdict in verdicts.items() if verdict in (Verdict.SURVIVED, Verdict.UNTESTED)]
    new = [key for key in survivors if key not in known]
    for module in sorted({key[0] for key in verdicts}):
        mine = Counter(verdict for key, verdict in verdicts.items() if key[0] == module)
        alive = mine[Verdict.SURVIVED] + mine[Verdict.UNTESTED]
        _say(f"{module:<34} {mine.total() - alive:>5} killed {alive:>4} survived of {mine.total():>5}")
    killed = len(verdicts) - len(survivors)
    _say(f"{killed} of {len(verdicts)} mutants killed: {killed / max(1, len(verdicts)):.1%} (at least {share:.0%})")
    file = SURVIVORS.relative_to(ROOT)
    _list(f"Not in {file}: write the test that kills it, or list it with its reason", new)
    _list(f"In {file}, and no survivor any more", _ghosts(verdicts, known))
    return int(bool(new) or killed < share * len(verdicts))


def _ghosts(verdicts: Mapping[Key, Verdict], known: Mapping[Key, Survivor]) -> list[Key]:
    modules = {key[0] for key in verdicts}
    alive = (Verdict.SURVIVED, Verdict.UNTESTED)
    return [key for key in known if key[0] in modules and verdicts.get(key) not in alive]


def _list(title: str, keys: Sequence[Key]) -> None:
    if not keys:
        return
    _say(f"\n{title}:")
    for key in keys:
        names = ("module", "function", "line", "mutation")
        fields = [f"{name} = {_toml(text)}" for name, text in zip(names, key, strict=True)]
        _say("\n".join(["", "[[survivor]]", *fields, 'reason = ""']))


def _toml(text: str) -> str:
    return f"'{text}'" if "'" not in text else f"'''{text}'''"


def main(arguments: Sequence[str]) -> int:
    """Make mutants, test them, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("room", nargs="*", default=list(ROOMS), help="as budget, or a file; all of them when left out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument(
        "--tests", action="append", metavar="PATH", help=f"where the tests are; else {' and '.join(TESTS)}"
    )
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    asked = parser.parse_args(arguments)
    os.chdir(ROOT)
    files = files_of(asked.room)
    if not files:
        raise SystemExit(f"no such room in clockd/core: {' '.join(asked.room)}")
    mutants = _made_elsewhere(files)
    if asked.list:
        for mutant in mutants:
            _say(" | ".join(mutant.key))
        return 0
    started = time.monotonic()
    paths = {module_of(file): str(file) for file in files}
    with tempfile.TemporaryDirectory() as folder:
        seen = recorded(list(paths.values()), asked.tests or TESTS, Path(folder) / "map.json")
    check_unchanged(paths, seen, asked.jobs)
    _say(f"{len(mutants)} mutants of {len(files)} files")
    verdicts: dict[Key, Verdict] = {}
    for mutant, verdict in tried(mutants, paths, seen, asked.jobs):
        verdicts[mutant.key] = verdict
        if len(verdicts) % 200 == 0:
            _say(f"{len(verdicts)} after {time.monotonic() - started:.0f} s")
    ordered = {mutant.key: verdicts[mutant.key] for mutant in mutants}
    return report(ordered, listed(), LEAST_KILLED)


def _made_elsewhere(files: Sequence[Path]) -> list[Mutant]:
    """Make the mutants in another process: this one must never import what is mutated."""
    script = (
        "import sys, msgspec; from pathlib import Path; from tests.mutants.__main__ import made;"
        "sys.stdout.buffer.write(msgspec.json.encode(made([Path(file) for file in sys.argv[1:]])))"
    )
    out = subprocess.run([sys.executable, "-c", script, *map(str, files)], check=True, capture_output=True, cwd=ROOT)
    return msgspec.json.decode(out.stdout, type=list[Mutant])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
