"""The mutants of a module: each is its text with one small change that a test ought to notice.

Comparisons, `and`/`or`, conditions, arithmetic, numbers, short texts, enum members, `min`/`max`, returned values,
alternatives of a `case`, and statements that are left out. Not touched: sentences for people, annotations, docstrings,
assertions, what is raised, and `__all__`.
"""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

COMPARISONS: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}

MODULE_LEVEL = "(module)"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change; told from others by what a small edit elsewhere leaves as it is."""

    module: str
    function: str
    """Qualified name of the function or class it is in, or `MODULE_LEVEL`."""
    line: str
    """The line of the source that is changed, without its indentation."""
    mutation: str
    """What becomes what; `#2` for the second of the same in the same line of the same function."""
    first_line: int
    last_line: int
    """Where the statement stands that is changed."""
    source: str
    """The whole changed module."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by."""
        return self.module, self.function, self.line, self.mutation


@dataclass(frozen=True, slots=True)
class _Site:
    """A node that can be changed, and where it stands."""

    node: ast.AST
    statement: ast.stmt
    function: str


def mutants_of(module: str, source: str, enums: Mapping[str, type[Enum]]) -> list[Mutant]:
    """Make all mutants of a module.

    Args:
        module: its dotted name.
        source: its text.
        enums: the enumerations it knows, by the name it uses.
    """
    tree = ast.parse(source)
    lines = source.splitlines()
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for site in _sites(tree):
        for words, change in _changes(site.node, enums):
            first, last = _extent(site.statement)
            where = getattr(site.node, "lineno", first)
            mutant = Mutant(
                module, site.function, lines[where - 1].strip(), words, first, last, _changed(tree, site.node, change)
            )
            seen[mutant.key] += 1
            if seen[mutant.key] > 1:
                mutant = replace(mutant, mutation=f"{words} #{seen[mutant.key]}")
            found.append(mutant)
    return found


