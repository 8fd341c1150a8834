"""What each component of the blueprint is made of, read from its code (terraform itself runs in tests/terraform)."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.kit import hcl

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPONENTS = Path(__file__).resolve().parents[3] / "blueprint/components/terraform"
NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/versions.tf"))
FILES = {"README.md", "context.tf", "main.tf", "outputs.tf", "variables.tf", "versions.tf"}
MOST_REFUSALS = 8
"""In one file: without a provider that is kept, each holds one of 400 MB until its process ends."""
OF_ANOTHER = re.compile(r"\bvar\.(\w*(?:_arns?|_ids?|_urls?|_endpoint|_cidr_blocks?))\b")
"""Variables that take outputs of other instances: unknown in a preview, while the keys of a map are not."""
TAGGABLE = {
    "aws_acm_certificate", "aws_cloudwatch_composite_alarm", "aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm",
    "aws_db_instance", "aws_dynamodb_table", "aws_ecr_repository", "aws_eip", "aws_eks_addon", "aws_eks_cluster",
    "aws_eks_node_group", "aws_flow_log", "aws_iam_policy", "aws_iam_role", "aws_internet_gateway", "aws_kms_key",
    "aws_launch_template", "aws_lb", "aws_lb_listener", "aws_lb_target_group", "aws_nat_gateway", "aws_network_acl",
    "aws_rds_cluster", "aws_route_table", "aws_s3_bucket", "aws_secretsmanager_secret", "aws_security_group",
    "aws_sns_topic", "aws_sqs_queue", "aws_subnet", "aws_vpc", "aws_vpc_endpoint", "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule", "aws_wafv2_web_acl",
}  # fmt: skip
MOMENTS = re.compile(r"\b(?:timestamp|plantimestamp|uuid|bcrypt)\(")

each_component = pytest.mark.parametrize("name", NAMES)


@cache
def blocks(name: str, pattern: str) -> tuple[hcl.Block, ...]:
    """The blocks of the files of a component that match, in the order of their files."""
    files = sorted((COMPONENTS / name).glob(pattern))
    found = [hcl.parse(file.read_text("utf-8"), file.relative_to(COMPONENTS).as_posix()).blocks for file in files]
    return tuple(block for of_file in found for block in of_file)


def code(name: str, kind: str) -> Iterator[hcl.Block]:
    """The blocks of one type in a component's own code."""
    return (block for block in blocks(name, "*.tf") if block.type == kind)


def refusals_of(run: hcl.Block) -> list[str]:
    """What one run expects to be refused, without the keys of instances."""
    value = run.attributes["expect_failures"].value if "expect_failures" in run.attributes else []
    assert isinstance(value, list)
    return [one.text.partition("[")[0] for one in value if isinstance(one, hcl.Expression)]


@each_component
def test_files(name: str) -> None:
    """Each has the same files, an example and tests."""
    folder = COMPONENTS / name
    assert FILES - {path.name for path in folder.iterdir()} == set()
    assert list(folder.glob("examples/*/main.tf"))
    assert list(folder.glob("tests/*.tftest.hcl"))
    assert not (folder / ".terraform.lock.hcl").exists(), "a lock file of one platform stops the others"


@each_component
def test_shared_files_are_the_same(name: str) -> None:
    """Names, tags and versions mean the same everywhere, so their refusals are tested once, in kms."""
    for file in ("context.tf", "versions.tf"):
        assert (COMPONENTS / name / file).read_text("utf-8") == (COMPONENTS / "kms" / file).read_text("utf-8"), file


@each_component
def test_nothing_that_keeps_it_out_of_a_common_preview(name: str) -> None:
    """No provider or backend of its own, no `import`, nothing that differs between a root and a child or in time."""
    component = hcl.read_component(COMPONENTS / name)
    assert (component.providers, component.imports, component.backend) == ((), (), None)
    assert component.uses == frozenset()
    code = "".join(path.read_text("utf-8") for path in (COMPONENTS / name).glob("*.tf"))
    assert MOMENTS.findall(re.sub(r"^\s*#.*$", "", code, flags=re.MULTILINE)) == []


