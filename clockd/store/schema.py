"""The tables, as migrations: each runs once, in one transaction, together with the note that it ran.

Rules: an old migration is never edited; a new one is added below, and its name begins with its number. Tables are
STRICT. Times are integers in microseconds (`_us`): UTC since 1970 for wall clocks, since boot for CLOCK_BOOTTIME.

The release before must be able to open what this one leaves, so that an update can be taken back without losing a
punch. So a migration only adds: a table, an index, a column that may be NULL or has a default. What nobody reads any
more is removed one release later. The database names the oldest clockd that may open it (`OLDEST`): a new table or
column leaves that as it is; where an old reader would be misled (a new word in a column it reads, a column it must
not ignore), `OLDEST` is raised to the release that understands it, which is the one before at the latest. A clockd
meets migrations it does not know with patience where the database says that it may, and else refuses to open it.

Before a migration the database is copied beside itself (`clockd.db.before-m004`). The copy is for a person with a
broken card and a good reason. Nothing ever puts it back by itself: the punches made since would be gone.

`ledger` holds what happened and is only ever added to: two triggers refuse everything else, and each row carries the
hash of the row before it (`store/ledger.py`). One change is let through: a row may lose its body, and with it the salt
of its digest, once a later row `discard` names it (`core/chain.py`). `outbox` holds how each punch counts now and how
far its delivery has come; it could be made again from the ledger, except for what the tracker answered.

An older clockd (before m014) opens such a database and goes on recording; its rows have no digest. It does not follow
the chain over rows that have one: its own `clockd ledger verify` says that the first of them is not what was written,
and its `clockd backup` refuses for that.
"""

import sqlite3
from dataclasses import dataclass

from sqlite_utils import Database, Migrations

migrations = Migrations("clockd")


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest clockd that may open a database."""

    schema: int
    """Number of the last migration that it knows."""
    version: str
    """Its release, for people."""


OLDEST = Oldest(3, "0.1.0")
"""The one that may open what this clockd leaves."""


def migration_number(migration: str) -> int:
    """Return the number a migration's name begins with; 0 when there is none."""
    digits = migration.removeprefix("m").partition("_")[0]
    return int(digits) if migration.startswith("m") and digits.isdecimal() else 0


def newest() -> int:
    """Return the number of the last migration that this clockd knows."""
    return max(migration_number(known.name) for known in migrations._migrations)


def too_new(db: sqlite3.Connection) -> str | None:
    """Say which clockd a database needs, when it is a newer one than this; reads only."""
    rows = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('oldest_schema', 'oldest_clockd')").fetchall())
    if "oldest_schema" in rows:
        needed = int(rows["oldest_schema"]) if rows["oldest_schema"].isdecimal() else 0
        return f"clockd {rows.get('oldest_clockd', '')} or newer" if needed > newest() else None
    names = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'clockd'").fetchall()
    return "a newer clockd" if any(migration_number(name) > newest() for (name,) in names) else None


def present(db: Database) -> int:
    """Return the number of the last migration that a database went through."""
    names = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'clockd'").fetchall()
    return max((migration_number(name) for (name,) in names), default=0)


def pending(db: Database) -> str | None:
    """Return the short name of the first migration that is to come, as `m004`; None when there is none."""
    names = [migration.name for migration in migrations.pending(db)]
    return names[0].partition("_")[0] if names else None


def migrate(db: Database) -> None:
    """Bring a database up to date, and let it say who may open it; never less than a newer clockd said."""
    migrations.apply(db)
    said = db.execute("SELECT value FROM meta WHERE key = 'oldest_schema'").fetchone()
    if said is None or not said[0].isdecimal() or int(said[0]) < OLDEST.schema:
        with db.atomic():
            for key, value in (("oldest_schema", str(OLDEST.schema)), ("oldest_clockd", OLDEST.version)):
                db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, value])


@migrations()
def m001_first(db: Database) -> None:
    """Create the tables of clockd 0.1."""
    for statement in FIRST:
        db.execute(statement)


