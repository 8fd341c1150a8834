"""What a checkout knows of drift beside a plan, and what a repair is limited to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.checkout.conftest import NET
from tests.unit.checkout.test_registered import served  # noqa: F401 - a fixture
from tests.unit.platform.loop import STACK
from tests.unit.platform.played import made, refused

from gaia.checkout.batch_model import Planned
from gaia.checkout.drift import Scanner, accepting, losses, targets
from gaia.errors import Conflict, Position, ToolFailed
from gaia.operations.drift.examining import failed
from gaia.operations.drift.model import Finding, Place
from gaia.terraform.plan import Plan

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground
    from tests.unit.checkout.test_registered import Served

    from gaia.checkout.checkout import Checkout
    from gaia.operations.drift.model import Kind

TODAY = date(2026, 11, 29)
KEY = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this"}
OUTPUT = {"expression": {"references": ["aws_kms_key.this.arn", "aws_kms_key.this"]}}
READS = "{metadata: {component: store}, vars: {bucket: b, key: !terraform.state net arn}}"


def drifted(**real: object) -> Plan:
    """A plan of a key that is not as the state says."""
    before = {"id": "k", "arn": "arn:k", "text": "shared"}
    change = {"actions": ["update"], "before": before, "after": {**before, **real}}
    configuration = {"root_module": {"outputs": {"arn": OUTPUT}}}
    document = {"format_version": "1.2", "resource_drift": [{**KEY, "change": change}], "resource_changes": []}
    return Plan.parse({**document, "configuration": configuration})


def with_reader(ground: Ground) -> Checkout:
    """Another instance reads the key's arn."""
    components = f"net: {{metadata: {{component: key}}, vars: {{text: shared}}}}, album: {READS}"
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{components}}}}}\n"})
    return ground.checkout()


def test_who_reads_what_has_drifted(ground: Ground) -> None:
    """By the outputs of the instance, in other instances."""
    checkout = with_reader(ground)
    [one] = Scanner(checkout, TODAY).judged(ground.instance(checkout), drifted(arn="arn:other")).findings
    assert [each.read_by for each in one.attributes] == [("output.arn", f"{STACK}/album")]


