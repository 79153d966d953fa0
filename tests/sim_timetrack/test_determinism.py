"""The same seed gives the same replies, bit for bit; another seed gives others."""

import random

import pytest

from clockd.core.wire import Reply
from clockd.sim.crowd import Crowd
from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import PROFILES, STRICT, profile_named
from tests.sim_timetrack.caller import PEOPLE, Caller, caller, stamp


def day(profile: str, seed: int, words: str = "everything") -> list[object]:
    """A day of a client that is itself always the same."""
    them = caller(
        PROFILES[profile],
        seed=seed,
        faults=parse_rules(words),
        crowd=Crowd(neighbour=5, foreign=1, copy=1, web=0.5),
        latency_s=(0.0, 0.2),
        foreign_rows=30,
    )
    client = random.Random(7)
    seen: list[object] = []
    for _ in range(300):
        them.later(seconds=client.uniform(0, 20))
        name = client.choice(("ada", "grace"))
        body = {"username": name, "date": them.sim.api.moment(them.now_s).local.isoformat()}
        match client.randrange(3):
            case 0:
                took = them.took("POST", PROFILES[profile].attendance_timer_path + "/start", body)
            case 1:
                took = them.took("POST", PROFILES[profile].attendance_timer_path + "/stop", body)
            case _:
                took = them.took("GET", "/attendances", limit="1000")
        seen.append(took)
    seen.append(them.sim.state(them.now_s))
    seen.append(them.sim.invariants(them.now_s))
    return seen


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_seed_gives_the_same_day(profile: str) -> None:
    assert day(profile, 1) == day(profile, 1)
    assert day(profile, 1) != day(profile, 2)


def test_faults_do_not_move_the_dice_of_the_shapes() -> None:
    """Each kind of chance has dice of its own: with a fault rule that never strikes nothing changes."""
    assert day("alt", 1, "none") == day("alt", 1, "lost=0%")


def test_begun_anew_it_is_the_same_again() -> None:
    them = caller(PROFILES["alt"], seed=4, faults=parse_rules("mix"))

    def replies() -> list[object]:
        fresh = Caller(them.sim)
        return [fresh.exchange("GET", "/users", limit=str(n)) for n in range(40)]

    first = replies()
    them.sim.reset()
    assert replies() == first


def by_scanning(them: Caller, first: str, last: str, person: str | None, touching: bool) -> set[int]:
    found = set()
    for row in them.sim.api.world.rows.values():
        begin = row.from_local.isoformat(timespec="milliseconds") + "Z"
        end = "9999" if row.to_local is None else row.to_local.isoformat(timespec="milliseconds") + "Z"
        inside = (begin <= last and end >= first) if touching else first <= begin < last
        if inside and not row.deleted and person in (None, row.user):
            found.add(row.id)
    return found


@pytest.mark.parametrize("profile", ["strict", "alt"])
def test_the_indexes_find_what_a_scan_finds(profile: str) -> None:
    """500 random writes, and after each a random search, answered by the indexes and by looking at every row."""
    plain = profile_named(
        profile, user_filter="username", loose_types=False, id_keys="ID", empty_chance=0, double="d", overlap="accept"
    )
    them = caller(plain, seed=9)
    timer = plain.attendance_timer_path
    them.later(days=5)
    dice = random.Random(11)
    names = [person.username for person in PEOPLE]

    def at() -> str:
        return stamp(f"{dice.randint(10, 20)}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}")

    for _ in range(500):
        ids = [row.id for row in them.sim.rows()]
        match dice.randrange(6):
            case 0 | 1:
                begin, end = sorted((at(), at()))
                them.exchange("POST", "/attendances", {"username": dice.choice(names), "from": begin, "to": end})
            case 2:
                them.exchange("POST", f"{timer}/start", {"username": dice.choice(names), "date": at()})
            case 3:
                them.exchange("POST", f"{timer}/stop", {"username": dice.choice(names), "date": at()})
            case 4 if ids:
                them.exchange("PUT", f"/attendances/{dice.choice(ids)}", {dice.choice(("from", "to")): at()})
            case 5 if ids:
                them.exchange("DELETE", f"/attendances/{dice.choice(ids)}")
        first, last = sorted((at(), at()))
        person = dice.choice((None, *names))
        query = {"from": first, "to": last, "limit": "1000"} | ({} if person is None else {"username": person})
        assert {row["ID"] for row in them.get("/attendances", **query)} == by_scanning(
            them, first, last, person, profile == "alt"
        )
    assert len(them.sim.rows()) > 100


def test_strict_is_the_default() -> None:
    assert caller().sim.profile is STRICT
    assert isinstance(caller().exchange("GET", "/users"), Reply)
