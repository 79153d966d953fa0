"""Getting to know an account: nothing is written while unsure, and the message says what to do."""

import re
import tomllib
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd.config import Secret
from clockd.core.wire import Accepted, Exchange, Reply, Rows
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.profile import ALT, ALT2, PROFILES, STRICT, Profile, profile_named
from clockd.trackers.goodtime_session import Login
from clockd.trackers.goodtime_start import NotReady, Ready, Step, check, prepare
from tests.trackers_goodtime.rig import ADA, ANNA, CLOSED, UMLAUT, VIENNA, Rig, entry, in_virtual_time, rig

OURS = (ADA, ANNA, UMLAUT)


async def steps(them: Rig, *usernames: str, zone: ZoneInfo = VIENNA) -> dict[str, Step]:
    found = await check(them.session, them.config, zone, usernames or OURS, them.now_local)
    return {step.name: step for step in found}


def config_line(hint: str) -> list[str]:
    """The values of time_format that a hint proposes; each must be TOML as it stands."""
    return [tomllib.loads(line)["time_format"] for line in re.findall(r'time_format = "[^"]*"', hint)]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_an_account_is_known_with_few_reads(profile: Profile) -> None:
    async def work() -> None:
        them = rig(profile)
        ready = await them.prepared()
        assert isinstance(ready, Ready), ready
        assert ready.account.time_type.id == them.sim.api.world.time_types[0].id
        assert (
            ready.account.form.text
            == {
                "strict": "%Y-%m-%dT%H:%M:%S",
                "alt": "%Y-%m-%dT%H:%M",
                "alt2": "epoch_ms",
            }[profile.name]
        )
        assert len(them.sent) <= 12
        assert all(request.method == "GET" or request.path == "/api/login" for request in them.sent)
        assert them.extras == len(them.sent)
        assert len(them.sim.rows()) == 1

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("form", "learned"),
    [
        ("iso-seconds", "%Y-%m-%dT%H:%M:%S"),
        ("iso-minutes", "%Y-%m-%dT%H:%M"),
        ("iso-millis", "%Y-%m-%dT%H:%M:%S.%L"),
        ("iso-offset", "%Y-%m-%dT%H:%M:%S%:z"),
        ("space", "%Y-%m-%d %H:%M:%S"),
        ("epoch-ms", "epoch_ms"),
    ],
)
@pytest.mark.parametrize("look_form", ["same", "any", "iso-seconds"])
def test_the_form_is_learned_and_what_is_written_then_is_right(form: str, learned: str, look_form: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form, look_form=look_form))
        codec = await them.codec()
        assert codec.account.form.text == learned
        # asked is in the same form, if it was seen to bring the entry back
        assert codec.account.look_form.text == ("%Y-%m-%dT%H:%M:%S" if look_form == "iso-seconds" else learned)
        verdict = await them.write(codec, entry(UMLAUT, "16T06:00", "16T07:30"))
        assert isinstance(verdict, Accepted)
        (row,) = them.sim.rows(UMLAUT)
        assert (row.from_local, row.to_local) == (datetime(2026, 11, 16, 6), datetime(2026, 11, 16, 7, 30))
        seen = await them.look(codec, UMLAUT, row.from_local, row.from_local)
        assert isinstance(seen, Rows)
        assert [(e.id, e.from_local, e.to_local) for e in seen.entries] == [(row.id, row.from_local, row.to_local)]

    in_virtual_time(work)


@pytest.mark.parametrize(("form", "right"), [("iso-z", "utc:%Y-%m-%dT%H:%M:%SZ"), ("wall-z", "%Y-%m-%dT%H:%M:%SZ")])
@pytest.mark.parametrize("look_form", ["same", "any"])
def test_a_letter_z_is_asked_about_and_either_answer_can_be_configured(form: str, right: str, look_form: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form, look_form=look_form))
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert found.state == "paused"
        assert config_line(found.hint) == ["utc:%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%SZ"]
        # what each line would mean is said in wall-clock times that a person can compare with Goodtime's page
        shown = re.findall(r"13 Nov \d\d:\d\d", found.hint)
        said = dict(zip(config_line(found.hint), shown, strict=True))
        assert said[right] == "13 Nov 08:00"
        codec = await them.codec(time_format=right)
        assert isinstance(await them.write(codec, entry()), Accepted)
        assert them.sim.rows(ADA)[-1].from_local == datetime(2026, 11, 16, 6)

    in_virtual_time(work)


