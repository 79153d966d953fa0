"""A row of the outbox and what it says: read and written by column name, and nothing is decided here.

A row that says what no clockd ever wrote (a rotten cell) cannot be read. It stays as it is, byte for byte, and holds
its own employee until a person ignores it; everybody else goes on.
"""

import json
from typing import NamedTuple

from clockd.core.delivery import GIVE_IT, Delivery, FirstSent, Held, HoldCode, Mark, Moment, Now, State, Via
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.planning.item import DROPPED, Item
from clockd.core.sentence import Sentence, phrase, said_text, sentence, told_text
from clockd.core.wire import WriteKind
from clockd.store import ledger
from clockd.store.restored import AT, BOOT, SEQ, UNTIL


class Stored(NamedTuple):
    """The columns of the outbox, with what the ledger knows of the tap."""

    seq: int
    lane: str
    username: str | None
    kind: str | None
    client: str | None
    project: str | None
    at_us: int
    offset_s: int
    clock: str
    voided: int
    state: str
    held_code: str | None
    held_because: str | None
    held_said: str | None
    held_other: int | None
    blocks: int
    entry_ids: str
    via: str | None
    mark: str | None
    attempts: int
    sent_us: int | None
    sent_boot: int | None
    first_sent_us: int | None
    first_sent_boot: int | None
    first_sent_boottime_us: int | None
    due_us: int | None
    due_boot: int | None
    last_write: str | None
    last_error: str | None
    error_said: str | None
    done_us: int | None
    done_boot: int | None
    retries: int
    retry_us: int | None
    time_type: str | None
    boottime_us: int
    """CLOCK_BOOTTIME of the tap."""
    boot_seq: int
    """The boot of the tap."""
    restored: int
    """Whether another life of this terminal may have booked it, of which this store knows nothing (`restored.py`)."""
    restored_until_us: int | None
    """CLOCK_BOOTTIME from which on a look at the tracker counts …"""
    restored_boot: int | None
    """… in this boot."""
    elsewhere: int
    """Whether it is for another tracker or account than the one that is configured."""


_ELSEWHERE = "coalesce(tracker NOT IN ('', 'none') AND tracker != (SELECT value FROM meta WHERE key = 'tracker'), 0)"
_NOTED = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = '{}')"
_OF_THE_TAP = {
    "boottime_us": "ledger.boottime_us",
    "boot_seq": "ledger.boot_seq",
    "restored": f"coalesce(outbox.seq <= {_NOTED.format(SEQ)} OR outbox.at_us < {_NOTED.format(AT)}, 0)",
    "restored_until_us": _NOTED.format(UNTIL),
    "restored_boot": _NOTED.format(BOOT),
    "elsewhere": _ELSEWHERE,
}
COLUMNS = ", ".join(_OF_THE_TAP.get(name, f"outbox.{name}") for name in Stored._fields)
"""What is read of each row, in the order of `Stored`."""
FROM_LEDGER = "JOIN ledger ON ledger.seq = outbox.seq"
"""Joins each row of the outbox to its tap."""

UNREADABLE = (ValueError, TypeError, OverflowError, KeyError)
"""What is raised by reading a row that says what no clockd ever wrote."""

DAY_S = 86_400
"""No zone is further from UTC."""

PUNCH_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_CLOCKS = {clock.value: clock for clock in ClockQuality}


def is_dropped(row: Stored) -> bool:
    """Whether the row counts for nothing any more, whatever else it says."""
    return row.state in DROPPED


