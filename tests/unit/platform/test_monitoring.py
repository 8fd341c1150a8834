"""What is shipped to watch over Gaia itself asks for figures that Gaia has."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.conftest import ROOT

from gaia.platform.serving.chores import CHORES
from gaia.platform.views.measures import Measures

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "deploy/monitoring"
NAMED = re.compile(r"\b(?:gaia|process|python)_[a-z_]+\b")
LABELS = re.compile(r"\b(gaia_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([a-z_, ]+)\)")
OF_EVERY_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Of prometheus-client's own collector."""
OF_PROMETHEUS = {"job", "instance", "le"}


def exported() -> dict[str, set[str]]:
    """Names of samples and their labels, by the collectors of a process."""
    registry = Measures().registry
    return {
        name: set(getattr(collector, "_labelnames", ()))
        for collector, names in registry._collector_to_names.items()
        for name in names
    }


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    [group] = yaml.safe_load((FOLDER / "rules.yaml").read_text("utf-8"))["groups"]
    return list(group["rules"])


def dashboard() -> dict[str, Any]:
    """What Grafana is given."""
    return dict(json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8")))


def expressions() -> Iterator[str]:
    """All that is asked of Prometheus."""
    yield from (rule["expr"] for rule in rules())
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_what_is_asked_for_is_exported(expression: str) -> None:
    """Each figure, and each label that it is chosen or grouped by."""
    there = exported()
    named = set(NAMED.findall(expression))
    assert named <= there.keys() | OF_EVERY_PROCESS
    for name, labels in LABELS.findall(expression):
        chosen = {one.split("=")[0].split("!")[0].strip() for one in re.sub(r'"[^"]*"', "", labels).split(",")}
        assert chosen - {""} <= there[name] | OF_PROMETHEUS, name
    grouped = {one.strip() for words in GROUPED.findall(expression) for one in words.split(",")}
    labels = {label for name in named for label in there.get(name, ())}
    assert grouped <= labels | OF_PROMETHEUS


_SERIES = r"_(bucket|count|sum|created|info)$"


def test_every_figure_of_gaias_is_shown_or_watched() -> None:
    """What nobody looks at need not be exported. Of a histogram one of its series is enough."""
    asked = " ".join(expressions()) + json.dumps(dashboard())
    families = {name.removesuffix("_total") for name in exported() if name.startswith("gaia_")}
    own = {re.sub(_SERIES, "", name) for name in families}
    assert own - {re.sub(_SERIES, "", name.removesuffix("_total")) for name in NAMED.findall(asked)} == set()


def test_every_chore_has_a_limit() -> None:
    """A new one is watched too, and longer than it may take."""
    [late] = [rule["expr"] for rule in rules() if rule["alert"] == "GaiaChoreLate"]
    limits = dict(re.findall(r'chore="([a-z-]+)"\}\) > (\d+)', late))
    assert limits.keys() == {chore.name for chore in CHORES}
    assert all(int(limits[chore.name]) > 2 * chore.every.total_seconds() for chore in CHORES)


def test_every_alert_says_what_to_do() -> None:
    """In words, and how bad it is."""
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "action"}
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_panels_have_places_of_their_own() -> None:
    """No two of them in one, none beyond the width, each with a title and what it is counted in."""
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
        assert panel["title"]
        assert panel["type"] == "row" or panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.slow
def test_prometheus_itself_finds_the_rules_right() -> None:
    """`promtool` reads them, runs their tests, and reads the dashboard's expressions as rules."""
    promtool = shutil.which("promtool", path=f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if promtool is None:
        pytest.skip("optional: promtool is not installed (`make tools`)")
    for words in (["check", "rules", "--lint-fatal", "rules.yaml"], ["test", "rules", "rules-test.yaml"]):
        done = subprocess.run([promtool, *words], cwd=FOLDER, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
