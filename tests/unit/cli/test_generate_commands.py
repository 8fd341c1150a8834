"""`gaia terraform generate …`: Atmos's files at Atmos's places."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gaia.kit import hcl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

GENERATE = ("terraform", "generate")
PHOTOS = ("photos-bucket", "-s", "acme-use1-dev")
CODE = "components/terraform/s3-bucket"
BACKEND = """\
terraform:
  backend_type: s3
  backend: {s3: {bucket: states, region: us-east-1}}
"""


@pytest.fixture
def repository(tmp_path: Path, gaia: Gaia) -> Path:
    """The repository around the caller: code for the bucket, a backend, a second instance, production's own."""
    assert gaia("list", "stacks").code == 0
    (tmp_path / CODE).mkdir(parents=True)
    defaults = tmp_path / "stacks/orgs/acme/_defaults.yaml"
    defaults.write_text(defaults.read_text() + BACKEND)
    prod = (
        "components: {terraform: {photos-bucket: {metadata: {component: s3-bucket}, vars: {name: p&p, few: [1, x]}}}}\n"
    )
    (tmp_path / "stacks/orgs/acme/prod/photos.yaml").write_text(
        "import: [orgs/acme/_defaults]\nvars: {stage: prod}\n" + prod
    )
    return tmp_path


def written(folder: Path) -> list[str]:
    """The generated files in it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.tf*") if path.name != "main.tf")


def test_varfile_is_named_and_placed_as_atmos_does(gaia: Gaia, repository: Path) -> None:
    """JSON with sorted keys in the component's folder; again, it is left alone."""
    said = gaia(*GENERATE, "varfile", *PHOTOS)
    name = f"{CODE}/acme-use1-dev-photos-bucket.terraform.tfvars.json"
    assert (said.code, said.out.split(), said.err) == (0, ["Created", name], "")
    assert written(repository) == [name]
    assert (
        (repository / name).read_text()
        == """\
{
  "environment": "use1",
  "name": "photos",
  "stage": "dev",
  "tags": {
    "owner": "team-media"
  },
  "tenant": "acme",
  "versioned": true
}
"""
    )
    assert "Unchanged" in gaia(*GENERATE, "varfile", *PHOTOS).out


def test_varfile_goes_where_the_caller_says(gaia: Gaia, repository: Path) -> None:
    """Also out of the repository: the caller said so. What is there is replaced, and keeps its mode."""
    place = repository.parent / f"{repository.name}-elsewhere" / "my.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text("old, and longer than what comes" * 50)
    place.chmod(0o600)
    assert gaia(*GENERATE, "varfile", *PHOTOS, "-f", str(place)).code == 0
    assert json.loads(place.read_text())["name"] == "photos"
    assert place.stat().st_mode & 0o777 == 0o600
    assert written(repository) == []


def test_a_dry_run_writes_nothing(gaia: Gaia, repository: Path) -> None:
    """It says what would be written, to programs too."""
    said = gaia(*GENERATE, "backend", *PHOTOS, "--dry-run", "-o", "json")
    assert said.json == {
        "dry_run": True,
        "files": [{"path": str(repository / CODE / "backend.tf.json"), "what": "created"}],
    }
    assert f"Would create {CODE}/backend.tf.json" in gaia(*GENERATE, "backend", *PHOTOS, "--dry-run").out
    assert written(repository) == []


def test_backend_has_the_folder_of_states_that_atmos_adds(gaia: Gaia, repository: Path) -> None:
    """`workspace_key_prefix` is the component's name."""
    assert gaia(*GENERATE, "backend", *PHOTOS).code == 0
    assert json.loads((repository / CODE / "backend.tf.json").read_text()) == {
        "terraform": {
            "backend": {"s3": {"bucket": "states", "region": "us-east-1", "workspace_key_prefix": "s3-bucket"}}
        }
    }


def test_backend_remote_needs_no_prefix(gaia: Gaia, repository: Path) -> None:
    """Reported to Atmos: a backend other than s3 was refused for want of `workspace_key_prefix`."""
    defaults = repository / "stacks/orgs/acme/_defaults.yaml"
    remote = "{hostname: app.terraform.io, organization: acme, workspaces: {prefix: app-}}"
    text = defaults.read_text().replace("backend_type: s3", "backend_type: remote")
    defaults.write_text(text.replace("{s3: {bucket: states, region: us-east-1}}", f"{{remote: {remote}}}"))
    (repository / "stacks/catalog/bucket.yaml").write_text(
        "components: {terraform: {bucket: {metadata: {type: abstract}, backend: {remote: {}}}}}\n"
    )
    assert gaia(*GENERATE, "backend", *PHOTOS).code == 0
    expected = {"hostname": "app.terraform.io", "organization": "acme", "workspaces": {"prefix": "app-"}}
    found = json.loads((repository / CODE / "backend.tf.json").read_text())
    assert found == {"terraform": {"backend": {"remote": expected}}}
    assert gaia("describe", "component", *PHOTOS, "-q", ".backend", "--format", "json").json == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "backend-type-missing"), ("terraform: {backend_type: gcs, backend: {gcs: {a: b}}}\n", "backend-incomplete")],
)
def test_a_backend_that_terraform_would_refuse_is_refused(gaia: Gaia, repository: Path, body: str, code: str) -> None:
    """With what is missing, and where the stack says the rest."""
    defaults = repository / "stacks/orgs/acme/_defaults.yaml"
    defaults.write_text(defaults.read_text().replace(BACKEND, body))
    said = gaia(*GENERATE, "backend", *PHOTOS)
    assert said.code == 2
    assert code in said.err
    assert written(repository) == []