FIRST = (
    """
    CREATE TABLE meta (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # one row per boot of this machine in which clockd ran
    """
    CREATE TABLE boot (
        seq        INTEGER PRIMARY KEY,
        boot_id    TEXT NOT NULL UNIQUE,
        began_us   INTEGER NOT NULL,  -- wall clock minus boottime when first seen: a claim, not a truth
        last_us    INTEGER NOT NULL,  -- last sign of life, boottime
        synced     INTEGER NOT NULL   -- whether this boot ever knew the time
    ) STRICT
    """,
    """
    CREATE TABLE anchor (
        id          INTEGER PRIMARY KEY,
        boot_seq    INTEGER NOT NULL REFERENCES boot (seq),
        boottime_us INTEGER NOT NULL,
        wall_us     INTEGER NOT NULL,
        error_us    INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE ledger (
        seq         INTEGER PRIMARY KEY,
        what        TEXT NOT NULL,     -- punch, or what was done to one: see store/ledger.py
        punch_seq   INTEGER NOT NULL,  -- the punch this is about; its own seq for a punch
        wall_us     INTEGER NOT NULL,
        boottime_us INTEGER NOT NULL,
        boot_seq    INTEGER NOT NULL,
        trusted     INTEGER NOT NULL,
        body        TEXT NOT NULL,     -- JSON
        hash        TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # one row per punch and lane: attendance always, project where a project timer is concerned
    """
    CREATE TABLE outbox (
        seq           INTEGER NOT NULL,
        lane          TEXT NOT NULL,
        ord           INTEGER NOT NULL,  -- place in the employee's row of punches
        username      TEXT,
        kind          TEXT,
        client        TEXT,
        project       TEXT,
        at_us         INTEGER NOT NULL,
        offset_s      INTEGER NOT NULL,
        clock         TEXT NOT NULL,
        earliest_us   INTEGER,
        latest_us     INTEGER,
        proposal_us   INTEGER,
        voided        INTEGER NOT NULL DEFAULT 0,
        state         TEXT NOT NULL,
        held_code     TEXT,
        held_because  TEXT,
        blocks        INTEGER NOT NULL DEFAULT 0,
        entry_ids     TEXT NOT NULL DEFAULT '[]',
        via           TEXT,
    mark          TEXT,
        attempts      INTEGER NOT NULL DEFAULT 0,
        sent_us       INTEGER,
        sent_boot     INTEGER,
        first_sent_us INTEGER,
        due_us        INTEGER,
        due_boot      INTEGER,
        last_write    TEXT,
        last_error    TEXT,
        done_us       INTEGER,
        done_boot     INTEGER,
        tracker       TEXT,
        PRIMARY KEY (seq, lane)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX outbox_of_employee ON outbox (username, ord)",
    """
    CREATE INDEX outbox_open ON outbox (username, ord)
    WHERE state IN ('waiting', 'sending', 'doubtful', 'held')
    """,
    # an address book of badges; a badge that is removed keeps its row, so that the ledger stays readable
    """
    CREATE TABLE badge (
        fingerprint TEXT PRIMARY KEY,
        tail        TEXT NOT NULL,
        username    TEXT NOT NULL,
        name        TEXT NOT NULL,
        added_us    INTEGER NOT NULL,
        removed_us  INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    # what the last nightly look found; replaced by the next one
    """
    CREATE TABLE finding (
        seq    INTEGER NOT NULL,
        what   TEXT NOT NULL,
        detail TEXT NOT NULL,
        at_us  INTEGER NOT NULL
    ) STRICT
    """,
    # every request to the tracker of the last minutes, so that a restart cannot refill the budget
    """
    CREATE TABLE request (
        id       INTEGER PRIMARY KEY,
        boot_seq INTEGER NOT NULL,
        sent_us  INTEGER NOT NULL
    ) STRICT
    """,
)


@migrations()
def m002_what_a_boot_began_with(db: Database) -> None:
    """Keep what a boot's clock had to start with; NULL for boots of before: then nothing is known of it."""
    for statement in BEGAN_WITH:
        db.execute(statement)


BEGAN_WITH = (
    # the latest moment at which this boot began, as its wall clock ever told it, over all steps
    "ALTER TABLE boot ADD COLUMN latest_us INTEGER",
    # the saved clock, where it is certain that it was saved before this boot
    "ALTER TABLE boot ADD COLUMN saved_us INTEGER",
    # whether the wall clock is the one of a battery clock that looked plausible
    "ALTER TABLE boot ADD COLUMN from_battery INTEGER",
    # what was wrong with the battery clock, for people
    "ALTER TABLE boot ADD COLUMN battery TEXT",
)


@migrations()
def m003_when_it_was_first_sent_in_boot_time(db: Database) -> None:
    """Keep boot and boot time of a delivery's first request; of what was sent once, they are those of the last."""
    db.execute("ALTER TABLE outbox ADD COLUMN first_sent_boot INTEGER")
    db.execute("ALTER TABLE outbox ADD COLUMN first_sent_boottime_us INTEGER")
    db.execute(
        "UPDATE outbox SET first_sent_boot = sent_boot, first_sent_boottime_us = sent_us "
        "WHERE attempts = 1 AND first_sent_us IS NOT NULL"
    )


@migrations()
def m004_what_a_hold_waits_for(db: Database) -> None:
    """Keep which other punch a hold concerns, and when a refusal is tried again by itself."""
    db.execute("ALTER TABLE outbox ADD COLUMN held_other INTEGER")
    db.execute("ALTER TABLE outbox ADD COLUMN retries INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE outbox ADD COLUMN retry_us INTEGER")


@migrations()
def m005_whose_an_entry_is(db: Database) -> None:
    """Find the punches that own an entry: an id in an answer proves nothing where another punch has it."""
    db.execute("CREATE INDEX outbox_of_entry ON outbox (entry_ids) WHERE entry_ids != '[]'")


@migrations()
def m006_cards_that_are_nobodys(db: Database) -> None:
    """Keep the cards of which a person said that they are nobody's here: their taps ask for nobody."""
    db.execute(
        "CREATE TABLE stranger (fingerprint TEXT PRIMARY KEY, tail TEXT NOT NULL, since_us INTEGER NOT NULL) "
        "STRICT, WITHOUT ROWID"
    )


@migrations()
def m007_badges_by_a_part_of_their_number(db: Database) -> None:
    """Keep what shorter forms a badge's number has, and from which day until which day the badge counts."""
    for statement in BADGE_ENDS:
        db.execute(statement)


BADGE_ENDS = (
    # local days as 2026-11-30, both counted; NULL: no bound
    "ALTER TABLE badge ADD COLUMN from_day TEXT",
    "ALTER TABLE badge ADD COLUMN until_day TEXT",
    # fingerprints of the last four and three bytes of an identifier that was seen whole
    """
    CREATE TABLE badge_end (
        ending      TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        PRIMARY KEY (ending, fingerprint)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX badge_end_of ON badge_end (fingerprint)",
)


@migrations()
def m008_accounts_of_the_page(db: Database) -> None:
    """Keep who may sign in at the admin page, and which programs may read there: hashes alone."""
    db.execute(
        "CREATE TABLE account (name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, username TEXT, "
        "changed_us INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE token (name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL, "
        "reach TEXT NOT NULL, made_us INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    )


@migrations()
def m009_time_types(db: Database) -> None:
    """Keep the time type that a punch is for (Goodtime); NULL: the usual one."""
    db.execute("ALTER TABLE outbox ADD COLUMN time_type TEXT")


@migrations()
def m010_sentences_and_attempts(db: Database) -> None:
    """Keep of what sentences are made, so that they can be said in another language; and each request by itself."""
    for statement in TOLD:
        db.execute(statement)


TOLD = (
    # JSON as in core/sentence.py; NULL where the text beside it is no sentence of ours
    "ALTER TABLE outbox ADD COLUMN held_said TEXT",
    "ALTER TABLE outbox ADD COLUMN error_said TEXT",
    # JSON, a list of [at_us, what was sent, status, answer], as store/attempts.py keeps it; NULL before the first
    "ALTER TABLE outbox ADD COLUMN tries TEXT",
)


@migrations()
def m011_corrections_and_what_their_owners_say(db: Database) -> None:
    """Keep what the office changes, or wants to change, of somebody's record, and what each owner said to it."""
    for statement in CORRECTIONS:
        db.execute(statement)


CORRECTIONS = (
    """
    CREATE TABLE correction (
        number   INTEGER PRIMARY KEY,  -- place in the ledger of the row that tells it
        seq      INTEGER,              -- the punch; NULL for a new username
        way      TEXT NOT NULL,
        by       TEXT NOT NULL,
        why      TEXT NOT NULL,
        at_us    INTEGER,              -- what is said: NULL where that stays
        kind     TEXT,
        username TEXT,
        old      TEXT,
        time_type TEXT,
        merge    INTEGER NOT NULL,
        was      TEXT,                 -- how the punch counted, and counts then: JSON
        becomes  TEXT,
        held     TEXT NOT NULL,        -- how each of its deliveries was before it had to wait: JSON
        progress TEXT NOT NULL,
        made_us  INTEGER NOT NULL,
        due_us   INTEGER,              -- from then on silence counts as an answer
        ended_us INTEGER,
        remark   TEXT                  -- why an owner said no, or why it could not be made any more
    ) STRICT
    """,
    "CREATE INDEX correction_asked ON correction (seq) WHERE progress = 'asked'",
    """
    CREATE TABLE correction_owner (
        number   INTEGER NOT NULL REFERENCES correction (number),
        username TEXT NOT NULL,
        to_show  INTEGER NOT NULL,     -- whether it is shown at their next tap
        told_us  INTEGER,
        consent  TEXT,
        said_us  INTEGER,
        PRIMARY KEY (number, username)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX correction_to_show ON correction_owner (username, number) WHERE to_show = 1",
)


@migrations()
def m012_projects_by_employee(db: Database) -> None:
    """Find the projects of somebody who has none without reading all of their attendance; it holds no other rows."""
    # with "lane = 'project'" SQLite prepares each statement that has "lane = ?" anew at every call
    db.execute("CREATE INDEX outbox_of_projects ON outbox (username, ord) WHERE lane != 'attendance'")


@migrations()
def m013_what_was_said_of_a_punch(db: Database) -> None:
    """Find what was said of a punch without reading all that was recorded since; a tap adds nothing to this index."""
    db.execute("CREATE INDEX ledger_about ON ledger (punch_seq) WHERE what != 'punch' AND punch_seq != seq")


@migrations()
def m014_bodies_that_may_be_discarded(db: Database) -> None:
    """Let a row's hash cover a salted digest of its body, so that the body may go and the chain still be followed."""
    for statement in DISCARDED:
        db.execute(statement)


DISCARDED = (
    # both NULL in rows of an older clockd; the salt alone in those whose body was discarded
    "ALTER TABLE ledger ADD COLUMN salt BLOB",
    "ALTER TABLE ledger ADD COLUMN digest BLOB",
    # rows of the ledger without a body, and the row `discard` that names them
    "CREATE TABLE discarded (seq INTEGER PRIMARY KEY, by_seq INTEGER NOT NULL) STRICT",
    "DROP TRIGGER ledger_refuses_update",
    """
    CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger
    WHEN NOT (
        NEW.seq = OLD.seq AND NEW.what = OLD.what AND NEW.punch_seq = OLD.punch_seq AND NEW.wall_us = OLD.wall_us
        AND NEW.boottime_us = OLD.boottime_us AND NEW.boot_seq = OLD.boot_seq AND NEW.trusted = OLD.trusted
        AND NEW.digest IS OLD.digest AND NEW.hash = OLD.hash AND NEW.body = '' AND NEW.salt IS NULL
        AND OLD.what NOT IN ('discard', 'seal')
        AND EXISTS (
            SELECT 1 FROM discarded JOIN ledger teller ON teller.seq = discarded.by_seq
            WHERE discarded.seq = OLD.seq AND teller.what = 'discard' AND teller.seq > OLD.seq
        )
    )
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
)
