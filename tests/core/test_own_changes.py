"""What somebody reads of the changes of a punch: all that was done while it was theirs, and nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clockd.core.model import Kind
from clockd.core.own_changes import ChangeWay, OwnChange, OwnCounted, SaidOfPunch, own_changes

VIENNA = ZoneInfo("Europe/Vienna")
AT = datetime(2026, 11, 23, 7, 2, tzinfo=UTC)
EIGHT = datetime(2026, 11, 23, 8, 2)


def punch(username: str | None = "ada", kind: str = "in") -> SaidOfPunch:
    return SaidOfPunch("punch", AT, {"username": username, "kind": kind, "offset_s": 3600, "badge": "x"})


def said(what: str, **body: object) -> SaidOfPunch:
    return SaidOfPunch(what, AT + timedelta(days=1), {"by": "office", "why": "because", **body})


def moved_to(hour: int) -> dict[str, object]:
    at = datetime(2026, 11, 23, hour, 0, tzinfo=UTC)
    return {"at_us": round(at.timestamp() * 1e6), "offset_s": 3600}


def read(username: str, has_it: str | None, *rows: SaidOfPunch, tapped: bool = True) -> list[OwnChange]:
    return own_changes(username, has_it, rows, VIENNA, tapped=tapped)


def ways(found: list[OwnChange]) -> list[ChangeWay]:
    return [change.way for change in found]


@pytest.mark.parametrize(
    ("rows", "has_it", "of_ada", "of_bob"),
    [
        ((punch(),), "ada", [], []),
        ((punch(), said("amend", **moved_to(6))), "ada", [ChangeWay.AMEND], []),
        ((punch(), said("void")), "ada", [ChangeWay.VOID], []),
        ((punch(), said("ignore"), said("retry")), "ada", [ChangeWay.IGNORE], []),
        ((punch(None), said("assign", username="ada", kind="in")), "ada", [ChangeWay.ASSIGN], []),
        ((punch(None), said("disown")), None, [], []),
        # given away: the one who had it reads that, and nothing of what comes after; the other the rest
        (
            (punch(), said("amend", kind="out"), said("amend", username="bob"), said("amend", **moved_to(5))),
            "bob",
            [ChangeWay.AMEND, ChangeWay.AMEND],
            [ChangeWay.AMEND, ChangeWay.AMEND],
        ),
        # renamed since: the punch is theirs under either name
        ((punch("a.lovelace"), said("void")), "ada", [ChangeWay.VOID], []),
        ((punch("carl"), said("void")), "carl", [], []),
        (
            (punch(), said("propose", at_us=1), said("told"), said("refuse", username="ada"), said("note")),
            "ada",
            [ChangeWay.PROPOSE, ChangeWay.REFUSE],
            [],
        ),
        # two owners: each reads what was asked, and their own answer
        (
            (punch(), said("propose", username="bob"), said("agree", username="ada"), said("refuse", username="bob")),
            "ada",
            [ChangeWay.PROPOSE, ChangeWay.AGREE],
            [ChangeWay.PROPOSE, ChangeWay.REFUSE],
        ),
    ],
)
def test_each_reads_what_was_done_while_it_was_theirs(
    rows: tuple[SaidOfPunch, ...], has_it: str | None, of_ada: list[ChangeWay], of_bob: list[ChangeWay]
) -> None:
    assert ways(read("ada", has_it, *rows)) == of_ada
    assert ways(read("bob", has_it, *rows)) == of_bob


def test_a_change_says_what_was_and_what_is_with_author_and_reason() -> None:
    (found,) = read("ada", "ada", punch(), said("amend", kind="out", **moved_to(16)))
    assert found == OwnChange(
        ChangeWay.AMEND,
        AT + timedelta(days=1),
        "office",
        "because",
        OwnCounted(Kind.IN, EIGHT),
        OwnCounted(Kind.OUT, EIGHT.replace(hour=17, minute=0)),
    )


def test_what_becomes_of_a_punch_that_was_given_away_is_not_told() -> None:
    found = read("ada", "bob", punch(), said("amend", username="bob", kind="out", **moved_to(16)))
    assert [(change.was, change.becomes, change.leaves) for change in found] == [
        (OwnCounted(Kind.IN, EIGHT), None, True)
    ]


def test_a_proposal_changes_nothing_and_its_time_is_shown_on_the_wall_clock() -> None:
    at_us = moved_to(16)["at_us"]
    asked, _, taken_back = read(
        "ada", "ada", punch(), said("propose", at_us=at_us), said("refuse", username="ada"), said("void")
    )
    assert asked.becomes == OwnCounted(Kind.IN, EIGHT.replace(hour=17, minute=0))
    assert (taken_back.was, taken_back.becomes) == (OwnCounted(Kind.IN, EIGHT), None)


@pytest.mark.parametrize(
    ("way", "was", "becomes"),
    [
        ("void", OwnCounted(Kind.IN, EIGHT), None),
        ("ignore", OwnCounted(Kind.IN, EIGHT), None),
        ("add-out", None, OwnCounted(Kind.OUT, EIGHT.replace(hour=17, minute=0))),
        ("add-in", None, OwnCounted(Kind.IN, EIGHT.replace(hour=17, minute=0))),
        ("amend", OwnCounted(Kind.IN, EIGHT), OwnCounted(Kind.IN, EIGHT.replace(hour=17, minute=0))),
    ],
)
def test_what_is_proposed_is_shown_as_it_would_be(way: str, was: OwnCounted | None, becomes: OwnCounted | None) -> None:
    (found,) = read("ada", "ada", punch(), said("propose", way=way, at_us=moved_to(16)["at_us"]))
    assert (found.was, found.becomes) == (was, becomes)


def test_what_nobody_tapped_was_added() -> None:
    found = read(
        "ada", "ada", punch(kind="out"), said("amend", **moved_to(15)), said("amend", **moved_to(16)), tapped=False
    )
    assert ways(found) == [ChangeWay.ADDED, ChangeWay.AMEND]


def test_a_damaged_body_is_read_as_far_as_it_goes() -> None:
    huge = {"at_us": 10**30, "offset_s": 10**30}
    assert [c.becomes for c in read("ada", "ada", punch(), said("amend", **huge))] == [OwnCounted(Kind.IN, EIGHT)]
    odd = {"by": 7, "why": None, "at_us": "x", "kind": "nonsense", "username": 3}
    (found,) = read("ada", "ada", punch(), said("amend", **odd))
    assert (found.by, found.why, found.becomes) == ("clockd", "", OwnCounted(Kind.IN, EIGHT))