def test_a_component_without_code_is_refused(gaia: Gaia, repository: Path) -> None:
    """Nothing is written into a folder that nobody made."""
    (repository / CODE).rmdir()
    for what in ("varfile", "backend"):
        said = gaia(*GENERATE, what, *PHOTOS)
        assert (said.code, "component-folder-missing" in said.err) == (3, True)


def test_varfiles_are_written_by_the_template(gaia: Gaia, repository: Path) -> None:
    """HCL by default, JSON on demand; folders are made; `--stacks` takes names and manifests."""
    to = ("--file-template", "out/{tenant}/{stage}/{component}-{base-component}.tfvars")
    assert gaia(*GENERATE, "varfiles", *to).code == 0
    dev, prod = (f"out/acme/{stage}/photos-bucket-s3-bucket.tfvars" for stage in ("dev", "prod"))
    assert written(repository) == [dev, prod]
    block = hcl.parse((repository / prod).read_text() + "\n", "a")
    assert block.literal("name") == "p&p"
    assert block.literal("few") == [1, "x"]
    for wanted in ("acme-use1-prod", "orgs/acme/prod/photos", "photos,nothing"):
        for path in (dev, prod):
            (repository / path).unlink(missing_ok=True)
        assert gaia(*GENERATE, "varfiles", *to, "--stacks", wanted, "--format", "json").code == 0
        assert prod in written(repository)
    assert r'"name": "p\u0026p"' in (repository / prod).read_text(), "Go writes it so"
    assert gaia(*GENERATE, "varfiles").code == 2


def test_backends_are_one_a_component_without_a_template(gaia: Gaia, repository: Path) -> None:
    """`backend.tf`, or `.json`; with a template one an instance, also as what `-backend-config` takes."""
    assert gaia(*GENERATE, "backends").code == 0
    assert gaia(*GENERATE, "backends", "--format", "json").code == 0
    assert written(repository) == [f"{CODE}/backend.tf", f"{CODE}/backend.tf.json"]
    (block,) = hcl.parse((repository / CODE / "backend.tf").read_text(), "a").blocks[0].blocks
    assert (block.type, block.labels, block.literal("bucket")) == ("backend", ("s3",), "states")
    to = ("--file-template", "{component-path}/{stage}.tfbackend", "--format", "backend-config")
    assert gaia(*GENERATE, "backends", *to, "--components", "photos-bucket").code == 0
    text = 'bucket = "states"\n\nregion = "us-east-1"\n\nworkspace_key_prefix = "s3-bucket"'
    assert (repository / CODE / "prod.tfbackend").read_text() == text


def test_two_instances_never_share_a_file(gaia: Gaia, repository: Path) -> None:
    """Which of them were left would be a matter of chance."""
    said = gaia(*GENERATE, "varfiles", "--file-template", "{component}.tfvars")
    assert (said.code, "place-shared" in said.err, written(repository)) == (6, True, [])


@pytest.mark.parametrize("value", ["../../../gone", "/gone"])
def test_a_value_never_leads_out_of_the_repository(gaia: Gaia, repository: Path, value: str) -> None:
    """What is in a variable is no decision of the caller's; a template that leads out is one."""
    path = repository / "stacks/orgs/acme/prod/photos.yaml"
    path.write_text(path.read_text().replace("vars: {stage: prod}", f"vars: {{stage: prod, region: {value}}}"))
    only = ("--stacks", "acme-use1-prod")
    out = f"../{repository.name}-out/{{component}}.tfvars"
    said = gaia(*GENERATE, "varfiles", "--file-template", "{region}/{component}.tfvars", *only)
    assert (said.code, "path-escapes" in said.err) == (2, True)
    assert gaia(*GENERATE, "varfiles", "--file-template", out, *only).code == 0
    assert (repository.parent / f"{repository.name}-out/photos-bucket.tfvars").is_file()


@pytest.mark.parametrize("wrong", ["vars: {name: !terraform.state vpc id}", "vars: {name: '{{ nothing }}'}"])
def test_what_cannot_be_written_holds_up_nothing_else(gaia: Gaia, repository: Path, wrong: str) -> None:
    """The rest is written, and the command ends with what is left and a code of its own."""
    atmos = repository / "atmos.yaml"
    atmos.write_text(atmos.read_text() + "templates: {settings: {enabled: true}}\n")
    path = repository / "stacks/orgs/acme/prod/photos.yaml"
    path.write_text(path.read_text().replace("vars: {name: p&p, few: [1, x]}", wrong))
    said = gaia(*GENERATE, "varfiles", "--file-template", "out/{stage}.tfvars")
    assert (said.code, written(repository / "out")) == (9, ["dev.tfvars"])
    assert "photos-bucket in acme-use1-prod" in said.err
    assert "everything else is written" in said.err


