"""What an admin reads of the way to the tracker: `clockd check`, through a real proxy to a real server with TLS."""

import asyncio
from pathlib import Path

import pytest

from clockd.config import Secrets
from tests.e2e.processes import KEYS, Said, clockd
from tests.trackers_http.conftest import certificates
from tests.trackers_http.proxy import Proxy
from tests.trackers_http.servers import says, serve

PASSWORD = "of-the-proxy-0815"
ROWS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


async def check(tmp_path: Path, *, port: int, more: str, **env: str) -> Said:
    path = tmp_path / "clockd.toml"
    path.write_text(
        f'[terminal]\nstate_dir = "{tmp_path}"\ncontrol_socket = "{tmp_path}/s"\n[clock]\ntrust = "always"\n'
        f'[tracker]\nkind = "timetrack"\nurl = "https://localhost:{port}/base"\n{more}'
    )
    return await asyncio.to_thread(lambda: clockd("check", "--config", path, "--json", **env))


def tracker_of(said: Said) -> dict[str, object]:
    found: dict[str, object] = next(line for line in said.json if line["what"] == "tracker")
    return found


@pytest.mark.parametrize(
    ("password", "believed", "words"),
    [
        (PASSWORD, True, "answers, the key is right"),
        ("wrong", True, "tracker-proxy-password"),
        ("", True, "tracker-proxy-password"),
        (PASSWORD, False, 'tracker.ca = "/etc/clockd/ca.pem"'),
    ],
)
async def test_a_check_goes_the_way_of_the_configuration(
    password: str, believed: bool, words: str, tmp_path: Path
) -> None:
    made = certificates("localhost")
    (tmp_path / "ca.pem").write_bytes(made.authority)
    async with serve(says(ROWS), tls=made.server) as server:
        proxy = Proxy(server.port, "clock", PASSWORD)

        async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await proxy.behaviour(listening.requests)(reader, writer)

        async with serve(serves) as listening:
            more = f'proxy = "http://clock@127.0.0.1:{listening.port}"\n'
            more += f'ca = "{tmp_path}/ca.pem"\n' if believed else ""
            said = await check(tmp_path, port=server.port, more=more, CLOCKD_TRACKER_PROXY_PASSWORD=password)
    found = tracker_of(said)
    assert words in str(found["found"]) + str(found["hint"])
    assert found["ok"] == (words == "answers, the key is right")
    assert KEYS["CLOCKD_TIMETRACK_API_SECRET"].encode() not in b"".join(listening.requests)


def test_the_password_comes_from_the_environment_as_well() -> None:
    assert Secrets(None, {"CLOCKD_TRACKER_PROXY_PASSWORD": "x"}).find("tracker-proxy-password") is not None
