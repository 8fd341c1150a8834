"""gaia.scaffold.environments: new parts of a repository, looked at before they are written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, GaiaError, Invalid, Next, NotFound
from gaia.scaffold.environments import EnvironmentTemplater
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.scaffold.drafts import Draft

TENANT = {
    "name": "zeta", "cost_center": "cc-3000", "account_dev": "777777777777", "account_people": "300000000001",
    "zone_id": "Z0ZETA0EXAMPLE0", "break_glass": "eve", "repository": "zeta/platform",
    "on_call": "on-call@zeta.example.com",
}  # fmt: skip
DEV = {"name": "zeta-use1-dev", "kind": "development", "domain": "dev.zeta.example.com"}


@pytest.fixture
def root(blueprint: Path, tmp_path: Path) -> Path:
    """A copy of the blueprint that may be changed; of its components what all have alike."""
    target = tmp_path / "platform"
    kept = {"context.tf", "versions.tf"}
    shutil.copytree(
        blueprint,
        target,
        ignore=lambda folder, names: {
            name
            for name in names
            if ("blueprint/components/terraform/" in folder and name not in kept) or name == "policies"
        },
    )
    return target


def templater(root: Path) -> EnvironmentTemplater:
    """Of the repository at a path, without policies."""
    return EnvironmentTemplater(Repository.open(root), open_=Repository.open, judge=lambda _, __: ())


@pytest.fixture
def draft(root: Path) -> Callable[..., Draft]:
    """`draft(kind, name=…, …)` of that repository as it is now."""
    return lambda kind, /, **variables: templater(root).scaffold_environment(kind, variables)


def put(root: Path, draft: Draft) -> None:
    """Write it, which it has to be fit for."""
    assert draft.findings == ()
    templater(root).write(draft)


def test_a_new_tenant_is_two_files_and_has_what_the_others_have(root: Path, draft: Callable[..., Draft]) -> None:
    """One of facts, one of choices; resolved they make what another tenant's development is, but for names."""
    first = draft("tenant", **TENANT)
    assert (list(first.files), first.stacks, first.unknown) == (["stacks/mixins/tenant/zeta.yaml"], (), ())
    put(root, first)
    second = draft("environment", **DEV)
    assert list(second.files) == ["stacks/orgs/zeta/dev/us-east-1.yaml"]
    assert second.stacks == ("zeta-use1-dev",)
    assert second.needs == ()
    assert second.instances.index("zeta-use1-dev/network") < second.instances.index("zeta-use1-dev/cluster")
    put(root, second)
    repository = Repository.open(root)
    for key in repository.instances:
        if key.stack == "acme-use1-dev":
            theirs = repository.instance(key.component, key.stack).describe()
            mine = repository.instance(key.component, "zeta-use1-dev").describe()
            for section in ("vars", "backend", "providers", "settings", "metadata", "dependencies"):
                text = str(theirs.get(section)).replace("acme", "zeta").replace("111111111111", "777777777777")
                text = (
                    text.replace("cc-1000", "cc-3000").replace("Z0ACME0", "Z0ZETA0").replace("10.10.0.0", "10.40.0.0")
                )
                if key.component != "access":  # its people are others
                    assert str(mine.get(section)) == text, key


def test_what_is_missing_is_named_with_what_makes_it(root: Path, draft: Callable[..., Draft]) -> None:
    """A tenant, a region, an account of the stage; nothing is written."""
    none = draft("environment", **DEV)
    assert not none.sound
    assert none.findings[0].next_step == Next("new tenant", "zeta", "It is made by")
    far = {"name": "acme-usw2-dev", "region": "us-west-2", "domain": "w.acme.example.com"}
    step = draft("environment", **far).findings[0].next_step
    assert isinstance(step, Next)
    assert (step.act, step.subject) == ("new region", "us-west-2")
    put(root, draft("region", name="us-west-2"))
    assert draft("environment", **far).sound
    assert templater(root).template("environment", "acme-euw1-dev", {}).question("region").default == "eu-west-1"  # type: ignore[union-attr]
    put(root, draft("tenant", **TENANT))
    (lacking,) = draft("environment", **{**DEV, "name": "zeta-use1-prod"}).findings
    assert "mixins/tenant/zeta has no account for the stage prod" in lacking.message
    assert not (root / "stacks/orgs/zeta").exists()


