"""Every sentence of the daemon that a page shows is said in the page's language, and names no command there."""

import ast
import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

import clockd
from clockd import control
from clockd.control import lines
from clockd.control.peers import UNKNOWN_USER
from clockd.core.chain import RESTORED_NOTE
from clockd.core.delivery import State
from clockd.core.model import Unread
from clockd.core.sentence import Sentence, advised, parted, phrase, read_said, said_json, said_text, sentence, told_text
from clockd.core.wire import DeleteEntry, Forbidden, Paused, Reply
from clockd.errors import Refused
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from clockd.trackers.goodtime.wire.reading import login_refused, own_answer
from clockd.web.words import PAGE_LANGUAGES
from clockd.web.words.speech import Speech

ROOMS = (
    *("flow/naming", "flow/terminal", "flow/recording", "flow/awaiting", "flow/counter"),
    *("flow/counting", "flow/badge_desk", "flow/badge_list", "flow/people"),
    *("flow/countersigning", "flow/correction_desk", "flow/own_record", "flow/retention", "flow/erasing"),
    *("flow/punch_repairs", "flow/timesheets", "flow/documents", "flow/sync", "flow/timekeeper", "flow/jobs"),
    *(
        "flow/line",
        "flow/reconcile",
        "store/badges",
        "store/corrections",
        "store/deliveries",
        "store/repairs",
        "store/dating",
        "store/stored",
    ),
    *(
        "core/delivery",
        "core/forms",
        "core/harmless",
        "core/badge_file",
        "core/model",
        "core/timebase/said",
        "core/timebase/wall",
    ),
    *("core/numbers/notations", "core/numbers/wiegand", "core/numbers/reading", "core/planning"),
    *("control/asking", "control/serving", "control/lines", "web/daemon", "web/pages"),
    *("trackers/timetrack/hear", "trackers/unreached", "trackers/http", "trackers/goodtime", "core/wire", "core/body"),
    *("trackers/goodtime/wire/calls", "trackers/goodtime/wire/codec", "trackers/goodtime/wire/reading"),
    *("flow/nightly", "flow/devices", "flow/misreads", "daemon/answering", "daemon/booking"),
    *("readers", "core/audit", "core/chain", "core/timebase/skew", "core/sentence"),
    *(
        "panel",
        "core/updates",
        "updating",
        "host/rtc",
        "store/corrections",
        "store/ledger",
        "store/rotten",
        "store/remains",
        "store/thread",
    ),
)
"""Where the sentences come from that a page shows: what answers its commands, holds punches and speaks to the tracker.

Accounts and backups are missing: the page only looks accounts up, and nobody reads what that is answered.
"""
SAYS = frozenset(
    {
        "Refused",
        "NotNow",
        "UsageError",
        "NoDaemon",
        "TrackerUnreachable",
        "BadTime",
        "BadUid",
        "NoBadgeFile",
        "_Wrong",
        "Held",
        "_Unreadable",
    }
    | {"DeviceError", "DeviceMissing", "DeviceForbidden", "NotReady", "NoJson", "NotSent", "Unknown", "Unconfirmed"}
    | {"Forbidden", "Rejected", "LoginRefused", "LoginUnclear", "advised", "own_answer", "pause", "offline"}
    | {"hold_pair", "_hold_out", "Unsendable", "Paused", "NotApplied", "phrase", "sentence", "Sentence"}
)
"""Calls whose texts are sentences."""
CALLED = frozenset({"because", "hint", "why", "lost", "pattern", "span"})
"""Names that hold sentences."""
NAMED = (
    *("GIVE_IT", "WANTS_ONE", "TIME_FORMS", "_LACKING", "_SHOWN", "OTHER_PEPPER", "OTHER_PEPPER_HINT", "_ENDED"),
    *("AT_THE_DOOR", "ON_THE_PAGE", "ADVICE", "ADVISED", "BASE_URL", "CHECK_LOGIN", "LINE", "RESTORED_NOTE"),
)
RETURNS = frozenset({"_plain", "_problem", "_why_no_answer", "why_no_login"})
"""Functions whose answers are sentences."""
FOR_PROGRAMS = (
    "not understood",
    "a command is an object",
    "another command came",
    "a line has at most",
    "send a long list",
    "“",
    "not a request",
    "a text is not UTF-8",
    "admin is true or false",
    "new is true or false",
    "unknown r",
    "no daemon answers on",
    "systemctl status clockd; or",
    "the daemon on {path} did not",
    "use sudo",
    "restore it from a backup; or put",
    "make one: openssl",
    *("address is missing", "fingerprint is not", "this clockd did not come", "deploy/install in"),
    *("the database file was", "begin the backup", "the database is busy", "the next start puts", "install that, or"),
)
"""How sentences begin that are told at a start, at a command line, or to a program with a mistake."""
NO_SENTENCES = frozenset({"throttled", "path", "credentials", "redirect", "user", "timer", "“no”"}) | frozenset(
    {"credentials", "offline", "paused", "portal", "setup", "key", "employee", "look", "forbidden"}
)
COMMAND = re.compile(
    r"(?<![\w.])(clockd (punches|badges|people|status|hours|accounts|sync|corrections|ledger)|--\w|-u )"
)


