"""An employee's data is erased: a search over every byte finds them before, and nowhere after."""

import json
import os
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clockd import config
from clockd.config import Config, Secret
from clockd.core.delivery import Held, HoldCode, Now, State
from clockd.core.erasure import Hindrance
from clockd.core.json import Json
from clockd.core.model import Employee, Kind, Project, Reading
from clockd.daemon.opening import BootClocks, Core, core_over, open_office
from clockd.errors import Refused, UsageError
from clockd.flow import counter, erasing
from clockd.flow.counter import Office
from clockd.flow.erasing import Erasing
from clockd.host.timewatch import TimeWatch
from clockd.store import Database, badges, discarding, ledger, projects, remains, schema, view
from clockd.store import erasing as kept
from clockd.store.remains import FileKind
from clockd.store.thread import RewriteEnd, Store
from tests import older
from tests.filled import Made, fill
from tests.flow.house import BEGIN_AT

NOBODY = 65534
NAME, CALLED = "zaphod.beeblebrox", "Zaphod Beeblebröx"
SOUGHT = ("zaphod", "beeblebr", "ZAPHOD")
WORDS: dict[str, Json] = {"username": NAME, "why": "asked for it by letter", "by": "olga", "copies": False}


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """A door with rows of an older clockd, in which the employee has left traces wherever one can."""
    state = tmp_path / "state"
    state.mkdir()
    with closing(sqlite3.connect(state / "clockd.db", isolation_level=None)) as connection:
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA page_size = 2048")
        schema.migrations.apply(db, stop_before="m014_bodies_that_may_be_discarded")
        reading = Reading(BEGIN_AT - timedelta(days=400), 1.0, "older", 1, trusted=True)
        older.append(db, "badge", None, reading, {"username": "zaphod", "tail": "1111", "by": "olga"})
        older.append(db, "rename", None, reading, {"old": "zaphod", "new": NAME, "by": "olga"})
    store = Store(state / "clockd.db")
    await store.open()
    reading = Reading(BEGIN_AT, 1000.0, "boot", 1, trusted=True)
    clocks = BootClocks(lambda: reading, TimeWatch((), "boot", 1), None)
    door = config.TerminalSection(name="front-door", time_zone="Europe/Vienna", state_dir=str(state))
    made = await core_over(store, Config(terminal=door), Secret("pepper"), clocks, 7)
    await fill(made, history())
    await store.run(traces)
    yield made
    if store._db is not None:
        await store.close()


def history() -> list[Made]:
    found = []
    for days in range(200, 0, -2):
        for name in (NAME, "bob", "eve"):
            begin = BEGIN_AT - timedelta(days=days)
            found += [Made(name, Kind.IN, begin), Made(name, Kind.OUT, begin + timedelta(hours=8))]
    return found


def traces(db: Database) -> None:
    """Rows in every table that can name somebody."""
    owner = Employee(NAME, CALLED)
    for n, removed in (("a", False), ("b", True)):
        badges.add(db, n * 64, "1111", owner, 1)
        badges.appoint(db, n * 64)
        if removed:
            badges.remove(db, n * 64, 2)
    badges.add(db, "c" * 64, "2222", Employee("bob", "Bob"), 1)
    db.execute("INSERT INTO badge_end VALUES ('x', ?)", ["b" * 64])
    projects.keep(db, "timetrack x", NAME, [Project("Acme", "Roof")])
    seq = db.execute("SELECT max(seq) FROM outbox WHERE username = ?", [NAME]).fetchone()[0]
    tries = json.dumps([[1, f"create {NAME}", 200, f"{CALLED} ok"]])
    db.execute("UPDATE outbox SET tries = ?, last_error = ? WHERE seq = ?", [tries, NAME, seq])
    now = Now(1, 1, 1)
    view.keep_findings(db, [view.NightlyFinding(seq, "moved", f"entry of {NAME}")], now)
    version = json.dumps([NAME, "in", 5, 0])
    for number, about, way in ((1, seq, "amend"), (2, None, "rename"), (3, seq + 1, "amend")):
        db.execute(
            "INSERT INTO correction (number, seq, way, by, why, username, old, merge, was, becomes, held, progress, "
            "made_us) VALUES (?, ?, ?, 'olga', 'x', ?, 'zaphod', 0, ?, ?, '{}', 'made', 1)",
            [number, about, way, NAME, version, version],
        )
        db.execute("INSERT INTO correction_owner (number, username, to_show) VALUES (?, ?, 1)", [number, NAME])
    reading = Reading(BEGIN_AT, 1.0, "boot", 1, trusted=True)
    for what, about, body in (
        ("amend", seq, {"username": NAME, "by": "olga", "why": f"of {CALLED}"}),
        ("badge", None, {"username": "bob", "from": NAME, "tail": "2222", "by": "olga"}),
        ("propose", None, {"way": "rename", "owners": f"bob, {NAME}", "by": "olga"}),
        ("note", None, {"text": f"{CALLED.upper()} was here"}),
    ):
        ledger.add(db, what, about, reading, body)


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def is_named(folder: Path) -> bool:
    text = bytes_of(folder).lower()
    return any(
        word.lower().encode(way) in text for word in SOUGHT for way in ("utf-8", "utf-16-le", "utf-16-be")
    )  # fmt: skip


