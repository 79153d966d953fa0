"""What stands in the place of the database, or beside it: told and kept, and the door goes on."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from clockd.core.model import Employee
from clockd.store import badges
from clockd.store.thread import Store


async def opened(folder: Path) -> Store:
    folder.mkdir(exist_ok=True)
    store = Store(folder / "clockd.db", inline=True)
    await store.open()
    return store


async def fill(store: Store, n: int) -> None:
    await store.run(lambda db: badges.add(db, f"{n:064}", "0000", Employee(f"user{n}", "x" * 1500), n) and None)


async def names(store: Store) -> list[str]:
    return sorted(badge.username for badge in await store.run(badges.all_badges))


def copied(folder: Path, to: Path) -> Path:
    """What a cut leaves at this moment: the files as they are."""
    to.mkdir()
    for path in folder.iterdir():
        if path.name != "clockd.lock":
            shutil.copyfile(path, to / path.name)
    return to


async def used(folder: Path) -> None:
    """A state directory of a terminal that was stopped."""
    store = await opened(folder)
    await fill(store, 1)
    await store.close()


def emptied(folder: Path) -> None:
    os.truncate(folder / "clockd.db", 0)


def without_tables(folder: Path) -> None:
    (folder / "clockd.db").unlink()
    with closing(sqlite3.connect(folder / "clockd.db")) as other:
        other.execute("PRAGMA user_version = 7")


def another_programs(folder: Path) -> None:
    (folder / "clockd.db").unlink()
    with closing(sqlite3.connect(folder / "clockd.db")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE songs (title)")


def text(folder: Path) -> None:
    (folder / "clockd.db").write_text("dear database\n" * 999)


def a_folder(folder: Path) -> None:
    (folder / "clockd.db").unlink()
    (folder / "clockd.db").mkdir()
    (folder / "clockd.db" / "keepsake").write_text("?")


def gone(folder: Path) -> None:
    (folder / "clockd.db").unlink()


def gone_with_a_log_left(folder: Path) -> None:
    (folder / "clockd.db").unlink()
    (folder / "clockd.db-wal").write_bytes(os.urandom(5000))


def emptied_with_a_log_left(folder: Path) -> None:
    emptied(folder)
    (folder / "clockd.db-wal").write_bytes(os.urandom(5000))


STAND_INS: dict[Callable[[Path], None], Sequence[str]] = {
    emptied: ["clockd.db.damaged-1"],
    without_tables: ["clockd.db.damaged-1"],
    another_programs: ["clockd.db.damaged-1"],
    text: ["clockd.db.damaged-1"],
    a_folder: ["clockd.db.damaged-1"],
    gone: ["clockd.db.gone-1"],
    gone_with_a_log_left: ["clockd.db.damaged-1-wal"],
    emptied_with_a_log_left: ["clockd.db.damaged-1"],
}


def contents(folder: Path) -> dict[str, bytes]:
    """What must be kept: the database and its journals, whatever they are called by now."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix().replace(".damaged-1", "")
        if path.is_file() and name.startswith("clockd.db") and not name.endswith((".known", ".gone-1")):
            found[name] = path.read_bytes()
    return found