def parsed(room: str) -> Iterator[ast.Module]:
    path = Path(clockd.__file__).parent / room
    for file in sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
        yield ast.parse(file.read_text())


def literals(node: ast.expr) -> Iterator[ast.expr]:
    """What a text may be made of: the branches of a choice, the members of a tuple or a table."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*literals(body), *literals(orelse))
        case ast.BoolOp(values=values) | ast.Tuple(elts=values):
            yield from (part for value in values for part in literals(value))
        case ast.Dict(values=values):
            yield from (part for value in values for part in literals(value))
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield node
        case _:
            return


def said(tree: ast.AST) -> Iterator[ast.expr]:
    """The texts of a module that are sentences for people."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
                hints = [word.value for word in keywords if word.arg in ("hint", "error")]
                yield from (part for text in (*(args if name in SAYS else ()), *hints) for part in literals(text))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in CALLED or name in NAMED:
                yield from literals(value)
            case ast.FunctionDef(name=name) if name in RETURNS:
                answers = (part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value)
                yield from (part for text in answers for part in literals(text))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in NAMED:
                yield from literals(value)
            case _:
                pass


def sentences() -> dict[str, str]:
    """Each pattern that a page may be given, with its room."""
    found = {state.value: "core/delivery" for state in State} | {UNKNOWN_USER: "control/peers"}
    found |= {reason.value: "core/model" for reason in Unread}
    for room in ROOMS:
        for tree in parsed(room):
            texts = (node.value for node in said(tree) if isinstance(node, ast.Constant))
            found |= {text: room for text in texts if isinstance(text, str) and len(text) > 1}
    return {
        text: room for text, room in found.items() if not text.startswith(FOR_PROGRAMS) and text not in NO_SENTENCES
    }


SENTENCES = sentences()
ZONE = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)
GERMAN, ENGLISH = (Speech.of([code], ZONE, NOW) for code in ("de", "en"))


def fields(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name}


NOT_OURS = (
    *("f'{shown} {said}'", "f'try again {wait}'", "f'it says {row[0]}'"),
    *("f'timeout_s is a number up to {feedback.ENROL_S:.0f}'", "f\"wish is one of {', '.join(WISHES)}\""),
)
"""What the tracker says, and what a command at a terminal or a program is told."""


def test_all_of_them_are_found() -> None:
    assert len(SENTENCES) > 250


@pytest.mark.parametrize("pattern", SENTENCES)
def test_it_is_there_in_german(pattern: str) -> None:
    assert pattern in GERMAN.t.sentences, SENTENCES[pattern]
    assert fields(GERMAN.t.sentences[pattern]) <= fields(pattern)


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_nobody_at_a_page_is_told_to_type_a_command(code: str) -> None:
    told = {pattern: PAGE_LANGUAGES[code].sentences.get(pattern, pattern) for pattern in SENTENCES}
    assert {pattern for pattern, text in told.items() if COMMAND.search(text)} == set()


def test_control_a_command_is_seen() -> None:
    assert sum(bool(COMMAND.search(pattern)) for pattern in SENTENCES) > 30


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_hides_its_values_in_its_text(room: str) -> None:
    """Once the values are filled in, nobody can say the sentence in another language."""
    hidden = [ast.unparse(node) for tree in parsed(room) for node in said(tree) if isinstance(node, ast.JoinedStr)]
    assert [text for text in hidden if text not in NOT_OURS] == []


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_no_catalogue_holds_what_nobody_says(code: str) -> None:
    left = set(PAGE_LANGUAGES[code].sentences) - SENTENCES.keys()
    assert {text for text in left if " " in text} == set()  # a word alone is a state, or the name of a field


def test_times_and_sentences_in_a_sentence_are_said_in_the_language_too() -> None:
    at = datetime(2026, 11, 29, 8, 2)
    inner = sentence("no clock-out after {at:%d %b %H:%M}: say when they left (clockd punches amend)", at=at)
    text = sentence("{punch_id}: {message}; nothing was done", punch_id="01JD", message=inner)
    assert text == "01JD: no clock-out after 29 Nov 08:02: say when they left (clockd punches amend); nothing was done"
    assert GERMAN.tell(text) == "kein Gehen nach 29.11. 08:02; nichts wurde getan"
    assert ENGLISH.tell(text) == "no clock-out after 29 Nov 08:02; nothing was done"
    entries = tuple(sentence("entry {entry_ids}", entry_ids=(one, "2")) for one in "13")
    within = sentence(
        "the clock-in of {at:%d %b %H:%M} lies within {entries}: change one of them, then retry or ignore",
        at=at,
        entries=entries,
    )
    assert GERMAN.tell(within) == "das Kommen vom 29.11. 08:02 liegt in: Eintrag 1, 2, Eintrag 3, 2"


