"""Public reports about reading a repository: each with the commands that it is about and the right outcome."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cli import main
from gaia.cli.session import Session
from gaia.kit.git import Git
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    Place = Callable[[str], "Checkout"]

REPORTS = Path(__file__).parent / "reports"
PERSON = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Checkout:
    """A repository of a report, committed as it was, with the files as they are now."""

    folder: Path
    environ: dict[str, str]

    def __call__(self, *words: str) -> Said:
        """Run one command line in it."""
        settings = Settings.capture(self.environ, self.folder)
        session = Session(settings, io.StringIO(), io.StringIO(), io.StringIO())
        code = main.run(list(words), session)
        return Said(code, session.stdout.getvalue(), session.stderr.getvalue())  # type: ignore[attr-defined]

    def change(self, file: str, old: str, new: str) -> None:
        """Edit a file."""
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def write(self, file: str, text: str) -> None:
        """Make a file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(name="at")
def checkouts(tmp_path: Path) -> Place:
    """Makes the checkout of a report, in a git repository of its own.

    Files get the time of now: git takes one of the same size and an earlier time than its index for unchanged.
    """

    def make(name: str) -> Checkout:
        report, folder = REPORTS / name, tmp_path / "checkout"
        before = report / "committed"
        shutil.copytree(before if before.is_dir() else report / "repository", folder, copy_function=shutil.copy)
        environ = {**PERSON, "PATH": "/usr/bin:/bin:/usr/local/bin", "GAIA_HOME": str(tmp_path / "home")}
        environ["GAIA_CACHE_DIR"] = str(tmp_path / "cache")
        git = Git(folder, environ)
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
            git(*words)
        if before.is_dir():
            for child in folder.iterdir():
                if child.name != ".git":
                    shutil.rmtree(child) if child.is_dir() else child.unlink()
            shutil.copytree(report / "repository", folder, copy_function=shutil.copy, dirs_exist_ok=True)
        return Checkout(folder, environ)

    return make


def test_a_remote_backend_needs_no_key_prefix(at: Place) -> None:
    """It is described as it is written, for a component that inherits it from an abstract one."""
    gaia = at("09-remote-backend-no-prefix")
    body = {"hostname": "app.terraform.io", "organization": "acme", "workspaces": {"prefix": "app-"}}
    said = gaia(
        "describe", "component", "m1", "-s", "acme-dev", "-q", '{"t": .backend_type, "b": .backend}', "-f", "json"
    )
    assert said.json == {"t": "remote", "b": body}
    assert gaia("describe", "component", "m1", "-s", "acme-dev", "-q", ".backend", "-f", "json").json == body


def test_what_was_deleted_has_no_dependents(at: Place) -> None:
    """A component that is gone, and a stack that is gone; those that change have theirs."""
    gaia = at("21-deleted-with-dependents")
    query = 'map({"c":.component,"s":.stack,"a":.affected,"d":.deleted,"t":.deletion_type,"dep":.dependents})'
    found = gaia("describe", "affected", "--ref", "HEAD", "--include-dependents", "--format", "json", "-q", query).json
    assert found == [
        {"c": "vpc", "s": "acme-dev", "a": "deleted", "d": True, "t": "component", "dep": []},
        {"c": "db", "s": "acme-old", "a": "deleted.stack", "d": True, "t": "stack", "dep": []},
        {"c": "vpc", "s": "acme-old", "a": "deleted.stack", "d": True, "t": "stack", "dep": []},
    ]
    rows = gaia("list", "affected", "--ref", "HEAD", "--include-dependents", "-f", "json").json
    assert [(row["Component"], row["Affected"]) for row in rows] == [
        ("vpc", "deleted"), ("db", "deleted.stack"), ("vpc", "deleted.stack")
    ]  # fmt: skip


