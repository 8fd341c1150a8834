"""The platform's own instances in the blueprint: catalogs, layers, mixins and workflows agree with the code."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.checkout.selection import Selection, instances_meant
from gaia.graph import Edge, graph, order
from gaia.kit.hcl import Component, read_component
from gaia.stacks.model import InstanceKey
from gaia.stacks.repository import Repository
from gaia.stacks.workflows.reading import Workflows

if TYPE_CHECKING:
    from gaia.stacks.model import Instance

ROOT = Path(__file__).resolve().parents[3] / "blueprint"
COMPONENTS = sorted(path.parent.name for path in (ROOT / "components/terraform").glob("*/variables.tf"))
STAGES = ("dev", "staging", "prod")


@cache
def repository() -> Repository:
    """The blueprint."""
    return Repository.open(ROOT)


@cache
def instances() -> tuple[Instance, ...]:
    """All of its instances."""
    return tuple(repository().instance(key.component, key.stack) for key in repository().instances)


@cache
def needs() -> dict[InstanceKey, list[Edge]]:
    """What each instance needs."""
    made = graph(instances())
    return {key: [edge for target in made[key] for edge in made.edges[key, target]["edges"]] for key in made}


@cache
def code(component: str) -> Component:
    """What a component declares."""
    return read_component(ROOT / "components/terraform" / component)


def one(component: str, stack: str) -> Instance:
    """An instance."""
    return repository().instance(component, stack)


def test_every_component_has_a_catalog() -> None:
    """Of its name, with an abstract component of its name; and each is used by an instance."""
    catalogs = {path.stem for path in (ROOT / "stacks/catalog").glob("*.yaml")}
    assert catalogs == set(COMPONENTS)
    for name in COMPONENTS:
        abstract = one(name, "acme-use1-dev")
        assert (abstract.abstract, abstract.component_path) == (True, name)
    assert {each.component_path for each in instances()} == set(COMPONENTS)


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_var_of_a_catalog_is_a_variable(name: str) -> None:
    """Also those that mixins add: terraform warns of others, and ignores them."""
    variables = code(name).variables
    for stack in repository().stacks:
        assert set(one(name, stack).vars) - set(variables) == set()


@pytest.mark.parametrize("name", COMPONENTS)
def test_instances_give_what_the_code_asks_for(name: str) -> None:
    """Every variable without a default, and none that is not there."""
    variables = code(name).variables
    required = {variable.name for variable in variables.values() if not variable.has_default}
    for instance in instances():
        if instance.component_path == name:
            assert required - set(instance.vars) == set(), instance.key
            assert set(instance.vars) - set(variables) == set(), instance.key


def test_references_read_what_is_given_and_are_declared() -> None:
    """Each names an output of the code; and since Atmos orders by declarations only, each is declared too.

    Beside them only `access` is declared, whose boundaries are written out.
    """
    for instance in instances():
        declared = {
            (edge.target.stack, edge.target.component) for edge in needs()[instance.key] if edge.kind == "dependencies"
        }
        read = set()
        for _, reference in instance.references:
            target = one(reference.component, reference.stack)
            output = reference.expression.removeprefix(".").partition(".")[0]
            assert output in code(target.component_path).outputs, f"{reference.at}: {reference.text}"
            read.add((reference.stack, reference.component))
        assert read <= declared, instance.key
        assert {component for _, component in declared - read} <= {"access"}, instance.key


def test_all_stacks_together_have_an_order() -> None:
    """Nobody needs something that needs him, across stacks and regions."""
    assert sum(len(level) for level in order(instances())) == len(instances())


def test_nothing_is_needed_that_is_not_there() -> None:
    """Neither missing nor disabled."""
    found = {each.key: each for each in instances()}
    for instance in instances():
        assert len(needs()[instance.key]) >= len(instance.references)
        for edge in needs()[instance.key]:
            assert found[edge.target].enabled, edge.at


def test_buckets_of_production_log_where_their_region_does() -> None:
    """The name that services get is that of the bucket which the region's instance of `tfstate-backend` makes."""
    stacks = [stack for stack in repository().stacks if stack.endswith("-prod")]
    assert len(stacks) == 4
    for stack in stacks:
        assert one("s3-bucket", stack).vars["log_bucket"] == f"{one('state', stack).vars['bucket_name']}-logs"


