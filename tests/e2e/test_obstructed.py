"""What a person has to end on the way to the tracker is told as that, and all goes on by itself once it is ended."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig, bench
from tests.trackers_http.proxy import Proxy
from tests.trackers_http.servers import Behaviour, serve

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PASSWORD = "of-the-proxy-0815"


def leads_to(port: int) -> Behaviour:
    """A server in front of another one, as one that ends TLS is."""

    async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError, ssl.SSLError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))

    return serves


async def told(rig: Rig, words: str) -> dict[str, Any]:
    """Wait until the status says this of the tracker; return the tracker's part of it."""

    async def found() -> dict[str, Any]:
        tracker: dict[str, Any] = (await rig.daemon.status())["tracker"]
        return tracker if words in (tracker["detail"] or "") else {}

    tracker: dict[str, Any] = await until(found)
    return tracker


async def mended(rig: Rig, *, asked: bool = True) -> None:
    """Wait until the punch is booked, once, and nobody is needed any more; say sync, or let it go on by itself."""
    if asked:
        await rig.daemon.ask("sync")
    await rig.daemon.settled(1, within_s=60)
    assert len(await rig.simulator.rows()) == 1
    tracker = (await rig.daemon.status())["tracker"]
    assert (tracker["state"], tracker["needs_a_person"]) == ("ok", False)


def told_in_the_log(rig: Rig, words: str) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        lines = [line for line in rig.daemon.log.read_text().splitlines() if "this needs a person" in line]
        return len(lines) == 1 and words in lines[0]

    return found


@pytest.mark.parametrize("asked", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_a_certificate_that_is_renewed(tmp_path: Path, command: Command, *, asked: bool) -> None:
    authority, server = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY).configure_cert(server)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with bench(tmp_path, people=1, start=False) as rig:
        rig.simulator.start()
        where = urlsplit(rig.simulator.url)
        async with serve(leads_to(where.port or 0), tls=server, read=False) as front:
            away = {"url": f"https://localhost:{front.port}{where.path}", "ca": str(tmp_path / "ca.pem")}
            rig.daemon.sections = {**rig.daemon.sections, "tracker": {**rig.daemon.sections["tracker"], **away}}
            await rig.daemon.start()
            await rig.daemon.enrol(1)
            rig.serial.tap(uid_of(0))
            tracker = await told(rig, "has expired: it has to be renewed there")
            assert (tracker["state"], tracker["needs_a_person"]) == ("offline", True)
            await until(told_in_the_log(rig, "has expired"))
            said = await command("status", "--socket", rig.daemon.socket)
            assert (said.code, "it has to be renewed there" in said.out) == (1, True)
            authority.issue_cert("localhost").configure_cert(server)
            await mended(rig, asked=asked)
            assert (await command("status", "--socket", rig.daemon.socket)).code == 0


@pytest.mark.soak
async def test_a_proxy_that_wants_a_password(tmp_path: Path) -> None:
    credential = tmp_path / "credentials" / "tracker-proxy-password"
    credential.parent.mkdir()
    credential.write_text("an old one")
    env = {"CREDENTIALS_DIRECTORY": str(credential.parent)}
    authority, server = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with bench(tmp_path, people=1, start=False, env=env) as rig:
        rig.simulator.start()
        where = urlsplit(rig.simulator.url)
        async with serve(leads_to(where.port or 0), tls=server, read=False) as front:
            proxy = Proxy(front.port, "clock", PASSWORD)

            async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await proxy.behaviour(listening.requests)(reader, writer)

            async with serve(serves) as listening:
                away = {"url": f"https://localhost:{front.port}{where.path}", "ca": str(tmp_path / "ca.pem")}
                away["proxy"] = f"http://clock@127.0.0.1:{listening.port}"
                rig.daemon.sections = {**rig.daemon.sections, "tracker": {**rig.daemon.sections["tracker"], **away}}
                await rig.daemon.start()
                await rig.daemon.enrol(1)
                rig.serial.tap(uid_of(0))
                tracker = await told(rig, "does not accept our user and password (407)")
                assert (tracker["state"], tracker["needs_a_person"]) == ("offline", True)
                credential.write_text(PASSWORD)
                await mended(rig)


async def test_control_a_cable_needs_nobody(tmp_path: Path) -> None:
    """What time heals is told as offline, and asks for no person."""
    async with bench(tmp_path, people=1) as rig:
        rig.simulator.stop()
        rig.serial.tap(uid_of(0))
        await until(rig.daemon.offline)
        tracker = (await rig.daemon.status())["tracker"]
        assert (tracker["state"], tracker["needs_a_person"]) == ("offline", False)
        assert "this needs a person" not in rig.daemon.log.read_text()
        rig.simulator.start()
        await mended(rig)