def test_a_manifest_s_path_stands_for_its_stack(at: Place) -> None:
    """In `describe stacks`, `describe locals` and lists; a component is found by the stack's name alone."""
    gaia = at("24-stack-as-path")
    said = gaia("describe", "stacks", "-s", "deploy/dev", "--sections", "vars", "-f", "json")
    variables = {"vars": {"tenant": "acme", "stage": "dev"}}
    assert said.json == {"acme-dev": {"components": {"terraform": {"mock": variables}}}}
    assert gaia("list", "stacks", "-s", "deploy/dev").out == "acme-dev\n"
    assert gaia("list", "instances", "-s", "deploy/dev").out == "mock\tacme-dev\n"
    refused = gaia("describe", "component", "mock", "-s", "deploy/dev")
    assert (refused.code, "'acme-dev'" in refused.err) == (3, True)
    gaia.write("stacks/deploy/more.yaml", "vars: {tenant: acme, stage: dev}\ncomponents: {terraform: {vpc: {}}}\n")
    assert list(
        gaia("describe", "stacks", "-s", "deploy/more", "-f", "json").json["acme-dev"]["components"]["terraform"]
    ) == ["vpc"]
    assert gaia("list", "instances", "-s", "deploy/more").out == "vpc\tacme-dev\n"
    assert gaia("describe", "stacks", "-s", "deploy/nothing").code == 3


INSTANCES = "mock\tacme-dev\nvpc\tacme-dev\nmock\tacme-prod\nvpc\tacme-prod\n"


@pytest.mark.parametrize(
    ("line", "out"),
    [
        (["instances", "--stack", "*-prod"], "mock\tacme-prod\nvpc\tacme-prod\n"),
        (["instances", "--filter", '.component == "mock"'], "mock\tacme-dev\nmock\tacme-prod\n"),
        (["instances", "--filter", ".enabled == false"], "vpc\tacme-dev\nvpc\tacme-prod\n"),
        (["instances", "--filter", '.vars.name == "a" and .vars.stage == "dev"'], "mock\tacme-dev\n"),
        (["instances", "--query", ".component"], INSTANCES),
        (["instances", "-q", ".vars.name", "--columns", "V={{ .value }}"], "a\na\n"),
        (["instances", "-q", '{"n": .vars.stage}', "--columns", "N={{ .n }}", "-s", "*-dev"], "dev\ndev\n"),
        (["instances", "--skip", "terraform.state"], INSTANCES),
        (["instances", "--enabled"], "mock\tacme-dev\nmock\tacme-prod\n"),
        (["instances", "--enabled=false"], "vpc\tacme-dev\nvpc\tacme-prod\n"),
        (["stacks", "--skip", "terraform.output"], "acme-dev\nacme-prod\n"),
        (["stacks", "--filter", '.vars.stage == "dev"'], "acme-dev\n"),
        (["components", "--enabled"], "mock\tterraform\t2\n"),
        (["components", "--enabled=false"], "vpc\tterraform\t2\n"),
        (["components", "--locked"], ""),
        (["components", "--type", "all"], "mock\tterraform\t2\nvpc\tterraform\t2\n"),
        (["components", "--type", "abstract"], ""),
        (["components", "--abstract"], "mock\tterraform\t2\nvpc\tterraform\t2\n"),
        (["vars", "mock", "-s", "acme-dev"], "name\ta\nstage\tdev\ntenant\tacme\n"),
        (["values", "mock", "--abstract"], "name\ta\ta\nstage\tdev\tprod\ntenant\tacme\tacme\n"),
        (["vars", "mock", "--query", ".vars.name", "--skip", "env"], "value\ta\ta\n"),
    ],
    ids=" ".join,
)
def test_lists_are_filtered(at: Place, line: list[str], out: str) -> None:
    """By pattern, by yq expression, by what metadata says; and functions can be left alone."""
    said = at("31-list-instances-filter")("list", *line)
    assert (said.code, said.out) == (0, out), said.err


