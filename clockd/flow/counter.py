"""The commands that an admin's tools send: each is checked here, and handed to the part of clockd that does it."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec

from clockd.core.accounts import Reach
from clockd.core.chain import Head
from clockd.core.correction import Consent
from clockd.core.extract import ExtractChoice
from clockd.core.json import Json
from clockd.core.model import Kind
from clockd.core.roles import Role
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import Request
from clockd.errors import UsageError
from clockd.flow.accounts import AccountChange, AccountDesk
from clockd.flow.backups import Backups
from clockd.flow.badge_desk import PIECE_BADGES, BadgeDesk, Enrolment, SealedEnrolment
from clockd.flow.correction_desk import CorrectionDesk
from clockd.flow.documents import Documents
from clockd.flow.erasing import Erasing
from clockd.flow.inspections import Inspections
from clockd.flow.own_record import OwnRecord
from clockd.flow.people import People
from clockd.flow.punch_repairs import Amendment, PunchRepairs
from clockd.flow.timesheets import Timesheets, day_of
from clockd.store.badges import Validity

Arguments = Mapping[str, Json]
T = TypeVar("T")

LONGEST_TEXT = 1000
"""How many characters a text in a command may have."""
MOST_PUNCHES = 1000
"""How many punches fit into one answer, which is made and read as a whole."""


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms an admin's commands lead to. They need nothing but the store, and no running daemon."""

    documents: Documents
    repairs: PunchRepairs
    badges: BadgeDesk
    people: People
    timesheets: Timesheets
    backups: Backups
    accounts: AccountDesk
    corrections: CorrectionDesk
    inspections: Inspections
    own_record: OwnRecord
    erasing: Erasing


async def answer(office: Office, command: Arguments) -> Json:
    """Carry out one command.

    Raises:
        UsageError: no such command, or an argument is missing or of the wrong kind.
        Refused: understood, and it cannot be done.
    """
    name = command.get("cmd")
    if not isinstance(name, str) or name not in COMMANDS:
        raise UsageError(
            sentence("unknown command {name}", name=repr(str(name)[:60])), hint="is the daemon older than this clockd?"
        )
    return await COMMANDS[name](office, command)


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request as a command sends it; its fields are those of `core.wire.Request`."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None


def request_of(command: Arguments) -> Request:
    """Take the request to a tracker out of a command.

    Raises:
        UsageError: there is none, or it holds what cannot be sent: a number that is none, a text that is not UTF-8.
    """
    asked = command.get("request")
    try:
        json.dumps(asked, allow_nan=False, ensure_ascii=False).encode()
        found = msgspec.convert(asked, _Asked)
    except (ValueError, msgspec.ValidationError) as error:
        why = "a text is not UTF-8" if isinstance(error, UnicodeEncodeError) else str(error)
        raise UsageError(sentence("not a request: {why}", why=why)) from None
    return Request(found.method, found.path, found.query, found.body)


async def _punches(office: Office, args: Arguments) -> Json:
    limit = MOST_PUNCHES + 1 if args.get("limit") is None else _count(args, "limit")
    state, username = _text_or_none(args, "state"), _text_or_none(args, "username")
    found = await office.documents.punches(limit=min(limit, MOST_PUNCHES + 1), state=state, username=username)
    if len(found) > MOST_PUNCHES:
        raise UsageError(
            sentence("at most {most} punches at once", most=MOST_PUNCHES),
            hint="punches.page goes through all of them",
        )
    return list(found)


async def _punches_page(office: Office, args: Arguments) -> Json:
    state, username = _text_or_none(args, "state"), _text_or_none(args, "username")
    cursor = None if args.get("cursor") is None else _count(args, "cursor")
    newest_first = args.get("newest_first") is True
    return await office.documents.page(cursor=cursor, newest_first=newest_first, state=state, username=username)


async def _punches_export(office: Office, args: Arguments) -> Json:
    cursor = None if args.get("cursor") is None else _count(args, "cursor")
    first, last = _day_or_none(args, "first"), _day_or_none(args, "last")
    return await office.timesheets.page(office.documents, cursor, first, last)


async def _workers(office: Office, _: Arguments) -> Json:
    return await office.timesheets.people()


async def _hours(office: Office, args: Arguments) -> Json:
    first, last = day_of(_text(args, "first")), day_of(_text(args, "last"))
    return await office.timesheets.of(_text(args, "username"), first, last)


async def _story(office: Office, args: Arguments) -> Json:
    return await office.documents.story(_text(args, "id"))


async def _retry(office: Office, args: Arguments) -> Json:
    return list(await office.repairs.retry(_ids(args), _text(args, "why", ""), _by(args)))


