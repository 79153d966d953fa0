"""Badge numbers: every notation, written and read back; what can be read in two ways is never guessed."""

from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.config.formats import NumberFormat
from clockd.core.model import UID_BYTES, BadUid, Uid
from clockd.core.numbers import NOTATIONS, Ambiguous, NumberForm, every_notation, read_all, read_as, readings
from clockd.core.numbers.wiegand import LAYOUTS, BitLayout

uids = st.sampled_from(UID_BYTES).flatmap(lambda n: st.binary(min_size=n, max_size=n)).map(Uid.of)

WRITTEN = [
    ("hex", "04A2B3C4D5E6F7", "04A2B3C4D5E6F7"),
    ("hex", "04:a2:b3:c4", "04A2B3C4"),
    ("hex", "04-A2-B3-C4", "04A2B3C4"),
    ("hex", "0x04A2B3C4", "04A2B3C4"),
    ("hex", "04 a2 b3 c4", "04A2B3C4"),
    ("hex", "D1C9AF", "D1C9AF"),
    ("hex", "E00401502F8D6A31", "E00401502F8D6A31"),
    ("hex-reversed", "C4B3A204", "04A2B3C4"),
    ("hex-reversed", "316A8D2F500104E0", "E00401502F8D6A31"),
    ("hex-reversed", "F7E6D5C4B3A204", "04A2B3C4D5E6F7"),
    ("hex-mirrored", "5000B26EC0", "0A004D7603"),
    ("decimal", "0013748911", "00D1CAAF"),
    ("decimal", "13748911", "00D1CAAF"),
    ("decimal", "0001234567", "0012D687"),
    ("decimal", "4294967295", "FFFFFFFF"),
    ("decimal", "13'748'911", "00D1CAAF"),
    ("decimal", "0013748911 209,51887", "00D1CAAF"),
    ("decimal-reversed", "0001234567", "87D61200"),
    ("decimal-8", "13748911", "D1CAAF"),
    ("decimal-8", "5076483", "4D7603"),
    ("decimal-13", "0042954749443", "0A004D7603"),
    ("decimal-13", "42954749443", "0A004D7603"),
    ("decimal-14", "00042954749443", "0A004D7603"),
    ("decimal-15", "000343609077440", "0A004D7603"),
    ("decimal-20", "05000000110206141200", "0A004D7603"),
    ("decimal-7-bytes", "01304792892040951", "04A2B3C4D5E6F7"),
    ("decimal-7-bytes-reversed", "69778125050061316", "04A2B3C4D5E6F7"),
    ("decimal-8-bytes", "16142028408309508657", "E00401502F8D6A31"),
    ("facility-card", "209,51375", "D1C8AF"),
    ("facility-card", "20951375", "D1C8AF"),
    ("facility-card", "132,61562", "84F07A"),
    ("facility-card", "209:51375", "D1C8AF"),
    ("facility-card", "209 51375", "D1C8AF"),
    ("facility-card", "209.51375", "D1C8AF"),
    ("facility-card", "209-51375", "D1C8AF"),
    ("facility-card", "209/51375", "D1C8AF"),
    ("facility-card", "7, 123", "07007B"),
    ("facility-card-4", "00209.51887", "00D1CAAF"),
    ("decimal-facility-card", "0013748911 209,51887", "00D1CAAF"),
    ("decimal-facility-card", "0013748911209,51887", "00D1CAAF"),
    ("hex-facility-card", "D1:CAAF", "D1CAAF"),
    ("wiegand-26", "1A3955F", "D1CAAF"),
    ("wiegand-26", "01101000111001010101011111", "D1CAAF"),
    ("wiegand-26", "209-51887", "D1CAAF"),
    ("indala-26", "3356-2735", "D1CAAF"),
    ("wiegand-30", "1234-5678", "04D2162E"),
    ("wiegand-32", "1234-5678", "04D2162E"),
    ("wiegand-33", "18-11193046", "12AACAD6"),
    ("wiegand-34", "209-51887", "00D1CAAF"),
    ("bqt-34", "18-11193046", "12AACAD6"),
    ("corporate-1000-35", "1234-567890", "4D28AA52"),
    ("wiegand-37", "12345678901", "02DFDC1C35"),
    ("wiegand-37-facility", "4660-123456", "0091A1E240"),
]


@pytest.mark.parametrize(("form", "text", "uid"), WRITTEN)
def test_a_number_in_its_notation(form: str, text: str, uid: str) -> None:
    assert read_as(text, NumberForm(form)) == Uid.parse(uid)


def test_every_notation_that_holds_a_number_is_among_them_and_in_the_configuration() -> None:
    whole = {each.form.value for each in NOTATIONS if each.whole}
    assert whole == {form for form, _, _ in WRITTEN} == set(get_args(NumberFormat))
    assert {each.form for each in NOTATIONS} == set(NumberForm)


