"""News for every open page: the newest message of each topic, and nothing older."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from clockd.core.json import Json

Message = Mapping[str, Json]


class Bulletin:
    """Keeps what was posted last on each topic; a page that comes late is told all of it, a slow one skips versions."""

    def __init__(self) -> None:
        self._kept: dict[str, Message] = {}
        self._readers: set[_Reader] = set()

    def post(self, topic: str, message: Message, *, fleeting: bool = False) -> None:
        """Tell every reader, unless it is what they know already.

        Args:
            topic: replaces what was posted on it before.
            message: the text, without the topic.
            fleeting: a moment, as a sound: told to those who are here, and not kept.
        """
        if not fleeting:
            if self._kept.get(topic) == message:
                return
            self._kept[topic] = message
        for reader in self._readers:
            reader.tell(topic, message)

    async def read(self) -> AsyncIterator[Message]:
        """Yield everything that is kept, then the news, each with its `topic`; ends with its reader's task."""
        reader = _Reader(dict(self._kept))
        self._readers.add(reader)
        try:
            while True:
                topic, message = await reader.next()
                yield {"topic": topic, **message}
        finally:
            self._readers.discard(reader)

    @property
    def readers(self) -> int:
        """How many are reading."""
        return len(self._readers)


class _Reader:
    def __init__(self, unread: dict[str, Message]) -> None:
        self._unread = unread
        self._news = asyncio.Event()

    def tell(self, topic: str, message: Message) -> None:
        self._unread.pop(topic, None)  # to the end: what happened last is told last
        self._unread[topic] = message
        self._news.set()

    async def next(self) -> tuple[str, Message]:
        while not self._unread:
            self._news.clear()
            await self._news.wait()
        topic = next(iter(self._unread))
        return topic, self._unread.pop(topic)
