"""What callers may take, and that a line in is still a line out: real sockets, a handler of our own, small limits."""

import asyncio
import getpass
import json
import logging
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clockd import control
from clockd.control import Command
from clockd.control.lines import BATCH_ROWS, LINE_BYTES, answer_batches, lines_of, put_together, read_command
from clockd.control.serving import Limits, serve
from clockd.core.json import Json
from clockd.errors import ClockdError, NoDaemon, UsageError
from tests.e2e.looking import until

PROMPT = Limits(clients=4, grace_s=0.1, idle_s=0.3, stall_s=0.3, kept_bytes=300_000, waiting_bytes=3_000_000)
PATIENT = Limits(clients=4, grace_s=0.1, kept_bytes=300_000, waiting_bytes=3_000_000)


CALLERS = ThreadPoolExecutor(40, thread_name_prefix="caller")
"""Those who ask, who are no threads of the one who answers."""


@dataclass
class Office:
    """Answers; keeps what it was asked."""

    path: Path
    asked: list[Command] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, command: Command) -> Json:
        self.asked.append(command)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            return await self._answer(command)
        finally:
            self._now -= 1

    async def _answer(self, command: Command) -> Json:
        match command["cmd"]:
            case "wait" | "badges.enrol" | "sync":
                await self.go_on.wait()
                return "waited"
            case "rows":
                return [{"row": n, "text": "x" * 1000} for n in range(int(str(command["count"])))]
            case "mistake":
                raise RuntimeError("a mistake of ours")
            case "surrogate":
                return "\ud800"
            case _:
                pass
        return {"echo": len(json.dumps(command))}

    async def ask(self, cmd: str, **words: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(CALLERS, control.ask, self.path, {"cmd": cmd, **words}, 20.0)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self.path, limit=100_000_000)


@asynccontextmanager
async def office(folder: Path, limits: Limits = PATIENT) -> AsyncIterator[Office]:
    ready = asyncio.Event()
    found = Office(folder / "c.sock")
    serving = asyncio.create_task(serve(found.path, found.answer, ready.set, limits))
    await ready.wait()
    try:
        yield found
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    assert not found.path.exists()


async def said(reader: asyncio.StreamReader) -> Any:
    return json.loads(await asyncio.wait_for(reader.readline(), 20))


# --- lines ------------------------------------------------------------------------------------------------------


def test_a_long_command_is_the_same_when_it_is_put_together() -> None:
    rows: list[Json] = [{"uid": f"{n:014X}", "username": f"ü{n}@example.com"} for n in range(5000)]
    command: Command = {"cmd": "badges.import", "badges": rows, "by": "ada"}
    lines = list(lines_of(command))
    assert len(lines) > 4
    assert max(map(len, lines)) <= LINE_BYTES
    whole: Command | None = None
    for number, line in enumerate(lines, 1):
        part = read_command(line)
        assert part.pop("more", False) is (number < len(lines))
        whole = part if whole is None else put_together(whole, part)
    assert whole == command


@pytest.mark.parametrize("command", [{"cmd": "x", "text": "y" * LINE_BYTES}, {"cmd": "x", "rows": ["y" * LINE_BYTES]}])
def test_what_cannot_be_taken_apart_is_refused_before_it_is_sent(command: Command) -> None:
    with pytest.raises(UsageError, match="longer than the daemon takes"):
        list(lines_of(command))


BAD = [
    b"", b"\xff\xfe", b"nonsense", b"[]", b"{}", b'{"cmd": 3}', b'{"cmd": null}', b'"cmd"', b"\x00", b"[" * 60_000,
    b'{"cmd": ' + b"[" * 30_000, b'{"cmd": "x", "y": ' + b"[" * 100 + b"]" * 100 + b"}", b"9" * 60_000, b"-", b"NaN",
    b'{"cmd": "x", "y": ' + b'{"a":' * 40 + b"1" + b"}" * 41,
]  # fmt: skip


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
async def test_a_bad_line_is_explained_and_the_next_one_answered(
    tmp_path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as desk:
        reader, writer = await desk.connect()
        writer.write(line + b"\n" + b'{"cmd": "echo"}\n')
        assert (await said(reader))["error"]["exit_code"] == 2
        assert "ok" in await said(reader)
        writer.close()
    assert caplog.records == []


@pytest.mark.parametrize("count", [0, 1, BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 1, 1000])
def test_a_list_is_written_as_one_document(count: int) -> None:
    rows: list[Json] = [{"row": n, "text": "ü\ud800"} for n in range(count)]
    line = b"".join(answer_batches(rows))
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"ok": rows}