def _extent(statement: ast.stmt) -> tuple[int, int]:
    """First and last line of a statement; of one with a body, only the head."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return statement.lineno, statement.end_lineno or statement.lineno
    first = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    return statement.lineno, max(statement.lineno, first.lineno - 1)


def _changed(tree: ast.Module, node: ast.AST, change: Callable[[ast.AST], ast.AST]) -> str:
    """The text of a tree in which one node is another."""
    copied, memo = _copy(tree)
    target = memo[id(node)]

    class Swap(ast.NodeTransformer):
        def visit(self, at: ast.AST) -> ast.AST:
            return change(at) if at is target else super().generic_visit(at)

    return ast.unparse(ast.fix_missing_locations(Swap().visit(copied)))


def _copy(tree: ast.Module) -> tuple[ast.Module, Mapping[int, ast.AST]]:
    copied = copy.deepcopy(tree)
    return copied, {id(a): b for a, b in zip(ast.walk(tree), ast.walk(copied), strict=True)}


# --- where ------------------------------------------------------------------------------------------------------


def _sites(tree: ast.Module) -> Iterator[_Site]:
    yield from _in_body(tree.body, MODULE_LEVEL)


def _in_body(body: list[ast.stmt], function: str) -> Iterator[_Site]:
    for statement in body:
        if _left_alone(statement):
            continue
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = statement.name if function == MODULE_LEVEL else f"{function}.{statement.name}"
            if not isinstance(statement, ast.ClassDef):
                for default in (*statement.args.defaults, *statement.args.kw_defaults):
                    if default is not None:
                        yield from _in_node(default, statement, inner)
            yield from _in_body(statement.body, inner)
            continue
        yield _Site(statement, statement, function)
        for name, field in ast.iter_fields(statement):
            if name in ("annotation", "body", "orelse", "finalbody", "handlers", "cases", "exc"):
                continue
            for node in field if isinstance(field, list) else [field]:
                if isinstance(node, ast.AST):
                    yield from _in_node(node, statement, function)
        for name in ("body", "orelse", "finalbody"):
            yield from _in_body(getattr(statement, name, []), function)
        for handler in getattr(statement, "handlers", []):
            yield from _in_body(handler.body, function)
        if isinstance(statement, ast.Match):
            for case in statement.cases:
                yield from _in_case(case, statement, function)


def _in_case(case: ast.match_case, statement: ast.Match, function: str) -> Iterator[_Site]:
    yield from _in_node(case.pattern, statement, function)
    if case.guard is not None:  # it is asked without its body being run
        yield from _in_node(case.guard, statement, function)
    yield from _in_body(case.body, function)


def _in_node(node: ast.AST, statement: ast.stmt, function: str) -> Iterator[_Site]:
    if isinstance(node, ast.JoinedStr):
        return  # a sentence
    yield _Site(node, statement, function)
    for child in ast.iter_child_nodes(node):
        yield from _in_node(child, statement, function)


def _left_alone(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Raise() | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "__doc__")]):
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(op=ast.BitOr()) | ast.Subscript()):
            return name[:1].isupper() and not name.isupper()  # an alias of types
        case _:
            return False


# --- what -------------------------------------------------------------------------------------------------------

Change = Callable[[ast.AST], ast.AST]


def _changes(node: ast.AST, enums: Mapping[str, type[Enum]]) -> Iterator[tuple[str, Change]]:
    """Every change of one node: in words, and as what makes it."""
    for changed in _others(node, enums):
        yield f"{_shown(node)} -> {_shown(changed)}", lambda _, changed=changed: changed  # type: ignore[misc]


def _others(node: ast.AST, enums: Mapping[str, type[Enum]]) -> Iterator[ast.AST]:
    match node:
        case ast.Constant():
            yield from _other_values(node)
        case ast.Compare(left, ops, comparators):
            for n, op in enumerate(ops):
                yield ast.Compare(left, [*ops[:n], COMPARISONS[type(op)](), *ops[n + 1 :]], comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.Call(ast.Name(id=name), arguments, keywords) if name in CALLS:
            kept = [] if name == "sorted" else keywords
            yield ast.Call(ast.Name(CALLS[name], ast.Load()), arguments, kept)
        case ast.Attribute(ast.Name(id=name), member) if name in enums and member in enums[name].__members__:
            members = list(enums[name].__members__)
            other = members[(members.index(member) + 1) % len(members)]
            if len(members) > 1:
                yield ast.Attribute(ast.Name(name, ast.Load()), other, ast.Load())
        case ast.MatchOr(patterns):
            for n in range(len(patterns)):
                yield ast.MatchOr([*patterns[:n], *patterns[n + 1 :]]) if len(patterns) > 2 else patterns[1 - n]
        case ast.IfExp(test, body, orelse):
            if (negated := _negated(test)) is not None:
                yield ast.IfExp(negated, body, orelse)
        case ast.stmt():
            yield from _other_statements(node)
        case _:
            pass


def _other_values(node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool(value):
            yield ast.Constant(not value)
        case int(value) | float(value):
            yield ast.Constant(value + 1)
        case str(value) if value and not any(sign.isspace() for sign in value):
            yield ast.Constant(value + "X")


def _other_statements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If(test, body, orelse) if (negated := _negated(test)) is not None:
            yield ast.If(negated, body, orelse)
        case ast.AugAssign(target, op, value):
            if type(op) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            yield ast.Pass()
        case ast.Expr(ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
            yield ast.Pass()
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case _:
            pass


def _negated(test: ast.expr) -> ast.expr | None:
    """The contrary of a condition, where no change inside of it would be just that."""
    if isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        return None
    return ast.UnaryOp(ast.Not(), test)


def _shown(node: ast.AST) -> str:
    """A node in words, short enough for a list."""
    match node:
        case ast.If(test):
            return f"if {ast.unparse(test)}"
        case ast.Pass():
            return "nothing"
        case _:
            pass
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:97]}..."
