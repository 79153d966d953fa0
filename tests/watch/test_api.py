"""`/api/v1`: the documents of the commands, for programs; and that nothing a program sends is a mistake of ours."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from clockd.web.api_document import openapi
from tests.cli.test_documents import PUNCHES, STATUS, lacking
from tests.e2e.conftest import Command
from tests.e2e.people import uid_of, username_of
from tests.e2e.rig import Rig
from tests.watch.process import Page, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 13, "readers": ["desk"], "panel": True, "limit": 600}
KEPT = Path(__file__).parent / "openapi.json"


@pytest.fixture
def get(page: Page, token: str) -> Any:
    async def get(path: str) -> Any:
        answer = await asyncio.to_thread(page.get, "/api/v1" + path, token)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    return get


async def test_the_documents_are_those_of_the_commands(rig: Rig, clockd: Command, get: Any) -> None:
    for n in (0, 1, 99):
        count = len(await rig.daemon.punches())
        rig.desk.terminal.tap(uid_of(n).hex)
        await rig.daemon.recorded(count + 1)
    status, page = await get("/status"), await get("/punches")
    assert lacking(STATUS, status) == []
    assert lacking(PUNCHES, [punch for punch in page["punches"] if punch["username"]]) == []
    assert [punch["id"] for punch in page["punches"]] == [p["id"] for p in (await clockd("punches", "--json")).json]
    assert (await get("/punches?order=oldest"))["punches"] == page["punches"][::-1]
    held = (await get("/punches?state=held"))["punches"]
    assert [punch["username"] for punch in held] == [None]
    mine = (await get(f"/punches?username={username_of(0)}"))["punches"]
    assert {punch["username"] for punch in mine} == {username_of(0)}
    story = await get(f"/punches/{mine[0]['id']}")
    assert story["story"][0]["what"] == "punch"
    assert (await get("/people"))["people"] == (await clockd("people", "list", "--json")).json
    today = datetime.fromisoformat(mine[0]["local"]).date()
    span = f"from={today - timedelta(days=1)}&days=3"
    (sheet,) = (await get(f"/hours?{span}&username={username_of(0)}"))["hours"]
    assert sheet["username"] == username_of(0)
    everybody = await get(f"/hours?{span}")
    assert [sheet["username"] for sheet in everybody["hours"]] == [username_of(0), username_of(1)]
    assert everybody["next"] is None
    for n in range(2, 13):
        count = len(await rig.daemon.punches())
        rig.desk.terminal.tap(uid_of(n).hex)
        await rig.daemon.recorded(count + 1)
    more = await get(f"/hours?{span}")
    seen = [sheet["username"] for sheet in more["hours"]]
    while more["next"] is not None:
        more = await get(f"/hours?{span}&cursor={more['next']}")
        seen += [sheet["username"] for sheet in more["hours"]]
    assert seen == [username_of(n) for n in range(13)]


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/punches?stat=held", 400, "unknown parameter"),
        ("/punches?state=lost", 400, "state is one of"),
        ("/punches?state=held&state=held", 400, "twice"),
        ("/punches?order=up", 400, "order"),
        ("/punches?cursor=-1", 400, "cursor"),
        ("/punches?cursor=99999999999", 400, "cursor"),
        ("/punches?cursor=٣", 400, "cursor"),
        ("/punches?username=", 400, "username"),
        ("/punches?username=%20", 400, "username"),
        ("/punches?username=a%20", 400, "no blanks around"),
        ("/punches?username=a%0Ab", 400, "no blanks around"),
        ("/punches/%20x", 400, "no blanks around"),
        ("/punches/nothing", 404, "no punch"),
        ("/punches/%00", 404, "no punch"),
        ("/hours", 400, "from is a day"),
        ("/hours?from=2026-13-01", 400, "from is a day"),
        ("/hours?from=20261101", 400, "from is a day"),
        ("/hours?from=2026-11-02&days=0", 400, "days is a whole number from 1 to 40"),
        ("/hours?from=2026-11-02&days=41", 400, "days is a whole number from 1 to 40"),
        ("/hours?from=0001-01-01&days=40", 404, "nobody worked in 1"),
        ("/hours?from=9999-12-31&days=40", 404, "nobody worked in 9999"),
        ("/nothing", 404, "no such path"),
        ("/status/..%2fpunches", 404, "no such path"),
        ("", 404, "no such path"),
    ],
)
async def test_what_cannot_be_asked_for_is_a_sentence(page: Page, token: str, path: str, code: int, said: str) -> None:
    answer = await asyncio.to_thread(page.get, "/api/v1" + path, token)
    assert (answer.status_code, answer.headers["content-type"]) == (code, "application/problem+json"), answer.text
    found = answer.json()
    assert (found["status"], said in found["detail"]) == (code, True), found


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"])
async def test_nothing_is_changed_here(page: Page, token: str, method: str) -> None:
    for path in ("/api/v1/punches", "/metrics", "/api/v1/openapi.json", "/api/x"):
        headers = {"Authorization": f"Bearer {token}"}
        ask = partial(httpx.request, method, page.url.rstrip("/") + path, headers=headers, trust_env=False)
        answer = await asyncio.to_thread(ask)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_head_is_a_get_without_its_body(page: Page, token: str) -> None:
    for path in ("/api/v1/people", "/metrics"):
        ask = partial(httpx.head, page.url.rstrip("/") + path, headers={"Authorization": f"Bearer {token}"})
        answer = await asyncio.to_thread(ask, trust_env=False)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_the_description_is_served_to_all_and_is_the_one_that_is_kept(page: Page) -> None:
    """To change what is kept on purpose: CLOCKD_KEEP=1 pytest …; a diff then shows what programs have to learn."""
    answer = await asyncio.to_thread(page.get, "/api/v1/openapi.json")
    assert answer.json() == openapi()
    if os.environ.get("CLOCKD_KEEP"):
        KEPT.write_text(json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n")
    assert json.loads(KEPT.read_text()) == openapi()


async def test_whatever_a_program_sends_it_gets_what_is_described(rig: Rig, page: Page) -> None:
    """schemathesis makes requests out of the description, right ones and wrong ones."""
    rig.desk.terminal.tap(uid_of(0).hex)
    tokens = [await token_of(rig.daemon, f"machine{n}") for n in range(60)]
    code, said = await asyncio.to_thread(schemathesis, page, tokens, "--checks", "all")
    assert code == 0, said


async def test_control_a_description_that_is_wrong_is_seen(rig: Rig, page: Page) -> None:
    tokens = [await token_of(rig.daemon, f"control{n}") for n in range(10)]
    wrong: Any = openapi()
    wrong["components"]["schemas"]["People"]["required"] += ["animals"]
    file = page.folder / "wrong.json"
    file.write_text(json.dumps(wrong))
    code, said = await asyncio.to_thread(schemathesis, page, tokens, "--include-path", "/people", location=str(file))
    assert (code, "animals" in said) == (1, True), said


def schemathesis(page: Page, tokens: list[str], *options: str, location: str = "") -> tuple[int, str]:
    """Run it; return its exit code and what it says."""
    file = page.folder / "tokens"
    file.write_text("\n".join(tokens))
    base = page.url.rstrip("/") + "/api/v1"
    command = [sys.executable, "-m", "schemathesis.cli", "run", location or f"{base}/openapi.json", "--url", base]
    command += [*options, "--phases", "examples,coverage,fuzzing", "--max-examples", "25"]
    command += ["--generation-deterministic", "--no-color", "--continue-on-failure"]
    env = {**os.environ, "CLOCKD_TOKENS": str(file), "SCHEMATHESIS_HOOKS": "tests.watch.many_tokens"}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, cwd=page.folder)
    return done.returncode, done.stdout + done.stderr
