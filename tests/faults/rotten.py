"""Cells that were damaged so that SQLite does not notice: each kind, and what is to happen.

`{ada}` in a statement is the fingerprint of her badge. Ada has clocked in (her punch is the first row of the ledger)
before a cell rots; then the terminal starts anew, and she and Bob tap.
"""

from dataclasses import dataclass
from enum import Enum


class Then(Enum):
    """What a tap of the employee whom the rotten cell concerns comes to."""

    BOOKED = "booked"
    """It is recorded under their name."""
    STRANGER = "stranger"
    """It is recorded as a stranger's, and held until the badge is given anew."""


@dataclass(frozen=True, slots=True)
class Rot:
    """One kind.

    Args:
        name: what is wrong, as an identifier.
        spoil: what makes it so.
        kept: a query whose rows must be the same afterwards, byte for byte.
        told: part of what `status` says of it; empty where it is told elsewhere (`says`).
        says: part of what `ledger verify` says, where it is that which tells.
        ada: what her next tap comes to.
    """

    name: str
    spoil: str
    kept: str
    told: str = ""
    says: str = ""
    ada: Then = Then.BOOKED
    holds: bool = False
    """Whether it holds the one delivery that it is in."""


NO_TEXT = "CAST(X'61ff64' AS TEXT)"
HUGE = 9_000_000_000_000_000_000
OPEN = "DROP TRIGGER ledger_refuses_update; "
"""The ledger's own triggers do not stop a card."""


def _outbox(name: str, column: str, value: object) -> Rot:
    spoil = f"UPDATE outbox SET {column} = {value} WHERE seq = 1"
    return Rot(name, spoil, f"SELECT hex({column}) FROM outbox WHERE seq = 1", told="outbox 1", holds=True)


KINDS = (
    Rot(
        "a terminal's tag that is no number",
        "UPDATE meta SET value = 'rot' WHERE key = 'terminal_tag'",
        "SELECT 1 FROM meta WHERE value = 'rot'",
        told="terminal_tag",
    ),
    Rot(
        "a boot whose clock told an impossible time",
        f"UPDATE boot SET latest_us = {HUGE}, saved_us = -{HUGE}",
        "SELECT seq, saved_us FROM boot ORDER BY seq LIMIT 1",
        told="boot 1",
    ),
    Rot(
        "a boot with an impossible number",
        f"INSERT INTO boot (seq, boot_id, began_us, last_us, synced) VALUES ({2**63 - 1}, 'x', 0, 0, 0)",
        f"SELECT * FROM boot WHERE seq = {2**63 - 1}",
        told="boot 9223372036854775807",
    ),
    Rot(
        "a boot whose id is no text",
        f"UPDATE boot SET boot_id = {NO_TEXT}",
        "SELECT hex(boot_id) FROM boot WHERE seq = 1",
        told="boot 1",
    ),
    Rot(
        "an anchor at an impossible time",
        f"INSERT INTO anchor (boot_seq, boottime_us, wall_us, error_us) VALUES (1, 1, {HUGE}, 1)",
        "SELECT * FROM anchor",
        told="anchor 1",
    ),
    Rot(
        "an anchor with a negative error",
        "INSERT INTO anchor (boot_seq, boottime_us, wall_us, error_us) VALUES (1, -5, 1, -5)",
        "SELECT * FROM anchor",
        told="anchor 1",
    ),
    Rot(
        "a request in a thousand years",
        f"INSERT INTO request (boot_seq, sent_us) SELECT seq, {HUGE} FROM boot",
        "SELECT sent_us FROM request",
        told="request 1",
    ),
    Rot(
        "a badge whose name is no text",
        f"UPDATE badge SET name = {NO_TEXT} WHERE fingerprint = '{{ada}}'",
        "SELECT hex(name) FROM badge WHERE fingerprint = '{ada}'",
        told="badge 0000",
    ),
    Rot(
        "a badge whose employee is no text",
        f"UPDATE badge SET username = {NO_TEXT} WHERE fingerprint = '{{ada}}'",
        "SELECT hex(username) FROM badge WHERE fingerprint = '{ada}'",
        told="badge 0000",
        ada=Then.STRANGER,
    ),
    Rot(
        "a badge that belongs to an empty name",
        "UPDATE badge SET username = ' ' WHERE fingerprint = '{ada}'",
        "SELECT username FROM badge WHERE fingerprint = '{ada}'",
        told="badge 0000",
        ada=Then.STRANGER,
    ),
    Rot(
        "a badge given at an impossible time",
        f"UPDATE badge SET added_us = {HUGE} WHERE fingerprint = '{{ada}}'",
        "SELECT added_us FROM badge WHERE fingerprint = '{ada}'",
        told="badge 0000",
    ),
    Rot(
        "a fact that is no JSON",
        OPEN + """UPDATE ledger SET body = '{"username":"ad' WHERE seq = 1""",
        "SELECT body FROM ledger WHERE seq = 1",
        told="ledger 1",
        says="row 1 is not what was written",
    ),
    Rot(
        "a fact of another shape",
        OPEN + "UPDATE ledger SET body = '[1, 2]' WHERE seq = 1",
        "SELECT body FROM ledger WHERE seq = 1",
        told="ledger 1",
        says="row 1 is not what was written",
    ),
    Rot(
        "a fact that is no text",
        OPEN + f"UPDATE ledger SET body = {NO_TEXT}, hash = {NO_TEXT} WHERE seq = 1",
        "SELECT hex(body), hex(hash) FROM ledger WHERE seq = 1",
        told="ledger 1",
        says="row 1 is not what was written",
    ),
    Rot(
        "a fact at an impossible place",
        f"INSERT INTO ledger (seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body, hash) "
        f"VALUES ({2**63 - 1}, 'note', 1, 0, 0, 1, 1, '{{}}', 'x')",
        f"SELECT * FROM ledger WHERE seq = {2**63 - 1}",
        told="ledger 9223372036854775807",
        says="is missing",
    ),
    Rot(
        "a fact at an impossible time",
        OPEN + f"UPDATE ledger SET wall_us = {HUGE} WHERE seq = 1",
        "SELECT wall_us FROM ledger WHERE seq = 1",
        told="ledger 1",
        says="row 1 is not what was written",
    ),
    _outbox("a delivery of a kind nobody knows", "kind", "'siesta'"),
    _outbox("a delivery in a state nobody knows", "state", "'lost'"),
    _outbox("a delivery with entries that are no JSON", "entry_ids", "'[4711'"),
    _outbox("a delivery at an impossible time", "at_us", str(HUGE)),
    _outbox("a delivery of a clock nobody knows", "clock", "'sundial'"),
    _outbox("a delivery with an impossible offset", "offset_s", str(HUGE)),
    Rot(
        "a delivery of somebody who is no text",
        f"UPDATE outbox SET username = {NO_TEXT} WHERE seq = 1",
        "SELECT hex(username) FROM outbox WHERE seq = 1",
        told="outbox 1",
    ),
)