@given(uid=uids)
def test_what_is_written_is_read_back_as_the_same_badge(uid: Uid) -> None:
    for each in NOTATIONS:
        text = each.write(uid)
        if text is not None and each.whole:
            read = each.read(text)
            assert uid in (read, *read.ends) or read in uid.ends, each.form


PRINTED = {
    "hex": "0A004D7603",
    "decimal": "0005076483",
    "decimal-8": "05076483",
    "decimal-13": "0042954749443",
    "decimal-14": "00042954749443",
    "decimal-15": "000343609077440",
    "decimal-20": "05000000110206141200",
    "facility-card": "077,30211",
    "facility-card-4": "00077.30211",
    "decimal-facility-card": "0005076483 077,30211",
    "decimal-3.5a": "010.30211",
    "decimal-3.5b": "000.30211",
    "paxton": "174175235",
    "sebury": "30211 77 5076483",
    "decimal-reversed": "0058084608",
    "wiegand-26": "29AEC07",
    "wiegand-34": "0009AEC06",
}


def test_every_form_in_which_one_badge_is_printed() -> None:
    shown = {form.value: text for form, text, _ in every_notation(Uid.parse("0A004D7603"))}
    assert {form: shown[form] for form in PRINTED} == PRINTED


READ = {
    "0013748911": {"hex": "0013748911", "decimal": "00D1CAAF"},
    "0042954749443": {"decimal-13": "0A004D7603"},
    "20951375": {"hex": "20951375", "decimal": "013FB14F", "facility-card": "D1C8AF"},
    "209,51375": {"facility-card": "D1C8AF"},
    "0013748911209,51887": {"decimal-facility-card": "00D1CAAF"},
    "0013748911209,51375": {"decimal": "00D1CAAF", "facility-card": "D1C8AF"},
    "D1C9AF": {"hex": "D1C9AF"},
    "04AA0001": {"hex": "04AA0001"},
    "04112233445566": {"hex": "04112233445566"},
    "04112233": {"hex": "04112233", "decimal": "003EBF69", "facility-card": "292FC9"},
    "4.12E+12": {},
    "12345678901234500": {},
    "'04AA0001": {},
    "": {},
    "hello": {},
}


@pytest.mark.parametrize(("text", "found"), READ.items())
def test_a_number_whose_notation_nobody_named(text: str, found: dict[str, str]) -> None:
    assert {each.form.value: each.uid.hex for each in readings(text)} == found


def test_a_column_of_digits_is_asked_about() -> None:
    with pytest.raises(Ambiguous) as unsure:
        read_all(["0013748911", "0005076483"])
    assert [each.form for each in unsure.value.found] == [NumberForm.HEX, NumberForm.DECIMAL]


def test_one_number_that_has_but_one_reading_settles_its_column() -> None:
    assert read_all(["00D1CAAF", "20951375"]) == [Uid.parse("00D1CAAF"), Uid.parse("20951375")]
    assert read_all(["209,51375", "04:A2:B3:C4"]) == [Uid.parse("D1C8AF"), Uid.parse("04A2B3C4")]
    found = read_all(["04AA0001", "4123457"])  # a dropped zero is not a decimal number
    assert isinstance(found[1], BadUid)


def test_a_rounded_number_says_so() -> None:
    [why] = read_all(["12345678901234500"])
    assert "spreadsheet" in str(why)


@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    readings(text)
    for form in NumberForm:
        with suppress(BadUid):
            read_as(text, form)


def test_a_refusal_never_repeats_the_number() -> None:
    for form in NumberForm:
        for text in ("04C0FFEE1122334455667", "99999999999999999999999", "C0FFEE-C0FFEE"):
            with pytest.raises(BadUid) as why:
                read_as(text, form)
            assert text not in str(why.value)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_wrong_bit_of_a_layout_with_parity_is_noticed(layout: BitLayout) -> None:
    if not layout.parities:
        return
    bits = layout.of_numbers(5 if layout.facility[1] else 0, 1234)
    covered = {place for parity in layout.parities for place in (parity.place, *parity.over)}
    for place in covered:
        wrong = bits[:place] + ("1" if bits[place] == "0" else "0") + bits[place + 1 :]
        with pytest.raises(BadUid, match="parity"):
            layout.uid_of(wrong)


def test_a_layout_gives_its_numbers_back() -> None:
    for layout in LAYOUTS:
        facility = 17 if layout.facility[1] else 0
        assert layout.numbers_of(layout.of_numbers(facility, 1234)) == (facility, 1234)


@given(uid=uids)
def test_the_ends_of_a_badge_are_of_125_khz_alone(uid: Uid) -> None:
    lengths = [len(end.raw) for end in uid.ends]
    expected = {5: [4, 3], 4: [] if uid.is_random else [3]}
    assert lengths == expected.get(len(uid.raw), [])
    assert all(uid.hex.endswith(end.hex) for end in uid.ends)