async def _ignore(office: Office, args: Arguments) -> Json:
    return list(await office.repairs.ignore(_ids(args), _text(args, "why"), _by(args)))


async def _void(office: Office, args: Arguments) -> Json:
    return list(await office.repairs.void(_ids(args), _text(args, "why", ""), _by(args)))


async def _amend(office: Office, args: Arguments) -> Json:
    at_text, kind_text = _text_or_none(args, "at"), _text_or_none(args, "kind")
    at = None if at_text is None else office.repairs.parse_time(at_text)
    if kind_text is not None and kind_text not in set(Kind):
        raise UsageError(
            sentence("unknown kind {kind}", kind=repr(kind_text)),
            hint=sentence("one of {choices}", choices=tuple(Kind)),
        )
    kind = None if kind_text is None else Kind(kind_text)
    username, time_type = _text_or_none(args, "username"), _text_or_none(args, "time_type")
    if args.get("accept"):
        if time_type is not None:
            raise UsageError("--accept is about the time alone", hint="say --time-type in a command of its own")
        if at is not None:
            raise UsageError("--accept takes the proposed time, --at says another one", hint="leave one of them out")
        return await office.repairs.accept(_text(args, "id"), kind, _text(args, "why", ""), _by(args), username)
    if at is None and kind is None and username is None and time_type is None:
        hint = "--at TIME, --kind KIND, --username U, --time-type TYPE, or --accept for the proposal"
        raise UsageError("nothing to amend", hint=hint)
    ids = _ids(args) if "ids" in args else [_text(args, "id")]
    done = await office.repairs.amend_all(
        ids, Amendment(at, kind, username, time_type), _text(args, "why", ""), _by(args)
    )
    return done if "ids" in args else done[0]


async def _add_out(office: Office, args: Arguments) -> Json:
    at = office.repairs.parse_time(_text(args, "at"))
    return await office.repairs.add_out(_text(args, "id"), at, _text(args, "why", ""), _by(args))


async def _add_in(office: Office, args: Arguments) -> Json:
    at = office.repairs.parse_time(_text(args, "at"))
    return await office.repairs.add_in(_text(args, "id"), at, _text(args, "why", ""), _by(args))


async def _badges(office: Office, _: Arguments) -> Json:
    return list(await office.badges.listed())


async def _badge_add(office: Office, args: Arguments) -> Json:
    return await office.badges.give(_enrolment(args), _by(args), _text(args, "why", ""))


def _enrolment(args: Arguments) -> Enrolment:
    pin = _text_or_none(args, "pin")
    number = _text(args, "uid") if pin is None else pin
    admin = args.get("admin", False)
    if not isinstance(admin, bool):
        raise UsageError("admin is true or false")
    username, name = _text(args, "username"), _text(args, "name", "")
    return Enrolment(number, username, name, pin is not None, _validity(args), admin)


def _validity(args: Arguments) -> Validity:
    validity = Validity(_day_or_none(args, "from_day"), _day_or_none(args, "until_day"))
    if validity.from_day and validity.until_day and validity.until_day < validity.from_day:
        raise UsageError("the badge would end before it begins", hint="--from DAY is not after --until DAY")
    return validity


async def _badge_import(office: Office, args: Arguments) -> Json:
    wanted = args.get("badges")
    if not isinstance(wanted, list) or not all(isinstance(badge, dict) for badge in wanted):
        raise UsageError("“badges” is a list of objects with uid, username and name")
    rows: list[Arguments] = [badge for badge in wanted if isinstance(badge, dict)]
    if (pepper := _text_or_none(args, "pepper")) is not None:
        sealed = await _in_pieces(office, rows, _sealed_enrolment)
        return list(await office.badges.give_sealed(sealed, pepper, _by(args), _text(args, "why", "")))
    badges = await _in_pieces(office, rows, _enrolment)
    return list(await office.badges.give_all(badges, _by(args), _text(args, "why", "")))


async def _in_pieces(office: Office, rows: Sequence[Arguments], read: Callable[[Arguments], T]) -> list[T]:
    found: list[T] = []
    for number, row in enumerate(rows):
        if number % PIECE_BADGES == 0:
            await office.badges.store.give_way()
        found.append(read(row))
    return found


def _sealed_enrolment(args: Arguments) -> SealedEnrolment:
    ends = args.get("ends")
    prints = [_text(args, "fingerprint"), *(ends if isinstance(ends, list) else ())]
    fingerprint, *shorter = [str(each) for each in prints]
    if not all(re.fullmatch("[0-9a-f]{64}", each) for each in (fingerprint, *shorter)):
        raise UsageError("a fingerprint is 64 hexadecimal digits")
    tail = _text(args, "tail")
    if not re.fullmatch("[0-9A-F]{4}", tail):
        raise UsageError("“tail” is the last four digits of a badge")
    return SealedEnrolment(
        fingerprint, tail, tuple(shorter), _text(args, "username"), _text(args, "name", ""), _validity(args)
    )


