"""`clockd timetrack …`: every verb, against the simulator."""

from typing import Any

import httpx
import pytest

from clockd.cli import timetrack
from clockd.errors import UsageError
from clockd.trackers.timetrack import attendances, projects
from tests.e2e.conftest import Command
from tests.e2e.processes import KEY, SECRET
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 2, "readers": ["desk"]}
U = ("-u", "user000")


@pytest.fixture
def tt(clockd: Command) -> Command:
    """`clockd timetrack`, and then these words; must end with the code and say the part."""

    async def run(*words: object, code: int = 0, part: str = "") -> Any:
        said = await clockd("timetrack", *words)
        assert said.code == code, said
        assert part in (said.err if code else said.out), said
        return said

    return run


async def test_attendances(rig: Rig, tt: Any) -> None:
    day = ("--from", "2026-03-02 08:00", "--to", "2026-03-02 12:00")
    made = await tt("attendances", "create", *U, *day, "--break-minutes", 30, "--note", 'Grüße, "Ω"', part="done: ")
    entry = made.out.split()[1]
    await tt("attendances", "create", *U, "--from", "2026-03-02 12:00", "--to", "2026-03-02 08:00", code=2, part="--to")
    await tt("attendances", "create", "-u", "nobody", *day, code=1, part="no user nobody")
    await tt("attendances", "create", *U, "--from", "8 o'clock", "--to", "x", code=2, part="is no time")
    shown = (await tt("attendances", "show", entry)).json
    assert (shown["from_local"], shown["break_minutes"], shown["note"]) == ("2026-03-02T08:00:00", 30, 'Grüße, "Ω"')
    assert (await tt("attendances", "list", "--json")).json == [shown]
    assert (await tt("attendances", "list", *U, "--from", "2026-03-02 11:00", "--to", "2026-03-03", "--json")).json
    assert (await tt("attendances", "list", *U, "--from", "2026-03-02 12:01", "--json")).json == []
    assert (await tt("attendances", "list", "-u", "USER000", "--json")).json in ([], [shown])
    assert "2026-03-02 08:00:00" in (await tt("attendances", "list")).out
    await tt("attendances", "update", entry, code=2, part="nothing to change")
    await tt("attendances", "update", entry, "--to", "2026-03-02 13:00", "--note", "")
    assert (await tt("attendances", "show", entry)).json["to_local"] == "2026-03-02T13:00:00"
    assert (await tt("attendances", "show", entry)).json["break_minutes"] == 30  # what was not named stays
    await tt("attendances", "delete", entry, part="deleted")
    assert await rig.simulator.booked() == []
    missing = await tt("attendances", "show", 99999, "--json", code=1)
    assert missing.json["error"]["exit_code"] == 1
    await tt("attendances", "update", 99999, "--note", "x", code=1, part="TimeEntry not found")
    await tt("attendances", "delete", 99999, code=1, part="TimeEntry not found")


async def test_where_an_attendance_began_and_ended(rig: Rig, tt: Any) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        body: dict[str, object] = {
            "username": "user000",
            "from": "2026-03-02T08:00:00.000Z",
            "to": "2026-03-02T12:00:00.000Z",
        }
        body |= {"latitudeStart": 48.2082, "longitudeStart": "16.3738", "latitudeEnd": "-33", "longitudeEnd": "0.00001"}
        headers = {"X-TimeTrack-Api-Key": KEY, "X-TimeTrack-Api-Secret": SECRET}
        made = await client.post(f"{rig.simulator.url}/attendances", json=body, headers=headers)
        assert made.is_success
    table = (await tt("attendances", "list")).out
    assert "begun at" in table
    shown = (await tt("attendances", "list", "--json")).json
    keys = ("latitude_start", "longitude_start", "latitude_end", "longitude_end")
    assert [shown[0][key] for key in keys] == [48.2082, 16.3738, -33.0, 0.00001]
    assert "begun_at" not in shown[0]
    assert (await tt("attendances", "show", shown[0]["id"])).json == shown[0]
    await tt("attendances", "delete", shown[0]["id"])
    assert "begun at" not in (await tt("attendances", "list")).out


