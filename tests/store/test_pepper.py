"""The pepper of the badges is known again, another one is noticed, and a tap is recorded whatever it is."""

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd import config, daemon
from clockd.config import Secret, Secrets
from clockd.core.model import Employee
from clockd.daemon.opening import Core
from clockd.errors import ConfigError, Refused, StoreUnusable
from clockd.flow.badge_desk import Enrolment
from clockd.store import badges
from clockd.store.badges import Fingerprints
from clockd.store.schema import migrations
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.processes import clockd
from tests.e2e.rig import bench

LONG, OTHER, SHORT = "a long pepper of 32 characters…", "another pepper of 32 characters", "x"


def _core(folder: Path, pepper: str | None) -> AbstractAsyncContextManager[Core]:
    text = f'[terminal]\nstate_dir = "{folder}/state"\ncontrol_socket = "{folder}/c.sock"\n[clock]\ntrust = "always"\n'
    environ = {} if pepper is None else {"CLOCKD_BADGE_PEPPER": pepper}
    return daemon.open_core(config.parse(text), Secrets(None, environ))


async def _enrol(core: Core, n: int = 0) -> None:
    await daemon.open_office(core).badges.give(Enrolment(uid_of(n).hex, f"user{n}"), "test")


async def _problem(core: Core) -> str | None:
    known = await core.store.run(lambda db: badges.is_their_pepper(db, core.fingerprints))
    return None if known else badges.OTHER_PEPPER


async def _forget_check(core: Core) -> None:
    """Let the store be one of before, which does not know its pepper."""

    def forget(db: Database) -> None:
        db.execute("DELETE FROM meta WHERE key = 'pepper_check'")

    await core.store.run(forget)


async def test_another_pepper_is_told_and_the_door_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with _core(tmp_path, LONG) as core:
        await _enrol(core)
        assert await _problem(core) is None
    assert caplog.records == []
    async with _core(tmp_path, OTHER) as core:
        assert badges.OTHER_PEPPER in caplog.text
        office = daemon.open_office(core)
        assert await _problem(core) == badges.OTHER_PEPPER
        with pytest.raises(Refused, match="another badge-pepper"):
            await _enrol(core, 1)
        assert len(await office.badges.listed()) == 1
    async with _core(tmp_path, LONG) as core:  # the right one is the right one still
        assert await _problem(core) is None
        await _enrol(core, 1)


async def test_who_lost_the_pepper_removes_the_badges_and_enrols_them_anew(tmp_path: Path) -> None:
    async with _core(tmp_path, LONG) as core:
        await _enrol(core)
    async with _core(tmp_path, OTHER) as core:
        office = daemon.open_office(core)
        (badge,) = await office.badges.listed()
        assert isinstance(badge, dict)
        await office.badges.remove(None, str(badge["fingerprint"]), "test")
        await _enrol(core)
        assert await _problem(core) is None
    async with _core(tmp_path, OTHER) as core:
        assert await core.store.run(lambda db: badges.find(db, core.fingerprints.of(uid_of(0)))) == Employee(
            "user0", "user0"
        )
    async with _core(tmp_path, LONG) as core:
        assert await _problem(core) == badges.OTHER_PEPPER


async def test_the_pepper_of_the_state_folder_goes_on_when_one_is_given_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with _core(tmp_path, None) as core:
        await _enrol(core)
    async with _core(tmp_path, LONG) as core:
        assert "the one in the state folder is" in caplog.text
        assert await _problem(core) is None
        assert await core.store.run(lambda db: badges.find(db, core.fingerprints.of(uid_of(0)))) is not None


