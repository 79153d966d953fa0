"""How often a password may be tried, and how long a session lasts, by a clock of our own."""

from dataclasses import dataclass

from clockd.core.roles import Role
from clockd.web.accounts import PageAccount
from clockd.web.sessions import IDLE_S, LONGEST_LOCK_S, LONGEST_SESSION_S, MOST_SESSIONS, Attempts, Sessions, network_of

ADA = PageAccount("ada", Role.ADMIN, "mark")
DESK, ELSEWHERE = "192.168.1.20", "192.168.1.21"


@dataclass
class Stopwatch:
    """Seconds that pass when the test says so."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def tries(attempts: Attempts, watch: Stopwatch, seconds: int, name: str, address: str) -> int:
    """Try once a second; return how many tries were let through."""
    looked_at = 0
    for _ in range(seconds):
        if attempts.wait_s(name, address) <= 0:
            attempts.begin(name, address)
            looked_at += 1
        watch.now_s += 1
    return looked_at


def test_a_thousand_wrong_passwords_are_fifteen() -> None:
    watch = Stopwatch()
    attempts = Attempts(watch)
    assert tries(attempts, watch, 1000, "admin", "10.0.0.9") <= 15
    assert 0 < attempts.wait_s("admin", "10.0.0.9") <= LONGEST_LOCK_S


def test_many_addresses_do_not_help_nor_do_many_names() -> None:
    watch = Stopwatch()
    attempts = Attempts(watch)
    assert sum(tries(attempts, watch, 1, "admin", f"10.0.{n // 250}.{n % 250}") for n in range(1000)) <= 15
    watch, attempts = Stopwatch(), Attempts(watch)
    assert sum(tries(attempts, watch, 1, f"name{n}", "10.0.0.9") for n in range(1000)) <= 15


def test_an_attacker_locks_nobody_out() -> None:
    """The owner, who signed in from their own address before, does not wait for what others try."""
    watch = Stopwatch()
    attempts = Attempts(watch)
    attempts.begin("admin", "192.168.1.20")
    attempts.succeeded("admin", "192.168.1.20")
    tries(attempts, watch, 1000, "admin", "10.0.0.9")
    assert attempts.wait_s("admin", "10.0.0.9") > 0
    assert attempts.wait_s("admin", "192.168.1.20") == 0


def test_a_try_counts_before_it_is_known_how_it_ends() -> None:
    """A hundred at once are not a hundred tries."""
    watch = Stopwatch()
    attempts = Attempts(watch)
    assert tries(attempts, Stopwatch(), 100, "admin", "10.0.0.9") == 5


def test_the_right_password_ends_the_waiting() -> None:
    watch = Stopwatch()
    attempts = Attempts(watch)
    tries(attempts, watch, 5, "ada", "10.0.0.9")
    watch.now_s += LONGEST_LOCK_S
    attempts.begin("ada", "10.0.0.9")
    attempts.succeeded("ada", "10.0.0.9")
    assert attempts.wait_s("ada", "10.0.0.9") == 0


def test_an_address_of_version_6_is_counted_by_its_network() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::2") != network_of("2001:db8:1:3::1")
    assert network_of("no address") == "no address"


def test_a_session_ends_when_it_rests_and_when_it_is_old() -> None:
    watch = Stopwatch()
    sessions = Sessions(watch)
    cookie, session = sessions.begin(ADA)
    watch.now_s += IDLE_S - 1
    assert sessions.find(cookie, DESK) is session
    watch.now_s += IDLE_S + 1
    assert sessions.find(cookie, DESK) is None
    cookie, session = sessions.begin(ADA)
    for _ in range(int(LONGEST_SESSION_S // 3600) + 1):
        watch.now_s += 3600
        sessions.find(cookie, DESK)
    assert sessions.find(cookie, DESK) is None
    assert not sessions.is_alive(session)


def test_sessions_do_not_fill_the_memory() -> None:
    watch = Stopwatch()
    sessions = Sessions(watch)
    first, _ = sessions.begin(ADA)
    for _ in range(MOST_SESSIONS):
        watch.now_s += 1
        last, _ = sessions.begin(ADA)
    assert sessions.find(first, DESK) is None
    assert sessions.find(last, DESK) is not None
    assert sessions.count_of(ADA) == MOST_SESSIONS
    sessions.end_all_of(ADA)
    assert sessions.find(last, DESK) is None


def test_a_session_of_one_address_is_nothing_anywhere_else_and_rests_for_less() -> None:
    watch = Stopwatch()
    sessions = Sessions(watch)
    cookie, session = sessions.begin(PageAccount.by_code("ada"), DESK, 900.0)
    assert sessions.find(cookie, ELSEWHERE) is None
    assert sessions.find(cookie, DESK) is session
    watch.now_s += 901
    assert sessions.find(cookie, DESK) is None
    anywhere, _ = sessions.begin(ADA)
    assert sessions.find(anywhere, DESK) is sessions.find(anywhere, ELSEWHERE) is not None


def test_a_record_that_a_code_opened_is_no_account_of_that_name() -> None:
    sessions = Sessions(Stopwatch())
    cookie, _ = sessions.begin(PageAccount.by_code("ada"), DESK)
    office, _ = sessions.begin(ADA)
    assert sessions.count_of(ADA) == 1
    sessions.end_all_of(PageAccount.by_code("ada"))
    assert sessions.find(office, DESK) is not None, "nobody signs the admin out who is called like them"
    assert sessions.find(cookie, DESK) is None
