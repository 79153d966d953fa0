"""Bookings on Goodtime: create, delete and look, as requests and verdicts. Pure.

Goodtime knows closed entries only: a create needs both ends, and there is neither a timer nor an update. What an
account allows is learned first (`Account`, filled by `trackers/goodtime/start.py`); a codec exists only for an account
that is known well enough to be written to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from clockd.core.json import Json
from clockd.core.minutes import NoWholeMinutes, whole_minutes
from clockd.core.pieces import ROWS_AT_ONCE, Pieces
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Entry,
    Exchange,
    Forbidden,
    Gone,
    LookVerdict,
    NoAnswer,
    NoJson,
    NotApplied,
    NotSent,
    Rejected,
    Reply,
    Request,
    Rows,
    Unconfirmed,
    Unknown,
    Verdict,
    Write,
    same_user,
)
from clockd.trackers.goodtime.wire import calls
from clockd.trackers.goodtime.wire.calls import BASE, Named, segment
from clockd.trackers.goodtime.wire.reading import (
    COMPLAINT,
    NO_ROW,
    Spelling,
    complains,
    first,
    flag,
    is_page,
    json_of,
    list_of,
    plain_names,
    refused_as_a_whole,
    rows_of,
    text,
    with_status,
)
from clockd.trackers.goodtime.wire.times import EPOCH, TimeFormat

CREATE_PATH = f"{BASE}/createtimeentry"
"""The path that makes an entry."""
TYPE_BY_NAME = "timetype"
"""Where a time type stands by name in a create, until the session puts `timetypeid` in its place."""
MARGIN = timedelta(hours=36)
"""How much wider than asked a look reaches on both sides.

Which entries `start` and `end` take in is not documented: those that lie within the span, that touch it, or that
begin in it.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """What must be known of a Goodtime account before anything is written to it."""

    time_type: Named
    """The time type that attendance is booked on, where no key named another."""
    form: TimeFormat
    """How `starttime` and `endtime` are written."""
    look_form: TimeFormat
    """How `start` and `end` of a look are written. It differs from `form` only where a look proved to want it so."""
    time_types: tuple[Named, ...] = ()
    """All time types that there were when the account was got to know."""


