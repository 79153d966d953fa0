"""`clockd run` and `clockd check` against `clockd simulate goodtime`, as processes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import EMAILS, uid_of
from tests.e2e.rig import Rig, bench
from tests.time.forged_clock import ForgedClock, build_preload

PEOPLE = len(EMAILS)
TRACKER = {"time_type": "working hours", "time_format": "%Y-%m-%dT%H:%M:%S", "quarantine_s": 1}
PROFILES: dict[str, dict[str, Any]] = {
    "strict": TRACKER,
    "alt": {**TRACKER, "time_format": "%Y-%m-%dT%H:%M", "token_prefix": ""},
    "alt2": {**TRACKER, "time_format": "epoch_ms", "token_header": "X-Auth-Token", "token_prefix": ""},
}
EVENING = datetime(2026, 11, 20, 19, 0, 20, tzinfo=UTC)
"""20:00 in Vienna."""


async def everybody_taps(rig: Rig, clock: ForgedClock, at: datetime, punches: int) -> None:
    """At one moment, one after the other."""
    await rig.serial.absent()
    clock.set_wall(at)
    rig.serial.tap(*map(uid_of, range(PEOPLE)))
    await rig.daemon.recorded(punches)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_night_half_of_it_offline_with_a_power_cut(tmp_path: Path, profile: str) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    clock.set_wall(EVENING)
    options = ("--profile", profile)
    async with bench(tmp_path, people=PEOPLE, env=clock.environ, tracker=PROFILES[profile], goodtime=options) as rig:
        await everybody_taps(rig, clock, EVENING, PEOPLE)
        await everybody_taps(rig, clock, EVENING + timedelta(hours=3), 2 * PEOPLE)
        await rig.daemon.settled(2 * PEOPLE)
        rig.simulator.stop()
        await everybody_taps(rig, clock, EVENING + timedelta(hours=3, minutes=30), 3 * PEOPLE)
        await everybody_taps(rig, clock, EVENING + timedelta(hours=8), 4 * PEOPLE)
        rig.daemon.kill()
        rig.simulator.start()
        await rig.daemon.start()
        punches = await rig.daemon.settled(4 * PEOPLE)
        split = profile != "strict"
        spans = [("20T20:00", "20T23:00"), ("20T23:30", "21T04:00")]
        if split:
            spans = [spans[0], ("20T23:30", "21T00:00"), ("21T00:00", "21T04:00")]
        expected = [(who, f"2026-11-{a}:00", f"2026-11-{b}:00") for a, b in spans for who in sorted(EMAILS)]
        assert await rig.simulator.booked() == expected
        assert all(len(p["delivery"]["entry_ids"]) == 1 for p in punches[: 2 * PEOPLE])
        assert all(len(p["delivery"]["entry_ids"]) == 1 + split for p in punches[2 * PEOPLE :])
        assert await rig.simulator.violations() == []


async def test_nothing_is_written_while_the_time_format_is_unknown(tmp_path: Path, command: Command) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    clock.set_wall(EVENING)
    tracker = {"time_type": "working hours"}
    async with bench(tmp_path, people=PEOPLE, env=clock.environ, tracker=tracker, goodtime=()) as rig:
        await everybody_taps(rig, clock, EVENING, PEOPLE)
        await everybody_taps(rig, clock, EVENING + timedelta(hours=3), 2 * PEOPLE)

        async def paused() -> bool:
            status = (await rig.daemon.status())["tracker"]
            return status["state"] == "paused" and 'time_format = "%Y-%m-%dT%H:%M' in status["detail"]

        await until(paused)
        assert await rig.simulator.rows() == []
        assert await rig.daemon.states() == ["waiting"] * 2 * PEOPLE
        words = {"begin": "2026-11-19T08:00", "end": "2026-11-19T12:00"}
        await rig.simulator.act("web-create", username=EMAILS[0], **words)
        await rig.simulator.act("expect-restart")
        rig.daemon.kill()
        await rig.daemon.start()
        await rig.daemon.settled(2 * PEOPLE)
        assert len(await rig.simulator.rows()) == 1 + PEOPLE
        assert await rig.simulator.violations() == []


async def test_the_whole_api_by_hand(tmp_path: Path, command: Command) -> None:
    async with bench(tmp_path, people=PEOPLE, tracker=TRACKER, goodtime=()) as rig:

        async def said(*words: str) -> Any:
            found = await command("goodtime", *words, "--socket", rig.daemon.socket)
            assert found.code == 0, found.err
            return found

        await until(lambda: ready(rig))
        types = (await said("timetypes", "--json")).json
        assert "working hours" in [kind["name"] for kind in types]
        assert [user["loginemail"] for user in (await said("users", "--json")).json] == sorted(EMAILS)
        for whose in ((), ("-u", EMAILS[2])):
            assert "Roof" in [job["name"] for job in (await said("projects", *whose, "--json")).json]
        span = ("-u", EMAILS[1], "--from", "2026-11-20 08:00", "--to", "2026-11-20 12:00")
        made = await said("entries", "create", *span, "--project", "Roof", "--time-type", "HOME Office")
        assert "from 2026-11-20 08:00:00 to 2026-11-20 12:00:00 Europe/Vienna, home office" in made.out
        (entry,) = (await said("entries", "list", *span, "--json")).json
        assert (entry["time_type_name"], entry["project_name"]) == ("home office", "Roof")
        assert "Roof" in (await said("entries", "list", *span)).out
        assert (entry["username"], entry["from_local"]) == (EMAILS[1], "2026-11-20T08:00:00")
        elsewhere: tuple[str, ...] = ("-u", EMAILS[1], "--at", "2026-10-01")
        nowhere: tuple[str, ...] = ()
        for words, part in ((nowhere, "whose it is"), (elsewhere, "not among")):
            refused = await command("goodtime", "entries", "delete", entry["id"], *words, "--socket", rig.daemon.socket)
            assert (refused.code, part in refused.err) == (1, True), refused
        day = ("-u", EMAILS[1], "--at", "2026-11-20")
        refused = await command("goodtime", "entries", "delete", entry["id"], *day, "--socket", rig.daemon.socket)
        assert (refused.code, "nothing was deleted" in refused.err) == (1, True), refused  # nobody says yes
        assert "2026-11-20 08:00 to 2026-11-20 12:00  home office  Roof" in refused.out
        assert await rig.simulator.requests("DELETE") == []
        await said("entries", "delete", entry["id"], *day, "--yes")
        assert (await said("entries", "list", *span, "--json")).json == []
        assert await rig.simulator.violations() == []


async def test_a_command_by_hand_starts_no_search(tmp_path: Path, command: Command) -> None:
    """The terminal waits for an entry to learn from, which only its own tries and `clockd sync` look for."""
    async with bench(tmp_path, people=PEOPLE, tracker={"time_type": "working hours"}, goodtime=()) as rig:
        await until(lambda: by_hand_is_asked_for(rig))
        before = len(await rig.simulator.requests())
        for words in (("timetypes",), ("users",), ("projects",)):
            assert (await command("goodtime", *words, "--socket", rig.daemon.socket)).code == 0
        await command("badges", "add", "--uid", "04A2B3C4D5E6F7", "-u", EMAILS[0], "--socket", rig.daemon.socket)
        assert len(await rig.simulator.requests()) - before <= 4


async def test_words_that_cannot_be_meant_reach_nobody(tmp_path: Path, command: Command) -> None:
    async with bench(tmp_path, people=1, tracker=TRACKER, goodtime=()) as rig:
        await until(lambda: ready(rig))
        whose = ("-u", EMAILS[0])
        before = len(await rig.simulator.requests())
        for words, part in (
            (("entries", "list", *whose, "--from", "0001-01-01", "--to", "9999-12-31"), "years from"),
            (("entries", "list", *whose, "--from", "2026-11-21", "--to", "2026-11-20"), "--to is before --from"),
            (("entries", "create", *whose, "--from", "0001-01-01 08:00", "--to", "0001-01-01 09:00"), "years from"),
            (("entries", "create", *whose, "--from", "2026-10-25 02:30", "--to", "2026-10-25 04:00"), "exists twice"),
            (("entries", "create", *whose, "--from", "2026-03-29 01:00", "--to", "2026-03-29 02:30"), "not exist"),
            (("projects", "-u", "\udcff"), "no text in UTF-8"),
        ):
            said = await command("goodtime", *words, "--socket", rig.daemon.socket)
            assert (said.code, part in said.err) == (2, True), said
        assert len(await rig.simulator.requests()) == before


async def test_a_locked_entry_is_looked_at_and_not_deleted(tmp_path: Path, command: Command) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    clock.set_wall(EVENING)
    lockable = ("--answer", "locking=true")
    async with bench(tmp_path, people=PEOPLE, env=clock.environ, tracker=TRACKER, goodtime=lockable) as rig:
        await everybody_taps(rig, clock, EVENING, PEOPLE)
        await everybody_taps(rig, clock, EVENING + timedelta(hours=3), 2 * PEOPLE)
        punches = await rig.daemon.settled(2 * PEOPLE)
        ours = punches[0]["delivery"]["entry_ids"][0]
        words = {"begin": "2026-11-19T08:00", "end": "2026-11-19T12:00"}
        theirs = (await rig.simulator.act("web-create", username=EMAILS[1], **words))["row"]

        async def deletes(*said: str) -> Any:
            before = len(await rig.simulator.requests("DELETE"))
            found = await command("goodtime", "entries", "delete", *said, "--socket", rig.daemon.socket)
            return found, len(await rig.simulator.requests("DELETE")) - before

        await rig.simulator.act("lock", until="2026-11-22T00:00")
        for said in ((ours,), (theirs.lower(), "-u", EMAILS[1], "--at", "2026-11-19")):
            found, sent = await deletes(*said)
            assert (found.code, sent) == (1, 0)
            assert "locked" in found.err
        found, sent = await deletes(theirs, "--yes")
        assert (found.code, sent) == (1, 0)
        assert "not known whose" in found.err
        await rig.simulator.act("unlock")
        found, sent = await deletes(ours, "-y")
        assert (found.code, sent, found.err) == (0, 1, "")
        found, sent = await deletes(theirs, "-u", EMAILS[1], "--at", "2026-01-01", "--yes")
        assert (found.code, sent) == (1, 0)
        assert "not among the entries" in found.err


async def ready(rig: Rig) -> bool:
    """Whether the terminal has got to know the account."""
    return bool((await rig.daemon.status())["tracker"]["last_success_at"])


async def test_who_asks_ends_the_rest_after_a_refused_login(tmp_path: Path, command: Command) -> None:
    async with bench(tmp_path, people=1, tracker=TRACKER, goodtime=()) as rig:
        await until(lambda: ready(rig))
        users = ("goodtime", "users", "--socket", rig.daemon.socket)
        await rig.simulator.act("switch-off")
        refused = await command(*users)
        assert refused.code == 1
        assert "REST API" in refused.err
        before = len(await rig.simulator.requests())
        assert (await command(*users)).code == 1
        assert len(await rig.simulator.requests()) == before + 1  # the login alone; nothing else is worth a request
        await rig.simulator.act("switch-on")
        said = await command(*users)
        assert said.code == 0, said.err


async def test_sync_tries_the_login_and_the_account_at_once(tmp_path: Path, command: Command) -> None:
    """By itself an account that is not understood is looked at once a minute, and the login would rest longer."""
    async with bench(tmp_path, people=1, tracker={**TRACKER, "time_type": "later"}, goodtime=()) as rig:

        async def says(part: str) -> bool:
            return part in str((await rig.daemon.status())["tracker"]["detail"])

        await until(lambda: says("none is called 'later'"))
        sync = ("sync", "--socket", rig.daemon.socket)
        await rig.simulator.act("switch-off")
        await command(*sync)
        await until(lambda: says("REST API"), within_s=10)
        await rig.simulator.act("switch-on")
        await command(*sync)
        await until(lambda: says("none is called 'later'"), within_s=10)


async def test_a_time_type_that_is_made_anew_counts_without_a_restart(tmp_path: Path, command: Command) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    clock.set_wall(EVENING)
    async with bench(tmp_path, people=PEOPLE, env=clock.environ, tracker=TRACKER, goodtime=()) as rig:
        await everybody_taps(rig, clock, EVENING, PEOPLE)
        await rig.simulator.act("drop-type", name="working hours")
        await everybody_taps(rig, clock, EVENING + timedelta(hours=3), 2 * PEOPLE)

        async def paused() -> bool:
            return "none is called 'working hours'" in str((await rig.daemon.status())["tracker"]["detail"])

        await until(paused)
        assert await rig.daemon.states() == ["waiting"] * 2 * PEOPLE
        await rig.simulator.act("add-type", name="working hours")
        await command("sync", "--socket", rig.daemon.socket)
        await rig.daemon.settled(2 * PEOPLE)
        assert len(await rig.simulator.rows()) == PEOPLE
        assert await rig.simulator.violations() == []


STEPS = ["reachable", "logged in", "time type", "users", "time format", "zone"]


@pytest.mark.parametrize("profile", PROFILES)
async def test_check_says_six_things(tmp_path: Path, command: Command, profile: str) -> None:
    options = ("--profile", profile)
    tracker = {**PROFILES[profile], "time_format": "auto"}
    async with bench(tmp_path, people=PEOPLE, tracker=tracker, goodtime=options) as rig:
        await until(lambda: by_hand_is_asked_for(rig))
        said = await command("check", "--config", rig.daemon.config, "--json")
        steps = {line["what"].removeprefix("tracker: "): line for line in said.json if "tracker" in line["what"]}
        assert list(steps) == STEPS[:5]
        assert steps["users"]["found"].startswith(f"{PEOPLE} of ours among ")  # the running daemon says who
        assert not steps["time format"]["ok"]
        assert "time_format = " in steps["time format"]["found"]  # what the terminal found out
        today = datetime.now(UTC).date().isoformat()
        words = {"begin": f"{today}T00:00", "end": f"{today}T00:10"}
        await rig.simulator.act("web-create", username=EMAILS[1], **words)
        await rig.daemon.enrol(1, ["nobody@example.com"])
        rig.daemon.kill()
        said = await command("check", "--config", rig.daemon.config, "--json")
        steps = {line["what"].removeprefix("tracker: "): line for line in said.json if "tracker" in line["what"]}
        assert list(steps) == STEPS
        assert "nobody@example.com" in steps["users"]["found"]
        assert [name for name in STEPS if not steps[name]["ok"]] == ["users"]
        assert PROFILES[profile]["time_format"] in steps["time format"]["found"]


@pytest.mark.parametrize("wrong", ["", "/goodtime-rs/api", "/goodtime-rs/goodtime-rs"])
async def test_check_explains_a_wrong_base_url(tmp_path: Path, command: Command, wrong: str) -> None:
    async with bench(tmp_path, people=1, tracker=TRACKER, goodtime=()) as rig:
        text = rig.daemon.config.read_text().replace("/goodtime-rs", wrong)
        file = tmp_path / "wrong.toml"
        file.write_text(text)
        said = await command("check", "--config", file, "--json")
        (step,) = [line for line in said.json if line["what"].startswith("tracker")]
        assert (said.code, step["what"], step["ok"]) == (1, "tracker: reachable", False)
        assert "does not know Goodtime's paths" in step["found"]
        assert "tracker.url must be everything before /api" in step["hint"]


@pytest.mark.parametrize("others", [30, 25])
async def test_check_says_when_the_requests_of_the_minute_are_used_up(
    tmp_path: Path, command: Command, others: int
) -> None:
    async with bench(tmp_path, people=1, limit=30, tracker=TRACKER, goodtime=()) as rig:
        await until(lambda: ready(rig))
        await rig.simulator.act("neighbour", requests=others)
        said = await command("check", "--config", rig.daemon.config, "--json")
        steps = [line for line in said.json if line["what"].startswith("tracker")]
        assert steps[-1]["what"] == "tracker: requests"
        assert "used up" in steps[-1]["found"]
        assert "in a minute" in steps[-1]["hint"]
        assert all(step["ok"] for step in steps[:-1])


async def by_hand_is_asked_for(rig: Rig) -> bool:
    """Whether the terminal waits for an entry to learn from."""
    return "enter one by hand" in str((await rig.daemon.status())["tracker"]["detail"])


async def test_check_has_its_say_beside_a_terminal_that_waits(tmp_path: Path, command: Command) -> None:
    """A new account: nobody has an entry, and four forms are tried until one is understood."""
    tracker = {"time_type": "working hours"}
    answers = ("--answer", "time_form=iso-z")
    async with bench(tmp_path, people=PEOPLE, limit=30, tracker=tracker, goodtime=answers) as rig:
        await until(lambda: by_hand_is_asked_for(rig))
        waiting = len(await rig.simulator.requests())
        said = await command("check", "--config", rig.daemon.config, "--json")
        steps = [line for line in said.json if line["what"].startswith("tracker")]
        assert [step["what"].removeprefix("tracker: ") for step in steps] == STEPS[:5]
        assert "enter one by hand" in steps[-1]["found"]
        assert "or at once with clockd sync" in steps[-1]["hint"]
        assert waiting <= 9  # with a login
        assert len(await rig.simulator.requests()) - waiting <= 5  # it asks nothing that the terminal found out
        assert await rig.simulator.violations() == []


async def test_an_entry_by_hand_is_noticed_at_once_when_somebody_asks(tmp_path: Path, command: Command) -> None:
    async with bench(tmp_path, people=PEOPLE, tracker={"time_type": "working hours"}, goodtime=()) as rig:
        await until(lambda: by_hand_is_asked_for(rig))
        today = datetime.now(UTC).date().isoformat()
        await rig.simulator.act("web-create", username=EMAILS[2], begin=f"{today}T00:00", end=f"{today}T00:10")
        await command("sync", "--socket", rig.daemon.socket)
        await until(lambda: ready(rig), within_s=10)
        assert await rig.simulator.violations() == []


async def test_check_asks_nothing_twice(tmp_path: Path, command: Command) -> None:
    """Each employee who is not shown makes it look whether the login still works."""
    closed = ("--answer", "closed_look=refused", "--answer", "closed_status=403")
    async with bench(tmp_path, people=PEOPLE, tracker={**TRACKER, "time_format": "auto"}, goodtime=closed) as rig:
        rig.daemon.kill()
        for email in EMAILS[:PEOPLE]:
            await rig.simulator.act("close", username=email)
        before = len(await rig.simulator.requests())
        await command("check", "--config", rig.daemon.config, "--json")
        asked = [(one["method"], one["path"], str(one.get("query"))) for one in await rig.simulator.requests()][before:]
        assert len(asked) == len(set(asked)) > 3, asked
