"""Erases an employee's data: bodies of the ledger, all other rows, and then a look at every byte of the state folder.

An order is on disk before anything is erased, and what was cut goes on at the next start. It is done in pieces, so no
tap waits. What is left, and where, is told: rows of other people's record, copies, backups, what cannot be read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from clockd.core.chain import Because, RawRow
from clockd.core.delivery import Now
from clockd.core.erasure import Hindrance, Mentions, Trace, hindrances, is_about_them, reason_names_them, spellings
from clockd.core.json import Json
from clockd.core.sentence import phrase, said_json, sentence
from clockd.core.wire import same_user
from clockd.errors import NotRecorded, Refused
from clockd.flow.naming import checked_name
from clockd.flow.retention import PIECE_AGED, PIECE_FOLLOWED, Discarder
from clockd.store import Database, discarding, erasing, ledger, people, remains
from clockd.store.discarding import DiscardReason
from clockd.store.erasing import ErasureOrder
from clockd.store.remains import FileKind, FileNames, NotRead
from clockd.store.thread import RewriteEnd

log = logging.getLogger(__name__)

MOST_SHOWN = 20
"""Rows of one table that are named."""
AGAIN_S = 900.0
"""Seconds until an erasure that failed is tried again."""
ERASURE_WAITS_S = 10.0
"""So long whoever asks how far it is waits for the end."""
QUIET_TRIES = 20
"""How often it is tried to find a moment in which nobody is at the door, to rewrite the file, before all is told …"""
QUIET_EVERY_S = 30.0
"""… and seconds between two tries."""
SEARCH_TRIES = 5
"""How often the database is looked through anew, where it changed meanwhile."""
FIRST_THINGS = {
    Hindrance.UNFINISHED: phrase("punches of theirs wait or are held: clockd punches, then retry, ignore or void them"),
    Hindrance.CORRECTION: phrase("a correction waits for an answer: clockd corrections withdraw"),
    Hindrance.PRESENT: phrase("they are clocked in: add the clock-out with clockd punches add-out"),
    Hindrance.BADGE: phrase("they have a badge: clockd badges remove"),
    Hindrance.ACCOUNT: phrase("an account of the page is theirs: clockd accounts remove"),
}
REWRITE_SAID = {
    RewriteEnd.DONE: phrase("the file of the database was written anew"),
    RewriteEnd.BUSY: phrase(
        "the file of the database was not written anew yet, since somebody was at the door, or it was copied: it is "
        "tried again by itself"
    ),
    RewriteEnd.TOO_LARGE: phrase("the database file is too large to be written anew while the door is in use"),
    RewriteEnd.NO_ROOM: phrase("there is no room to write the database file anew"),
}
FILE_SAID = {
    FileKind.DATABASE: phrase("the database in use: in the rows that are named here, or in space that is free"),
    FileKind.COPY: phrase("a copy that clockd made; it may hold punches of others that are nowhere else"),
    FileKind.OTHER: phrase("somebody put it there: delete it, or take it away"),
}


class ErasureStage(StrEnum):
    """How far an erasure is."""

    NONE = "none"
    AT_WORK = "at work"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Erasing:
    """Erases one employee's data after the other.

    Args:
        discarder: discards bodies and punches.
        folder: the state folder; None: this is only a look at a copy.
        database: in it.
        is_quiet: whether nobody was at the door for a while.
    """

    discarder: Discarder
    folder: Path | None
    database: Path
    is_quiet: Callable[[], bool] = lambda: True
    stage: ErasureStage = ErasureStage.NONE
    report: Json = None
    """What came of the last one since the start; it does not say whose data it was."""
    _ordered: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _is_served: bool = False
    """Whether `run` carries orders out; else whoever asks does."""

    async def run(self) -> None:
        """Carry out what is ordered, and what an earlier life left over, until cancelled."""
        self._is_served = True
        while True:
            try:
                await self.carry()
            except (NotRecorded, Refused) as failure:
                log.error("an erasure waits: %s", failure)
                self.report = {"because": str(failure), "said": said_json(failure.message)}
                self._ends(ErasureStage.FAILED)
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await self._ordered.wait()
            self._ordered.clear()

    async def order(self, username: str, why: str, by: str, *, copies: bool) -> Json:
        """Check that somebody's data can be erased now, and begin.

        Args:
            username: whose; where nobody has it any more, files are looked through for it alone.
            why: for the ledger; it must not say whose data it was.
            by: who does it.
            copies: clockd's own copies that name them are deleted as well.

        Raises:
            UsageError: this can be nobody's username.
            Refused: something has to be done first, or another erasure is at work.
        """
        name, store = checked_name(username, "username"), self.discarder.store
        if self.folder is None:
            raise Refused("who only looks erases nothing")
        if not why.strip():
            raise Refused("say why: the ledger keeps it", hint="--why TEXT")
        known = await store.run(people.usernames)
        name = next((each for each in known if same_user(each, name)), name)
        taken = set(known) - {name}
        trace = Trace(name, taken)
        async for rows in self._rows():
            trace.learn(rows)
        usernames = tuple(trace.usernames())
        reading = self.discarder.read_clock()

        def check(db: Database) -> None:
            if erasing.order(db) is not None:
                self._ordered.set()  # one that failed is tried again
                raise Refused("another erasure is at work", hint="it goes on by itself; try again in a minute")
            first = hindrances(erasing.whereabouts(db, name, Now.of(reading)))
            if first:
                raise Refused(sentence("something has to be done first: {what}", what=FIRST_THINGS[first[0]]))
            names, prints = erasing.names_of(db, usernames)
            if reason_names_them((by, why), (*usernames, *names)):
                raise Refused(
                    "who does it, or the reason, names whose data it is, and the ledger keeps both",
                    hint="write it without the name; somebody's own data is erased by somebody else",
                )
            since, punches = ledger.newest_seq(db), erasing.punches_of(db, usernames)
            erasing.keep_order(db, ErasureOrder(usernames, names, prints, by, why, since, punches, copies))

        await store.run(check)
        self.stage, self.report = ErasureStage.AT_WORK, None
        self._ended.clear()
        self._ordered.set()
        if not self._is_served:
            await self.carry()
        return await self.progress()

    async def progress(self) -> Json:
        """Return how far it is, and at its end what came of it; wait a while for that."""
        if self.stage is ErasureStage.AT_WORK:
            with suppress(TimeoutError):
                async with asyncio.timeout(ERASURE_WAITS_S):
                    await self._ended.wait()
        return {"stage": self.stage.value, "report": self.report}

    async def carry(self) -> None:
        """Carry out the order that is kept, from wherever it was cut.

        Raises:
            NotRecorded: the disk refuses; it goes on later.
            Refused: the ledger does not hold.
        """
        store = self.discarder.store
        order = await store.run(erasing.order)
        if order is None:
            if await store.run(erasing.is_to_be_rewritten):
                await self._rewrite(tries=1)
            return
        self.stage = ErasureStage.AT_WORK
        reason = DiscardReason(Because.ERASURE, order.by, order.why)
        theirs = [seq for username in order.usernames for seq in await self._punches(username)]
        await self.discarder.punches(((seq,) for seq in theirs), reason)
        named = Mentions(order.sought)
        async for rows in self._rows():
            about = [int(str(row[0])) for row in rows if is_about_them(row, order.usernames, named)]
            await self.discarder.bodies(about, reason)
        bodies = await store.run(partial(self._forget, order=order))
        rewritten = await self._rewrite()
        tables = await self._tables(named)
        files, unread, deleted = await self._files(order)
        self.report = {
            "punches": order.punches,
            "bodies": bodies,
            "rewritten": rewritten is RewriteEnd.DONE,
            "rewritten_because": REWRITE_SAID[rewritten],
            "rewritten_said": said_json(REWRITE_SAID[rewritten]),
            "tables": tables,
            "files": [
                {
                    "file": found.file,
                    "kind": found.kind.value,
                    "times": found.times,
                    "what": FILE_SAID[found.kind],
                    "what_said": said_json(FILE_SAID[found.kind]),
                }
                for found in files
            ],
            "unread": [{"file": each.file, "why": each.why, "why_said": said_json(each.why)} for each in unread],
            "deleted": list[Json](deleted),
        }
        self._ends(ErasureStage.DONE)
        log.info("an employee's data was erased: %d punches, %d bodies", order.punches, bodies)

    def _ends(self, stage: ErasureStage) -> None:
        self.stage = stage
        self._ended.set()

    def _forget(self, db: Database, order: ErasureOrder) -> int:
        """Remove the rest, and write down that it was done; return how many bodies went.

        Raises:
            Refused: something was changed of a punch of theirs meanwhile, so that it is not all gone.
        """
        if any(discarding.aged(db, username=name, after=-1, most=1).punches for name in order.usernames):
            raise Refused("a punch of theirs is on its way: it is tried again until all of them are gone")
        erasing.forget_person(db, order)
        bodies = erasing.bodies_since(db, order.since)
        if bodies or order.punches:
            reading = self.discarder.read_clock()
            erasing.note_erased(db, order, {"punches": order.punches, "bodies": bodies}, reading)
        erasing.end_order(db)
        return bodies

    async def _punches(self, username: str) -> list[int]:
        found, after = list[int](), -1
        while True:
            look = partial(discarding.aged, username=username, after=after, most=PIECE_AGED)
            piece = await self.discarder.store.run(look)
            found += [punch.seq for punch in piece.punches]
            if piece.last is None:
                return found
            after = piece.last

    async def _rows(self) -> AsyncIterator[list[RawRow]]:
        store = self.discarder.store
        newest = await store.run(ledger.newest_seq)
        for first in range(1, newest + 1, PIECE_FOLLOWED):
            seqs = range(first, min(first + PIECE_FOLLOWED, newest + 1))
            yield list[RawRow](await store.run(partial(ledger.raw_rows, seqs=seqs)))
            await store.give_way()

    async def _rewrite(self, tries: int = QUIET_TRIES) -> RewriteEnd:
        """Write the file anew when nobody is at the door; where that does not come, it is tried again later."""
        for _ in range(tries):
            if self.is_quiet():
                end = await self.discarder.store.rewrite()
                if end is RewriteEnd.DONE:
                    await self.discarder.store.run(erasing.note_rewritten)
                if end is not RewriteEnd.BUSY:
                    return end
            if not self._is_served or tries == 1:
                break
            await asyncio.sleep(QUIET_EVERY_S)
        return RewriteEnd.BUSY

    async def _tables(self, named: Mentions) -> Json:
        """Return the rows that still name them, by table."""
        store, found = self.discarder.store, dict[str, list[str]]()
        newest = await store.run(ledger.newest_seq)
        for table in ("ledger", "outbox"):
            found[table] = []
            for first in range(1, newest + 1, PIECE_AGED):
                seqs = range(first, first + PIECE_AGED)
                found[table] += await store.run(partial(erasing.naming, table=table, named=named, seqs=seqs))
                await store.give_way()
        for table in await store.run(erasing.text_tables):
            found[table] = await store.run(partial(erasing.naming, table=table, named=named))
        return [
            {"table": table, "rows": list[Json](rows[:MOST_SHOWN]), "count": len(rows)}
            for table, rows in found.items()
            if rows
        ]

    async def _files(self, order: ErasureOrder) -> tuple[list[FileNames], list[NotRead], list[str]]:
        """Look through every byte of the state folder; return what names them, what could not be read, what went."""
        assert self.folder is not None
        sought = spellings(order.sought)
        found, unread, deleted = list[FileNames](), list[NotRead](), list[str]()
        if times := await self._in_database(sought, unread):
            found.append(FileNames(self.database.name, FileKind.DATABASE, times))
        pieces = remains.search(self.folder, self.database, sought)
        while (piece := await asyncio.to_thread(next, pieces, _END)) is not _END:
            match piece:
                case FileNames(file=file, kind=FileKind.COPY) if order.copies:
                    try:
                        await asyncio.to_thread((self.folder / file).unlink)
                    except OSError:
                        found.append(piece)  # it is told as it is
                    else:
                        deleted.append(file)
                case FileNames():
                    found.append(piece)
                case NotRead():
                    unread.append(piece)
                case _:
                    await self.discarder.store.give_way()
        return found, unread, deleted

    async def _in_database(self, sought: frozenset[bytes], unread: list[NotRead]) -> int:
        """Count the spellings in the file of the database, as of a checkpoint, without the order itself."""
        store = self.discarder.store
        for _ in range(SEARCH_TRIES):
            needles, offset = remains.Needles(sought), 0
            try:
                still = await store.begin_copy()
                while chunk := await store.copy_piece(still, offset):
                    needles.take(chunk)
                    offset += len(chunk)
                    await store.give_way()
            except Refused:
                continue  # it was written to meanwhile
            store.end_copy()
            return needles.times
        unread.append(NotRead(self.database.name, phrase("it changed all the time")))
        return 0


_END: Iterator[None] = iter(())
"""What stands for the end of a search."""
