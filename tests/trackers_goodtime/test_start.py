"""Getting to know an account: nothing is written while unsure, and the message says what to do."""

import asyncio
import re
import tomllib
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd.config import Secret
from clockd.core.wire import Accepted, Exchange, NoAnswer, NotSent, Reply, Rows
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.forms import FORMS
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import ALT, ALT2, PROFILES, STRICT, Profile, profile_named
from clockd.trackers.goodtime.session import Login
from clockd.trackers.goodtime.start import ASKED, CheckStep, Gathered, NotReady, Ready, check, prepare
from tests.trackers_goodtime.rig import ADA, ANNA, CLOSED, UMLAUT, VIENNA, Rig, entry, in_virtual_time, rig

OURS = (ADA, ANNA, UMLAUT)


async def steps(
    them: Rig, *usernames: str, zone: ZoneInfo = VIENNA, of_keys: tuple[str, ...] = ()
) -> dict[str, CheckStep]:
    found = await check(them.session, them.config, zone, usernames or OURS, them.now_local, None, of_keys)
    return {step.name: step for step in found}


def config_line(hint: str) -> list[str]:
    """The values of time_format that a hint proposes; each must be TOML as it stands."""
    return [tomllib.loads(line)["time_format"] for line in re.findall(r'time_format = "[^"]*"', hint)]


@pytest.mark.parametrize(
    ("wanted", "state", "said"),
    [
        ("home office", "ok", "home office ("),
        ("HOME OFFICE", "ok", "home office ("),
        ("errand", "failed", "none is called 'errand'; there are 'working hours', 'home office'"),
    ],
)
def test_a_check_looks_for_the_time_type_of_a_key_and_a_start_goes_on_without(
    wanted: str, state: str, said: str
) -> None:
    async def work() -> None:
        them = rig()
        found = await steps(them, of_keys=(wanted,))
        step = found["time type of a key"]
        assert step.state == state
        assert said in step.detail
        assert ("[[button]]" in step.hint) is (state == "failed")
        assert found["time format"].state == "ok"  # what follows is looked at all the same
        assert isinstance(await them.prepared(), Ready)

    in_virtual_time(work)


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
        assert "did not understand yet how clockd asks" in found.reason
        assert "1 of 6 users" in found.reason
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M:%S"]
        found = await them.tried(10)
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
        assert "of the last 31 days, for any of our employees" in found.hint
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M"]  # the one it understood in a question
        assert isinstance(await them.prepared(time_format=config_line(found.hint)[0]), Ready)

    in_virtual_time(work)


def test_an_entry_of_somebody_else_will_do() -> None:
    async def work() -> None:
        them = rig()
        them.act("delete", username=ADA)
        them.act("web-create", username="test@example.com", begin="2026-11-12T08:00", end="2026-11-12T09:00")
        assert isinstance(await them.tried(2, UMLAUT), Ready)

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


@pytest.mark.parametrize("profile", [ALT, ALT2], ids=["alt", "alt2"])
def test_check_under_the_other_readings(profile: Profile) -> None:
    async def work() -> None:
        found = await steps(rig(profile))
        assert {step.state for step in found.values()} == {"ok", "unknown"}

    in_virtual_time(work)


# --- what a try costs, and how the next one goes on ----------------------------------------------------------------

FORTY = (ADA, *(f"user{n:03d}@example.com" for n in range(1, 40)))


def newcomer(profile: Profile = STRICT, ours: tuple[str, ...] = FORTY) -> Rig:
    """A new account: nobody has an entry."""
    them = rig(profile, users=tuple(Person(email) for email in ours))
    them.act("delete", username=ADA)
    return them


def by_hand(them: Rig, username: str) -> None:
    them.act("web-create", username=username, begin="2026-11-15T08:00", end="2026-11-15T12:00")


def looks(them: Rig) -> list[str]:
    """Whose entries were asked for, in order."""
    return [dict(request.query)["useremail"] for request in them.sent if request.path.endswith("timeentries")]


@pytest.mark.parametrize("form", FORMS)
def test_waiting_costs_eight_requests_a_minute_and_everybody_has_their_turn(form: str) -> None:
    async def work() -> None:
        them = newcomer(profile_named("strict", time_form=form, look_form="any"))
        gathered = Gathered()
        costs = []
        for _ in range(11):
            before = len(them.sent)
            assert isinstance(await them.prepared(*FORTY, gathered=gathered), NotReady)
            costs.append(len(them.sent) - before - them.paths()[before:].count("login"))
            await asyncio.sleep(60)
        assert max(costs) <= 8, costs
        assert set(looks(them)) == set(FORTY)

    in_virtual_time(work)


def test_an_entry_by_hand_is_noticed_within_the_time_that_is_said_whoever_it_is_for() -> None:
    async def work() -> None:
        them = newcomer()
        gathered = Gathered()
        found = await them.prepared(*FORTY, gathered=gathered)
        assert isinstance(found, NotReady)
        assert "the last 31 days of 5 of 40 users, the last 400 days of 0" in found.reason
        assert "of the last 31 days, for any of our employees" in found.hint
        minutes = re.search(r"within about (\d+) min, or sooner with clockd sync", found.hint)
        assert minutes is not None
        by_hand(them, FORTY[0])  # whose turn is over
        tries = 0
        while isinstance(found, NotReady):
            await asyncio.sleep(60)
            found = await them.prepared(*FORTY, gathered=gathered)
            tries += 1
        assert 5 < tries <= int(minutes[1])

    in_virtual_time(work)