async def test_what_timetrack_wrote_is_read_as_it_means_it(rig: Rig, tt: Any) -> None:
    """Its own texts can be pasted into every command that takes a time, and what was booked is said."""
    day = ("--from", "2026-03-09T10:00:00.000Z", "--to", "2026-03-09T12:00:00.000Z")
    made = await tt("attendances", "create", *U, *day)
    assert "from 2026-03-09 10:00:00 to 2026-03-09 12:00:00 Europe/Vienna" in made.out
    ((_, begin, end),) = await rig.simulator.booked()
    assert (begin[:19], str(end)[:19]) == ("2026-03-09T10:00:00", "2026-03-09T12:00:00")
    entry = made.out.split()[1]
    assert (await tt("attendances", "list", *day, "--json")).json[0]["id"] == entry
    changed = await tt("attendances", "update", entry, "--to", "2026-03-09T13:00:00Z")
    assert "to 2026-03-09 13:00:00 Europe/Vienna" in changed.out
    again = await tt("attendances", "update", entry, "--to", "2026-03-09T13:30:00Z", "--json")
    assert again.json == {"done": True, "ids": [entry], "about": "to 2026-03-09 13:30:00 Europe/Vienna"}
    deleted = await tt("attendances", "delete", entry, "--json")
    assert deleted.json == {"done": True, "ids": [entry], "about": None}
    started = await tt("timer", "start", *U, "--at", "2026-03-09T14:00:00.000Z")
    assert "at 2026-03-09 14:00:00 Europe/Vienna" in started.out
    stopped = await tt("timer", "stop", *U, "--at", "2026-03-09T15:00:00.000Z")
    assert "at 2026-03-09 15:00:00 Europe/Vienna" in stopped.out
    await tt("attendances", "delete", started.out.split()[1])


LIST = ("attendances", "list")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((*LIST, "--from", "0001-01-01"), "years from"),
        ((*LIST, "--to", "9999-12-31"), "years from"),
        ((*LIST, "--from", "9999-12-31T23:59:59-12:00"), "years from"),
        ((*LIST, "--from", "2026-03-03", "--to", "2026-03-02"), "--to is before --from"),
        ((*LIST, "-u", "\udcff"), "no text in UTF-8"),
        (("timer", "show", "-u", "\udcff"), "no text in UTF-8"),
        (("projects", "show", "\udcff"), "no text in UTF-8"),
        (("projects", "create", "--client", "C", "--name", "P", "--hour-rate", "nan"), "no number"),
        (("projects", "update", "1", "--budget", "1e999"), "no number"),
    ],
)
async def test_words_that_cannot_be_meant_reach_nobody(rig: Rig, tt: Any, words: tuple[str, ...], part: str) -> None:
    before = len(await rig.simulator.requests())
    await tt(*words, code=2, part=part)
    assert len(await rig.simulator.requests()) == before


@pytest.mark.parametrize(
    ("night", "part"),
    [("2026-03-29 02:30", "does not exist"), ("2026-10-25 02:30", "exists twice")],
)
async def test_the_nights_the_clocks_change(rig: Rig, tt: Any, night: str, part: str) -> None:
    day = night[:10]
    before = len(await rig.simulator.requests())
    for words in (
        ("attendances", "create", *U, "--from", night, "--to", f"{day} 06:00"),
        ("attendances", "create", *U, "--from", f"{day} 00:30", "--to", night),
        ("attendances", "update", "1", "--to", night),
        ("timer", "start", *U, "--at", night),
        ("project-timer", "stop", *U, "--at", night),
    ):
        await tt(*words, code=2, part=part)
    assert len(await rig.simulator.requests()) == before
    await tt("attendances", "list", "--from", night)  # to look around it is no harm


