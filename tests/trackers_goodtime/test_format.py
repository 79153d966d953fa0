"""How an account writes times: whose entry tells it, what no entry can tell, and which configured format is wrong."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from clockd.config import Goodtime, Secret
from clockd.core.json import Json
from clockd.core.wire import Accepted, Exchange, Request
from clockd.sim.goodtime.forms import FORMS
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import profile_named
from clockd.trackers.goodtime.session import GoodtimeSession, Login
from clockd.trackers.goodtime.start import Gathered, NotReady, Ready, prepare
from clockd.trackers.goodtime.wire import GoodtimeCodec
from tests.trackers_goodtime.rig import ADA, ANNA, UMLAUT, VIENNA, Rig, entry, in_virtual_time, rig
from tests.trackers_goodtime.said import plain, said
from tests.trackers_goodtime.test_start import config_line

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 20, 20, 0)


def asked(them: Rig) -> list[Mapping[str, str]]:
    return [dict(request.query) for request in them.sent if request.path.endswith("timeentries")]


def by_hand(them: Rig, username: str, day: str) -> None:
    them.act("web-create", username=username, begin=f"{day}T08:00", end=f"{day}T12:00")


# --- without an entry -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("look_form", ["same", "any"])
def test_a_line_that_is_offered_without_an_entry_never_books_at_another_time(form: str, look_form: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form, look_form=look_form))
        them.act("delete", username=ADA)
        found = await them.tried(2)
        assert isinstance(found, NotReady)
        assert "by hand" in found.hint
        for line in config_line(found.hint):
            codec = await them.codec(time_format=line)
            if isinstance(await them.write(codec, entry()), Accepted):
                assert them.sim.rows(ADA)[-1].from_local == datetime(2026, 11, 16, 6)

    in_virtual_time(work)


@pytest.mark.parametrize(("form", "right"), [("iso-z", 0), ("wall-z", 1)])
def test_what_the_letter_z_means_is_asked_once_there_is_an_entry(form: str, right: int) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form))
        them.act("delete", username=ADA)
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert config_line(found.hint) == []
        by_hand(them, ADA, "2026-11-15")
        found = await them.prepared()
        assert isinstance(found, NotReady)
        assert re.findall(r"15 Nov \d\d:\d\d", found.hint)[right] == "15 Nov 08:00"

    in_virtual_time(work)


# --- whose entry ------------------------------------------------------------------------------------------------

LEFT = tuple(Person(f"{name}.left@example.com", closed=True) for name in ("a", "b", "c"))


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("time_format", ["auto", "%Y-%m-%dT%H:%M:%S"])
def test_those_who_left_do_not_stop_the_others(status: int, time_format: str) -> None:
    async def work() -> None:
        profile = profile_named("strict", closed_look="refused", closed_status=status)
        them = rig(profile, users=(*LEFT, Person(ADA), Person(ANNA)))
        ours = (*(person.email for person in LEFT), ADA, ANNA)
        assert isinstance(await them.tried(6, *ours, time_format=time_format), Ready)
        if time_format != "auto":
            assert len(asked(them)) == len(LEFT) + 1

    in_virtual_time(work)


def test_when_every_user_is_refused_no_question_is_understood() -> None:
    async def work() -> None:
        profile = profile_named("strict", closed_look="refused", closed_status=400)
        them = rig(profile, users=(*LEFT, Person(ADA)))
        them.act("close", username=ADA)
        found = await them.tried(6, ADA)
        assert isinstance(found, NotReady)
        assert "understands no question" not in found.reason, "not yet"
        found = await them.tried(7, ADA)
        assert isinstance(found, NotReady)
        assert "understands no question" in found.reason
        assert {query["useremail"] for query in asked(them)} == {ADA, *(person.email for person in LEFT)}

    in_virtual_time(work)


def test_a_form_that_nobody_understands_any_more_is_found_anew() -> None:
    async def work() -> None:
        them = rig()
        them.act("delete", username=ADA)
        gathered = Gathered()
        await them.prepared(gathered=gathered)
        them.sim.api.profile = profile_named("strict", time_form="iso-minutes")
        for _ in range(4):
            found = await them.prepared(gathered=gathered)
        assert isinstance(found, NotReady)
        assert config_line(found.hint) == ["%Y-%m-%dT%H:%M"]

    in_virtual_time(work)


@pytest.mark.parametrize("day", ["2026-10-07", "2026-07-20", "2025-12-23"])
def test_a_format_is_still_known_after_a_long_closure(day: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form="iso-minutes", look_form="any"))
        them.act("delete", username=ADA)
        by_hand(them, UMLAUT, day)
        ready = await them.tried(5)
        assert isinstance(ready, Ready), ready
        assert ready.account.form.text == ready.account.look_form.text == "%Y-%m-%dT%H:%M"

    in_virtual_time(work)


def test_older_than_a_year_is_too_old() -> None:
    async def work() -> None:
        them = rig()
        them.act("delete", username=ADA)
        by_hand(them, UMLAUT, "2025-09-01")
        found = await them.tried(7)
        assert isinstance(found, NotReady)
        assert found.reason == (
            "no time entry was found to learn Goodtime's time format from; looked at so far: "
            "the last 31 days of 6 of 6 users, the last 400 days of 6"
        )

    in_virtual_time(work)


# --- where the wall clock is UTC in winter ----------------------------------------------------------------------


async def prepared_in(them: Rig, zone: ZoneInfo) -> Ready | NotReady:
    now_local = datetime.fromtimestamp(them.now_s, zone).replace(tzinfo=None)
    return await prepare(them.session, them.config, zone, (ADA, ANNA, UMLAUT), now_local)


@pytest.mark.parametrize("key", ["Europe/London", "Europe/Dublin", "Europe/Lisbon"])
def test_an_offset_of_zero_that_is_the_zone_s_own_is_an_offset(key: str) -> None:
    async def work() -> None:
        zone = ZoneInfo(key)
        them = rig(profile_named("strict", time_form="iso-offset"), zone=key)
        ready = await prepared_in(them, zone)
        assert isinstance(ready, Ready), ready
        form = ready.account.form
        assert form.text == "%Y-%m-%dT%H:%M:%S%:z"
        assert form.write(datetime(2027, 7, 1, 8), zone) == "2027-07-01T08:00:00+01:00"
        codec = GoodtimeCodec(ready.account, zone)
        assert isinstance(await them.write(codec, entry()), Accepted)
        assert them.sim.rows(ADA)[-1].from_local == datetime(2026, 11, 16, 6)

    in_virtual_time(work)


@pytest.mark.parametrize(("form", "right"), [("iso-z", 0), ("wall-z", 1)])
@pytest.mark.parametrize("day", ["2026-10-24", "2026-10-10", "2026-07-01", "2026-04-02"])
def test_a_summer_entry_is_looked_for_where_winter_cannot_tell(form: str, right: int, day: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form), zone="Europe/London")
        by_hand(them, ADA, day)
        found = await prepared_in(them, LONDON)
        assert isinstance(found, NotReady)
        shown = re.findall(r"\d\d [A-Z][a-z]{2} \d\d:\d\d", found.hint)
        assert len(set(shown)) == 2
        assert shown[right].endswith(" 08:00")
        assert config_line(found.hint) == ["utc:%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%SZ"]

    in_virtual_time(work)


@pytest.mark.parametrize("form", ["iso-z", "wall-z"])
def test_a_question_that_nobody_could_answer_is_not_asked(form: str) -> None:
    async def work() -> None:
        them = rig(profile_named("strict", time_form=form), zone="Europe/London")
        found = await prepared_in(them, LONDON)
        assert isinstance(found, NotReady)
        assert "both are the same in Europe/London" in found.reason
        assert config_line(found.hint) == []
        assert f"for {ADA}" in found.hint
        assert "24 Oct 2026" in found.hint
        by_hand(them, ADA, "2026-10-24")  # as it says
        found = await prepared_in(them, LONDON)
        assert isinstance(found, NotReady)
        assert len(config_line(found.hint)) == 2

    in_virtual_time(work)


# --- what Goodtime never promised -------------------------------------------------------------------------------


async def start(samples: Sequence[Json], time_format: str = "auto") -> Ready | NotReady:
    """Get to know an account that shows ADA these entries, an hour each, whatever is asked."""
    rows = [{"id": f"E{n}", "starttime": sample} for n, sample in enumerate(samples)]

    async def send(request: Request, headers: Mapping[str, str]) -> Exchange:
        match request.path.rpartition("/")[2]:
            case "login":
                return plain(200, "aGVhZA.Ym9keQ.c2ln")
            case "timetypes":
                return said(200, [{"id": "T1", "name": "working hours"}])
            case "users":
                return said(200, [{"loginemail": ADA}])
            case path:
                assert path == "timeentries"
                return said(200, rows)

    session = GoodtimeSession(send, lambda: Login("admin@example.com", Secret("x")))
    return await prepare(session, Goodtime(url="http://x", time_format=time_format), VIENNA, (ADA,), NOW)


@pytest.mark.parametrize("sample", ["11/20/2026 08:00 AM", "2026-11-20 8:00 p.m.", "20.11.2026 08:00pm"])
@pytest.mark.parametrize("time_format", ["auto", "%m/%d/%Y %H:%M AM"])
def test_times_of_twelve_hours_are_refused_and_no_line_is_offered(sample: str, time_format: str) -> None:
    async def work() -> None:
        found = await start([sample], time_format)
        assert isinstance(found, NotReady)
        assert found.state == "paused"
        assert repr(sample) in found.reason
        assert "writes nothing" in found.reason
        assert config_line(found.hint) == []

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("time_format", "samples", "words"),
    [
        (
            "%Y-%d-%mT%H:%M:%S",
            ["2026-11-05T08:00:00"],
            "as 11 May 2026 08:00; asked was for 20 Oct 2026",
        ),
        ("%Y-%d-%mT%H:%M:%S", ["2026-11-15T08:00:00"], "cannot read '2026-11-15T08:00:00'"),
        ("%Y-%d-%mT%H:%M:%S", ["2026-11-11T08:00:00", "2026-11-12T08:00:00"], "as 11 Dec 2026"),
        ("%Y-%d-%mT%H:%M:%S", ["2026-06-12T08:00:00"], "as 06 Dec 2026"),  # it was asked in the wrong form too
        ("%m.%d.%Y %H:%M", ["05.11.2026 08:00"], "as 11 May 2026"),
    ],
)
def test_a_configured_format_that_reads_other_days_is_refused(
    time_format: str, samples: list[Json], words: str
) -> None:
    async def work() -> None:
        found = await start(samples, time_format)
        assert isinstance(found, NotReady)
        assert found.state == "paused"
        assert words in found.reason
        assert found.reason.startswith("tracker.time_format")
        (line,) = config_line(found.hint)
        assert isinstance(await start(samples, line), Ready)

    in_virtual_time(work)


@pytest.mark.parametrize(
    ("time_format", "sample"),
    [
        ("%Y-%m-%dT%H:%M:%S", "2026-11-05T08:00:00"),
        ("%Y-%m-%dT%H:%M:%S", "2024-02-05T08:00:00"),  # a server that shows everything
        ("%Y-%m-%dT%H:%M:%SZ", "2024-02-05T08:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S", "2026-11-05T08:00"),
        ("%Y-%m-%dT%H:%M:%S", "2026-11-05"),  # a day of vacation
        ("%d/%m/%Y %H:%M", "05/11/2026 08:00"),
    ],
)
def test_a_configured_format_that_is_right_is_taken(time_format: str, sample: str) -> None:
    async def work() -> None:
        assert isinstance(await start([sample], time_format), Ready)

    in_virtual_time(work)