def test_tenants_are_alike() -> None:
    """The same instances with the same vars in the same places; only names, numbers and addresses differ."""

    def shape(value: object) -> object:
        return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value).__name__

    def of(tenant: str) -> dict[str, object]:
        return {
            f"{each.key.stack.removeprefix(tenant)}/{each.key.component}": shape(each.vars)
            for each in instances()
            if each.vars["tenant"] == tenant
        }

    assert of("acme") == of("nova")


def test_stages_differ_where_they_should() -> None:
    """Cheap, like production but smaller, highly available; by the mixin of the stage alone."""

    def over(component: str, *path: str) -> list[object]:
        found = []
        for stage in STAGES:
            origin = one(component, f"acme-use1-{stage}").explain(("vars", *path))
            assert origin.at.file == f"stacks/mixins/stage/{stage}.yaml"
            found.append(origin.value)
        return found

    assert over("network", "nat_gateway_strategy") == ["single", "one_per_az", "one_per_az"]
    assert over("shop-database", "multi_az") == [False, True, True]
    assert over("shop-database", "instance_class") == ["db.t4g.micro", "db.t4g.medium", "db.r6g.large"]
    assert over("cluster", "node_groups", "general", "min_size") == [1, 3, 3]
    assert over("cluster", "node_groups", "general", "max_size") == [4, 6, 30]
    assert over("platform-key", "deletion_window_in_days") == [7, 30, 30]
    assert [one("vault", f"acme-use1-{stage}").enabled for stage in STAGES] == [False, True, True]


def test_instances_are_written_once() -> None:
    """Layers hold them; a stack's own file has only what no other stack has."""
    for instance in instances():
        if instance.key.component != "state" or instance.vars["environment"] == "use1":
            at = instance.explain(("metadata", "component")).at
            assert at.file.startswith("stacks/layers/"), instance.key


def test_production_of_two_regions_keeps_each_others_copies() -> None:
    """States and backups leave the region; networks do not overlap anywhere."""
    assert one("state-copy", "acme-use1-prod").vars["destination"]
    assert set(one("vault", "acme-use1-prod").vars["copies"]) == {"euw1"}  # type: ignore[call-overload]
    assert set(one("vault", "acme-euw1-prod").vars["copies"]) == {"use1"}  # type: ignore[call-overload]
    ranges = [each.vars["cidr_block"] for each in instances() if each.component_path == "vpc"]
    assert len(ranges) == len(set(ranges)) == len(repository().stacks)
    assert all(str(each).endswith(".0.0/16") for each in ranges)


def test_the_bucket_of_states_needs_nothing_that_lies_in_it() -> None:
    """So it can be made first, in each account; what needs the buckets of two regions is an instance of its own."""
    for instance in instances():
        if instance.component_path == "tfstate-backend":
            assert needs()[instance.key] == [], instance.key
    role = one("state-copy", "acme-use1-prod").vars["name"]
    for stack in ("acme-use1-prod", "acme-euw1-prod"):
        assert f"acme-use1-prod-{role}-replication" in one("state", stack).vars["state_roles"]  # type: ignore[operator]


STEPS = {
    "plan": "plan --query '.settings.layer == \"environment\"' --upstream",
    "account-plan": "plan --query '.settings.layer == \"account\"'",
    "drift": "drift --detailed-exitcode",
    "account-up": "apply --query '.settings.layer == \"account\"' --yes",
    "apply": "apply --query '.settings.layer == \"environment\"'",
    "environment-up": "apply --query '.settings.layer == \"environment\"' --yes",
    "environment-down": "destroy --query '.settings.layer == \"environment\"'",
}
"""The workflows of one step."""


def _meant(layer: str, stack: str, *, upstream: bool = False, reverse: bool = False) -> list[InstanceKey]:
    """What a workflow's step selects."""
    selection = Selection(stack, query=f'.settings.layer == "{layer}"', upstream=upstream)
    return [each.key for each in instances_meant(repository(), selection, reverse=reverse)]


@pytest.mark.parametrize("name", STEPS)
def test_workflows_have_a_step_each(name: str) -> None:
    """Which selects by the layer; a destruction is always asked about."""
    (step,) = Workflows.of(repository().config).find(name).steps
    assert step.command == STEPS[name]