def test_the_wrong_reading_of_z_would_book_an_hour_off() -> None:
    """Negative control of the question above."""

    async def work() -> None:
        them = rig(profile_named("strict", time_form="wall-z", look_form="any"))
        codec = await them.codec(time_format="utc:%Y-%m-%dT%H:%M:%SZ")
        await them.write(codec, entry())
        assert them.sim.rows(ADA)[-1].from_local == datetime(2026, 11, 16, 5)

    in_virtual_time(work)


def test_a_question_that_is_never_understood() -> None:
    async def work() -> None:
        them = rig()
        refuse = parse_rules("fail-before:400")
        them.sim.front.faults.replace(tuple(replace(rule, path="/timeentries") for rule in refuse))
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert "understands no question" in found.reason
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M:%S"]

    in_virtual_time(work)


def test_nothing_to_learn_from() -> None:
    async def work() -> None:
        them = rig(replace(STRICT, time_form="iso-minutes"))
        them.act("delete", username=ADA)
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert found.state == "paused"
        assert "no time entry" in found.reason
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M"]  # the one it understood in a question
        assert isinstance(await them.prepared(time_format=config_line(found.hint)[0]), Ready)

    in_virtual_time(work)


def test_an_entry_of_somebody_else_will_do() -> None:
    async def work() -> None:
        them = rig()
        them.act("delete", username=ADA)
        them.act("web-create", username="test@example.com", begin="2026-11-12T08:00", end="2026-11-12T09:00")
        assert isinstance(await them.prepared(UMLAUT), Ready)

    in_virtual_time(work)


def test_a_closed_user_is_passed_over() -> None:
    async def work() -> None:
        them = rig(replace(STRICT, closed_look="refused", closed_status=403))
        found = await them.prepared(CLOSED, ADA)
        assert isinstance(found, Ready)

    in_virtual_time(work)


def test_when_nobody_is_shown() -> None:
    async def work() -> None:
        them = rig(replace(STRICT, closed_look="refused", closed_status=403))
        for user in them.sim.api.world.users.values():
            user.closed = True
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert "nobody's" in found.reason

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("text", "why"), [("yyyy-MM-dd", "no %-directive"), ("%Y-%m-%d", "lacks %H"), ("%c", "%c is not known")]
)
def test_a_configured_format_that_cannot_be_used(text: str, why: str) -> None:
    async def work() -> None:
        found = await rig().prepared(time_format=text)
        assert isinstance(found, NotReady)
        assert found.reason.startswith("tracker.time_format: ")
        assert why in found.reason
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M:%S"]

    in_virtual_time(work)


@pytest.mark.parametrize("wanted", ["working hours", "Working Hours", "home office", "ID"])
def test_the_time_type_by_name_or_id(wanted: str) -> None:
    async def work() -> None:
        them = rig()
        kinds = them.sim.api.world.time_types
        ready = await them.prepared(time_type=kinds[2].id.lower() if wanted == "ID" else wanted)
        assert isinstance(ready, Ready)
        expected = kinds[2] if wanted == "ID" else next(k for k in kinds if k.name == wanted.lower())
        assert ready.account.time_type.id == expected.id

    in_virtual_time(work)