def test_what_the_tracker_says_stays_as_it_is() -> None:
    text = sentence("the tracker refuses it: {why}", why=phrase("{held} waiting {0}"))
    assert GERMAN.tell(text) == "die Zeiterfassung lehnt es ab: {held} waiting {0}"
    assert GERMAN.tell("409 Konflikt {x}") == "409 Konflikt {x}"


def test_what_goodtimes_session_answers_in_its_place_stays_a_sentence() -> None:
    """It passes through a reply, a verdict and the line, each of which takes it for a text."""
    form = TimeFormat("%Y-%m-%dT%H:%M")
    codec = GoodtimeCodec(Account(Named("1", "working hours"), form, form), ZONE)
    refused = codec.verdict(DeleteEntry("1"), own_answer(401, login_refused("HTTP 401: nein")))
    assert isinstance(refused, Paused)
    assert GERMAN.tell(refused.why).startswith("Goodtime weist unsere Anmeldung ab: prüfen Sie die Credentials")
    assert GERMAN.tell(refused.why).endswith("(HTTP 401: nein)")
    hidden = codec.verdict(DeleteEntry("1"), Reply(403, {}, b"locked"))
    assert isinstance(hidden, Forbidden)
    assert GERMAN.tell(hidden.why) == (
        "Goodtime lässt uns den Eintrag nicht löschen; vielleicht ist er gesperrt (HTTP 403: locked)"
    )


def test_what_was_found_and_what_to_do_are_parted_as_they_were_put_together() -> None:
    found, to_do = parted(advised("Goodtime redirects to x: y (z): w", "write that address into tracker.url"))
    assert (found, to_do) == ("Goodtime redirects to x: y (z): w", "write that address into tracker.url")
    assert parted("no: advice (here)") == ("no: advice (here)", "")


def test_who_did_it_is_said_without_the_names_of_programs() -> None:
    assert GERMAN.who("anna via clockd-web") == ENGLISH.who("anna via clockd-web") == "anna"
    assert GERMAN.who(f"{UNKNOWN_USER} (claims anna)") == "jemand an diesem Gerät (nennt sich anna)"
    assert ENGLISH.who(f"{UNKNOWN_USER} (claims anna)") == f"{UNKNOWN_USER} (claims anna)"
    assert GERMAN.who("root") == "root"


def test_a_name_is_never_taken_for_a_word() -> None:
    assert GERMAN.tell(sentence("this punch is {username}'s already", username="held")) == (
        "diese Buchung gehört held schon"
    )


def test_a_sentence_comes_over_the_wire_and_out_of_the_store() -> None:
    text = sentence("{at:%Y-%m-%d %H:%M:%S} is in the future", at=NOW.astimezone(ZONE))
    for found in (read_said(said_json(text), str(text)), told_text(said_text(text), str(text))):
        assert isinstance(found, Sentence)
        assert GERMAN.tell(found) == "29.11.2026, 12:00:00 liegt in der Zukunft"
    answer = lines.error_line(Refused(text, hint="void it instead"))
    with pytest.raises(Refused) as caught:
        control.result_of(answer, Path("/run/clockd/control.sock"))
    assert GERMAN.error(caught.value) == "29.11.2026, 12:00:00 liegt in der Zukunft. Nehmen Sie sie zurück."


@pytest.mark.parametrize(
    "said",
    [
        {"pattern": "no punch {id}", "values": {"id": "another"}},
        {"pattern": "no punch {id}", "values": {}},
        {"pattern": "no punch {id.__class__}", "values": {"id": "1"}},
        {"pattern": 7, "values": {}},
        {"pattern": "{a}", "values": {"a": {"at": "never"}}},
        {"pattern": "{a}", "values": [1]},
        "no punch 1",
        [],
    ],
)
def test_what_does_not_say_the_same_is_not_believed(said: object) -> None:
    """A column that was damaged, or left behind by a clockd that did not know it, never lies."""
    assert type(read_said(said, "no punch 1")) is str  # type: ignore[arg-type]


def test_what_the_ledger_notes_of_itself_is_said_in_the_language_too() -> None:
    text = sentence(RESTORED_NOTE, row=7)
    row = {"text": str(text), "text_said": said_text(text)}
    assert GERMAN.noted(row, "text") == "aus einer Sicherung wiederhergestellt, die mit Zeile 7 endete"
    assert ENGLISH.noted(row, "text") == str(text)
    assert (GERMAN.noted({"why": "vergessen {x}"}, "why"), GERMAN.noted({}, "why")) == ("vergessen {x}", "")


def test_a_copy_of_a_sentence_is_one() -> None:
    text = sentence("no punch {id}", id="7")
    for copied in (copy.copy(text), copy.deepcopy(text)):
        assert (copied, said_json(copied)) == (text, said_json(text))
