"""The one connection to the database, in a thread of its own, and the proof that a commit means "on disk".

A slow card must not stop the event loop, and SQLite is at its safest with a single connection, so all work is handed
to one thread. `synchronous=FULL` in WAL mode is one fdatasync per commit; both settings are read back and asserted,
since a build of SQLite may silently ignore a PRAGMA. Checkpoints are our own: SQLite swallows the errors of its
automatic ones, and an error that nobody sees is how data is lost.

After any error of a write the connection is closed and opened anew: the pages in its cache may not be what is on
disk, and an fsync that failed once must not be tried again on the same file handle. A sync that went well is not
believed alone (`medium.py`).
"""

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from clockd.core.sentence import phrase
from clockd.errors import NotRecorded, Refused, StoreUnusable
from clockd.store import damage, files, journal, medium, rotten, schema, spare
from clockd.store.damage import DatabaseGone, Unfit
from clockd.store.lock import take_lock
from clockd.store.medium import Medium

log = logging.getLogger(__name__)

T = TypeVar("T")

PAGE_BYTES = 2048
"""A tap touches four pages of the database; half the usual size halves what a card has to write for it."""
TRY_DISK_EVERY_S = 5.0
"""Seconds between two tries whether a disk that failed is well again."""
PROBE_BYTES = 8192
"""How many bytes a try writes: about as many as a tap."""


COPIED_BYTES = 128 * 1024
"""Of the file that are copied at once: a tap waits for that."""
PUT_OFF = 2
"""So many checkpoints are put off after each piece; the daemon wants one a minute."""


MOST_REWRITTEN_BYTES = 32 * 1024 * 1024
"""A file that is longer is not rewritten while a tap could wait for it."""


@dataclass(frozen=True, slots=True)
class Still:
    """The database file between two checkpoints."""

    edition: int
    size_bytes: int


class RewriteEnd(Enum):
    """What came of rewriting the database file."""

    DONE = auto()
    BUSY = auto()
    """It is being copied."""
    TOO_LARGE = auto()
    NO_ROOM = auto()


class _Damaged(StoreUnusable):
    """The file can be read, and what it holds is not a whole database."""


