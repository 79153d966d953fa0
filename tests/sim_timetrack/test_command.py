"""What `clockd simulate timetrack` runs: options in words, files of users and projects, an account that stays."""

import asyncio
from pathlib import Path

import httpx
import pytest

from clockd.errors import UsageError
from clockd.sim.command import serve_until_cancelled, served
from clockd.sim.profile import BadProfile
from clockd.sim.timetrack.command import TimeTrackOptions, timetrack_from
from clockd.sim.timetrack.people import made_up_people, read_people, read_projects
from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import stamp


async def test_it_says_one_line_when_it_listens_and_ends_when_cancelled() -> None:
    said: list[str] = []
    ready = asyncio.Event()

    def say(line: str) -> None:
        said.append(line)
        ready.set()

    options = TimeTrackOptions(secret="hush", requests_per_minute=12)
    task = asyncio.create_task(serve_until_cancelled(timetrack_from(options), options, say))
    await ready.wait()
    (line,) = said
    url = line.split(" at ")[1].split(" ")[0]
    assert "strict" in line
    assert "12 requests per minute" in line
    assert "hush" not in line
    async with httpx.AsyncClient(
        headers={
            "X-TimeTrack-Api-Key": "sim-key",
            "X-TimeTrack-Api-Secret": "hush",
            "Content-Type": "application/json",
        }
    ) as client:
        assert len((await client.get(url + "/users")).json()) == 14
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_the_account_stays_over_a_restart(tmp_path: Path) -> None:
    options = TimeTrackOptions(state=tmp_path / "account.json", made_up_users=2)
    first = timetrack_from(options)
    async with (
        served(first, options) as shell,
        httpx.AsyncClient(base_url=shell.url, headers=first.headers()) as client,
    ):
        body = {"username": "ada", "date": stamp("16T07:00:05")}
        assert (await client.post("/attendance_timer/start", json=body)).status_code == 201
        gone = await client.post(
            "/attendances", json={"username": "grace", "from": stamp("15T08:00"), "to": stamp("15T09:00")}
        )
        await client.delete(f"/attendances/{gone.json()['ID']}")
        await client.post(
            "/timers/project_timer/start",
            json={"username": "ada", "date": stamp("16T07:00"), "clientName": "Client 001", "projectName": "Test"},
        )
        await client.post("/timers/project_timer/stop", json={"username": "ada", "date": stamp("16T07:10")})
        first.act({"act": "approve", "username": "grace", "day": "2026-11-15"}, shell.now_s())
        before = first.state(shell.now_s())
    second = timetrack_from(options)
    now_s = shell.now_s()
    same = {"now_local", "requests_last_minute"}
    assert {k: v for k, v in second.state(now_s).items() if k not in same} == {
        k: v for k, v in before.items() if k not in same
    }
    assert second.api.world.running("ada") is not None
    second.reset()
    assert second.state(now_s)["rows"] == before["rows"]


async def test_a_file_that_is_no_account_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text("{}")
    with pytest.raises(UsageError, match="no saved account"):
        timetrack_from(TimeTrackOptions(state=path))
    assert path.read_text() == "{}"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (TimeTrackOptions(profile="lax"), "strict, alt, alt2"),
        (TimeTrackOptions(answers={"double": "e"}), "double"),
        (TimeTrackOptions(answers={"doubles": "a"}), "a profile has no doubles"),
        (TimeTrackOptions(faults="storm"), "'storm' is no fault"),
        (TimeTrackOptions(crowd="cats=1"), "no such people: cats"),
        (TimeTrackOptions(crowd="web"), "a number per minute"),
        (TimeTrackOptions(zone="Europe/Atlantis"), "unknown zone"),
        (TimeTrackOptions(zone="../etc"), "unknown zone"),
        (TimeTrackOptions(requests_per_minute=0), "at least 1"),
        (TimeTrackOptions(users=Path("/nowhere.csv")), "cannot be read"),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(options: TimeTrackOptions, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        timetrack_from(options)


def test_single_answers_of_a_profile_can_be_changed_in_words() -> None:
    sim = timetrack_from(
        TimeTrackOptions(
            answers={"double": "c", "created": "200/204", "midnight_split": "true", "future_limit_s": "60"}
        )
    )
    assert (sim.profile.double, sim.profile.created) == ("c", (200, 204))
    assert (sim.profile.midnight_split, sim.profile.future_limit_s) == (True, 60.0)
    with pytest.raises(BadProfile):
        profile_named("strict", created="many")


def test_users_from_a_badges_file_a_csv_and_json(tmp_path: Path) -> None:
    badges = tmp_path / "badges.csv"
    badges.write_text(
        "uid,username,name\n04A1,ada,Ada Lovelace\n04A2,ada,Ada Lovelace\n04A3,jörg,Jörg\n", encoding="utf-8-sig"
    )
    assert [(p.username, p.first_name, p.last_name) for p in read_people(badges)] == [
        ("ada", "Ada", "Lovelace"),
        ("jörg", "Jörg", ""),
    ]
    listed = tmp_path / "users.json"
    listed.write_text(
        '[{"username": "ada", "personalNumber": 1234, "enabled": false}, {"username": "x", "noise": true}]'
    )
    ada, other = read_people(listed)
    assert (ada.personal_number, ada.enabled, ada.noise, other.noise) == (1234, False, False, True)
    jobs = tmp_path / "projects.csv"
    jobs.write_text("clientName,projectName,projectEnabled\nA,B,no\n")
    (job,) = read_projects(jobs)
    assert (job.client, job.name, job.enabled) == ("A", "B", False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nAda\n", "users.csv:2: no username"),
        ("username,personalNumber\nada,x\n", "is no number"),
        ("username,enabled\nada,perhaps\n", "neither true nor false"),
        ("[1]", "no list of objects"),
    ],
)
def test_a_users_file_that_is_wrong_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "users.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        read_people(path)


def test_made_up_people_are_as_many_as_asked_for_and_all_different() -> None:
    people = made_up_people(60, seed=1)
    ours = [person.username for person in people if not person.noise]
    assert len(ours) == len(set(ours)) == 60
    assert "jörg+x & co" in {person.username for person in people if person.noise}
    assert made_up_people(60, seed=1) == people != made_up_people(60, seed=2)
