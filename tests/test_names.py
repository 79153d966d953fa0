"""One name, one thing: whoever reads `Link` or `LIVE_S` in clockd need not ask which one.

The same name may stand in two rooms that are counterparts, in files of the same name: there it is the same part, once
for each tracker. A function may share its name when it is always called through its module (`badges.add`).
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

CLOCKD = Path(__file__).parents[1] / "clockd"

COUNTERPARTS = (
    frozenset({"sim/timetrack", "sim/goodtime"}),
    frozenset({"trackers/timetrack", "trackers/goodtime"}),
)

ALLOWED: Mapping[str, str] = {
    "KIND": "each reader's kind; always read through its module",
    "PATH": "where each resource of TimeTrack lies; always read through its module",
    "DeskReader": "the reader, and its section of the configuration",
    "Daemon": "the terminal's daemon, and the page's way to it, which is a part of another process",
    "Parts": "the parts of the demo's stage, and those of the admin page; always read through their own rooms",
    "application()": "the demo's page, and the admin page: each is what its own process serves",
    "KeyboardReader": "the reader, and its section of the configuration",
    "NfcReader": "the reader, and its section of the configuration",
    "PcscReader": "the reader, and its section of the configuration",
    "SerialReader": "the reader, and its section of the configuration",
    "projects()": "a command, named as a person types it; the other is always called through its module",
    "punches()": "a command, named as a person types it; the other is always called through its module",
    "run()": "a command, named as a person types it; the other runs the daemon that it starts",
}
"""Names that stand for more than one thing and may, each with its reason."""


def definitions(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each class, public function and public constant: its name, and what would make a namesake the same thing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, ast.dump(node)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield f"{node.name}()", ast.dump(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and not target.id.startswith("_"):
                    yield target.id, ast.dump(node.value)


def bare_imports(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are taken out of their modules somewhere."""
    return {
        alias.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def are_counterparts(files: Iterable[str]) -> bool:
    """Whether these files are one part each of rooms that are counterparts."""
    rooms = {path.rpartition("/")[0] for path in files}
    names = {path.rpartition("/")[2] for path in files}
    return len(names) == 1 and any(rooms <= kin for kin in COUNTERPARTS)


def ambiguous(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """The names that stand for more than one thing, and the files they stand in.

    Args:
        sources: the text of each file, by its path below `clockd/`.
    """
    trees = {path: ast.parse(text) for path, text in sources.items()}
    bare = bare_imports(trees.values())
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for path, tree in trees.items():
        for name, content in definitions(tree):
            places[name][path] = content
    return {
        name: sorted(files)
        for name, files in sorted(places.items())
        if len(set(files.values())) > 1
        and not are_counterparts(files)
        and (not name.endswith("()") or name.removesuffix("()") in bare)
    }


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    return ambiguous({str(path.relative_to(CLOCKD)): path.read_text() for path in CLOCKD.rglob("*.py")})


def test_a_name_stands_for_one_thing(found: dict[str, list[str]]) -> None:
    assert {name: files for name, files in found.items() if name not in ALLOWED} == {}


def test_what_is_allowed_is_needed(found: dict[str, list[str]]) -> None:
    assert set(ALLOWED) - set(found) == set()


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        ({"core/a.py": "class Link: pass", "cli/b.py": "class Link:\n    x = 1"}, ["Link"]),
        ({"core/a.py": "class Link: pass", "cli/b.py": "class Chain:\n    class Link:\n        x = 1"}, ["Link"]),
        ({"core/a.py": "LIVE_S = 60.0", "flow/b.py": "LIVE_S = 300.0"}, ["LIVE_S"]),
        ({"core/a.py": "LIVE_S = 60.0", "flow/b.py": "LIVE_S = 60.0"}, []),
        ({"core/a.py": "_LIVE_S = 60.0", "flow/b.py": "_LIVE_S = 300.0"}, []),
        ({"core/a.py": "def judge(): ...", "flow/b.py": "def judge(x): ..."}, []),
        ({"core/a.py": "def judge(): ...", "flow/b.py": "from core.a import judge\ndef judge(x): ..."}, ["judge()"]),
        ({"sim/timetrack/a.py": "class World:\n x = 1", "sim/goodtime/a.py": "class World: pass"}, []),
        ({"sim/timetrack/a.py": "class World:\n x = 1", "sim/goodtime/b.py": "class World: pass"}, ["World"]),
    ],
)
def test_control_what_is_found(sources: dict[str, str], names: list[str]) -> None:
    assert list(ambiguous(sources)) == names