def test_networks_do_not_overlap(draft: Callable[..., Draft]) -> None:
    """A free range is suggested; one that is taken is refused at the line that says it."""
    far = {"name": "acme-euw1-staging", "domain": "w.acme.example.com"}
    free = draft("environment", **far)
    assert 'cidr_block: "10.40.0.0/16"' in free.files["stacks/orgs/acme/staging/eu-west-1.yaml"]
    (taken,) = draft("environment", **far, cidr_block="10.20.0.0/16").findings
    assert (taken.code, taken.severity) == ("network-overlaps", "error")
    assert "acme-use1-staging/network" in taken.message


def test_of_two_regions_each_says_what_it_needs_of_the_other(root: Path, draft: Callable[..., Draft]) -> None:
    """What is not there yet is a warning: one of the two is made first. A kind of one region has no other."""
    two = {"other_environment": "euw1", "other_region": "eu-west-1", "domain": "s.acme.example.com"}
    put(root, draft("region", name="us-west-2"))
    first = draft("environment", name="nova-usw2-staging", region="us-west-2", kind="first-region", **two)
    assert first.sound
    assert first.needs == ("nova-euw1-staging/state", "nova-euw1-staging/vault")
    assert {one.code for one in first.findings} == {"dependency-missing"}
    with pytest.raises(Invalid, match="has no other region") as caught:
        draft("environment", name="nova-euw1-staging", kind="single-region", **two)
    assert caught.value.code == "answer-refused"


def test_a_stage_is_like_another_one(root: Path, draft: Callable[..., Draft]) -> None:
    """Its file says the difference only."""
    put(root, draft("stage", name="qa", like="dev"))
    tenant = root / "stacks/mixins/tenant/acme.yaml"
    tenant.write_text(tenant.read_text().replace("        dev:", '        qa: "999999999999"\n        dev:'))
    put(
        root,
        draft(
            "environment",
            name="acme-use1-qa",
            kind="development",
            domain="qa.acme.example.com",
            region="us-east-1",
        ),
    )
    repository = Repository.open(root)
    assert repository.stack_vars("acme-use1-qa")["stage"] == "qa"
    assert repository.instance("network", "acme-use1-qa").vars["nat_gateway_strategy"] == "single"


def test_a_component_has_what_all_components_have(root: Path, draft: Callable[..., Draft]) -> None:
    """Where they agree; else the template does not fit, and says why. Without catalogs none is written."""
    made = draft("component", name="web-cache", description="A cache of pages.")
    folder = "components/terraform/web-cache"
    for name in ("context.tf", "versions.tf"):
        assert made.files[f"{folder}/{name}"] == (root / f"components/terraform/kms/{name}").read_text()
    assert "stacks/catalog/web-cache.yaml" in made.files
    put(root, made)
    assert "web-cache" in {one.component for one in Repository.open(root).all_instances}
    shutil.rmtree(root / "stacks/catalog")
    (root / "stacks/mixins/stack.yaml").unlink()
    for one in ("acme", "nova"):
        shutil.rmtree(root / "stacks/orgs" / one)
    plain = draft("component", name="page-cache", description="A cache of pages.")
    assert plain.unknown == ("stacks/catalog/page-cache.yaml was left out: there is no folder stacks/catalog",)
    (root / "components/terraform/kms/context.tf").write_text("# otherwise\n")
    with pytest.raises(Invalid, match=r"no context\.tf that is the same") as caught:
        draft("component", name="page-cache", description="A cache of pages.")
    assert caught.value.code == "template-does-not-fit"


def test_nothing_is_written_over_what_is_there(root: Path, draft: Callable[..., Draft]) -> None:
    """Neither at first, nor where it came meanwhile; then what was written before is taken away again."""
    with pytest.raises(Conflict) as caught:
        draft("environment", name="acme-use1-dev", domain="dev.acme.example.com")
    assert caught.value.code == "file-exists"
    made = draft("component", name="web-cache", description="A cache of pages.")
    there = root / "stacks/catalog/web-cache.yaml"
    there.write_text("mine: 1\n")
    with pytest.raises(Conflict):
        templater(root).write(made)
    there.unlink()
    blocked = root / "components/terraform/web-cache"
    blocked.mkdir()
    (blocked / "tests").write_text("a file where a folder is wanted")
    with pytest.raises(GaiaError):
        templater(root).write(made)
    assert sorted(path.name for path in blocked.rglob("*") if path.is_file()) == ["tests"]
    assert not there.exists()


