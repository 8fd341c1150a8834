"""What a change affects: two trees, compared."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.unit.graph.conftest import write

from gaia.errors import NotFound
from gaia.graph.compare import affected
from gaia.graph.report import describe_affected, marks
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.graph.compare import Affected

CATALOG = """\
components:
  terraform:
    base: {metadata: {type: abstract, component: web}, vars: {size: 1}}
    other: {metadata: {type: abstract, component: db}}
"""
DEV = """\
    app: {metadata: {component: web, inherits: [base]}}
    db: {metadata: {component: db, inherits: [other]}, dependencies: {components: [{component: app}]}}
    reader: {vars: {x: !terraform.state db id}}
    files: {metadata: {component: db}, dependencies: {files: [policy.json], folders: [docs]}}
    locked: {metadata: {component: web, locked: true}}
    off: {metadata: {component: web, enabled: false}}
"""


class Change:
    """A repository before and after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write(folder / "before", dev=DEV, prod="    app:\n      metadata: {component: web, inherits: [base]}\n")
        for stage in ("dev", "prod"):
            file = folder / f"before/stacks/{stage}.yaml"
            file.write_text("import: [catalog/base, more/*]\n" + file.read_text())
        self.put("stacks/catalog/base.yaml", CATALOG, "before")
        self.put("stacks/more/none.yaml", "", "before")
        self.put("components/web/main.tf", 'module "m" { source = "../../modules/shared" }\n', "before")
        self.put("components/db/main.tf", "", "before")
        self.put("modules/shared/main.tf", 'module "deep" { source = "../deep" }\n', "before")
        self.put("modules/deep/main.tf", "", "before")
        shutil.copytree(folder / "before", folder / "after")

    def put(self, path: str, text: str, side: str = "after") -> None:
        """Write a file."""
        file = self.folder / side / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a file of the later side."""
        text = (self.folder / "after" / path).read_text()
        assert old in text
        self.put(path, text.replace(old, new, 1))

    @property
    def sides(self) -> tuple[Repository, Repository]:
        """After and before."""
        return Repository.open(self.folder / "after"), Repository.open(self.folder / "before")

    @property
    def changed(self) -> set[str]:
        """The files that differ."""
        sides = [
            {str(one.relative_to(top)): one.read_bytes() for one in top.rglob("*") if one.is_file()}
            for top in (self.folder / "after", self.folder / "before")
        ]
        return {one for one in sides[0].keys() | sides[1].keys() if sides[0].get(one) != sides[1].get(one)}

    def find(self, **options: object) -> dict[str, Affected]:
        """By key."""
        found = affected(*self.sides, self.changed, **options)  # type: ignore[arg-type]
        return {str(one.key): one for one in found}

    def reasons(self, **options: object) -> dict[str, tuple[str, ...]]:
        """Reasons by key."""
        return {key: one.reasons for key, one in self.find(**options).items()}


@pytest.fixture(name="change")
def unchanged(tmp_path: Path) -> Change:
    """Nothing differs yet."""
    return Change(tmp_path)


def test_nothing_differs(change: Change) -> None:
    """The same files affect nothing."""
    assert change.reasons() == {}


def test_a_catalog_affects_those_that_inherit_from_it(change: Change) -> None:
    """In every stack, and nobody else of the manifests that import it."""
    change.replace("stacks/catalog/base.yaml", "size: 1", "size: 2")
    assert change.reasons() == {"dev/app": ("stack.vars",), "prod/app": ("stack.vars",)}


def test_values_that_stay_the_same_affect_nothing(change: Change) -> None:
    """A comment, or another way to write a value, is no change."""
    change.replace("stacks/catalog/base.yaml", "size: 1", "size: 0x1 # one\n    ")
    assert change.reasons() == {}


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ("vars: {stage: dev}", "vars: {stage: dev, more: 1}", ("stack.vars",)),
        ("components:", "env: {A: b}\nsettings: {x: 1}\ncomponents:", ("stack.env", "stack.settings")),
        ("components:", "terraform: {command: tofu, providers: {aws: {}}}\ncomponents:",
         ("stack.providers", "stack.command")),
        ("components:", "terraform: {backend_type: s3, backend: {s3: {bucket: b}}}\ncomponents:",
         ("stack.backend", "stack.backend_type", "stack.remote_state_backend", "stack.remote_state_backend_type")),
        ("components:", "metadata: {tags: [a]}\ncomponents:", ("stack.metadata",)),
    ],
)  # fmt: skip
def test_a_whole_file_affects_all_of_its_instances(
    change: Change, old: str, new: str, reasons: tuple[str, ...]
) -> None:
    """Each section that differs is a reason; the first is the headline. Disabled instances are left out."""
    change.replace("stacks/dev.yaml", old, new)
    found = change.reasons()
    assert set(found) == {"dev/app", "dev/db", "dev/files", "dev/locked", "dev/reader"}
    assert found["dev/reader"] == reasons


def test_code_affects_its_instances(change: Change) -> None:
    """Everywhere where it is used, also through an inherited folder; locked instances are left out on request."""
    change.put("components/web/extra.tf", "")
    assert change.reasons() == {"dev/app": ("component",), "dev/locked": ("component",), "prod/app": ("component",)}
    assert set(change.reasons(exclude_locked=True, stack="dev")) == {"dev/app"}


@pytest.mark.parametrize("module", ["shared", "deep"])
def test_local_modules_are_code(change: Change, module: str) -> None:
    """Called directly or by another module."""
    change.put(
        f"modules/{module}/main.tf", "# changed\n" if module == "deep" else 'module "deep" { source = "../deep" } # x\n'
    )
    assert change.reasons(stack="prod") == {"prod/app": ("component.module",)}


def test_declared_files_and_folders_count(change: Change) -> None:
    """The path stands beside the reason."""
    change.put("policy.json", "{}")
    (one,) = change.find().values()
    assert (str(one.key), one.reasons, one.file) == ("dev/files", ("file",), "policy.json")
    change.put("docs/a/b.md", "x")
    (change.folder / "after/policy.json").unlink()
    (one,) = change.find().values()
    assert (one.reasons, one.folder) == (("folder",), "docs")


def test_new_and_deleted_instances(change: Change) -> None:
    """A new one has every section as a reason; a deleted one says whether its stack is gone too."""
    change.replace("stacks/dev.yaml", "    reader:", "    added: {}\n    readers:")
    (change.folder / "after/stacks/prod.yaml").unlink()
    found = change.find()
    assert found["dev/added"].reasons[0] == "stack.metadata"
    assert {"stack.vars", "stack.env", "stack.settings"} <= set(found["dev/added"].reasons)
    assert (found["dev/reader"].reasons, found["dev/reader"].deleted) == (("deleted",), "component")
    assert (found["prod/app"].reasons, found["prod/app"].deleted) == (("deleted.stack",), "stack")
    assert "dev/app" not in found


def test_what_becomes_abstract_is_not_deleted(change: Change) -> None:
    """It is still there, only nobody works on it."""
    change.replace("stacks/dev.yaml", "reader: {", "reader: {metadata: {type: abstract}, ")
    assert change.reasons() == {}


@pytest.mark.parametrize("way", ["new", "deleted"])
def test_what_a_glob_reaches_counts(change: Change, way: str) -> None:
    """A file that appears or goes changes what the importing file gives, although that is the same."""
    extra = "components: {terraform: {app: {vars: {size: 3}}}}\n"
    change.put("stacks/more/extra.yaml", extra, "after" if way == "new" else "before")
    assert set(change.reasons()) == {"dev/app", "prod/app"}


def test_what_a_manifest_includes_counts(change: Change) -> None:
    """The included file is no manifest, and the manifest that includes it is the same."""
    change.put("shared/zones.json", '["a"]', "before")
    change.put("shared/zones.json", '["a", "b"]')
    for side in ("before", "after"):
        text = (change.folder / side / "stacks/prod.yaml").read_text()
        change.put("stacks/prod.yaml", text + "      vars: {zones: !include shared/zones.json}\n", side)
    assert change.reasons() == {"prod/app": ("stack.vars",)}


def test_the_configuration_affects_what_it_changes(change: Change) -> None:
    """Everything is compared; only what differs is reported. Its layers may be in other files."""
    change.replace("atmos.yaml", "base_path: components}", "base_path: components, command: tofu}")
    assert set(change.reasons().values()) == {("stack.command",)}
    assert len(change.reasons()) == 6
    change.put("atmos.yaml", (change.folder / "before/atmos.yaml").read_text())
    change.put("atmos.d/extra.yaml", "components: {terraform: {command: other}}\n")
    assert set(change.reasons().values()) == {("stack.command",)}


def test_an_unknown_stack_is_refused(change: Change) -> None:
    """One that was deleted is known."""
    with pytest.raises(NotFound):
        affected(*change.sides, (), stack="devv")
    (change.folder / "after/stacks/prod.yaml").unlink()
    assert set(change.reasons(stack="prod")) == {"prod/app"}


def test_the_document_is_that_of_atmos(change: Change) -> None:
    """Fields, nulls for what was not asked for, deletions."""
    change.replace("stacks/catalog/base.yaml", "size: 1", "size: 2")
    (change.folder / "after/stacks/prod.yaml").unlink()
    now, before = change.sides
    found = affected(now, before, change.changed)
    assert describe_affected(found, now, before) == [
        {
            "component": "app", "component_type": "terraform", "component_path": "components/web", "stage": "dev",
            "stack": "dev", "stack_slug": "dev-app", "affected": "stack.vars", "affected_all": ["stack.vars"],
            "dependents": None, "included_in_dependents": False, "settings": None,
        },
        {
            "component": "app", "component_type": "terraform", "component_path": "components/web", "stage": "prod",
            "stack": "prod", "stack_slug": "prod-app", "affected": "deleted.stack", "affected_all": ["deleted.stack"],
            "dependents": None, "included_in_dependents": False, "settings": None,
            "deleted": True, "deletion_type": "stack",
        },
    ]  # fmt: skip


def test_dependents_are_added_and_said_to_be_included(change: Change) -> None:
    """An affected instance that depends on another affected one is marked, so that nobody works on it twice."""
    change.replace("stacks/dev.yaml", "vars: {stage: dev}", "vars: {stage: dev, more: 1}")
    now, before = change.sides
    found = [one for one in affected(now, before, change.changed) if one.key.component in ("app", "db", "reader")]
    documents = describe_affected(found, now, before, include_dependents=True, include_settings=True)
    assert [(one["component"], one["included_in_dependents"]) for one in documents] == [
        ("app", False),
        ("db", True),
        ("reader", False),
    ]
    assert [one["component"] for one in documents[0]["dependents"]] == ["db"]
    assert documents[0]["settings"] == {}
    with_references = describe_affected(found, now, before, include_dependents=True, references=True)
    assert [one["component"] for one in with_references[0]["dependents"][0]["dependents"]] == ["reader"]


def test_marks_follow_every_kind_of_dependency(change: Change) -> None:
    """What changed, and all that is reached from there."""
    change.replace("stacks/catalog/base.yaml", "size: 1", "size: 2")
    now, before = change.sides
    found = marks(affected(now, before, change.changed), now)
    assert {str(key): mark for key, mark in found.items()} == {
        "dev/app": "changed",
        "dev/db": "reached",
        "dev/reader": "reached",
        "prod/app": "changed",
    }


def test_unchanged_manifests_are_not_compared(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither their instances are built nor are they merged a second time on the other side."""
    asked: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        whole = getattr(Repository, name)

        def call(self: Repository, first: str, *more: str) -> object:
            asked.append("/".join((name, *reversed(more), first)))
            return whole(self, first, *more)

        return call

    for name in ("merged", "instance"):
        monkeypatch.setattr(Repository, name, counted(name))
    change.replace("stacks/dev.yaml", "reader: {", "reader: {env: {A: b}, ")
    assert change.reasons() == {"dev/reader": ("stack.env",)}
    assert sorted(set(asked)) == ["instance/dev/reader", "merged/dev.yaml", "merged/prod.yaml"]
