"""What every way of using clockd needs, with or without a running daemon: the open store, the clocks, and which
terminal this is.
"""

import contextlib
import logging
import os
import secrets as randomness
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from clockd import host
from clockd.config import Config, NoTracker, Secret, Secrets, TimeTrack
from clockd.control.peers import WEB_USER, user_name
from clockd.core import decide, feedback
from clockd.core.correction import CorrectionWay, Countersign
from clockd.core.delivery import Now
from clockd.core.model import Action, Reading
from clockd.core.notices import NoticeLaw
from clockd.errors import ClockdError, NotRecorded, StoreUnusable
from clockd.flow.accounts import AccountDesk
from clockd.flow.backups import Backups
from clockd.flow.badge_desk import BadgeDesk
from clockd.flow.correction_desk import CorrectionDesk
from clockd.flow.counter import Office
from clockd.flow.countersigning import Countersigning
from clockd.flow.documents import Documents
from clockd.flow.door import Door
from clockd.flow.door_desk import DoorDesk
from clockd.flow.erasing import Erasing
from clockd.flow.inspections import Inspections
from clockd.flow.nights import Nights
from clockd.flow.own_codes import OwnCodeDesk
from clockd.flow.own_record import OwnRecord
from clockd.flow.people import People
from clockd.flow.punch_repairs import PunchRepairs
from clockd.flow.recording import AskPresence
from clockd.flow.retention import RETENTION_HOUR, Discarder, Retention
from clockd.flow.terminal import KEY_LASTS_S, Terminal
from clockd.flow.timesheets import Timesheets
from clockd.host import rtc, timesource
from clockd.host.timewatch import TimeWatch
from clockd.store import badges, beforehand, boots, copy, damage, dating, deliveries, ledger, restored
from clockd.store.badges import Fingerprints
from clockd.store.thread import Store

log = logging.getLogger(__name__)

PAGE_USERS = frozenset({"root", WEB_USER})
"""The users of this machine who may be the admin page, beside the daemon's own: they are told the hash of a password,
and are believed whose record somebody at a browser may see.
"""


@dataclass(frozen=True, slots=True)
class BootClocks:
    """The clocks of one boot."""

    read: Callable[[], Reading]
    """All of them at once."""
    watch: TimeWatch
    battery: str | None
    """What was wrong with the battery clock at the start of this boot, for people."""


@dataclass(slots=True)
class Core:
    """One door: its configuration, its open store, its clocks."""

    config: Config
    store: Store
    fingerprints: Fingerprints
    door: Door
    tag: int
    watch: TimeWatch
    read_clock: Callable[[], Reading]
    battery: str | None
    """What was wrong with the battery clock at the start of this boot, for people."""
    ledger_key: Secret | None = None
    """By which the ledger's head is signed, where one was given; else the terminal makes its own."""


