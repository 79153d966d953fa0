"""A disk that fails, is full, turns read-only or takes its time; a state directory with rubbish in it."""

import asyncio
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlite_utils import Database

from clockd.core.model import Employee
from clockd.errors import NotRecorded, StoreUnusable
from clockd.store import badges, ledger, medium
from clockd.store.thread import Store
from tests.faults.recorder import REPOSITORY, Said, Synced, Wrote, record
from tests.faults.scenario import Play

Record = Callable[[str, object], None]


def run_broken(folder: Path, inject: str, **options: object) -> list[str]:
    """Run the scenario on a disk that fails; return what it said."""
    return run_under_strace(folder, f"trace={inject.partition(':')[0]}", f"inject={inject}", Path(os.devnull), options)


def run_under_strace(folder: Path, trace: str, more: str, log: Path, options: Mapping[str, object]) -> list[str]:
    play = msgspec.json.encode({"folder": str(folder), "hard": True, **options}).decode()
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-e",
            trace,
            "-e",
            more,
            "-o",
            log,
            sys.executable,
            "-m",
            "tests.faults.scenario",
            play,
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def calls_before_a_tap(folder: Path, call: str, tap: int, options: Mapping[str, object]) -> int:
    """How often a healthy disk is asked for something before the signal of a tap, counted from 1."""
    folder.mkdir()
    log = folder / "calls"
    run_under_strace(folder, f"trace={call},write", "signal=none", log, options)
    names = tuple(f"{name}(" for name in call.split(","))
    calls = [line for line in log.read_text().splitlines() if any(n in line for n in names) or "TAP SHOWN" in line]
    told = [n for n, line in enumerate(calls) if "TAP SHOWN" in line]
    return told[tap - 1] + 1 - tap


async def punches(folder: Path) -> int:
    """How many punches are on disk; the chain is whole."""
    store = Store(folder / "clockd.db", inline=True)
    await store.open()
    rows = await store.run(lambda db: [row for row in ledger.every_row(db) if row.what == "punch"])
    assert (await store.run(ledger.verify)).wrong is None
    await store.close()
    return len(rows)


@pytest.mark.parametrize("after", [0, 1, 2, 4, 6])
async def test_an_error_of_a_sync_is_told_and_the_next_tap_is_kept(tmp_path: Path, after: int) -> None:
    options: dict[str, object] = {"taps": 6, "moves": False, "checkpoint_every": 3}
    nth = calls_before_a_tap(tmp_path / "healthy", "fdatasync", 1, options) + after
    said = run_broken(tmp_path, f"fdatasync:error=EIO:when={nth}", **options)
    failed = [line for line in said if line.startswith(("FAILED", "CHECKPOINT FAILED"))]
    taps = sum(line == "TAP SHOWN" for line in said)
    assert len(failed) == 1, said
    assert "FAULT disk error" in said, said
    assert said[-1] == "FAULT None", "it recovers by itself"
    assert taps + sum(line.startswith("FAILED") for line in failed) == 6
    assert await punches(tmp_path) >= taps


async def test_a_slow_disk_delays_the_signal_and_nothing_else(tmp_path: Path) -> None:
    said = run_broken(tmp_path, "fdatasync:delay_exit=2000000:when=20", taps=4, moves=False, checkpoint_every=0)
    assert sum(line == "TAP SHOWN" for line in said) == 4
    assert await punches(tmp_path) == 4