class Store:
    """The open database.

    Args:
        path: the SQLite file; its folder must exist. `clockd.lock` beside it keeps a second process out.
        synchronous: FULL. Anything less is for the negative controls of the tests.
        journal: WAL. DELETE (which loses the last commit when the unlinking of its journal is not on disk) is for the
            negative controls of the tests.
        inline: run the work in the caller's thread; for tests in virtual time.
        aside: put a damaged database aside and begin a new one, as the service does; else it is an error.
    """

    def __init__(
        self,
        path: Path,
        *,
        synchronous: str = "FULL",
        journal: str = "WAL",
        inline: bool = False,
        aside: bool = True,
    ) -> None:
        self.path = path
        self._log = path.with_name(path.name + "-wal")
        self._synchronous = synchronous
        self._journal = journal
        self._aside = aside
        self._medium: Medium | None = None
        self._log_is_new = False
        """Whether the write-ahead log is still empty; the first transaction then gives it a number (`journal.py`)."""
        self._thread = None if inline else ThreadPoolExecutor(1, thread_name_prefix="store")
        self._newest: asyncio.Future[Any] | None = None
        """What was handed to the thread last: it is done when everything before it is."""
        self._lock: int | None = None
        self._db: Database | None = None
        self.fault: str | None = None
        """What is wrong with the disk, for the panel and `clockd status`; None when the last write went well."""
        self.damaged: Sequence[str] = ()
        """The names of damaged databases that were put aside, for the panel and `clockd status`."""
        self.unreadable: Sequence[str] = ()
        """Rows that are left alone, since a cell of theirs was damaged; found at the start, for `clockd status`."""
        self.dirty = False
        """Whether something was written since the last checkpoint."""
        self._edition = 0
        """Counts what changes the database file itself: between two checkpoints it stands still."""
        self._put_off = 0
        """So many checkpoints are put off, since the file is being copied."""
        self._reader: int | None = None
        """For copying. Open as long as the connection is: closing any descriptor of the file would drop its locks."""

    async def open(self) -> None:
        """Take the lock, open, migrate, check.

        Raises:
            StoreInUse: another process has it.
            StoreUnusable: the disk refuses. A damaged file is put aside (`damage.py`).
        """
        await self._in_thread(self._open_first)

    async def run(self, work: Callable[[Database], T]) -> T:
        """Run `work` in one transaction, in the store's thread; when this returns, it is on disk.

        Raises:
            NotRecorded: nothing of it was recorded (disk full, disk error, read-only); the next call may succeed.
            StoreUnusable: after such a failure the database turned out to be damaged; only a new start goes on.
        """
        return await self._in_thread(lambda: self._transaction(work))

    async def checkpoint(self) -> None:
        """Move the WAL into the database. To be called when idle; an error is kept in `fault` and raised.

        Raises:
            NotRecorded: the checkpoint failed; nothing is lost, the WAL still has everything.
        """
        await self._in_thread(self._checkpoint)

    async def begin_copy(self) -> "Still":
        """Move the WAL into the database, and let the file stand still for a minute or two, so that it can be copied.

        Taps are written to the WAL meanwhile, as ever; they wait for one piece of the copy at most.

        Raises:
            NotRecorded: the disk refuses.
            Refused: another process reads the database.
        """
        return await self._in_thread(self._begin_copy)

    async def copy_piece(self, still: "Still", offset: int) -> bytes:
        """Return the next `COPIED_BYTES` of the database file, which then stands still for as long again.

        Raises:
            Refused: the file changed since it was begun to be copied.
            NotRecorded: the disk refuses.
        """
        return await self._in_thread(lambda: self._copy_piece(still, offset))

    async def rewrite(self) -> "RewriteEnd":
        """Write the database file anew, so that nothing is left in it of what was deleted; to be called when idle.

        A tap waits for all of it, so that is not done with a large one.

        Raises:
            NotRecorded: the disk refuses; nothing is lost.
        """
        return await self._in_thread(self._rewrite)

    def end_copy(self) -> None:
        """Let checkpoints go on at once, since nothing is copied any more."""
        self._put_off = 0

    async def keep_trying(self, every_s: float = TRY_DISK_EVERY_S) -> None:
        """While a fault stands, try the disk now and then: the fault ends with its cause, and not with the next tap.

        Args:
            every_s: seconds between two tries.

        Raises:
            StoreUnusable: the database turned out to be damaged; only a new start goes on.
        """
        while True:
            await asyncio.sleep(every_s)
            if self.fault is not None:
                with contextlib.suppress(NotRecorded):
                    await self._in_thread(self._probe)

    async def prove(self) -> None:
        """Write as a tap and a checkpoint do, and forget it.

        Raises:
            NotRecorded: the disk takes nothing.
        """
        await self._in_thread(self._probe)

    async def give_way(self) -> None:
        """Let others have their turn between two pieces of long work: the loop, and what was handed to the thread.

        A tap wants the interpreter back after each of its statements. Where another thread reckons meanwhile it waits
        for that at each of them, and for one piece at most where the others wait here.
        """
        if self._thread is None:
            return  # in virtual time everything is done at once
        await asyncio.sleep(0)
        if self._newest is not None and not self._newest.done():
            await asyncio.wait([self._newest])

    async def close(self) -> None:
        """Close the connection (which checkpoints) and let the lock go."""
        await self._in_thread(self._close)
        if self._thread is not None:
            self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            return work()
        # shielded: a cancelled caller must not make a running transaction look as if it had not happened
        done = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._newest = done
        return await asyncio.shield(done)

    # --- in the store's thread ---

    def _open_first(self) -> None:
        try:
            self._take_lock()
            for _ in damage.SUFFIXES:  # the database, or one journal after the other
                if (found := damage.look_at(self.path)) is None or self._tell(found):
                    break
            self._check_age()
            self._medium = Medium.of(self.path)
            try:
                self._connect()
            except _Damaged as damaged:
                if not self._aside:
                    raise
                aside = damage.put_aside(self.path)
                log.error("store: %s; it is kept as %s, and a new database begins", damaged.message, aside)
                self._connect()
        except OSError as error:
            self._close()
            raise StoreUnusable(f"{self.path} cannot be opened: {error.strerror}", hint=_advice(error)) from error
        except BaseException:
            self._close()
            raise
        if self._aside:
            damage.mark_known(self.path)
            self.unreadable = self._attempt(rotten.found)[0]
            for row in self.unreadable:
                log.error("store: %s", row)
        self.damaged = damage.kept_aside(self.path)

    def _tell(self, found: Unfit | DatabaseGone) -> bool:
        """Put aside what cannot be used, or refuse it; say whether a new database begins."""
        if not self._aside:
            raise StoreUnusable(f"{self.path} {found.why}")
        match found:
            case Unfit(why=why, suffixes=suffixes):
                log.error("store: %s %s; it is kept as %s", self.path, why, damage.put_aside(self.path, suffixes))
                return "" in suffixes
            case DatabaseGone(why=why):
                log.error("store: %s %s; a new one begins: %s", self.path, why, damage.tell_gone(self.path))
                return True

    def _check_age(self) -> None:
        """Refuse a database of a clockd that is too new for this one; nothing of it is touched."""
        if not self.path.exists():
            return
        try:
            with contextlib.closing(damage.peek(self.path)) as connection:
                needed = schema.too_new(connection)
        except sqlite3.Error:
            return  # whatever it is, opening it will tell
        self._refuse_age(needed)

    def _refuse_age(self, needed: str | None) -> None:
        if needed is not None:
            hint = "install that, or put this clockd's own database in its place; nothing of it was touched"
            raise StoreUnusable(f"{self.path} needs {needed}; this clockd is too old for it", hint=hint)

    def _take_lock(self) -> None:
        self._lock = take_lock(self.path)

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _connect(self) -> None:
        # the file appears with the right mode, and its name is on disk before anything is promised
        os.close(files.create(self.path))
        connection = sqlite3.connect(self.path, timeout=0, check_same_thread=False)
        connection.text_factory = _text
        try:
            db = Database(connection, execute_plugins=False)
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            settings = {
                "locking_mode": ("EXCLUSIVE", "exclusive") if self._journal == "WAL" else ("NORMAL", "normal"),
                "journal_mode": (self._journal, self._journal.lower()),
                "synchronous": (self._synchronous, {"FULL": 2, "NORMAL": 1, "OFF": 0}[self._synchronous]),
                "wal_autocheckpoint": ("0", 0),
                "mmap_size": ("0", 0),
                "temp_store": ("MEMORY", 2),  # no temporary file wears the card
                "secure_delete": ("ON", 1),
                "foreign_keys": ("ON", 1),
            }
            for name, (wanted, expected) in settings.items():
                db.execute(f"PRAGMA {name} = {wanted}")
                row = db.execute(f"PRAGMA {name}").fetchone()
                if row is not None and row[0] != expected:
                    raise StoreUnusable(f"SQLite refuses {name}={wanted}", hint=f"it says {row[0]}")
            self._migrate(db)
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise _Damaged(f"{self.path} is damaged: {found}", hint="the next start puts it aside")
            files.sync_folder(self.path.parent)
        except sqlite3.DatabaseError as error:
            connection.close()
            kind = _Damaged if _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) else StoreUnusable
            raise kind(f"{self.path} cannot be opened: {error}", hint=_advice(error)) from error
        except BaseException:
            connection.close()
            raise
        self._db = db
        self._log_is_new = not files.size_of(self._log)

    def _migrate(self, db: Database) -> None:
        """Bring the tables up to date; what was there is copied before."""
        if db["meta"].exists():
            self._refuse_age(schema.too_new(db.conn))
        coming = schema.pending(db)
        if coming is not None and db["meta"].exists():
            spare.make(db, self.path, coming)
        schema.migrate(db)
        if coming is None:
            return
        with contextlib.suppress(sqlite3.Error):  # so that the file alone says what it is; it may wait, the log has it
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _transaction(self, work: Callable[[Database], T]) -> T:
        """Do something in one transaction; while a fault stands, a transaction that wrote ends it."""
        result, wrote = self._attempt(work)
        if wrote:  # reading proves nothing of a disk that is full
            self._set_fault(None)
        return result

    def _attempt(self, work: Callable[[Database], T]) -> tuple[T, bool]:
        """Do something in one transaction; return what it returned, and whether it wrote."""
        try:
            db = self._opened()
            changes = db.conn.total_changes
            before = files.size_of(self._log)
            with db.atomic():
                result = work(db)
                wrote = db.conn.total_changes != changes
                if wrote:
                    self._before_commit(db)
            if wrote:
                self._after_commit(before)
            self.dirty |= wrote
        except _Damaged as damaged:
            self._set_fault(phrase("database damaged"))
            raise StoreUnusable(damaged.message, hint=damaged.hint) from damaged  # ends the daemon; its start goes on
        except (sqlite3.Error, OSError, StoreUnusable) as error:
            if isinstance(error, sqlite3.Error) and not _is_the_disks(error):
                raise  # our own mistake: it ends the daemon, and is not told as a full disk
            self._drop()
            self._set_fault(_plain(error))
            raise NotRecorded(_plain(error), hint=_advice(error)) from error
        return result, wrote

    def _before_commit(self, db: Database) -> None:
        assert self._medium is not None
        self._medium.check_writable()
        if self._log_is_new and self._journal == "WAL":
            number = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute(f"PRAGMA user_version = {(number + 1) % journal.NUMBERS}")

    def _after_commit(self, before: int) -> None:
        """Make sure that what was synced is on the card.

        Args:
            before: bytes of the write-ahead log before the transaction.
        """
        assert self._medium is not None
        self._log_is_new = False
        self._medium.check_writable()
        if after := files.size_of(self._log):
            medium.check_written(self._log, before, after)

    def _begin_copy(self) -> "Still":
        self._put_off = 0
        self._checkpoint()
        if self.dirty:
            raise Refused("the database is busy", hint="try again in a moment")
        if self._reader is None:
            self._reader = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        self._put_off = PUT_OFF
        return Still(self._edition, os.fstat(self._reader).st_size)

    def _copy_piece(self, still: "Still", offset: int) -> bytes:
        if self._reader is None or self._edition != still.edition:
            raise Refused("the database file was written to meanwhile", hint="begin the backup anew")
        self._put_off = PUT_OFF
        try:
            return os.pread(self._reader, max(0, min(COPIED_BYTES, still.size_bytes - offset)), offset)
        except OSError as error:
            raise NotRecorded(_plain(error), hint=_advice(error)) from error

    def _probe(self) -> None:
        """Write as a tap and a checkpoint do; the fault ends when both went well."""
        self._attempt(
            lambda db: db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?)", ["-" * PROBE_BYTES])
        )
        self._attempt(lambda db: db.execute("DELETE FROM meta WHERE key = 'probe'"))
        self._checkpoint()
        self._set_fault(None)

    def _checkpoint(self) -> None:
        if self._put_off:
            self._put_off -= 1
            return  # it stays dirty, and is asked for again
        self._edition += 1
        try:
            db = self._opened()
            assert self._medium is not None
            self._medium.check_writable()
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._medium.check_writable()
        except (sqlite3.DatabaseError, OSError, StoreUnusable) as error:
            self._drop()
            self._set_fault(_plain(error))
            raise NotRecorded(f"checkpoint: {_plain(error)}", hint=_advice(error)) from error
        self.dirty = bool(busy)
        self._log_is_new = not busy
        if busy:
            log.warning("the checkpoint found the database busy: is another process reading it?")

    def _rewrite(self) -> "RewriteEnd":
        if self._put_off:
            self._put_off -= 1  # as a checkpoint: whoever copied may have gone
            return RewriteEnd.BUSY
        size = files.size_of(self.path) + files.size_of(self._log)
        if size > MOST_REWRITTEN_BYTES:
            return RewriteEnd.TOO_LARGE
        if shutil.disk_usage(self.path.parent).free < 2 * size + spare.LEFT_BYTES:
            return RewriteEnd.NO_ROOM
        # the first transaction after a checkpoint gives the log its number, and VACUUM is none of ours
        self._attempt(lambda db: db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', '-')").rowcount)
        self._attempt(lambda db: db.execute("DELETE FROM meta WHERE key = 'probe'").rowcount)
        self._edition += 1
        try:
            self._opened().execute("VACUUM")
        except (sqlite3.DatabaseError, OSError, StoreUnusable) as error:
            self._drop()
            self._set_fault(_plain(error))
            raise NotRecorded(f"rewriting: {_plain(error)}", hint=_advice(error)) from error
        self._checkpoint()
        return RewriteEnd.DONE

    def _opened(self) -> Database:
        if self._db is None:
            self._connect()
        assert self._db is not None
        return self._db

    def _drop(self) -> None:
        self._edition += 1
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.conn.close()
            self._db = None
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    def _set_fault(self, fault: str | None) -> None:
        if fault != self.fault:
            log.log(logging.ERROR if fault else logging.INFO, "store: %s", fault or "writes again")
        self.fault = fault

    def _close(self) -> None:
        self._drop()
        if self._medium is not None:
            self._medium.close()
            self._medium = None
        self._release_lock()


_text = partial(str, encoding="utf-8", errors="backslashreplace")
"""Reads a text; bytes that are none, in a cell that was damaged, are written out and stop nothing."""


_DISK_CODES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    }
)


def _is_the_disks(error: sqlite3.Error) -> bool:
    """Whether it is the disk (or another process) that failed, and not a statement of ours."""
    return _code(error) in _DISK_CODES


def _code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary result code."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _plain(error: Exception) -> str:
    """Say a disk's trouble in words a person at the door can use."""
    text = str(error).lower()
    if "full" in text or "no space" in text:
        return "disk full"
    if "readonly" in text or "read-only" in text:
        return "disk is read-only"
    if "locked" in text or "in use" in text:
        return "database in use"
    return "disk error"


def _advice(error: Exception) -> str:
    match _plain(error):
        case "disk full":
            return "free some space; nothing that was saved is lost"
        case "disk is read-only":
            return "the card may be failing; look at dmesg"
        case "database in use":
            return "another program has the database open; stop it"
        case _:
            return "look at dmesg; the card may be failing"
