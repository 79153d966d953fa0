"""The database file is copied while taps go on: the copy is whole, and of one moment."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.errors import NotRecorded, Refused
from clockd.store.thread import COPIED_BYTES, PUT_OFF, Still, Store


async def opened(folder: Path) -> Store:
    """A store with something in it."""
    store = Store(folder / "clockd.db")
    await store.open()
    await store.run(lambda db: put(db, "first", "x" * 3 * COPIED_BYTES))
    return store


def put(db: Database, key: str, value: str) -> None:
    """Write something, as a tap does."""
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, value])


async def copied(store: Store, still: Still, *, tap: bool = True) -> bytes:
    """Copy it, with a tap between any two pieces."""
    data = b""
    while len(data) < still.size_bytes:
        data += await store.copy_piece(still, len(data))
        if tap:
            await store.run(partial(put, key=f"tap {len(data)}", value="y" * 1000))
            await store.checkpoint()
    return data


async def test_taps_between_the_pieces_are_not_in_the_copy(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    still = await store.begin_copy()
    (tmp_path / "copy.db").write_bytes(await copied(store, still))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM meta WHERE key LIKE 'tap %'").fetchone() == (0,)
        assert copy.execute("SELECT length(value) FROM meta WHERE key = 'first'").fetchone() == (3 * COPIED_BYTES,)
    taps = await store.run(lambda db: db.execute("SELECT count(*) FROM meta WHERE key LIKE 'tap %'").fetchone())
    assert taps[0] >= 3
    await store.close()


async def test_checkpoints_are_put_off_and_come(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.begin_copy()
    await store.run(lambda db: put(db, "a", "b"))
    for _ in range(PUT_OFF):
        await store.checkpoint()
        assert store.dirty
    await store.checkpoint()
    assert not store.dirty
    await store.close()


async def test_a_file_that_changed_is_told(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    still = await store.begin_copy()
    await store.copy_piece(still, 0)
    for n in range(PUT_OFF + 1):
        await store.run(partial(put, key=f"{n}", value="b"))
        await store.checkpoint()
    with pytest.raises(Refused, match="meanwhile"):
        await store.copy_piece(still, 0)
    again = await store.begin_copy()
    assert len(await copied(store, again, tap=False)) == again.size_bytes
    await store.close()


async def test_after_a_failure_of_the_disk_it_begins_anew(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    still = await store.begin_copy()

    def fails(db: Database) -> None:
        put(db, "a", "b")
        raise OSError(5, "Input/output error")

    with pytest.raises(NotRecorded):
        await store.run(fails)
    with pytest.raises(Refused, match="meanwhile"):
        await store.copy_piece(still, 0)
    await store.close()


async def test_the_locks_of_sqlite_stay(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops the locks a process has on it: another program could write then."""
    store = await opened(tmp_path)
    await copied(store, await store.begin_copy(), tap=False)
    await store.run(lambda db: put(db, "a", "b"))
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT * FROM meta').fetchall()"
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", look, str(tmp_path / "clockd.db"), stderr=asyncio.subprocess.PIPE
    )
    _, said = await other.communicate()
    assert b"database is locked" in said
    await store.close()
