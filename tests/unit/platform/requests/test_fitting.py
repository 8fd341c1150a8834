"""gaia.platform.requests.fitting: templates in a repository that is not laid out as the blueprint is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here

from gaia.errors import Invalid
from gaia.platform.requests.rendering import Wanted, instances_of, render
from gaia.platform.snapshot import Snapshot
from gaia.scaffold.blueprint import find_blueprint

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.scaffold.render import Rendered

ANSWERS = {
    "purpose": "holiday photos", "owner": "team-photos", "cost_center": "cc-1234", "data_classification": "internal",
    "storage_gb": 5, "monthly_writes": 1, "monthly_reads": 1, "versioning": True,
}  # fmt: skip
ATMOS = """\
components: {terraform: {base_path: modules}}
stacks:
  base_path: config/live
  included_paths: [INCLUDED]
  name_template: "{{ .vars.name_of_it }}"
"""
DEV = """\
import: [../shared/base, ../shared/catalog, ../shared/made]
vars: {name_of_it: dev}
components: {terraform: {network: {metadata: {component: kms}}}}
"""
BASE = "terraform: {backend_type: s3, backend: {s3: {bucket: b, key: k, region: us-east-1}}}\n"
MADE = "components: {terraform: {shared-key: {metadata: {component: kms}}}}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stacks and components in other folders, a stack with one variable, no policies and no templates."""
    render_here(monkeypatch, tmp_path)
    folder = tmp_path / "infra"
    live, blueprint = folder / "config/live", find_blueprint()
    for name in ("envs", "shared"):
        (live / name).mkdir(parents=True)
    (live / "envs/dev.yaml").write_text(DEV)
    (live / "shared/base.yaml").write_text(BASE)
    (live / "shared/made.yaml").write_text(MADE)
    kinds = ("kms", "s3-bucket", "service-identity")
    catalog = "\n".join(f"    {one}: {{metadata: {{type: abstract, component: {one}}}}}" for one in kinds)
    (live / "shared/catalog.yaml").write_text(f"components:\n  terraform:\n{catalog}\n")
    for one in kinds:
        shutil.copytree(blueprint / "components/terraform" / one, folder / "modules" / one)
    included(folder, "envs/**/*")
    return folder


def included(folder: Path, *paths: str, more: str = "") -> None:
    """What `included_paths` selects."""
    (folder / "atmos.yaml").write_text(ATMOS.replace("INCLUDED", ", ".join(f'"{one}"' for one in paths)) + more)


def made(folder: Path, template: str = "object-store", request: str = "req_1") -> Rendered:
    """What a request renders."""
    snapshot = Snapshot("c", lambda: folder, lambda: None)  # type: ignore[arg-type, return-value]
    answers = ANSWERS if template == "object-store" else {}
    return render(snapshot, Wanted(request, template, answers, "photos", "dev", "ann"))


def written(folder: Path, rendered: Rendered) -> Snapshot:
    """The repository with it."""
    for path, content in rendered.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Snapshot("d", lambda: folder, lambda: None)  # type: ignore[arg-type, return-value]


def test_a_template_of_the_package_becomes_one_of_the_stacks_manifests(root: Path) -> None:
    """Beside the stack's own, with its backend and its name, and none of its other instances."""
    rendered = made(root)
    assert rendered.manifest == "config/live/envs/services/photos.yaml"
    assert set(rendered.origins) == {rendered.manifest}
    text = rendered.files[rendered.manifest].decode()
    assert "import:\n  - shared/base\n  - shared/catalog\n" in text
    assert '  name_of_it: "dev"\n' in text
    instances = instances_of(written(root, rendered).repository, rendered.manifest, "dev")
    assert sorted(one.key.component for one in instances) == ["photos-bucket", "photos-identity", "photos-key"]
    assert {one.backend_type for one in instances} == {"s3"}


def test_what_it_imports_is_of_the_manifest_that_brings_most(root: Path) -> None:
    """Whoever writes another manifest of the stack, and calls it so that it comes first, changes nothing about it."""
    before = made(root).files
    alone = "vars: {name_of_it: dev}\ncomponents: {terraform: {one: {metadata: {component: kms}, vars: {name: one}}}}\n"
    (root / "config/live/envs/a-first.yaml").write_text(alone)
    (root / "config/live/envs/b-second.yaml").write_text("import: [../shared/base]\n" + alone.replace("one", "two"))
    assert made(root, request="req_1").files == before