@pytest.mark.parametrize("answer", [{}, {"a": []}, {"rows": 1000, "next": 7}, {"a": 1, "rows": 1000}, 1000, 5])
def test_no_batch_of_an_answer_holds_more_than_so_many_rows(answer: Json) -> None:
    def filled(value: Json) -> Json:
        return [{"row": n} for n in range(1000)] if value == 1000 else value

    full: Json = {name: filled(value) for name, value in answer.items()} if isinstance(answer, dict) else filled(answer)
    batches = list(answer_batches(full))
    assert json.loads(b"".join(batches)) == {"ok": full}
    assert max(batch.count(b"row") for batch in batches) <= BATCH_ROWS + 1  # its own name may be "rows"


async def test_half_a_surrogate_pair_is_an_answer(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        assert await desk.ask("surrogate") == "\ud800"


async def test_a_mistake_of_ours_is_one_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with office(tmp_path) as desk:
        with pytest.raises(ClockdError, match="inside the daemon"):
            await desk.ask("mistake")
        assert "a mistake of ours" in caplog.text
        assert await desk.ask("echo")


# --- long commands and answers ----------------------------------------------------------------------------------


async def test_a_long_command_comes_in_lines(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        rows = [{"n": n, "text": "x" * 50} for n in range(3000)]
        assert await desk.ask("echo", rows=rows)
        me = getpass.getuser()
        assert desk.asked == [{"cmd": "echo", "rows": rows, "peer": me, "by": me}]


async def test_too_much_is_refused_and_forgotten(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        with pytest.raises(UsageError, match="together"):
            await desk.ask("echo", rows=[{"n": n, "text": "x" * 50} for n in range(5000)])
        assert desk.asked == []
        for _ in range(5):  # nothing of it is kept
            assert await desk.ask("echo", rows=[{"n": n, "text": "x" * 50} for n in range(3000)])


async def test_a_long_command_is_not_mixed_with_another(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        reader, writer = await desk.connect()
        writer.write(b'{"cmd": "a", "rows": [1], "more": true}\n{"cmd": "b", "rows": [2]}\n{"cmd": "c"}\n')
        assert await said(reader) == {"ok": {"taken": True}}
        assert "another command" in (await said(reader))["error"]["message"]
        assert "ok" in await said(reader)
        assert [command["cmd"] for command in desk.asked] == ["c"]
        writer.close()


async def test_a_huge_answer_is_whole_when_it_is_read(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        found = await desk.ask("rows", count=2000)
        assert [row["row"] for row in found] == list(range(2000))
        with pytest.raises(ClockdError, match="wait to be read"):
            await desk.ask("rows", count=4000)
        assert await desk.ask("echo")


async def test_who_does_not_read_is_let_go_and_holds_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, PROMPT) as desk:
        writers = []
        for _ in range(3):
            _, writer = await desk.connect()
            writers.append(writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # the transport of a socket has it
            writer.write(b'{"cmd": "rows", "count": 2000}\n')
            await until(lambda: len(desk.asked) > 0)
            desk.asked.clear()
        assert len(await until(lambda: _answered(desk, 2000))) == 2000  # the others' bytes wait no more
        for writer in writers:
            writer.transport.abort()


async def _answered(desk: Office, count: int) -> Any:
    try:
        return await desk.ask("rows", count=count)
    except ClockdError:
        return []


async def test_an_endless_line_is_told_and_ends(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        reader, writer = await desk.connect()
        writer.write(b'{"cmd": "' + b"x" * (3 * LINE_BYTES))
        assert "KiB" in (await said(reader))["error"]["message"]
        assert await reader.read() == b""
        writer.close()
        assert await desk.ask("echo")


# --- how many ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"x", b'{"cmd": "echo"', b'{"cmd": "rows", "rows": [1], "more": true}\n'])
async def test_who_is_silent_is_let_go(tmp_path: Path, sent: bytes) -> None:
    async with office(tmp_path, PROMPT) as desk:
        reader, writer = await desk.connect()
        writer.write(sent)
        await asyncio.wait_for(reader.read(), 20)
        assert reader.at_eof()
        writer.close()


async def test_who_waits_for_a_person_is_not_silent(tmp_path: Path) -> None:
    async with office(tmp_path, PROMPT) as desk:
        enrolling = asyncio.create_task(desk.ask("badges.enrol"))
        await until(lambda: desk.asked)
        reader, writer = await desk.connect()  # comes later, and is let go sooner
        await asyncio.wait_for(reader.read(), 20)
        writer.close()
        desk.go_on.set()
        assert await enrolling == "waited"


async def test_one_more_lets_the_one_go_that_was_silent_longest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as desk:
        idle = [await desk.connect() for _ in range(50)]
        assert await desk.ask("echo")
        await until(lambda: sum(reader.at_eof() for reader, _ in idle) >= 46)
        assert not idle[-1][0].at_eof()
        for _, writer in idle:
            writer.transport.abort()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_who_is_worked_for_is_not_let_go(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        working = [asyncio.create_task(desk.ask("wait")) for _ in range(4)]
        await until(lambda: len(desk.asked) == 2)  # two at once, the others wait for them
        outside = asyncio.create_task(desk.ask("sync"))
        more = [asyncio.create_task(desk.ask("echo")) for _ in range(20)]
        desk.go_on.set()
        assert await asyncio.gather(*working, outside) == ["waited"] * 5
        assert len(await asyncio.gather(*more)) == 20
        assert desk.most <= 3


async def test_what_waits_outside_keeps_nobody_from_the_store(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        outside = [asyncio.create_task(desk.ask("sync")) for _ in range(3)]
        await until(lambda: len(desk.asked) == 3)
        assert await desk.ask("echo")
        desk.go_on.set()
        await asyncio.gather(*outside)


# --- the caller's side ------------------------------------------------------------------------------------------


async def _impostor(path: Path, answer: bytes) -> None:
    """Be somebody else who listens at the path, and answers once."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    async with await asyncio.start_unix_server(talk, path) as server:
        await server.serve_forever()


@pytest.mark.parametrize(
    "answer",
    [b"", b"no line", b"nonsense\n", b"[]\n", b"3\n", b"null\n", b'"ok"\n', b'{"error": 3}\n', b'{"error": {}}\n',
     b"{}\n", b"\xff\n", b"[" * 50_000 + b"\n", b'{"ok": ' + b"9" * 5000 + b"}\n"],
)  # fmt: skip
async def test_an_answer_that_is_none_is_a_clear_error(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "c.sock"
    serving = asyncio.create_task(_impostor(path, answer))
    await until(path.exists)
    with pytest.raises(NoDaemon) as caught:
        await asyncio.to_thread(control.ask, path, {"cmd": "x"})
    assert caught.value.hint
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_who_comes_while_others_wait_at_the_door_waits_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door, socket.socket(socket.AF_UNIX) as first:
        door.bind(str(tmp_path / "c.sock"))
        door.listen(0)
        first.connect(str(tmp_path / "c.sock"))
        with pytest.raises(NoDaemon, match="did not answer within"):
            await asyncio.to_thread(control.ask, tmp_path / "c.sock", {"cmd": "x"}, 0.2)


async def test_who_asks_is_what_the_kernel_says(tmp_path: Path) -> None:
    """A name that is claimed stands beside it."""
    async with office(tmp_path) as desk:
        await desk.ask("echo", by="the boss")
        await desk.ask("echo", by=7)
        me = getpass.getuser()
        assert [command["by"] for command in desk.asked] == [f"{me} (claims the boss)", me]