@each_component
def test_variables_and_outputs_are_described(name: str) -> None:
    """In a sentence; typed, never `any`; what must be given is also checked."""
    for block in (*code(name, "variable"), *code(name, "output")):
        assert str(block.literal("description")).endswith("."), block.at
        if block.type == "variable":
            assert not re.search(r"\bany\b", block.attributes["type"].text if "type" in block.attributes else "any")
            assert "default" in block.attributes or list(block.all("validation")), block.at


@each_component
def test_what_has_tags_has_the_tags(name: str) -> None:
    """Cost, ownership and recovery are found by tags; more may be added to them."""
    for block in code(name, "resource"):
        if "tags" in block.attributes:
            assert re.match(r"var\.tags$|merge\(\s*var\.tags\b", block.attributes["tags"].text), block.at
        assert "tags" in block.attributes or block.labels[0] not in TAGGABLE, block.at


@each_component
def test_how_many_does_not_hang_on_another_instance(name: str) -> None:
    """`count` and `for_each` are known before anything exists: maps whose keys are written down, and switches."""
    variables = hcl.read_component(COMPONENTS / name).variables
    locals_ = {key: one.text for block in code(name, "locals") for key, one in block.attributes.items()}

    def spelled_out(text: str, seen: frozenset[str] = frozenset()) -> str:
        for key in set(re.findall(r"\blocal\.(\w+)", text)) - seen:
            text += " " + spelled_out(locals_[key], seen | {key})
        return text

    for kind in ("resource", "data", "module"):
        for block in code(name, kind):
            for how_many in ("count", "for_each"):
                if how_many in block.attributes:
                    found = set(OF_ANOTHER.findall(spelled_out(block.attributes[how_many].text)))
                    assert {one for one in found if not variables[one].type.startswith("map(")} == set(), block.at


@each_component
def test_every_validation_refuses_something(name: str) -> None:
    """As many runs expect a variable or a resource to be refused as it has conditions."""
    rules: Counter[str] = Counter()
    for block in code(name, "variable"):
        rules[f"var.{block.labels[0]}"] += len(list(block.all("validation")))
    for kind in ("resource", "data"):
        for block in code(name, kind):
            address = ".".join([*(["data"] if kind == "data" else []), *block.labels])
            rules[address] += sum(len(list(one.all("precondition"))) for one in block.all("lifecycle"))
    if name != "kms":
        for block in blocks("kms", "context.tf"):
            rules.pop(".".join(["var", *block.labels]), None)
    found = Counter(one for block in blocks(name, "tests/*.tftest.hcl") for one in refusals_of(block))
    assert {rule: count for rule, count in rules.items() if found[rule] < count} == {}


@each_component
def test_runs_plan_and_refuse_few(name: str) -> None:
    """Tests reach nothing: providers are mocked and nothing is applied; one `run` is about one refusal."""
    for file in sorted((COMPONENTS / name).glob("tests/*.tftest.hcl")):
        pattern = file.relative_to(COMPONENTS / name).as_posix()
        found = blocks(name, pattern)
        assert [block.labels for block in found if block.type == "mock_provider"] == [("aws",)], pattern
        assert [block.type for block in found if block.type == "provider"] == [], pattern
        runs = [block for block in found if block.type == "run"]
        assert [run.labels[0] for run in runs if run.attributes["command"].text != "plan"] == [], pattern
        assert all(refusals_of(run) or list(run.all("assert")) for run in runs), pattern
        expecting = [run for run in runs if refusals_of(run)]
        assert len(expecting) <= MOST_REFUSALS, pattern
        assert [run.labels[0] for run in expecting if len(refusals_of(run)) != 1] == [], pattern


def test_the_context_is_tested_once() -> None:
    """One component refuses bad names, stages and tags for all of them."""
    assert [path.parts[-3] for path in COMPONENTS.glob("*/tests/context.tftest.hcl")] == ["kms"]
