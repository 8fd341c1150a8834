"""The `infracost` program as what prices, where one is configured (`GAIA_INFRACOST`).

Version 0.10 alone takes a plan and answers in the format of this room. Version 2 is another program of that name: it
takes folders of code, wants a login and has another JSON.
"""

from __future__ import annotations

import json
import re
import tempfile
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.cost.priced import SENSITIVE
from gaia.cost.usage import expected
from gaia.errors import ToolFailed, Unavailable
from gaia.kit.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.kit.process import Completed

TIME_LIMIT = 300.0
"""Seconds; it asks a server for each price."""
PASSED_ON = "INFRACOST_"
"""What variables that it reads begin with: the key and the place of its prices among them."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.\d+")
_FIGURES = (
    "hourlyQuantity", "monthlyQuantity", "price", "hourlyCost", "monthlyCost", "monthlyUsageCost",
    "totalHourlyCost", "totalMonthlyCost", "totalMonthlyUsageCost",
)  # fmt: skip
_TELLING = 3
"""Characters of a text that tells something; less is in every word."""
_INSTEAD = "Give the path of an infracost 0.10, or take GAIA_INFRACOST away to price with Gaia's own engine."


class Infracost:
    """`Estimator` on `infracost breakdown`. `environ` is the whole environment of the program."""

    name = "infracost"

    def __init__(self, program: Path, *, environ: Mapping[str, str]) -> None:
        self._program = program
        self._environ = {**environ, "INFRACOST_SKIP_UPDATE_CHECK": "true"}

    def estimate(
        self,
        plan: Mapping[str, Any],
        *,
        usage: Mapping[str, Any],
        project: str,
        region_default: str,
        parity: bool = False,
    ) -> dict[str, Any]:
        """See `Estimator`. It chooses the region of a plan that says none itself, and prices what it prices."""
        del region_default, parity
        self._check_version()
        # The plan holds secrets: the folder is its owner's alone, and goes.
        with tempfile.TemporaryDirectory(prefix="gaia-infracost-") as scratch:
            folder = Path(scratch)
            (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
            line = ["breakdown", "--path", "plan.json", "--format", "json", "--no-color", "--log-level", "error"]
            if usage:
                (folder / "usage.yml").write_text(json.dumps({"version": "0.1", **expected(usage)}), "utf-8")
                line += ["--usage-file", "usage.yml"]
            done = self._run([*line, "--out-file", "cost.json"], folder)
            if done.returncode:
                raise ToolFailed(
                    "infracost-failed",
                    f"infracost ended with status {done.returncode}: {_last(done)}",
                    next_step=f"Repair what it complains of. {_INSTEAD}",
                    facts={"stderr": done.stderr[-2000:]},
                )
            return concealed(_document(folder / "cost.json", project), plan)

    def _check_version(self) -> None:
        """Raise `Unavailable("infracost-version")` for every other version."""
        said = self._version
        if said[:2] == (0, 10):
            return
        why = "takes folders of code instead of plans, and has another JSON" if said[0] > 1 else "is not known here"
        raise Unavailable(
            "infracost-version",
            f"GAIA_INFRACOST is infracost {'.'.join(map(str, said))}, which {why}; nothing was priced",
            next_step=_INSTEAD,
        )

    @cached_property
    def _version(self) -> tuple[int, int]:
        done = self._run(["--version"], Path.cwd())
        said = _VERSION.search(done.stdout)
        if done.returncode or not said:
            raise Unavailable(
                "infracost-version",
                f"GAIA_INFRACOST does not say which version of infracost it is: {_last(done)}",
                next_step=_INSTEAD,
            )
        return int(said[1]), int(said[2])

    def _run(self, arguments: list[str], folder: Path) -> Completed:
        return run([self._program, *arguments], cwd=folder, env=self._environ, timeout=TIME_LIMIT)


def _last(done: Completed) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1][:300] if lines else "it said nothing"


def _document(path: Path, project: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        found = None
    projects = found.get("projects") if isinstance(found, dict) else None
    if not isinstance(found, dict) or found.get("version") != "0.2" or not isinstance(projects, list) or not projects:
        raise ToolFailed(
            "infracost-unreadable",
            "what infracost wrote is not its JSON of version 0.2; nothing was priced",
            next_step=_INSTEAD,
        )
    _check(found)
    metadata = projects[0].get("metadata") or {}
    return {**found, "projects": [{**projects[0], "name": project, "displayName": project, "metadata": metadata}]}


def concealed(document: dict[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the texts that must not be shown: it is made from a plan by who does not know which."""
    changes = [item.get("change") or {} for item in plan.get("resource_changes") or ()]
    secrets = {
        text
        for change in changes
        for side in ("before", "after")
        for text in _secrets(change.get(side), change.get(f"{side}_sensitive"))
    }
    longest = sorted((one for one in secrets if len(one) >= _TELLING), key=len, reverse=True)
    if not longest:
        return document
    pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)

    def shown(node: Any, name: str = "") -> Any:  # noqa: ANN401 - the content of a JSON file
        if isinstance(node, dict):
            return {key: shown(value, key) for key, value in node.items()}
        if isinstance(node, list):
            return [shown(one) for one in node]
        return pattern.sub(SENSITIVE, node) if isinstance(node, str) and name not in _FIGURES else node

    return {**document, "projects": shown(document["projects"])}


def _secrets(value: object, mask: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, mask.get(key) if isinstance(mask, dict) else mask)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            within = isinstance(mask, list) and number < len(mask)
            yield from _secrets(inner, mask[number] if within else mask is True)  # type: ignore[index, unused-ignore]
    elif mask is True and isinstance(value, str):
        yield value


def _check(found: Mapping[str, Any]) -> None:
    """Refuse an answer whose figures are none: they would be taken for amounts."""
    from gaia.cost.summary import summary

    try:
        figures = summary(found)
        odd = any(
            not amount.is_finite() for amount in (figures.monthly, figures.past_monthly, figures.diff_monthly) if amount
        ) or not all(_has_figures(node) for node in _nodes(found["projects"]))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        odd = True
    if odd:
        raise ToolFailed(
            "infracost-unreadable",
            "what infracost wrote has figures that are none; nothing was priced",
            next_step=_INSTEAD,
        )


def _nodes(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from _nodes(inner)


def _has_figures(node: Mapping[str, Any]) -> bool:
    said = [node.get(name) for name in _FIGURES]
    return all(one is None or Decimal(one).is_finite() for one in said)
