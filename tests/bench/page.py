"""Taps at a whole daemon while its admin page is asked a thousand times a second, beside the same taps without."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import fmean

from tests.bench.doors import PEOPLE, WARM, Lights, door
from tests.bench.figures import Figure, percentile
from tests.e2e.hands import SerialPort
from tests.e2e.people import uid_of
from tests.e2e.processes import CLOCKD, Daemon, environ

REQUESTS_A_SECOND = 1000
CALLERS = 20
LOW = ("nice", "-n", "19")
FLOOD = """
import selectors, socket, sys, time

port, callers, a_second = map(int, sys.argv[1:])
request = b"GET /sign-in HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\n\\r\\n" % port
ears, lines = selectors.DefaultSelector(), []
for _ in range(callers):
    line = socket.create_connection(("127.0.0.1", port))
    line.setblocking(False)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ears.register(line, selectors.EVENT_READ)
    lines.append(line)
begun_s = told_s = time.monotonic()
sent = answered = 0
while True:
    due = int((time.monotonic() - begun_s) * a_second)
    while sent < due:
        try:
            if lines[sent % callers].send(request) < len(request):
                sys.exit("a request was cut")
        except BlockingIOError:
            break
        sent += 1
    for key, _ in ears.select(0.01):
        answered += key.fileobj.recv(1 << 20).count(b"HTTP/1.1 200")
    now_s = time.monotonic()
    if now_s - told_s > 0.5:
        told_s = now_s
        print(*(each / (now_s - begun_s) for each in (sent, answered, time.process_time())), flush=True)
"""
"""Sends requests for the page to sign in at a fixed rate, whether they are answered or not.

It reads no answer, and counts them alone: the processor is left to those who are measured. It tells how many requests a
second it sent, how many were answered, and its own share of a processor.
"""


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
            told: list[tuple[float, ...]] = []
            for _ in range(4):
                took[False] += await some(port, lights, taps // 4)
                with _flood(web_port) as flood:
                    assert flood.stdout is not None
                    first = await asyncio.to_thread(flood.stdout.readline)
                    took[True] += await some(port, lights, taps // 4)
                    flood.kill()
                    last = [first, *await asyncio.to_thread(flood.stdout.readlines)][-1]
                    told.append(tuple(map(float, last.split())))
            memory_mib = _memory_mib(page.pid)
        finally:
            page.kill()
            page.wait()
            port.close()
    beside, alone = took[True], took[False]
    return [
        Figure("tap beside a flooded page, p50", "ms", percentile(beside, 0.5), percentile(alone, 0.5), 1.1),
        Figure("tap beside a flooded page, p99", "ms", percentile(beside, 0.99), percentile(alone, 0.99)),
        Figure(
            "requests a second sent to the page",
            "",
            fmean(sent for sent, _, _ in told),
            REQUESTS_A_SECOND,
            0.95,
            at_least=True,
        ),
        Figure("answers a second of the flooded page", "", fmean(answered for _, answered, _ in told)),
        Figure("the flood's own share of a processor", "%", 100 * fmean(share for _, _, share in told)),
        Figure("memory of the flooded page, at most", "MiB", memory_mib),
    ]


def _flood(port: int) -> "subprocess.Popen[str]":
    command = [*LOW, sys.executable, "-c", FLOOD, str(port), str(CALLERS), str(REQUESTS_A_SECOND)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _memory_mib(pid: int) -> float:
    """Return the most memory that a process ever had, pages that it shares with others included."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


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