async def ask(office: Office, cmd: str, **words: Json) -> Any:
    return await counter.answer(office, {"cmd": cmd, **words})


async def leave(core: Core) -> None:
    """What has to be done first."""
    await core.store.run(lambda db: badges.remove(db, "a" * 64, 3))


def without_copies(core: Core) -> Path:
    """The state folder, in which no copy of before the migration is left."""
    for path in core.store.path.parent.glob("*.before-*"):
        path.unlink()
    return core.store.path.parent


async def test_nothing_names_them_any_more(core: Core) -> None:
    office, folder = open_office(core), without_copies(core)
    before = {
        name: await ask(office, "hours", username=name, first="2026-11-01", last="2026-11-20")
        for name in ("bob", "eve")
    }
    await leave(core)
    await core.store.checkpoint()
    assert is_named(folder), "the control: the search finds what is there"
    done = await ask(office, "people.erase", **WORDS)
    report = done["report"]
    assert (done["stage"], report["tables"], report["files"], report["unread"]) == ("done", [], [], [])
    assert (report["punches"], report["rewritten"]) == (200, True)
    assert not is_named(folder)
    verified = await ask(office, "ledger.verify")
    assert (verified["ok"], verified["discarded"]) == (True, {"erasure": report["bodies"]})
    assert {one["username"] for one in await ask(office, "people")} == {"bob", "eve"}
    for name, sheet in before.items():
        assert await ask(office, "hours", username=name, first="2026-11-01", last="2026-11-20") == sheet
    (noted,) = [row for row in (await ask(office, "ledger.log"))["rows"] if row["what"] == "erase"]
    assert (noted["punches"], noted["bodies"], noted["by"], noted["why"]) == (
        200, report["bodies"], "olga", "asked for it by letter",
    )  # fmt: skip
    await core.store.close()
    again = Store(core.store.path)
    await again.open()
    assert (await again.run(ledger.verify)).wrong is None
    assert await again.run(lambda db: len(badges.all_badges(db))) == 1
    await again.close()
    assert not is_named(folder)


@pytest.mark.parametrize(
    "left_out",
    ["badge", "outbox", "correction", "correction_owner", "finding", "meta", "ledger"],
)
async def test_control_a_table_that_is_left_out_is_found(core: Core, left_out: str) -> None:
    """As if nobody had thought of it: one row of each kind comes back right before the look at what is left."""
    folder, office = without_copies(core), open_office(core)
    await leave(core)
    rows = {
        "badge": "INSERT INTO badge (fingerprint, tail, username, name, added_us, removed_us) "
        "VALUES ('z', 'z', '{}', 'z', 1, 2)",
        "outbox": "UPDATE outbox SET last_error = '{}' WHERE seq = (SELECT max(seq) FROM outbox)",
        "correction": "UPDATE correction SET remark = '{}' WHERE number = 3",
        "correction_owner": "INSERT INTO correction_owner (number, username, to_show) VALUES (3, '{}', 0)",
        "finding": "INSERT INTO finding VALUES (1, 'x', '{}', 1)",
        "meta": "INSERT INTO meta VALUES ('projects of {}', '[]')",
    }

    async def carry(self: Erasing, tries: int = 1, *, rewrite: Any = Erasing._rewrite) -> RewriteEnd:
        def again(db: Database) -> None:
            if left_out == "ledger":
                seq = db.execute("SELECT max(seq) FROM ledger WHERE what = 'punch'").fetchone()[0]
                ledger.add(db, "amend", seq, core.read_clock(), {"by": "olga", "why": f"see {NAME}"})
            else:
                db.execute(rows[left_out].format(NAME))

        await core.store.run(again)
        end: RewriteEnd = await rewrite(self)
        return end

    class Forgetful(Erasing):
        _rewrite = carry

    office = replace(office, erasing=Forgetful(office.erasing.discarder, folder, core.store.path))
    report = (await ask(office, "people.erase", **WORDS))["report"]
    assert [table["table"] for table in report["tables"]] == [left_out]
    assert [file["kind"] for file in report["files"]] == ["database"]


