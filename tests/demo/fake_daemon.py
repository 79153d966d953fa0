"""A daemon of one page: saves taps to a file, shows them, books them one by one. It stands in for `clockd run`.

python fake_daemon.py CONFIG [--sabotage forget|mute|die]
"""

import asyncio
import contextlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from clockd.config import Config, DeskReader, TimeTrack, load
from clockd.core.feedback import Idle, LinkSign, Punched, UnknownBadge
from clockd.core.model import Employee, Kind, Reading, Tap, Uid
from clockd.errors import DeviceError
from clockd.sim.desk import client

Punch = dict[str, Any]


class FakeDaemon:
    def __init__(self, config: Config, sabotage: str) -> None:
        self.config = config
        self.sabotage = sabotage
        self.file = Path(config.terminal.state_dir) / "punches.jsonl"
        self.people = json.loads((self.file.parent / "people.json").read_text(encoding="utf-8"))
        self.punches: list[Punch] = []
        if self.file.exists() and sabotage != "forget":
            for line in self.file.read_text(encoding="utf-8").splitlines():
                self._keep(json.loads(line))
        assert isinstance(config.reader[0], DeskReader)
        self.link = client.DeskLink(config.reader[0].socket, self.pressed)
        self.reader_ready = False
        self.online = True
        self.explicit: Kind | None = None

    def read_clock(self) -> Reading:
        return Reading(datetime.now(UTC), 0.0, "boot", 1, True)

    def _keep(self, punch: Punch) -> None:
        for n, old in enumerate(self.punches):
            if old["id"] == punch["id"]:
                self.punches[n] = punch
                return
        self.punches.append(punch)

    def save(self, punch: Punch) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(punch) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._keep(punch)

    def pressed(self, gpio: int) -> None:
        button = next(button for button in self.config.button if button.gpio == gpio)
        if button.action.value in ("in", "out", "break", "resume"):
            self.explicit = Kind(button.action.value)
        self.draw(button.action.value.upper(), "now your badge")

    def tapped(self, tap: Tap) -> None:
        local = tap.reading.wall_at.astimezone(self.config.terminal.zone).replace(tzinfo=None)
        assert isinstance(tap.uid, Uid)
        found = self.people.get(tap.uid.hex)
        if found is None:
            self.draw("Unknown badge", "… " + tap.uid.tail)
            self.link.send_screen(UnknownBadge(tap.uid.tail))
            self.signal(red=True, hz=220, ms=600)
            return
        username, name = found
        last = next((p for p in reversed(self.punches) if p["username"] == username), None)
        kind = self.explicit or (Kind.OUT if last and last["kind"] == "in" else Kind.IN)
        self.explicit = None
        punch = {
            "id": f"01{len(self.punches):024d}",
            "username": username,
            "kind": kind.value,
            "at": tap.reading.wall_at.isoformat(),
            "local": local.isoformat(timespec="milliseconds"),
            "clock": "synchronized",
            "delivery": {"state": "waiting", "entry_ids": [], "attempts": 0, "last_error": None, "held_because": None},
        }
        self.save(punch)
        self.draw(name, f"{kind.value.upper()}  {local:%H:%M}", "saved")
        self.link.send_screen(Punched(Employee(username, name), kind, local, True, None, None, None))
        self.signal(red=False, hz=1760, ms=120)

    def draw(self, *lines: str) -> None:
        if self.sabotage == "mute":
            return
        image = Image.new("1", (128, 64))
        pen = ImageDraw.Draw(image)
        font = ImageFont.truetype("DejaVuSans.ttf", 14)
        for n, line in enumerate(lines):
            pen.text((2, 2 + n * 20), line, fill=1, font=font)
        self.link.send_frame(image.tobytes(), image.size)

    def signal(self, *, red: bool, hz: float, ms: float) -> None:
        self.link.send_lights(green=not red, red=red)
        self.link.send_sound(hz, ms)
        asyncio.get_running_loop().call_later(ms / 1000 + 0.4, lambda: self.link.send_lights(green=False, red=False))

    def idle(self) -> None:
        now = datetime.now(self.config.terminal.zone).replace(tzinfo=None)
        unsent = sum(p["delivery"]["state"] == "waiting" for p in self.punches)
        self.draw(f"{now:%H:%M}", f"{unsent} unsent" if unsent else "", "" if self.online else "offline")
        link = LinkSign.OK if self.online else LinkSign.OFFLINE
        self.link.send_screen(Idle(now, True, link, unsent, 0, True))

    async def sync(self) -> None:
        assert isinstance(self.config.tracker, TimeTrack)
        port = int(self.config.tracker.url.rpartition(":")[2].partition("/")[0])
        while True:
            for punch in list(self.punches):
                if punch["delivery"]["state"] == "waiting":
                    await self.deliver(punch, port)
            await asyncio.sleep(0.1)

    async def deliver(self, punch: Punch, port: int) -> None:
        delivery = punch["delivery"]
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                self._keep({**punch, "delivery": {**delivery, "state": "sending"}})
                writer.write(json.dumps(punch).encode() + b"\n")
                if not await reader.readline():
                    raise ConnectionResetError("connection closed")
            finally:
                writer.transport.abort()
        except OSError as error:
            self.online = False
            attempts = delivery["attempts"] + 1
            self._keep({**punch, "delivery": {**delivery, "attempts": attempts, "last_error": error.strerror}})
        else:
            self.online = True
            self.save({**punch, "delivery": {**delivery, "state": "delivered", "entry_ids": ["7"]}})

    def answer(self, request: dict[str, Any]) -> object:
        if request["cmd"] == "punches":
            return {"ok": list(reversed(self.punches))[: request["limit"]]}
        if request["cmd"] == "status":
            states = [p["delivery"]["state"] for p in self.punches]
            return {
                "ok": {
                    "version": "fake",
                    "tracker": {"kind": "timetrack", "state": "ok" if self.online else "offline"},
                    "outbox": {"waiting": states.count("waiting"), "delivered": states.count("delivered")},
                    "readers": [{"kind": "desk", "state": "ok" if self.reader_ready else "opening"}],
                    "panel": {"oled": "ok", "lights": "ok"},
                }
            }
        return {"error": {"message": f"no such command: {request['cmd']}", "hint": "", "exit_code": 2}}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(self.answer(json.loads(line))).encode() + b"\n")
        writer.close()

    def ready(self) -> None:
        self.reader_ready = True
        self.idle()

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(4)
            self.idle()

    async def run(self) -> None:
        control = Path(self.config.terminal.control_socket)
        await asyncio.to_thread(control.unlink, missing_ok=True)
        reader = client.DeskReader(self.link, self.read_clock)
        async with await asyncio.start_unix_server(self.serve, control), asyncio.TaskGroup() as group:
            group.create_task(self.link.run())
            group.create_task(self.sync())
            group.create_task(self.tick())
            while True:
                with contextlib.suppress(DeviceError):  # opened again, as the real one does
                    await reader.run(self.tapped, self.ready, lambda reason: None)


if __name__ == "__main__":
    sabotage = sys.argv[3] if "--sabotage" in sys.argv else ""
    if sabotage == "die":
        raise SystemExit("no luck today")
    asyncio.run(FakeDaemon(load(Path(sys.argv[1])), sabotage).run())
