"""A configuration is right, or it is refused with the place, the reason and what to write instead."""

import json
from pathlib import Path

import pytest

from clockd.config import (
    Config,
    Goodtime,
    KeyboardReader,
    NoTracker,
    PcscReader,
    Secrets,
    SerialReader,
    TimeTrack,
    load,
    parse,
)
from clockd.core.model import Action, Project
from clockd.errors import ConfigError
from clockd.trackers.goodtime.wire.times import BadFormat, TimeFormat

WHOLE = """
[terminal]
name = "front-door"
time_zone = "Europe/Vienna"
language = "de"
state_dir = "/var/lib/clockd"
control_socket = "/run/clockd/control.sock"
latitude = 48.2082
longitude = 16.3738
[clock]
trust = "auto"
[rules]
repeat_s = 10
max_shift_h = 14
undo_s = 30
[tracker]
kind = "timetrack"
url = "https://testaccount.timetrackenterprise.com/api/v2/ext"
delivery = "timer"
breaks = "gap"
attendance_timer_path = "/attendance_timer"
project_timer_path = "/timers/project_timer"
requests_per_minute = 30
timeout_s = 10
quarantine_s = 120
proxy = "http://user@proxy:3128"
ca = "/etc/clockd/ca.pem"
[[reader]]
kind = "pcsc"
name = "Virtual PCD 00 00"
[[reader]]
kind = "nfc"
path = "usb"
[[reader]]
kind = "keyboard"
device = "/dev/input/by-id/usb-Reader-event-kbd"
format = "hex"
[[reader]]
kind = "serial"
device = "/dev/ttyAMA0"
baud = 9600
format = "line"
[panel]
oled = "ssd1306"
bus = "i2c:1:0x3c"
green_led = 17
red_led = 27
buzzer = 18
[[button]]
gpio = 5
action = "in"
[[button]]
gpio = 6
action = "project"
client = "Client 006"
project = "Project 006_1"
[web]
listen = "127.0.0.1:8080"
"""


def test_the_whole_of_the_contract_is_understood() -> None:
    config = parse(WHOLE)
    assert isinstance(config.tracker, TimeTrack)
    kinds = [type(reader) for reader in config.reader]
    assert kinds[0] is PcscReader
    assert kinds[2:] == [KeyboardReader, SerialReader]
    assert config.terminal.zone.key == "Europe/Vienna"
    assert config.button[0].action is Action.IN
    assert config.button[1].target == Project("Client 006", "Project 006_1")


def test_nothing_at_all_is_a_terminal_that_only_records() -> None:
    config = parse("")
    assert config == Config()
    assert isinstance(config.tracker, NoTracker)


def test_goodtime() -> None:
    config = parse('[tracker]\nkind = "goodtime"\nurl = "https://getgoodtime.com/goodtime-rs"\ntime_type = "x"\n')
    assert isinstance(config.tracker, Goodtime)
    assert config.tracker.token_prefix == "Bearer "


def test_the_file_that_is_installed_is_right() -> None:
    assert load(Path(__file__).parents[2] / "systemd" / "clockd.toml").terminal.name


