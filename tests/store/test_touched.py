"""Whose rows changed: every way to change one is noticed, and a new connection says that it cannot know."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.errors import NotRecorded
from clockd.store import touched
from clockd.store.thread import Store

ROW = {"lane": "attendance", "ord": 1, "at_us": 0, "offset_s": 0, "clock": "synchronized", "state": "waiting"}


def add(db: Database, seq: int, username: str | None) -> None:
    db.table("outbox").insert({**ROW, "seq": seq, "username": username})


async def opened(folder: Path) -> Store:
    store = Store(folder / "clockd.db", inline=True)
    await store.open()
    return store


async def test_every_change_is_noticed_once(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    first = await store.run(lambda db: touched.since(db, 0))
    assert first.everybody
    await store.run(lambda db: add(db, 1, "ada"))
    await store.run(lambda db: add(db, 2, None))
    found = await store.run(lambda db: touched.since(db, first.mark))
    assert found.usernames == {"ada"}
    assert not found.everybody
    again = await store.run(lambda db: touched.since(db, found.mark))
    assert not again.usernames
    await store.run(lambda db: db.execute("UPDATE outbox SET username = 'bob' WHERE seq = 1"))
    moved = await store.run(lambda db: touched.since(db, again.mark))
    assert moved.usernames == {"ada", "bob"}
    await store.run(lambda db: db.execute("UPDATE outbox SET username = 'cy' WHERE seq = 2"))
    await store.run(lambda db: db.execute("DELETE FROM outbox WHERE seq = 1"))
    last = await store.run(lambda db: touched.since(db, moved.mark))
    assert last.usernames == {"bob", "cy"}
    await store.close()


async def test_looking_writes_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    mark = (await store.run(lambda db: touched.since(db, 0))).mark
    await store.run(lambda db: add(db, 1, "ada"))
    await store.checkpoint()
    await store.run(lambda db: touched.since(db, mark))
    assert not store.dirty
    await store.close()


async def test_after_a_failure_it_knows_nothing(tmp_path: Path) -> None:
    """The connection is closed after an error of the disk, and its notes with it."""
    store = await opened(tmp_path)
    mark = (await store.run(lambda db: touched.since(db, 0))).mark
    await store.run(lambda db: add(db, 1, "ada"))

    def fails(db: Database) -> None:
        raise OSError("input/output error")

    with pytest.raises(NotRecorded):
        await store.run(fails)
    assert (await store.run(lambda db: touched.since(db, mark))).everybody
    await store.close()
