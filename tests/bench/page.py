"""Taps at a whole daemon while its admin page is asked a thousand times a second, beside the same taps without."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.doors import PEOPLE, WARM, Lights, door
from tests.bench.figures import Figure, percentile
from tests.e2e.hands import SerialPort
from tests.e2e.people import uid_of
from tests.e2e.processes import CLOCKD, Daemon, environ

REQUESTS_A_SECOND = 1000
PIECE = 20
LOW = ("nice", "-n", "19")
FLOOD = """
import asyncio, sys, time
async def ask(reader, writer, host):
    writer.write(b"GET /sign-in HTTP/1.1\\r\\nHost: " + host + b"\\r\\n\\r\\n")
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    named = [line.lower() for line in head.split(b"\\r\\n")]
    length = next(int(line.split(b":")[1]) for line in named if line.startswith(b"content-length"))
    await reader.readexactly(length)
async def main(port, callers, a_second):
    host = b"127.0.0.1:%d" % port
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(callers)]
    begun, done = time.monotonic(), 0
    while True:
        await asyncio.gather(*(ask(*line, host) for line in lines))
        done += callers
        print(done / (time.monotonic() - begun), flush=True)
        await asyncio.sleep(max(0.0, begun + done / a_second - time.monotonic()))
asyncio.run(main(*map(int, sys.argv[1:])))
"""
"""Asks for the page to sign in, over kept connections, and tells how many answers a second it got."""


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """Tap without and beside the flood, by turns."""
    folder.mkdir(parents=True)
    return asyncio.run(measure(folder, 40 if short else 300))


async def measure(folder: Path, taps: int) -> list[Figure]:
    """Let page and flood yield as the unit's CPUWeight does, by a nice value of 19."""
    port = SerialPort()
    took: dict[bool, list[float]] = {False: [], True: []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        web_port = int(free.getsockname()[1])
    async with door(folder / "door", {"kind": "serial", "device": port.path}) as (daemon, lights):
        page = _page(daemon, web_port)
        try:
            await asyncio.to_thread(_listens, web_port)
            await some(port, lights, WARM)
            got = 0.0
            for _ in range(4):
                took[False] += await some(port, lights, taps // 4)
                flood = subprocess.Popen(  # noqa: ASYNC220 - starts it only
                    [
                        "nice",
                        "-n",
                        "19",
                        sys.executable,
                        "-c",
                        FLOOD,
                        str(web_port),
                        str(PIECE),
                        str(REQUESTS_A_SECOND),
                    ],
                    stdout=subprocess.PIPE,
                    text=True,
                )
                assert flood.stdout is not None
                await asyncio.to_thread(flood.stdout.readline)
                took[True] += await some(port, lights, taps // 4)
                flood.kill()
                got = float((await asyncio.to_thread(flood.communicate))[0].split()[-1])
        finally:
            page.kill()
            page.wait()
            port.close()
    beside, alone = took[True], took[False]
    return [
        Figure("tap beside a flooded page, p50", "ms", percentile(beside, 0.5), percentile(alone, 0.5), 1.1),
        Figure("tap beside a flooded page, p99", "ms", percentile(beside, 0.99), percentile(alone, 0.99)),
        Figure("answers a second of the flooded page", "", got),
    ]


def _page(daemon: Daemon, port: int) -> "subprocess.Popen[bytes]":
    config = daemon.folder / "web.toml"
    config.write_text(daemon.config.read_text() + f'[web]\nlisten = "127.0.0.1:{port}"\n')
    env = environ(CLOCKD_WEB_PASSWORD="a long password", STATE_DIRECTORY=str(daemon.folder))
    command = [*LOW, *CLOCKD, "web", "--config", str(config)]
    return subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)


def _listens(port: int) -> None:
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the page does not listen")


async def some(port: SerialPort, lights: Lights, taps: int) -> list[float]:
    """Tap so often; return what each took, in ms."""
    took = []
    for n in range(taps):
        begun_s = time.perf_counter()
        port.tap(uid_of((os.getpid() + n) % PEOPLE))
        took.append((await lights.lit() - begun_s) * 1e3)
        await lights.quiet()
    return took
