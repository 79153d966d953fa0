"""The simulator's own pages, below `/_sim`: look at it, let things go wrong, let people act. JSON in and out.

    GET  /_sim              what there is, and the simulator's time
    GET  /_sim/state        everything the tracker holds
    GET  /_sim/invariants   counts, and the rules a client broke (`violations`)
    GET  /_sim/requests     what arrived; `?since=N` from the N-th on
    GET  /_sim/faults       the rules in force and how often each kind struck
    POST /_sim/faults       {"rules": "mix"} or {"rules": ["lost=3%", {"rule": "forbidden", "username": "ada"}]}
    POST /_sim/actors       {"act": "web-start", "username": "ada", …}; the acts are the tracker's own
    POST /_sim/advance      {"seconds": 60}: put the simulator's clock ahead and do what became due
    POST /_sim/reset        begin anew

Needs no key and is not counted by the throttle: it is not part of the tracker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clockd.sim.faults import BadFault, FaultRule, fault_name, parse_rules
from clockd.sim.front import Simulator


class AdjustableClock(Protocol):
    """The simulator's clock."""

    offset_s: float

    def now_s(self) -> float:
        """Unix time in seconds."""


def control_app(simulator: Simulator, clock: AdjustableClock) -> Starlette:
    """The pages as an ASGI application."""
    pages = _Pages(simulator, clock)
    return Starlette(
        routes=[
            Route("/_sim", pages.index),
            Route("/_sim/state", pages.state),
            Route("/_sim/invariants", pages.invariants),
            Route("/_sim/requests", pages.requests),
            Route("/_sim/faults", pages.faults, methods=["GET"]),
            Route("/_sim/faults", pages.set_faults, methods=["POST"]),
            Route("/_sim/actors", pages.act, methods=["POST"]),
            Route("/_sim/advance", pages.advance, methods=["POST"]),
            Route("/_sim/reset", pages.reset, methods=["POST"]),
        ]
    )


def rules_from(value: object) -> tuple[FaultRule, ...]:
    """Read the `rules` of the control page: words, or a list of words and objects.

    An object has `rule` (words) and may have `username`, `path`, `from_s`, `until_s`, `times`.

    Raises:
        BadFault: it cannot be read; the message says what is wrong.
    """
    if isinstance(value, str):
        return parse_rules(value)
    if not isinstance(value, list):
        raise BadFault('"rules" is words, or a list')
    found: list[FaultRule] = []
    for item in value:
        if isinstance(item, str):
            found += parse_rules(item)
        elif isinstance(item, dict) and isinstance(item.get("rule"), str):
            found += [_limited(rule, item) for rule in parse_rules(item["rule"])]
        else:
            raise BadFault(f"{item!r} is no rule")
    return tuple(found)


def _limited(rule: FaultRule, item: Mapping[str, object]) -> FaultRule:
    try:
        return msgspec.convert({key: value for key, value in item.items() if key != "rule"}, _Limits).onto(rule)
    except msgspec.ValidationError as error:
        raise BadFault(str(error)) from None


class _Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    username: str | None = None
    path: str = ""
    from_s: float | None = None
    until_s: float | None = None
    times: int | None = None

    def onto(self, rule: FaultRule) -> FaultRule:
        return replace(
            rule,
            username=self.username,
            path=self.path,
            from_s=rule.from_s if self.from_s is None else self.from_s,
            until_s=rule.until_s if self.until_s is None else self.until_s,
            times=rule.times if self.times is None else self.times,
        )


@dataclass(frozen=True, slots=True)
class _Pages:
    simulator: Simulator
    clock: AdjustableClock

    def _now_s(self) -> float:
        now_s = self.clock.now_s()
        self.simulator.front.advance(now_s)
        return now_s

    async def index(self, _: Request) -> Response:
        pages = [line.strip() for line in (__doc__ or "").splitlines() if " /_sim" in line]
        return _json({"simulator": self.simulator.name, "now_s": self._now_s(), "pages": pages})

    async def state(self, _: Request) -> Response:
        return _json(self.simulator.state(self._now_s()))

    async def invariants(self, _: Request) -> Response:
        return _json(self.simulator.invariants(self._now_s()))

    async def requests(self, request: Request) -> Response:
        try:
            since = int(request.query_params.get("since", "0"))
        except ValueError:
            return _bad('"since" is a number')
        return _json([arrival for arrival in self.simulator.front.journal.arrivals if arrival.n >= since])

    async def faults(self, _: Request) -> Response:
        faults = self.simulator.front.faults
        rules = [_plain(rule) for rule in faults.rules]
        return _json({"rules": rules, "struck": faults.struck, "pending": self.simulator.front.pending})

    async def set_faults(self, request: Request) -> Response:
        words = await _words(request)
        if words is None:
            return _bad("the body is no JSON object")
        try:
            self.simulator.front.faults.replace(rules_from(words.get("rules")))
        except BadFault as error:
            return _bad(str(error))
        return await self.faults(request)

    async def act(self, request: Request) -> Response:
        words = await _words(request)
        if words is None:
            return _bad("the body is no JSON object")
        try:
            return _json(self.simulator.act(words, self._now_s()))
        except ValueError as error:
            return _bad(str(error))

    async def advance(self, request: Request) -> Response:
        seconds = (await _words(request) or {}).get("seconds")
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds < 0:
            return _bad('"seconds" is a number, 0 or more')
        self.clock.offset_s += seconds
        return _json({"now_s": self._now_s(), "pending": self.simulator.front.pending})

    async def reset(self, _: Request) -> Response:
        self.simulator.reset()
        return _json({"now_s": self._now_s()})


async def _words(request: Request) -> dict[str, object] | None:
    try:
        value = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        return None
    return value if isinstance(value, dict) else None


def _plain(rule: FaultRule) -> dict[str, object]:
    """A rule for JSON, without what is not said; endless spans have no JSON."""
    plain = msgspec.to_builtins(rule)
    plain |= {"fault": fault_name(rule.fault), "with": plain["fault"]}
    return {key: value for key, value in plain.items() if value not in (None, "", {}, float("inf"), float("-inf"))}


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _bad(why: str) -> Response:
    return _json({"error": why}, 400)
