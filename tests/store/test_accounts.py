"""Accounts and tokens as the daemon keeps them: who is told a hash, and what a damaged cell does."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from clockd.core.accounts import account_name, is_password_hash, is_token_hash
from clockd.core.json import Json
from clockd.daemon.opening import open_office
from clockd.errors import Refused, UsageError
from clockd.flow import counter
from clockd.sim.timetrack.profile import profile_named
from clockd.web.passwords import hash_password, is_password
from tests.flow.house import House, in_virtual_time, simulator

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaA"
TOKEN = "ab" * 32


def test_a_hash_is_what_the_page_makes_and_nothing_else() -> None:
    made = hash_password("four words from a book")
    assert is_password_hash(made)
    assert is_password_hash(HASH)
    assert is_password("four words from a book", made)
    assert not is_password("four words from a bool", made)
    assert not is_password("x", "$argon2id$rubbish")
    others = ["", "four words from a book", made + "\n", "$2b$12$abcdefghijklmnopqrstuv"]
    others += [made.replace(*pair) for pair in (("argon2id", "argon2i"), ("t=2", "t=1"), ("t=2", "t=99"))]
    others += [made.replace("m=19456", memory) for memory in ("m=1024", "m=4194304")]
    for other in others:
        assert not is_password_hash(other), other
    assert is_token_hash(TOKEN)
    assert not is_token_hash(TOKEN.upper())
    assert not is_token_hash(TOKEN[1:])


@given(st.text(max_size=80))
def test_a_name_that_is_kept_is_found_by_itself(text: str) -> None:
    kept = account_name(text)
    assert kept is None or account_name(kept) == kept


def test_who_is_told_a_hash_and_what_a_damaged_cell_opens(tmp_path: Path) -> None:
    async def days() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        office = open_office(door.core)

        async def ask(cmd: str, **words: Json) -> Json:
            return await counter.answer(office, {"cmd": cmd, "peer": "root", "by": "me", **words})

        await ask("accounts.put", name="ada", role="admin", hash=HASH)
        await ask("tokens.put", name="tool", hash=TOKEN)
        found = await ask("accounts.find", name=" ADA ")
        assert isinstance(found, dict)
        assert (found["name"], found["role"], found["hash"]) == ("ada", "admin", HASH)
        assert await ask("accounts.find", name="nobody") is None
        assert await ask("accounts.find", name="' OR 1=1") is None
        for peer in ("clockd-web", "root"):
            assert await ask("accounts.find", name="ada", peer=peer) is not None
        for stranger in ("mallory", "", None):
            for words in ({"cmd": "accounts.find", "name": "ada"}, {"cmd": "tokens.find", "hash": TOKEN}):
                with pytest.raises((Refused, UsageError)):
                    await counter.answer(office, {**words, "peer": stranger})
        for wrong in ({"role": "king"}, {"hash": "plain"}, {"new": "yes"}, {"username": "ada"}, {"role": "employee"}):
            with pytest.raises(UsageError):
                await ask("accounts.put", **{"name": "ada", **wrong})
        with pytest.raises(UsageError):
            await ask("tokens.put", name="far", hash="cd" * 32, reach="everything")
        changed = await ask("accounts.put", name="ada", role="employee", username="user001")
        assert isinstance(changed, dict)
        assert changed["username"] == "user001"
        changed = await ask("accounts.put", name="ada", role="viewer")
        assert isinstance(changed, dict)
        assert changed["username"] is None
        for damage in ("UPDATE account SET role = 'k?ng'", "UPDATE token SET reach = ''"):
            await door.store.run(partial(Database.execute, sql=damage))
        assert await ask("accounts.find", name="ada") is None
        assert await ask("tokens.find", hash=TOKEN) is None
        listed = await ask("accounts.list")
        assert isinstance(listed, list)
        assert isinstance(listed[0], dict)
        assert listed[0]["role"] is None
        await ask("accounts.put", name="ada", role="admin")
        assert await ask("accounts.find", name="ada") is not None
        await door.kill()

    in_virtual_time(days)
