"""The login around every request: one for many, once more when it is refused, never a loop."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

import pytest

from clockd.config import Secret
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    Forbidden,
    NotApplied,
    NotSent,
    Paused,
    Rejected,
    Reply,
    Throttled,
    Unknown,
)
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.profile import ALT, ALT2, PROFILES, STRICT, Profile, profile_named
from clockd.trackers.goodtime.session import PROJECTS_KEPT_S, Login
from clockd.trackers.goodtime.wire import calls
from tests.trackers_goodtime.rig import ADA, ANNA, CLOSED, UMLAUT, Rig, entry, in_virtual_time, rig

HOURS = ("06:00", "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00")
DAY = list(itertools.pairwise(HOURS))


def day(username: str) -> list[CreateEntry]:
    return [entry(username, f"13T{begin}", f"13T{end}") for begin, end in DAY if begin >= "12:00"]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_one_login_for_many_requests(profile: Profile) -> None:
    async def work() -> None:
        them = rig(replace(profile, empty_chance=0.0))
        codec = await them.codec()
        for write in day(ADA):
            assert isinstance(await them.write(codec, write), Accepted)
        assert them.sim.api.tokens.good == them.session.logins == 1
        assert them.sim.violations() == []

    in_virtual_time(work)


@pytest.mark.parametrize(
    "form", ["raw", "quoted", "token", "jwt", "access_token", "accessToken", "id_token", "nested", "header"]
)
def test_every_form_of_the_login_reply(form: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", login_forms=form))
        assert isinstance(await them.session.exchange(calls.timetypes()), Reply)
        assert them.sim.api.tokens.good == 1

    in_virtual_time(work)


@pytest.mark.parametrize("expired_status", [401, 403])
@pytest.mark.parametrize("single_flight", [True, False])
def test_a_token_that_dies_under_parallel_work_costs_one_login(expired_status: int, single_flight: bool) -> None:
    """With `single_flight` off everybody logs in: the negative control, which the simulator's own rule catches too."""

    async def work() -> None:
        them = rig(profile_named("strict", expired_status=expired_status), session={"single_flight": single_flight})
        codec = await them.codec()
        them.act("revoke-tokens")
        writes = [write for name in (ADA, ANNA, UMLAUT) for write in day(name)]
        verdicts = await asyncio.gather(*(them.write(codec, write) for write in writes))
        assert all(isinstance(verdict, Accepted) for verdict in verdicts)
        assert len(them.sim.rows()) == 1 + len(writes)
        if single_flight:
            assert them.session.logins == 2
            assert them.sim.violations() == []
        else:
            assert them.session.logins > 2
            assert "logins came while the token before was good" in str(them.sim.violations())

    in_virtual_time(work)


@pytest.mark.parametrize("says_exp", [True, False])
def test_a_token_that_grows_old_is_renewed_once_each_time(says_exp: bool) -> None:
    async def work() -> None:
        them = rig(replace(STRICT, token_s=600, says_exp=says_exp))
        codec = await them.codec()
        for write in day(ADA):
            await asyncio.sleep(400)
            assert isinstance(await them.write(codec, write), Accepted)
        assert them.sim.violations() == []
        assert 2 <= them.session.logins <= 4
        refused = [arrival for arrival in them.sim.front.journal.arrivals if arrival.result == "401"]
        # a token that tells its lifetime is not even tried when it is over
        assert len(refused) == (0 if says_exp else them.session.logins - 1)

    in_virtual_time(work)


def test_a_lifetime_is_only_a_hint() -> None:
    """A token that dies before its time is renewed all the same; one that claims to live a second is not believed."""

    async def work() -> None:
        them = rig(replace(STRICT, token_s=7200))
        codec = await them.codec()
        for issued in them.sim.api.tokens.issued.values():
            issued.expires_s = them.now_s
        assert isinstance(await them.write(codec, entry()), Accepted)
        assert them.session.logins == 2

        them = rig(replace(STRICT, token_s=1))
        await them.session.exchange(calls.timetypes())
        for issued in them.sim.api.tokens.issued.values():
            issued.expires_s = them.now_s + 1e6
        await asyncio.sleep(30)
        await them.session.exchange(calls.timetypes())
        assert them.session.logins == 1

    in_virtual_time(work)


def test_parallel_work_shares_a_login_that_fails() -> None:
    async def work() -> None:
        them = rig(faults=parse_rules("fail-before:502@write"))
        answers = await asyncio.gather(*(them.session.exchange(calls.timetypes()) for _ in range(10)))
        assert {type(answer) for answer in answers} == {NotSent}
        assert them.session.logins == 1
        await them.session.exchange(calls.timetypes())
        assert them.session.logins == 2

    in_virtual_time(work)


