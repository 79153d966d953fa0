"""`/metrics`: every figure of a real terminal, for those alone who have a token."""

import asyncio

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from clockd.core.alerts import Alarm
from clockd.web.bearer import ASKS_AT_ONCE
from clockd.web.tokens import new_token
from clockd.web.turnstile import Turnstile
from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import uid_of, username_of
from tests.e2e.rig import Rig
from tests.watch.process import Page, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 3, "readers": ["serial", "desk"], "panel": True}


def figures(text: str) -> dict[str, float]:
    """Return the value of each series, by its name and labels."""
    return {
        sample.name + "".join(f"|{key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_figures_are_those_of_the_status(rig: Rig, page: Page, token: str) -> None:
    rig.desk.terminal.tap(uid_of(0).hex)
    rig.desk.terminal.tap(uid_of(99).hex)

    async def held() -> bool:
        return bool((await rig.daemon.status())["outbox"]["held"])

    await until(held)
    await until(lambda: delivered(rig))
    answer = await asyncio.to_thread(page.get, "/metrics", token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = figures(answer.text)
    assert found["clockd_up"] == 1
    assert found["clockd_punches_total"] == 2
    assert found["clockd_outbox_punches|state=held"] == 1
    assert found["clockd_outbox_punches|state=delivered"] == 1
    assert found["clockd_tracker_up"] == found["clockd_clock_synchronized"] == 1
    assert found["clockd_reader_up|kind=serial|reader=1"] == found["clockd_reader_up|kind=desk|reader=2"] == 1
    assert found["clockd_panel_up|part=oled"] == 1
    assert found["clockd_disk_free_bytes"] > 0
    assert found["clockd_troubles|kind=held"] == 1
    assert {f"clockd_troubles|kind={alarm}" for alarm in Alarm if alarm is not Alarm.SILENT} <= set(found)
    assert (username_of(0) in answer.text, uid_of(0).hex[-4:] in answer.text) == (False, False)
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation.endswith((".", "1 for the state it is in.", "0 without one."))


async def delivered(rig: Rig) -> bool:
    return bool((await rig.daemon.status())["outbox"]["delivered"])


async def test_who_understands_openmetrics_gets_it(page: Page, token: str) -> None:
    answer = await asyncio.to_thread(page.get, "/metrics", token, Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer clockd_" + "A" * 43])
@pytest.mark.parametrize("path", ["/metrics", "/api/v1/status"])
async def test_without_a_token_nothing_is_told(page: Page, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await asyncio.to_thread(httpx.get, page.url.rstrip("/") + path, headers=headers, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "front-door" not in answer.text


async def test_a_token_for_figures_reads_of_nobody(page: Page, clockd: Command) -> None:
    token = (await clockd("accounts", "token", "prometheus", "--figures")).out.strip()
    assert "figures" in (await clockd("accounts", "token")).out
    assert (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 200
    for path in ("/api/v1/people", "/api/v1/hours?from=2026-11-21", "/api/v1/status", "/api/v1/punches/x"):
        answer = await asyncio.to_thread(page.get, path, token)
        assert (answer.status_code, "opens /metrics alone" in answer.json()["detail"]) == (403, True)


async def test_a_token_that_was_revoked_opens_nothing(rig: Rig, page: Page, clockd: Command) -> None:
    token = await token_of(rig.daemon, "gone")
    assert (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 200
    assert (await clockd("accounts", "token", "gone", "--revoke")).code == 0

    async def refused() -> bool:
        return (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 401

    await until(refused)


async def test_one_token_cannot_keep_the_terminal_busy(rig: Rig, page: Page) -> None:
    token = await token_of(rig.daemon, "greedy")
    codes = [(await asyncio.to_thread(page.get, "/api/v1/people", token)).status_code for _ in range(ASKS_AT_ONCE + 40)]
    assert set(codes) <= {200, 429}
    assert codes.count(200) >= ASKS_AT_ONCE


async def test_tokens_cannot_be_tried_out_and_no_familiar_one_is_refused_for_it(page: Page, token: str) -> None:
    """The daemon is asked about a few of them alone."""
    assert (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 200
    codes = [(await asyncio.to_thread(page.get, "/metrics", new_token())).status_code for _ in range(20)]
    assert set(codes) == {401, 429}
    answer = await asyncio.to_thread(page.get, "/metrics", new_token())
    assert int(answer.headers["retry-after"]) >= 1
    assert (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 200


async def test_a_silent_daemon_is_a_figure_too(rig: Rig, page: Page, token: str) -> None:
    """The last test that needs the daemon: nobody answers afterwards."""
    assert (await asyncio.to_thread(page.get, "/metrics", token)).status_code == 200
    rig.daemon.kill()
    answer = await asyncio.to_thread(page.get, "/metrics", token)
    assert (answer.status_code, figures(answer.text)) == (200, {"clockd_up": 0})
    assert (await asyncio.to_thread(page.get, "/api/v1/status", token)).status_code == 503
    assert (await asyncio.to_thread(page.get, "/metrics", new_token())).status_code in (429, 503)


async def test_a_pace_is_kept_by_each() -> None:
    now_s = 0.0
    pace = Turnstile(lambda: now_s, 2.0, 3)
    assert [pace.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    assert pace.take("b") == 0
    now_s = 2.0
    assert (pace.take("a"), pace.take("a")) == (0, 2.0)
    now_s = 1000.0
    assert [pace.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    for n in range(100_000):
        pace.take(str(n))
    assert len(pace._free_s) <= 1024
