"""How a command speaks to a tracker: it makes the request and reads the reply; the daemon only sends it.

So every request stays within the daemon's own budget, and the key with the daemon.
"""

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import msgspec

from clockd.cli.asking import AskDaemon, object_of, print_json
from clockd.cli.saying import say, say_columns
from clockd.core.json import Json
from clockd.core.timebase import BadTime, local, read_moment, read_time
from clockd.core.wire import CreateEntry, DeleteEntry, Exchange, NoAnswer, NotSent, Reply, Request, UpdateEntry, Write
from clockd.errors import UsageError

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


class TrackerLink:
    """The tracker behind the daemon.

    Args:
        ask: asks the daemon.
        kind: the tracker the command is about.
        title: its name for people.

    Raises:
        UsageError: this terminal books elsewhere.
    """

    @property
    def false_z(self) -> bool:
        """Whether the tracker writes wall-clock times with a `Z`; who pastes one of them means that."""
        return False

    def __init__(self, ask: AskDaemon, kind: str, title: str) -> None:
        self.info = object_of(ask({"cmd": "tracker.info"}))
        if self.info["kind"] != kind:
            raise UsageError(
                f"this terminal books on {self.info['kind']}, not on {title}", hint=f"clockd {self.info['kind']} --help"
            )
        self.ask = ask
        self.zone = ZoneInfo(str(self.info["zone"]))

    def send(self, request: Request) -> Exchange:
        """Send a request through the daemon."""
        return exchange_of(self.ask({"cmd": "tracker.request", "request": msgspec.to_builtins(request)}))

    def now_local(self) -> datetime:
        """Wall clock at the terminal."""
        return datetime.now(self.zone).replace(tzinfo=None, microsecond=0)

    def time(self, text: str) -> datetime:
        """Read a wall-clock time.

        Raises:
            UsageError: it is none, or in a year that cannot be meant.
        """
        try:
            return read_time(text, datetime.now(UTC), self.zone, false_z=self.false_z).local
        except BadTime as error:
            raise UsageError(error.why, hint=error.hint) from None

    def moment(self, text: str) -> datetime:
        """Read a wall-clock time that is to be booked.

        Raises:
            UsageError: as for `time`; or it does not exist, or exists twice (the nights the clocks change).
        """
        try:
            return local(read_moment(text, datetime.now(UTC), self.zone, false_z=self.false_z), self.zone)
        except BadTime as error:
            raise UsageError(error.why, hint=error.hint) from None

    def times_of(self, write: Write) -> str:
        """Say the times of a write as they were understood; empty where it has none."""
        match write:
            case CreateEntry(from_local=begin, to_local=end) | UpdateEntry(from_local=begin, to_local=end):
                said = [f"from {begin:%Y-%m-%d %H:%M:%S}"] if begin else []
                said += [f"to {end:%Y-%m-%d %H:%M:%S}"] if end else []
            case DeleteEntry():
                said = []
            case _:
                said = [f"at {write.at_local:%Y-%m-%d %H:%M:%S}"]
        return f"{' '.join(said)} {self.zone.key}" if said else ""

    def span(self, begin: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
        """Read the two ends of a span to look at; either may be open.

        Raises:
            UsageError: as for `time`; or it ends before it begins.
        """
        since, until = (None if text is None else self.time(text) for text in (begin, end))
        if since is not None and until is not None and until < since:
            raise UsageError("--to is before --from", hint="exchange them, or leave --to away")
        return since, until


def exchange_of(answered: Json) -> Exchange:
    """Read what the daemon says came of a request."""
    answer = object_of(answered)
    match answer.pop("exchange"):
        case "Reply":
            headers = {name: str(value) for name, value in object_of(answer["headers"]).items()}
            return Reply(int(str(answer["status"])), headers, base64.b64decode(str(answer["body"])))
        case "NotSent":
            return NotSent(str(answer["why"]), bool(answer.get("lasts")))
        case _:
            return NoAnswer(str(answer["why"]))


def check_words(words: Mapping[str, object]) -> None:
    """See that each word of a command can be said in JSON, and so to a tracker.

    Raises:
        UsageError: a number that is none, or a text that is not UTF-8.
    """
    for word in words.values():
        if isinstance(word, float) and not math.isfinite(word):
            raise UsageError(f"{word} is no number that can be sent", hint="as 12.5")
        if isinstance(word, str) and not word.isascii():
            try:
                word.encode()
            except UnicodeEncodeError:
                raise UsageError(f"{word!a} is no text in UTF-8") from None


def builtins_of(thing: object) -> Json:
    """Turn a frozen object into what JSON can hold."""
    built: Json = msgspec.to_builtins(thing)
    return built


def say_done(ids: Sequence[str], about: str = "", *, as_json: bool) -> None:
    """Say that a write was carried out.

    Args:
        ids: of what it made, changed or deleted.
        about: the times that were meant, and the zone.
        as_json: as a document for a program.
    """
    if as_json:
        print_json({"done": True, "ids": list(ids), "about": about or None})
        return
    say(f"done{': ' + ', '.join(ids) if ids else ''}")
    if about:
        say(f"      {about}")


def show_rows(rows: list[Json], *, as_json: bool, columns: tuple[str, ...]) -> None:
    """Print objects as a table, or as JSON."""
    if as_json:
        print_json(rows)
        return
    titles = [column.removesuffix("_local").replace("_", " ") for column in columns]
    say_columns(titles, [[_cell(object_of(row).get(column), column) for column in columns] for row in rows])


def _cell(value: Json, column: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.endswith("_local"):
        return str(value or "").replace("T", " ")
    return "" if value is None else str(value)
