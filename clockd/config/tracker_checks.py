"""What cannot be in [tracker], although it has the right type."""

import re
from collections.abc import Iterator

from clockd.config.addresses import why_no_proxy, why_no_url
from clockd.config.sections import Goodtime, NoTracker, TimeTrack, TrackerSection
from clockd.config.words import shown


def bad_tracker(tracker: TrackerSection) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reason, suggestion) for what cannot be said of a tracker."""
    if isinstance(tracker, NoTracker):
        return
    example = "https://testaccount.timetrackenterprise.com/api/v2/ext"
    if isinstance(tracker, Goodtime):
        example = "https://getgoodtime.com/goodtime-rs"
    if why := why_no_url(tracker.url):
        yield "tracker.url", why, f"as {example}"
    yield from _bad_way(tracker)
    if isinstance(tracker, Goodtime):
        yield from _bad_token(tracker)
        if tracker.time_format not in ("auto", "epoch_ms", "epoch_s") and (why := _why_no_time(tracker.time_format)):
            yield "tracker.time_format", why, 'as "%Y-%m-%dT%H:%M:%S", or "auto"'
    if isinstance(tracker, TimeTrack):
        for key in ("attendance_timer_path", "project_timer_path"):
            value = getattr(tracker, key)
            if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value):
                yield f"tracker.{key}", f"{shown(value)} is not a path", 'as "/attendance_timer"'


def _bad_way(tracker: TimeTrack | Goodtime) -> Iterator[tuple[str, str, str]]:
    """The proxy on the way to the tracker, and the file with a company's own authority."""
    if tracker.proxy and (why := why_no_proxy(tracker.proxy)):
        yield "tracker.proxy", why, 'as "http://proxy:3128", or with its user as "http://user@proxy:3128"'
    if tracker.ca and not tracker.ca.startswith("/"):
        yield "tracker.ca", f"{shown(tracker.ca)} is not the whole path of a file", 'as "/etc/clockd/ca.pem"'


def _bad_token(tracker: Goodtime) -> Iterator[tuple[str, str, str]]:
    header, prefix = tracker.token_header, tracker.token_prefix
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header):
        yield (
            "tracker.token_header",
            f"{shown(header)} is no name of an HTTP header",
            'as "Authorization", "X-Auth-Token"',
        )
    elif header.lower() in _HTTPS_OWN:
        yield (
            "tracker.token_header",
            f"{shown(header)} is needed for something else",
            'as "Authorization", "X-Auth-Token"',
        )
    if not re.fullmatch(r"[\x20-\x7e]*", prefix):
        yield "tracker.token_prefix", "holds what no HTTP header can carry", 'as "Bearer ", or ""'


_HTTPS_OWN = ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding")


def _why_no_time(pattern: str) -> str:
    """Say why a pattern cannot hold a day and a time to the minute; empty when it can.

    `TimeFormat.parse` decides the same when it reads the pattern; it stands on a higher floor.
    """
    parts: list[str] = []
    for directive in re.findall(r"%(:z|.|$)", pattern.removeprefix("utc:"), re.DOTALL):
        if directive not in _PARTS:
            return f"{shown(pattern)} has %{directive}; known are %Y %m %d %H %M %S %f %L %z %:z %F %T %R %%"
        parts += _PARTS[directive]
    missing = [f"%{part}" for part in "YmdHM" if part not in parts]
    if missing:
        return f"{shown(pattern)} holds no day and time to the minute: {' '.join(missing)} {_is_are(missing)} missing"
    return "" if len(parts) == len(set(parts)) else f"{shown(pattern)} says a part of the time twice"


def _is_are(things: list[str]) -> str:
    return "is" if len(things) == 1 else "are"


_PARTS = {"F": "Ymd", "T": "HMS", "R": "HM", ":z": "z", "%": ""} | {part: part for part in "YmdHMSfLz"}