def item_of(row: Stored, now: Now) -> Item:
    """Return a punch as a plan sees it, with its times in this boot.

    Raises:
        ValueError, TypeError, OverflowError, KeyError: the row says what no clockd ever wrote.
    """
    assert row.username is not None
    assert row.kind is not None
    if abs(row.offset_s) > DAY_S:
        raise ValueError(f"offset_s {row.offset_s} is no zone's")
    due_s = (row.due_us or 0) / 1e6
    if row.due_boot is not None and row.due_boot != now.boot_seq:
        # the quarantine of an earlier boot begins anew with this one
        due_s = max(0.0, ((row.due_us or 0) - (row.sent_us or 0)) / 1e6)
    # when the tap was: by boottime within one boot, which no step of the wall clock can touch
    same_boot = row.boot_seq == now.boot_seq
    tapped_us = row.boottime_us if same_boot else now.boottime_us - (now.wall_us - row.at_us)
    return Item(
        seq=row.seq,
        username=row.username,
        kind=PUNCH_KINDS[row.kind],
        at=ledger.from_us(row.at_us),
        offset_s=row.offset_s,
        state=_STATES[row.state],
        project=Project(row.client or "", row.project) if row.project else None,
        time_type=row.time_type or None,
        clock=_CLOCKS[row.clock],
        voided=bool(row.voided),
        held=_held(row),
        entry_ids=_entry_ids(row.entry_ids),
        via=Via(row.via) if row.via else None,
        mark=Mark(row.mark) if row.mark else None,
        attempts=row.attempts,
        sent_s=_of_this_boot_s(row.sent_us, row.sent_boot, now),
        first_sent_s=_first_sent_s(row, now),
        due_s=due_s,
        write=WriteKind(row.last_write) if row.last_write else None,
        last_error=told_text(row.error_said, row.last_error or "") or None,
        done_s=_of_this_boot_s(row.done_us, row.done_boot, now),
        retries=row.retries,
        retry_s=_retry_s(row, now),
        tapped_s=tapped_us / 1e6,
        look_after_s=_of_this_boot_s(row.restored_until_us or 0, row.restored_boot, now) if row.restored else None,
        elsewhere=bool(row.elsewhere),
        same_boot=same_boot,
    )


def rotten(row: Stored, mistake: Exception) -> Item:
    """Return what stands in a plan for a row that cannot be read: it holds its employee."""
    return Item(
        seq=row.seq,
        username=str(row.username),
        kind=Kind.IN,
        at=ledger.from_us(0),
        offset_s=0,
        state=State.HELD,
        held=Held(HoldCode.ROTTEN, because_rotten(mistake), blocks=True),
    )


def because_rotten(mistake: Exception) -> str:
    """Say to people why a punch is held whose row cannot be read."""
    return sentence(
        "its row in the database is damaged ({kind}: {mistake}): enter what it was in the tracker, then ignore this",
        kind=type(mistake).__name__,
        mistake=str(mistake),
    )


def delivery_of(row: Stored) -> Delivery:
    """Return how far a punch is.

    Raises:
        ValueError, TypeError, OverflowError, KeyError: the row says what no clockd ever wrote.
    """
    first_sent = None
    if row.first_sent_us is not None:
        first_sent = FirstSent(row.first_sent_us, _moment(row.first_sent_boottime_us, row.first_sent_boot))
    return Delivery(
        state=_STATES[row.state],
        voided=bool(row.voided),
        held=_held(row),
        entry_ids=_entry_ids(row.entry_ids),
        via=Via(row.via) if row.via else None,
        mark=Mark(row.mark) if row.mark else None,
        attempts=row.attempts,
        sent=_moment(row.sent_us, row.sent_boot),
        first_sent=first_sent,
        due=_moment(row.due_us, row.due_boot),
        write=WriteKind(row.last_write) if row.last_write else None,
        last_error=told_text(row.error_said, row.last_error or "") or None,
        done=_moment(row.done_us, row.done_boot),
        retries=row.retries,
        retry_us=row.retry_us,
    )


