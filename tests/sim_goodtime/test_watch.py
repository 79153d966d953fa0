"""The simulator's own rules: a client that behaves breaks none, and each bad client is caught by its rule."""

from collections.abc import Callable

import pytest

from clockd.sim.goodtime.profile import profile_named
from tests.sim_goodtime.caller import ADA, ANNA, NOISE, Caller, caller


def well_behaved(them: Caller) -> None:
    (first,) = them.create()
    them.create(ADA, "16T07:00:00", "16T07:30:00")
    them.create(ANNA)
    them.delete(first)
    them.later(hours=2)
    them.reply("GET", "/api/time-v2.1/users")
    them.log_in()
    them.entries()


def in_a_hurry(them: Caller) -> None:
    for _ in range(31):
        them.reply("GET", "/api/hello/sayhello")


def repeating_blindly(them: Caller) -> None:
    them.create()
    them.create()


def overlapping(them: Caller) -> None:
    them.create()
    them.create(ADA, "16T06:59:00", "16T07:30:00")


def writing_for_others(them: Caller) -> None:
    them.create(NOISE)


def deleting_what_a_person_entered(them: Caller) -> None:
    row = them.act("web-create", username=ADA, begin="2026-11-16T06:00", end="2026-11-16T07:00")["row"]
    them.delete(row)


def making_again_what_a_person_deleted(them: Caller) -> None:
    them.create()
    them.act("delete", username=ADA)
    them.create()


def deleting_locked_entries(them: Caller) -> None:
    (entry_id,) = them.create()
    them.act("lock", until="2026-11-17T00:00")
    them.delete(entry_id)


def sending_seconds(them: Caller) -> None:
    them.create(ADA, "16T06:00:40", "16T07:00:00")


def logging_in_for_each_request(them: Caller) -> None:
    them.log_in()


def hammering_the_login(them: Caller) -> None:
    for _ in range(5):
        them.log_in("wrong")
        them.later(seconds=1)


def going_on_after_401(them: Caller) -> None:
    them.act("revoke-tokens")
    for _ in range(3):
        them.status()
        them.later(seconds=10)


def asking_with_a_body(them: Caller) -> None:
    them.reply("GET", "/api/time-v2.1/users", {})


def using_version_1(them: Caller) -> None:
    them.reply("POST", "/api/time/createtimeentry", them.body())


@pytest.mark.parametrize(
    ("client", "rule"),
    [
        (well_behaved, None),
        (in_a_hurry, "within 60 s"),
        (repeating_blindly, "entries are doubled"),
        (overlapping, "entries overlap"),
        (writing_for_others, "not the client's: create of entry"),
        (deleting_what_a_person_entered, "not the client's: delete of entry"),
        (making_again_what_a_person_deleted, "made again"),
        (deleting_locked_entries, "delete a locked entry"),
        (sending_seconds, "had seconds"),
        (logging_in_for_each_request, "1 logins came while the token before was good"),
        (hammering_the_login, "locked the login 1 times"),
        (going_on_after_401, "writes were sent within 5 minutes after a 401"),
        (asking_with_a_body, "had a body"),
        (using_version_1, "used version 1.1"),
    ],
)
def test_each_rule_and_the_client_that_breaks_it(client: Callable[[Caller], None], rule: str | None) -> None:
    profile = profile_named("strict", overlap="accept", locking=True, versions="both")
    them = caller(profile, requests_per_minute=30)
    client(them)
    found = them.sim.violations()
    if rule is None:
        assert found == []
    else:
        assert any(rule in sentence for sentence in found), found
    assert them.sim.invariants(them.now_s)["violations"] == found


def test_a_restarted_client_may_log_in_again() -> None:
    them = caller()
    them.act("expect-restart", times=2)
    them.log_in()
    them.log_in()
    assert them.sim.violations() == []
    them.log_in()
    assert them.sim.violations() == ["1 logins came while the token before was good"]


def test_a_long_list_is_cut_short() -> None:
    them = caller(profile_named("strict", overlap="accept"))
    for _ in range(8):
        them.create()
    (doubled, _) = them.sim.violations()
    assert doubled.startswith("7 entries are doubled: ")
    assert doubled.endswith("; and 2 more")