async def _badge_assign(office: Office, args: Arguments) -> Json:
    username, name = _text(args, "username"), _text(args, "name", "")
    return await office.badges.assign(_text(args, "id"), username, name, _by(args), _text(args, "why", ""))


async def _badge_ignore(office: Office, args: Arguments) -> Json:
    undo = args.get("undo") is True
    return await office.badges.ignore(_text(args, "id"), _text(args, "why", ""), _by(args), undo=undo)


async def _people(office: Office, _: Arguments) -> Json:
    return await office.people.listed()


async def _people_rename(office: Office, args: Arguments) -> Json:
    merge = args.get("merge") is True
    return await office.people.rename(_text(args, "old"), _text(args, "new"), _by(args), merge=merge)


async def _people_erase(office: Office, args: Arguments) -> Json:
    name, copies = _text(args, "username"), args.get("copies") is True
    return await office.erasing.order(name, _text(args, "why", ""), _by(args), copies=copies)


async def _people_erasure(office: Office, _: Arguments) -> Json:
    return await office.erasing.progress()


async def _badge_remove(office: Office, args: Arguments) -> Json:
    uid, fingerprint = _text_or_none(args, "uid"), _text_or_none(args, "fingerprint")
    return await office.badges.remove(uid, fingerprint, _by(args), _text(args, "why", ""))


async def _corrections(office: Office, args: Arguments) -> Json:
    return await office.corrections.listed(waiting=args.get("waiting") is True)


async def _withdraw(office: Office, args: Arguments) -> Json:
    number = None if args.get("number") is None else _count(args, "number")
    punch_id = _text_or_none(args, "id")
    if (number is None) == (punch_id is None):
        raise UsageError("name the correction by its number, or by its punch", hint="clockd corrections")
    return await office.corrections.withdraw(number, punch_id, _text(args, "why", ""), _by(args))


async def _record(office: Office, args: Arguments) -> Json:
    first, last = day_of(_text(args, "first")), day_of(_text(args, "last"))
    return await office.own_record.of(_text(args, "username"), first, last)


async def _record_answer(office: Office, args: Arguments) -> Json:
    consent = _text(args, "consent")
    if consent not in (Consent.YES, Consent.NO):
        raise UsageError("the answer is yes or no")
    number, username, why = _count(args, "number"), _text(args, "username"), _text(args, "why", "")
    return await office.own_record.answer(number, username, Consent(consent), why, _text(args, "peer", ""))


async def _log(office: Office, args: Arguments) -> Json:
    return await office.documents.log(None if args.get("cursor") is None else _count(args, "cursor"))


async def _verify(office: Office, args: Arguments) -> Json:
    anchors = args.get("anchors", [])
    if not isinstance(anchors, list) or not all(isinstance(each, str) for each in anchors):
        raise UsageError("“anchors” is a list of texts")
    return await office.documents.verify([_anchor(str(each)) for each in anchors])


def _anchor(text: str) -> Head:
    found = re.fullmatch("([0-9]{1,10}):([0-9a-f]{64})", text)
    if found is None:
        hint = "as clockd ledger head shows it, ROWS:HASH"
        raise UsageError(sentence("this is no anchor: {text}", text=text[:80]), hint=hint)
    return Head(int(found[1]), found[2])


async def _head(office: Office, _: Arguments) -> Json:
    return await office.inspections.head()


async def _extract(office: Office, args: Arguments) -> Json:
    first, last = _day_or_none(args, "first"), _day_or_none(args, "last")
    return await office.inspections.extract(ExtractChoice(_text_or_none(args, "username"), first, last))


async def _rows(office: Office, args: Arguments) -> Json:
    return await office.inspections.rows(_count(args, "cursor"))


async def _backup_begin(office: Office, _: Arguments) -> Json:
    head = await office.inspections.anchor()  # before the copy, which then holds these rows
    return {**await office.backups.begin(), "head": head}


async def _backup_piece(office: Office, args: Arguments) -> Json:
    return await office.backups.piece(_count(args, "edition"), _count(args, "offset"))


async def _backup_note(office: Office, args: Arguments) -> Json:
    return await office.backups.note(_text(args, "place"), off_device=args.get("off_device") is True)


async def _accounts(office: Office, _: Arguments) -> Json:
    return await office.accounts.listed()