def columns_of(delivery: Delivery) -> dict[str, str | int | None]:
    """Return what is written of a delivery, by column; `voided` is how the punch counts and is written elsewhere."""
    held, first_sent = delivery.held, delivery.first_sent
    moment = first_sent.moment if first_sent else None
    return {
        "state": delivery.state.value,
        "held_code": held.code.value if held else None,
        "held_because": held.because if held else None,
        "held_said": said_text(held.because) if held else None,
        "held_other": held.other if held else None,
        "blocks": int(held.blocks) if held else 0,
        "entry_ids": json.dumps(delivery.entry_ids) if delivery.entry_ids else "[]",
        "via": delivery.via.value if delivery.via else None,
        "mark": delivery.mark.value if delivery.mark else None,
        "attempts": delivery.attempts,
        "sent_us": delivery.sent.boottime_us if delivery.sent else None,
        "sent_boot": delivery.sent.boot_seq if delivery.sent else None,
        "first_sent_us": first_sent.wall_us if first_sent else None,
        "first_sent_boot": moment.boot_seq if moment else None,
        "first_sent_boottime_us": moment.boottime_us if moment else None,
        "due_us": delivery.due.boottime_us if delivery.due else None,
        "due_boot": delivery.due.boot_seq if delivery.due else None,
        "last_write": delivery.write.value if delivery.write else None,
        "last_error": delivery.last_error,
        "error_said": said_text(delivery.last_error),
        "done_us": delivery.done.boottime_us if delivery.done else None,
        "done_boot": delivery.done.boot_seq if delivery.done else None,
        "retries": delivery.retries,
        "retry_us": delivery.retry_us,
    }


def _held(row: Stored) -> Held | None:
    if not row.held_code:
        return None
    because = told_hold(row.held_said, row.held_because or "")
    return Held(HoldCode(row.held_code), because, bool(row.blocks), row.held_other)


def nobodys(tail: str) -> Sentence:
    """Say why the tap of an unknown badge is held, as it is kept: what to do about it is the same for all of them."""
    return sentence("badge …{tail} belongs to nobody", tail=tail)


def told_hold(said: str | None, text: str) -> str:
    """Return why a punch is held from its columns, an unknown badge with the advice that no tap has to write."""
    because = told_text(said, text)
    if isinstance(because, Sentence) and because.pattern == nobodys("").pattern:
        return sentence("badge …{tail} belongs to nobody: {hint}", tail=because.values["tail"], hint=phrase(GIVE_IT))
    return because


def _entry_ids(text: str) -> tuple[str, ...]:
    if text == "[]":
        return ()
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(entry_id, str) for entry_id in found):
        raise ValueError("entry_ids is no list of texts")
    return tuple(found)


def _moment(boottime_us: int | None, boot_seq: int | None) -> Moment | None:
    return None if boottime_us is None or boot_seq is None else Moment(boottime_us, boot_seq)


def _first_sent_s(row: Stored, now: Now) -> float | None:
    """Say when it was sent first, in CLOCK_BOOTTIME of this boot.

    Within one boot by boot time alone, which no step of the wall clock can touch. What an earlier boot did is at least
    as old as this one; beyond that only the wall clock can tell.
    """
    if row.first_sent_us is None:
        return None
    if row.first_sent_boottime_us is not None and row.first_sent_boot == now.boot_seq:
        return row.first_sent_boottime_us / 1e6
    at_us = now.boottime_us - (now.wall_us - row.first_sent_us)
    return (at_us if row.first_sent_boottime_us is None else min(at_us, 0)) / 1e6


def _retry_s(row: Stored, now: Now) -> float | None:
    """Say when a refusal is tried again, in CLOCK_BOOTTIME of this boot, to the second: no reading moves it."""
    if row.retry_us is None:
        return None
    return float((now.boottime_us - (now.wall_us - row.retry_us)) // 1_000_000)


def _of_this_boot_s(boottime_us: int | None, boot_seq: int | None, now: Now) -> float | None:
    """Return a boot time in seconds; 0 for an earlier boot, so that it lies before everything of this one."""
    if boottime_us is None:
        return None
    return boottime_us / 1e6 if boot_seq == now.boot_seq else 0.0