def test_an_unknown_value_is_never_written_as_a_text(gaia: Gaia, repository: Path) -> None:
    """Unless the caller wants functions as they stand."""
    path = repository / "stacks/orgs/acme/prod/photos.yaml"
    path.write_text(path.read_text().replace("p&p", "!terraform.state vpc id"))
    prod = ("photos-bucket", "-s", "acme-use1-prod")
    said = gaia(*GENERATE, "varfile", *prod)
    assert (said.code, "value-unresolved" in said.err, "photos.yaml:3" in said.err) == (2, True, True)
    assert gaia(*GENERATE, "varfile", *prod, "--process-functions=false").code == 0
    (name,) = written(repository)
    assert json.loads((repository / name).read_text())["name"] == "!terraform.state vpc id"


SECTION: dict[str, Any] = {
    "locals.tf": {"locals": {"stack": "{{ .atmos_stack }}", "n": 1}},
    "meta.json": {"component": "{{ .component }}", "list": ["{{ .stage }}", {"a": True}], "html": "<a>"},
    "config.yaml": {"b": {"name": "{{ .vars.name }}"}, "a": ["x"]},
    "x.auto.tfvars": {"region": "eu", "map": {"a": 1}},
    "README.md": "# {{ .atmos_component }} of {{ .atmos_stack_file }}{{ range .vars.tags }} {{ . }}{{ end }}\n",
}


@pytest.fixture
def generating(repository: Path) -> Path:
    """The repository, with a `generate` section of each kind."""
    path = repository / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + f"      generate: {json.dumps(SECTION)}\n")
    return repository


def test_files_of_the_generate_section(gaia: Gaia, generating: Path) -> None:
    """Texts are templates, maps are written by the file's ending, as Go's libraries write them."""
    assert gaia(*GENERATE, "files", *PHOTOS).code == 0
    found = {name: (generating / CODE / name).read_text() for name in SECTION}
    assert found == {
        "locals.tf": 'locals {\n  n     = 1\n  stack = "acme-use1-dev"\n}\n',
        "meta.json": '{\n  "component": "s3-bucket",\n  "html": "\\u003ca\\u003e",\n  "list": [\n    "dev",\n    {\n'
        '      "a": true\n    }\n  ]\n}',
        "config.yaml": "a:\n  - x\nb:\n  name: photos\n",
        "x.auto.tfvars": 'map = {\n  a = 1\n}\nregion = "eu"\n',
        "README.md": "# photos-bucket of orgs/acme/dev/photos team-media\n",
    }


def test_files_of_all_instances_and_their_removal(gaia: Gaia, generating: Path) -> None:
    """`--all` with filters; `--clean` removes what the section names, and nothing else."""
    other = generating / CODE / "main.tf"
    other.write_text("")
    assert "nothing to generate" in gaia(*GENERATE, "files", "--all", "--stacks", "*-prod").out
    assert gaia(*GENERATE, "files", "--all", "--stacks", "*-dev", "--components", "photos-bucket").code == 0
    assert (generating / CODE / "locals.tf").is_file()
    assert "Would delete" in gaia(*GENERATE, "files", "--all", "--clean", "--dry-run").out
    assert (generating / CODE / "locals.tf").is_file()
    assert gaia(*GENERATE, "files", "--all", "--clean").code == 0
    assert [path.name for path in (generating / CODE).iterdir()] == ["main.tf"]
    assert "Not there" in gaia(*GENERATE, "files", *PHOTOS, "--clean").out
    for wrong in ((), ("--all", *PHOTOS), ("photos-bucket",)):
        assert gaia(*GENERATE, "files", *wrong).code == 2


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"a.txt": 3}, "generate-content"),
        ({"a.tf": {"variable": {"x": "text"}}}, "generate-content"),
        ({"a.txt": "{{ nothing }}"}, "template-syntax"),
        ({"../../../../a.txt": "x"}, "path-escapes"),
        ({"a.json": {"id": "!terraform.state vpc id"}}, "value-unresolved"),
    ],
)
def test_a_section_that_cannot_be_written_is_refused(
    gaia: Gaia, repository: Path, section: dict[str, Any], code: str
) -> None:
    """With the place in the manifest; nothing is written."""
    path = repository / "stacks/orgs/acme/dev/photos.yaml"
    path.write_text(path.read_text() + f"      generate: {json.dumps(section)}\n")
    said = gaia(*GENERATE, "files", *PHOTOS)
    assert (said.code, code in said.err, list((repository / CODE).iterdir())) == (2, True, [])
