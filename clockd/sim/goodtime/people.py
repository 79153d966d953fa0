"""The users, time types and projects of a Goodtime account: from a file, or made up from a seed.

A users file is the one of the TimeTrack simulator (`clockd/sim/timetrack/people.py`): CSV or JSON with `username`, and
if known `email`, `enabled`, `noise`. The login e-mail is `email`, else `username`; who is not enabled is closed.
"""

import random
import uuid
from dataclasses import dataclass
from pathlib import Path

from clockd.errors import UsageError
from clockd.sim.timetrack import people as files

GIVEN = (
    "ada@example.com",
    "anna+clock@example.com",
    "jürgen@müller-söhne.example",
    "Grace.Hopper@Example.com",
    "o'neill/kitty@example.com",
    "lukasz@example.com",
    "mary&jackson@example.com",
    "dorothy@example.com",
    "alan%2Bturing@example.com",
    "li#xiaolong@example.com",
)
"""Login e-mails that a careless client cannot spell: plus, umlaut, slash, ampersand, percent, hash."""

NOISE = ("anna clock@example.com", "test@example.com", "tester@example.com", "da@example.com")
"""People who are nobody's badge. The first is what an unencoded plus becomes."""

TIME_TYPES = ("working hours", "home office", "vacation", "sick leave")
PROJECTS = ("Roof", "Roof & façade", "Test", "Test 2", "Umbau/Neubau")


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the account is opened with."""

    email: str
    closed: bool = False
    noise: bool = False
    projects: tuple[str, ...] | None = None
    """Names of the projects the person is assigned to; None: all."""


def made_up_people(count: int, seed: int) -> tuple[Person, ...]:
    """So many users of ours, and the noise users."""
    dice = random.Random(f"people {seed}")  # noqa: S311 - a simulator's dice
    more = (f"{dice.choice('bcdfghjk')}{dice.choice('aeiou')}{n}@example.com" for n in range(len(GIVEN), count))
    emails = (*GIVEN[:count], *more)
    return (*(Person(email) for email in emails), *(Person(email, noise=True) for email in NOISE))


def read_people(path: Path) -> tuple[Person, ...]:
    """Read a users file.

    Raises:
        UsageError: with the file, the line and what is missing.
    """
    found = tuple(Person(p.email or p.username, closed=not p.enabled, noise=p.noise) for p in files.read_people(path))
    if len({person.email.casefold() for person in found}) < len(found):
        raise UsageError(f"{path}: two users have the same login e-mail")
    return found


def made_up_id(dice: random.Random) -> str:
    """A UUID as Goodtime's, in upper-case hex (trap U09)."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4)).upper()
