"""What the API says of itself: an OpenAPI document. A document may get more fields later, and loses none."""

from clockd.core.delivery import State
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Kind

VERSION = "1.0.0"
"""Of the API, not of clockd."""
PREFIX_PATH = "/api/v1"
LARGEST_CURSOR = 2**32 - 1
LONGEST_NAME_ASKED = 128
"""Characters of a username or an id that are looked up."""
NAME_PATTERN = r"\S(.*\S)?"
"""No blanks around it, and one line."""
DAYS_ASKED = 7
MOST_DAYS_ASKED = 40
"""The daemon reckons no more at once."""

Schema = dict[str, Json]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_NO: Schema = {"type": "boolean"}
MOMENT_AT: Schema = {"type": "string", "format": "date-time"}
LOCAL: Schema = {"type": "string", "description": "Wall clock at the terminal, without an offset."}
DAY: Schema = {"type": "string", "format": "date", "example": "2026-11-21"}


def openapi() -> dict[str, Json]:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "clockd",
            "version": VERSION,
            "summary": "What a time clock knows, read only.",
            "description": "Made for programs: `clockd accounts token NAME` on the terminal makes a token. "
            "Lists come in pages: ask again with `cursor` until `next` is null; a page may be empty.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": PREFIX_PATH}],
        "security": [{"token": []}],
        "paths": {
            "/status": _get("status", "How the terminal is.", "Status"),
            "/punches": _get(
                "punches",
                "Punches and how far they are booked.",
                "PunchPage",
                [
                    _query("order", {"type": "string", "enum": ["newest", "oldest"], "default": "newest"}, "First …"),
                    _query("state", {"type": "string", "enum": _values(State)}, "Only in this state of delivery."),
                    _query("username", A_NAME, "Only of this employee."),
                    _query("cursor", CURSOR, "`next` of the page before."),
                ],
            ),
            "/punches/{id}": _get(
                "punch",
                "One punch, with all that was done to it.",
                "PunchStory",
                [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": A_NAME,
                        "description": "Or a part of it.",
                    }
                ],
            ),
            "/people": _get("people", "Employees who have a badge or ever punched.", "People"),
            "/hours": _get(
                "hours",
                "Who worked how long.",
                "HoursPage",
                [
                    _query("from", DAY, "The first day.", required=True),
                    _query("days", SOME_DAYS, "How many days, with the first."),
                    _query("username", A_NAME, "Only of this employee."),
                    _query("cursor", CURSOR, "`next` of the page before."),
                ],
            ),
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(SCHEMAS),
            "responses": {name: _error(description) for name, description in ERRORS.items()},
        },
    }


A_NAME: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_NAME_ASKED,
    "pattern": f"^{NAME_PATTERN}$",
}
SOME_DAYS: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS_ASKED, "default": DAYS_ASKED}
CURSOR: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_CURSOR}
ERRORS = {
    "BadRequest": "A parameter is wrong; `detail` says which.",
    "Unauthorized": "No token of this terminal.",
    "Forbidden": "This token opens the figures alone.",
    "NotFound": "There is none.",
    "NotAllowed": "Only GET and HEAD.",
    "TooOften": "Asked too often; `Retry-After` says when again, in seconds.",
    "Unavailable": "The terminal's daemon does not answer now.",
}
_BY_STATUS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "405": "NotAllowed",
    "429": "TooOften",
    "503": "Unavailable",
}


def _get(name: str, summary: str, schema: str, parameters: list[Json] | None = None) -> Schema:
    content: Json = {"application/json": {"schema": _ref("schemas", schema)}}
    errors: dict[str, Json] = {status: _ref("responses", error) for status, error in _BY_STATUS.items()}
    responses: Json = {"200": {"description": summary, "content": content}, **errors}
    return {
        "get": {"operationId": name, "summary": summary, "parameters": parameters or [], "responses": responses},
    }