async def _account_find(office: Office, args: Arguments) -> Json:
    return await office.accounts.find(_text(args, "name"), _text(args, "peer", ""))


async def _account_put(office: Office, args: Arguments) -> Json:
    role, new = _text_or_none(args, "role"), args.get("new")
    if role is not None and role not in set(Role):
        raise UsageError(
            sentence("unknown role {role}", role=repr(role)), hint=sentence("one of {choices}", choices=tuple(Role))
        )
    if new is not None and not isinstance(new, bool):
        raise UsageError("new is true or false")
    wanted = AccountChange(Role(role) if role else None, _text_or_none(args, "hash"), _text_or_none(args, "username"))
    return await office.accounts.put(_text(args, "name"), wanted, _by(args), new=new)


async def _account_remove(office: Office, args: Arguments) -> Json:
    return await office.accounts.remove(_text(args, "name"), _by(args))


async def _tokens(office: Office, _: Arguments) -> Json:
    return await office.accounts.tokens()


async def _token_find(office: Office, args: Arguments) -> Json:
    return await office.accounts.find_token(_text(args, "hash"), _text(args, "peer", ""))


async def _token_put(office: Office, args: Arguments) -> Json:
    reach = _text(args, "reach", Reach.ALL.value)
    if reach not in set(Reach):
        raise UsageError(
            sentence("unknown reach {reach}", reach=repr(reach)),
            hint=sentence("one of {choices}", choices=tuple(Reach)),
        )
    return await office.accounts.put_token(_text(args, "name"), _text(args, "hash"), Reach(reach), _by(args))


async def _token_remove(office: Office, args: Arguments) -> Json:
    return await office.accounts.remove_token(_text(args, "name"), _by(args))


COMMANDS: Mapping[str, Callable[[Office, Arguments], Awaitable[Json]]] = {
    "punches": _punches,
    "punches.page": _punches_page,
    "punches.export": _punches_export,
    "punches.show": _story,
    "punches.retry": _retry,
    "punches.ignore": _ignore,
    "punches.void": _void,
    "punches.amend": _amend,
    "punches.add-out": _add_out,
    "punches.add-in": _add_in,
    "hours.people": _workers,
    "hours": _hours,
    "badges": _badges,
    "badges.add": _badge_add,
    "badges.import": _badge_import,
    "badges.remove": _badge_remove,
    "badges.assign": _badge_assign,
    "badges.ignore": _badge_ignore,
    "people": _people,
    "people.rename": _people_rename,
    "people.erase": _people_erase,
    "people.erasure": _people_erasure,
    "corrections": _corrections,
    "corrections.withdraw": _withdraw,
    "record": _record,
    "record.answer": _record_answer,
    "ledger.log": _log,
    "ledger.verify": _verify,
    "ledger.head": _head,
    "ledger.extract": _extract,
    "ledger.rows": _rows,
    "backup.begin": _backup_begin,
    "backup.piece": _backup_piece,
    "backup.note": _backup_note,
    "accounts.list": _accounts,
    "accounts.find": _account_find,
    "accounts.put": _account_put,
    "accounts.remove": _account_remove,
    "tokens.list": _tokens,
    "tokens.find": _token_find,
    "tokens.put": _token_put,
    "tokens.remove": _token_remove,
}


def _text(args: Arguments, name: str, default: str | None = None) -> str:
    value = args.get(name, default)
    if not isinstance(value, str):
        raise UsageError(sentence("{name} is missing, or no text", name=phrase(name)))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(sentence("{name} is no text in UTF-8", name=phrase(name))) from None
    if len(value) > LONGEST_TEXT:
        raise UsageError(sentence("{name} is longer than {most} characters", name=phrase(name), most=LONGEST_TEXT))
    if default is None and not value.strip():
        raise UsageError(
            sentence("{name} is empty", name=phrase(name)), hint="say what it is, or leave the option away"
        )
    return value


def _text_or_none(args: Arguments, name: str) -> str | None:
    return None if args.get(name) is None else _text(args, name)


def _day_or_none(args: Arguments, name: str) -> date | None:
    return None if args.get(name) is None else day_of(_text(args, name))


def _count(args: Arguments, name: str) -> int:
    value = args.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(sentence("{name} is a whole number, 0 or more", name=phrase(name)))
    return value


def _ids(args: Arguments) -> list[str]:
    ids = args.get("ids")
    if not isinstance(ids, list) or not ids or not all(isinstance(i, str) for i in ids):
        raise UsageError("no punch named", hint="clockd punches lists their ids")
    return [_text({"id": each}, "id") for each in ids]


def _by(args: Arguments) -> str:
    return _text(args, "by", "") or "somebody"
