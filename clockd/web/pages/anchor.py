"""The ledger's head, signed by the terminal: it stands on a page and in each table that leaves it."""

import json
import logging

from clockd.errors import ClockdError
from clockd.web.pages.reading import DocumentRow, fields_of
from clockd.web.visit import Visit

log = logging.getLogger(__name__)


async def signed_head(visit: Visit) -> DocumentRow | None:
    """Return the ledger's head, signed by the terminal; None where it cannot sign, which spoils no page."""
    try:
        return fields_of(await visit.ask("ledger.head"))
    except ClockdError as error:
        log.warning("the ledger's head could not be signed: %s", error)
        return None


def anchor_of(head: DocumentRow) -> str:
    """Return a head as `clockd ledger verify --anchor` takes it."""
    return f"{head['rows']}:{head['hash']}"


def signed_words(head: DocumentRow) -> str:
    """Return all that a head says, with its key and its signature, as one text."""
    return json.dumps(dict(head), ensure_ascii=False, sort_keys=True)
