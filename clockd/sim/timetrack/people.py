"""The users, clients and projects of an account: from a file, or made up from a seed.

A users file is CSV with a header or a JSON array of objects: `username`, and if known `firstName`, `lastName`,
`email`, `personalNumber`, `enabled`, `noise` (not one of ours: the terminal must never write for this person). The file
of `clockd badges import` (`uid,username,name`) is understood as well. A projects file has `clientName`,
`projectName`, `projectEnabled`.
"""

import csv
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from clockd.errors import UsageError

GIVEN = (
    ("ada", "Ada", "Lovelace"),
    ("grace", "Grace", "Hopper"),
    ("łukasz", "Łukasz", "Wiśniewski"),
    ("juergen", "Jürgen", "Öztürk-Maier"),
    ("aggeliki", "Αγγελική", "Παπαδοπούλου"),
    ("lixiaolong", "小龙", "李"),
    ("mary.jackson", "Mary", "Jackson"),
    ("Dorothy", "Dorothy", "Vaughan"),
    ("alan turing", "Alan", "Turing"),
    ("o'neill", "Kitty", "O'Neill"),
)
"""Names as the world has them: the first ones made up. Two differ only in what a careless client folds away."""

NOISE = (
    ("jörg+x & co", "Jörg", "Großmann"),
    ("ADA", "Adelheid", "Lang"),
    ("test", "Test", "User"),
    ("tester", "Tester", "User"),
)
"""People of the same account who are nobody's badge; their names are near to ours, or hard to encode."""

PROJECTS = (
    ("Client 001", "Test"),
    ("Client 001", "Test 2"),
    ("Client 001", "Roof & façade"),
    ("Client 002", "Test"),
    ("Client 002", "My Test project"),
    ("Client 006", "Project 006_1"),
    ("Müller GmbH", "Umbau"),
)
"""Several hits for one substring, one name under two clients (trap T28)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the account is opened with."""

    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    personal_number: int | None = None
    enabled: bool = True
    noise: bool = False


@dataclass(frozen=True, slots=True)
class OpeningProject:
    """A project as the account is opened with."""

    client: str
    name: str
    enabled: bool = True


def made_up_people(count: int, seed: int, *, noise: bool = True) -> tuple[Person, ...]:
    """So many users of ours, and the noise users."""
    dice = random.Random(f"people {seed}")  # noqa: S311 - a simulator's dice
    people = [Person(*given) for given in GIVEN[:count]]
    for n in range(len(people), count):
        username = f"{dice.choice('bcdfghjklmnprstvw')}{dice.choice('aeiou')}{dice.choice('lmnrst')}{n}"
        people.append(Person(username, username.capitalize(), f"Number {n}"))
    others = [Person(*given, noise=True) for given in NOISE] if noise else []
    return tuple(
        Person(p.username, p.first_name, p.last_name, f"user{n}@example.com", 1000 + n, noise=p.noise)
        for n, p in enumerate([*people, *others])
    )


def made_up_projects() -> tuple[OpeningProject, ...]:
    """The projects of a small account."""
    return tuple(OpeningProject(*given) for given in PROJECTS)


def read_people(path: Path) -> tuple[Person, ...]:
    """Read a users file.

    Raises:
        UsageError: with the file, the line and what is missing.
    """
    people = []
    for where, record in _records(path):
        username = record.get("username", "")
        if not username:
            raise UsageError(f"{where}: no username", hint="the first line names the columns, username among them")
        first, _, last = record.get("name", "").partition(" ")
        people.append(
            Person(
                username=username,
                first_name=record.get("firstName") or first,
                last_name=record.get("lastName") or last,
                email=record.get("email", ""),
                personal_number=_number(record.get("personalNumber", ""), where),
                enabled=_flag(record.get("enabled", ""), default=True, where=where),
                noise=_flag(record.get("noise", ""), default=False, where=where),
            )
        )
    if not people:
        raise UsageError(f"{path}: nobody stands in it", hint="a line username, and below it one name a line")
    # one person may have several badges in a badges file
    return tuple({person.username: person for person in people}.values())


def read_projects(path: Path) -> tuple[OpeningProject, ...]:
    """Read a projects file.

    Raises:
        UsageError: with the file, the line and what is missing.
    """
    jobs = []
    for where, record in _records(path):
        client, name = record.get("clientName", ""), record.get("projectName", "")
        if not client or not name:
            raise UsageError(f"{where}: clientName or projectName is missing")
        jobs.append(OpeningProject(client, name, _flag(record.get("projectEnabled", ""), default=True, where=where)))
    return tuple(jobs)


def _records(path: Path) -> Iterable[tuple[str, Mapping[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if text.lstrip().startswith("["):
        try:
            items = msgspec.json.decode(text.encode(), type=list[dict[str, str | int | bool | None]])
        except msgspec.DecodeError as error:
            raise UsageError(f"{path} is no list of objects: {error}") from None
        for n, item in enumerate(items):
            yield f"{path}: entry {n}", {k: "" if v is None else str(v) for k, v in item.items()}
        return
    reader = csv.DictReader(text.splitlines())
    for record in reader:
        yield f"{path}:{reader.line_num}", {k: v for k, v in record.items() if k and isinstance(v, str)}


def _number(text: str, where: str) -> int | None:
    if text and not text.isdigit():
        raise UsageError(f"{where}: personalNumber {text!r} is no number")
    return int(text) if text else None


def _flag(text: str, *, default: bool, where: str) -> bool:
    words = {"": default, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in words:
        raise UsageError(f"{where}: {text!r} is neither true nor false")
    return words[text.lower()]