def test_a_time_type_that_is_not_there() -> None:
    async def work() -> None:
        them = rig()
        them.act("drop-type", name="working hours")
        found = await them.prepared()
        assert found == NotReady(
            "paused",
            "of Goodtime's time types none is called 'working hours'; "
            "there are 'home office', 'vacation', 'sick leave'",
            'write into [tracker]: time_type = "home office"',
        )

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("versions", "reason"),
    [("1.1", "speaks version 1.1 of the interface only"), ("both", None)],
)
def test_version_1_is_explained_and_never_used(versions: str, reason: str | None) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", versions=versions))
        found = await them.prepared()
        if reason is None:
            assert isinstance(found, Ready)
            assert not any(request.path.startswith("/api/time/") for request in them.sent)
        else:
            assert isinstance(found, NotReady)
            assert reason in found.reason
            assert found.state == "paused"
        assert them.sim.api.watch.old_version == 0

    in_virtual_time(work)


def test_a_wrong_address() -> None:
    async def work() -> None:
        them = rig()
        them.sim.api.profile = replace(STRICT, versions="1.1")
        them.sim.front.faults.replace(parse_rules("fail-before:404"))
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert "does not know Goodtime's paths" in found.reason
        assert "https://getgoodtime.com/goodtime-rs" in found.hint

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ("refuse", "offline"),
        ("lost", "offline"),
        ("fail-before:502", "offline"),
        ("portal", "offline"),
        ("throttled", "offline"),
        ("moved", "paused"),
        ("unauthorized", "paused"),
        ("garbled@read", "offline"),
    ],
)
def test_what_stands_in_the_way_is_named(rules: str, state: str) -> None:
    async def work() -> None:
        found = await rig(faults=parse_rules(rules)).prepared()
        assert isinstance(found, NotReady)
        assert found.state == state
        assert found.reason

    in_virtual_time(work)


@pytest.mark.parametrize("n", range(1, 9))
def test_a_single_fault_anywhere_delays_and_never_misleads(n: int) -> None:
    """The n-th request gets lost: not ready, or ready; and ready at the second try, with the right format."""

    async def work() -> None:
        them = rig()
        them.sim.front.faults.replace(parse_rules(f"lost={1 / 3},portal={1 / 3},fail-before:500={1 / 3}"))
        dice = [False] * 20
        dice[n - 1] = True
        plain_send = them.send

        async def send(request: Any, headers: Any) -> Any:
            if not (dice and dice.pop(0)):
                rules, them.sim.front.faults.rules = them.sim.front.faults.rules, ()
                answer = await plain_send(request, headers)
                them.sim.front.faults.rules = rules
                return answer
            return await plain_send(request, headers)

        them.session.send = send
        await them.prepared()
        dice.clear()
        ready = await them.prepared()
        assert isinstance(ready, Ready)
        assert ready.account.form.text == "%Y-%m-%dT%H:%M:%S"

    in_virtual_time(work)


def test_a_hidden_users_list_is_no_obstacle() -> None:
    async def work() -> None:
        them = rig()
        them.sim.front.faults.replace(tuple(replace(rule, path="/users") for rule in parse_rules("forbidden")))
        assert isinstance(await them.prepared(), Ready)
        assert (await steps(them))["users"].state == "unknown"

    in_virtual_time(work)


# --- check ------------------------------------------------------------------------------------------------------


def test_check_says_everything_step_by_step() -> None:
    async def work() -> None:
        them = rig()
        found = await steps(them)
        assert {name: step.state for name, step in found.items()} == {
            "reachable": "ok",
            "logged in": "ok",
            "time type": "ok",
            "users": "ok",
            "time format": "ok",
            "zone": "unknown",
        }
        assert "'Hello!'" in found["reachable"].detail
        assert "working hours" in found["time type"].detail
        assert "learned from '2026-11-13T08:00:00'" in found["time format"].detail
        assert found["zone"].detail == (
            f"the entry of {ADA} that begins at '2026-11-13T08:00:00' is read as 13 Nov 08:00 in Europe/Vienna"
        )
        assert "compare" in found["zone"].hint

    in_virtual_time(work)


