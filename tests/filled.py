"""A store with a history that nobody has to tap: punches of any time, as taps would have left them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from clockd.core.delivery import Held, Now, State
from clockd.core.model import ClockQuality, Kind
from clockd.core.timebase import offset_s
from clockd.daemon.opening import Core
from clockd.store import Database, deliveries, ledger, outbox
from clockd.store.stored import columns_of

PIECE = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """A punch of before."""

    username: str
    kind: Kind
    at: datetime
    held: Held | None = None
    clock: ClockQuality = ClockQuality.SYNCHRONIZED
    state: State = State.DELIVERED


async def fill(core: Core, punches: Iterable[Made]) -> None:
    """Write them, in their order."""
    rest = list(punches)
    while rest:
        piece, rest = rest[:PIECE], rest[PIECE:]
        await core.store.run(partial(_write, core=core, punches=piece))


def _write(db: Database, core: Core, punches: Sequence[Made]) -> None:
    reading = core.read_clock()
    for made in punches:
        draft = ledger.Draft(
            username=made.username,
            kind=made.kind,
            explicit=False,
            project=None,
            fingerprint="f" * 64,
            badge_tail="B2C3",
            reading=replace(reading, wall_at=made.at, trusted=made.clock is ClockQuality.SYNCHRONIZED),
            zone=core.door.zone.key,
            offset_s=offset_s(made.at, core.door.zone),
            terminal="front-door",
            reader="pcsc",
        )
        seq = ledger.add_punch(db, draft)
        lanes = {outbox.ATTENDANCE: made.kind}
        outbox.put(db, seq, draft, lanes=lanes, clock=made.clock, held=made.held, tracker=core.door.account)
        if made.held is None and made.state is not State.WAITING:
            before = replace(deliveries.load(db, seq, outbox.ATTENDANCE), state=made.state)
            columns = columns_of(before)
            names = ", ".join(f"{name} = ?" for name in columns)
            db.execute(f"UPDATE outbox SET {names} WHERE seq = ?", [*columns.values(), seq])


def now_of(core: Core) -> Now:
    """The moment, as a delivery notes it."""
    return Now.of(core.read_clock())
