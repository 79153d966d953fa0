"""Goodtime's login around every request: one token, one login for many, one renewal, never a loop.

    exchange(request)   token? -> login (one at a time) -> send -> refused? -> login once more -> send once more

A wrong password must not lock the account: after a refused login the session rests, longer each time, and answers
in the tracker's place; another password in the credentials ends the rest at once. A login without a token and without
a clear no is tried once more, then every five minutes. The token lives in memory only.

A 403 or 404 may concern one employee or everybody, and Goodtime has no words that tell which. So the time types are
read after one: only if that works is it the employee's own. They are read after every refused create: without its time
type none can be booked. What concerns everybody is answered with the status that says so: 401 for the login, 405 for
paths, 424 for the time type (`reading.own_answer`); `GoodtimeCodec` reads all three as `Paused`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from clockd.config import Secret
from clockd.core.sentence import advised, parted, phrase, sentence
from clockd.core.wire import Exchange, Forbidden, NotApplied, NotSent, Paused, Reply, Request, Throttled, canonical_user
from clockd.trackers.goodtime.wire import calls
from clockd.trackers.goodtime.wire.calls import BASE, LoginRefused, LoginUnclear, Named, Token
from clockd.trackers.goodtime.wire.codec import CREATE_PATH, TYPE_BY_NAME
from clockd.trackers.goodtime.wire.reading import (
    BASE_URL,
    is_page,
    own_answer,
    refused_as_a_whole,
    says_throttled,
    with_status,
)

log = logging.getLogger(__name__)

SendWith = Callable[[Request, Mapping[str, str]], Awaitable[Exchange]]
"""Sends a request with these headers, as `Http.send` does, or something around it."""

REST_S = 280.0
"""How long the session rests after the first refused login. Each further one doubles it.

It is shorter than the pause between two probes, so that each probe tries a login.
"""
UNCLEAR_REST_S = 300.0
"""How long the session rests after a login that came to neither token nor refusal, unless it was the first such."""
LONGEST_REST_S = 3600.0
"""How long the session rests at most, however many logins were refused."""
PROJECTS_KEPT_S = 3600.0
"""How long an employee's list of projects is believed. A create that is refused ends that at once."""
TYPES_KEPT_S = 60.0
"""How long a time type that was seen is believed to be there."""
SHORTEST_LIFETIME_S = 60.0
"""The shortest lifetime that a token is believed to have. The tracker answers 401 when a token is really over."""

NO_LOGIN = advised(
    "the credentials goodtime-login-email and goodtime-api-password are missing",
    "put them where README.md, “Secrets”, says",
)
"""What is told as long as there are no credentials."""


@dataclass(frozen=True, slots=True)
class Login:
    """The admin's login e-mail and the API password."""

    email: str
    """The e-mail that the admin logs in with."""
    password: Secret
    """The API password of that login."""


def _missing() -> str:
    return NO_LOGIN


async def _at_once() -> None:
    """Wait for nothing."""


