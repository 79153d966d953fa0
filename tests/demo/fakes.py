"""A tracker and an enrolment of a few lines, for tests of the desk alone."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from clockd.sim.desk.books import BookedEntry, Books


class FakeTracker:
    """Books what it is told, one JSON object per line; knows no HTTP."""

    label = "TimeTrack"
    secrets: Mapping[str, str] = {"timetrack-api-key": "key", "timetrack-api-secret": "hush"}

    def __init__(self, zone: str = "UTC", folder: Path | None = None) -> None:
        self.entries: list[BookedEntry] = []
        self.lines = 0

    def settings(self, port: int) -> Mapping[str, str | int | float]:
        return {"kind": "timetrack", "url": f"http://127.0.0.1:{port}/api"}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    def books(self) -> Books:
        return Books(tuple(reversed(self.entries)), self.lines, 30)

    def reset(self) -> None:
        self.entries.clear()
        self.lines = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.lines += 1
                self._book(json.loads(line))
                writer.write(b'{"ok": true}\n')
        except OSError:
            pass
        finally:
            writer.transport.abort()

    def _book(self, punch: dict[str, str]) -> None:
        moment = datetime.fromisoformat(punch["local"])
        if punch["kind"] == "in":
            self.entries.append(BookedEntry(punch["id"], punch["username"], moment, None))
            return
        for n, entry in enumerate(self.entries):
            if entry.username == punch["username"] and entry.to_local is None:
                self.entries[n] = BookedEntry(entry.id, entry.username, entry.from_local, moment)


async def enrol_into_file(badges: Path, config: Path) -> None:
    with badges.open(encoding="utf-8", newline="") as file:
        people = {row["uid"]: [row["username"], row["name"]] for row in csv.DictReader(file)}
    (config.parent / "people.json").write_text(json.dumps(people), encoding="utf-8")
