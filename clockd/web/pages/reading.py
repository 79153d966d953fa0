"""Documents of the daemon, taken apart: what is not as it should be is empty, and no page fails over it."""

from collections.abc import Mapping, Sequence
from typing import Any

from clockd.core.json import Json

DocumentRow = Mapping[str, Any]


def objects_of(document: Json, name: str = "") -> Sequence[DocumentRow]:
    """Return the objects of a list, or of the list of this name in an object."""
    found = document.get(name) if name and isinstance(document, dict) else document
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def fields_of(document: Json) -> dict[str, Any]:
    """Return an object."""
    return document if isinstance(document, dict) else {}


def id_end(punch_id: str) -> str:
    """Return the end of an id, which names a punch among all of a terminal."""
    return punch_id[-8:]
