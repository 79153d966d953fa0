"""The account as JSON: what `/_sim/state` shows, and what a simulator can be stopped and started with."""

import random
from datetime import datetime

import msgspec

from clockd.sim.goodtime.world import Choice, Origin, TimeEntry, User, World


class SavedEntry(msgspec.Struct, frozen=True):
    """A time entry."""

    id: str
    user: str
    from_local: datetime = msgspec.field(name="from")
    to_local: datetime | None = msgspec.field(name="to")
    type_id: str = msgspec.field(name="timetypeid")
    project_id: str | None = msgspec.field(name="projectid")
    comment: str
    origin: Origin
    created_s: float
    locked: bool
    deleted: bool


class Saved(msgspec.Struct, frozen=True):
    """A whole account; tokens are not kept."""

    users: list[User]
    time_types: list[Choice]
    projects: list[Choice]
    entries: list[SavedEntry]
    """By user and begin, deleted ones included."""


def saved(world: World) -> Saved:
    """The account as it is now."""
    ordered = sorted(world.entries.values(), key=lambda e: (e.user, e.from_local, e.created_s, e.id))
    return Saved(
        users=list(world.users.values()),
        time_types=world.time_types,
        projects=world.projects,
        entries=[
            SavedEntry(
                e.id,
                e.user,
                e.from_local,
                e.to_local,
                e.type_id,
                e.project_id,
                e.comment,
                e.origin,
                e.created_s,
                e.locked,
                e.deleted,
            )
            for e in ordered
        ],
    )


def restored(account: Saved, seed: int) -> World:
    """A world like the saved one; nothing is shared with it."""
    # a turn through JSON copies everything, and checks that it can be saved at all
    account = msgspec.json.decode(msgspec.json.encode(account), type=Saved)
    world = World(
        users={user.email.casefold(): user for user in account.users},
        time_types=account.time_types,
        projects=account.projects,
        dice=random.Random(f"ids {seed} {len(account.entries)}"),  # noqa: S311 - a simulator's dice
    )
    for e in account.entries:
        world.add(
            TimeEntry(
                e.id,
                e.user,
                e.from_local,
                e.to_local,
                e.type_id,
                e.project_id,
                e.comment,
                e.origin,
                e.created_s,
                locked=e.locked,
                deleted=e.deleted,
            )
        )
    return world