def test_it_repeats_where_its_stack_says_it_is(root: Path) -> None:
    """The stack stays where it is after the first service, also where its own manifest goes later."""
    dev = root / "config/live/envs/dev.yaml"
    dev.write_text(dev.read_text() + "settings: {gaia: {scope: {tenant: media, stage: pci}}}\n")
    rendered = made(root)
    assert '    scope: {"stage": "pci", "tenant": "media"}\n' in rendered.files[rendered.manifest].decode()
    for snapshot in (Snapshot("c", lambda: root, lambda: None), written(root, rendered)):  # type: ignore[arg-type, return-value]
        assert (snapshot.scope("dev").tenant, snapshot.scope("dev").stage) == ("media", "pci")


def test_its_place_is_one_that_the_repository_selects(root: Path) -> None:
    """In the stack's folder itself where only that is; where `gaia.services` says; nowhere is said."""
    included(root, "envs/*")
    assert made(root).manifest == "config/live/envs/dev-photos.yaml"
    included(root, "envs/*", "asked/**/*", more="gaia: {services: asked}\n")
    assert made(root).manifest == "config/live/asked/dev/photos.yaml"
    included(root, "envs/dev.yaml")
    with pytest.raises(Invalid, match="select no place") as caught:
        made(root)
    assert caught.value.code == "template-does-not-fit"
    assert "gaia.services" in caught.value.next_step


def test_what_it_needs_and_is_not_there_is_named(root: Path) -> None:
    """Code of components, components to inherit from, a backend that can be imported."""
    shutil.rmtree(root / "modules/s3-bucket")
    with pytest.raises(Invalid, match="no code of s3-bucket in modules"):
        made(root)
    (root / "modules/s3-bucket").mkdir()
    catalog = root / "config/live/shared/catalog.yaml"
    kept = catalog.read_text()
    catalog.write_text("{}\n")
    with pytest.raises(Invalid, match="no component kms, s3-bucket, service-identity to inherit from"):
        made(root)
    catalog.write_text(kept)
    (root / "config/live/envs/dev.yaml").write_text(DEV + BASE)
    with pytest.raises(Invalid, match="says the backend") as caught:
        made(root)
    assert caught.value.code == "template-does-not-fit"


def test_the_repositorys_own_template_is_rendered_into_its_stacks_folder(root: Path) -> None:
    """`stacks/` stands for it, and the template decides the rest; what a stack lacks cannot be asked for."""
    folder = root / "templates/note"
    (folder / "template/stacks/envs").mkdir(parents=True)
    (folder / "copier.yml").write_text(
        '_subdirectory: template\n_version: "1"\n_title: A note\n_description: Some text.\n'
        "_envops: {undefined: jinja2.StrictUndefined}\n"
    )
    file = folder / "template/stacks/envs/{{ gaia.service }}.yaml.jinja"
    file.write_text("import: [shared/base]\nvars: {name_of_it: dev, who: {{ gaia.tenant }}}\n")
    rendered = made(root, "note")
    assert rendered.manifest == "config/live/envs/photos.yaml"
    assert b"who: all" in rendered.files[rendered.manifest]
    file.write_text("vars: {where: {{ gaia.region }}}\n")
    with pytest.raises(Invalid, match="region"):
        made(root, "note", "req_2")


def test_of_a_context_a_service_hands_on_the_names_of_its_stack(root: Path) -> None:
    """What was chosen for the environment stays with it; an import that cannot do without is left out."""
    live = root / "config/live"
    names = "name_of_it: dev, region: us-east-1, kind: made"
    (live / "shared/facts.yaml").write_text(
        'import: [{path: shared/base, context: {tenant: acme}}, \'shared/{{ get . "kind" | default "catalog" }}\']\n'
        "vars: {name_of_it: '{{ .name_of_it }}', region: '{{ .region }}'}\n"
    )
    (live / "shared/whole.yaml").write_text("vars: {size: '{{ .kind }}'}\n")
    (live / "shared/base.yaml").write_text(BASE.replace("bucket: b", "bucket: '{{ .tenant }}-{{ .name_of_it }}'"))
    facts, whole = (f"{{path: ../shared/{one}, context: {{{names}}}}}" for one in ("facts", "whole"))
    dev = "import:\n- {FACTS}\n- {WHOLE}\n- ../shared/catalog\n".replace("{FACTS}", facts).replace("{WHOLE}", whole)
    (live / "envs/dev.yaml").write_text(dev)
    rendered = made(root)
    text = rendered.files[rendered.manifest].decode()
    context = '{"name_of_it": "dev", "region": "us-east-1"}'
    assert f'import:\n  - {{"path": "shared/facts", "context": {context}}}\n  - shared/catalog\n' in text
    assert "  name_of_it:" not in text, "the import says it"
    instances = instances_of(written(root, rendered).repository, rendered.manifest, "dev")
    assert {str(one.backend["bucket"]) for one in instances} == {"acme-dev"}
