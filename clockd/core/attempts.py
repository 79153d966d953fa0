"""What is kept for people of a write and of its answer: no header is in it, so no credential."""

import json

from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request


def as_sent(request: Request) -> str:
    """Return method, address and body of a request, as `POST /attendances {"user":"ada"}`."""
    query = "&".join(f"{name}={value}" for name, value in request.query)
    address = f"{request.path}?{query}" if query else request.path
    body = "" if request.body is None else f" {json.dumps(request.body, ensure_ascii=False, separators=(',', ':'))}"
    return f"{request.method} {address}{body}"


def as_answered(exchange: Exchange) -> tuple[int | None, str] | None:
    """Return the status of a reply and its words; no status where none came, and None where the request never left."""
    match exchange:
        case Reply(status=status, body=body):
            return status, " ".join(body.decode(errors="replace").split())
        case NoAnswer(why=why):
            return None, why
        case NotSent():
            return None
