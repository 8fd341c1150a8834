"""What reads what, from the `configuration` of a plan."""

from __future__ import annotations

from typing import Any

from gaia.operations.drift.references import Configuration, Sources, relevant


def refers(*names: str) -> dict[str, Any]:
    """An expression."""
    return {"references": list(names)}


def resource(address: str, **expressions: Any) -> dict[str, Any]:
    """One of a module."""
    outside = ("for_each_expression", "depends_on")
    loops: dict[str, Any] = {name: expressions.pop(name) for name in outside if name in expressions}
    return {"address": address, "expressions": expressions, **loops}


INNER = {
    "resources": [resource("aws_x.in", name=refers("var.name"), other=refers("var.rest"))],
    "outputs": {"made": {"expression": refers("aws_x.in.id", "aws_x.in")}},
}
ROOT = {
    "resources": [
        resource("aws_a.this", name={"constant_value": 1}),
        resource("aws_b.this", name=refers('aws_a.this["k"].arn', 'aws_a.this["k"]', "aws_a.this"), x=refers("var.v")),
        resource("aws_c.this", rule=[{"cidr": refers("local.all")}, {"to": refers("aws_a.this")}]),
        resource("aws_d.this", name=refers("each.value"), for_each_expression=refers("data.aws_z.all.ids")),
        resource("aws_e.this", name=refers("module.inner.made", "module.inner"), depends_on=["aws_b.this"]),
    ],
    "module_calls": {
        "inner": {"expressions": {"name": refers("aws_a.this.name"), "rest": refers("var.v")}, "module": INNER}
    },
    "outputs": {"all": {"expression": refers("aws_a.this.arn", "aws_a.this")}, "via": {"expression": refers("var.v")}},
}
CONFIGURATION = Configuration({"configuration": {"root_module": ROOT}})


def test_what_an_expression_reads() -> None:
    """The most exact of what terraform lists, keys left out; blocks are gone through."""
    of = CONFIGURATION.sources
    assert of("aws_a.this") == Sources()
    assert of('aws_b.this["k"]') == Sources(frozenset({("aws_a.this", "arn")}), frozenset({"v"}))
    assert of("aws_b.this", frozenset({"x"})) == Sources(variables=frozenset({"v"}))
    assert of("aws_c.this") == Sources(frozenset({("aws_a.this", "")}), by_local=True)
    assert of("aws_d.this") == Sources(frozenset({("data.aws_z.all", "ids")}))
    assert CONFIGURATION.loop_sources("aws_d.this") == of("aws_d.this")
    assert of("nowhere.at_all") == Sources()


def test_through_modules() -> None:
    """A variable of a module is what its caller gives, an output what the module makes."""
    assert CONFIGURATION.sources("module.inner.aws_x.in") == Sources(
        frozenset({("aws_a.this", "name")}), frozenset({"v"})
    )
    assert CONFIGURATION.sources("aws_e.this").addresses == {"module.inner.aws_x.in", "aws_b.this"}
    assert CONFIGURATION.output_sources("via") == Sources(variables=frozenset({"v"}))


def test_who_reads_an_attribute() -> None:
    """Those that read the whole resource read each of it."""
    assert CONFIGURATION.readers("aws_a.this", "arn") == ("aws_b.this", "aws_c.this", "output.all")
    assert CONFIGURATION.readers('aws_a.this["k"]', "name") == ("aws_c.this", "module.inner.aws_x.in")


def test_what_terraform_calls_relevant() -> None:
    """By address without keys and the first step of the path."""
    entries = [{"resource": "data.aws_z.all[0]", "attribute": ["ids", 0]}, {"resource": "aws_a.this", "attribute": []}]
    assert relevant({"relevant_attributes": entries}) == {("data.aws_z.all", "ids"), ("aws_a.this", "")}
    assert relevant({}) == frozenset()


def test_a_circle_ends() -> None:
    """A broken document is no reason to hang."""
    call = {
        "expressions": {"x": refers("module.m.out")},
        "module": {"outputs": {"out": {"expression": refers("var.x")}}},
    }
    root = {"resources": [resource("a.b", name=refers("module.m.out"))], "module_calls": {"m": call}}
    assert Configuration({"configuration": {"root_module": root}}).sources("a.b") == Sources()
