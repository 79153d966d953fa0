"""Nobody but the store speaks SQL: elsewhere an open `Database` is only handed on to the store's functions.

import-linter sees who imports SQLite; what is done with a database that was handed over, only the source shows.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import clockd

ROOT = Path(clockd.__file__).parent
STORE = ROOT / "store"
ELSEWHERE = sorted(file for file in ROOT.rglob("*.py") if STORE not in file.parents)

STATEMENT = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s+\w+"
    r"|(CREATE|DROP|ALTER)\s+(TABLE|INDEX|VIEW|TRIGGER)|SAVEPOINT\s+\w+)\b",
    re.DOTALL,
)
CALLS = {"execute", "executemany", "executescript"}


def sql_in(tree: ast.AST) -> Iterator[str]:
    """What a module does that is the store's: statements, calls that carry them out, and any use of a database."""
    databases = {"db"} | {
        arg.arg for arg in ast.walk(tree) if isinstance(arg, ast.arg) and "Database" in _text(arg.annotation)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if STATEMENT.search(text):
                yield f"line {node.lineno}: {text!r}"
            case ast.JoinedStr() if STATEMENT.search(text := _filled(node)):
                yield f"line {node.lineno}: {text!r}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CALLS:
                yield f"line {node.lineno}: .{name}(…)"
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in databases:
                yield f"line {node.lineno}: {name}.{attr}"
            case _:
                pass


def _text(annotation: ast.expr | None) -> str:
    return "" if annotation is None else ast.unparse(annotation)


def _filled(text: ast.JoinedStr) -> str:
    """An f-string with a word for each of its gaps."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in text.values)


@pytest.mark.parametrize("file", ELSEWHERE, ids=lambda file: str(file.relative_to(ROOT)))
def test_nobody_else_speaks_sql(file: Path) -> None:
    assert list(sql_in(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(db): db.execute(text)",
        "run(lambda db: db['outbox'].rows and db.table('outbox'))",
        "def f(open_one: Database): return open_one.conn",
        "def f(open_one: 'Database | None'): return open_one.query(text)",
        "TEXT = 'SELECT seq FROM outbox'",
        "TEXT = f'UPDATE {table} SET x = 1'",
        "TEXT = f'{what}' ' DELETE FROM outbox'",
        "x.conn.executescript(text)",
    ],
)
def test_control_each_way_is_seen(source: str) -> None:
    assert list(sql_in(ast.parse(source)))


def test_control_the_store_itself_does() -> None:
    found = [file.name for file in STORE.rglob("*.py") if list(sql_in(ast.parse(file.read_text(encoding="utf-8"))))]
    assert {"ledger.py", "outbox.py", "view.py", "schema.py"} <= set(found)