def test_who_asks_need_not_wait_for_their_turn() -> None:
    async def work() -> None:
        ours = FORTY[:20]
        them = newcomer(ours=ours)
        gathered = Gathered()
        found = await them.prepared(*ours, gathered=gathered)
        assert isinstance(found, NotReady)
        assert "at once with clockd sync" in found.hint
        by_hand(them, ours[0])
        found = await prepare(them.session, them.config, VIENNA, ours, them.now_local, ASKED, gathered)
        assert isinstance(found, Ready)
        assert len(them.sent) <= 30

    in_virtual_time(work)


def test_a_question_that_was_asked_stays_while_others_have_their_turn() -> None:
    async def work() -> None:
        them = newcomer(profile_named("strict", time_form="iso-z"))
        by_hand(them, FORTY[30])
        gathered = Gathered()
        said: list[NotReady | Ready] = []
        for _ in range(15):
            said.append(await them.prepared(*FORTY, gathered=gathered))
            await asyncio.sleep(60)
        asks = [isinstance(found, NotReady) and len(config_line(found.hint)) == 2 for found in said]
        first = asks.index(True)
        assert first > 0
        assert all(asks[first:])

    in_virtual_time(work)


@pytest.mark.parametrize("form", FORMS)
def test_check_costs_eighteen_requests_and_shows_the_line(form: str) -> None:
    async def work() -> None:
        ours = FORTY[:12]
        them = newcomer(profile_named("strict", time_form=form), ours)
        found = (await steps(them, *ours))["time format"]
        assert len(them.sent) <= 18
        assert found.state == "failed"
        looked_at = re.search(r"the last 31 days of (\d+) of 12 users", found.detail)
        assert looked_at is not None
        assert int(looked_at[1]) == len(set(looks(them))) < 12
        assert len(config_line(found.hint)) == (form not in ("iso-z", "wall-z")), found.hint

    in_virtual_time(work)


# --- odd answers about one user ------------------------------------------------------------------------------------

PAGE = Reply(200, {"content-type": "text/html"}, b"<html>oops</html>")
BROKEN = Reply(502, {"content-type": "text/html"}, b"<html>oops</html>")
NO_CONTENT = Reply(204, {}, b"")
EMPTY = Reply(200, {}, b"")
NULL = Reply(200, {"content-type": "application/json"}, b"null")
ODD = pytest.mark.parametrize(
    ("odd", "words"),
    [
        (PAGE, "a page instead of JSON"),
        (BROKEN, "HTTP 502: oops"),
        (NO_CONTENT, "an empty reply"),
        (EMPTY, "an empty reply"),
        (NULL, "JSON that is no list"),
    ],
    ids=["page", "502", "204", "empty", "null"],
)


def answering(them: Rig, odd: Exchange, *about: str) -> None:
    """Let looks be answered in this way; about everybody, when nobody is named."""
    plain_send = them.send

    async def send(request: Any, headers: Any) -> Exchange:
        answer = await plain_send(request, headers)
        whose = dict(request.query).get("useremail")
        return odd if whose is not None and (not about or whose in about) else answer

    them.session.send = send


@ODD
@pytest.mark.parametrize("time_format", ["auto", "%Y-%m-%dT%H:%M:%S"])
def test_an_odd_answer_about_one_user_stops_nobody(odd: Reply, words: str, time_format: str) -> None:
    async def work() -> None:
        them = rig()
        by_hand(them, UMLAUT)
        answering(them, odd, ADA)
        assert isinstance(await them.prepared(time_format=time_format), Ready)

    in_virtual_time(work)


@ODD
def test_who_got_an_odd_answer_is_named_when_nothing_was_learned(odd: Reply, words: str) -> None:
    async def work() -> None:
        them = rig()
        answering(them, odd, ADA)
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert found.state == "paused"
        assert "no time entry was found" in found.reason
        assert f"{ADA}: " in found.reason
        assert words in found.reason

    in_virtual_time(work)


@ODD
@pytest.mark.parametrize("time_format", ["auto", "%Y-%m-%dT%H:%M:%S"])
def test_odd_answers_about_everybody_prove_nothing(odd: Reply, words: str, time_format: str) -> None:
    async def work() -> None:
        them = rig()
        answering(them, odd)
        found = await them.tried(3, time_format=time_format)
        assert isinstance(found, NotReady)
        assert f"{ADA}: " in found.reason
        assert words in found.reason
        blank = odd in (NO_CONTENT, EMPTY, NULL)
        assert (found.state, "by hand" in found.hint) == (("paused", True) if blank else ("offline", False))

    in_virtual_time(work)


@pytest.mark.parametrize(
    "whole",
    [
        Reply(302, {"location": "https://elsewhere.example"}, b""),
        Reply(429, {}, b""),
        Reply(503, {"retry-after": "60"}, b""),
        Reply(405, {}, b""),
        NotSent("connection refused"),
        NoAnswer("no answer within 15 s"),
    ],
    ids=["redirect", "throttled", "later", "path", "not sent", "silence"],
)
def test_what_concerns_everybody_ends_the_try(whole: Exchange) -> None:
    async def work() -> None:
        them = rig()
        answering(them, whole)
        assert isinstance(await them.prepared(), NotReady)
        assert len(looks(them)) == 1

    in_virtual_time(work)


@pytest.mark.parametrize("time_format", ["auto", "%Y-%m-%dT%H:%M:%S"])
def test_who_is_met_with_silence_is_not_asked_first_again(time_format: str) -> None:
    async def work() -> None:
        them = rig()
        by_hand(them, UMLAUT)
        answering(them, NoAnswer("no answer within 15 s"), ADA)
        found = await them.prepared(time_format=time_format)
        assert isinstance(found, NotReady)
        assert found.state == "offline"
        assert found.reason == f"asked about {ADA}: no answer within 15 s"
        assert isinstance(await them.tried(2, time_format=time_format), Ready)

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
