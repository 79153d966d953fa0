"""The tracker's `Date` header: evidence of a clock that is off, and a time source only when the admin says so."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from clockd.core.model import Reading
from clockd.core.sentence import sentence
from clockd.core.timebase.anchors import Anchor, elapsed_at_least_s

SKEW_REPORT_S = 30.0
"""A difference of more seconds than this is told to the admin."""

BELIEVABLE_YEARS = range(1970, 2200)
"""A date of another year is no evidence; within these years no calculation comes near the ends of the calendar."""


def skew_s(date_header: str, sent_at: datetime, received_at: datetime) -> float | None:
    """Say how far our clock is ahead of the tracker's (negative: behind).

    The header has whole seconds and was written somewhere within the round trip, so the middle of both is compared.

    Args:
        date_header: `Date` as it came (RFC 7231, also its two obsolete forms).
        sent_at: our clock when the request went out.
        received_at: our clock when the reply was there.

    Returns:
        Seconds, good to half a second and half the round trip; None for a header that is no date, or when our clock
        went backward meanwhile.
    """
    server_at = _parse(date_header)
    if server_at is None or received_at < sent_at:
        return None
    return (sent_at + (received_at - sent_at) / 2 - (server_at + timedelta(seconds=0.5))).total_seconds()


def skew_report(skew: float) -> str | None:
    """Put a skew into words for the admin; None when it is small enough."""
    if abs(skew) <= SKEW_REPORT_S:
        return None
    hours, rest = divmod(round(abs(skew)), 3600)
    minutes, seconds = divmod(rest, 60)
    words = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n]
    if skew > 0:
        return sentence(
            "this clock is {length} ahead of the tracker's; check its time source (timedatectl timesync-status)",
            length=" ".join(words),
        )
    return sentence(
        "this clock is {length} behind the tracker's; check its time source (timedatectl timesync-status)",
        length=" ".join(words),
    )


def anchor_of_date(date_header: str, sent: Reading, received: Reading) -> Anchor | None:
    """Make an anchor of a reply, for admins who take the tracker as a time source (`clock.tracker_date`).

    Measured in boot time, so the wall clock may be as wrong as it likes. None when the header is no date.
    """
    server_at = _parse(date_header)
    if server_at is None or sent.boot_id != received.boot_id:
        return None
    trip_s = elapsed_at_least_s(sent, received)
    return Anchor(
        boot_id=received.boot_id,
        boot_seq=received.boot_seq,
        boottime_s=received.boottime_s - trip_s / 2,
        wall_at=server_at + timedelta(seconds=0.5),
        max_error_s=trip_s / 2 + 0.5,
    )


def _parse(date_header: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(date_header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if at.year not in BELIEVABLE_YEARS:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
