"""Cuts the power at every point of a recorded run, and starts the real store on what the disk may hold then.

What must be so: the store opens, the pepper is the same, SQLite finds no damage, the chain of hashes is whole, and the
database says exactly what it said after the last transaction that was acknowledged, or after the one under way.
"""

import asyncio
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from clockd.errors import ClockdError
from clockd.store import badges, ledger
from clockd.store.thread import Store
from tests.faults.platter import Image, Model, Platter
from tests.faults.recorder import Op, Renamed, Said, record
from tests.faults.scenario import Play, digest


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded run of a terminal.

    `says` is what the database said after 0, 1, 2 … acknowledged transactions; `image` what the disk held before.
    """

    ops: Sequence[Op]
    says: Sequence[str]
    image: Image = field(default_factory=dict)
    pepper: str = ""


@dataclass(slots=True)
class Tally:
    """What an exploration came to."""

    cuts: int = 0
    states: int = 0
    """Cut points times what the disk may hold there."""
    distinct: int = 0
    """Different disks among them; each was opened once."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Number of states by what is wrong."""
    most_lost: int = 0
    """The most acknowledged transactions that one cut took away."""
    example: str = ""
    images: dict[bytes, Image] = field(default_factory=dict, repr=False)
    """Some disks, to go on from."""

    def add(self, other: "Tally") -> None:
        """Take in another exploration."""
        self.cuts += other.cuts
        self.states += other.states
        self.distinct += other.distinct
        self.wrong += other.wrong
        self.most_lost = max(self.most_lost, other.most_lost)
        self.example = self.example or other.example
        self.images |= other.images

    def __str__(self) -> str:
        return (
            f"{self.states:,} states at {self.cuts:,} cuts, {self.distinct:,} different disks; "
            f"wrong {sum(self.wrong.values()):,} {dict(self.wrong)}, most lost {self.most_lost} {self.example}"
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """How much to look at.

    Args:
        guesses: random subsets of un-synced sectors per cut, beside the simple cases.
        every: look at one cut of so many (the seed says which); 1 for all.
        keep: one disk of so many is kept to go on from; 0 for none.
        deaf: a sabotage, see `Platter`.
    """

    seed: int = 1
    guesses: int = 6
    every: int = 1
    keep: int = 0
    deaf: bool = False


def play(folder: Path, *runs: Play) -> list[Run]:
    """Record runs, one after the other, in folders below `folder`."""
    ops = record(["-m", "tests.faults.scenario", *(msgspec.json.encode(run).decode() for run in runs)], folder)
    return list(_runs(ops))


def _runs(ops: Sequence[Op]) -> Iterable[Run]:
    begins = [n for n, op in enumerate(ops) if isinstance(op, Said) and op.line.startswith("BEGIN")]
    for begin, end in zip(begins, [*begins[1:], len(ops)], strict=True):
        part = ops[begin:end]
        says: dict[int, str] = {}
        shown = 0
        for op in part:
            if isinstance(op, Said):
                word, _, rest = op.line.partition(" ")
                assert word != "FAILED", op.line
                if word == "SHOWN":
                    shown = int(rest)
                elif word == "STATE":
                    says[shown] = rest
        yield Run(part, [says[n] for n in range(shown + 1)])


@dataclass(frozen=True, slots=True)
class Found:
    """What the store says when it is started on a disk."""

    digest: str
    pepper: str
    trouble: str


@dataclass(slots=True)
class Bench:
    """A place in memory where disks are tried."""

    folder: Path
    loop: asyncio.AbstractEventLoop

    def look(self, image: Image) -> Found:
        """Start the real store on a disk, and ask it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, data in image.items():
            (self.folder / name).write_bytes(data)
        try:
            return self.loop.run_until_complete(self._ask())
        except ClockdError as error:
            return Found("", "", f"does not start: {error.message}")

    async def _ask(self) -> Found:
        pepper = badges.load_peppers(None, self.folder)[0].reveal()
        store = Store(self.folder / "clockd.db", inline=True)
        await store.open()
        try:
            damage = await store.run(lambda db: db.execute("PRAGMA integrity_check").fetchone()[0])
            broken = (await store.run(ledger.verify)).wrong
            says = await store.run(digest)
        finally:
            await store.close()
        return Found(says, pepper, "" if damage == "ok" and broken is None else f"{damage}; {broken}")


def explore(run: Run, model: Model, sample: Sample, part: tuple[int, int] = (0, 1)) -> Tally:
    """Try every disk that may be found after a cut; `part` (n of m) shares the cuts among processes."""
    tally, seen = Tally(), dict[bytes, Found]()
    platter = Platter(model, dict(run.image), sample.deaf)
    dice = random.Random(f"{sample.seed} {part}")
    bench = Bench(Path(mkdtemp(prefix="clockd-cut-", dir="/dev/shm")) / "state", asyncio.new_event_loop())
    shown = 0
    first, last = (len(run.ops) * n // part[1] for n in (part[0], part[0] + 1))
    try:
        for n, op in enumerate(run.ops):
            platter.take(op)
            if isinstance(op, Said) and op.line.startswith("SHOWN"):
                shown = int(op.line.split()[1])
            if not first <= n < last or dice.randrange(sample.every):
                continue
            tally.cuts += 1
            for image in platter.cuts(dice, sample.guesses):
                tally.states += 1
                key = key_of(image)
                if (found := seen.get(key)) is None:
                    found = seen[key] = bench.look(image)
                    if sample.keep and not dice.randrange(sample.keep):
                        tally.images[key] = image
                _judge(tally, run, shown, found, f"after operation {n}, {shown} shown")
    finally:
        bench.loop.close()
        shutil.rmtree(bench.folder.parent)
    tally.distinct = len(seen)
    return tally


def _judge(tally: Tally, run: Run, shown: int, found: Found, where: str) -> None:
    wrong = found.trouble
    if not wrong and found.digest not in run.says[shown : shown + 2]:
        before = [n for n, says in enumerate(run.says[:shown]) if says == found.digest]
        wrong = "acknowledged transactions are gone" if before else "a state that never was"
        tally.most_lost = max(tally.most_lost, shown - max(before, default=0))
    if not wrong and shown and found.pepper != run.pepper:
        wrong = "another pepper"
    if wrong:
        tally.wrong[wrong] += 1
        tally.example = tally.example or f"({wrong} {where})"


def key_of(image: Image) -> bytes:
    """Tell disks apart."""
    found = blake2b(digest_size=16)
    for name, data in sorted(image.items()):
        found.update(json.dumps([name, len(data)]).encode())
        found.update(data)
    return found.digest()


def explore_all(runs: Sequence[Run], models: Sequence[Model], sample: Sample, workers: int) -> Tally:
    """Explore several runs in several processes."""
    jobs = [(run, model, (n, workers)) for run in runs for model in models for n in range(workers)]
    total = Tally()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for tally in pool.map(partial(_job, sample), jobs):
            total.add(tally)
    return total


def _job(sample: Sample, job: tuple[Run, Model, tuple[int, int]]) -> Tally:
    run, model, part = job
    return explore(run, model, sample, part)


def first_boot(folder: Path, **options: object) -> Run:
    """Record a terminal's first run, from an empty folder to its close."""
    state = folder / "state"
    state.mkdir(parents=True)
    plan = msgspec.convert({"folder": str(state), **options}, Play)
    (run,) = play(state, plan)
    return Run(run.ops, run.says, {}, (state / "badge-pepper").read_text())


def recoveries(folder: Path, images: Sequence[Image], **options: object) -> list[Run]:
    """Record how the store starts on each of these disks, takes a tap, checkpoints and closes."""
    root = folder / "disks"
    plans = []
    for n, image in enumerate(images):
        state = root / f"{n}"
        state.mkdir(parents=True)
        for name, data in image.items():
            (state / name).write_bytes(data)
        plan = {"folder": str(state), "boot": 2, "taps": 2, "moves": False, "checkpoint_every": 2, **options}
        plans.append(msgspec.convert(plan, Play))
    found = []
    for run, image, made in zip(play(root, *plans), images, plans, strict=True):
        ops = [_below(op, Path(made.folder).name) for op in run.ops]
        found.append(Run(ops, run.says, image, (Path(made.folder) / "badge-pepper").read_text()))
    return found


def _below(op: Op, folder: str) -> Op:
    """Take the folder's name away from the names of an operation."""
    if isinstance(op, Said):
        return op
    if isinstance(op, Renamed):
        op = replace(op, to=_bare(op.to, folder))
    return replace(op, name=_bare(op.name, folder))


def _bare(name: str, folder: str) -> str:
    return "" if name == folder else name.removeprefix(f"{folder}/")
