"""Variables that a component does not declare: what `validate stacks` refuses, warns of, and does not guess at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.stacks.validation.stacks import validate_stacks

from .conftest import PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.repository import Repository
    from gaia.stacks.validation.findings import Finding

CODE = 'variable "tenant" {}\nvariable "environment" {}\nvariable "stage" {}\nvariable "cidr_block" {}\n'
VPC = "components:\n  terraform:\n    vpc:\n      vars:\n        {}\n"


@pytest.fixture
def judged(tmp_path: Path, repository: Callable[..., Repository]) -> Callable[..., list[Finding]]:
    """What is found in manifests (paths below `stacks/`) of components, by path below their folder."""

    def judge(files: Mapping[str, str], code: Mapping[str, str] | None = None) -> list[Finding]:
        for path, text in (code if code is not None else {"vpc/variables.tf": CODE}).items():
            file = tmp_path / "components/terraform" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return list(validate_stacks(repository(files)).findings)

    return judge


def test_a_variable_of_the_instance_itself_that_is_not_declared_is_a_mistake(
    judged: Callable[..., list[Finding]],
) -> None:
    """At its key, with the nearest name that is declared."""
    (one,) = judged({"orgs/dev.yaml": PLACE + VPC.format("cidr_blok: 10.0.0.0/16")})
    assert (one.code, one.severity, str(one.at)) == ("variable-undeclared", "error", "stacks/orgs/dev.yaml:6:9")
    assert one.message == "vpc sets cidr_blok, which the component vpc does not declare"
    assert one.next_step == "Did you mean cidr_block?"


def test_where_no_name_is_near_the_declared_ones_are_listed(judged: Callable[..., list[Finding]]) -> None:
    """So that the author need not look for them."""
    (one,) = judged({"orgs/dev.yaml": PLACE + VPC.format("zones: 3")})
    assert one.next_step == "Remove it, or declare it. There is cidr_block, environment, stage, tenant."


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"orgs/dev.yaml": PLACE.replace("}", ", owner: a}") + VPC.format("cidr_block: x")}, "orgs/dev.yaml:1:53"),
        (
            {"orgs/dev.yaml": PLACE + "terraform: {vars: {owner: a}}\n" + VPC.format("cidr_block: x")},
            "orgs/dev.yaml:2:20",
        ),
        (
            {"orgs/dev.yaml": "import: [catalog/vpc]\n" + PLACE, "catalog/vpc.yaml": VPC.format("owner: a")},
            "catalog/vpc.yaml:5:9",
        ),
        (
            {
                "orgs/dev.yaml": PLACE
                + "components: {terraform: {vpc: {metadata: {inherits: [base]}}, "
                + "base: {metadata: {type: abstract}, vars: {owner: a}}}}\n"
            },
            "orgs/dev.yaml:2:105",
        ),
        (
            {"orgs/dev.yaml": PLACE + "overrides: {vars: {owner: a}}\n" + VPC.format("cidr_block: x")},
            "orgs/dev.yaml:2:20",
        ),
    ],
)
def test_what_is_inherited_is_a_warning(
    judged: Callable[..., list[Finding]], files: Mapping[str, str], place: str
) -> None:
    """From the file, the type's section, the catalog, a base, overrides: there it may be meant for others."""
    (one,) = judged(files)
    assert (one.severity, str(one.at)) == ("warning", f"stacks/{place}")
    assert one.message == "owner is inherited by vpc, which does not declare it"


def test_one_inherited_variable_is_one_warning(judged: Callable[..., list[Finding]]) -> None:
    """Whatever number of stacks, places and components there is."""
    names = "abcde"
    components = "components: {terraform: {" + ", ".join(f"{name}: {{}}" for name in names) + "}}\n"
    stacks = {
        f"orgs/{stage}.yaml": PLACE.replace("dev}", f"{stage}, owner: a}}") + components
        for stage in ("dev", "test", "prod")
    }
    (one,) = judged(stacks, {f"{name}/main.tf": CODE for name in names})
    assert one.message == "owner is inherited by a, b, c and 2 more, which do not declare it (set at 3 places)"


def test_a_catalogs_slip_gets_the_nearest_name_too(judged: Callable[..., list[Finding]]) -> None:
    """Where it is one component's."""
    (one,) = judged(
        {"orgs/dev.yaml": "import: [catalog/vpc]\n" + PLACE, "catalog/vpc.yaml": VPC.format("cidr_blok: a")}
    )
    assert (one.severity, one.next_step) == ("warning", "Did you mean cidr_block?")


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ({}, ""),
        ({"vpc/component.yaml": "kind: ComponentVendorConfig\n"}, ""),
        ({"vpc/main.tf": CODE + "variable {"}, ""),
        ({"vpc/main.tf": CODE}, "      source: {uri: example.test//vpc}\n"),
        ({"vpc/main.tf": CODE}, "      generate: {more.tf: 'variable \"zones\" {}'}\n"),
        ({"vpc/main.tf": CODE}, "      metadata: {type: abstract}\n"),
        ({"vpc/main.tf": CODE, "vpc/more.tofu": 'variable "zones" {}'}, ""),
        ({"vpc/main.tf": CODE, "vpc/more.tf.json": '{"variable": {"zones": {}}}'}, ""),
        ({"other/main.tf": CODE + 'variable "zones" {}'}, "      metadata: {component: other}\n"),
    ],
)
def test_what_cannot_be_known_is_not_guessed_at(
    judged: Callable[..., list[Finding]], code: Mapping[str, str], extra: str
) -> None:
    """No code, code that is fetched or made by a run, broken code, an abstract component: no finding."""
    assert judged({"orgs/dev.yaml": PLACE + VPC.format("zones: 3") + extra}, code) == []


def test_a_manifest_that_another_one_imports_is_judged_by_its_own_stack(judged: Callable[..., list[Finding]]) -> None:
    """The same slip is said once, as the mistake that it is there."""
    files = {
        "orgs/dev.yaml": PLACE + VPC.format("zones: 3"),
        "orgs/test.yaml": "import: [orgs/dev]\nvars: {stage: test}\n",
    }
    assert [(one.severity, str(one.at)) for one in judged(files)] == [("error", "stacks/orgs/dev.yaml:6:9")]


def test_a_base_that_is_only_a_folder_of_code_sets_nothing(judged: Callable[..., list[Finding]]) -> None:
    """Atmos lets a component inherit from one."""
    text = PLACE + "components: {terraform: {app: {component: vpc, vars: {zones: 3}}}}\n"
    assert [one.code for one in judged({"orgs/dev.yaml": text})] == ["variable-undeclared"]
