"""The alert rules and the dashboard ask for figures that there are."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig
from tests.watch.process import Page
from tests.watch.test_metrics import delivered, figures

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 1, "readers": ["desk"], "panel": True}
DEPLOY = Path(__file__).parents[2] / "deploy"
RULES, DASHBOARD = DEPLOY / "alerts.rules.yml", DEPLOY / "grafana.json"
DURATION = re.compile(r"[1-9][0-9]*[smhd]")
SELECTED = re.compile(r"(clockd_\w+)(?:\{([^}]*)\})?")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def questions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


def unanswered(question: str, series: set[str]) -> list[str]:
    """Return what a question asks for and nobody exposes: a name, a label, or a value that one has to have.

    Args:
        question: in PromQL.
        series: each as `figures` names it.
    """
    missing = []
    for name, labels in SELECTED.findall(question):
        wanted = re.findall(r'(\w+)(=~?)"([^"]*)"', labels)
        fits = [
            one
            for one in (set(each.split("|")) for each in series)
            if name in one
            and all(
                any(re.fullmatch(f"{key}={value if how == '=~' else re.escape(value)}", part) for part in one)
                for key, how, value in wanted
                if key not in ("instance", "job")
            )
        ]
        if not fits:
            missing.append(f"{name}{{{labels}}}")
    return missing


async def test_each_figure_that_is_asked_for_is_exposed(
    rig: Rig, page: Page, token: str, clockd: Command, tmp_path: Path
) -> None:
    rig.desk.terminal.tap(uid_of(0).hex)
    await until(lambda: delivered(rig))
    config = str(rig.daemon.config)
    assert (await clockd("backup", tmp_path / "clockd.backup", "--config", config)).code == 0
    series = set(figures((await asyncio.to_thread(page.get, "/metrics", token)).text))
    asked = list(questions())
    assert len(asked) > 20
    assert [wrong for question in asked for wrong in unanswered(question, series)] == []
    for wrong in ("clockd_punch_total", 'clockd_outbox_punches{state="lost"}', 'clockd_reader_up{name="x"}'):
        assert unanswered(wrong, series), "control: what nobody exposes is seen"


async def test_the_rules_are_whole() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 7
    for rule in rules():
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}, rule["alert"]
        assert DURATION.fullmatch(rule.get("for", "1m"))
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert "{{ $labels.instance }}" in rule["annotations"]["summary"]
        for opening, closing in ("()", "{}", "[]"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing)


async def test_the_dashboard_is_whole() -> None:
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    taken = set[tuple[int, int]]()
    for panel in found:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
        assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
        assert all('instance=~"$terminal"' in target["expr"] for target in panel["targets"])
    assert [one["name"] for one in json.loads(DASHBOARD.read_text())["templating"]["list"]] == ["source", "terminal"]
