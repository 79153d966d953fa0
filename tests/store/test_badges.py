"""How a username is written where a badge is given one, and where two spellings are in use already."""

from sqlite_utils import Database

from clockd.core.model import Employee
from clockd.core.wire import same_user
from clockd.store import badges
from clockd.store.badges import Spellings, spelt_twice
from clockd.store.schema import migrations


def _db(*names: str, removed: tuple[str, ...] = ()) -> Database:
    """A store with badges as they were added before there was one spelling for each."""
    db = Database(memory=True)
    migrations.apply(db)
    for n, name in enumerate((*removed, *names)):
        db.execute(
            "INSERT INTO badge VALUES (?, '0000', ?, ?, ?, ?, NULL, NULL)",
            [str(n), name, name, n, 9 if name in removed else None],
        )
    return db


def _add(db: Database, fingerprint: str, username: str) -> str:
    badges.add(db, fingerprint, "0000", Employee(username, "x"), 10)
    found = badges.find(db, fingerprint)
    assert found is not None
    return found.username


def test_the_spelling_that_is_known_stays() -> None:
    db = _db("Ada@x.org", "Bob")
    assert _add(db, "a", "ada@X.org") == "Ada@x.org"
    assert _add(db, "b", "bob") == "bob"  # no e-mail: case may tell people apart
    assert _add(db, "c", "Jo\u0308rg@x.org") == "Jo\u0308rg@x.org"
    assert _add(db, "d", "j\u00f6rg@x.org") == "Jo\u0308rg@x.org"


def test_of_two_spellings_in_use_each_stays_so_that_a_badge_can_be_moved() -> None:
    db = _db("Ada@x.org", "ada@x.org")
    assert _add(db, "1", "ada@x.org") == "ada@x.org"
    assert _add(db, "a", "ADA@x.org") == "Ada@x.org"
    assert _add(db, "1", "Ada@x.org") == "Ada@x.org"
    assert _add(db, "b", "ada@x.org") == "Ada@x.org"  # the other is in use no more


def test_a_badge_that_was_removed_still_says_how_they_are_written() -> None:
    db = _db(removed=("Ada@x.org",))
    assert _add(db, "a", "ada@x.org") == "Ada@x.org"


def test_a_file_is_read_against_the_names_once() -> None:
    known = Spellings.load(_db("Ada@x.org"))
    assert [known.of(name) for name in ("ada@x.org", "Bob@x.org", "bob@x.org")] == [
        "Ada@x.org",
        "Bob@x.org",
        "Bob@x.org",
    ]


def test_who_is_spelt_twice_is_named() -> None:
    assert spelt_twice(["ada@x.org", "Ada@x.org", "Ada@x.org", "bob@x.org", "Bob", "bob"]) == [
        ("Ada@x.org", "ada@x.org")
    ]


def test_letters_that_only_look_alike_are_two_people() -> None:
    assert same_user("Müller@Firma.at", "müller@firma.at")
    assert not same_user("strauß@firma.at", "strauss@firma.at")
