"""The codec against the simulator, under every reading of the documents."""

from datetime import timedelta

import pytest

from clockd.core.pieces import whole
from clockd.core.planning.compare import near, tiling_rows
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Entry,
    Forbidden,
    Gone,
    Paused,
    PauseProject,
    ProjectTimer,
    Rejected,
    Request,
    ResumeProject,
    StartProject,
    StartTimer,
    StopProject,
    StopTimer,
    Throttled,
    Unconfirmed,
    UpdateEntry,
)
from clockd.sim.direct import exchange
from clockd.sim.timetrack.profile import ALT, PROFILES, STRICT, Profile, profile_named
from clockd.trackers.timetrack import ProjectRow, ProjectRows, TimeTrackCodec, exact_projects, projects, route_exists
from clockd.trackers.timetrack.projects import ProjectFields
from tests.trackers_timetrack.desk import WHO, Desk, desk, done, profiles
from tests.trackers_timetrack.said import CODEC, VIENNA

# --- a day ------------------------------------------------------------------------------------------------------


@profiles
@pytest.mark.parametrize("seed", range(6))
def test_a_day_is_booked_and_read_back(profile: Profile, seed: int) -> None:
    d = desk(profile, seed)
    begin, end = d.at(-240.5), d.at(-120.25)
    assert done(d.do(StartTimer(WHO, begin)))
    (running,) = d.own(begin, end)
    assert near(running.from_local, begin)
    assert running.to_local is None
    shown = d.codec.attendance_timer(d.send(d.codec.get_attendance_timer(WHO, d.local)))
    assert isinstance(shown, Entry)
    assert shown.id == running.id
    assert done(d.do(StopTimer(WHO, end)))
    assert d.codec.attendance_timer(d.send(d.codec.get_attendance_timer(WHO, d.local))) is None
    pair = CreateEntry(WHO, d.at(-60), d.at(-10), 5, "über den Tag & Nacht")
    assert done(d.do(pair))
    closed, made = sorted(d.own(begin, d.local), key=lambda entry: entry.from_local)
    assert near(closed.from_local, begin)
    assert near(closed.to_local, end)
    assert near(made.from_local, pair.from_local)
    assert near(made.to_local, pair.to_local)
    assert (made.note, made.break_minutes, made.manual) == (pair.note, 5, True)
    assert done(d.do(UpdateEntry(made.id, to_local=d.at(-5), break_minutes=0, note="x")))
    read = d.codec.attendance(d.send(Request("GET", f"/attendances/{made.id}")))
    assert isinstance(read, Entry)
    assert near(read.to_local, d.at(-5))
    assert (read.note, read.break_minutes) == ("x", 0)
    assert done(d.do(DeleteEntry(made.id)))
    assert d.do(DeleteEntry(made.id)) == Gone(
        "404 TimeEntry exist but it is deleted (code 15020): TimeEntry is deleted and can not be used.", deleted=True
    )
    assert [entry.id for entry in d.own(begin, d.local)] == [closed.id]
    assert d.sim.violations() == []


@profiles
@pytest.mark.parametrize("seed", range(4))
def test_project_timer_counts_what_truly_passed(profile: Profile, seed: int) -> None:
    d = desk(profile, seed)

    def shown() -> ProjectTimer | None:
        asked = d.codec.get_project_timer(WHO, d.local)
        found = d.codec.project_timer(d.send(asked), d.local, WHO)
        assert found is None or isinstance(found, ProjectTimer), found
        return found

    def seconds(found: ProjectTimer | None) -> tuple[str, int, int]:
        assert found is not None
        return found.state, found.worked_s, found.break_s

    assert shown() is None
    assert done(d.do(StartProject(WHO, "Client 001", "Test", d.local)))
    d.now += timedelta(minutes=30)
    assert seconds(shown()) == ("playing", 1800, 0)
    assert done(d.do(PauseProject(WHO, d.local)))
    d.now += timedelta(minutes=10)
    assert seconds(shown()) == ("paused", 1800, 600)
    assert done(d.do(ResumeProject(WHO, d.local)))
    d.now += timedelta(minutes=5)
    assert seconds(shown()) == ("playing", 2100, 600)
    assert done(d.do(StopProject(WHO, d.local)))
    last = shown()
    assert last is None or last.state == "stopped"
    assert [(e.worked_s, e.break_s) for e in d.sim.entries()] == [(2100, 600)]


# --- reading ----------------------------------------------------------------------------------------------------


def crowded(profile: Profile, rows: int) -> Desk:
    """Rows of somebody else at the very times of ours, and one of ours."""
    d = desk(profile)
    same = {"act": "web-create", "username": "ADA", "begin": d.at(-60).isoformat(), "end": d.at(-10).isoformat()}
    for _ in range(rows):
        d.sim.act(same, d.now.timestamp())
    assert done(d.do(CreateEntry("ada", d.at(-60), d.at(-10), 0, "")))
    return d


CROWDED = [profile_named(name, overlap="accept") for name in PROFILES]


@pytest.mark.parametrize("profile", CROWDED, ids=lambda profile: profile.name)
@pytest.mark.parametrize("rows", [48, 49, 50, 999, 1000, 2345])
def test_every_page_is_read(profile: Profile, rows: int) -> None:
    d = crowded(profile, rows)
    assert len(d.look(d.at(-60), d.at(-10))) == rows + 1
    assert len(d.own(d.at(-60), d.at(-10), "ada")) == 1


