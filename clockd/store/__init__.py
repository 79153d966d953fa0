"""The SQLite file: the ledger of facts, the outbox beside it, and who badges belong to.

`Store` owns the only connection of the whole system, in one thread; everything else in this package is functions that
take the open `Database` and run inside `await store.run(...)`. Nobody outside this package speaks SQL.
"""

from sqlite_utils import Database

__all__ = ["Database"]
