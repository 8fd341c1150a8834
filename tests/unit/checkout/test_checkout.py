"""What a word on the command line means in a checkout, and what must not be changed there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.conftest import HOME, NET
from tests.unit.platform.loop import STACK

from gaia.cli.screens.target import where
from gaia.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.checkout.conftest import Ground


@pytest.mark.parametrize(
    ("name", "below"),
    [
        ("net", ""), (".", "components/key"), ("./", "components/key"), ("./key", "components"),
        ("components/key", ""), ("components/key/", ""), ("../key", "components/store"),
    ],
)  # fmt: skip
def test_a_component_is_a_name_or_the_folder_of_its_code(ground: Ground, name: str, below: str) -> None:
    """As seen from where the caller stands."""
    assert ground.checkout().component_at(name, ground.root / below, STACK) == "net"


def test_an_absolute_path(ground: Ground) -> None:
    """Is one too."""
    assert ground.checkout().component_at(str(ground.home), ground.root, STACK) == "net"


def test_a_name_beats_a_folder_that_is_called_so(ground: Ground) -> None:
    """Components may have a slash in their names."""
    text = "import: [_defaults]\ncomponents: {terraform: {components/key: {metadata: {component: store}}}}\n"
    ground.write(**{"stacks/net.yaml": text})
    assert ground.checkout().component_at("components/key", ground.root, STACK) == "components/key"


@pytest.mark.parametrize("name", ["./nowhere", "components/store/", "/", "..", "./components"])
def test_a_folder_where_no_component_of_the_stack_has_its_code(ground: Ground, name: str) -> None:
    """It is no component, wherever it lies."""
    with pytest.raises(NotFound) as caught:
        ground.checkout().component_at(name, ground.root, STACK)
    assert caught.value.code == "component-unknown"


def test_a_component_that_cannot_be_built_is_in_nobodys_way(ground: Ground) -> None:
    """It has no code anywhere, so a folder means the others."""
    bad = "import: [_defaults]\ncomponents: {terraform: {bad: {metadata: {component: /abs}}}}\n"
    ground.write(**{"stacks/bad.yaml": bad})
    assert ground.checkout().component_at("components/key", ground.root, STACK) == "net"


def test_a_folder_of_several_components_is_ambiguous(ground: Ground) -> None:
    """The candidates are named; one that is only inherited from is none."""
    ground.write(
        **{
            "stacks/more.yaml": "import: [_defaults]\ncomponents:\n  terraform:\n"
            "    base: {metadata: {component: key, type: abstract}}\n"
        }
    )
    assert ground.checkout().component_at("components/key", ground.root, STACK) == "net"
    ground.write(
        **{"stacks/yet.yaml": "import: [_defaults]\ncomponents: {terraform: {other: {metadata: {component: key}}}}\n"}
    )
    with pytest.raises(Invalid) as caught:
        ground.checkout().component_at("components/key", ground.root, STACK)
    assert (caught.value.code, caught.value.facts) == ("component-ambiguous", {"components": ["net", "other"]})
    assert "net, other" in caught.value.message


@pytest.mark.parametrize(
    ("heir", "step"),
    [
        ("", f"Nothing in {STACK} inherits from it yet; add a component that does."),
        (", mine: {metadata: {inherits: [base]}}", "Take an instance that inherits from it: mine."),
    ],
)
def test_an_abstract_component_is_refused_before_terraform_is_looked_for(ground: Ground, heir: str, step: str) -> None:
    """It is there to be inherited from; what does so is named."""
    base = "base: {metadata: {type: abstract, component: key}, vars: {text: shared}}"
    ground.write(**{"stacks/bases.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{base}{heir}}}}}\n"})
    with pytest.raises(Invalid) as caught:
        ground.checkout().instance("base", STACK)
    assert (caught.value.code, caught.value.next_step) == ("component-abstract", step)
    assert ground.commands == []


def test_a_component_of_another_type_is_not_for_terraform(ground: Ground) -> None:
    """Its type is named."""
    ground.write(**{"stacks/chart.yaml": "import: [_defaults]\ncomponents: {helmfile: {chart: {}}}\n"})
    with pytest.raises(Invalid) as caught:
        ground.checkout().instance("chart", STACK)
    assert (caught.value.code, "helmfile" in caught.value.message) == ("component-not-terraform", True)


def test_a_locked_component_is_not_changed(ground: Ground) -> None:
    """`metadata.locked`, with its place."""
    checkout = ground.checkout()
    checkout.check_open(ground.instance(checkout))
    ground.write(
        **{
            "stacks/net.yaml": "import: [_defaults]\n"
            "components: {terraform: {net: {metadata: {component: key, locked: true}}}}\n"
        }
    )
    checkout = ground.checkout()
    with pytest.raises(Conflict) as caught:
        checkout.check_open(ground.instance(checkout))
    assert (caught.value.code, caught.value.at is not None) == ("component-locked", True)


def test_files_that_refuse_direct_changes_do_so_in_every_clone(ground: Ground) -> None:
    """Another clone of what is registered is not registered itself, and still no way around requests."""
    ground.net("settings: {gaia: {direct: refused}}")
    checkout = ground.checkout()
    with pytest.raises(Conflict) as caught:
        checkout.check_open(ground.instance(checkout, "net"))
    assert caught.value.code == "direct-refused"


def test_rules_of_the_manifest(ground: Ground) -> None:
    """A rule of `settings.validation` that says no is an error with its place and all that it says."""
    rule = "settings: {validation: {size: {schema_type: opa, schema_path: size.rego}}}"
    ground.net(rule)
    ground.write(**{"size.rego": "package atmos\n"})
    checkout = ground.checkout()
    checkout.check_rules(ground.instance(checkout))  # without an engine for such rules
    replace(checkout, rego=lambda *_: []).check_rules(ground.instance(checkout))
    with pytest.raises(Invalid) as caught:
        replace(checkout, rego=lambda *_: ["too big", "too wide"]).check_rules(ground.instance(checkout))
    assert (caught.value.code, caught.value.facts["findings"]) == (
        "component-invalid", ["size: too big", "size: too wide"],
    )  # fmt: skip
    assert NET in caught.value.message
    assert "too big" in caught.value.message
    assert caught.value.at is not None


def test_the_program_is_the_one_that_the_stack_names(ground: Ground) -> None:
    """Made once for each name; `terraform` is whichever is found."""
    checkout = ground.checkout()
    for _ in range(2):
        checkout.terraform(ground.instance(checkout))
    ground.net("command: tofu")
    checkout = ground.checkout()
    for _ in range(2):
        checkout.terraform(ground.instance(checkout))
    ground.net("command: terraform")
    checkout = ground.checkout()
    checkout.terraform(ground.instance(checkout))
    assert ground.commands == ["", "tofu", ""]


def test_the_account_that_was_found_is_the_one_that_is_named(ground: Ground, tmp_path: Path) -> None:
    """The line before a change says it, and whose credentials the code takes; before it was asked nobody knows."""
    config = tmp_path / "config"
    config.write_text("[profile dev]\nsso_account_id = 111111111111\n[profile own]\nsso_account_id = 111111111111\n")
    ground.world.environ = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "dev", "HOME": "/nowhere"}
    ground.net("settings: {gaia: {account: '111111111111'}}")
    checkout = ground.checkout()
    instance = ground.instance(checkout)
    assert where(checkout.target(instance)) == "an account that only the credentials tell (profile dev)"
    checkout.check_account(instance)
    assert where(checkout.target(instance)) == "account 111111111111 (profile dev)"
    ground.write(**{f"{HOME}/providers.tf.json": '{"provider": {"aws": {"profile": "own"}}}'})
    checkout.check_account(instance)
    assert where(checkout.target(instance)) == "account 111111111111 (profile own)"
