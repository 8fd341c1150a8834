"""What `gitops.yaml` says of numbers, and `release.yaml` of how a version gets its traffic."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.gitops.fields import shown
from gaia.gitops.progressive.model import Check, Numbers, Progressive

if TYPE_CHECKING:
    from gaia.gitops.fields import Fields

_METRIC = re.compile(r"[a-z][a-z0-9]{0,20}(_[a-z0-9]{1,20}){0,3}")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._/-]{0,200})?")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_LONGEST_QUERY = 4000
"""Characters."""
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[^{}]*?)\s*\}\}")
_PLACEHOLDERS = ("name", "namespace", "target", "service", "ingress", "route", "interval")
"""What Flagger fills in (https://docs.flagger.app/usage/metrics#custom-metrics)."""
_MOST_STEPS, _MOST_LOOKS, _MOST_CHECKS = 20, 100, 20


def numbers_of(fields: Fields) -> Numbers:
    """`progressive` of `gitops.yaml`."""
    fields.only("prometheus", "metrics")
    below = fields.below("metrics")
    if below is None or not below.held:
        raise fields.wrong("metrics" if below else "", "there are no metrics", "Name a query: `success_rate: …`.")
    return Numbers(
        fields.text("prometheus", form=_ADDRESS, as_in="http://prometheus.monitoring:9090"),
        {name: _query(below, name) for name in below.held},
    )


def _query(fields: Fields, name: str) -> str:
    if not _METRIC.fullmatch(name):
        raise fields.wrong(name, f"a metric is called {shown(name)}", "Use lower-case words with _ between them.")
    value = fields.held[name]
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_QUERY:
        raise fields.wrong(name, f"{name} is no query", "Write PromQL that gives one number.")
    for found in _PLACEHOLDER.finditer(value):
        if found["name"] not in _PLACEHOLDERS:
            known = ", ".join(_PLACEHOLDERS)
            raise fields.wrong(name, f"{name} has {shown(found[0])}, which nobody fills in", f"Known are {known}.")
    return " ".join(value.split())


def progressive_of(fields: Fields, numbers: Numbers | None, *, routed: bool) -> Progressive:
    """`progressive` of a `release.yaml`; `routed`: whether a gateway leads to the service."""
    fields.only("steps", "looks", "headers", "interval_seconds", "failures", "checks")
    if numbers is None:
        raise fields.wrong("", "the GitOps repository names no metrics", "Add `progressive` to its gitops.yaml.")
    checks = _checks(fields, numbers)
    stepped, headers = "steps" in fields.held, _headers(fields)
    if stepped == ("looks" in fields.held):
        raise fields.wrong(
            "", "it has steps and looks, or neither", "Write `steps: [5, 20, 50]` of the traffic, or `looks: 10`."
        )
    if stepped and headers:
        raise fields.wrong("headers", "steps and headers do not go together", "Write looks instead of steps.")
    if (stepped or headers) and not routed:
        what = "steps" if stepped else "headers"
        raise fields.wrong(what, f"nothing divides the traffic for {what}", "Add a route, or write `looks` alone.")
    return Progressive(
        strategy="canary" if stepped else "a/b" if headers else "blue/green",
        steps=_steps(fields) if stepped else (),
        looks=0 if stepped else fields.number("looks", None, 1, _MOST_LOOKS),
        interval=fields.number("interval_seconds", 60, 10, 3600),
        failures=fields.number("failures", 3, 1, _MOST_LOOKS),
        checks=checks,
        headers=headers,
    )


def _checks(fields: Fields, numbers: Numbers) -> tuple[Check, ...]:
    below = fields.below("checks")
    if below is None or not below.held:
        known = ", ".join(numbers.queries)
        raise fields.wrong("", "it has no checks: nothing would be found out", f"Name a bound of one of: {known}.")
    if len(below.held) > _MOST_CHECKS:
        raise fields.wrong("checks", f"there are {len(below.held)} checks", f"Keep them to {_MOST_CHECKS}.")
    return tuple(_check(below, name, numbers) for name in below.held)


def _check(fields: Fields, name: str, numbers: Numbers) -> Check:
    if name not in numbers.queries:
        known = ", ".join(numbers.queries)
        raise fields.wrong(name, f"there is no metric {shown(name)}", f"The GitOps repository has: {known}.")
    bounds = fields.of_value(fields.held[name], (*fields.path, name))
    bounds.only("min", "max")
    least, most = (_bound(bounds, which) for which in ("min", "max"))
    if least is None and most is None:
        raise bounds.wrong("", f"{name} has no bound", "Write min, max or both.")
    if least is not None and most is not None and least > most:
        raise bounds.wrong("max", "max is below min", "No number is between them.")
    return Check(name, numbers.queries[name], least, most)


def _bound(bounds: Fields, name: str) -> float | None:
    value = bounds.held.get(name)
    if value is None and name not in bounds.held:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise bounds.wrong(name, f"{name} is {shown(value)}", "Write a number.")
    return value


def _steps(fields: Fields) -> tuple[int, ...]:
    found = fields.list("steps")
    numbers = [one for one in found if isinstance(one, int) and not isinstance(one, bool) and 0 < one < 100]
    if not 0 < len(found) <= _MOST_STEPS or len(numbers) < len(found) or sorted(set(numbers)) != numbers:
        step = f"Write at most {_MOST_STEPS} growing percentages from 1 to 99, as in `steps: [5, 20, 50]`."
        raise fields.wrong("steps", f"steps is {shown(list(found))}", step)
    return tuple(numbers)


def _headers(fields: Fields) -> dict[str, str]:
    below = fields.below("headers")
    if below is None:
        return {}
    for name in below.held:
        if not _HEADER.fullmatch(name):
            raise below.wrong(name, f"a header is called {shown(name)}", "Write it as in `X-Early: always`.")
    return {name: below.text(name, as_in="always") for name in below.held}