@dataclass(frozen=True, slots=True)
class GoodtimeCodec:
    """Goodtime's language for bookings (`core.wire.Codec`)."""

    account: Account
    """What is known of the account."""
    zone: tzinfo
    """The terminal's zone, which is needed where a format carries an offset."""
    comment: str = ""
    """What stands in the comment of each entry, as the name of the terminal; a note is put before it."""

    def request(self, write: Write) -> Request:
        """Say a write.

        A `CreateEntry` has been through `whole_minutes`, and its break is 0 (breaks are gaps between entries). Its
        project stands in the request by name; the session puts the id there, or refuses (`GoodtimeSession.exchange`).
        So does a time type that was not there when the account was got to know.
        """
        match write:
            case CreateEntry():
                return self._create(write)
            case DeleteEntry(entry_id):
                return Request("DELETE", f"{BASE}/deletetimeentry/{segment(entry_id)}")
            case _:
                raise AssertionError(f"Goodtime has no {type(write).__name__}")

    def _create(self, write: CreateEntry) -> Request:
        assert write.break_minutes == 0, "on Goodtime a break is a gap between two entries"
        zone = self.zone if self.account.form.says_offset else None
        span = whole_minutes(write.from_local, write.to_local, zone=zone)
        assert not isinstance(span, NoWholeMinutes), span
        body: dict[str, Json] = {
            "starttime": self.account.form.write(span.from_local, self.zone),
            "endtime": self.account.form.write(span.to_local, self.zone),
            "useremail": write.username.strip(),
            **self._time_type(write),
        }
        if write.project:
            body["projectid"] = write.project
        if comment := ", ".join(text for text in (write.note, self.comment) if text):
            body["comment"] = comment
        return Request("POST", CREATE_PATH, body=body)

    def _time_type(self, write: CreateEntry) -> dict[str, Json]:
        if write.time_type is None:
            return {"timetypeid": self.account.time_type.id}
        picked = calls.pick(write.time_type, self.account.time_types)
        return {"timetypeid": picked.id} if isinstance(picked, Named) else {TYPE_BY_NAME: write.time_type}

    def verdict(self, write: Write, exchange: Exchange) -> Verdict:
        """Read the answer to a write."""
        match exchange:
            case NotSent(why):
                return NotApplied(why)
            case NoAnswer(why):
                return Unknown(why)
            case Reply(status):
                pass
        if 200 <= status < 300:
            if isinstance(write, DeleteEntry):
                return _deleted(write, exchange)
            assert isinstance(write, CreateEntry)
            return _created(write, exchange, self.account, self.zone)
        if status == 303:
            return Unknown("HTTP 303 See Other, which may follow on a success")
        if (whole := refused_as_a_whole(exchange)) is not None:
            return whole
        why = with_status(exchange)
        if status in (404, 410) and isinstance(write, DeleteEntry):
            return Gone(why, deleted=False)
        if status in (403, 404, 410):
            return Forbidden(_forbidden(write, why), about="key" if status == 403 else "employee")
        if 400 <= status < 500 and status not in (408, 425):
            return Rejected(why, envelope=bool(exchange.body.strip()) and not is_page(exchange))
        return Unknown(why)

    def look(self, usernames: tuple[str, ...], from_local: datetime, to_local: datetime, page: int) -> Request:
        """Ask for the entries of the first of `usernames`, 36 hours wider on both sides. There is one page only."""
        assert usernames, "Goodtime is asked about one user at a time"
        assert page == 0, "Goodtime has no pages"
        form = self.account.look_form
        return look_request(usernames[0], from_local - MARGIN, to_local + MARGIN, form, self.zone)

    def rows(self, exchange: Exchange, asked: str = "") -> Pieces[LookVerdict]:
        """Read the answer to a look, some rows at a time.

        Args:
            exchange: what came back.
            asked: whose entries were asked for; stands in where a row does not say whose it is, because which
                properties a row has is not documented. A row that names somebody else by e-mail keeps that name.
        """
        return read_entries(exchange, self.account.form, self.zone, asked)

    def probe(self, now_local: datetime) -> Request:
        """Ask for the time types, which shows at once whether address, version and login are right."""
        return calls.timetypes()


def look_request(username: str, from_local: datetime, to_local: datetime, form: TimeFormat, zone: tzinfo) -> Request:
    """Ask for a user's entries of exactly this span."""
    start, end = (str(form.write(moment, zone)) for moment in (from_local, to_local))
    query = (("useremail", username.strip()), ("start", start), ("end", end))
    return Request("GET", f"{BASE}/timeentries", query=query)


def read_entries(exchange: Exchange, form: TimeFormat, zone: tzinfo, asked: str = "") -> Pieces[LookVerdict]:
    """Read a list of entries, some at a time; see `GoodtimeCodec.rows`.

    One row that cannot be read spoils the whole look: leaving it out would make a booked interval look absent.
    """
    rows = list_of(exchange)
    if not isinstance(rows, list):
        return rows
    found, spelling, named = list[Entry](), Spelling(), set[str]()
    for n, sent in enumerate(rows, 1):
        row = spelling.row(sent)
        if row is None:
            return NO_ROW
        email = _email(row)
        if not email and (name := text(row.get("user"))):
            named.add(name)
        if len(named) > 1:
            # the filter by e-mail was ignored, and nothing tells for certain which of them was asked about
            return NotApplied(
                "Goodtime answered with entries of several users, and does not name them by their e-mails"
            )
        entry = _entry(row, form, zone, email, asked)
        if entry is None:
            return NotApplied("Goodtime answered with an entry whose id or time cannot be read")
        found.append(entry)
        if n % ROWS_AT_ONCE == 0:
            yield
    return Rows(tuple(found), last=True)


