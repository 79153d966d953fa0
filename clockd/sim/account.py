"""A simulated account in a file: read at the start, saved soon after each change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from clockd.errors import UsageError

Kept = TypeVar("Kept", bound=msgspec.Struct)


def read(path: Path, kind: type[Kept]) -> Kept | None:
    """Read a saved account; None when there is none yet.

    Raises:
        UsageError: the file is there and is no account.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} is no saved account: {error}", hint="move it away to begin anew") from None


def write(path: Path, account: msgspec.Struct) -> None:
    """Save an account; an older file is replaced as a whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(account), indent=1))
    fresh.replace(path)


@asynccontextmanager
async def kept(
    path: Path | None, account: Callable[[], msgspec.Struct], changes: Callable[[], object], every_s: float
) -> AsyncIterator[None]:
    """Keep an account in a file while the block runs, so that it survives a simulator that is killed.

    Args:
        path: the file; None: nothing is kept.
        account: takes the account as it is now.
        changes: something that is another after each change.
        every_s: how soon after a change it is saved.
    """
    if path is None:
        yield
        return

    async def keep() -> None:
        seen: object = None
        while True:
            await asyncio.sleep(every_s)
            if (now := changes()) != seen:
                seen = now
                write(path, account())

    keeper = asyncio.create_task(keep(), name=f"keeps {path.name}")
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        write(path, account())
