"""Readers that speak PC/SC (most USB readers: ACR122U, ACR1252U, uTrust, OMNIKEY, …), by pyscard and pcscd.

Event-driven: the thread sleeps in SCardGetStatusChange until pcscd reports that a badge came or left, which costs
nothing while nobody is there. A badge is asked for its identifier with the reader's own command `FF CA 00 00 00`
(PC/SC part 3), which works for every ISO 14443 and ISO 15693 badge, whatever application is on it.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from clockd import config
from clockd.core.model import BadUid, Tap, Uid, Unread
from clockd.core.ports import ReadClock, TellUnread
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.readers.texts import Skipped
from clockd.readers.thread import LoopLink, run_in_thread

log = logging.getLogger(__name__)

KIND = "pcsc"
GET_UID = (0xFF, 0xCA, 0x00, 0x00, 0x00)
ACR122_NO_BEEP = (0xFF, 0x00, 0x52, 0x00, 0x00)
SERVICE = "pcscd, the PC/SC service,"
ARRIVALS = "\\\\?PnP?\\Notification"
"""The pseudo reader of pcsc-lite and Windows that changes when a reader is plugged in or out."""

WAIT_MS = 5_000
"""How long one wait for a badge lasts. A wait that ends is begun again, with the readers that are there by then."""
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
        name: a part of a reader's name, in any case; empty for every slot that takes badges.
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
        self._lying: dict[str, Uid] = {}
        """The badge that lies in each slot; kept when the reader is lost."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
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

        await run_in_thread(KIND, work, tapped, ready, unread, nudge=lambda: service.cancel() if service else None)

    def _watch(self, service: "_Service", link: LoopLink) -> None:
        slots = {slot: _Seen() for slot in service.find(self._wanted, ARRIVAL_MS)}
        slots = service.wait(slots)
        self.name = ", ".join(slots)
        opened_s = self._read_clock().boottime_s
        link.ready()
        lay, self._lying = self._lying, {}
        handled: dict[str, int] = {}
        while not link.stopping:
            for slot, seen in slots.items():
                if not seen.present:
                    self._lying.pop(slot, None)
                elif seen.counter != handled.get(slot):
                    handled[slot] = seen.counter
                    reading = self._read_clock()
                    badge = self._identify(service, slot, link, mute=seen.mute)
                    still_there = badge == lay.get(slot) and reading.boottime_s - opened_s < self._still_there_s
                    if badge is not None:
                        self._lying[slot] = badge
                    if badge is not None and not still_there:
                        link.tap(badge, reading)
            slots = service.wait(slots)
            if not self._wanted:  # another reader may have been plugged in
                slots |= {slot: _Seen() for slot in badge_slots(service.readers()) if slot not in slots}
                self.name = ", ".join(slots)

    def _identify(self, service: "_Service", reader: str, link: LoopLink, *, mute: bool) -> Uid | None:
        """Ask the badge on the reader for its identifier; None when it does not give one, which is told."""
        answer: Uid | Skipped = Skipped(Unread.MUTE)
        for _ in range(0 if mute else ATTEMPTS):
            answer = service.identify(reader)
            if isinstance(answer, Uid):
                return answer
            link.pause(ATTEMPT_PAUSE_S)
            if link.stopping:
                return None
        assert isinstance(answer, Skipped)
        link.unread(answer.reason)
        return None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What pcscd last said about a reader."""

    state: int = 0
    """As pcscd wants it back; 0 is SCARD_STATE_UNAWARE."""
    present: bool = False
    mute: bool = False
    """Whether what is there does not answer."""
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

    def find(self, wanted: str, arrival_ms: int) -> list[str]:
        """Find the slots that are meant; wait a moment for their arrival when there are none.

        Raises:
            DeviceMissing: with the readers that are there instead.
        """
        found = _choose(wanted, self.readers())
        if not found and arrival_ms:
            # A pcscd that does not know the pseudo reader answers at once, and so does one that has stopped.
            self._scard.SCardGetStatusChange(self._context, arrival_ms, [(ARRIVALS, 0)])
            found = _choose(wanted, self.readers())
        if not found:
            raise _missing(wanted, self.readers())
        return found

    def wait(self, slots: dict[str, _Seen]) -> dict[str, _Seen]:
        """Block until a badge comes or leaves, or nothing happens for long; at once when nothing was seen yet.

        Raises:
            DeviceError: a reader was unplugged, or pcscd stopped.
        """
        scard = self._scard
        asked = [(slot, seen.state) for slot, seen in slots.items()]
        result, states = scard.SCardGetStatusChange(self._context, WAIT_MS, asked)
        if result in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED):
            return slots
        if result != scard.SCARD_S_SUCCESS:
            raise self._loss(result, ", ".join(slots))
        found: dict[str, _Seen] = {}
        for slot, (_, state, _) in zip(slots, states, strict=True):
            if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
                raise DeviceMissing(sentence("{reader} is gone", reader=slot), hint="plug it in again")
            present, mute = bool(state & scard.SCARD_STATE_PRESENT), bool(state & scard.SCARD_STATE_MUTE)
            found[slot] = _Seen(state & ~scard.SCARD_STATE_CHANGED, present, mute, state >> 16)
        return found

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
            return self._skipped(result)
        try:
            result, answer = scard.SCardTransmit(badge, protocol, list(GET_UID))
            self._hush(reader, badge, protocol)
        finally:
            scard.SCardDisconnect(badge, scard.SCARD_LEAVE_CARD)
        if result != scard.SCARD_S_SUCCESS:
            return self._skipped(result)
        return uid_of_answer(bytes(answer))

    def _skipped(self, result: int) -> Skipped:
        """Say why a badge was not read: by far the most often it was taken away too soon."""
        scard = self._scard
        mute = (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_E_PROTO_MISMATCH)
        return Skipped(Unread.MUTE if result in mute else Unread.TORN)

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
                sentence("{service} refuses this user", service=SERVICE),
                hint="it needs a polkit rule: sudo cp systemd/50-clockd.rules /etc/polkit-1/rules.d/",
            )
        if result == scard.SCARD_E_NO_SERVICE:
            return DeviceMissing(
                sentence("{service} does not answer", service=SERVICE),
                hint="sudo apt install pcscd; sudo systemctl enable --now pcscd.socket",
            )
        return self._loss(result, SERVICE)

    def _loss(self, result: int, what: str) -> DeviceError:
        """Put into words what ended; the codes differ with the moment in which pcscd stopped, and mean the same."""
        said = str(self._scard.SCardGetErrorMessage(result)).rstrip(".").lower()
        lost = sentence("{device} is lost: {reason}", device=what, reason=said)
        return DeviceError(lost, hint="is pcscd running? sudo systemctl status pcscd")


def uid_of_answer(answer: bytes) -> Uid | Skipped:
    """Read the answer to `FF CA 00 00 00`: the identifier, then two status bytes."""
    data, status = answer[:-2], answer[-2:]
    if status != b"\x90\x00":
        return Skipped(Unread.REFUSED)
    try:
        return Uid.of(data)
    except BadUid:
        return Skipped(Unread.LENGTH)


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
        slots = service.find(section.name, arrival_ms=0)
        service.wait({slot: _Seen() for slot in slots})
        passed_over = "" if section.name else _passed_over(service.readers(), slots)
        return f"found: {', '.join(slots)}{passed_over}"
    finally:
        service.close()


_NO_BADGES = re.compile(r"\b(SAM|ICC|contact)\b", re.IGNORECASE)
"""In the name of a slot for a key card inside the reader, or for cards with contacts."""


def badge_slots(names: list[str]) -> list[str]:
    """Return the slots that take badges, by their names; all where no name says that it does."""
    return [name for name in names if not _NO_BADGES.search(name)] or names


def _choose(wanted: str, names: list[str]) -> list[str]:
    if not wanted:
        return badge_slots(names)
    return [name for name in names if wanted.casefold() in name.casefold()][:1]


def _passed_over(names: list[str], slots: list[str]) -> str:
    left = [name for name in names if name not in slots]
    return f" (not for badges: {', '.join(left)})" if left else ""


def _missing(wanted: str, names: list[str]) -> DeviceMissing:
    if names:
        there = tuple(f'"{name}"' for name in names)
        none = sentence('no PC/SC reader has "{wanted}" in its name', wanted=wanted)
        return DeviceMissing(none, hint=sentence("there are: {readers}", readers=there))
    none = sentence('no PC/SC reader "{wanted}" is connected', wanted=wanted)
    return DeviceMissing(
        none if wanted else "no PC/SC reader is connected",
        hint="plug it in; if it is, keep the kernel's own driver off it: "
        "sudo cp hardware/clockd.modprobe /etc/modprobe.d/clockd.conf; sudo modprobe -r pn533_usb",
    )


def _scard() -> ModuleType:
    try:
        from smartcard import scard  # the library is needed only where such a reader is configured
    except ImportError:
        raise PackageMissing('reader kind "pcsc"', "pcsc") from None
    return scard  # type: ignore[no-any-return]  # pyscard has no types
