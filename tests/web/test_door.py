"""The page may be killed, frozen or flooded, and no tap notices; a daemon that is gone or frozen hangs no page."""

import asyncio
import os
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509

from clockd.errors import NoDaemon
from clockd.web.certificate import certificate_for, fingerprint_of
from clockd.web.daemon import Daemon
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.processes import CLOCKD, environ, toml
from tests.web.room import PASSWORD, Clerk, clerk, csrf_of, office

KEY = "0123456789abcdef" * 4


async def test_no_tap_notices_that_the_page_is_frozen_or_killed(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        async with admin.http.stream("GET", "/now/live") as live:
            assert live.status_code == 200
            room.page.process.send_signal(signal.SIGSTOP)
            room.rig.serial.tap(uid_of(0))
            await room.rig.daemon.settled(1)
            room.page.process.send_signal(signal.SIGCONT)
            assert (await admin.get("/account")).status_code == 200
        room.page.process.kill()
        room.rig.serial.tap(uid_of(1))
        await room.rig.daemon.settled(2)


async def test_no_tap_notices_a_flood(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        flood = [asyncio.ensure_future(_many(room.url)) for _ in range(4)]
        sockets = [socket.create_connection(("127.0.0.1", httpx.URL(room.url).port or 0)) for _ in range(150)]
        for n in range(3):
            room.rig.serial.tap(uid_of(n))
            await room.rig.daemon.recorded(n + 1)
        await room.rig.daemon.settled(3)
        await asyncio.gather(*flood)
        for each in sockets:
            each.close()

        async def answers() -> bool:
            return (await admin.get("/account")).status_code == 200

        await until(answers)


async def _many(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for _ in range(50):
            try:
                await client.get("/sign-in")
            except httpx.TransportError:
                continue


async def test_a_frozen_daemon_hangs_no_page(tmp_path: Path) -> None:
    async with office(tmp_path) as room, clerk(room) as admin:
        os.kill(room.rig.daemon.pid, signal.SIGSTOP)
        try:
            with pytest.raises(NoDaemon, match="did not answer within"):
                await Daemon(room.rig.daemon.socket, answer_s=0.2).ask("status")
            answer = await admin.get("/punches")
            assert answer.status_code == 503
            assert "The terminal’s daemon does not answer." in answer.text.replace("&#39;", "’").replace("'", "’")
        finally:
            os.kill(room.rig.daemon.pid, signal.SIGCONT)
        room.rig.daemon.kill()
        for path in ("/", "/people", "/health"):
            assert (await admin.get(path)).status_code == 503, path
        assert (await admin.get("/account")).status_code == 200
        await room.rig.daemon.start()
        assert (await admin.get("/")).status_code == 200


async def test_the_page_is_known_by_its_key_and_names_the_account(tmp_path: Path) -> None:
    env = {"CLOCKD_WEB_KEY": KEY}
    async with office(tmp_path, secrets={"web-key": KEY}, env=env) as room, clerk(room) as admin:
        await admin.post("/people/rename", old="user000", new="ada")
        (row,) = (r for r in (await room.rig.daemon.ask("ledger.log"))["rows"] if r["what"] == "rename")
        assert row["by"] == "admin via clockd-web"
        for forged in ("x", KEY[:-1], 7, None):
            await room.rig.daemon.ask("people.rename", old="ada", new="eve", by="admin", key=forged)
            row = (await room.rig.daemon.ask("ledger.log"))["rows"][0]
            assert "(claims admin)" in row["by"], forged
            await room.rig.daemon.ask("people.rename", old="eve", new="ada", by="x")
        assert KEY not in (room.rig.daemon.log.read_text() + room.page.log)
        raw = b"".join(path.read_bytes() for path in room.rig.daemon.state.iterdir() if path.is_file())
        assert KEY.encode() not in raw


async def test_on_another_address_it_makes_its_own_certificate_and_the_display_shows_it(tmp_path: Path) -> None:
    more = {"web": {"listen": "0.0.0.0:0"}}
    async with office(tmp_path, more=more, panel=True, readers=("serial", "desk")) as room:
        assert room.url.startswith("https://")
        port = httpx.URL(room.url).port
        pem = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port or 0))
        fingerprint = fingerprint_of(x509.load_pem_x509_certificate(pem.encode()))
        assert fingerprint in room.page.log
        await room.rig.desk.says("certificate", fingerprint.replace(":", ""))
        assert (await room.rig.daemon.status())["web"]["fingerprint"] == fingerprint.replace(":", "")
        trust = ssl.create_default_context(cadata=pem)
        async with httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=trust, trust_env=False) as client:
            token = csrf_of((await client.get("/sign-in")).text, "token")
            form = {"name": "admin", "password": PASSWORD, "token": token}
            answer = await client.post("/sign-in", data=form)
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-clockd=")
            assert "Secure" in cookie
            assert (await client.get("/account")).status_code == 200
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as plain:
            with pytest.raises(httpx.TransportError):
                await plain.get("/sign-in")


