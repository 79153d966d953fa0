"""The same seed gives the same replies, bit for bit; another seed gives others."""

import random

import pytest

from clockd.core.json import Json
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.actors import LoginCrowd
from clockd.sim.goodtime.forms import FORMS
from clockd.sim.goodtime.profile import PROFILES
from tests.sim_goodtime.caller import ADA, ANNA, V2, Caller, caller


def day(profile: str, seed: int, words: str = "everything") -> list[object]:
    """A day of a client that is itself always the same."""
    them = caller(
        PROFILES[profile],
        logged_in=False,
        seed=seed,
        faults=parse_rules(words),
        crowd=LoginCrowd(neighbour=5, foreign=1, copy=1, web=0.5, revoke=0.05),
        latency_s=(0.0, 0.2),
        foreign_rows=30,
    )
    return [*ask(them), them.sim.state(them.now_s), them.sim.invariants(them.now_s)]


def ask(them: Caller) -> list[object]:
    client = random.Random(7)
    form, zone = FORMS[them.sim.profile.time_form], them.sim.api.zone
    seen: list[object] = []
    for n in range(300):
        them.later(seconds=client.uniform(0, 20))
        now = them.sim.api.moment(them.now_s).local
        name = client.choice((ADA, ANNA))
        if n % 40 == 0:
            seen.append(them.took("POST", "/api/login", {"loginemail": them.sim.email, "apipassword": "sim-password"}))
            them.token = next(reversed(them.sim.api.tokens.issued), "")
        if client.randrange(2):
            begin, end = (form.write(now.replace(second=0, microsecond=0, minute=m), zone) for m in (0, 1))
            body: dict[str, Json] = {"starttime": begin, "endtime": end, "useremail": name, "timetypeid": them.type_id}
            seen.append(them.took("POST", f"{V2}/createtimeentry", body))
        else:
            start, stop = (str(form.write(now.replace(second=0, microsecond=0, hour=h), zone)) for h in (0, 23))
            seen.append(them.took("GET", f"{V2}/timeentries", None, useremail=name, start=start, end=stop))
    return seen


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_seed_gives_the_same_day(profile: str) -> None:
    assert day(profile, 1) == day(profile, 1)
    assert day(profile, 1) != day(profile, 2)


def test_faults_do_not_move_the_dice_of_the_shapes() -> None:
    """Each kind of chance has dice of its own: with a fault rule that never strikes nothing changes."""
    assert day("alt", 1, "none") == day("alt", 1, "lost=0%")


def test_begun_anew_it_is_the_same_again() -> None:
    them = caller(PROFILES["alt"], logged_in=False, seed=4, faults=parse_rules("mix"))

    def replies() -> list[object]:
        return ask(Caller(them.sim))

    first = replies()
    them.sim.reset()
    assert replies() == first
