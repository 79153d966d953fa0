"""Each write of a punch is kept by itself: what left, what came back, and no secret."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from clockd.core.attempts import as_answered, as_sent
from clockd.core.sentence import said_json, sentence
from clockd.core.wire import NoAnswer, NotSent, Reply, Request
from clockd.sim.faults import parse_rules
from clockd.store import Database, attempts
from clockd.store.attempts import LONGEST_ANSWER, MOST_KEPT
from clockd.store.outbox import ATTENDANCE
from tests.flow.house import House
from tests.flow.test_taken_back import HOUR, TRACKERS, ids, play

SECRETS = ("sim-password", "sim-secret", "sim-key", "Bearer", "Authorization")


async def tries(door: House, kind: str) -> list[dict[str, Any]]:
    (punch_id,) = await ids(door, kind)
    story = await door.documents.story(punch_id)
    assert isinstance(story, dict)
    found = story["attempts"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_lost_reply_and_the_answer_after_it_are_told_apart(tmp_path: Path, tracker: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR - 120)
        door.sim.front.faults.replace(parse_rules("lost@write*1"))
        await door.tap(0)
        await door.until_settled()
        first, *_, last = await tries(door, "out")
        assert first["sent"].split()[0] in ("POST", "PUT")
        assert (first["status"], bool(first["answer"])) == (None, True)
        assert last["status"] in (200, 201)
        assert first["at"] < last["at"]
        told = json.dumps([first, last])
        assert not any(secret in told for secret in SECRETS)
        assert "user000" in told or tracker == "goodtime"

    play(tmp_path, scene, tracker)


def test_what_never_left_is_no_attempt(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.front.faults.replace(parse_rules("refuse@write"))
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert await tries(door, "in") == []
        door.sim.front.faults.replace(())
        await door.until_settled()
        assert [one["status"] for one in await tries(door, "in")] == [201]

    play(tmp_path, scene, "timer")


def test_one_that_was_under_way_when_clockd_ended_has_no_answer(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.front.faults.replace(parse_rules("drip:8@write*1"))
        await door.tap(0)
        await asyncio.sleep(3)
        await door.kill()
        door.sim.front.faults.replace(())
        await door.start()
        await door.until_settled()
        first, *_ = await tries(door, "in")
        assert (first["status"], first["answer"]) == (None, None)

    play(tmp_path, scene, "timer")


def test_the_last_of_many_stay_and_a_damaged_cell_stops_nobody(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await door.until_settled()

        def many(db: Database) -> list[attempts.Attempt]:
            for n in range(MOST_KEPT + 5):
                attempts.begin(db, (1,), ATTENDANCE, n, f"POST /{n} " + "x" * 1000)
            attempts.end(db, (1,), ATTENDANCE, 409, "y" * 1000)
            return attempts.of(db, 1)

        kept = await door.store.run(many)
        assert [one.at_us for one in kept] == list(range(5, MOST_KEPT + 5))
        assert all(len(one.sent) == LONGEST_ANSWER for one in kept)
        assert (kept[-1].status, kept[-1].answer) == (409, "y" * (LONGEST_ANSWER - 1) + "…")

        def told(db: Database) -> str | None:
            attempts.end(db, (1,), ATTENDANCE, None, sentence("no answer within {too_slow_s:g} s", too_slow_s=10.0))
            return attempts.of(db, 1)[-1].answer

        assert said_json(await door.store.run(told)) == {
            "pattern": "no answer within {too_slow_s:g} s",
            "values": {"too_slow_s": 10.0},
        }
        for cell in ("{", "7", '[1, "x", [2]]', '{"a": 1}'):

            def damaged(db: Database, cell: str = cell) -> list[attempts.Attempt]:
                db.execute("UPDATE outbox SET tries = ?", [cell])
                attempts.end(db, (1,), ATTENDANCE, 200, "ok")
                attempts.never_left(db, (1,), ATTENDANCE)
                attempts.begin(db, (1,), ATTENDANCE, 7, "POST /7")
                return attempts.of(db, 1)

            assert [one.at_us for one in await door.store.run(damaged)] == [7]

    play(tmp_path, scene, "timer")


@pytest.mark.parametrize(
    ("request_", "sent"),
    [
        (Request("POST", "/a", body={"user": "ä", "n": 1}), 'POST /a {"user":"ä","n":1}'),
        (Request("DELETE", "/a/7"), "DELETE /a/7"),
        (Request("PUT", "/a", query=(("u", "ada"), ("x", "1"))), "PUT /a?u=ada&x=1"),
    ],
)
def test_what_is_kept_of_a_request(request_: Request, sent: str) -> None:
    assert as_sent(request_) == sent


def test_what_is_kept_of_an_answer() -> None:
    assert as_answered(Reply(200, {"set-cookie": "s"}, b' {"id":\n 7}\xff')) == (200, '{"id": 7}\ufffd')
    assert as_answered(NoAnswer("cut off")) == (None, "cut off")
    assert as_answered(NotSent("offline")) is None
