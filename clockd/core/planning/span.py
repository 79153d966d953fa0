"""How a closed interval is said in the tracker's times."""

from datetime import datetime, timedelta, tzinfo

from clockd.core.minutes import MINUTE, WholeMinutes, moment, whole_minutes
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Pair
from clockd.core.planning.plan import Policy
from clockd.core.timebase import Wire, WithNote, wire_interval


def span(pair: Pair, policy: Policy) -> tuple[datetime, datetime]:
    """Return begin and end as they are sent; of an interval that cannot be sent, the end is not after the begin.

    With whole minutes, an interval that lies within a minute takes all of it (`core/minutes.py`). Whether the minute is
    free is asked by the plan before it sends it.
    """
    opens, closes = pair.opens, pair.closes
    if not policy.whole_minutes:
        return opens.local, closes.local
    begin, end = told_apart(opens, policy.zone), told_apart(closes, policy.zone)
    found = whole_minutes(begin, end, zone=policy.zone)
    if not isinstance(found, WholeMinutes):
        return begin, end
    if found.extended and opens.offset_s != closes.offset_s:
        return begin, begin
    on_the_wall = found.to_local - found.from_local
    if not policy.says_offset and (on_the_wall <= timedelta(0) or (found.extended and on_the_wall != MINUTE)):
        return begin, begin
    return found.from_local, found.to_local


def is_extended(pair: Pair, to_local: datetime, zone: tzinfo | None) -> bool:
    """Whether the end of a pair is sent later than it was, because the pair takes all of a minute."""
    return moment(to_local, zone) > moment(told_apart(pair.closes, zone), zone)


def told_apart(item: Item, zone: tzinfo | None) -> datetime:
    """Return the wall clock at a punch; `fold` tells the two 02:30 of an autumn night apart where the zone is known."""
    second = zone is not None and zone.utcoffset(item.local) != timedelta(seconds=item.offset_s)
    return item.local.replace(fold=int(second))


def note_for(pair: Pair) -> str:
    """Return the note that is sent with an interval; empty unless the clocks changed within it."""
    said = on_the_wire(pair)
    return said.text if isinstance(said, WithNote) else ""


def on_the_wire(pair: Pair) -> Wire:
    """Say how an interval looks on the wall clock: as it is, with a note, or not at all."""
    opens, closes = pair.opens, pair.closes
    return wire_interval(opens.at, closes.at, opens.offset_s, closes.offset_s)