def _query(name: str, schema: Schema, description: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": description}


def _error(description: str) -> Json:
    return {"description": description, "content": {"application/problem+json": {"schema": _ref("schemas", "Problem")}}}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": dict(fields)}


def _values(words: type[State] | type[Kind] | type[ClockQuality]) -> list[Json]:
    return [word.value for word in words]


_DELIVERY = _object(
    state={"type": "string", "enum": _values(State)},
    entry_ids=_list(TEXT),
    attempts=COUNT,
    last_error=_or_null(TEXT),
    held_because=_or_null(TEXT),
    held_code=_or_null(TEXT),
    retry_at=_or_null(MOMENT_AT),
    waits_for=_or_null(TEXT),
    via=_or_null(TEXT),
)
_PUNCH = _object(
    id=TEXT,
    username=_or_null(TEXT),
    kind=_or_null({"type": "string", "enum": _values(Kind)}),
    at=_or_null(MOMENT_AT),
    local=LOCAL,
    zone=TEXT,
    clock={"type": "string", "enum": _values(ClockQuality)},
    explicit=YES_NO,
    project=_or_null(TEXT),
    time_type=_or_null(TEXT),
    terminal=TEXT,
    reader=TEXT,
    badge=_or_null(TEXT),
    voided=YES_NO,
    delivery=_DELIVERY,
)
_STATUS = _object(
    terminal=TEXT,
    version=TEXT,
    clock=_object(synchronized=YES_NO, now_at=MOMENT_AT),
    tracker=_object(
        kind=TEXT,
        state={"type": "string", "enum": ["ok", "offline", "paused", "none"]},
        detail=_or_null(TEXT),
        needs_a_person=YES_NO,
        last_success_at=_or_null(MOMENT_AT),
        requests_last_minute=COUNT,
    ),
    outbox=_object(
        waiting=COUNT,
        open=COUNT,
        sending=COUNT,
        doubtful=COUNT,
        held=COUNT,
        delivered=COUNT,
        stranger=COUNT,
        oldest_waiting_at=_or_null(MOMENT_AT),
    ),
    punches=_object(total=COUNT, today=COUNT),
    present=_list(_object(username=TEXT, since_at=MOMENT_AT)),
    readers=_list(_object(kind=TEXT, name=TEXT, state=TEXT, detail=_or_null(TEXT))),
    panel=_object(oled=TEXT, lights=TEXT),
    panel_lost={"type": "object", "additionalProperties": _object(detail=TEXT)},
    disk=_object(free_bytes=COUNT, fault=_or_null(TEXT), damaged=_list(TEXT), unreadable=_list(TEXT)),
    zone=TEXT,
)
_WORK = _object(
    from_at=MOMENT_AT,
    from_local=LOCAL,
    to_at=_or_null(MOMENT_AT),
    to_local=_or_null(LOCAL),
    worked_s=COUNT,
    project=_or_null(TEXT),
    time_type=_or_null(TEXT),
    running=YES_NO,
    uncertain=YES_NO,
    held=YES_NO,
    ids=_list(TEXT),
)
_BREAK = _object(from_at=MOMENT_AT, from_local=LOCAL, to_at=MOMENT_AT, to_local=LOCAL, break_s=COUNT)
_MISSING = _object(what=TEXT, id=TEXT, kind=TEXT, at=MOMENT_AT, local=LOCAL, clock=TEXT, because=_or_null(TEXT))

SCHEMAS: dict[str, Json] = {
    "Status": _STATUS,
    "Punch": _PUNCH,
    "PunchPage": _object(punches=_list(_ref("schemas", "Punch")), next=_or_null(CURSOR)),
    "PunchStory": {
        "allOf": [
            _ref("schemas", "Punch"),
            _object(story=_list(_object(what=TEXT, at=MOMENT_AT))),
        ]
    },
    "People": _object(
        people=_list(
            _object(
                username=TEXT,
                name=TEXT,
                badges=COUNT,
                held=COUNT,
                last_at=_or_null(MOMENT_AT),
                last_local=_or_null(LOCAL),
            )
        )
    ),
    "Hours": _object(
        username=TEXT,
        name=TEXT,
        worked_s=COUNT,
        break_s=COUNT,
        days=_list(_object(day=DAY, worked_s=COUNT, break_s=COUNT, work=_list(_WORK), breaks=_list(_BREAK))),
        missing=_list(_MISSING),
    ),
    "HoursPage": _object(hours=_list(_ref("schemas", "Hours")), next=_or_null(CURSOR)),
    "Problem": _object(type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT),
}
