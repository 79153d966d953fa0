"""No word that a caller sends to the office is a mistake of ours: understood, or refused in a sentence."""

import random
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd import config, daemon
from clockd.core.delivery import Held, HoldCode
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.errors import ClockdError
from clockd.flow import counter
from clockd.store import ledger, outbox

WORDS: list[Json] = [
    *(None, True, False, 0, 1, -1, 10**18, 10**40, 1.5, 1e308, float("inf"), float("nan"), "", " ", "x", "\ud800"),
    *("\x00", "é" * 300, "9" * 5000, "[" * 500, "now", "2026-11-21 08:00", "0001-01-01", "0001-01-01T00:00+23:59"),
    *("9999-12-31T23:59:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "2026-W01-1", "24:00", "T", "in", "out"),
    *("project", "held", "waiting", "04A2B3C4D5E6F7", "08C0FFEE", "0" * 26, "Z" * 26, "7" + "Z" * 25, "f" * 64),
    [],
    [[]],
    [None],
    ["x"],
    ["x", "\ud800"],
    [1, 2],
    {},
    {"uid": "04A2B3C4", "username": "ada"},
    [{"uid": "04A2B3C4", "username": "ada", "name": "\ud800"}],
    [{"uid": 3}],
    [{}],
    [{"uid": "04A2B3C4"}],
    [{"uid": "04A2B3C4", "username": "ada"}],
    {"a": {"a": {}}},
    "ada",
    "ADA@x.org",
    "ada@X.org",
]
NAMES = [
    *("limit", "state", "username", "cursor", "newest_first", "id", "ids", "why", "by", "at", "kind", "accept", "uid"),
    *("name", "fingerprint", "badges", "request", "nonsense"),
]


def _fill(db: Database, now: Reading) -> None:
    """Three punches of an employee, and three of strangers."""
    for n in range(6):
        who = None if n > 2 else "ada"
        draft = ledger.Draft(
            who, Kind.OUT if n % 2 else Kind.IN, True, None, "f" * 64, "B3C4", now, "UTC", 0, "front-door", "serial"
        )
        seq = ledger.add_punch(db, draft)
        quality = ClockQuality.SYNCHRONIZED
        outbox.put(
            db,
            seq,
            draft,
            lanes={outbox.ATTENDANCE: draft.kind},
            clock=quality,
            tracker="none",
            held=None if who else HELD,
        )


HELD = Held(HoldCode.UNKNOWN_BADGE, "this badge belongs to nobody", blocks=False)


@pytest.mark.parametrize("cmd", [*counter.COMMANDS, "nonsense", "x" * 5000])
async def test_a_command_with_any_words(tmp_path: Path, cmd: str) -> None:
    dice = random.Random(cmd)
    text = (
        f'[terminal]\nstate_dir = "{tmp_path}/state"\ncontrol_socket = "{tmp_path}/c.sock"\n[clock]\ntrust = "always"\n'
    )
    told: list[str] = []
    async with daemon.open_core(config.parse(text), config.Secrets(None, {})) as core:
        office = daemon.open_office(core)
        await core.store.run(lambda db: _fill(db, core.read_clock()))
        listed = await office.documents.punches(limit=None, state=None, username=None)
        ids: list[Json] = [punch["id"] for punch in listed if isinstance(punch, dict)]
        known: list[Json] = [*WORDS, *ids * 3, *([each] for each in ids), ids]
        for _ in range(400):
            words = {name: dice.choice(known) for name in dice.sample(NAMES, dice.randrange(6, len(NAMES)))}
            try:
                await counter.answer(office, {"cmd": cmd, **words})
            except ClockdError as error:
                told.append(error.message)
        assert core.store.fault is None
        assert await office.documents.summary()
        verified = await office.documents.verify()
        assert isinstance(verified, dict)
        assert verified["ok"]
    assert max(map(len, told), default=0) < 2000