@pytest.mark.parametrize(("given", "problem"), [(LONG, False), (SHORT, False)])
async def test_a_store_of_before_takes_the_pepper_it_has(
    tmp_path: Path, given: str, problem: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with _core(tmp_path, LONG) as core:
        await _enrol(core)
        await _forget_check(core)
    async with _core(tmp_path, given) as core:
        assert (await _problem(core) is not None) is problem
    levels = {record.levelno for record in caplog.records}
    assert levels == ({logging.WARNING} if given == SHORT else set())
    async with _core(tmp_path, OTHER) as core:  # and knows it from now on
        assert await _problem(core) == badges.OTHER_PEPPER


@pytest.mark.parametrize("given", [SHORT, "0123456789abcde", "ü" * 7])
async def test_a_new_store_begins_with_no_short_pepper(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        async with _core(tmp_path, given):
            pass
    assert "shorter than 16 bytes" in caught.value.why
    assert "openssl rand" in caught.value.hint
    assert caught.value.exit_code == 2


async def test_a_short_pepper_stops_no_door_whose_database_was_damaged(tmp_path: Path) -> None:
    async with _core(tmp_path, LONG) as core:
        await _enrol(core)
    (tmp_path / "state" / "clockd.db").write_bytes(b"no database " * 1000)
    async with _core(tmp_path, SHORT) as core:
        assert core.store.damaged
        await _enrol(core)


async def test_a_pepper_that_is_gone_is_no_new_one(tmp_path: Path) -> None:
    async with _core(tmp_path, None) as core:
        await _enrol(core)
    (tmp_path / "state" / "badge-pepper").unlink()
    with pytest.raises(StoreUnusable, match="is gone or empty"):
        async with _core(tmp_path, None):
            pass


def _db(known: str | None, *, badge: bool) -> Database:
    db = Database(memory=True)
    migrations.apply(db)
    if known is not None:
        db.execute("INSERT INTO meta VALUES ('pepper_check', ?)", [Fingerprints(Secret(known)).check])
    if badge:
        badges.add(db, "f", "0000", Employee("ada", "Ada"), 1)
    return db


CHOICES = [
    # what the store knows, whether it has badges, the peppers there are: the one that is taken, whether it is theirs
    (None, False, [LONG], LONG, True),
    (None, True, [LONG], LONG, True),
    (LONG, True, [LONG], LONG, True),
    (LONG, True, [OTHER], OTHER, False),
    (LONG, True, [OTHER, LONG], LONG, True),
    (LONG, True, [OTHER, SHORT], OTHER, False),
    (LONG, False, [OTHER], OTHER, True),
    (LONG, False, [OTHER, LONG], LONG, True),
    (SHORT, True, [SHORT], SHORT, True),
    (SHORT, False, [SHORT], SHORT, True),
    (None, True, [SHORT], SHORT, True),
]


@pytest.mark.parametrize(("known", "badge", "peppers", "taken", "theirs"), CHOICES)
def test_which_pepper_is_taken(
    known: str | None, badge: bool, peppers: Sequence[str], taken: str, theirs: bool
) -> None:
    db = _db(known, badge=badge)
    for _ in range(2):  # a second start says the same
        found = badges.choose_pepper(db, [Secret(pepper) for pepper in peppers])
        assert found.pepper.reveal() == taken
        assert badges.is_their_pepper(db, found) is theirs


async def test_at_the_door(tmp_path: Path) -> None:
    """The whole, as processes: a tap is kept under another pepper, `check` and `status` say what is wrong."""
    async with bench(tmp_path, people=1, env={"CLOCKD_BADGE_PEPPER": LONG}) as rig:
        place = ("--config", rig.daemon.config)
        right = clockd("check", *place, CLOCKD_BADGE_PEPPER=LONG)
        assert "ok   badge-pepper" in right.out, right
        assert rig.daemon.stop() == 0
        assert "FAIL badge-pepper" in clockd("check", *place, CLOCKD_BADGE_PEPPER=OTHER).out
        rig.daemon.env = {**rig.daemon.env, "CLOCKD_BADGE_PEPPER": OTHER}
        await rig.daemon.start()
        rig.serial.tap(uid_of(0))
        (punch,) = await rig.daemon.recorded(1)
        assert (punch["username"], punch["delivery"]["state"]) == (None, "held")
        said = clockd("status", "--socket", rig.daemon.socket)
        assert (said.code, badges.OTHER_PEPPER in said.out.replace("\n", " ")) == (1, True), said
        assert "FAIL badge-pepper" in clockd("check", *place).out
        await rig.daemon.ask("punches.amend", id=punch["id"], username="user000", kind="in", why="x", by="test")
        await rig.daemon.settled(1)
        assert rig.daemon.stop() == 0
        rig.daemon.env = {**rig.daemon.env, "CLOCKD_BADGE_PEPPER": "short"}
        terminal = {**rig.daemon.sections["terminal"], "state_dir": str(tmp_path / "a new one")}
        rig.daemon.sections = {**rig.daemon.sections, "terminal": terminal}
        rig.daemon.launch()
        assert await until(rig.daemon.ended) == 2
        assert "credential badge-pepper" in rig.daemon.log.read_text()


@pytest.mark.parametrize("key", ["a\u200bb", "schlüssel"])
async def test_a_broken_key_stops_no_tap(tmp_path: Path, key: str) -> None:
    async with bench(tmp_path, people=1, env={"CLOCKD_TIMETRACK_API_KEY": key}) as rig:
        rig.serial.tap(uid_of(0))
        await rig.daemon.recorded(1)
        assert "timetrack-api-key" in (await rig.daemon.status())["tracker"]["detail"]
        said = clockd("check", "--config", rig.daemon.config, CLOCKD_TIMETRACK_API_KEY=key)
        assert "FAIL credential timetrack-api-key" in said.out, said
        assert said.code == 1
