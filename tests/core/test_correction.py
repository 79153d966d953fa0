"""Whose record a correction changes, what each of them sees of it, and how far it is after their answers."""

from datetime import UTC, datetime

import pytest

from clockd.core.correction import (
    Consent,
    Correction,
    CorrectionWay,
    Progress,
    Version,
    becomes,
    owners,
    progress,
    seen_by,
)
from clockd.core.model import Kind

AT = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 15, 45, tzinfo=UTC)
ADA = Version("ada", Kind.OUT, AT, 3600)
YES, NO, SILENCE = Consent.YES, Consent.NO, Consent.SILENCE


def wanted(way: CorrectionWay, **said: object) -> Correction:
    return Correction(way, None if way is CorrectionWay.RENAME else 7, "olga", "", **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("correction", "has_it", "counts", "known", "found"),
    [
        (wanted(CorrectionWay.AMEND, at=EARLIER), "ada", True, False, ("ada",)),
        (wanted(CorrectionWay.AMEND, username="bob"), "ada", True, True, ("ada", "bob")),
        (wanted(CorrectionWay.AMEND, username="ada"), "ada", True, True, ("ada",)),
        (wanted(CorrectionWay.AMEND, kind=Kind.IN), None, True, False, ()),
        (wanted(CorrectionWay.ASSIGN, username="ada"), None, True, True, ("ada",)),
        (wanted(CorrectionWay.VOID), "ada", True, False, ("ada",)),
        (wanted(CorrectionWay.VOID), None, True, False, ()),
        (wanted(CorrectionWay.IGNORE), "ada", True, False, ("ada",)),
        (wanted(CorrectionWay.IGNORE), "ada", False, False, ()),
        (wanted(CorrectionWay.ADD_OUT, at=AT), "ada", True, False, ("ada",)),
        (wanted(CorrectionWay.ADD_IN, at=AT), "ada", True, False, ("ada",)),
        (wanted(CorrectionWay.RENAME, old="ada", username="ada.l"), None, True, False, ("ada",)),
        (wanted(CorrectionWay.RENAME, old="ada", username="ada.l"), None, True, True, ("ada",)),
        (wanted(CorrectionWay.RENAME, old="ada", username="ada.l", merge=True), None, True, True, ("ada", "ada.l")),
    ],
)
def test_whose_record_is_changed(
    correction: Correction, has_it: str | None, counts: bool, known: bool, found: tuple[str, ...]
) -> None:
    assert owners(correction, has_it, counts=counts, known=known) == found


@pytest.mark.parametrize(
    ("correction", "after"),
    [
        (wanted(CorrectionWay.AMEND, at=EARLIER), Version("ada", Kind.OUT, EARLIER, 7200)),
        (wanted(CorrectionWay.AMEND, kind=Kind.BREAK), Version("ada", Kind.BREAK, AT, 3600)),
        (wanted(CorrectionWay.AMEND, username="bob"), Version("bob", Kind.OUT, AT, 3600)),
        (wanted(CorrectionWay.VOID), None),
        (wanted(CorrectionWay.IGNORE), None),
        (wanted(CorrectionWay.ADD_IN, at=EARLIER), Version("ada", Kind.IN, EARLIER, 7200)),
        (wanted(CorrectionWay.ADD_OUT, at=EARLIER), Version("ada", Kind.OUT, EARLIER, 7200)),
        (wanted(CorrectionWay.ASSIGN, username="bob", kind=Kind.IN), Version("bob", Kind.IN, AT, 3600)),
        (wanted(CorrectionWay.RENAME, old="ada", username="bob"), ADA),
    ],
)
def test_how_a_punch_counts_then(correction: Correction, after: Version | None) -> None:
    assert becomes(correction, ADA, None if correction.at is None else 7200) == after


def test_everybody_sees_their_own_record_alone() -> None:
    bobs = Version("bob", Kind.OUT, AT, 3600)
    assert seen_by("ada", CorrectionWay.AMEND, ADA, bobs) == (ADA, None)
    assert seen_by("bob", CorrectionWay.AMEND, ADA, bobs) == (None, bobs)
    assert seen_by("eve", CorrectionWay.AMEND, ADA, bobs) == (None, None)
    assert seen_by("ada", CorrectionWay.ADD_OUT, ADA, ADA) == (None, ADA), "the other half stays as it is"
    assert seen_by("ada", CorrectionWay.VOID, ADA, None) == (ADA, None)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([YES], Progress.AGREED),
        ([YES, YES], Progress.AGREED),
        ([YES, None], Progress.ASKED),
        ([None, NO], Progress.REFUSED),
        ([SILENCE, NO], Progress.REFUSED),
        ([YES, SILENCE], Progress.UNANSWERED),
        ([SILENCE], Progress.UNANSWERED),
    ],
)
def test_how_far_it_is(said: list[Consent | None], found: Progress) -> None:
    assert progress(said) is found