def start_samples(exchange: Exchange) -> tuple[Json, ...]:
    """Return the start times of a look as they were written, to learn the format from."""
    rows = rows_of(exchange)
    if not isinstance(rows, tuple):
        return ()
    samples = (first(row, *START_NAMES) for row in rows)
    return tuple(sample for sample in samples if isinstance(sample, (str, int)) and not isinstance(sample, bool))


START_NAMES = ("starttime", "start", "startdatetime", "startdate", "begin", "from")
"""The names that the start of an entry may have in a row."""
END_NAMES = ("endtime", "end", "enddatetime", "enddate", "stop", "to")
"""The names that the end of an entry may have in a row."""


def _entry(row: Mapping[str, Json], form: TimeFormat, zone: tzinfo, email: str, asked: str) -> Entry | None:
    id_ = text(first(row, "id", "uuid", "timeentryid"))
    start = form.read(first(row, *START_NAMES), zone)
    ends = first(row, *END_NAMES)
    end = form.read(ends, zone)
    if text(ends).startswith(NO_YEARS) or (end is not None and end.year < EPOCH.year + 1):
        ends = end = None
    if not id_ or start is None or (ends is not None and end is None):
        return None
    if end is not None and not _in_order(start, end, zone):
        return None
    return Entry(
        id=id_,
        username=email or _whose(row, asked),
        from_local=start,
        to_local=end,
        note=text(first(row, "comment", "note", "notes")),
        locked=flag(row.get("locked")),
        time_type=text(first(row, "timetypeid", "timecategoryid", "timetype")) or None,
        project=text(first(row, "projectid", "project")) or None,
    )


NO_YEARS = ("0000-", "0001-", "9999-")
"""How a date begins that stands for none. Such an end, or one of 1970 or before, says that the entry runs."""


def _in_order(start: datetime, end: datetime, zone: tzinfo) -> bool:
    """Whether an entry can end then: after its start by the wall clock, or in the hour that comes twice in autumn.

    One that ends before it starts is read wrongly, or is wrong, and nobody knows which minutes it takes. As a closed
    entry it would stand in nobody's way, and what it hides would be booked again; so nothing of the look is believed.
    """
    first_minute = start.replace(second=0, microsecond=0)  # ends may be cut down where starts are not
    if first_minute <= end:
        return True
    earliest, latest = first_minute.replace(tzinfo=zone, fold=0), end.replace(tzinfo=zone, fold=1)
    return earliest.astimezone(UTC) <= latest.astimezone(UTC)


def _whose(row: Mapping[str, Json], asked: str) -> str:
    """Return whom a row without an e-mail is about, which is whom we asked about.

    Users are known by their login e-mail alone, so a `user` may also be a display name or a number: it says nothing.
    """
    said = text(row.get("user"))
    return said if same_user(said, asked) else asked


def _email(row: Mapping[str, Json]) -> str:
    """Return the login e-mail in a row; an empty text when there is none."""
    named = first(row, "useremail", "loginemail", "email")
    if isinstance(named, str) and len(named.split()) == 1:
        return named.strip()
    user = row.get("user")
    if isinstance(user, dict):
        return _email(plain_names(user))
    said = text(user)
    return said if "@" in said and len(said.split()) == 1 else ""