def test_check_names_badges_that_belong_to_nobody() -> None:
    async def work() -> None:
        found = await steps(rig(), ADA.upper(), "ghost@example.com")
        assert found["users"].state == "failed"
        assert found["users"].detail == "not in Goodtime: ghost@example.com"

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("fault", "last", "words"),
    [
        ("refuse", "reachable", "connection refused"),
        ("portal", "reachable", "a page"),
        ("unauthorized@write", "logged in", "refuses our login"),
    ],
)
def test_check_ends_where_going_on_makes_no_sense(fault: str, last: str, words: str) -> None:
    async def work() -> None:
        them = rig(faults=parse_rules(fault))
        found = await steps(them)
        assert list(found)[-1] == last
        assert found[last].state == "failed"
        assert words in found[last].detail

    in_virtual_time(work)


def test_check_with_a_wrong_password_asks_once() -> None:
    async def work() -> None:
        them = rig()
        them.login = Login(them.sim.email, Secret("wrong"))
        found = await steps(them)
        assert list(found) == ["reachable", "logged in"]
        assert "goodtime-api-password" in found["logged in"].hint
        assert them.sim.api.tokens.bad == 1

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("account", "state", "words"),
    [
        ("Europe/Vienna", "ok", "same offset"),
        ("Europe/Berlin", "ok", "same offset"),
        ("Europe/Istanbul", "failed", "another zone"),
    ],
)
def test_an_offset_tells_the_account_s_zone(account: str, state: str, words: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form="iso-offset", look_form="any"), zone=account)
        found = (await steps(them))["zone"]
        assert found.state == state
        assert words in found.detail

    in_virtual_time(work)


def test_a_running_entry_in_the_future_betrays_another_zone() -> None:
    async def work() -> None:
        them = rig(zone="Europe/Istanbul")
        them.act("delete", username=ADA)
        them.act("web-start", username=ADA)
        found = (await steps(them))["zone"]
        assert found.state == "failed"
        assert "lies in the future" in found.detail

    in_virtual_time(work)


def test_a_configured_format_that_entries_do_not_have_is_remarked() -> None:
    async def work() -> None:
        them = rig(replace(STRICT, look_form="any"))
        them.config = (await _configured(them, "%d.%m.%Y %H:%M")).config
        found = (await steps(them))["time format"]
        assert "as configured, though an entry begins at '2026-11-13T08:00:00'" in found.detail

    in_virtual_time(work)


async def _configured(them: Rig, time_format: str) -> Rig:
    await them.prepared(time_format=time_format)
    return them


def test_prepare_reads_no_more_than_a_dozen_users() -> None:
    async def work() -> None:
        them = rig(users=None)
        # 14 users, and nobody has an entry
        for row in them.sim.rows():
            them.act("delete", id=row.id)
        found = await prepare(them.session, them.config, VIENNA, (), them.now_local)
        assert isinstance(found, NotReady)
        asked = [dict(request.query) for request in them.sent if request.path.endswith("timeentries")]
        assert len({query["useremail"] for query in asked}) == 12
        assert len(asked) == 24
        assert len(them.sent) < 30, "all within a minute's budget"

    in_virtual_time(work)


@pytest.mark.parametrize("profile", [ALT, ALT2], ids=["alt", "alt2"])
def test_check_under_the_other_readings(profile: Profile) -> None:
    async def work() -> None:
        found = await steps(rig(profile))
        assert {step.state for step in found.values()} == {"ok", "unknown"}

    in_virtual_time(work)


# --- what was found, and what to do --------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["HTTP Status 401 – Unauthorized", "no: way", "a) token: wrong (b): really"])
def test_what_goodtime_says_is_not_taken_for_what_to_do(words: str) -> None:
    async def work() -> None:
        them = rig()
        plain_send = them.send

        async def send(request: Any, headers: Any) -> Exchange:
            answer = await plain_send(request, headers)
            hello = request.path.endswith(("login", "sayhello"))
            return answer if hello else Reply(401, {"content-type": "text/plain"}, words.encode())

        them.session.send = send
        found = (await steps(them))["logged in"]
        assert found.detail == f"Goodtime gives a token and then refuses it (HTTP 401: {words})"
        assert found.hint.startswith("check tracker.token_header and tracker.token_prefix")

    in_virtual_time(work)