def test_control_pages_from_one_miss_the_row() -> None:
    d = crowded(STRICT, 48)
    assert d.look(d.at(-60), d.at(-10), first_page=1) == ()


@pytest.mark.parametrize("profile", CROWDED, ids=lambda profile: profile.name)
def test_window_shows_a_row_that_only_touches_the_span(profile: Profile) -> None:
    d = desk(profile)
    assert done(d.do(CreateEntry("ada", d.at(-900), d.at(-300), 0, "")))
    assert d.own(d.at(-301), d.at(-300), "ada")
    assert d.own(d.at(-300), d.at(-299), "ada")


@profiles
def test_route_of_the_timers_is_found_without_a_write(profile: Profile) -> None:
    d = desk(profile)
    found = []
    for path in ("/attendance_timer", "/timers/attendance_timer"):
        codec = TimeTrackCodec(path, "/timers/project_timer", VIENNA)
        if route_exists(d.send(codec.get_attendance_timer(WHO, d.local))):
            found.append(path)
        assert route_exists(d.send(codec.get_project_timer("nobody", d.local)))
    assert found == [profile.attendance_timer_path]
    other = TimeTrackCodec("/no_timer", "/no_timer", VIENNA)
    verdict = other.verdict(StartTimer(WHO, d.local), d.send(other.request(StartTimer(WHO, d.local))))
    assert isinstance(verdict, Paused)
    assert verdict.reason == "path"


@profiles
def test_projects_are_managed(profile: Profile) -> None:
    d = desk(profile)
    found = projects.read_page(d.send(projects.search(name="Test", client="Client 00")))
    assert isinstance(found, ProjectRows)
    assert len(found.projects) > 2
    (exact,) = exact_projects(found.projects, "Client 002", "Test")
    assert len(exact_projects(found.projects, "", "Test")) == 2
    made = projects.written(d.send(projects.create("Client 001", "Neu & größer")), None)
    if isinstance(made, Unconfirmed):
        return  # one reply in fifty is empty: the admin is told to look
    assert isinstance(made, Accepted)
    (new,) = made.entry_ids
    assert done(projects.written(d.send(projects.update(new, ProjectFields(hour_rate=20.5, notes="n"))), new))
    read = projects.read_one(d.send(projects.get(new)))
    assert isinstance(read, ProjectRow)
    assert (read.client, read.name, read.hour_rate, read.notes) == ("Client 001", "Neu & größer", 20.5, "n")
    assert done(projects.written(d.send(projects.delete(new)), new))
    assert isinstance(projects.read_one(d.send(projects.get(new))), Gone)
    assert exact.id != new


# --- what cannot be done ----------------------------------------------------------------------------------------


@profiles
def test_unknown_and_closed_users(profile: Profile) -> None:
    d = desk(profile)
    for write in (StartTimer("nobody", d.local), CreateEntry("nobody", d.at(-9), d.at(-3), 0, "")):
        assert isinstance(d.do(write), Forbidden if profile.unknown_user == 404 else Rejected)
    d.sim.act({"act": "disable", "username": "ada"}, d.now.timestamp())
    assert isinstance(d.do(StartTimer("ada", d.local)), Forbidden)


@profiles
def test_wrong_key_pauses_and_throttle_waits(profile: Profile) -> None:
    d = desk(profile, requests_per_minute=2)
    write = StartTimer(WHO, d.local)
    wrong = exchange(d.sim.front, d.codec.request(write), {"x-timetrack-api-key": "?"}, d.now.timestamp()).exchange
    verdict = d.codec.verdict(write, wrong)
    assert isinstance(verdict, Paused)
    assert verdict.reason == "credentials"
    for _ in range(2):
        verdict = d.do(write)
    assert isinstance(verdict, Throttled)
    assert isinstance(whole(d.codec.rows(d.send(d.codec.probe(d.local)))), Throttled)


@profiles
def test_start_while_another_timer_runs_is_never_taken_for_ours(profile: Profile) -> None:
    d = desk(profile)
    begin = {"act": "web-start", "username": WHO, "at": d.at(-90).isoformat()}
    d.sim.act(begin, d.now.timestamp())
    verdict = d.do(StartTimer(WHO, d.at(-30)))
    if profile.double in ("a", "b"):
        assert isinstance(verdict, Rejected | Unconfirmed)
    else:
        assert done(verdict)
    again = d.do(StopTimer(WHO, d.at(-20)))
    assert done(again)
    late = d.do(StopTimer(WHO, d.at(-10)))
    assert not isinstance(late, Accepted) or profile.double == "d"


def test_night_that_is_split_is_looked_for_and_found_whole() -> None:
    d = desk(ALT)
    begin, end = d.at(-14 * 60), d.at(-6 * 60)
    assert begin.date() < end.date()
    assert d.do(CreateEntry(WHO, begin, end, 0, "")) == Unconfirmed(
        "the tracker split it at midnight and shows the first part"
    )
    rows = d.own(begin, end)
    assert len(rows) == len(tiling_rows(rows, begin, end)) == 2


def test_most_writes_without_a_fault_are_proved_at_once() -> None:
    for profile in PROFILES.values():
        d = desk(profile)
        proved = 0
        for _ in range(50):
            d.now += timedelta(minutes=20)
            proved += isinstance(d.do(CreateEntry(WHO, d.at(-15), d.at(-5), 0, "n")), Accepted)
        assert proved >= 45, profile.name


def test_the_codec_of_the_tables_is_the_one_of_the_profile() -> None:
    assert desk(STRICT).codec == CODEC