# --- wrong password ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rests", [True, False])
@pytest.mark.parametrize("refused_status", [400, 401, 403, 200])
def test_a_wrong_password_pauses_and_locks_nothing_out(refused_status: int, rests: bool) -> None:
    """Half a day in which each minute something is asked. Without the rest (the control) the login is soon locked."""

    async def work() -> None:
        them = rig(profile_named("strict", refused_status=refused_status), session={"rests": rests})
        them.login = Login(them.sim.email, Secret("wrong"))
        for _ in range(720):
            answer = await them.session.exchange(calls.timetypes())
            found = calls.read_named(answer)
            assert isinstance(found, Paused if refused_status != 200 else NotApplied)
            if isinstance(found, Paused):
                assert found.reason == "credentials"
                assert "goodtime-api-password" in found.why
            await asyncio.sleep(60)
        if rests:
            assert them.sim.api.tokens.locked_out == 0
            assert them.session.logins < (20 if refused_status != 200 else 150)
        else:
            assert them.sim.api.tokens.locked_out > 0

    in_virtual_time(work)


def test_parallel_work_with_a_wrong_password_asks_once() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec(time_format="%FT%T")
        them.act("change-password", password="changed")
        verdicts = await asyncio.gather(*(them.write(codec, write) for write in day(ADA)))
        assert {type(verdict) for verdict in verdicts} == {Paused}
        assert them.session.logins == 2
        assert them.sim.api.tokens.bad == 1

    in_virtual_time(work)


def test_other_credentials_end_the_rest_at_once() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec(time_format="%FT%T")
        them.act("change-password", password="changed")
        assert isinstance(await them.write(codec, entry()), Paused)
        assert not them.session.fresh()
        assert isinstance(await them.write(codec, entry()), Paused)
        assert them.sim.api.tokens.bad == 1
        them.login = Login(them.sim.email, Secret("changed"))
        assert them.session.fresh()
        assert isinstance(await them.write(codec, entry()), Accepted)
        assert not them.session.fresh()

    in_virtual_time(work)


def test_a_password_that_is_right_again_is_found_by_itself_or_when_a_person_says_so() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec(time_format="%FT%T")
        them.act("switch-off")
        assert isinstance(await them.write(codec, entry()), Paused)
        them.act("switch-on")
        assert isinstance(await them.write(codec, entry()), Paused)  # it rests
        them.session.retry()
        assert isinstance(await them.write(codec, entry()), Accepted)
        them.act("switch-off")
        assert isinstance(await them.write(codec, entry(end="16T07:30")), Paused)
        them.act("switch-on")
        await asyncio.sleep(300)
        assert isinstance(await them.write(codec, entry(begin="16T07:00", end="16T07:30")), Accepted)

    in_virtual_time(work)


def test_without_credentials_nothing_is_sent() -> None:
    async def work() -> None:
        them = rig()
        them.login = None
        found = calls.read_named(await them.session.exchange(calls.timetypes()))
        assert isinstance(found, Paused)
        assert "are missing" in found.why
        assert them.sent == []
        assert not them.session.fresh()
        them.session.why_no_login = lambda: "credential goodtime-login-email: is UTF-16"
        found = calls.read_named(await them.session.exchange(calls.timetypes()))
        assert isinstance(found, Paused)
        assert "goodtime-login-email" in found.why

    in_virtual_time(work)


@pytest.mark.parametrize("changes", [{"token_prefix": "Token "}, {"token_header": "x-other"}])
def test_a_token_that_is_refused_at_once_is_no_loop(changes: dict[str, str]) -> None:
    async def work() -> None:
        them = rig(session=changes)
        for _ in range(5):
            found = calls.read_named(await them.session.exchange(calls.timetypes()))
            assert isinstance(found, Paused)
            assert "token_header" in found.why
        # login, refused, once more, refused: then it rests
        assert them.session.logins == 2
        assert len(them.sent) == 4

    in_virtual_time(work)


# --- what concerns whom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [STRICT, ALT, ALT2], ids=["strict", "alt", "alt2"])
def test_a_closed_user_concerns_nobody_else(profile: Profile) -> None:
    async def work() -> None:
        them = rig(replace(profile, empty_chance=0.0))
        codec = await them.codec()
        found = await them.write(codec, entry(CLOSED))
        assert isinstance(found, Rejected if profile is ALT else Forbidden)
        assert isinstance(await them.write(codec, entry(ADA)), Accepted)
        assert them.session.logins == 1

    in_virtual_time(work)


