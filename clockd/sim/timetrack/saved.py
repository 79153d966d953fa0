"""The account as JSON: what `/_sim/state` shows, and what a simulator can be stopped and started with."""

from datetime import date, datetime
from pathlib import Path

import msgspec

from clockd.errors import UsageError
from clockd.sim.timetrack.world import Origin, ProjectEntry, ProjectRow, ProjectTimer, Row, User, World


class SavedRow(msgspec.Struct, frozen=True):
    """An attendance row."""

    id: int
    user: str
    from_local: datetime = msgspec.field(name="from")
    to_local: datetime | None = msgspec.field(name="to")
    notes: str
    manual: bool
    break_minutes: int = msgspec.field(name="breakMinutes")
    origin: Origin
    created_s: float
    deleted: bool


class Saved(msgspec.Struct, frozen=True):
    """A whole account."""

    users: list[User]
    clients: list[str]
    projects: list[ProjectRow]
    rows: list[SavedRow]
    """By begin, deleted ones included."""
    timers: list[ProjectTimer]
    """Project timers."""
    entries: list[ProjectEntry]
    """What stopped project timers left behind."""
    last_id: int
    locked_until: datetime | None
    approved: list[tuple[str, date]]


def saved(world: World) -> Saved:
    """The account as it is now."""
    return Saved(
        users=list(world.users.values()),
        clients=sorted(world.clients),
        projects=list(world.projects.values()),
        rows=[
            SavedRow(
                row.id,
                row.user,
                row.from_local,
                row.to_local,
                row.notes,
                row.manual,
                row.break_minutes,
                row.origin,
                row.created_s,
                row.deleted,
            )
            for row in world.rows_between(None, None, None)
        ],
        timers=list(world.timers.values()),
        entries=world.entries,
        last_id=world.last_id,
        locked_until=world.locked_until,
        approved=sorted(world.approved),
    )


def restored(account: Saved) -> World:
    """A world like the saved one; nothing is shared with it."""
    # a turn through JSON copies everything, and checks that it can be saved at all
    account = msgspec.json.decode(msgspec.json.encode(account), type=Saved)
    world = World(
        users={user.username: user for user in account.users},
        clients=set(account.clients),
        projects={project.id: project for project in account.projects},
        timers={timer.user: timer for timer in account.timers},
        entries=account.entries,
        locked_until=account.locked_until,
        approved=set(account.approved),
        last_id=account.last_id,
    )
    for row in account.rows:
        world.add(
            Row(
                id=row.id,
                user=row.user,
                from_local=row.from_local,
                to_local=row.to_local,
                notes=row.notes,
                manual=row.manual,
                break_minutes=row.break_minutes,
                origin=row.origin,
                created_s=row.created_s,
                deleted=row.deleted,
            )
        )
    return world


def read_account(path: Path) -> Saved | None:
    """Read a saved account; None when there is none yet.

    Raises:
        UsageError: the file is there and is no account.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Saved)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} is no saved account: {error}", hint="move it away to begin anew") from None


def write_account(path: Path, world: World) -> None:
    """Save an account; an older file is replaced as a whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(saved(world)), indent=1))
    fresh.replace(path)
