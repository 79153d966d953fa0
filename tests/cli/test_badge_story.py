"""Who gave and who took a badge, and why, stands in the ledger; the badge by its last digits, never its identifier."""

import getpass
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_looking import configured
from tests.e2e.conftest import Command

UID = "04A2B3C4D5E6F7"


def story(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """All rows of the ledger that are about badges."""
    with closing(sqlite3.connect(folder / "state" / "clockd.db")) as db:
        rows = db.execute(
            "SELECT what, body FROM ledger WHERE what IN ('badge', 'badges', 'revoke') ORDER BY seq"
        ).fetchall()
    return [(what, json.loads(body)) for what, body in rows]


@pytest.fixture
def told(command: Command, tmp_path: Path) -> Command:
    file = configured(tmp_path)

    async def run(*words: object) -> Any:
        said = await command(*words, "--config", file)
        assert said.code == 0, said
        return said

    return run


async def test_an_admins_badge_is_listed_as_one_until_it_is_given_anew(told: Command, tmp_path: Path) -> None:
    async def admins() -> list[bool]:
        return [badge["admin"] for badge in (await told("badges", "list", "--json")).json]

    await told("badges", "add", "--uid", UID, "-u", "ada", "--admin")
    assert await admins() == [True]
    assert "admin" in (await told("badges", "list")).out
    await told("badges", "add", "--uid", UID, "-u", "bob")
    assert await admins() == [False]
    assert [body.get("admin", False) for _, body in story(tmp_path)] == [True, False]


async def test_each_change_of_a_badge_is_kept(told: Command, tmp_path: Path) -> None:
    await told("badges", "add", "--uid", UID, "-u", "ada", "--why", "her first day")
    await told("badges", "add", "--uid", UID, "-u", "bob", "--why", "Ada left")
    removed = await told("badges", "remove", "--uid", UID, "--why", "lost")
    assert removed.out == "removed: the badge …E6F7 of bob\n"
    file = tmp_path / "badges.csv"
    file.write_text(f"uid,username,name\n{UID},cem,Cem\n04A2B3C4D5E6F8,dora,\n")
    await told("badges", "import", file, "--why", "the new list")
    found = [(what, *(b.get(k) for k in ("tail", "username", "from", "why"))) for what, b in story(tmp_path)]
    assert found == [
        ("badge", "E6F7", "ada", None, "her first day"),
        ("badge", "E6F7", "bob", "ada", "Ada left"),
        ("revoke", "E6F7", "bob", None, "lost"),
        ("badge", "E6F7", "cem", None, "the new list"),
        ("badge", "E6F8", "dora", None, "the new list"),
        ("badges", None, None, None, "the new list"),
    ]
    assert all(body["by"].startswith(getpass.getuser()) for _, body in story(tmp_path))
    assert (await told("ledger", "verify")).out.startswith("6 rows")
    for kept in (tmp_path / "state").iterdir():
        assert UID.encode() not in kept.read_bytes()
