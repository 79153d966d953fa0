"""What is known of a lane: whose a row is, how old a look may be, and what a punch in it is."""

from dataclasses import replace

import pytest

from clockd.core.planning.plan import Seen
from clockd.core.planning.situation import Situation, is_deleting, is_kept
from tests.core.lanes import ENTRIES, TIMER, item, lane, local, said, secs, seen

ROWS = "41 08:00..09:00; 42 09:00..10:00; 43 10:00..11:00; 44 11:00..12:00"


def situation(items: str = "in 12:00 waiting", look: Seen | None = None, now: str = "12:00:10") -> Situation:
    return Situation(lane(items), look, TIMER, secs(now))


def test_whose_a_row_is() -> None:
    found = situation(
        "in 08:00 delivered entry #41; out 09:00 void #43; in 10:00 ignored taken-back timer #42; in 11:00 waiting",
        seen(ROWS),
    )
    assert found.owned == {"41", "42"}
    assert found.kept == {"42"}
    assert [row.id for row in found.rows] == ["41", "42", "43", "44"]
    assert [row.id for row in found.foreign] == ["43", "44"]
    assert [row.id for row in found.in_the_way] == ["42", "43", "44"]
    assert found.work(None) == found.foreign
    assert situation().rows == ()


def test_what_may_be_work() -> None:
    """A row of another time type than the punch's is somebody else's, even if keys book on that one too."""
    look = seen("41 08:00..09:00 type:work; 42 09:00..10:00 type:ill; 43 10:00..11:00; 44 11:00..12:00 type:job")
    found = Situation(
        lane("in 08:00 delivered #44"),
        look,
        replace(ENTRIES, time_types=frozenset({"work", "job"}), named_types={"sick leave": frozenset({"ill", "T-9"})}),
        0.0,
    )
    assert [row.id for row in found.work(None)] == ["41", "43"]
    assert [row.id for row in found.work("Sick leave")] == ["42", "43"]
    assert [row.id for row in found.work("ill")] == ["42", "43"]  # not known by this name, and so what it says itself
    assert [row.id for row in found.work("errand")] == ["43"]
    assert [row.id for row in found.in_the_way] == ["41", "42", "43"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 08:00 held:not-deleted taken-back timer #41", True),
        ("in 08:00 held:not-deleted", True),
        ("in 08:00 held:conflict taken-back timer #41", False),
        ("in 08:00 waiting taken-back timer #41", False),
        ("in 08:00 ignored taken-back timer #41", True),
        ("in 08:00 ignored taken-back entry #41", True),
        ("in 08:00 ignored taken-back adopted #41", False),
        ("in 08:00 ignored taken-back timer", False),
        ("in 08:00 ignored timer #41", False),
        ("in 08:00 void taken-back timer #41", False),
    ],
)
def test_what_the_tracker_keeps(text: str, *, expected: bool) -> None:
    assert is_kept(item(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("DeleteEntry #41", True), ("DeleteEntry", False), ("StopTimer #41", False), ("#41", False)],
)
def test_what_is_being_deleted(text: str, *, expected: bool) -> None:
    assert is_deleting(item(f"in 08:00 waiting {text}")) is expected


FRESH = [
    # the oldest a look may be, by how old the tap is, whether it was sent before, and what the look was
    ("in 12:00 waiting", "12:00:59", None, "11:55:59"),
    ("in 12:00 waiting", "12:01", None, "12:00:30"),
    ("in 12:00 waiting sent@11:59:30", "12:00:10", None, "11:59:40"),
    ("in 12:00 waiting sent@12:00:05", "12:00:10", None, "12:00:05"),
    ("in 12:00 waiting old-boot", "12:00:10", None, "11:55:10"),
    ("in 12:00 waiting", "12:01", seen(pages=1), "12:00:30"),
    ("in 12:00 waiting", "12:01", seen(pages=2), "12:00"),
    ("in 12:00 waiting", "12:01", seen(pages=6), "11:58:30"),
    ("in 12:00 waiting", "12:01", seen(pages=2, slack_s=7), "11:59:53"),
]


@pytest.mark.parametrize(("text", "now", "look", "oldest"), FRESH)
def test_how_old_a_look_may_be(text: str, now: str, look: Seen | None, oldest: str) -> None:
    found = situation(text, look, now)
    assert found.fresh_s(found.items[0]) == secs(oldest)


def test_what_waited_for_the_tracker_needs_a_look_since_then() -> None:
    """Meanwhile its owner may have gone on by phone."""
    found = replace(situation(), failed_s=secs("12:00:05"))
    assert found.fresh_s(found.items[0]) == secs("12:00:05")
    assert replace(found, failed_s=secs("12:00")).fresh_s(found.items[0]) == secs("12:00")
    before = replace(found, failed_s=secs("11:59:59"))
    assert before.fresh_s(found.items[0]) == secs("11:55:10")


def test_of_an_earlier_boot_only_a_clock_that_is_right_knows_the_age() -> None:
    unsure = replace(situation("in 12:00 waiting old-boot; in 12:00 waiting"), trusted=False)
    old, own = unsure.items
    assert (unsure.knows_age(old), unsure.knows_age(own)) == (False, True)
    assert unsure.fresh_s(old) == secs("11:59:40")
    assert unsure.fresh_s(own) == secs("11:55:10")
    assert unsure.age_s(own) == 10.0


def test_for_a_whole_interval_a_look_may_be_two_minutes_old() -> None:
    assert situation().fresh_pair_s() == secs("11:58:10")
    assert situation(look=seen(pages=3, slack_s=1)).fresh_pair_s() == secs("11:54:09")


NEEDED = "look 08:00..12:00 after 12:00"


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (None, NEEDED),
        (seen(at="12:00", over="08:00..12:00"), "nothing"),
        (seen(at="11:59:59", over="08:00..12:00"), NEEDED),
        (seen(at="12:00", over="08:00:01..12:00"), NEEDED),
        (seen(at="12:00", over="08:00..11:59:59"), NEEDED),
    ],
)
def test_whether_what_was_seen_will_do(look: Seen | None, expected: str) -> None:
    assert said(situation(look=look).needs_look(local("08:00"), local("12:00"), secs("12:00"))) == expected
