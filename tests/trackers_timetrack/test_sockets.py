"""Codec, http and simulator over real sockets: every fault of the wire, and where the secrets went."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from clockd.core.pieces import whole
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    NotApplied,
    Paused,
    Rows,
    Throttled,
    Unconfirmed,
    Unknown,
)
from clockd.sim.faults import (
    CloseReused,
    Cut,
    Drip,
    FailAfter,
    FailBefore,
    FalseThrottled,
    FalseUnauthorized,
    Fault,
    FaultRule,
    Garbled,
    IdOnly,
    Late,
    Lost,
    NoBody,
    Portal,
    Redirected,
    Refuse,
    ReplyLost,
)
from clockd.sim.shell import Served, SimClock, serving
from clockd.sim.timetrack.profile import ALT
from clockd.trackers.http import Http
from clockd.trackers.timetrack import credentials
from tests.trackers_timetrack.desk import NOON, WHO, Desk, desk

FAULTS: list[tuple[Fault | None, type, int]] = [
    (None, Accepted, 1),
    (CloseReused(), Accepted, 1),
    (Refuse(), Unknown, 0),
    (Lost(), Unknown, 0),
    (Lost(silent=True), Unknown, 0),
    (ReplyLost(), Unknown, 1),
    (ReplyLost(silent=True), Unknown, 1),
    (Late(), Unknown, 0),
    (FailBefore(), Unknown, 0),
    (FailAfter(), Unknown, 1),
    (Portal(), Unknown, 0),
    (Garbled(), Unknown, 1),
    (Cut(), Unknown, 1),
    (Drip(60), Unknown, 1),
    (IdOnly(), Unconfirmed, 1),
    (NoBody(), Unconfirmed, 1),
    (FalseThrottled(), Throttled, 0),
    (Redirected(), Paused, 0),
    (FalseUnauthorized(), Paused, 0),
]
WAITED_FOR = (Lost(silent=True), ReplyLost(silent=True), Late(), Drip(60))
"""These end by waiting only."""


@asynccontextmanager
async def listening(d: Desk) -> AsyncIterator[Served]:
    sim = d.sim
    async with serving(sim, clock=SimClock(source=NOON.timestamp), secrets=(sim.key, sim.secret)) as served:
        yield served


@pytest.mark.parametrize(("fault", "verdict", "rows"), FAULTS, ids=lambda value: repr(value))
async def test_every_fault_of_the_wire_is_judged_right(fault: Fault | None, verdict: type, rows: int) -> None:
    d = desk()
    d.sim.front.faults.replace((FaultRule(fault, times=1),) if fault else ())
    write = CreateEntry(WHO, d.at(-60), d.at(-10), 0, "über Nacht")
    async with listening(d) as served:
        headers = credentials(d.sim.key, d.sim.secret)
        brief = Http(served.url, timeout_s=0.8 if fault in WAITED_FOR else 5)
        found = d.codec.verdict(write, await brief.send(d.codec.request(write), headers))
        assert type(found) is verdict
        assert len(d.sim.rows()) == rows
        http = Http(served.url, timeout_s=5)
        again = whole(d.codec.rows(await http.send(d.codec.look((), write.from_local, write.to_local, 0), headers)))
        assert isinstance(again, Rows)
        assert [entry.note for entry in again.entries] == ["über Nacht"] * rows
        assert d.sim.violations() == []


async def test_nobody_listens() -> None:
    d = desk()
    async with listening(d) as served:
        http = Http(served.url, timeout_s=5)
    write = CreateEntry(WHO, d.at(-60), d.at(-10), 0, "")
    assert isinstance(d.codec.verdict(write, await http.send(d.codec.request(write), {})), NotApplied)


async def test_a_slash_too_many_is_a_redirect_that_nobody_follows() -> None:
    d = desk(ALT)
    write = CreateEntry(WHO, d.at(-60), d.at(-10), 0, "")
    async with listening(d) as served:
        http, request = Http(served.url, timeout_s=5), d.codec.request(write)
        wrong = type(request)(request.method, request.path + "/", request.query, request.body)
        verdict = d.codec.verdict(write, await http.send(wrong, credentials(d.sim.key, d.sim.secret)))
        assert isinstance(verdict, Paused)
        assert verdict.reason == "redirect"
        assert d.sim.rows() == []
        assert d.sim.invariants(NOON.timestamp())["secrets_leaked"] == 0