async def test_copies_backups_and_what_cannot_be_read_are_named(core: Core) -> None:
    office, folder = open_office(core), core.store.path.parent
    await leave(core)
    for name, text in (
        ("clockd.db.damaged-1", NAME.encode()),
        ("clockd.db.replaced-2-wal", NAME.upper().encode("utf-16-le")),
        ("notes.json", json.dumps({"who": CALLED}).encode()),
        ("export.csv.gz", b"\x1f\x8bxxxx"),
        ("broken.backup", b"PK\x03\x04 nothing"),
        ("nobody.txt", b"Canada"),
    ):
        (folder / name).write_bytes(text)
    with zipfile.ZipFile(folder / "door.backup", "w", zipfile.ZIP_DEFLATED) as backup:
        backup.writestr("clockd.db", b"x" * 200_000 + NAME.encode() + b"x" * 200_000)
    report = (await ask(office, "people.erase", **WORDS))["report"]
    assert {(file["file"], file["kind"]) for file in report["files"]} == {
        ("clockd.db.before-m014", "copy"),
        ("clockd.db.damaged-1", "copy"),
        ("clockd.db.replaced-2-wal", "copy"),
        ("notes.json", "other"),
        ("door.backup", "other"),
    }
    assert [each["file"] for each in report["unread"]] == ["broken.backup", "export.csv.gz"]
    assert report["deleted"] == []
    # the name is nowhere in the store any more, and the files are looked through once more
    report = (await ask(office, "people.erase", **{**WORDS, "copies": True}))["report"]
    assert report["deleted"] == ["clockd.db.before-m014", "clockd.db.damaged-1", "clockd.db.replaced-2-wal"]
    assert {file["file"] for file in report["files"]} == {"door.backup"}
    report = (await ask(office, "people.erase", **{**WORDS, "username": CALLED}))["report"]
    assert {file["file"] for file in report["files"]} == {"notes.json"}, "what they were called is known to nobody now"
    notes = [row for row in (await ask(office, "ledger.log"))["rows"] if row["what"] == "erase"]
    assert len(notes) == 1, "a look alone is no erasure"