def test_lists_show_every_type(at: Place) -> None:
    """Components of helmfile and packer beside those of terraform; tags and labels choose among them."""
    gaia = at("31-list-instances-filter")
    gaia.write(
        "stacks/deploy/more.yaml",
        "vars: {tenant: acme, stage: dev}\n"
        "components:\n"
        "  helmfile: {echo: {metadata: {tags: [web], labels: {team: a}}}}\n"
        "  packer: {image: {metadata: {locked: true}}}\n"
        "  terraform: {base: {metadata: {type: abstract}}}\n",
    )
    listed = gaia("list", "components", "-f", "json").json
    assert [(row["Component"], row["Type"]) for row in listed] == [
        ("echo", "helmfile"), ("image", "packer"), ("mock", "terraform"), ("vpc", "terraform")
    ]  # fmt: skip
    assert gaia("list", "components", "--type", "abstract").out == "base\tterraform\t1\n"
    assert gaia("list", "instances", "--tags", "web,api", "--labels", "team=a").out == "echo\tacme-dev\n"
    assert gaia("list", "components", "--locked").out == "image\tpacker\t1\n"
    assert gaia("list", "instances", "--labels", "team=b").out == ""
    matrix = gaia("list", "instances", "-s", "acme-dev", "--tags", "web", "--format", "matrix").json
    assert [(one["component"], one["component_type"]) for one in matrix["include"]] == [("echo", "helmfile")]


def test_a_source_is_listed(at: Place) -> None:
    """With its address and version; the stack is left out where one is asked for."""
    gaia = at("31-list-instances-filter")
    gaia.change(
        "stacks/deploy/dev.yaml",
        "mock: {vars: {name: a}}",
        "mock: {vars: {name: a}, source: {uri: github.com/acme/mock, version: 1.2.3}}",
    )
    row = {"Type": "terraform", "Component": "mock", "URI": "github.com/acme/mock", "Version": "1.2.3"}
    assert gaia("list", "sources", "-f", "json").json == [{"Stack": "acme-dev", **row}]
    assert gaia("list", "sources", "mock", "-s", "acme-dev", "-f", "json").json == [row]
    assert gaia("list", "sources", "vpc").out == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("base_path: stacks", "base_path: stakcs"), ('"deplo/**/*"', '"nothing/**/*"'), ("deplo/", "")],
)
def test_nothing_found_is_not_valid(at: Place, old: str, new: str) -> None:
    """A typing error in a path fails the validation as it fails a list."""
    gaia = at("43-validate-nothing-found")
    gaia.change("atmos.yaml", old, new)
    if new == "":
        return
    assert gaia("list", "stacks").code == 2
    said = gaia("validate", "stacks")
    assert (said.code, "no-manifests" in said.out, "Valid" in said.out) == (1, True, False)


def test_a_change_is_a_matrix_for_github(at: Place, tmp_path: Path) -> None:
    """One line, for standard output or for the file of a job's outputs; and the same as a list."""
    gaia = at("46-describe-affected-matrix")
    entry = {
        "stack": "acme-dev",
        "component": "mock",
        "component_path": "components/terraform/mock",
        "component_type": "terraform",
    }
    said = gaia("describe", "affected", "--ref", "HEAD", "--format", "matrix")
    assert (said.code, said.json, said.out.count("\n")) == (0, {"include": [entry]}, 1)
    file = tmp_path / "outputs"
    file.write_text("before=1\n")
    gaia("describe", "affected", "--ref", "HEAD", "--format", "matrix", "--output-file", str(file))
    assert file.read_text() == f"before=1\nmatrix={said.out}count=1\n"
    assert gaia("describe", "affected", "--ref", "HEAD", "--output-file", str(file)).code == 2
    assert gaia("list", "affected", "--ref", "HEAD").out == "●\tmock\tacme-dev\tterraform\tstack.vars\t\n"
    assert gaia("list", "affected", "--ref", "HEAD", "-f", "csv").out == (
        "Status,Component,Stack,Type,Affected,File\nenabled,mock,acme-dev,terraform,stack.vars,\n"
    )
    gaia.change("stacks/deploy/dev.yaml", "name: b", "name: a")
    assert gaia("describe", "affected", "--ref", "HEAD", "--format", "matrix").json == {"include": []}
    assert gaia("list", "affected", "--ref", "HEAD").out == ""