def test_a_server_that_forgot_its_paths_is_no_matter_of_an_employee() -> None:
    """Without the look at the time types this would hold every employee, one after the other."""

    async def work() -> None:
        them = rig()
        codec = await them.codec()
        them.sim.api.profile = replace(them.sim.profile, versions="1.1")
        found = await them.write(codec, entry())
        assert isinstance(found, Paused)
        assert found.reason == "path"
        assert them.paths()[-2:] == ["createtimeentry", "timetypes"]
        before = len(them.sent)
        assert isinstance(calls.read_named(await them.session.exchange(calls.timetypes())), Paused)
        assert len(them.sent) == before + 1  # the time types are their own check

    in_virtual_time(work)


def test_a_403_that_cannot_be_explained_is_tried_again_later() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        them.sim.front.faults.replace(parse_rules("forbidden@write*1,lost@read*1"))
        assert isinstance(await them.write(codec, entry()), NotApplied)
        assert isinstance(await them.write(codec, entry()), Accepted)

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        ("refuse*1", NotApplied),
        ("lost*1", NotApplied),
        ("fail-before:502*1", NotApplied),
        ("portal*1", NotApplied),
        ("fail-before:500*1", NotApplied),
        ("throttled*1", Throttled),
        ("moved*1", Paused),
    ],
)
def test_a_login_that_fails_leaves_the_write_unsent(rules: str, kind: type[Any]) -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec(time_format="%FT%T")
        them.act("revoke-tokens")
        them.sim.front.faults.replace(parse_rules(rules.replace("*", "@write*")))
        them.session._token = None
        assert isinstance(await them.write(codec, entry()), kind)
        assert len(them.sim.rows()) == 1
        assert isinstance(await them.write(codec, entry()), Accepted)

    in_virtual_time(work)


def test_a_write_without_an_answer_stays_doubtful_and_is_not_repeated() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        them.sim.front.faults.replace(parse_rules("reply-lost@write*1"))
        before = len(them.sent)
        assert isinstance(await them.write(codec, entry()), Unknown)
        assert len(them.sent) == before + 1
        assert len(them.sim.rows()) == 2

    in_virtual_time(work)


def test_a_caller_who_is_cancelled_while_logging_in_takes_nobody_along() -> None:
    async def work() -> None:
        them = rig()
        first = asyncio.create_task(them.session.exchange(calls.timetypes()), name="first")
        second = asyncio.create_task(them.session.exchange(calls.users()), name="second")
        await asyncio.sleep(0.06)
        first.cancel()
        assert isinstance(calls.read_users(await second), tuple)
        assert first.cancelled() or first.done()
        assert them.session.logins == 2  # the first one's answer was lost with it

    in_virtual_time(work)


def test_everything_the_session_does_by_itself_asks_for_a_place_in_the_budget() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        asked = 0

        async def write(what: CreateEntry) -> None:
            nonlocal asked
            asked += 1
            await them.write(codec, what)

        them.extras, first = 0, len(them.sent)
        await write(entry())
        them.act("revoke-tokens")
        await write(entry(begin="16T07:00", end="16T07:30"))
        await write(entry(CLOSED))
        await write(entry(ANNA, project="Roof"))
        assert len(them.sent) - first == asked + them.extras
        assert them.extras == 4  # login, repetition, check, projects

    in_virtual_time(work)


# --- time types of keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [STRICT, ALT, ALT2], ids=["strict", "alt", "alt2"])
def test_a_time_type_gets_its_id_and_costs_no_request(profile: Profile) -> None:
    async def work() -> None:
        them = rig(replace(profile, empty_chance=0.0))
        codec = await them.codec()
        types = {kind.name: kind.id for kind in them.sim.api.world.time_types}
        before = len(them.sent)
        for n, name in enumerate(("home office", "HOME Office", types["home office"], None)):
            assert isinstance(
                await them.write(codec, entry(ANNA, f"16T0{n}:00", f"16T0{n}:30", time_type=name)), Accepted
            )
        assert [row.type_id for row in them.sim.rows(ANNA)] == [types["home office"]] * 3 + [types["working hours"]]
        assert len(them.sent) - before == 4

    in_virtual_time(work)


def test_a_time_type_that_is_missing_is_refused_in_words_and_found_once_it_is_made() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        found = await them.write(codec, entry(ANNA, time_type="errand"))
        assert isinstance(found, Rejected)
        assert found.envelope
        assert "time types none is called 'errand'; there are 'working hours', 'home office'" in found.why
        assert "createtimeentry" not in them.paths()
        assert not them.session.type_lost.is_set()
        them.act("add-type", name="errand")
        assert isinstance(await them.write(codec, entry(ANNA, time_type="errand")), Accepted)
        (row,) = them.sim.rows(ANNA)
        assert row.type_id == them.sim.api.world.time_types[-1].id
        assert them.session.type_lost.is_set()  # so that rows of it are known for ours

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("rules", "kind"), [("fail-before:502", NotApplied), ("fail-before:429", Throttled), ("lost", NotApplied)]
)
def test_time_types_that_cannot_be_read_leave_the_write_unsent(rules: str, kind: type[Any]) -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        them.act("add-type", name="errand")
        faults = parse_rules(rules)
        them.sim.front.faults.replace(tuple(replace(rule, path="/timetypes", times=1) for rule in faults))
        assert isinstance(await them.write(codec, entry(ANNA, time_type="errand")), kind)
        assert "createtimeentry" not in them.paths()
        them.sim.front.faults.replace(())
        assert isinstance(await them.write(codec, entry(ANNA, time_type="errand")), Accepted)

    in_virtual_time(work)


