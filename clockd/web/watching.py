"""What the page's process does while nobody looks at it."""

import asyncio

from clockd.web.parts import Parts


async def watch(parts: Parts) -> None:
    """Watch the terminal until cancelled: nothing yet."""
    await asyncio.Event().wait()