@pytest.fixture
def no_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of somebody who may not read everything, as whom the test goes on."""
    if os.geteuid() != 0:
        yield tmp_path_factory.mktemp("state")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(folder)
        finally:
            os.seteuid(0)


def test_a_folder_that_may_not_be_entered_is_named(no_root: Path) -> None:
    (no_root / "web").mkdir(mode=0)
    assert [*remains.search(no_root, no_root / "clockd.db", [b"ada"])] == [remains.NotRead("web", "Permission denied")]


async def test_rows_of_others_that_name_them_stay_and_are_told(core: Core) -> None:
    office = open_office(core)
    await leave(core)
    seq = await core.store.run(
        lambda db: db.execute("SELECT max(seq) FROM outbox WHERE username = 'bob'").fetchone()[0]
    )
    await core.store.run(
        lambda db: ledger.add(db, "amend", seq, core.read_clock(), {"by": "olga", "why": f"borrowed from {NAME}"})
    )
    made = await core.store.run(
        lambda db: ledger.add(db, "badge", None, core.read_clock(), {"username": "eve", "by": f"root (claims {NAME})"})
    )
    report = (await ask(office, "people.erase", **WORDS))["report"]
    (table,) = report["tables"]
    assert (table["table"], table["count"], table["rows"]) == ("ledger", 2, [str(made - 1), str(made)])
    story = await core.store.run(lambda db: [row.body for row in ledger.story_of(db, seq)])
    assert story[-1]["why"] == f"borrowed from {NAME}"


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (lambda db: None, "they have a badge"),
        (lambda db: _account(db), "an account of the page is theirs"),
        (lambda db: db.execute("UPDATE correction SET progress = 'asked' WHERE number = 1"), "waits for an answer"),
    ],
)
async def test_what_has_to_be_done_first_is_said(core: Core, first: Any, said: str) -> None:
    if "badge" not in said:
        await leave(core)
    await core.store.run(lambda db: first(db) and None)
    with pytest.raises(Refused, match=said):
        await ask(open_office(core), "people.erase", **WORDS)
    assert await core.store.run(kept.order) is None
    assert is_named(core.store.path.parent)


def _account(db: Database) -> None:
    db.execute("INSERT INTO account VALUES ('z', 'employee', 'h', ?, 1)", [NAME])


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Made(NAME, Kind.IN, BEGIN_AT), "they are clocked in"),
        (Made(NAME, Kind.OUT, BEGIN_AT, held=Held(HoldCode.REFUSED, "x")), "wait or are held"),
        (Made(NAME, Kind.OUT, BEGIN_AT, state=State.WAITING), "wait or are held"),
        (Made(NAME, Kind.OUT, BEGIN_AT, state=State.DOUBTFUL), "wait or are held"),
    ],
)
async def test_a_punch_that_is_not_at_its_end_comes_first(core: Core, made: Made, said: str) -> None:
    await leave(core)
    await fill(core, [made])
    with pytest.raises(Refused, match=said):
        await ask(open_office(core), "people.erase", **WORDS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"why": " "}, "say why"),
        ({"why": f"{CALLED} left"}, "names whose data it is"),
        ({"why": "ZAPHOD left"}, "names whose data it is"),
        ({"by": f"root (claims {NAME})"}, "names whose data it is"),
        ({"username": " "}, "is empty"),
        ({"username": "a\nb"}, "holds a character"),
    ],
)
async def test_a_reason_that_names_them_is_refused(core: Core, words: dict[str, Json], said: str) -> None:
    await leave(core)
    with pytest.raises((Refused, UsageError), match=said):
        await ask(open_office(core), "people.erase", **{**WORDS, **words})


async def test_an_old_name_that_is_somebody_elses_now_is_left_alone(core: Core) -> None:
    await leave(core)
    await core.store.run(lambda db: badges.add(db, "d" * 64, "3333", Employee("zaphod", "Another Zaphod"), 1) and None)
    await fill(core, [Made("zaphod", Kind.IN, BEGIN_AT), Made("zaphod", Kind.OUT, BEGIN_AT + timedelta(hours=1))])
    await ask(open_office(core), "people.erase", **WORDS)
    assert {one["username"] for one in await ask(open_office(core), "people")} == {"bob", "eve", "zaphod"}
    assert len(await ask(open_office(core), "punches", username="zaphod")) == 2


async def test_what_was_cut_goes_on_at_the_next_start(core: Core) -> None:
    """The power goes after each transaction in turn; the next life finishes it, with one row that says so."""
    folder, store = without_copies(core), core.store
    await leave(core)
    left, cuts = 0, 0

    async def run(work: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise _Cut
        return await Store.run(store, work)

    while True:
        office, left = open_office(core), cuts
        ordered, whats = await store.run(kept.order), await store.run(_whats)
        vars(store)["run"] = run
        try:
            if ordered is None and "erase" not in whats:
                await ask(office, "people.erase", **WORDS)
            else:
                await office.erasing.carry()
        except _Cut:
            cuts += 1
        else:
            break
        finally:
            del vars(store)["run"]
        assert (await store.run(ledger.verify)).wrong is None
    assert cuts > 10
    await open_office(core).erasing.carry()
    assert (await store.run(ledger.verify)).wrong is None
    assert not is_named(folder)
    assert (await store.run(_whats)).count("erase") == 1


def _whats(db: Database) -> list[str]:
    return [row.what for row in ledger.every_row(db)]


class _Cut(BaseException):
    """The power goes."""


async def test_space_that_is_free_since_older_times_is_written_anew(core: Core) -> None:
    folder = without_copies(core)
    await leave(core)
    await core.store.close()
    with closing(sqlite3.connect(core.store.path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        for n in range(200):
            db.execute("INSERT INTO meta VALUES (?, ?)", [f"x{n}", NAME * 20])
        db.execute("DELETE FROM meta WHERE key LIKE 'x%'")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store = Store(core.store.path)
    await store.open()
    office = open_office(replace(core, store=store))
    office.erasing.is_quiet = lambda: False
    report = (await ask(office, "people.erase", **WORDS))["report"]
    assert (report["rewritten"], report["tables"], [each["kind"] for each in report["files"]]) == (
        False,
        [],
        ["database"],
    )
    assert is_named(folder), "the control: somebody is at the door, and it is said that something is left"
    office.erasing.is_quiet = lambda: True
    await office.erasing.carry()
    await store.close()
    assert not is_named(folder)


async def test_a_large_file_is_not_rewritten_and_that_is_said(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clockd.store.thread.MOST_REWRITTEN_BYTES", 10)
    await leave(core)
    report = (await ask(open_office(core), "people.erase", **WORDS))["report"]
    assert report["rewritten"] is False
    assert "too large" in report["rewritten_because"]


def test_every_end_is_said() -> None:
    assert set(erasing.REWRITE_SAID) == set(RewriteEnd)
    assert set(erasing.FILE_SAID) == set(FileKind)
    assert set(erasing.FIRST_THINGS) == set(Hindrance)


def undecided(tables: Sequence[str]) -> list[str]:
    """The tables of which neither retention nor erasure says what becomes of them."""
    essays = f"{discarding.__doc__} {kept.__doc__}"
    return [table for table in tables if not re.search(rf"\b{table}\b", essays)]


async def test_of_each_table_it_is_said_what_becomes_of_it(core: Core) -> None:
    tables = await core.store.run(
        lambda db: [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    )
    assert undecided([name for name in tables if not name.startswith(("sqlite_", "_"))]) == []
    assert undecided(["badge", "of_later"]) == ["of_later"], "the control"