TRACKER = '[tracker]\nkind = "timetrack"\nurl = "https://a.example/api"\n'
GOODTIME = '[tracker]\nkind = "goodtime"\nurl = "https://a.example/goodtime-rs"\n'
KEY = "[[button]]\ngpio = 5\n"
WRONG = [
    ("[rules]\nrepeat = 3", "rules.repeat", "unknown key", "repeat_s"),
    ("[termnal]", "termnal", "unknown key", "terminal"),
    ("[rules]\nrepeat_s = -1", "rules.repeat_s", ">= 0", ""),
    ("[rules]\nrepeat_s = '3'", "rules.repeat_s", "got `str`", ""),
    ("[rules]\nmax_shift_h = 49", "rules.max_shift_h", "<= 48", ""),
    ("[terminal]\ntime_zone = 'Europe/Wien'", "terminal.time_zone", "unknown zone", "Europe/Vienna"),
    ("[terminal]\nlanguage = 'xx'", "terminal.language", "none of en, de, es, fr, it, pl, tr", "en"),
    ("[clock]\ntrust = 'allways'", "clock.trust", "", "always"),
    ("[tracker]\nkind = 'timetrak'\nurl = 'https://a.example'", "tracker.kind", "unknown kind", "timetrack"),
    ("[tracker]\nkind = 'timetrack'", "tracker.url", "is missing", ""),
    ("[tracker]\nkind = 'timetrack'\nurl = 'a.example/api'", "tracker.url", "http", "https://"),
    ("[tracker]\nkind = 'timetrack'\nurl = 'http://a.example/api'", "tracker.url", "plain http", "https://"),
    ("[tracker]\nkind = 'timetrack'\nurl = 'https://u:p@a.example'", "tracker.url", "no user", ""),
    (TRACKER + "requests_per_minute = 0", "tracker.requests_per_minute", ">= 1", ""),
    (TRACKER + "delivery = 'timmer'", "tracker.delivery", "", "timer"),
    (TRACKER + "attendance_timer_path = 'attendance_timer'", "tracker.attendance_timer_path", "not a path", ""),
    (TRACKER + "api_secret = 'x'", "tracker.api_secret", "does not belong", "credential"),
    (GOODTIME + "time_format = '%d.%m.%Y'", "tracker.time_format", "%H %M are missing", "%Y-%m-%dT%H:%M:%S"),
    (GOODTIME + "time_format = ''", "tracker.time_format", "are missing", "auto"),
    (GOODTIME + "time_format = 'epoch_ns'", "tracker.time_format", "are missing", "auto"),
    (GOODTIME + "time_format = '%F %I:%M %p'", "tracker.time_format", "has %I", "auto"),
    (GOODTIME + "token_header = 'X Auth'", "tracker.token_header", "no name of an HTTP header", "Authorization"),
    (GOODTIME + "token_header = 'Host'", "tracker.token_header", "something else", "Authorization"),
    (GOODTIME + 'token_prefix = "Bearer\\n"', "tracker.token_prefix", "no HTTP header can carry", "Bearer "),
    ("[[reader]]\nkind = 'pcsx'", "reader[0].kind", "unknown kind", "pcsc"),
    ("[[reader]]\nkind = 'serial'", "reader[0].device", "is missing", ""),
    ("[[reader]]\nkind = 'pcsc'\n[[reader]]\nkind = 'pcsc'", "reader[1]", "twice", "remove"),
    ("[[reader]]\nkind = 'serial'\ndevice = 'x'\nformat = 'lines'", "reader[0].format", "", "line"),
    ("[panel]\noled = 'ssd1306x'", "panel.oled", "unknown display", "ssd1306"),
    ("[panel]\noled = 'ssd1306'\nbus = 'i2c:1:0x99'", "panel.bus", "no I2C address", "0x3c"),
    ("[panel]\noled = 'ssd1306'\nsize = '256x64'", "panel.size", "no size of ssd1306", "128x64, 128x32"),
    ("[panel]\noled = 'ssd1322'\nsize = '128x64'", "panel.size", "no size of ssd1322", "256x64"),
    ("[panel]\noled = 'ssd1306'\nbus = 'usb'", "panel.bus", "no bus", "i2c:1:0x3c"),
    ("[panel]\ngreen_led = 17\nred_led = 17", "panel.red_led", "used by panel.green_led", ""),
    ("[panel]\noled = 'ssd1306'\ngreen_led = 2", "panel.green_led", "used by panel.bus", ""),
    ("[panel]\nsleep = '20-05'", "panel.sleep", "no time of the day", "20:00-05:00"),
    ("[panel]\nvolume = 101", "panel.volume", "<= 100", ""),
    ("[panel]\nnames = 'short'", "panel.names", "", "initials"),
    ("[panel]\ngreen_led = 40", "panel.green_led", "<= 27", ""),
    ("[[button]]\ngpio = 5\naction = 'inn'", "button[0].action", "", "in"),
    ("[[button]]\ngpio = 5\naction = 'in'\n[[button]]\ngpio = 5\naction = 'out'", "button[1].gpio", "used by", ""),
    ("[[button]]\ngpio = 5\naction = 'project'", "button[0].project", "there is none", "client"),
    (
        "[tracker]\nkind = 'timetrack'\nurl = 'https://x.example'\n"
        "[[button]]\ngpio = 5\naction = 'project'\nproject = 'P'",
        "button[0].client",
        "by its client and its name",
        "client",
    ),
    (
        TRACKER + KEY + "action = 'in'\ntime_type = 'home office'",
        "button[0].time_type",
        "knows no time types",
        "remove",
    ),
    (GOODTIME + KEY + "action = 'out'\ntime_type = 'errand'", "button[0].time_type", "begins no work", "in"),
    (GOODTIME + KEY + "action = 'in'\ntime_type = ' '", "button[0].time_type", "names nothing", "home office"),
    (GOODTIME + KEY + "action = 'in'\ntime_typ = 'errand'", "button[0].time_typ", "unknown key", "time_type"),
    (GOODTIME + KEY + "action = 'project'\nclient = 'Acme'", "button[0].client", "is no project", "project"),
    ("[web]\nlisten = 'localhost'", "web.listen", "not host:port", "127.0.0.1:8080"),
    ("rules = ", "clockd.toml", "is not TOML", ""),
    ("reader = 3", "reader", "expected `array`", ""),
]


