"""Enrolling by tapping: the terminal waits for the badge while this page shows that it does."""

from collections.abc import AsyncGenerator

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from clockd.errors import ClockdError, UsageError
from clockd.web.live import Enrolling
from clockd.web.parts import Parts
from clockd.web.visit import ADMINS, Visit, changing, go, page


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/people/enrol", changing(parts, _begin), methods=["POST"]),
        Route("/people/enrol/{key}", page(parts, _wait, ADMINS), methods=["GET"]),
        Route("/people/enrol/{key}/live", page(parts, _live, ADMINS)),
        Route("/people/enrol/{key}/stop", changing(parts, _stop), methods=["POST"]),
    ]


async def _begin(visit: Visit) -> Response:
    username, name = visit.text("username"), visit.text("name")
    if not username:
        raise UsageError("no username", hint=visit.speech.t.punches.username_hint)
    key = visit.parts.enrolments.begin(visit.session.account.name, username, name)
    return go(f"/people/enrol/{key}")


def _found(visit: Visit) -> Enrolling | None:
    return visit.parts.enrolments.find(visit.request.path_params["key"], visit.session.account.name)


async def _wait(visit: Visit) -> Response:
    """Show that the terminal waits; when it is over, say how it ended and go back."""
    job = _found(visit)
    if job is None:
        return go("/people")
    if job.waits:
        return visit.page("enrol.html", job=job, key=visit.request.path_params["key"])
    _say(visit, job)
    visit.parts.names.forget()
    return go("/people")


def _say(visit: Visit, job: Enrolling) -> None:
    t = visit.speech.t.people
    assert job.task is not None
    if job.task.cancelled():
        visit.note(t.not_enrolled, failed=True)
        return
    error = job.task.exception()
    if isinstance(error, ClockdError):
        visit.note(f"{t.not_enrolled} {visit.speech.error(error)}", failed=True)
        return
    done = job.task.result()
    told = [t.enrolled.format(name=done["name"], tail=done["tail"])]
    if done["taken_from"]:
        told.append(t.taken_from.format(name=done["taken_from"]))
    for key, words in (("punches_given", t.given_along), ("punches_left_held", t.left_held)):
        if done[key]:
            told.append(words.format(count=done[key]))
    visit.note(" ".join(told))


async def _live(visit: Visit) -> Response:
    """Tell the page when it is over."""
    job, key = _found(visit), visit.request.path_params["key"]

    async def wait() -> AsyncGenerator[str]:
        if job is not None:
            await job.over.wait()
        yield f"event: leave\ndata: /people/enrol/{key}\n\n"

    return StreamingResponse(wait(), media_type="text/event-stream")


async def _stop(visit: Visit) -> Response:
    if (job := _found(visit)) is not None:
        visit.parts.enrolments.stop(visit.request.path_params["key"])
        await job.over.wait()
    return go(f"/people/enrol/{visit.request.path_params['key']}")