@asynccontextmanager
async def open_core(config: Config, secrets: Secrets, *, aside: bool = True) -> AsyncIterator[Core]:
    """Open the store of a configuration, and the clocks.

    Args:
        config: the configuration.
        secrets: where the pepper is looked up.
        aside: whether a damaged database is put aside, as the service does; a command refuses it.

    Raises:
        StoreUnusable: the folder is missing or not ours, the database is in use or damaged.
        ConfigError: the folder is no folder, or the pepper cannot be one.
    """
    folder = Path(config.terminal.state_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        peppers = badges.load_peppers(secrets.find("badge-pepper"), folder)
    except FileExistsError:
        raise beforehand.no_folder(folder) from None
    except OSError as error:
        raise StoreUnusable(f"{folder} cannot be used: {error.strerror}", hint=beforehand.FOLDER_HINT) from None
    store = Store(config.terminal.database, aside=aside)
    await store.open()
    if (why := memory_of(config)) is not None:
        log.error("what is saved here is gone with the power: terminal.state_dir is in memory (%s)", why)
    try:
        pepper = (await _fingerprints(store, peppers)).pepper
        core = await core_over(store, config, pepper, await _clocks_of(store, config), randomness.randbits(48))
        core.ledger_key = secrets.find("ledger-key")
        yield core
    finally:
        await store.close()


async def _fingerprints(store: Store, peppers: Sequence[Secret]) -> Fingerprints:
    """Choose the pepper of the badges. Without the right one the door goes on: taps of strangers are kept as well."""
    found = await store.run(partial(badges.choose_pepper, peppers=peppers, short_too=bool(store.damaged)))
    if not await store.run(partial(badges.is_their_pepper, fingerprints=found)):
        log.error("%s (%s)", badges.OTHER_PEPPER, badges.OTHER_PEPPER_HINT)
    elif found.is_short:
        log.warning("the badge-pepper has less than %d bytes: it can be found by trying", badges.SHORTEST_PEPPER_BYTES)
    elif found.pepper != peppers[0]:
        log.warning("the badge-pepper of the credentials is not the one of the badges; the one in the state folder is")
    return found


async def core_over(store: Store, config: Config, pepper: Secret, clocks: BootClocks, tag: int) -> Core:
    """Compose a door over its open store.

    Args:
        store: the open store.
        config: says which terminal this is.
        pepper: of the badges' fingerprints.
        clocks: those of this boot, which the store knows already.
        tag: the installation's, should it have none yet.
    """
    tag = await store.run(lambda db: ledger.terminal_tag(db, tag))
    await _notice_zone(store, config, clocks.read)
    await _take_over(store, config, clocks.read)
    await _take_over_restored(store, config, clocks.read)
    return Core(config, store, Fingerprints(pepper), _door(config), tag, clocks.watch, clocks.read, clocks.battery)


async def _clocks_of(store: Store, config: Config) -> BootClocks:
    """Note that this boot began, or goes on, and return this machine's clocks."""
    known = await store.run(boots.anchors)
    boot_id, look = host.boot_id(), host.look()
    battery = rtc.battery_clock(max((anchor.wall_at for anchor in known), default=rtc.NOT_BEFORE))
    saved_at = rtc.saved_clock(look, battery)
    begin = partial(
        boots.begin,
        boot_id=boot_id,
        wall_us=ledger.to_us(look.wall_at),
        boottime_us=round(look.boottime_s * 1_000_000),
        saved_us=None if saved_at is None else ledger.to_us(saved_at),
        from_battery=battery is not None and battery.plausible and battery.runs(look),
        battery=battery.problem if battery else None,
    )
    boot_seq = await store.run(begin)
    boot = await store.run(lambda db: boots.boot(db, boot_seq))
    assert boot is not None
    watch = TimeWatch(timesource.sources(config.clock.trust), boot_id, boot_seq, known=known)
    trusted = watch.trusted if config.clock.trust == "auto" else _always
    return BootClocks(host.Clocks(boot_id=boot_id, boot_seq=boot_seq, trusted=trusted).read, watch, boot.battery)


@asynccontextmanager
async def open_look(config: Config) -> AsyncIterator[Office]:
    """Open a copy of a configuration's store, to look at what it holds; nothing of the store is changed.

    There is no pepper, so no badge is known by its identifier. Whatever is changed in the copy is gone afterwards.

    Raises:
        StoreUnusable: there is none, it cannot be read, or it is damaged.
    """
    with copy.private(config.terminal.database) as database:
        store = Store(database, synchronous="OFF", aside=False)  # the copy may go with the power
        try:
            await store.open()
            tag = await store.run(lambda db: ledger.terminal_tag(db, 0))
            read_clock = host.Clocks(boot_id=host.boot_id(), boot_seq=0, trusted=lambda: False).read
            nothing = Fingerprints(Secret(""))
            door = _door(config)
            inspections = Inspections(store, door, tag, read_clock, None)
            yield _office(store, nothing, door, tag, read_clock, lambda: None, lambda username: None, inspections)
        except (StoreUnusable, NotRecorded) as error:
            told = error.message.replace(str(database), str(config.terminal.database))
            if isinstance(error, NotRecorded):
                told = f"{config.terminal.database} cannot be read: {told}"
            raise StoreUnusable(told, hint="nothing was changed; the service puts it aside when it starts") from error
        finally:
            await store.close()


def memory_of(config: Config) -> str | None:
    """Say what keeps the state folder in memory; None when nothing does, or when it may be so."""
    return None if config.terminal.state_in_memory else host.in_memory(Path(config.terminal.state_dir))


@asynccontextmanager
async def open_rehearsal(config: Config, secrets: Secrets) -> AsyncIterator[Core]:
    """Open a copy of a configuration's store as `open_core` opens the store itself; nothing of that is changed.

    What stops a start stops this, but for the folder and the lock, which `store/beforehand.py` and `store/lock.py`
    look at; and a damaged database, which a start puts aside.

    Raises:
        StoreUnusable, NotRecorded, ConfigError: as for `open_core`.
    """
    database = config.terminal.database
    with contextlib.ExitStack() as stack:
        if database.exists() or damage.look_at(database) is not None:
            folder = stack.enter_context(copy.private(database)).parent
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clockd-check-")))
        pepper = database.with_name(badges.PEPPER_FILE)
        if os.path.lexists(pepper):
            (folder / badges.PEPPER_FILE).symlink_to(pepper)
        try:
            async with open_core(config.in_folder(folder), secrets, aside=False) as core:
                yield core
        except ClockdError as error:
            error.message = error.message.replace(str(folder), config.terminal.state_dir)
            raise


async def _notice_zone(store: Store, config: Config, read_clock: Callable[[], Reading]) -> None:
    """Ask about what was recorded under another zone, as about what was made for another tracker."""
    tracker = config.tracker
    send = not isinstance(tracker, NoTracker) and tracker.on_switch == "send"
    reading, zone = read_clock(), config.terminal.zone
    concerned = await store.run(lambda db: dating.change_zone(db, zone, reading, send=send))
    if concerned:
        log.warning("the zone is another one now: %d punches that wait count at their time in %s", concerned, zone.key)


async def _take_over(store: Store, config: Config, read_clock: Callable[[], Reading]) -> None:
    """Hold what was left over from another tracker, or send it to this one (`tracker.on_switch`)."""
    tracker = config.tracker
    if isinstance(tracker, NoTracker):
        return
    send = tracker.on_switch == "send"
    now = Now.of(read_clock())
    await store.run(lambda db: deliveries.switch_tracker(db, account(config), now, send=send))


async def _take_over_restored(store: Store, config: Config, read_clock: Callable[[], Reading]) -> None:
    """Let a store that was restored from a backup look before it sends, after a quarantine."""
    tracker = config.tracker
    quarantine_s = 0.0 if isinstance(tracker, NoTracker) else tracker.quarantine_s
    if await store.run(partial(restored.take_over, reading=read_clock(), quarantine_s=quarantine_s)):
        log.warning("this store was restored from a backup: nothing of before is sent until the tracker was looked at")


def _always() -> bool:
    return True


def _door(config: Config) -> Door:
    rules = config.rules
    return Door(
        name=config.terminal.name,
        zone=config.terminal.zone,
        rules=decide.Rules(repeat_s=rules.repeat_s, max_shift_s=rules.max_shift_h * 3600, undo_s=rules.undo_s),
        tracker=_kind(config),
        account=account(config),
        project_timers=isinstance(config.tracker, TimeTrack),
        asks={Action.IN, Action.OUT} <= {button.action for button in config.button},
        countersign=Countersign(rules.countersign),
        countersign_days=rules.countersign_days,
        notices=NoticeLaw(rules.notices),
    )


def _kind(config: Config) -> str:
    return str(config.tracker.__struct_config__.tag)


def account(config: Config) -> str:
    """Return a name for the tracker's account: kind, host and path; scheme and port make no other account."""
    tracker = config.tracker
    if isinstance(tracker, NoTracker):
        return _kind(config)
    url = urlsplit(tracker.url)
    return f"{_kind(config)} {url.hostname or ''}{url.path.rstrip('/')}"


def open_office(
    core: Core, wake: Callable[[], None] = lambda: None, look_anew: Callable[[str], None] = lambda username: None
) -> Office:
    """Return what an admin's commands lead to, over an open store.

    Args:
        core: the open store.
        wake: tells sync that something is new.
        look_anew: lets nothing more be sent for an employee on what the tracker showed before.
    """
    folder = Path(core.config.terminal.state_dir)
    inspections = Inspections(core.store, core.door, core.tag, core.read_clock, folder, core.ledger_key)
    return _office(core.store, core.fingerprints, core.door, core.tag, core.read_clock, wake, look_anew, inspections)


def _office(
    store: Store,
    fingerprints: Fingerprints,
    door: Door,
    tag: int,
    read_clock: Callable[[], Reading],
    wake: Callable[[], None],
    look_anew: Callable[[str], None],
    inspections: Inspections,
) -> Office:
    rule = Countersigning(door.countersign, door.countersign_days, door.zone, tag)
    repairs = PunchRepairs(store, door, tag, read_clock, wake, rule, look_anew)
    desk = BadgeDesk(store, fingerprints, door, tag, read_clock, wake, rule)
    people = People(store, door.zone, read_clock, wake, rule)
    make = dict.fromkeys(CorrectionWay, repairs.make)
    make |= {CorrectionWay.ASSIGN: desk.make, CorrectionWay.RENAME: people.make}
    pages = PAGE_USERS | {user_name(os.getuid())}
    timesheets = Timesheets(store, door, tag, read_clock)
    corrections = CorrectionDesk(store, door.zone, door.countersign_days, tag, read_clock, wake, make)
    return Office(
        Documents(store, door, tag, read_clock),
        repairs,
        desk,
        people,
        timesheets,
        Backups(store, door.name, read_clock),
        AccountDesk(store, door.zone, read_clock, pages),
        corrections,
        inspections,
        OwnRecord(store, door.zone, timesheets, corrections, pages),
        Erasing(Discarder(store, read_clock), inspections.folder, store.path),
    )


def open_retention(core: Core, discarder: Discarder) -> Retention:
    """Return what discards old punches at night, as the configuration says."""
    nights = Nights(core.read_clock, core.door.zone, RETENTION_HOUR, core.tag % 60)
    return Retention(discarder, nights, core.config.keep.punches_days)


def open_terminal(
    core: Core,
    show: Callable[[feedback.Screen, int | None], None],
    presence: AskPresence | None = None,
    wake: Callable[[], None] = lambda: None,
) -> Terminal:
    """Return what takes the taps of an open door.

    Args:
        core: the door.
        show: tells the person.
        presence: what the tracker showed last; None where there is none.
        wake: tells sync that something is new.
    """
    office, door = open_office(core, wake), core.door
    codes = OwnCodeDesk() if core.config.rules.own_record else None
    desk = DoorDesk(office.badges, KEY_LASTS_S, door.rules.repeat_s) if door.asks else None
    presence, corrections = presence or _nobody_knows, office.corrections
    return Terminal(core.store, core.fingerprints, door, presence, show, wake, corrections, own_codes=codes, desk=desk)


def _nobody_knows(username: str, last: object, is_ours: object) -> None:
    return None