def _created(write: CreateEntry, reply: Reply, account: Account, zone: tzinfo) -> Verdict:
    """Read all ids of the reply: an interval over midnight may have become several entries.

    Ids are all that Goodtime has to show, and then they are believed; what it shows beside them must not contradict
    what was sent.
    """
    found = json_of(reply)
    if isinstance(found, NoJson):
        empty = not reply.body.strip()
        return Unconfirmed("a yes without an id") if empty else _no_json(reply, found)
    rows = found if isinstance(found, list) else [found]
    if len(rows) > MOST_PARTS:
        return Unconfirmed(sentence("a yes with {count} entries", count=len(rows)))
    ids: list[str] = []
    for row in rows:
        shown = plain_names(row) if isinstance(row, dict) else {"id": row}
        id_ = text(first(shown, "id", "uuid", "timeentryid"))
        if not _believable(id_, account.time_type.id) or complains(row):
            return Unconfirmed("a yes without an id that could be read")
        if (email := _email(shown)) and not same_user(email, write.username):
            return Unknown("Goodtime answers with somebody else's entry")
        if not _within(shown, write, account.form, zone):
            return Unconfirmed("a yes with other times than were sent")
        if id_ not in ids:
            ids.append(id_)
    return Accepted(tuple(ids)) if ids else Unconfirmed("a yes with an empty list of ids")


def _deleted(write: DeleteEntry, reply: Reply) -> Verdict:
    """Read the answer to a deletion, which is empty where everything is well."""
    if not reply.body.strip():
        return Accepted((write.entry_id,))
    found = json_of(reply)
    if isinstance(found, NoJson):
        if is_page(reply):
            return _no_json(reply, found)
        return Unconfirmed(sentence("deleted, it seems: {shown}", shown=with_status(reply)))
    if found is False or complains(found):
        return Unconfirmed(sentence("a yes that holds a complaint: {shown}", shown=with_status(reply)))
    if found in (None, True, {}, []) or _shows(found, write.entry_id):
        return Accepted((write.entry_id,))
    return Unconfirmed(sentence("a yes that holds something else: {shown}", shown=with_status(reply)))


def _no_json(reply: Reply, found: NoJson) -> Unknown:
    return Unknown(sentence("HTTP {status} with {what}", status=reply.status, what=phrase(found.why)))


def _shows(found: Json, entry_id: str) -> bool:
    """Whether an answer is about this entry and no other."""
    row = found[0] if isinstance(found, list) and len(found) == 1 else found
    id_ = first(plain_names(row), "id", "uuid", "timeentryid") if isinstance(row, dict) else row
    return text(id_).casefold() == entry_id.strip().casefold()


def _within(row: Mapping[str, Json], write: CreateEntry, form: TimeFormat, zone: tzinfo) -> bool:
    """Whether the times that a row shows, if any, are of the interval that was sent, or of a part of it."""
    for name in (*START_NAMES, *END_NAMES):
        if (shown := row.get(name)) is None or shown == "":
            continue
        at = form.read(shown, zone)
        if at is None or not write.from_local - A_MINUTE <= at <= write.to_local + A_MINUTE:
            return False
    return True


MOST_PARTS = 20
"""No interval becomes more entries."""
A_MINUTE = timedelta(minutes=1)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LIKE_UUID = re.compile(r"\W?\w{8}(-\w{4}){3}-\w{12}\W?")
_OPAQUE_ID = re.compile(r"(?!-\d+$)(?=.*[1-9])\S+")
"""A number above 0, a UUID that is not nil, or any other word with a digit in it."""


def _believable(id_: str, known: str) -> bool:
    """Whether a text can be an id. What cannot may be a fault or an excuse, and costs a look.

    Args:
        id_: the text.
        known: an id of the same account: where that is a UUID, every id is one.
    """
    if (_UUID.fullmatch(known) or _LIKE_UUID.fullmatch(id_)) and not _UUID.fullmatch(id_):
        return False
    return len(id_) <= LONGEST_ID and _OPAQUE_ID.fullmatch(id_) is not None and not COMPLAINT.search(id_)


LONGEST_ID = 64


def _forbidden(write: Write, why: str) -> str:
    if isinstance(write, DeleteEntry):
        return sentence("Goodtime does not let us delete the entry; it may be locked ({why})", why=phrase(why))
    name = write.username if isinstance(write, CreateEntry) else ""
    return sentence(
        "Goodtime does not book for {name}: unknown, closed, or without permission ({why})", name=name, why=phrase(why)
    )