async def test_a_list_that_is_not_whole_says_so(tt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timetrack, "MOST_LIST_PAGES", 1)
    for what in ("attendances", "projects"):
        assert (await tt(what, "list")).err == ""
    for module in (attendances, projects):
        monkeypatch.setattr(module, "is_last", lambda rows: False)
    for what in ("attendances", "projects"):
        assert "stopped after 1 pages" in (await tt(what, "list", "--json")).err


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"method": "POST", "path": "/projects", "body": {"hourRate": float("nan")}}, "not a request"),
        ({"method": "GET", "path": "/attendances", "query": [["username", "\udcff"]]}, "UTF-8"),
        ({"method": "GET"}, "path"),
        (None, "not a request"),
    ],
)
async def test_the_daemon_itself_refuses_what_cannot_be_sent(rig: Rig, request_: Any, why: str) -> None:
    before = len(await rig.simulator.requests())
    with pytest.raises(UsageError, match=why):
        await rig.daemon.ask("tracker.request", request=request_)
    with pytest.raises(UsageError, match="UTF-8"):
        await rig.daemon.ask("badges.add", uid="04A2B3C4", username="\udcff", name="")
    assert len(await rig.simulator.requests()) == before


async def test_projects(tt: Any) -> None:
    before = (await tt("projects", "list", "--json")).json
    made = await tt("projects", "create", "--client", "Client 001", "--name", "Dach", "--notes", "Ö", "--budget", 12.5)
    project = made.out.split()[1]
    shown = (await tt("projects", "show", project)).json
    assert (shown["client"], shown["name"], shown["notes"]) == ("Client 001", "Dach", "Ö")
    assert shown in (await tt("projects", "list", "--json")).json
    assert len((await tt("projects", "list", "--json")).json) == len(before) + 1
    both = (await tt("projects", "list", "--name", "Test", "--client", "Client 001", "--json")).json
    assert {row["name"] for row in both} == {"Test", "Test 2"}
    exact = (await tt("projects", "list", "--name", "Test", "--client", "Client 001", "--exact", "--json")).json
    assert [row["name"] for row in exact] == ["Test"]
    await tt("projects", "update", project, code=2, part="nothing to change")
    await tt("projects", "update", project, "--name", "Dach 2", "--disabled")
    changed = (await tt("projects", "show", project)).json
    assert (changed["name"], changed["enabled"], changed["notes"]) == ("Dach 2", False, "Ö")
    assert "no" in (await tt("projects", "list", "--name", "Dach 2")).out.split()
    await tt("projects", "delete", project, part="deleted")
    await tt("projects", "show", project, code=1)
    await tt("projects", "delete", 99999, code=1, part="Project not found")


async def test_the_attendance_timer(rig: Rig, tt: Any) -> None:
    nothing = await tt("timer", "show", *U, code=1, part="no timer runs for user000")
    assert nothing.json is None
    started = await tt("timer", "start", *U, "--at", "2026-03-03 08:00", part="done: ")
    shown = (await tt("timer", "show", *U, "--json")).json
    assert (shown["id"], shown["from_local"], shown["to_local"]) == (
        started.out.split()[1],
        "2026-03-03T08:00:00",
        None,
    )
    await tt("timer", "start", *U, code=1, part="already running")
    await tt("timer", "stop", *U, "--at", "2026-03-03 16:30")
    assert await rig.simulator.booked() == [("user000", "2026-03-03T08:00:00", "2026-03-03T16:30:00")]
    await tt("timer", "stop", *U, code=1, part="No timer is running")
    await tt("timer", "start", "-u", "nobody", code=1, part="no user nobody")


async def test_the_project_timer(tt: Any) -> None:
    on = ("--client", "Client 001", "--project", "Test")
    assert (await tt("project-timer", "show", *U, code=1, part="no project timer")).json is None
    await tt("project-timer", "start", *U, "--client", "Client 001", "--project", "Nowhere", code=1, part="not found")
    await tt("project-timer", "pause", *U, code=1)
    for verb, state in (("start", "playing"), ("pause", "paused"), ("resume", "playing"), ("stop", "stopped")):
        await tt("project-timer", verb, *U, *(on if verb == "start" else ()), part="done")
        shown = (await tt("project-timer", "show", *U, code=0 if state != "stopped" else 1)).json
        if state != "stopped":
            assert (shown["state"], shown["client"], shown["project"]) == (state, "Client 001", "Test")
    await tt("project-timer", "stop", *U, code=1)


async def test_it_stays_within_the_rules(rig: Rig) -> None:
    assert await rig.simulator.violations() == []
