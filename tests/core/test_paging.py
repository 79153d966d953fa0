"""Paging with keys: what each key shows, what a badge would confirm, and in which order projects come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.model import Project
from clockd.core.paging import Paging, projects_to_page

WEB, SHOP = Project("Acme", "Web"), Project("Acme", "Shop")
BOLTS_WEB = Project("Bolts", "Web")
INTERNAL = Project("", "Internal")


def press(keys: str, options: tuple[str, ...] = ("a", "b", "c")) -> Paging[str]:
    """Play `+` and `-` for the keys."""
    paging = Paging(options)
    for key in keys:
        paging = paging.pressed(later=key == "+")
    return paging


@pytest.mark.parametrize(
    ("keys", "chosen", "number"),
    [
        ("", None, 0),
        ("+", "a", 1),
        ("++", "b", 2),
        ("-", "c", 3),
        ("+-", "c", 3),
        ("++++", "a", 1),
        ("--+", "c", 3),
    ],
)
def test_keys_choose(keys: str, chosen: str | None, number: int) -> None:
    assert (press(keys).chosen, press(keys).number) == (chosen, number)


def test_without_options_nothing_can_be_chosen() -> None:
    assert press("+-+", ()).chosen is None


@pytest.mark.parametrize(
    ("seen", "recent", "running", "offered"),
    [
        pytest.param((), (), None, (), id="none"),
        pytest.param((), (WEB,), None, (), id="none that the tracker still has"),
        pytest.param((WEB, INTERNAL, SHOP), (), None, (INTERNAL, SHOP, WEB), id="by client and name"),
        pytest.param((BOLTS_WEB, WEB), (), None, (WEB, BOLTS_WEB), id="one name, two clients"),
        pytest.param((WEB, WEB), (WEB, WEB), None, (WEB,), id="each once"),
        pytest.param((WEB, SHOP, BOLTS_WEB), (BOLTS_WEB, WEB), None, (BOLTS_WEB, WEB, SHOP), id="lately first"),
        pytest.param((WEB, SHOP, BOLTS_WEB), (SHOP, WEB), SHOP, (WEB, BOLTS_WEB, SHOP), id="the running one last"),
        pytest.param((WEB,), (WEB,), WEB, (WEB,), id="only the running one"),
        pytest.param((WEB,), (), SHOP, (WEB,), id="running, and gone from the tracker"),
    ],
)
def test_the_order_of_projects(
    seen: tuple[Project, ...], recent: tuple[Project, ...], running: Project | None, offered: tuple[Project, ...]
) -> None:
    assert projects_to_page(seen, recent, running) == offered


some = st.lists(st.sampled_from([WEB, SHOP, BOLTS_WEB, INTERNAL]))


@given(seen=some, recent=some, running=st.sampled_from([None, WEB, SHOP]))
def test_each_project_that_the_tracker_has_is_offered_once(
    seen: list[Project], recent: list[Project], running: Project | None
) -> None:
    offered = projects_to_page(seen, recent, running)
    assert sorted(map(str, offered)) == sorted({str(each) for each in seen})