@dataclass(slots=True)
class GoodtimeSession:
    """Sends requests with a token that it sees to. Several may be under way at once.

    Args:
        send: sends one request; everything the session sends goes through it, logins too.
        find_login: looks the credentials up, anew at each call; None when there are none.
        why_no_login: says why there are none, for people.
        token_header: the header that carries the token.
        token_prefix: what stands before it, as `Bearer `.
        extra: awaited before each request that the caller of `exchange` did not ask for itself (logins, repetitions,
            checks, projects); there the caller takes a place in its budget.
        single_flight: off only in a negative control, where everybody logs in for themselves.
        rests: off only in a negative control, where a refused login is tried again with each request.
    """

    send: SendWith = field(repr=False)
    find_login: Callable[[], Login | None] = field(repr=False)
    why_no_login: Callable[[], str] = field(default=_missing, repr=False, kw_only=True)
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    extra: Callable[[], Awaitable[None]] = field(default=_at_once, repr=False)
    single_flight: bool = True
    rests: bool = True
    logins: int = 0
    """How many logins were sent."""
    _token: Token | None = field(default=None, repr=False)
    """The present token; None before the first login and after one that brought none."""
    _since_s: float = 0.0
    """When the present token came, in the loop's time."""
    _accepted: bool = False
    """Whether the tracker has taken the present token at least once."""
    _rounds: int = 0
    """How many logins were answered, so that whoever waited for one sees that it is over."""
    _failure: Exchange | None = None
    """What the last login came to, when it brought no token."""
    _refusals: int = 0
    """How many rests a refusal has led to since a token was taken; each of them is longer than the one before."""
    _unclear: int = 0
    """How many logins came to neither token nor refusal since the last one that brought a token."""
    _rest_until_s: float = 0.0
    """Until when no login is sent, in the loop's time, unless there are other credentials."""
    _rest_answer: Exchange | None = None
    """What is answered in the tracker's place as long as the session rests."""
    _used: Login | None = field(default=None, repr=False)
    """The credentials of the last login."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held by the one who logs in."""
    type_lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a time type is gone, or new, so that the account has to be got to know anew."""
    _types: tuple[float, tuple[Named, ...]] = (0.0, ())
    """When the time types were read, in the loop's time, and what was found."""
    _projects: dict[str, tuple[float, tuple[Named, ...]]] = field(default_factory=dict)
    """For each employee, when their projects were read, in the loop's time, and what was found."""

    async def exchange(self, request: Request) -> Exchange:
        """Send a request with a token; log in first where needed, and once more when the token is refused.

        A project that stands in a `createtimeentry` by name gets its id; when the employee has no such project, nothing
        is sent and the answer is a 422 that says so. The same is done with a time type by name. A create that is
        refused while its time type is gone is answered with 424.
        """
        typed = await self._with_type_id(request)
        with_id = await self._with_project_id(typed) if isinstance(typed, Request) else typed
        if not isinstance(with_id, Request):
            return with_id
        answer = await self._authorized(with_id)
        if isinstance(answer, Reply) and 400 <= answer.status < 500 and (username := _books_project(request)):
            # the id may be an old one: a project that is deleted and made anew keeps its name alone
            self._projects.pop(canonical_user(username), None)
        return await self._without_type(with_id, answer) or answer

    def fresh(self) -> bool:
        """Whether there are credentials, and others than those used last."""
        login = self.find_login()
        return login is not None and login != self._used

    def retry(self) -> None:
        """End the rest after a login that failed, because a person asks for a try now."""
        self._rest_until_s = 0.0

    # --- one request --------------------------------------------------------------------------------------------

    async def _authorized(self, request: Request, *, asked: bool = True) -> Exchange:
        token = await self._token_other_than(None)
        if not isinstance(token, Token):
            return token
        answer, refused = await self._sent(request, token, asked=asked)
        if not refused:
            return answer
        token = await self._token_other_than(token)
        if not isinstance(token, Token):
            return token
        answer, refused = await self._sent(request, token, asked=False)
        if not refused:
            return answer
        assert isinstance(answer, Reply)
        shown = phrase(with_status(answer))
        why = advised(
            sentence("Goodtime gives a token and then refuses it ({shown})", shown=shown),
            "check tracker.token_header and tracker.token_prefix, and the rights of goodtime-login-email",
        )
        if token is self._token and not self._accepted:
            self._rest_refused(why)
        return own_answer(401, why)

    async def _sent(self, request: Request, token: Token, *, asked: bool) -> tuple[Exchange, bool]:
        """Send once; return the answer, and whether it refuses the token."""
        if not asked:
            await self.extra()
        answer = await self.send(request, {self.token_header: self.token_prefix + token.text})
        if not isinstance(answer, Reply):
            return answer, False
        if answer.status == 401:
            return answer, True
        if answer.status in (403, 404) and request.path.startswith(BASE) and not says_throttled(answer):
            return await self._whose(request, answer, token)
        if answer.status < 400 and not is_page(answer) and token is self._token:
            self._accepted, self._refusals = True, 0
        return answer, False

    async def _whose(self, request: Request, answer: Reply, token: Token) -> tuple[Exchange, bool]:
        """Find out whether a 403 or 404 is the employee's own, by reading the time types.

        Returns:
            The answer to give, and whether the token is refused.
        """
        check: Exchange = answer
        if request != calls.timetypes():
            await self.extra()
            check = await self.send(calls.timetypes(), {self.token_header: self.token_prefix + token.text})
        if not isinstance(check, Reply):
            shown, why = phrase(with_status(answer)), phrase(check.why)
            unreached = sentence("{shown}, and then Goodtime was not to be reached: {why}", shown=shown, why=why)
            return NotSent(unreached), False
        if says_throttled(check) or 300 <= check.status < 400:
            return check, False
        if check.status in (401, 403):
            return check, True
        types = calls.read_named(check)
        if isinstance(types, tuple):
            self._types = asyncio.get_running_loop().time(), types
            return answer, False
        if check.status in (404, 405):
            return own_answer(405, advised("the server does not know Goodtime's paths (any more)", BASE_URL)), False
        shown, why = phrase(with_status(answer)), phrase(with_status(check))
        return NotSent(sentence("{shown}, and the time types could not be read: {why}", shown=shown, why=why)), False

    # --- login --------------------------------------------------------------------------------------------------

    async def _token_other_than(self, refused: Token | None) -> Token | Exchange:
        """Return the present token, or a new one if that is the refused one; else what to answer instead.

        Whoever waits here while another logs in shares what comes of it, be it a token or a failure.
        """
        seen = self._rounds
        if not self.single_flight:
            present = self._token
            return await self._log_in() if present is None or present is refused else present
        async with self._lock:
            if self._token is not None and self._token is not refused and not self._outlived():
                return self._token
            if self._rounds != seen and self._failure is not None:
                return self._failure
            return await self._log_in()

    async def _log_in(self) -> Token | Exchange:
        login = self.find_login()
        if login is None:
            return own_answer(401, self.why_no_login())
        resting = asyncio.get_running_loop().time() < self._rest_until_s and login == self._used and self.rests
        if resting and self._rest_answer is not None:
            return self._rest_answer
        await self.extra()
        self._used = login
        self.logins += 1
        reply = await self.send(calls.login(login.email, login.password.reveal()), {})
        self._rounds += 1
        self._token, self._failure = None, None
        failure: Exchange
        match calls.read_login(reply, self.token_header):
            case Token() as token:
                self._token, self._since_s, self._accepted = token, asyncio.get_running_loop().time(), False
                self._unclear = 0
                log.info("logged in to Goodtime")
                return token
            case LoginRefused(why):
                failure = self._rest_refused(why)
            case LoginUnclear(why):
                failure = NotSent(sentence("no login: {why}", why=phrase(why)))
                self._unclear += 1
                if self._unclear > 1:
                    self._rest(UNCLEAR_REST_S, failure)
            case Paused("path", why):
                failure = own_answer(405, why)
            case Paused() | Throttled():
                failure = reply
            case NotApplied(why):
                failure = NotSent(sentence("no login: {why}", why=phrase(why)))
        self._failure = failure
        return failure

    def _outlived(self) -> bool:
        """Whether the token's lifetime is over, measured from when it came, whatever our wall clock says."""
        lifetime_s = self._token.lifetime_s if self._token else None
        if lifetime_s is None or lifetime_s < SHORTEST_LIFETIME_S:
            return False
        return asyncio.get_running_loop().time() - self._since_s > lifetime_s

    def _rest_refused(self, why: str) -> Exchange:
        rest_s = min(LONGEST_REST_S, REST_S * 2**self._refusals)
        self._refusals = min(self._refusals + 1, 10)
        found, to_do = parted(why)
        again = sentence(
            "{to_do}; clockd tries again by itself in {minutes:.0f} min, or at once with others, or when you say "
            "clockd sync",
            to_do=phrase(to_do),
            minutes=rest_s / 60,
        )
        answer = own_answer(401, advised(found, again))
        self._rest(rest_s, answer)
        return answer

    def _rest(self, rest_s: float, answer: Exchange) -> None:
        self._token = None
        self._rest_until_s = asyncio.get_running_loop().time() + rest_s
        self._rest_answer = answer

    # --- time type ----------------------------------------------------------------------------------------------

    async def _without_type(self, request: Request, answer: Exchange) -> Reply | None:
        """Answer a create that was refused because its time type is gone; return None when that is not the reason."""
        body = request.body
        if request.path != CREATE_PATH or not isinstance(body, dict) or not isinstance(answer, Reply):
            return None
        if not 400 <= answer.status < 500 or answer.status in (408, 425) or refused_as_a_whole(answer):
            return None
        type_id = body["timetypeid"]
        read_s, types = self._types
        if asyncio.get_running_loop().time() - read_s > TYPES_KEPT_S or all(known.id != type_id for known in types):
            found = calls.read_named(await self._authorized(calls.timetypes(), asked=False))
            if not isinstance(found, tuple):
                return None
            self._types = asyncio.get_running_loop().time(), found
            if all(known.id != type_id for known in found):
                self.type_lost.set()
                return own_answer(
                    424, sentence("the time type we book on ({id}) is gone from Goodtime", id=str(type_id))
                )
        return None

    async def _with_type_id(self, request: Request) -> Request | Exchange:
        """Put the id of a time type in the place of its name.

        It was made after the account was got to know, which is done anew then: rows of it can be told from others.
        """
        body = request.body
        if request.path != CREATE_PATH or not isinstance(body, dict) or TYPE_BY_NAME not in body:
            return request
        answer = await self._authorized(calls.timetypes(), asked=False)
        match calls.read_named(answer):
            case tuple() as types:
                self._types = asyncio.get_running_loop().time(), types
            case NotApplied(why) | Forbidden(why):
                return NotSent(sentence("the time types could not be read: {why}", why=phrase(why)))
            case Paused() | Throttled():
                return answer
        found = calls.pick(str(body[TYPE_BY_NAME]), types)
        if not isinstance(found, Named):
            return own_answer(422, sentence("of Goodtime's time types {found}", found=phrase(found)))
        self.type_lost.set()
        others = {name: value for name, value in body.items() if name != TYPE_BY_NAME}
        return replace(request, body={**others, "timetypeid": found.id})

    # --- projects -----------------------------------------------------------------------------------------------

    async def _with_project_id(self, request: Request) -> Request | Exchange:
        body, username = request.body, _books_project(request)
        if username is None or not isinstance(body, dict):
            return request
        wanted = str(body["projectid"])
        found = calls.pick(wanted, self._known_projects(username))
        if not isinstance(found, Named):
            failure = await self._read_projects(username)
            if failure is not None:
                return failure
            found = calls.pick(wanted, self._known_projects(username))
        if not isinstance(found, Named):
            lacks = phrase(found)
            why = sentence("among the projects of {username} in Goodtime {found}", username=username, found=lacks)
            return own_answer(422, why)
        return replace(request, body={**body, "projectid": found.id})

    def _known_projects(self, username: str) -> tuple[Named, ...]:
        read_s, found = self._projects.get(canonical_user(username), (0.0, ()))
        return found if asyncio.get_running_loop().time() - read_s < PROJECTS_KEPT_S else ()

    async def _read_projects(self, username: str) -> Exchange | None:
        answer = await self._authorized(calls.projects(username), asked=False)
        match calls.read_named(answer):
            case tuple() as projects:
                self._projects[canonical_user(username)] = asyncio.get_running_loop().time(), projects
                return None
            case NotApplied(why):
                return NotSent(
                    sentence("the projects of {username} could not be read: {why}", username=username, why=phrase(why))
                )
            case Forbidden(why):
                refused = sentence(
                    "the projects of {username} cannot be read; are projects switched on? ({why})",
                    username=username,
                    why=phrase(why),
                )
                return own_answer(422, refused)
            case Paused() | Throttled():
                return answer


def _books_project(request: Request) -> str | None:
    """Return whose entry a request makes on a project; None for every other request."""
    body = request.body
    if request.path != CREATE_PATH or not isinstance(body, dict) or "projectid" not in body:
        return None
    return str(body["useremail"])
