"""What is long is done in pieces of known size, and between two of them goes what the store does for a tap."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from clockd.core.body import MOST_MEMBERS, READ_BYTES, in_pieces
from clockd.core.pieces import ROWS_AT_ONCE, Pieces, whole
from clockd.core.wire import BodyRead, Codec, NotApplied, Reply, Request, Rows
from clockd.flow.line import Line
from clockd.host import Clocks
from clockd.store.thread import Store
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from clockd.trackers.timetrack import TimeTrackCodec

V = TypeVar("V")
VIENNA = ZoneInfo("Europe/Vienna")
FORM = TimeFormat.parse("%Y-%m-%dT%H:%M:%S")
GOODTIME = GoodtimeCodec(Account(Named("T-1", "working hours"), FORM, FORM), VIENNA)
TIMETRACK = TimeTrackCodec("/attendance_timer", "/timers/project_timer", VIENNA)
OF_GOODTIME = {"starttime": "2026-11-20T08:00:00", "endtime": "2026-11-20T16:00:00", "useremail": "ada@example.com"}
OF_TIMETRACK = {"user": "ada", "from": "2026-11-20T08:00:00.000Z", "to": "2026-11-20T16:00:00.000Z"}
ROWS = 2_000
BOTH = pytest.mark.parametrize(("codec", "row"), [(TIMETRACK, OF_TIMETRACK), (GOODTIME, OF_GOODTIME)])


def page(row: dict[str, str], rows: int = ROWS) -> Reply:
    return Reply(200, {}, json.dumps([{"id": f"E-{n + 1}", **row} for n in range(rows)]).encode())


def steps(work: Pieces[V]) -> tuple[int, V]:
    """Do all the pieces; return how many there were, and what they came to."""
    count = 0
    while True:
        count += 1
        try:
            next(work)
        except StopIteration as done:
            return count, done.value


@BOTH
def test_so_many_rows_are_read_at_once(codec: Codec, row: dict[str, str]) -> None:
    reply = page(row)
    document = BodyRead(whole(in_pieces(reply.body)))
    count, found = steps(codec.rows(Reply(200, {}, b"not looked at", document), "ada"))
    assert isinstance(found, Rows)
    assert [entry.id for entry in found.entries] == [f"E-{n + 1}" for n in range(ROWS)]
    assert count == ROWS // ROWS_AT_ONCE + 1


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("half", [False, True])
def test_so_many_bytes_of_a_body_are_read_at_once(*, wrapped: bool, half: bool) -> None:
    rows = [{"id": n, "text": "x" * (n % 300), "deep": [[{"n": n}]]} for n in range(ROWS)]
    document = {"data": rows, "count": ROWS} if wrapped else rows
    body = json.dumps(document).encode()
    if half:
        body = body.replace(b"xxx", b"\\ud83d", 1)
    count, found = steps(in_pieces(body))
    assert found == json.loads(body.replace(b"\\ud83d", b"?"))
    assert count > len(body) // (READ_BYTES + max(map(len, map(json.dumps, rows))))


@pytest.mark.parametrize("spoilt", [b"NaN", b"1e999", b"9" * 5000, b'"\xff"', b"[" * 100 + b"]" * 100, b"{]"])
def test_one_part_that_cannot_be_read_spoils_a_long_body_as_a_short_one(spoilt: bytes) -> None:
    short = b'[{"id": 1}, ' + spoilt + b"]"
    long = b"[" + b'{"id": 1}, ' * 5_000 + spoilt + b"]"
    assert whole(in_pieces(short)) == whole(in_pieces(long))


@BOTH
def test_of_a_list_that_nobody_can_have_asked_for_it_is_only_told_how_long_it_is(
    codec: Codec, row: dict[str, str]
) -> None:
    reply = page(row, MOST_MEMBERS + 1)
    count, document = steps(in_pieces(reply.body))
    assert document == [None] * (MOST_MEMBERS + 1)
    assert count == 2
    refused = whole(codec.rows(reply, "ada"))
    assert isinstance(refused, NotApplied)
    assert str(MOST_MEMBERS + 1) in refused.why


class Rude(Store):
    """The negative control: it lets the loop have its turn, and not the thread."""

    async def give_way(self) -> None:
        await asyncio.sleep(0)


async def read_while_a_tap_is_written(store: Store) -> Sequence[int]:
    """Read a page while the store's thread is busy; return how many pieces were done before it was ready, and after."""
    await store.open()
    begun, over = threading.Event(), threading.Event()
    pieces = 0

    def write(db: Database) -> None:
        begun.set()
        assert over.wait(10.0)

    def work() -> Pieces[Rows]:
        nonlocal pieces
        for _ in range(20):
            pieces += 1
            yield
        return Rows((), last=True)

    line = Line(store, _nobody, Clocks(boot_id="b", boot_seq=1, trusted=lambda: True).read, 30)
    tap = asyncio.create_task(store.run(write))
    await asyncio.to_thread(begun.wait)
    reading = asyncio.create_task(line.read_in_pieces(work, Reply(200, {}, b"[]"), NotApplied))
    for _ in range(100):
        await asyncio.sleep(0)
    meanwhile = pieces
    over.set()
    await tap
    assert await reading == (Rows((), last=True), True)
    await store.close()
    return meanwhile, pieces


async def _nobody(request: Request) -> Reply:
    raise AssertionError("nothing is sent")


@pytest.mark.parametrize(("kind", "meanwhile"), [(Store, 1), (Rude, 20)])
async def test_a_tap_that_is_written_goes_before_the_next_piece(
    tmp_path: Path, kind: Callable[[Path], Store], meanwhile: int
) -> None:
    assert await read_while_a_tap_is_written(kind(tmp_path / "clockd.db")) == (meanwhile, 20)


async def test_a_long_body_is_read_before_anybody_asks_what_it_says(tmp_path: Path) -> None:
    replies = [page(OF_TIMETRACK, rows) for rows in (10, ROWS)]

    async def answer(request: Request) -> Reply:
        return replies.pop(0)

    store = Store(tmp_path / "clockd.db")
    await store.open()
    line = Line(store, answer, Clocks(boot_id="b", boot_seq=1, trusted=lambda: True).read, 30)
    for read in (False, True):
        exchange = await line.exchange(Request("GET", "/"))
        assert isinstance(exchange, Reply)
        assert (exchange.document is not None) == read
        assert isinstance(whole(TIMETRACK.rows(exchange)), Rows)
    await store.close()