@pytest.mark.parametrize(("text", "place", "why", "hint"), WRONG, ids=[f"{row[1]}-{n}" for n, row in enumerate(WRONG)])
def test_a_mistake_is_named_with_place_reason_and_advice(text: str, place: str, why: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    error = caught.value
    assert place in error.where
    assert why in error.why
    assert hint in error.hint
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "lines", ["action = 'in'", "action = 'resume'", "action = 'project'", "action = 'project'\nproject = 'Roof'"]
)
def test_a_key_that_begins_work_may_name_a_time_type(lines: str) -> None:
    for tracker in (GOODTIME, "[tracker]\nkind = 'none'\n"):
        assert parse(f"{tracker}{KEY}{lines}\ntime_type = 'errand'").button[0].time_type == "errand"


PATTERNS = [
    *("", "epoch_ms", "epoch_s", "epoch_ns", "utc:epoch_ms", "utc:", "%", "%%", "x%FT%Rx", "%FT%TZ", "utc:%FT%TZ"),
    *("%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S.%L%:z", "%Y%m%d%H%M%S%f%z", "%F %R%", "%F%%%R", "%F %T %S"),
    *("%F %R %z%:z", "%F %I:%M %p", "%Y-%m-%d", "%s", "%F%R:%", "%:F", "%F\n%R", "%\n%F%R", "auto "),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_time_format_is_taken_when_the_tracker_s_part_takes_it(pattern: str) -> None:
    try:
        TimeFormat.parse(pattern)
        taken = True
    except BadFormat:
        taken = False
    try:
        parse(GOODTIME + f"time_format = {json.dumps(pattern)}")
        assert taken
    except ConfigError:
        assert not taken


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "clockd.toml")


def test_secrets_come_from_the_folder_first_and_are_read_anew(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, {"CLOCKD_TIMETRACK_API_KEY": "from-env"})
    found = secrets.find("timetrack-api-key")
    assert found is not None
    assert found.reveal() == "from-env"
    (tmp_path / "timetrack-api-key").write_text("from-file\n", encoding="utf-8")
    assert secrets.need("timetrack-api-key").reveal() == "from-file"
    (tmp_path / "timetrack-api-key").write_text("\n", encoding="utf-8")
    assert secrets.need("timetrack-api-key").reveal() == "from-env"
    assert secrets.find("badge-pepper") is None
    with pytest.raises(ConfigError, match="badge-pepper"):
        secrets.need("badge-pepper")