@pytest.mark.parametrize(
    ("kind", "variables", "code"),
    [
        ("tenant", {"name": "Zeta"}, "name-invalid"),
        ("tenant", {"name": "../zeta"}, "name-invalid"),
        ("tenant", {"name": ""}, "name-invalid"),
        ("tenant", {"name": "a" * 500}, "name-invalid"),
        ("tenant", {"name": "z\x1b[31m"}, "name-invalid"),
        ("environment", {"name": "zeta-dev"}, "name-invalid"),
        ("environment", {"name": "zeta-use1-dev-more"}, "name-invalid"),
        ("environment", {"name": "zeta-use1-{{x}}"}, "name-invalid"),
        ("stage", {"name": "production", "like": "prod"}, "name-invalid"),
        ("stage", {"name": "live2", "like": "prod"}, "name-invalid"),
        ("tenant", {**TENANT, "zone_id": "{{ evil }}"}, "answer-is-code"),
        ("tenant", {**TENANT, "zone_id": "!exec id"}, "answer-is-code"),
        ("tenant", {**TENANT, "zone_id": 7}, "answer-type"),
        ("tenant", {**TENANT, "zone_id": ["Z"]}, "answer-type"),
        ("tenant", {**TENANT, "account_dev": "12"}, "answer-pattern"),
        ("tenant", {**TENANT, "mood": "good"}, "answer-unknown"),
        ("tenant", {"name": "zeta"}, "answer-missing"),
        ("environment", {**DEV, "region": "../../x"}, "answer-pattern"),
        ("component", {"name": "web-cache", "description": 'A "quoted" ${thing}.'}, "answer-is-code"),
    ],
)
def test_what_is_no_good_name_or_answer_is_refused(
    draft: Callable[..., Draft], kind: str, variables: dict[str, object], code: str
) -> None:
    """With one error, before anything is rendered."""
    with pytest.raises(Invalid) as caught:
        draft(kind, **variables)
    assert caught.value.code == code


def test_the_templates_are_the_repositorys(root: Path, draft: Callable[..., Draft]) -> None:
    """What it changes holds; kinds of its own are kinds too; what is wrong with one is said at its file."""
    folder = root / "templates/environments"
    shutil.copytree(folder / "region", folder / "cell")
    assert templater(root).kinds == ("cell", "component", "environment", "region", "stage", "tenant")
    with pytest.raises(NotFound, match="no template") as caught:
        draft("tenent", name="zeta")
    assert "tenant" in caught.value.next_step
    file = folder / "cell/copier.yml"
    text = file.read_text()
    for wrong, reason in (
        ("_suggest: {zones: nothing}\n", "_suggest names 'nothing'"),
        ("_suggest: {zoo: free-network}\n", "_suggest names 'zoo'"),
        ("_tasks: [id]\n", "wants to run code"),
    ):
        file.write_text(wrong + text)
        with pytest.raises(Invalid, match=reason):
            draft("cell", name="us-west-2")
    file.write_text(text.replace('  pattern: "[a-z]{2}(-[a-z]+)+-[0-9]"', '  pattern: "("'))
    with pytest.raises(Invalid, match="no regular expression"):
        draft("cell", name="us-west-2")
    body = next((folder / "cell/template").rglob("*.jinja"))
    file.write_text(text.replace('    pattern: "[a-z]{3}"', '    pattern: ".*"'))
    body.write_text("vars:\n  a: {{ zones }}\n")
    with pytest.raises(Invalid, match="turns a str into a dict") as became:
        draft("cell", name="us-west-2", zones="{b: 1}")
    assert became.value.code == "answer-is-code"


def test_where_stacks_are_named_by_a_template_its_parts_are_answers(root: Path, draft: Callable[..., Draft]) -> None:
    """A name cannot be read backwards there, and that is said."""
    atmos = root / "atmos.yaml"
    pattern = 'name_pattern: "{tenant}-{environment}-{stage}"'
    atmos.write_text(
        atmos.read_text().replace(
            pattern, 'name_template: "{{ .vars.tenant }}-{{ .vars.stage }}-{{ .vars.environment }}"'
        )
    )
    wanted = {"name": "acme-staging-euw1", "domain": "w.acme.example.com", "region": "eu-west-1"}
    with pytest.raises(Invalid, match="named by a template") as caught:
        draft("environment", **wanted)
    assert caught.value.code == "template-does-not-fit"
    parts = {"tenant": "acme", "environment": "euw1", "stage": "staging"}
    asked = templater(root).template("environment", wanted["name"], parts).question("region")
    assert asked is not None
    assert asked.default == "eu-west-1"
    assert draft("environment", **wanted, **parts).stacks == ("acme-staging-euw1",)
    (other,) = draft("environment", **{**wanted, "name": "acme-euw1-staging"}, **parts).findings
    assert "would not come to be, but acme-staging-euw1" in other.message