def test_a_certificate_is_kept_and_renewed_before_it_ends(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    now_at = datetime(2026, 11, 29, tzinfo=UTC)
    first = certificate_for(tmp_path, now_at, ["clock.example.com"])
    assert certificate_for(tmp_path, now_at + timedelta(days=700), []).fingerprint == first.fingerprint
    assert certificate_for(tmp_path, now_at + timedelta(days=800), []).fingerprint != first.fingerprint
    assert first.key.stat().st_mode & 0o077 == 0
    first.key.write_text("broken")
    again = certificate_for(tmp_path, now_at, [])
    assert "PRIVATE KEY" in again.key.read_text()
    unset = certificate_for(tmp_path / "1970", datetime(1970, 1, 1, tzinfo=UTC), [])
    assert x509.load_pem_x509_certificate(unset.file.read_bytes()).not_valid_after_utc > now_at


async def test_given_files_and_a_proxy_in_front(tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1", "localhost")
    made.cert_chain_pems[0].write_to_path(tmp_path / "web.crt")
    made.private_key_pem.write_to_path(tmp_path / "web.key")
    files = {"tls_certificate": str(tmp_path / "web.crt"), "tls_key": str(tmp_path / "web.key")}
    async with office(tmp_path / "tls", more={"web": files}) as room:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        async with httpx.AsyncClient(base_url=room.url, verify=context, trust_env=False) as client:
            assert (await client.get("/sign-in")).status_code == 200
    names = {"behind_proxy": True, "names": ["clock.example.com"]}
    async with office(tmp_path / "proxy", more={"web": names}) as room, Clerk(room.url) as proxy:
        proxy.http.headers["Host"] = "clock.example.com"
        page = await proxy.http.get("/sign-in")
        assert page.status_code == 200
        token, cookie = csrf_of(page.text, "token"), page.headers["set-cookie"].split(";")[0]
        assert "Secure" in page.headers["set-cookie"], "browsers reach it by https"
        headers, form = {"Cookie": cookie}, {"name": "nobody", "password": "x", "token": token}
        told = [
            await proxy.http.post("/sign-in", data=form, headers={**headers, "X-Forwarded-For": f"6.6.6.{n}, 10.0.0.9"})
            for n in range(6)
        ]
        assert told[-1].status_code == 429, "who asks is the address that the proxy saw, not what was claimed"


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd is not installed here")
async def test_systemd_hands_it_its_socket(tmp_path: Path) -> None:
    async with office(tmp_path) as room:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(
                *("systemd-socket-activate", f"--listen=127.0.0.1:{port}", "-E", "CLOCKD_WEB_PASSWORD", "-E", "PATH"),
                *(*CLOCKD, "web", "--config", str(room.rig.daemon.config)),
            ),
            env=environ(CLOCKD_WEB_PASSWORD=PASSWORD),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:

            async def listens() -> bool:
                async with Clerk(f"http://127.0.0.1:{port}") as someone:
                    try:
                        return (await someone.get("/sign-in")).status_code == 200
                    except httpx.TransportError:
                        return False

            await until(listens)
            async with Clerk(f"http://127.0.0.1:{port}") as someone:
                assert (await someone.sign_in()).status_code == 303
        finally:
            process.terminate()
            await process.wait()


@pytest.mark.parametrize(
    ("web", "why"),
    [
        ({"tls_certificate": "/x"}, "web.tls_key"),
        ({"tls_key": "web.key", "tls_certificate": "/x"}, "not a whole path"),
        ({"tls_key": "/k", "tls_certificate": "/x", "behind_proxy": True}, "web.behind_proxy"),
        ({"names": ["https://x"]}, "web.names[0]"),
        ({"listen": "8080"}, "not host:port"),
        ({"tls_key": "/nowhere", "tls_certificate": "/nowhere"}, "cannot be used"),
        ({"listen": "192.0.2.1:1"}, "web.listen"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, web: dict[str, object], why: str) -> None:

    file = tmp_path / "clockd.toml"
    file.write_text(
        toml({"terminal": {"control_socket": str(tmp_path / "s")}, "web": {"listen": "127.0.0.1:0", **web}})
    )
    done = subprocess.run([*CLOCKD, "web", "--config", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