MISTAKES = {
    "an unclosed template": 'mock: {vars: {a: "{{ .nope.deeper | quote"}}',
    "a function without arguments": "vpc: {vars: {x: !env }}",
    "an unknown function of templates": 'mock: {vars: {name: "{{ nope 1 }}"}}',
    "a template that divides by nothing": 'mock: {vars: {name: "{{ div 1 0 }}"}}',
    "a template in metadata": 'mock: {metadata: {component: "{{ .x"}}',
    "a template in settings": 'mock: {settings: {s: ["{{ end }}"]}}',
    "a template in env": 'mock: {env: {E: "{{ if }}"}}',
    "a function of an abstract component": "base: {metadata: {type: abstract}, vars: {x: !env }}",
    "a function in a list": "mock: {vars: {name: [!terraform.output vpc]}}",
    "a reference without an output": "mock: {vars: {name: !terraform.state vpc}}",
    "a function that is not supported": "mock: {vars: {name: !cel x}}",
    "a base that is not there": "mock: {metadata: {inherits: [nope]}}",
    "a circle of bases": (
        "a: {metadata: {inherits: [b]}}, b: {metadata: {inherits: [c]}}, c: {metadata: {inherits: [b]}}"
    ),
    "a section of another type": "mock: {vars: []}",
    "a component of another type": "mock: []",
    "a wrong way to merge lists": "mock: {settings: {list_merge_strategy: zip}}",
    "depends_on of another type": "mock: {settings: {depends_on: [a]}}",
    "a folder outside": "mock: {metadata: {component: ../../x}}",
}  # fmt: skip


@pytest.mark.parametrize("components", MISTAKES.values(), ids=MISTAKES)
def test_validation_finds_what_a_description_refuses(at: Place, components: str) -> None:
    """Whatever is wrong with a component; the description shows the others, and ends with an exit code of its own."""
    gaia = at("54-validate-misses-component-mistakes")
    gaia.write(
        "stacks/deploy/dev.yaml",
        f"vars: {{tenant: acme, stage: dev}}\ncomponents:\n  terraform: {{{components}, good: {{}}}}\n",
    )
    described = gaia("describe", "stacks", "-f", "json")
    assert described.code == 9
    assert "good" in described.json["acme-dev"]["components"]["terraform"]
    assert "stacks/deploy/dev.yaml:3:" in described.err
    report = gaia("validate", "stacks", "-o", "json")
    assert report.code == 1
    assert [one for one in report.json["findings"] if one["severity"] == "error"]
    assert gaia("describe", "component", "good", "-s", "acme-dev").code == 0
    assert gaia("describe", "stacks", "--components", "good").code == 0


def test_both_mistakes_of_the_report_are_found(at: Place) -> None:
    """With their places."""
    said = at("54-validate-misses-component-mistakes")("validate", "stacks", "-o", "json")
    found = {one["code"]: one["at"] for one in said.json["findings"] if one["severity"] == "error"}
    assert said.code == 1
    assert found["template-syntax"] == "stacks/deploy/dev.yaml:4:19"
    assert found["function-arguments"] == "stacks/deploy/dev.yaml:5:18"


def test_equal_mistakes_are_one_line(at: Place) -> None:
    """Of two manifests, or of one catalog in two: with a count, and every place."""
    gaia = at("54-validate-misses-component-mistakes")
    text = (gaia.folder / "stacks/deploy/dev.yaml").read_text()
    gaia.write("stacks/deploy/prod.yaml", text.replace("stage: dev", "stage: prod"))
    said = gaia("validate", "stacks")
    assert said.out.count("unclosed action") == 1
    assert "unclosed action  [template-syntax]  2 times" in said.out
    assert "stacks/deploy/dev.yaml:4:19" in said.out
    assert "stacks/deploy/prod.yaml:4:19" in said.out
    assert "4 mistakes" in said.out