@pytest.mark.parametrize("stack", [each for each in repository().stacks if each.startswith("acme")])
def test_the_layers_are_the_whole_stack(stack: str) -> None:
    """What stands in layers/account.yaml is the account's, and so are who deploys production, and the baseline and the
    bucket of states of a region; each in its order."""
    whole = {each.key for each in instances() if each.key.stack == stack and each.enabled}
    account, environment = _meant("account", stack), _meant("environment", stack)
    assert sorted([*account, *environment]) == sorted(whole)
    region, once = {"account", "account-key", "state"}, {"access", "security-topic"}
    if stack.endswith("-prod"):
        once |= {"deployer", "state-copy"}
    assert {key.component for key in account} == (region if "euw1" in stack else region | once)
    for meant in (account, environment):
        for key in meant:
            for edge in needs()[key]:
                assert edge.target not in meant or meant.index(edge.target) < meant.index(key), edge.at
    down = _meant("environment", stack, reverse=True)
    assert all(
        edge.target not in down or down.index(edge.target) > down.index(key) for key in down for edge in needs()[key]
    )


def test_a_plan_of_the_environment_has_all_that_it_needs() -> None:
    """So that a fresh stack is seen whole: the account's bucket of states keeps the logs of the shop's."""
    meant = _meant("environment", "acme-use1-dev", upstream=True)
    assert {edge.target for key in meant for edge in needs()[key]} <= set(meant)
    assert set(meant) - set(_meant("environment", "acme-use1-dev")) == {InstanceKey("acme-use1-dev", "state")}


def test_the_audit_looks_at_what_says_who_may_do_what() -> None:
    """Manifests, policies, code, and then plans of these."""
    *_, step = Workflows.of(repository().config).find("security-audit").steps
    assert step.command == "plan --components platform-key,entrance-rules,shop,shop-database-rules"
    assert {*step.command.split()[2].split(",")} <= {key.component for key in _meant("environment", "acme-use1-prod")}


def test_every_role_has_a_boundary_that_its_account_makes() -> None:
    """In every stack, services' manifests included: of the account's `access`, which is where the instance is too.

    What makes these roles for itself, `access`, bounds them in its code; who deploys has a boundary from outside.
    """
    found = {each.key: each for each in instances()}
    makes = {"": "permissions_boundary_arn", "platform-": "platform_boundary_arn"}
    for name in COMPONENTS:
        if "permissions_boundary_arn" not in code(name).variables or name == "deployer-role":
            continue
        for stack in repository().stacks:
            each = one(name, stack)
            tenant, stage = each.vars["tenant"], each.vars["stage"]
            (access,) = [
                one
                for one in found.values()
                if one.component_path == "iam" and (one.vars["tenant"], one.vars["stage"]) == (tenant, stage)
            ]
            kind = "" if name == "service-identity" else "platform-"
            assert makes[kind] in code("iam").outputs
            arn = str(each.vars["permissions_boundary_arn"])
            assert arn.endswith(f":policy/boundary/{tenant}-{stage}-{access.vars['name']}-{kind}boundary"), each.key
            assert each.vars["region"] in access.vars["regions"]  # type: ignore[operator]
            there = {access.vars["region"]: access.vars["environment"], **access.vars.get("environments", {})}  # type: ignore[dict-item]
            assert there[each.vars["region"]] == each.vars["environment"]


def test_every_alarm_is_heard_where_the_stack_has_its_topic() -> None:
    """Of each component that has alarms, so of services that ask for one too; the topic is that of `alarms`."""
    names = [name for name in COMPONENTS if "alarm_topic_arns" in code(name).variables]
    assert names.pop(0) == "account-baseline"  # which the account's security hears of, in its main region
    assert names == ["acm", "alb", "eks", "rds", "sqs-queue"]
    for stack in repository().stacks:
        topic = f"{stack}-{one('alarms', stack).vars['name']}"
        for name in names:
            heard = str(one(name, stack).vars["alarm_topic_arns"])
            assert heard.startswith(f"['arn:aws:sns:{one('alarms', stack).vars['region']}:"), name
            assert heard.endswith(f":{topic}']"), name
        if one("account", stack).vars.get("main_region", True):
            heard = str(one("account", stack).vars["alarm_topic_arns"])
            assert heard.endswith(f":{stack}-{one('security-topic', stack).vars['name']}']")


def test_somebody_is_told_of_every_alarm() -> None:
    """Each topic that alarms are sent to is subscribed to, by whom the tenant's facts name."""
    for instance in instances():
        if instance.component_path == "monitoring" or instance.key.component == "security-topic":
            told = {"protocol": "email", "endpoint": f"on-call@{instance.vars['tenant']}.example.com"}
            assert instance.vars["subscriptions"] == {"on-call": told}, instance.key
