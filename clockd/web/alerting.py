"""Alerts on their way out: by mail, to a chat, to a phone, as the addresses of the credential `alert-urls` say.

An address holds a password or a token, and so might what the library says of it: it is silenced, and an address is
named here by its place.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from clockd.config import Secret
from clockd.errors import PackageMissing

log = logging.getLogger(__name__)

ALERT_URLS = "alert-urls"
LATE_TRIES = 10
"""How often an address that took no notice is tried again, while another one took it."""
MOST_LATE = 20
SEND_WITHIN_S = 60.0
"""After that an address counts as one that took nothing; it gets no other letter until this one is through."""
UNKNOWN_ADDRESS = "is none that is known; write it as the list of apprise says"
NO_ADDRESSES = "no alert addresses"
NOISY = ("apprise", "requests", "urllib3", "markdown", "httpx", "httpcore", "asyncio_mqtt", "slixmpp", "smtplib")
"""Loggers that would write addresses into the journal."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words."""

    title: str
    body: str


@dataclass(slots=True)
class _Late:
    place: int
    letter: Letter
    tries: int = 0


@dataclass(slots=True)
class Alerting:
    """Sends letters to all addresses.

    Args:
        addresses: those of the credential, in order.

    Raises:
        PackageMissing: the library that sends them is not installed.
    """

    addresses: Sequence[Secret]
    _late: list[_Late] = field(default_factory=list)
    _bad: set[int] = field(default_factory=set)
    """Places of what is no address, which was said."""
    _busy: set[int] = field(default_factory=set)
    """Places that a letter is on its way to."""

    def __post_init__(self) -> None:
        for name in NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            import apprise  # noqa: F401 - thirty megabytes, for those alone who have alerts
        except ModuleNotFoundError as error:
            if error.name != "apprise":
                raise
            raise PackageMissing(f"credential {ALERT_URLS}", "alerts") from None

    @classmethod
    def of(cls, secret: Secret) -> "Alerting":
        """Take the addresses out of the credential: one in each line, but for those that begin with #."""
        lines = (line.strip() for line in secret.reveal().splitlines())
        return cls([Secret(line) for line in lines if line and not line.startswith("#")])

    def check(self) -> list[str | None]:
        """Return of each address which service it is of, as `ntfy`; None for one that nothing can be sent to."""
        return [_service_of(address) for address in self.addresses]

    def say_bad(self) -> None:
        """Log once which addresses are none, by their places."""
        for place, service in enumerate(self.check()):
            if service is None:
                self._note_bad(place)

    async def send(self, letter: Letter) -> bool:
        """Send a letter to every address; whether one took it.

        Where one took it, the others are tried again later (`send_late`), and nobody gets it twice.
        """
        took = await asyncio.gather(*(self._to(place, letter) for place in range(len(self.addresses))))
        if any(took):
            missed = [place for place, taken in enumerate(took) if not taken and place not in self._bad]
            self._late += [_Late(place, letter) for place in missed]
            del self._late[:-MOST_LATE]
            for place in missed:
                log.warning("address %d of %s took no alert; it is tried again", place + 1, ALERT_URLS)
        return any(took)

    async def send_late(self) -> None:
        """Try those addresses again that took no letter while others did."""
        for late in list(self._late):
            late.tries += 1
            if await self._to(late.place, late.letter):
                self._late.remove(late)
            elif late.tries >= LATE_TRIES:
                self._late.remove(late)
                log.error("address %d of %s took an alert never, and others did", late.place + 1, ALERT_URLS)

    async def _to(self, place: int, letter: Letter) -> bool:
        """Send a letter to one address, in a thread that nobody has to wait for: some services never give up."""
        if place in self._busy:
            return False
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool | None] = loop.create_future()
        self._busy.add(place)
        done.add_done_callback(lambda _: self._busy.discard(place))
        words = (loop, done, self.addresses[place], letter)
        threading.Thread(target=_notify_and_say, args=words, name=f"alert {place + 1}", daemon=True).start()
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                took = await asyncio.shield(done)
        except TimeoutError:
            return False
        if took is None:
            self._note_bad(place)
        return bool(took)

    def _note_bad(self, place: int) -> None:
        if place not in self._bad:
            self._bad.add(place)
            log.error("address %d of %s is none that is known: see the list of apprise", place + 1, ALERT_URLS)


def services_of(secret: Secret) -> list[str | None]:
    """Return of each address of the credential which service it is of, as `ntfy`; None for one that is none.

    Raises:
        PackageMissing: the library that knows the services is not installed.
    """
    return Alerting.of(secret).check()


def checked(secret: Secret) -> list[str]:
    """Say of each address of the credential, by its place, which service it is of; it is never repeated.

    Raises:
        PackageMissing: the library that knows the services is not installed.
    """
    return [f"{place_of(n)}: {service or UNKNOWN_ADDRESS}" for n, service in enumerate(services_of(secret), 1)]


def place_of(place: int) -> str:
    """Name an address, which holds a password, by its place in the credential."""
    return f"alert address {place}"


def _notify_and_say(
    loop: asyncio.AbstractEventLoop, done: "asyncio.Future[bool | None]", address: Secret, letter: Letter
) -> None:
    took = _notify(address, letter)
    with contextlib.suppress(RuntimeError):  # the process ends meanwhile
        loop.call_soon_threadsafe(_settle, done, took)


def _settle(done: "asyncio.Future[bool | None]", took: bool | None) -> None:
    if not done.cancelled():
        done.set_result(took)


def _service_of(address: Secret) -> str | None:
    import apprise

    senders = apprise.Apprise()
    try:
        return str(senders[0].service_name) if senders.add(address.reveal()) else None
    except Exception:  # noqa: BLE001 - each of a hundred services raises what it likes, with the address in it
        return None


def _notify(address: Secret, letter: Letter) -> bool | None:
    """Send a letter to one address; None when it is none."""
    import apprise

    sender = apprise.Apprise()
    try:
        if not sender.add(address.reveal()):
            return None
        return bool(sender.notify(title=letter.title, body=letter.body, body_format=apprise.NotifyFormat.TEXT))
    except Exception as error:  # noqa: BLE001 - each of a hundred services raises what it likes, with the address in it
        log.warning("an alert was not sent: %s", type(error).__name__)
        return False
