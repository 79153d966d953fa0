"""Who is signed in, and how often a password may be tried. All of it is in memory, and gone with the process."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from clockd.web.accounts import PageAccount

IDLE_S = 2 * 3600.0
"""A session that was not used for so long is over."""
LONGEST_SESSION_S = 12 * 3600.0
"""… and so is one that is as old as this."""
MOST_SESSIONS = 500
"""Of all accounts together; when one more begins, the one that was silent longest ends."""
ASK_AGAIN_S = 5.0
"""How long an account is believed to be as it was when it signed in."""
FREE_TRIES = 5
"""Wrong passwords before one has to wait."""
LONGEST_LOCK_S = 900.0
BUCKETS = 1024
"""Accounts and addresses are counted in so many buckets each: no flood of names makes room for more tries."""


@dataclass(slots=True)
class PageSession:
    """One browser that is signed in."""

    account: PageAccount
    csrf: str
    """What each of its forms has to carry."""
    since_s: float
    seen_s: float
    asked_s: float
    """When the daemon was last asked whether the account is as it was."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """What the next page says first: (`done` or `failed`, text)."""
    kept: dict[str, object] = field(default_factory=dict)
    """What a form with a preview holds until it is confirmed."""
    address: str | None = None
    """The only one that it may be used from; None: any."""
    idle_s: float = IDLE_S
    """Not used for so long, it is over."""


class Sessions:
    """All sessions, by the hash of their cookie: whoever reads this memory's dump signs nobody in.

    Args:
        now_s: seconds that only go forward.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._all: dict[str, PageSession] = {}

    def begin(
        self, account: PageAccount, address: str | None = None, idle_s: float = IDLE_S
    ) -> tuple[str, PageSession]:
        """Sign a browser in; return the text of its cookie.

        Args:
            account: who signs in.
            address: the only one that the session may be used from; None: any.
            idle_s: not used for so long, it is over.
        """
        self._forget_old()
        while len(self._all) >= MOST_SESSIONS:
            del self._all[min(self._all, key=lambda key: self._all[key].seen_s)]
        cookie, now = secrets.token_urlsafe(32), self._now_s()
        csrf = secrets.token_urlsafe(32)
        session = PageSession(account, csrf, now, now, now, address=address, idle_s=idle_s)
        self._all[_key(cookie)] = session
        return cookie, session

    def find(self, cookie: str, address: str) -> PageSession | None:
        """Return the session of a cookie that came from an address, and note that it was used."""
        session = self._all.get(_key(cookie))
        if session is None or self._is_over(session) or session.address not in (None, network_of(address)):
            return None
        session.seen_s = self._now_s()
        return session

    def needs_asking(self, session: PageSession) -> bool:
        """Whether its account has to be looked at again; from now on it counts as looked at."""
        due = self._now_s() - session.asked_s >= ASK_AGAIN_S
        if due:
            session.asked_s = self._now_s()
        return due

    def is_alive(self, session: PageSession) -> bool:
        """Whether a session goes on; what streams looks now and then."""
        return not self._is_over(session) and any(each is session for each in self._all.values())

    def end(self, session: PageSession) -> None:
        """Sign one browser out."""
        self._all = {key: each for key, each in self._all.items() if each is not session}

    def end_all_of(self, account: PageAccount) -> None:
        """Sign an account out everywhere."""
        self._all = {key: each for key, each in self._all.items() if not each.account.is_same(account)}

    def count_of(self, account: PageAccount) -> int:
        """In how many browsers an account is signed in."""
        self._forget_old()
        return sum(each.account.is_same(account) for each in self._all.values())

    def _is_over(self, session: PageSession) -> bool:
        now = self._now_s()
        return now - session.seen_s > session.idle_s or now - session.since_s > LONGEST_SESSION_S

    def _forget_old(self) -> None:
        self._all = {key: each for key, each in self._all.items() if not self._is_over(each)}


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode(errors="replace")).hexdigest()


@dataclass(slots=True)
class _Tries:
    count: int = 0
    until_s: float = 0.0
    """No further try is looked at before."""


class Attempts:
    """Counts wrong passwords for each account and each address, and says how long to wait.

    An address from which an account signed in before does not wait for what others try with that account's name, so
    that nobody can lock an office out.

    Args:
        now_s: seconds that only go forward.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._salt = secrets.token_bytes(16)
        self._accounts: dict[int, _Tries] = {}
        self._addresses: dict[int, _Tries] = {}
        self._familiar: set[tuple[int, int]] = set()

    def wait_s(self, name: str, address: str) -> float:
        """Return how many seconds a try has to wait; 0 when it may be made."""
        return max(0.0, *(tries.until_s - self._now_s() for tries in self._concerned(name, address)))

    def begin(self, name: str, address: str) -> None:
        """Count a try as failed, before it is known how it ends: others must not try meanwhile."""
        for tries in self._concerned(name, address):
            tries.count += 1
            if tries.count >= FREE_TRIES:
                wait_s = min(LONGEST_LOCK_S, 2.0 ** min(20, tries.count - FREE_TRIES + 1))
                tries.until_s = self._now_s() + wait_s

    def succeeded(self, name: str, address: str) -> None:
        """Forget what failed before, since this is the owner."""
        for tries in self._concerned(name, address):
            tries.count, tries.until_s = 0, 0.0
        self._familiar.add((self._bucket(name), self._bucket(network_of(address))))

    def _concerned(self, name: str, address: str) -> list[_Tries]:
        account, place = self._bucket(name), self._bucket(network_of(address))
        concerned = [self._addresses.setdefault(place, _Tries())]
        if (account, place) not in self._familiar:
            concerned.append(self._accounts.setdefault(account, _Tries()))
        return concerned

    def _bucket(self, text: str) -> int:
        digest = hashlib.blake2b(text.encode(errors="replace"), key=self._salt, digest_size=8).digest()
        return int.from_bytes(digest, "big") % BUCKETS


def network_of(address: str) -> str:
    """Return what an address is counted by: itself, or of IPv6 the /64 that one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)
