"""Mutation testing of the decisions: `./deploy/test mutants`, or `python -m tests.mutants [MODULE …]`.

    mutations.py   the mutants of a module: one small change each
    coverage_map.py  which tests run which line
    running.py     a fork for each mutant, with only the tests that run its lines
    __main__.py    the command: counts, compares the survivors with `tests/core/survivors.toml`

Why a driver of our own: much of what is decided stands in tables, enums and frozen dataclasses, on the level of a
module. mutmut swaps functions behind trampolines and leaves all of that unchanged; cosmic-ray changes the files of the
checkout and starts a whole pytest for each mutant, an hour for what takes minutes here.
"""
