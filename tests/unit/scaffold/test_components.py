"""Rules that every component of the blueprint keeps, read from its code (terraform itself: tests/terraform)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gaia.kit import hcl

COMPONENTS = Path(__file__).resolve().parents[3] / "blueprint/components/terraform"
NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/versions.tf"))
FORBIDDEN = re.compile(r"terraform\.workspace|path\.root|timestamp\(\)|plantimestamp\(\)")
CONTEXT_TESTS = "context.tftest.hcl"
"""One component's tests refuse what context.tf refuses: the file is the same everywhere, and each refusal costs."""
MOST_REFUSALS = 8
"""Each refusal keeps a provider of 400 MB alive until its `terraform test` ends."""


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of one component."""
    return COMPONENTS / str(request.param)


def blocks(folder: Path) -> list[hcl.Block]:
    """All blocks of a component."""
    return [block for path in sorted(folder.glob("*.tf")) for block in hcl.parse(path.read_text(), path.name).blocks]


def test_it_is_complete(folder: Path) -> None:
    """Code in the usual files, a README, an example, tests."""
    for name in ("main.tf", "variables.tf", "outputs.tf", "versions.tf", "context.tf", "README.md"):
        assert (folder / name).is_file(), name
    assert list(folder.glob("examples/*/main.tf"))
    assert list(folder.glob("tests/*.tftest.hcl"))


def test_it_can_be_part_of_one_preview(folder: Path) -> None:
    """No provider, backend or import of its own, and nothing that means something else in another root."""
    component = hcl.read_component(folder)
    assert (component.providers, component.backend, component.imports) == ((), None, ())
    assert (component.required_version, component.required["aws"].version) == ((">= 1.11",), "~> 5.100")
    for path in folder.glob("*.tf"):
        assert not FORBIDDEN.search(path.read_text()), path


def test_counts_depend_on_inputs_that_are_known(folder: Path) -> None:
    """A `count` or `for_each` over another instance's output cannot be planned before that instance exists."""
    for block in blocks(folder):
        for name in ("count", "for_each"):
            attribute = block.attributes.get(name)
            used = set(re.findall(r"var\.(\w+)", attribute.text)) if attribute else set()
            assert not [variable for variable in used if re.search(r"_(arn|id)s?$", variable)], block.labels


def test_inputs_and_outputs_are_typed_and_described(folder: Path) -> None:
    """Whoever writes a manifest reads what an input is for; one without a default is checked."""
    for block in blocks(folder):
        if block.type in ("variable", "output"):
            assert str(block.literal("description")).endswith("."), block.labels
        if block.type == "variable":
            assert block.attributes["type"].text != "any", block.labels
            assert "default" in block.attributes or list(block.all("validation")), block.labels


def test_every_taggable_resource_has_the_tags(folder: Path) -> None:
    """Cost, ownership and recovery are found by tags."""
    taggable = (
        "aws_cloudwatch_metric_alarm", "aws_dynamodb_table", "aws_iam_role", "aws_kms_key", "aws_s3_bucket",
        "aws_secretsmanager_secret", "aws_sns_topic", "aws_sqs_queue",
    )  # fmt: skip
    for block in blocks(folder):
        if block.type == "resource" and block.labels[0] in taggable:
            assert block.attributes["tags"].text == "var.tags"


def test_the_context_is_the_same_everywhere(folder: Path) -> None:
    """One set of names for all components."""
    assert (folder / "context.tf").read_text() == (COMPONENTS / NAMES[0] / "context.tf").read_text()


def test_the_context_is_tested_once() -> None:
    """Exactly one component refuses bad names, stages and tags for all of them."""
    assert len(list(COMPONENTS.glob(f"*/tests/{CONTEXT_TESTS}"))) == 1


def test_no_test_file_refuses_too_much(folder: Path) -> None:
    """Memory is bounded, because files are run one by one."""
    for path in folder.glob("tests/*.tftest.hcl"):
        assert path.read_text().count("expect_failures") <= MOST_REFUSALS, path


def test_every_rule_has_a_refusal(folder: Path) -> None:
    """An input with a validation has a test that is refused by it; so has a resource with a precondition."""
    tests = "\n".join(path.read_text() for path in folder.glob("tests/*.tftest.hcl"))
    refused = set(re.findall(r"expect_failures = \[([\w.-]+)", tests))
    context = {block.labels for block in hcl.parse((folder / "context.tf").read_text(), "context.tf").blocks}
    if (folder / "tests" / CONTEXT_TESTS).exists():
        context = set()
    for block in blocks(folder):
        if block.type == "variable" and list(block.all("validation")) and block.labels not in context:
            assert f"var.{block.labels[0]}" in refused
        if any(list(inner.all("precondition")) for inner in block.all("lifecycle")):
            assert ".".join(block.labels) in refused
