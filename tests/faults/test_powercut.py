"""Power cuts at every point of the store's life. Each sabotage must be seen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.platter import Model
from tests.faults.powercut import Run, Sample, Tally, explore, explore_all, first_boot, recoveries

Record = Callable[[str, object], None]
MODELS: tuple[Model, ...] = ("A", "B")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder in memory; what a disk would make of it is the explorer's business."""
    with TemporaryDirectory(prefix="clockd-", dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def record(record_testsuite_property: Record) -> Record:
    """Keep a figure for the report of the tests."""
    return record_testsuite_property


@pytest.fixture(scope="module")
def run(place: Path) -> Run:
    return first_boot(place / "first", taps=16)


@pytest.mark.parametrize("model", MODELS)
def test_a_slice_of_all_cuts_loses_nothing(run: Run, model: Model, record: Record) -> None:
    tally = explore(run, model, Sample(every=4, guesses=3))
    record(f"power cuts, model {model}", str(tally))
    assert tally.states > 1000
    assert not tally.wrong, str(tally)


def test_a_cut_during_the_recovery_from_a_cut_loses_nothing(run: Run, place: Path, record: Record) -> None:
    disks = explore(run, "B", Sample(seed=2, every=12, keep=12)).images
    runs = recoveries(place / "recovery", list(disks.values())[:5])
    total = Tally()
    for recovery in runs:
        total.add(explore(recovery, "B", Sample(every=8, guesses=2)))
    record("power cuts during recovery", str(total))
    assert total.states > 300
    assert not total.wrong, str(total)


SABOTAGES = [
    pytest.param({"synchronous": "NORMAL"}, "A", False, id="synchronous=NORMAL"),
    pytest.param({}, "A", True, id="syncs that do nothing"),
    pytest.param({"journal": "DELETE"}, "B", False, id="journal_mode=DELETE"),
    pytest.param({"signal_first": True}, "A", False, id="the signal before the commit"),
]


@pytest.mark.parametrize(("options", "model", "deaf"), SABOTAGES)
def test_the_explorer_sees(
    options: dict[str, object], model: Model, deaf: bool, tmp_path: Path, place: Path, record: Record
) -> None:
    run = first_boot(place / tmp_path.name, taps=6, **options)
    tally = explore(run, model, Sample(every=14, guesses=1, deaf=deaf))
    record(f"power cuts, {options} deaf={deaf}", str(tally))
    assert sum(tally.wrong.values()) > 20, str(tally)
    assert tally.most_lost >= 1


def test_delete_mode_is_well_when_names_are_durable_at_once(place: Path) -> None:
    """So it is model B that sees it."""
    run = first_boot(place / "delete", taps=4, journal="DELETE")
    tally = explore(run, "A", Sample(every=8, guesses=1))
    assert not tally.wrong, str(tally)


@pytest.mark.soak
def test_a_hundred_thousand_states(place: Path, record: Record) -> None:
    workers = int(os.environ.get("CLOCKD_SOAK_WORKERS", os.cpu_count() or 1))
    run = first_boot(place / "long", taps=60, checkpoint_every=7)
    first = explore_all([run], MODELS, Sample(guesses=16, keep=150), workers)
    again = recoveries(place / "stacked", list(first.images.values())[:40])
    second = explore_all(again, MODELS, Sample(guesses=4), workers)
    record("power cuts, soak", str(first))
    record("power cuts during recovery, soak", str(second))
    assert not first.wrong, str(first)
    assert not second.wrong, str(second)
    assert first.states + second.states >= 100_000