@pytest.mark.parametrize("stand_in", STAND_INS, ids=lambda stand_in: stand_in.__name__)
async def test_what_is_no_database_of_ours_is_told_and_kept(
    tmp_path: Path, stand_in: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    await used(tmp_path / "state")
    stand_in(tmp_path / "state")
    before = contents(tmp_path / "state")
    store = await opened(tmp_path / "state")
    assert store.damaged == STAND_INS[stand_in]
    assert "clockd.db" in caplog.text
    for name in before:
        kept = name.replace("clockd.db", "clockd.db.damaged-1", 1)
        assert (tmp_path / "state" / kept).read_bytes() == before[name], "not a byte of it is changed"
    await fill(store, 2)
    assert await names(store) == ["user2"]
    await store.close()
    again = await opened(tmp_path / "state")
    assert again.damaged == STAND_INS[stand_in], "told until a person moves it away, and once"
    assert await names(again) == ["user2"]
    await again.close()


async def test_a_first_start_that_was_cut_short_is_nothing_to_tell(tmp_path: Path) -> None:
    for n, data in enumerate((None, b"")):
        (tmp_path / str(n)).mkdir()
        if data is not None:
            (tmp_path / str(n) / "clockd.db").write_bytes(data)
        store = await opened(tmp_path / str(n))
        assert store.damaged == []
        await store.close()


# --- a write-ahead log ----------------------------------------------------------------------------------------------


async def test_a_log_of_its_own_is_never_taken_for_another(tmp_path: Path) -> None:
    store = await opened(tmp_path / "state")
    cuts = list[tuple[Path, int]]()
    for n in range(12):
        await fill(store, n)
        cuts.append((copied(tmp_path / "state", tmp_path / f"tap{n}"), n + 1))
        if n % 3 == 2:
            shutil.copyfile(tmp_path / "state" / "clockd.db-wal", tmp_path / "log")
            await store.checkpoint()
            cuts.append((copied(tmp_path / "state", tmp_path / f"checkpoint{n}"), n + 1))
            # the log was moved into the database, and the cut came before it was emptied
            whole = copied(tmp_path / "state", tmp_path / f"moved{n}")
            shutil.copyfile(tmp_path / "log", whole / "clockd.db-wal")
            cuts.append((whole, n + 1))
        if n % 5 == 4:
            await store.close()
            store = await opened(tmp_path / "state")
    await store.close()
    for folder, count in cuts:
        after = await opened(folder)
        assert after.damaged == [], folder
        assert len(await names(after)) == count, folder
        await after.close()


async def strangers_log(tmp_path: Path) -> bytes:
    """The log of another terminal that was cut off, of another age."""
    store = await opened(tmp_path / "other")
    for n in range(5, 9):
        await fill(store, n)
        await store.checkpoint()
    await fill(store, 9)
    data = (tmp_path / "other" / "clockd.db-wal").read_bytes()
    await store.close()
    return data


async def own_log_of_later(tmp_path: Path) -> bytes:
    """What stands beside a database that a person brings back from a backup."""
    later = copied(tmp_path / "state", tmp_path / "later")
    store = await opened(later)
    for n in range(5, 9):
        await fill(store, n)
        await store.checkpoint()
    await fill(store, 9)
    data = (later / "clockd.db-wal").read_bytes()
    await store.close()
    return data


async def other_pages(tmp_path: Path) -> bytes:
    """The log of another program, with pages of another size."""
    with closing(sqlite3.connect(tmp_path / "songs.db")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE songs (title)")
        return (tmp_path / "songs.db-wal").read_bytes()


async def spoilt_beginning(tmp_path: Path) -> bytes:
    return bytes(32) + (await own_log_of_later(tmp_path))[32:]


@pytest.mark.parametrize("make", [strangers_log, own_log_of_later, other_pages, spoilt_beginning])
async def test_a_log_of_another_database_is_kept_and_not_used(tmp_path: Path, make: Callable[[Path], object]) -> None:
    await used(tmp_path / "state")
    data = await make(tmp_path)  # type: ignore[misc]
    (tmp_path / "state" / "clockd.db-wal").write_bytes(data)
    store = await opened(tmp_path / "state")
    assert store.damaged == ["clockd.db.damaged-1-wal"]
    assert (tmp_path / "state" / "clockd.db.damaged-1-wal").read_bytes() == data
    assert await names(store) == ["user1"]
    await fill(store, 2)
    await store.close()


async def test_a_rollback_journal_of_another_database_is_kept_and_not_used(tmp_path: Path) -> None:
    await used(tmp_path / "state")
    with closing(sqlite3.connect(tmp_path / "songs.db", isolation_level=None)) as other:
        other.execute("PRAGMA page_size = 2048")
        other.execute("CREATE TABLE songs (title)")
        other.execute("PRAGMA cache_size = 1")
        other.execute("BEGIN")
        for _ in range(200):
            other.execute("INSERT INTO songs VALUES (hex(randomblob(500)))")
        data = (tmp_path / "songs.db-journal").read_bytes()
    assert data[:1] == b"\xd9"
    (tmp_path / "state" / "clockd.db-journal").write_bytes(data)
    store = await opened(tmp_path / "state")
    assert store.damaged == ["clockd.db.damaged-1-journal"]
    assert await names(store) == ["user1"]
    await store.close()