def test_what_another_instance_gives(ground: Ground) -> None:
    """A variable that takes an output in is known by that."""
    checkout = with_reader(ground)
    change = {"actions": ["update"], "before": {"key": "arn:old"}, "after": {"key": "arn:new"}}
    entry = {"address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "change": change}
    written = {"address": "aws_s3_bucket.this", "expressions": {"key": {"references": ["var.key"]}}}
    plan = {"format_version": "1.2", "resource_changes": [entry], "variables": {"key": {"value": "arn:new"}}}
    plan["configuration"] = {"root_module": {"resources": [written]}}
    [one] = Scanner(checkout, TODAY).judged(ground.instance(checkout, "album"), Plan.parse(plan)).findings
    assert (one.kind, one.title) == ("read from elsewhere", f"{NET} output arn")


def test_rules_are_read_where_they_stand(ground: Ground) -> None:
    """One that has expired is named by its line."""
    rule = '{resource: aws_kms_key, attribute: text, matching: "2026-*", until: "2026-01-01", reason: why}'
    ground.net(f"settings: {{gaia: {{drift: {{ignore: [{rule}]}}}}}}")
    checkout = ground.checkout()
    found = Scanner(checkout, TODAY).judged(ground.instance(checkout), drifted(text="other")).findings
    assert [one.kind for one in found] == ["changed outside", "ignore rule"]
    assert str(found[1].at).startswith("stacks/net.yaml:2:")


def test_a_plan_that_fails_is_no_scan(ground: Ground) -> None:
    """Its code and its reason are kept; who interrupts it ends all of it."""
    ground.world.breaks[NET] = refused("no credentials")
    checkout = ground.checkout()
    scan, seen = Scanner(checkout, TODAY).look(ground.instance(checkout))
    assert (scan.status, scan.code, seen) == ("not checked", "terraform-failed", None)
    assert "no credentials" in scan.reason
    ground.world.breaks[NET] = Conflict("interrupted", "now", next_step="Resume.")
    with pytest.raises(Conflict, match="now"):
        Scanner(checkout, TODAY).look(ground.instance(checkout))


def test_what_was_never_applied_and_reads_such_a_thing_is_not_applied(ground: Ground) -> None:
    """Nobody failed to look: there is nothing yet. Where it was made before, it could not be checked."""
    checkout = with_reader(ground)
    album = ground.instance(checkout, "album")
    scanner = Scanner(checkout, TODAY)
    for scan in (scanner.look(album)[0], scanner.of(Planned(album, waits="!terraform.state net arn has no value"))):
        [one] = scan.findings
        assert (scan.status, one.kind, one.title) == ("drift", "not applied", album.component_path)
        assert one.reason == "it was never applied, and neither was something that it reads"
        assert [(place.instance, place.address, place.would) for place in one.places] == [
            (f"{STACK}/album", "", "create")
        ]
        assert scan.findings == scanner.look(album)[0].findings
    made(ground.world, f"{STACK}/album", {"key": "arn:k"})
    scan, _ = Scanner(with_reader(ground), TODAY).look(album)
    assert (scan.status, scan.code) == ("not checked", "output-missing")


def test_a_place_is_said_once() -> None:
    """Terraform's own words name it already."""
    at = Position("stacks/dev.yaml", 4)
    twice = failed("dev/a", ToolFailed("terraform-failed", f"it failed (at {at}): no", next_step="Repair it.", at=at))
    assert twice.reason == f"it failed (at {at}): no"
    assert failed("dev/a", Conflict("c", "no", next_step="Repair it.", at=at)).reason == f"{at}: no"


def kinds(served: Served) -> list[Kind]:  # noqa: F811 - the fixture's class
    """What is found of `net`, whose state was changed to say something else than the code."""
    checkout = served.checkout
    made(served.ground.world, NET, {"text": "before"})
    return [one.kind for one in Scanner(checkout, TODAY).look(served.ground.instance(checkout))[0].findings]


def test_the_code_is_known_to_be_that_of_the_last_apply(served: Served) -> None:  # noqa: F811 - the fixture
    """Where an apply of this commit is written down: then it is not the code that waits. A destruction says nothing."""
    assert kinds(served) == ["not applied"]
    served.change()
    assert kinds(served) == ["read from elsewhere"]
    served.commit = "d" * 40
    served.change()
    assert kinds(served) == ["not applied"]
    served.commit = "c" * 40
    served.change(destroy=True)
    assert kinds(served) == ["not applied"]


# --- repairs -------------------------------------------------------------------------------------------------------


def finding(kind: Kind, *places: str, repair: Any = "", would: str = "update") -> Finding:
    """One with these addresses."""
    return Finding(
        kind, (kind, *places), "x", tuple(Place("s/c", each, "changed", would) for each in places), (), repair
    )


def test_a_repair_needs_no_limits_where_nothing_else_would_be_done() -> None:
    """All that the plan does is to put things back."""
    assert targets([finding("changed outside", "a.b", repair="update"), finding("provider's own", "c.d")]) is None


def test_a_repair_is_limited_to_what_it_puts_back() -> None:
    """Where the code waits, or data have moved; with what follows, without outputs and what is only read."""
    found = [
        finding("changed outside", "a.b", "output.x", repair="update"),
        finding("gone", "c.d", "a.b", repair="create"),
        finding("changed outside", "e.f"),
        finding("not applied", "g.h"),
    ]
    assert targets(found) == ("a.b", "c.d")
    assert targets([finding("not applied", "g.h")]) == ()
    assert targets([]) == ()


def test_what_a_plan_loses() -> None:
    """Things with data in them, replaced or deleted."""

    def entry(kind: str, *actions: str) -> dict[str, object]:
        return {"address": f"{kind}.this", "mode": "managed", "type": kind, "change": {"actions": list(actions)}}

    changes = [
        entry("aws_db_instance", "delete", "create"),
        entry("aws_s3_bucket", "delete"),
        entry("aws_kms_key", "update"),
        entry("aws_iam_role", "delete"),
    ]
    plan = Plan.parse({"format_version": "1.2", "resource_changes": changes})
    assert losses(plan) == ("aws_db_instance.this", "aws_s3_bucket.this")


def test_accepting_is_written_down_as_that(served: Served) -> None:  # noqa: F811 - the fixture
    """Where the repository is registered, the audit log says accepted, not applied."""
    served.change()
    checkout = served.checkout
    change = accepting(checkout, served.ground.instance(checkout))
    seen = change.plan(read=True)
    change.apply(seen, lambda *_: None)
    assert served.loop.audited(NET)[2:] == ["instance.accepting", "instance.accepted"]
