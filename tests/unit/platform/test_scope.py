"""gaia.platform.scope: tenant and stage of a stack, whatever its repository calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Invalid
from gaia.platform.snapshot import Snapshot, StackScope

if TYPE_CHECKING:
    from pathlib import Path

STACKS = 'stacks: {{base_path: stacks, included_paths: ["*"], {naming}}}\n'
OTHER = "components: {{terraform: {{base_path: components}}}}\n{more}\n"


def place(folder: Path, naming: str, manifest: str, stack: str, more: str = "") -> StackScope:
    """Where the stack of the only manifest is."""
    (folder / "stacks").mkdir(exist_ok=True)
    (folder / "atmos.yaml").write_text(STACKS.format(naming=naming) + OTHER.format(more=more))
    (folder / "stacks/one.yaml").write_text(manifest + "components: {terraform: {vpc: {}}}\n")
    return Snapshot("c", lambda: folder, lambda: None).scope(stack)  # type: ignore[arg-type, return-value]


PATTERN = 'name_pattern: "{tenant}-{environment}-{stage}"'
STAGE = 'name_template: "{{ .vars.stage }}"'


def test_variables_say_it(tmp_path: Path) -> None:
    """As the blueprint has them; what is no text is not taken for one."""
    known = "vars: {tenant: acme, environment: use1, stage: dev, region: us-east-1}\n"
    assert place(tmp_path, PATTERN, known, "acme-use1-dev") == StackScope("acme", "use1", "dev", "us-east-1")
    assert place(tmp_path, STAGE, "vars: {stage: dev, tenant: [a]}\n", "dev") == StackScope("all", "", "dev", "")


def test_settings_of_the_stack_come_first(tmp_path: Path) -> None:
    """Whole or in part, also where the variables mean something else."""
    known = "vars: {tenant: acme, stage: dev}\nsettings: {gaia: {scope: {tenant: media, stage: test}}}\n"
    assert place(tmp_path, STAGE, known, "dev") == StackScope("media", "", "test", "")
    known = "vars: {tenant: acme, stage: dev}\nsettings: {gaia: {scope: {tenant: media}}}\n"
    assert place(tmp_path, STAGE, known, "dev") == StackScope("media", "", "dev", "")


def test_the_name_says_it_where_only_components_set_the_variables(tmp_path: Path) -> None:
    """By the pattern; a name with more parts than the pattern says nothing."""
    inside = "terraform: {vars: {tenant: acme, environment: use1, stage: dev}}\n"
    assert place(tmp_path, PATTERN, inside, "acme-use1-dev") == StackScope("acme", "", "dev", "")
    inside = "terraform: {vars: {tenant: ac-me, environment: use1, stage: dev}}\n"
    assert place(tmp_path, PATTERN, inside, "ac-me-use1-dev") == StackScope("all", "", "all", "")


def test_a_repository_may_be_one_scope(tmp_path: Path) -> None:
    """The one that `atmos.yaml` names, or one for all; what a stack says itself counts more."""
    by_file = 'name_template: "{{ .vars.name }}"'
    assert place(tmp_path, by_file, "vars: {name: x}\n", "x") == StackScope("all", "", "all", "")
    general = "gaia: {scope: {tenant: media}}"
    assert place(tmp_path, by_file, "vars: {name: x}\n", "x", general) == StackScope("media", "", "all", "")
    assert place(tmp_path, by_file, "vars: {name: x, tenant: acme}\n", "x", general).tenant == "acme"


@pytest.mark.parametrize("scope", ["acme", "{tenant: 1}", "{region: x}", '{stage: ""}', "[a]"])
def test_a_scope_that_cannot_be_used_is_said(tmp_path: Path, scope: str) -> None:
    """Of a stack and of the repository: nobody gets rights by a mistake in it."""
    with pytest.raises(Invalid) as caught:
        place(tmp_path, STAGE, f"vars: {{stage: dev}}\nsettings: {{gaia: {{scope: {scope}}}}}\n", "dev")
    assert caught.value.code == "scope-invalid"
    with pytest.raises(Invalid):
        place(tmp_path, STAGE, "vars: {stage: dev}\n", "dev", f"gaia: {{scope: {scope}}}")


def test_what_one_manifest_says_holds_for_the_stack(tmp_path: Path) -> None:
    """A service's manifest beside the stack's own, which says nothing of it, changes nothing."""
    told = "vars: {stage: dev}\nsettings: {gaia: {request: a, scope: {stage: pci}}}\n"
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/cards.yaml").write_text(
        "vars: {stage: dev}\nsettings: {gaia: {request: b}}\ncomponents: {terraform: {cards: {}}}\n"
    )
    assert place(tmp_path, STAGE, told, "dev").stage == "pci"
    named = 'name_template: "{{ .vars.name }}"'
    (tmp_path / "stacks/cards.yaml").write_text("vars: {name: x}\ncomponents: {terraform: {cards: {}}}\n")
    assert place(tmp_path, named, "vars: {name: x, stage: prod, tenant: acme}\n", "x").stage == "prod"


def test_two_manifests_that_differ_are_refused(tmp_path: Path) -> None:
    """By settings, and by variables where no setting says it; both are named, and so is the way out."""
    (tmp_path / "stacks").mkdir()
    other = tmp_path / "stacks/two.yaml"
    more = "components: {terraform: {cards: {}}}\n"
    other.write_text("vars: {stage: dev}\nsettings: {gaia: {scope: {stage: dev}}}\n" + more)
    with pytest.raises(Conflict, match=r"'pci' by settings.gaia.scope in one.yaml, and 'dev' in two.yaml") as caught:
        place(tmp_path, STAGE, "vars: {stage: dev}\nsettings: {gaia: {scope: {stage: pci}}}\n", "dev")
    assert caught.value.code == "scope-differs"
    named = 'name_template: "{{ .vars.name }}"'
    other.write_text("vars: {name: x, stage: prod}\n" + more)
    with pytest.raises(Conflict, match=r"'dev' by vars in one.yaml"):
        place(tmp_path, named, "vars: {name: x, stage: dev}\n", "x")
    told = "vars: {name: x, stage: dev}\nsettings: {gaia: {scope: {stage: pci}}}\n"
    assert place(tmp_path, named, told, "x").stage == "pci"


def test_policies_and_templates_come_with_the_package(tmp_path: Path) -> None:
    """Until the repository has its own."""
    from gaia.scaffold.template import templates

    snapshot = Snapshot("c", lambda: tmp_path, lambda: None)  # type: ignore[arg-type, return-value]
    assert "required_tags" in {rule.name.rpartition(".")[2] for rule in snapshot.policies.about("plan")}
    assert "object-store" in {one.name for one in templates(tmp_path)}
    (tmp_path / "templates").mkdir()
    (tmp_path / "policies").mkdir()
    assert templates(tmp_path) == ()
    with pytest.raises(Invalid, match="no rule"):
        _ = Snapshot("d", lambda: tmp_path, lambda: None).policies  # type: ignore[arg-type, return-value]