# --- projects ---------------------------------------------------------------------------------------------------


def test_a_project_by_name_gets_its_id() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        roof = next(job.id for job in them.sim.api.world.projects if job.name == "Roof")
        assert isinstance(await them.write(codec, entry(ANNA, project="Roof")), Accepted)
        assert isinstance(await them.write(codec, entry(ANNA, "16T07:00", "16T07:30", project=roof)), Accepted)
        assert [row.project_id for row in them.sim.rows(ANNA)] == [roof, roof]
        assert them.paths().count("anna%2Bclock%40example.com") == 1  # asked once

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("username", "project", "why"),
    [(UMLAUT, "Roof", "there are none"), (ANNA, "Roof & façade", "there are 'Roof', 'Test'")],
)
def test_a_project_that_is_not_the_employees_is_refused_in_words(username: str, project: str, why: str) -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        found = await them.write(codec, entry(username, project=project))
        assert isinstance(found, Rejected)
        assert found.envelope
        assert why in found.why
        assert len(them.sim.rows()) == 1
        assert "createtimeentry" not in them.paths()

    in_virtual_time(work)


def test_a_project_that_is_assigned_later_is_found() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        assert isinstance(await them.write(codec, entry(UMLAUT, project="Roof")), Rejected)
        user = them.sim.api.world.user(UMLAUT)
        assert user is not None
        user.projects = None
        assert isinstance(await them.write(codec, entry(UMLAUT, project="Roof")), Accepted)

    in_virtual_time(work)


def test_a_project_that_was_made_anew_is_found_at_the_next_attempt() -> None:
    """The same name under another id: a list that is kept for ever would send the old one for ever."""

    async def work() -> None:
        them = rig()
        codec = await them.codec()
        assert isinstance(await them.write(codec, entry(ADA, project="Roof")), Accepted)
        world = them.sim.api.world
        old = next(job for job in world.projects if job.name == "Roof")
        world.projects[world.projects.index(old)] = replace(old, id="P2")
        write = entry(ADA, "16T07:00", "16T07:30", project="Roof")
        assert isinstance(await them.write(codec, write), Rejected)
        assert isinstance(await them.write(codec, write), Accepted)
        assert [row.project_id for row in them.sim.rows(ADA) if row.project_id] == [old.id, "P2"]

    in_virtual_time(work)


def test_a_name_that_went_to_another_project_is_noticed_within_the_hour() -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        assert isinstance(await them.write(codec, entry(ADA, project="Roof")), Accepted)
        world = them.sim.api.world
        old = next(job for job in world.projects if job.name == "Roof")
        world.projects[world.projects.index(old)] = replace(old, name="Test 3")
        world.projects.append(replace(old, id="P2"))
        await asyncio.sleep(PROJECTS_KEPT_S + 1)
        assert isinstance(await them.write(codec, entry(ADA, "16T07:00", "16T07:30", project="Roof")), Accepted)
        assert [row.project_id for row in them.sim.rows(ADA) if row.project_id] == [old.id, "P2"]

    in_virtual_time(work)


@pytest.mark.parametrize(("rules", "kind"), [("lost@read*1", NotApplied), ("throttled@read*1", Throttled)])
def test_projects_that_cannot_be_read_leave_the_write_unsent(rules: str, kind: type[Any]) -> None:
    async def work() -> None:
        them = rig()
        codec = await them.codec()
        them.sim.front.faults.replace(parse_rules(rules))
        assert isinstance(await them.write(codec, entry(ANNA, project="Roof")), kind)
        assert isinstance(await them.write(codec, entry(ANNA, project="Roof")), Accepted)

    in_virtual_time(work)


def test_secrets_show_in_no_repr() -> None:
    async def work() -> None:
        them: Rig = rig()
        answer = await them.session.exchange(calls.timetypes())
        assert isinstance(answer, Reply)
        text = f"{them.session} {them.login} {them.sent} {them.session.send}"
        assert "Goodtime" in text
        assert "eyJ" not in text
        assert them.sim.password not in text

    in_virtual_time(work)
