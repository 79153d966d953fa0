"""The account as JSON: what `/_sim/state` shows, and what a simulator can be stopped and started with."""

from datetime import date, datetime

import msgspec

from clockd.sim.timetrack.world import AttendanceRow, Origin, ProjectEntry, StoredProject, StoredTimer, User, World


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
    latitude_start: float | None = msgspec.field(default=None, name="latitudeStart")
    longitude_start: float | None = msgspec.field(default=None, name="longitudeStart")
    latitude_end: float | None = msgspec.field(default=None, name="latitudeEnd")
    longitude_end: float | None = msgspec.field(default=None, name="longitudeEnd")


class Saved(msgspec.Struct, frozen=True):
    """A whole account."""

    users: list[User]
    clients: list[str]
    projects: list[StoredProject]
    rows: list[SavedRow]
    """By begin, deleted ones included."""
    timers: list[StoredTimer]
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
                row.latitude_start,
                row.longitude_start,
                row.latitude_end,
                row.longitude_end,
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
            AttendanceRow(
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
                latitude_start=row.latitude_start,
                longitude_start=row.longitude_start,
                latitude_end=row.latitude_end,
                longitude_end=row.longitude_end,
            )
        )
    return world
