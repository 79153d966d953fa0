"""Readers that speak PC/SC (most USB readers: ACR122U, ACR1252U, uTrust, OMNIKEY, …), by pyscard and pcscd.

Event-driven: the thread sleeps in SCardGetStatusChange until pcscd reports that a badge came or left, which costs
nothing while nobody is there. A badge is asked for its identifier with the reader's own command `FF CA 00 00 00`
(PC/SC part 3), which works for every ISO 14443 and ISO 15693 badge, whatever application is on it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from clockd import config
from clockd.core.model import BadUid, Tap, Uid
from clockd.core.ports import ReadClock
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.readers.frames import Skipped
from clockd.readers.thread import LoopLink, run_in_thread

log = logging.getLogger(__name__)

KIND = "pcsc"
GET_UID = (0xFF, 0xCA, 0x00, 0x00, 0x00)
ACR122_NO_BEEP = (0xFF, 0x00, 0x52, 0x00, 0x00)
SERVICE = "pcscd, the PC/SC service,"
ARRIVALS = "\\\\?PnP?\\Notification"
"""The pseudo reader of pcsc-lite and Windows that changes when a reader is plugged in or out."""

WAIT_MS = 60_000
"""How long one wait for a badge lasts; nothing depends on it, a wait that ends is begun again."""
ARRIVAL_MS = 1_000
"""How long `run` waits for a missing reader to be plugged in before it says that it is missing."""
ATTEMPTS = 3
"""A badge that moves while it is read often answers a moment later."""
ATTEMPT_PAUSE_S = 0.03
STILL_THERE_S = 2.0
"""The badge that lay on a reader when it was lost, seen within this time of its return, has lain there all along."""


class PcscReader:
    """A reader behind pcscd; keeps `clockd.core.ports.Reader`.

    Args:
        name: a part of the reader's name, in any case; empty for the first reader.
        read_clock: takes the reading of a tap.
        scard: gives pyscard's `smartcard.scard`.
        still_there_s: how soon after a lost reader's return its last badge counts as never taken away.
    """

    kind = KIND

    def __init__(
        self,
        name: str,
        read_clock: ReadClock,
        *,
        scard: Callable[[], Any] | None = None,
        still_there_s: float = STILL_THERE_S,
    ) -> None:
        self.name = name
        self._wanted = name
        self._read_clock = read_clock
        self._scard = scard or _scard
        self._still_there_s = still_there_s
        self._lying: Uid | None = None
        """The badge that lies on the reader; kept when the reader is lost."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None]) -> None:
        """See `clockd.core.ports.Reader.run`."""
        service: _Service | None = None

        def work(link: LoopLink) -> None:
            nonlocal service
            service = _Service(self._scard())
            service.open()
            try:
                self._watch(service, link)
            finally:
                service.close()

        await run_in_thread(KIND, work, tapped, ready, nudge=lambda: service.cancel() if service else None)

    def _watch(self, service: "_Service", link: LoopLink) -> None:
        reader = service.find(self._wanted, ARRIVAL_MS)
        seen = service.wait(reader, _Seen())
        self.name = reader
        opened_s = self._read_clock().boottime_s
        link.ready()
        lay, self._lying = self._lying, None
        handled: int | None = None
        while not link.stopping:
            if not seen.present:
                self._lying = None
            elif seen.counter != handled:
                handled = seen.counter
                reading = self._read_clock()
                badge = self._lying = self._identify(service, reader, link)
                still_there = badge == lay and reading.boottime_s - opened_s < self._still_there_s
                if badge is not None and not still_there:
                    link.tap(badge, reading)
            seen = service.wait(reader, seen)

    def _identify(self, service: "_Service", reader: str, link: LoopLink) -> Uid | None:
        """Ask the badge on the reader for its identifier; None when it does not give one."""
        for _ in range(ATTEMPTS):
            answer = service.identify(reader)
            if isinstance(answer, Uid):
                return answer
            log.debug("%s: a badge was skipped: %s", reader, answer.reason)
            link.pause(ATTEMPT_PAUSE_S)
            if link.stopping:
                break
        return None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What pcscd last said about a reader."""

    state: int = 0
    """As pcscd wants it back; 0 is SCARD_STATE_UNAWARE."""
    present: bool = False
    counter: int = 0
    """Comings and goings of badges: two quick ones between two waits are seen in it."""


class _Service:
    """pcscd, by pyscard: one context, and results turned into words and errors."""

    def __init__(self, scard: Any) -> None:
        self._scard = scard
        self._context: Any = None
        self._hushed = False

    def open(self) -> None:
        result, context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        if result != self._scard.SCARD_S_SUCCESS:
            raise self._refusal(result)
        self._context = context

    def close(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            self._scard.SCardReleaseContext(context)

    def cancel(self) -> None:
        """End a wait that is going on. Has no effect on one that has not begun: call it again."""
        context = self._context
        if context is not None:
            self._scard.SCardCancel(context)

    def readers(self) -> list[str]:
        result, names = self._scard.SCardListReaders(self._context, [])
        if result not in (self._scard.SCARD_S_SUCCESS, self._scard.SCARD_E_NO_READERS_AVAILABLE):
            raise self._loss(result, SERVICE)
        return list(names)

    def find(self, wanted: str, arrival_ms: int) -> str:
        """Find the reader that is meant; wait a moment for its arrival when it is not there.

        Raises:
            DeviceMissing: with the readers that are there instead.
        """
        reader = _choose(wanted, self.readers())
        if reader is None and arrival_ms:
            # A pcscd that does not know the pseudo reader answers at once, and so does one that has stopped.
            self._scard.SCardGetStatusChange(self._context, arrival_ms, [(ARRIVALS, 0)])
            reader = _choose(wanted, self.readers())
        if reader is None:
            raise _missing(wanted, self.readers())
        return reader

    def wait(self, reader: str, seen: _Seen) -> _Seen:
        """Block until a badge comes or leaves, or nothing happens for long; at once when nothing was seen yet.

        Raises:
            DeviceError: the reader was unplugged, or pcscd stopped.
        """
        scard = self._scard
        result, states = scard.SCardGetStatusChange(self._context, WAIT_MS, [(reader, seen.state)])
        if result in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED):
            return seen
        if result != scard.SCARD_S_SUCCESS:
            raise self._loss(result, reader)
        [(_, state, _)] = states
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
            raise DeviceMissing(f"{reader} is gone", hint="plug it in again")
        present = bool(state & scard.SCARD_STATE_PRESENT) and not state & scard.SCARD_STATE_MUTE
        return _Seen(state & ~scard.SCARD_STATE_CHANGED, present, state >> 16)

    def identify(self, reader: str) -> Uid | Skipped:
        """Ask the badge for its identifier. Errors are not told apart: if the reader is lost, the next wait says so.

        Raises:
            DeviceForbidden: this user may see readers and not use them.
        """
        scard = self._scard
        result, badge, protocol = scard.SCardConnect(
            self._context, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        if result == scard.SCARD_W_SECURITY_VIOLATION:
            self.readers()  # libpcsclite says the same when pcscd dies in this moment: then this raises
            raise self._refusal(result)
        if result == scard.SCARD_E_SHARING_VIOLATION:
            log.warning("%s: another program keeps the badge to itself", reader)
        if result != scard.SCARD_S_SUCCESS:
            return Skipped(scard.SCardGetErrorMessage(result))
        try:
            result, answer = scard.SCardTransmit(badge, protocol, list(GET_UID))
            self._hush(reader, badge, protocol)
        finally:
            scard.SCardDisconnect(badge, scard.SCARD_LEAVE_CARD)
        if result != scard.SCARD_S_SUCCESS:
            return Skipped(scard.SCardGetErrorMessage(result))
        return uid_of_answer(bytes(answer))

    def _hush(self, reader: str, badge: Any, protocol: int) -> None:
        """Tell an ACR122U not to beep at badges by itself: only what is recorded may sound like it.

        The reader forgets it without power, and can be told only while a badge lies on it.
        """
        if "ACR122" in reader.upper() and not self._hushed:
            self._hushed = True
            self._scard.SCardTransmit(badge, protocol, list(ACR122_NO_BEEP))

    def _refusal(self, result: int) -> DeviceError:
        """Put into words why pcscd does not serve us at all."""
        scard = self._scard
        if result == scard.SCARD_W_SECURITY_VIOLATION:
            return DeviceForbidden(
                f"{SERVICE} refuses this user",
                hint="it needs a polkit rule: sudo cp systemd/50-clockd.rules /etc/polkit-1/rules.d/",
            )
        if result == scard.SCARD_E_NO_SERVICE:
            return DeviceMissing(
                f"{SERVICE} does not answer", hint="sudo apt install pcscd; sudo systemctl enable --now pcscd.socket"
            )
        return self._loss(result, SERVICE)

    def _loss(self, result: int, what: str) -> DeviceError:
        """Put into words what ended; the codes differ with the moment in which pcscd stopped, and mean the same."""
        said = str(self._scard.SCardGetErrorMessage(result)).rstrip(".").lower()
        return DeviceError(f"{what} is lost: {said}", hint="is pcscd running? sudo systemctl status pcscd")


def uid_of_answer(answer: bytes) -> Uid | Skipped:
    """Read the answer to `FF CA 00 00 00`: the identifier, then two status bytes."""
    data, status = answer[:-2], answer[-2:]
    if status != b"\x90\x00":
        return Skipped(f"the reader answered {status.hex(' ').upper() or 'nothing'}")
    try:
        return Uid.of(data)
    except BadUid as error:
        return Skipped(str(error))


def probe(section: config.PcscReader) -> str:
    """Look for the reader and say what was found, without touching a badge. Blocks for a moment.

    Raises:
        DeviceMissing: no pcscd, or no such reader.
        DeviceForbidden: pcscd refuses this user.
        PackageMissing: pyscard is not installed.
    """
    service = _Service(_scard())
    service.open()
    try:
        reader = service.find(section.name, arrival_ms=0)
        service.wait(reader, _Seen())
        return f"found: {reader}"
    finally:
        service.close()


def _choose(wanted: str, names: list[str]) -> str | None:
    return next((name for name in names if wanted.casefold() in name.casefold()), None)


def _missing(wanted: str, names: list[str]) -> DeviceMissing:
    if names:
        there = ", ".join(f'"{name}"' for name in names)
        return DeviceMissing(f'no PC/SC reader has "{wanted}" in its name', hint=f"there are: {there}")
    which = f' "{wanted}"' if wanted else ""
    return DeviceMissing(
        f"no PC/SC reader{which} is connected",
        hint="plug it in; if it is, keep the kernel's own driver off it: "
        "sudo cp hardware/clockd.modprobe /etc/modprobe.d/clockd.conf; sudo modprobe -r pn533_usb",
    )


def _scard() -> ModuleType:
    try:
        from smartcard import scard  # the library is needed only where such a reader is configured
    except ImportError:
        raise PackageMissing('reader kind "pcsc"', "pcsc") from None
    return scard  # type: ignore[no-any-return]  # pyscard has no types
