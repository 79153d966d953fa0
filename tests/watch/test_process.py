"""The whole: a terminal, `clockd web` beside it, and somebody far away who hears of it."""

import asyncio
import json
from functools import partial

import pytest

from clockd.core.chain import signed_text
from clockd.store.signing import Signature, is_signed
from tests.e2e.looking import until
from tests.e2e.rig import Rig
from tests.watch.process import watching
from tests.watch.receiver import Receiver, receiving

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 1, "readers": ["desk"], "start": False}
SECRET = "of-mine-and-nobody-else"


def secrets_of(receiver: Receiver) -> dict[str, str]:
    return {
        "alert-urls": f"# one line each\n{receiver.address(SECRET)}\n",
        "heartbeat-url": f"http://127.0.0.1:{receiver.port}/beat/{SECRET}\n",
    }


def has_heard(receiver: Receiver, beats: int, letters: int) -> bool:
    return len(receiver.beats) >= beats and len(receiver.letters) >= letters


async def test_somebody_far_away_hears_of_it_once(rig: Rig) -> None:
    """A database that was damaged is told at the first look; after a restart of both only what is new."""
    rig.daemon.state.mkdir()
    rig.simulator.start()
    with receiving() as receiver:
        for life in (1, 2):
            (rig.daemon.state / f"clockd.db.damaged-{life}").write_bytes(b"what was left")
            await rig.daemon.start()
            with watching(rig.daemon, rig.folder / "web", secrets_of(receiver), "--verbose") as page:
                await until(partial(has_heard, receiver, beats=life, letters=life + 1))
                log = page.log
            rig.daemon.stop()
        assert [letter["title"] for letter in receiver.letters] == [
            "front-door: alerts arrive",
            "front-door needs you",
            "front-door needs you",
        ]
        assert [f"damaged-{n}" in body for body in receiver.bodies() for n in (1, 2)] == [
            *(False, False),
            *(True, False),
            *(False, True),
        ]
        assert set(receiver.beats) == {f"/beat/{SECRET}"}
        assert SECRET not in log
        assert "Traceback" not in log
        head = json.loads(str(receiver.heads[-1]))
        assert receiver.agents[-1].endswith(f" ledger/{head['rows']}:{head['hash']}")
        signature = Signature(head.pop("key"), head.pop("signature"))
        assert is_signed(signature, signed_text(head)), "somebody far away has an anchor"


async def test_what_cannot_be_sent_leaves_the_page_as_it_is(rig: Rig) -> None:
    with watching(rig.daemon, rig.folder / "web2", {"heartbeat-url": "no address"}) as page:
        assert (await asyncio.to_thread(page.get, "/api/v1/openapi.json")).status_code == 200
        assert "nobody watches: credential heartbeat-url: is no address" in page.log
