"""Environments: which there are, what each is made of, and where each value of an instance comes from."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gaia.console import drawing, estimates, sorting
from gaia.console.rendering import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from gaia.console.call import Call

_MOST_SERVICES = 200
COLUMNS = (
    sorting.Column("Instance", "name"),
    sorting.Column("Component"),
    sorting.Column("State"),
    sorting.Column("Looked at", "looked", descending=True, kind="end"),
)


def listed(call: Call) -> Response:
    """Stacks by tenant, found as one types; what each costs comes a moment later."""
    return page(call, "parts/stack_rows.html" if call.part else "environments.html", **_found(call))


def costs(call: Call) -> Response:
    """What each of these costs a month, as parts of their list; without script the list with them in it."""
    by_stack = call.listing.costs()
    by_tenant: dict[str, list[Mapping[str, Any]]] = {}
    for (tenant, _), documents in by_stack.items():
        by_tenant.setdefault(tenant, []).extend(documents)
    found = _found(call)
    found["costs"] = {stack: estimates.together(documents) for (_, stack), documents in by_stack.items()}
    found["sums"] = {tenant: estimates.together(documents) for tenant, documents in by_tenant.items()}
    return page(call, "parts/stack_costs.html" if call.part else "environments.html", **found)


def _found(call: Call) -> dict[str, Any]:
    text = call.asked("q").lower()
    found = [one for one in call.reading.stacks() if text in one["stack"].lower()]
    found.sort(key=lambda one: (one["tenant"], one["stage"], one["stack"]))
    drifted = Counter(one.stack for one in call.drifting.list(state="drifted"))
    return {
        "tenants": [
            (tenant, list(stacks)) for tenant, stacks in groupby(found[:_MOST_SERVICES], lambda one: one["tenant"])
        ],
        "text": text,
        "more": max(0, len(found) - _MOST_SERVICES),
        "drifted": drifted,
        "services": _numbers(call),
        "costs": None,
        "sums": None,
    }


def _numbers(call: Call) -> dict[str, int]:
    """How many services live in each stack."""
    return next(dict(one.values) for one in call.listing.facets({}).facets if one.name == "stack")


def one(call: Call) -> Response:
    """Its instances and who needs whom, its services."""
    stack = call.named("stack")
    reading = call.reading
    document: Any = reading.graph(stack)
    about = next(each for each in reading.stacks() if each["stack"] == stack)
    path = call.request.url.path
    looks = {each.instance: each for each in call.drifting.list(stack=stack)}
    order = sorting.asked(call.asked("sort"), COLUMNS, "name")
    own = sorted(
        (each for each in document["nodes"] if each["stack"] == stack),
        key=lambda each: (
            looks[each["id"]].looked_at if order.by == "looked" and each["id"] in looks else "",
            each["component"],
        ),
        reverse=order.descending,
    )
    tones = {key: "drifted" for key, each in looks.items() if each.state == "drifted"}
    services = call.listing.services(stack=stack, limit=_MOST_SERVICES)
    nodes = [
        drawing.Node(
            each["component"] if each["stack"] == stack else each["id"],
            each["folder"] or each["stack"],
            tones.get(each["id"]) or each["state"],
            f"{path}/instance?component={each['component']}" if each["stack"] == stack else "",
        )
        for each in document["nodes"]
    ]
    names = {each["id"]: node.name for each, node in zip(document["nodes"], nodes, strict=True)}
    lines = [(names[each["source"]], names[each["target"]]) for each in document["edges"] if not each["implied"]]
    return page(
        call,
        "environment.html",
        about=about,
        instances=own,
        headings=sorting.headings(COLUMNS, order, lambda way: f"{path}?sort={way}#h-inst"),
        too_many=len(nodes) > drawing.MOST,
        graph=drawing.drawn(nodes, lines, f"Who needs whom in {stack}"),
        services=services,
        looks=looks,
        drifted=len(tones),
        number=_numbers(call).get(stack, 0),
        cost=estimates.together([each for found in call.listing.costs(stack=stack).values() for each in found]),
    )


def instance(call: Call) -> Response:
    """Every value of an instance, and the line that set it."""
    described: Any = call.reading.described(call.named("stack"), call.asked("component"))
    text = call.asked("q").lower()
    values = [each for each in described["origins"] if text in f"{each['path']} {each['value']} {each['at']}".lower()]
    template = "parts/values.html" if call.part else "instance.html"
    return page(call, template, about=described, values=values, text=text)