@contextmanager
def small_disk(folder: Path, size: str = "512k") -> Iterator[Path]:
    """A file system of its own."""
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "disk", folder]).returncode:
        pytest.skip("needs to mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def fill(store: Store, n: int) -> None:
    """Something to write."""
    await store.run(lambda db: badges.add(db, f"{n:064}", "0000", Employee(f"user{n}", "x" * 1500), n) and None)


async def fill_up(store: Store) -> int:
    """Write until it is refused; return how often it was not."""
    for n in range(1000):
        try:
            await fill(store, n)
        except NotRecorded:
            return n
    raise AssertionError("the disk is never full")


def trouble(store: Store) -> str | None:
    return store.fault


async def badge_count(store: Store) -> int:
    return await store.run(lambda db: int(db.execute("SELECT count(*) FROM badge").fetchone()[0]))


async def test_a_full_disk_refuses_and_works_again_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as folder:
        store = Store(folder / "clockd.db")
        await store.open()
        (folder / "ballast").write_bytes(bytes(200_000))
        kept = await fill_up(store)
        assert trouble(store) == "disk full"
        with pytest.raises(NotRecorded, match="full"):
            await fill(store, 5000)
        assert trouble(store) == "disk full"
        assert await badge_count(store) == kept, "reading goes on"
        assert trouble(store) == "disk full", "a look that writes nothing proves nothing"
        (folder / "ballast").unlink()
        await fill(store, 6000)
        assert trouble(store) is None
        assert await badge_count(store) == kept + 1
        await store.close()


async def test_a_disk_that_turns_read_only_refuses_and_works_again(tmp_path: Path) -> None:
    options: dict[str, object] = {"taps": 6, "moves": False, "checkpoint_every": 0}
    nth = calls_before_a_tap(tmp_path / "healthy", "pwrite64", 2, options)
    said = run_broken(tmp_path, f"pwrite64:error=EROFS:when={nth}..{nth + 4}", **options)
    assert sum(line == "TAP SHOWN" for line in said) == 6 - sum(line.startswith("FAILED") for line in said) < 6, said
    assert said[-1] == "FAULT None", said
    assert await punches(tmp_path) == sum(line == "TAP SHOWN" for line in said)


READ_BACK = "preadv,preadv2"
"""The direct read: which of the two it is depends on Python."""
READ_ONLY = struct.pack("<11q", 0xEF53, 4096, 4000, 2000, 2000, 1000, 900, 0, 255, 4096, 0x21).hex()
"""What the kernel says of an ext4 that it turned read-only after an error of the card (struct statfs, 64 bits)."""


@pytest.mark.parametrize("since", [0, 1], ids=["after the commit", "before it"])
async def test_a_file_system_that_turned_read_only_is_told_though_its_sync_says_yes(tmp_path: Path, since: int) -> None:
    options: dict[str, object] = {"taps": 4, "moves": False, "checkpoint_every": 0}
    nth = calls_before_a_tap(tmp_path / "healthy", "fstatfs", 2, options) + since
    said = run_broken(tmp_path, f"fstatfs:poke_exit=@arg2={READ_ONLY}:when={nth}", **options)
    assert "FAULT disk is read-only" in said, said
    assert sum(line == "TAP SHOWN" for line in said) == 3, said
    assert said[-1] == "FAULT None", said


async def test_a_card_that_cannot_be_read_back_is_told_though_its_sync_says_yes(tmp_path: Path) -> None:
    options: dict[str, object] = {"taps": 4, "moves": False, "checkpoint_every": 0}
    nth = calls_before_a_tap(tmp_path / "healthy", READ_BACK, 2, options)
    said = run_broken(tmp_path, f"{READ_BACK}:error=EIO:when={nth}", **options)
    assert "FAULT disk error" in said, said
    assert sum(line == "TAP SHOWN" for line in said) == 3, said


def test_what_the_card_holds_is_compared_with_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(os.urandom(10_000))
    os.sync()
    for start, end in ((0, 10_000), (5000, 9000), (9999, 10_000), (10_000, 10_000)):
        medium.check_written(file, start, end)
    with pytest.raises(OSError, match="does not hold"):
        medium.compare(bytes(4096), b"\0" * 99 + b"1", file)
    with pytest.raises(OSError, match="does not hold"):
        medium.compare(b"", b"1", file)


async def test_a_fault_ends_with_its_cause_and_not_with_the_next_tap(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as folder:
        store = Store(folder / "clockd.db")
        await store.open()
        (folder / "ballast").write_bytes(bytes(200_000))
        await fill_up(store)
        trying = asyncio.create_task(store.keep_trying(0.02))
        await asyncio.sleep(0.3)
        assert trouble(store) == "disk full", "it is tried, and is not well"
        (folder / "ballast").unlink()
        async with asyncio.timeout(10):
            while trouble(store):  # noqa: ASYNC110 - the store rings no bell
                await asyncio.sleep(0.01)
        trying.cancel()
        assert await store.run(lambda db: db.execute("SELECT * FROM meta WHERE key = 'probe'").fetchall()) == []
        await store.close()


async def test_no_service_begins_on_a_read_only_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as folder:
        store = Store(folder / "clockd.db")
        await store.open()
        await fill(store, 1)
        await store.close()
        remount(folder, "ro")
        with pytest.raises(StoreUnusable, match="Read-only"):
            await Store(folder / "clockd.db").open()
        remount(folder, "rw")
        again = Store(folder / "clockd.db")
        await again.open()
        assert await badge_count(again) == 1
        await again.close()


def remount(folder: Path, how: str) -> None:
    """Let a disk become read-only, or writable again."""
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


# --- rubbish in the state directory ---------------------------------------------------------------------------------


RUBBISH: dict[str, dict[str, bytes]] = {
    "a lock with something in it": {"clockd.lock": b"\xff\x00garbage" * 100},
    "half a pepper": {"badge-pepper.new": b"0a1b"},
    "an empty database": {"clockd.db": b""},
    "an empty WAL": {"clockd.db-wal": b""},
    "a WAL of nobody": {"clockd.db-wal": os.urandom(5000)},
    "an empty database with a WAL": {"clockd.db": b"", "clockd.db-wal": b"7\x7f\x06\x82" + bytes(5000)},
    "a rollback journal of nobody": {"clockd.db-journal": os.urandom(3000)},
    "an empty rollback journal": {"clockd.db-journal": b""},
    "shared memory of nobody": {"clockd.db-shm": os.urandom(32768)},
    "files of others": {"lost+found": b"?", "core.1234": os.urandom(100), ".swp": b""},
}


# an emptied database that was used is another matter: see the damaged ones below
@pytest.mark.parametrize(
    ("name", "used"),
    [(name, used) for name, files in RUBBISH.items() for used in (False, True) if not (used and "clockd.db" in files)],
)
async def test_rubbish_in_the_state_directory_stops_nothing(tmp_path: Path, name: str, used: bool) -> None:
    if used:
        badges.load_peppers(None, tmp_path)
        before = Store(tmp_path / "clockd.db")
        await before.open()
        await fill(before, 1)
        await before.close()
    for file, data in RUBBISH[name].items():
        (tmp_path / file).write_bytes(data)
    badges.load_peppers(None, tmp_path)
    store = Store(tmp_path / "clockd.db")
    await store.open()
    await fill(store, 2)
    assert await badge_count(store) == 1 + used
    await store.close()


async def used_database(folder: Path) -> bytes:
    """A database that held something."""
    store = Store(folder / "clockd.db")
    await store.open()
    for n in range(40):
        await fill(store, n)
    await store.close()
    return (folder / "clockd.db").read_bytes()


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2 + 100]


def zeros_inside(data: bytes) -> bytes:
    return data[:4096] + bytes(8192) + data[12288:]


def garbage(data: bytes) -> bytes:
    return bytes(n * 37 % 251 for n in range(len(data)))


@pytest.mark.parametrize("spoil", [cut_short, zeros_inside, garbage])
async def test_a_damaged_database_is_kept_aside_and_the_door_goes_on(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    spoilt = spoil(await used_database(tmp_path))
    (tmp_path / "clockd.db").write_bytes(spoilt)
    store = Store(tmp_path / "clockd.db")
    await store.open()
    assert store.damaged == ["clockd.db.damaged-1"]
    assert (tmp_path / "clockd.db.damaged-1").read_bytes() == spoilt, "not a byte of it is changed"
    await fill(store, 1)
    await store.close()
    (tmp_path / "clockd.db").write_bytes(b"once more, no database at all" * 100)
    again = Store(tmp_path / "clockd.db")
    await again.open()
    assert again.damaged == ["clockd.db.damaged-1", "clockd.db.damaged-2"]
    assert (tmp_path / "clockd.db.damaged-1").read_bytes() == spoilt
    await again.close()


async def test_damage_that_shows_in_service_ends_it_and_the_next_start_goes_on(tmp_path: Path) -> None:
    await used_database(tmp_path)
    store = Store(tmp_path / "clockd.db")
    await store.open()

    def fails(db: Database) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    with pytest.raises(NotRecorded):
        await store.run(fails)
    (tmp_path / "clockd.db").write_bytes(zeros_inside((tmp_path / "clockd.db").read_bytes()))
    with pytest.raises(StoreUnusable, match=r"malformed|damaged"):
        await fill(store, 1)
    assert not list(tmp_path.glob("*.damaged-*"))
    await store.close()
    again = Store(tmp_path / "clockd.db")
    await again.open()
    await fill(again, 1)
    assert again.damaged
    await again.close()


async def test_a_disk_that_cannot_be_read_is_no_damage(tmp_path: Path) -> None:
    await used_database(tmp_path)
    before = Store(tmp_path / "clockd.db")
    await before.open()
    with pytest.raises(StoreUnusable, match="in use"):
        await Store(tmp_path / "clockd.db").open()
    await before.close()
    (tmp_path / "clockd.db").unlink()
    (tmp_path / "clockd.db").symlink_to("clockd.db")
    with pytest.raises(StoreUnusable):
        await Store(tmp_path / "clockd.db").open()
    assert not list(tmp_path.glob("*.damaged-*"))


# --- the order of the signal, and what a tap costs ------------------------------------------------------------------


PAGE_IN_LOG = 2048 + 24
"""Bytes of a page of the database, with its head in the log."""


def prices(folder: Path, **options: object) -> list[tuple[int, int]]:
    """Play sixty taps; return syncs and bytes written before each signal, and check that nothing was left to sync."""
    state = folder / "state"
    state.mkdir()
    play = msgspec.convert({"folder": str(state), "taps": 60, "moves": False, "checkpoint_every": 0, **options}, Play)
    ops = record(["-m", "tests.faults.scenario", msgspec.json.encode(play).decode()], state)
    syncs, size, dirty = 0, 0, False
    found: list[tuple[int, int]] = []
    for op in ops:
        match op:
            case Wrote(data=data):
                size, dirty = size + len(data), True
            case Synced():
                syncs, dirty = syncs + 1, False
            case Said(line="TAP SHOWN"):
                assert size, "the signal was given before the punch was written"
                assert syncs, "the signal was given before anything was synced"
                assert not dirty, "the signal was given before the sync had returned"
                found.append((syncs, size))
            case Said(line=line) if line.startswith("STATE"):
                syncs = size = 0
    assert len(found) == 60
    return found


def test_the_signal_comes_after_the_sync_and_a_tap_costs_one(tmp_path: Path, record_testsuite_property: Record) -> None:
    found = prices(tmp_path)
    syncs, size = (sum(price) / len(found) for price in zip(*found, strict=True))
    record_testsuite_property("one tap", f"{syncs:.2f} syncs, {size:.0f} bytes written, most {max(found)}")
    assert syncs <= 1.0
    assert size <= 5 * PAGE_IN_LOG, (size, max(found))  # the goal is four of them, and no page ever splits


@pytest.mark.parametrize("sabotage", [{"signal_first": True}, {"synchronous": "NORMAL"}])
def test_a_signal_that_comes_too_early_is_seen(tmp_path: Path, sabotage: dict[str, object]) -> None:
    with pytest.raises(AssertionError, match="the signal was given before"):
        prices(tmp_path, **sabotage)