def test_a_secret_shows_itself_to_nobody(tmp_path: Path) -> None:
    secret = Secrets(None, {"CLOCKD_BADGE_PEPPER": "very secret"}).need("badge-pepper")
    assert "very" not in f"{secret!r} {secret} {[secret]}"


@pytest.mark.parametrize(
    "name",
    ["right/Europe/Vienna", "posix/UTC", "localtime", "Europe", "", "../UTC", "/etc/localtime", "a\nb", "zone.tab"],
)
def test_what_stands_beside_the_zones_is_none(name: str) -> None:
    with pytest.raises(ConfigError, match="unknown zone"):
        parse(f"[terminal]\ntime_zone = {json.dumps(name)}")


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("http://user:hunter2@proxy:3128", "tracker-proxy-password"),
        ("socks5://proxy:1080", "is not http://"),
        ("https://proxy:3128", "is not http://"),
        ("proxy:3128", "is not http://"),
        ("http://proxy:0", "is not http://"),
        ("http://proxy:99999", "is not a URL"),
        ("http://proxy:3128/x", "no path"),
        ("http://@proxy:3128", "no user"),
        ("http://pro xy:3128", "no address has"),
        ("http://1.2.3.999:3128", "no name or address"),
    ],
)
@pytest.mark.parametrize("kind", ["timetrack", "goodtime"])
def test_a_proxy_that_is_none_is_explained(kind: str, proxy: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f'[tracker]\nkind = "{kind}"\nurl = "https://a.example"\nproxy = "{proxy}"')
    assert "tracker.proxy" in caught.value.where
    assert why in caught.value.why
    assert "hunter2" not in str(caught.value)


def test_blanks_around_a_proxy_and_an_authority_are_dropped() -> None:
    tracker = parse(
        '[tracker]\nkind = "goodtime"\nurl = " https://a.example "\nproxy = "http://u@p "\nca = " /a.pem"'
    ).tracker
    assert isinstance(tracker, Goodtime)
    assert (tracker.url, tracker.proxy, tracker.ca) == ("https://a.example", "http://u@p", "/a.pem")


def test_the_file_of_an_authority_is_named_whole() -> None:
    with pytest.raises(ConfigError, match=r"tracker\.ca"):
        parse('[tracker]\nkind = "timetrack"\nurl = "https://a.example"\nca = "ca.pem"')


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("latitude = 48.2", "terminal.longitude"),
        ("longitude = 16.3", "terminal.latitude"),
        ("latitude = 90.1\nlongitude = 0.0", "terminal.latitude"),
        ("latitude = 0\nlongitude = -180.5", "terminal.longitude"),
        ("latitude = nan\nlongitude = 16.3", "terminal.latitude"),
        ("latitude = 1.0\nlongitude = -nan", "terminal.longitude"),
        ("latitude = inf\nlongitude = 16.3", "terminal.latitude"),
        ("latitude = '48.2'\nlongitude = 16.3", "terminal.latitude"),
        ("latitude = true\nlongitude = 16.3", "terminal.latitude"),
    ],
)
def test_a_position_that_is_none_is_explained(lines: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"[terminal]\n{lines}\n")
    assert place in caught.value.where
    assert caught.value.hint


@pytest.mark.parametrize("lines", ["", "latitude = -90\nlongitude = 180", "latitude = 0.0\nlongitude = 0"])
def test_a_position_has_both_or_none(lines: str) -> None:
    terminal = parse(f"[terminal]\n{lines}\n").terminal
    assert (terminal.latitude is None) == (terminal.longitude is None) == (not lines)
