"""Every broken repository gives one error with a place and a next step; none hangs."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Position, Refused
from gaia.golang.goyaml import dump
from gaia.stacks.model import Unknown
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STACK = "acme-use1-dev"
DEV = "orgs/dev.yaml"


def _components(text: str) -> str:
    return f"{PLACE}components:\n  terraform:\n    c: {text}\n"


BROKEN = {
    "tab": ({DEV: "vars:\n\tstage: dev\n"}, "yaml-syntax", "orgs/dev.yaml:2:1"),
    "not a map": ({DEV: "- a\n"}, "manifest-type", "orgs/dev.yaml:1:1"),
    "empty vars": ({DEV: "vars:\n"}, "section-type", "orgs/dev.yaml:1:1"),
    "empty components": ({DEV: f"{PLACE}components:\n"}, "section-type", "orgs/dev.yaml:2:1"),
    "vars is a list": ({DEV: _components("{vars: [1]}")}, "section-type", "orgs/dev.yaml:4:9"),
    "null component": ({DEV: _components("")}, "section-type", "orgs/dev.yaml:4:5"),
    "imports not a list": ({DEV: f"{PLACE}import: catalog/x\n"}, "section-type", "orgs/dev.yaml:2:1"),
    "import without path": ({DEV: "import: [{context: {a: 1}}]\n"}, "section-type", "orgs/dev.yaml:1:10"),
    "missing import": (
        {DEV: "import:\n  - catalog/bukket\n", "catalog/bucket.yaml": ""},
        "import-not-found",
        "orgs/dev.yaml:2:5",
    ),
    "import of itself": ({DEV: "import: [orgs/dev]\n"}, "import-self", "orgs/dev.yaml:1:10"),
    "import cycle": (
        {DEV: "import: [a]\n", "a.yaml": "import: [b]\n", "b.yaml": "\nimport: [a]\n"},
        "import-cycle",
        "b.yaml:2:10",
    ),
    "import out of the tree": ({DEV: "import: [../../../etc/passwd]\n"}, "import-not-found", "orgs/dev.yaml:1:10"),
    "remote import": ({DEV: "import: ['https://x.example/a.yaml']\n"}, "not-supported", "orgs/dev.yaml:1:10"),
    "missing key with context": (
        {DEV: f"{PLACE}import: [{{path: a, context: {{x: 1}}}}]\n", "a.yaml": "vars:\n  b: 1\n  y: '{{ .z }}'\n"},
        "template-missing-key",
        "a.yaml:3:3",
    ),
    "template file": (
        {DEV: f"{PLACE}import: [a]\n", "a.yaml.tmpl": "vars:\n  x: 1\n  {{ range .y }}\n"},
        "template-syntax",
        "a.yaml.tmpl:4:1",
    ),
    "undefined local": (
        {DEV: f"{PLACE}locals:\n  a: '{{{{ .locals.b }}}}'\n"},
        "locals-undefined",
        "orgs/dev.yaml:3:3",
    ),
    "locals in a circle": (
        {DEV: f"{PLACE}locals:\n  a: '{{{{ .locals.b }}}}'\n  b: '{{{{ .locals.a }}}}'\n"},
        "locals-cycle",
        "orgs/dev.yaml:3:3",
    ),
    "locals are a list": ({DEV: f"{PLACE}locals: [a]\n"}, "section-type", "orgs/dev.yaml:2:1"),
    "missing include": ({DEV: _components("{vars: {x: !include no.json}}")}, "include-not-found", "orgs/dev.yaml:4:19"),
    "include out of the tree": (
        {DEV: _components("{vars: {x: !include ../../../../etc/passwd}}")},
        "path-escapes",
        "orgs/dev.yaml:4:19",
    ),
    "broken include": (
        {DEV: _components("{vars: {x: !include ./x.json}}"), "orgs/x.json": "{\n'"},
        "json-syntax",
        "orgs/x.json:2:1",
    ),
    "no JSON number": (
        {DEV: _components("{vars: {x: !include ./x.json}}"), "orgs/x.json": "[NaN]"},
        "json-syntax",
        "orgs/x.json:1:1",
    ),
    "includes nine files deep": (
        {
            DEV: f"{PLACE}x: !include ../catalog/1.yaml\n",
            **{f"catalog/{one}.yaml": f"y: !include ./{one + 1}.yaml\n" for one in range(1, 10)},
        },
        "include-too-deep",
        "catalog/8.yaml:1:4",
    ),
    "unknown tag": ({DEV: _components("{vars: {x: !nope 1}}")}, "unsupported-yaml-tag", "orgs/dev.yaml:4:19"),
    "metadata for all": ({DEV: f"{PLACE}metadata: {{component: x}}\n"}, "global-metadata", "orgs/dev.yaml:2:12"),
    "inheritance cycle": (
        {DEV: _components("{metadata: {inherits: [x]}}\n    x: {metadata: {inherits: [y]}}\n")
         + "    y: {metadata: {inherits: [z]}}\n    z: {metadata: {inherits: [x]}}\n"},
        "inheritance-cycle",
        "orgs/dev.yaml:8:31",
    ),
    "missing base": ({DEV: _components("{metadata: {inherits: [b]}}")}, "missing-base-component", "orgs/dev.yaml:4:31"),
    "inherits is a text": ({DEV: _components("{metadata: {inherits: b}}")}, "section-type", "orgs/dev.yaml:4:20"),
    "depends_on is a list": (
        {DEV: _components("{settings: {depends_on: [a]}}")},
        "settings-decode",
        "orgs/dev.yaml:4:20",
    ),
    "backend of another type": (
        {DEV: _components("{backend_type: local, backend: {s3: {bucket: b}}}")},
        "backend-type-mismatch",
        "orgs/dev.yaml:4:30",
    ),
    "component out of the tree": (
        {DEV: _components("{metadata: {component: ../../x}}")},
        "path-escapes",
        "orgs/dev.yaml:4:20",
    ),
    "unfinished quote": (
        {DEV: _components("{vars: {x: '!env \"A'}}")},
        "function-arguments",
        "orgs/dev.yaml:4:16",
    ),
    "reference without output": (
        {DEV: _components("{vars: {x: !terraform.state vpc}}")},
        "function-arguments",
        "orgs/dev.yaml:4:16",
    ),
    "unsupported function": ({DEV: _components("{vars: {x: [a, !cel a]}}")}, "not-supported", "orgs/dev.yaml:4:23"),
    "wrong list strategy": (
        {DEV: _components("{settings: {list_merge_strategy: zip}}")},
        "list-strategy",
        "orgs/dev.yaml:4:20",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_manifests(repository: Callable[..., Repository], case: str) -> None:
    """The error has its code, the file with line and column, and a next step."""
    files, code, at = BROKEN[case]
    with pytest.raises(GaiaError) as caught:
        repository(files).instance("c", STACK)
    assert caught.value.code == code
    assert caught.value.next_step
    assert str(caught.value.at) == f"stacks/{at}"


def test_a_missing_import_names_the_nearest_file(repository: Callable[..., Repository]) -> None:
    """Spelling mistakes in imports are answered with the path that exists."""
    with pytest.raises(NotFound, match="bukket") as caught:
        repository({DEV: "import: [catalog/bukket]\n", "catalog/bucket.yaml": ""}).instance("c", STACK)
    assert "catalog/bucket" in caught.value.next_step


def test_an_import_cycle_shows_every_edge(repository: Callable[..., Repository]) -> None:
    """The circle is spelled out, with the place of each import in it."""
    files = {DEV: "import: [a]\n", "a.yaml": "import: [b]\n", "b.yaml": "import: [a]\n"}
    with pytest.raises(Invalid, match=r"a\.yaml → b\.yaml → a\.yaml") as caught:
        _ = repository(files).instances
    assert "stacks/a.yaml:1:10, stacks/b.yaml:1:10" in caught.value.next_step


def test_links_out_of_the_tree_are_refused(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """A manifest that is a link to a file outside of the repository is not read."""
    outside = tmp_path.parent / f"{tmp_path.name}-secret.yaml"
    outside.write_text("vars: {secret: 1}\n")
    repo = repository({DEV: f"{PLACE}import: [leak]\n"})
    (tmp_path / "stacks" / "leak.yaml").symlink_to(outside)
    with pytest.raises(Invalid) as caught:
        repo.instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("path-escapes", "stacks/orgs/dev.yaml:2:10")


@pytest.mark.parametrize("imported", [True, False])
def test_a_pipe_is_not_waited_for(repository: Callable[..., Repository], tmp_path: Path, imported: bool) -> None:
    """Reading one would wait until somebody writes into it."""
    repo = repository({DEV: f"{PLACE}import: [pipe]\n" if imported else PLACE})
    os.mkfifo(tmp_path / "stacks" / ("pipe.yaml" if imported else "orgs/pipe.yaml"))
    with pytest.raises(Invalid, match="no regular file") as caught:
        repo.instance("c", STACK)
    place = "stacks/orgs/dev.yaml:2:10" if imported else "stacks/orgs/pipe.yaml:1:1"
    assert (caught.value.code, str(caught.value.at)) == ("file-not-readable", place)


@pytest.mark.parametrize(
    ("link", "text", "code", "at"),
    [
        ("stacks/loop.yaml", f"{PLACE}import: [loop]\n", "file-not-readable", "stacks/orgs/dev.yaml:2:10"),
        ("stacks/loop.json", _components("{vars: {x: !include stacks/loop.json}}"), "include-not-found",
         "stacks/orgs/dev.yaml:4:19"),
    ],
)  # fmt: skip
def test_links_in_a_circle_end(
    repository: Callable[..., Repository], tmp_path: Path, link: str, text: str, code: str, at: str
) -> None:
    """A link that leads to itself is a file that cannot be read, named where it is needed."""
    repo = repository({DEV: text})
    (tmp_path / link).symlink_to(tmp_path / link)
    with pytest.raises(GaiaError) as caught:
        repo.instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == (code, at)


def test_a_stacks_folder_that_links_to_itself_has_no_manifests(tmp_path: Path) -> None:
    """Opening and listing end; the setting is named."""
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "stacks").symlink_to(tmp_path / "stacks")
    with pytest.raises(Invalid) as caught:
        _ = Repository.open(tmp_path).instances
    assert caught.value.code == "no-manifests"
    assert caught.value.at is not None


ENDLESS = "9" * 5000
"""Python refuses to convert a text of so many digits."""


@pytest.mark.parametrize("written", [ENDLESS, f"-{ENDLESS}", f'"{ENDLESS}"', f"{ENDLESS}.5"])
def test_a_number_of_thousands_of_digits_is_a_text(repository: Callable[..., Repository], written: str) -> None:
    """As every number that Go's YAML reader cannot hold; a text that looks like one is still written as a text."""
    value = repository({DEV: _components(f"{{vars: {{x: {written}}}}}")}).instance("c", STACK).vars["x"]
    assert value == written.strip('"')
    assert ENDLESS in dump({"x": value})


def test_a_number_of_thousands_of_digits_in_an_included_file(repository: Callable[..., Repository]) -> None:
    """Of JSON and HCL it is refused with its place: as a text it would be another value."""
    files = {DEV: _components("{vars: {x: !include ./x.json}}"), "orgs/x.json": f'{{"a": 1,\n"b": {ENDLESS}}}'}
    with pytest.raises(Invalid) as caught:
        repository(files).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("json-syntax", "stacks/orgs/x.json:1:1")
    files = {DEV: _components("{vars: {x: !include ./x.tfvars}}"), "orgs/x.tfvars": f"a = 1\nb = {ENDLESS}\n"}
    with pytest.raises(Invalid) as caught:
        repository(files).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("not-supported", "stacks/orgs/x.tfvars:2:1")


@pytest.mark.slow
@pytest.mark.no_cover
def test_import_bombs_end(repository: Callable[..., Repository]) -> None:
    """Files that import each other twice, with overrides so that nothing can be kept, are cut off."""
    files = {f"n{index}.yaml": f"import: [n{index + 1}, n{index + 1}]\noverrides: {{vars: {{v{index}: 1}}}}\n"
             for index in range(40)}  # fmt: skip
    with pytest.raises(Invalid) as caught:
        _ = repository({DEV: f"{PLACE}import: [n0]\n", **files, "n40.yaml": "vars: {}\n"}).instances
    assert caught.value.code == "import-too-many"


def test_deep_import_chains_end(repository: Callable[..., Repository]) -> None:
    """A chain of imports has a limit far below that of the interpreter's stack."""
    files = {f"n{index}.yaml": f"import: [n{index + 1}]\n" for index in range(200)}
    with pytest.raises(Invalid) as caught:
        _ = repository({DEV: f"{PLACE}import: [n0]\n", **files, "n200.yaml": ""}).instances
    assert caught.value.code == "import-too-deep"


def test_inheritance_bombs_end(repository: Callable[..., Repository]) -> None:
    """Two bases at every level double the chain, and a chain of hundreds is no use to anybody: both are refused."""
    doubled = "\n".join(
        f"    n{index}: {{metadata: {{inherits: [n{index + 1}, n{index + 1}]}}}}" for index in range(40)
    )
    chained = "\n".join(f"    n{index}: {{metadata: {{inherits: [n{index + 1}]}}}}" for index in range(400))
    for bases, last in ((doubled, 40), (chained, 400)):
        text = _components("{metadata: {inherits: [n0]}}") + f"{bases}\n    n{last}: {{}}\n"
        with pytest.raises(Invalid) as caught:
            repository({DEV: text}).instance("c", STACK)
        assert caught.value.code == "inheritance-too-large"


@pytest.mark.slow
@pytest.mark.no_cover
def test_explaining_through_doubled_imports_ends(repository: Callable[..., Repository]) -> None:
    """Sixty levels of files that import each other twice: the chain is cut, the winner is right."""
    atmos = ATMOS + "settings: {list_merge_strategy: merge}\n"
    nested = "{k: " * 90 + "1" + "}" * 90
    files = {
        f"n{index}.yaml": f"import: [n{index + 1}, n{index + 1}]\nvars: {{deep: {nested}}}\n" for index in range(60)
    }
    dev = _components("{}") + "import: [n0]\n"
    instance = repository({DEV: dev, **files, "n60.yaml": "vars: {v: 1}\n"}, atmos=atmos).instance("c", STACK)
    assert instance.explain(("vars", "v")).value == 1
    assert instance.explain(("vars", "deep", *["k"] * 90)).at.file == "stacks/n0.yaml"


@pytest.mark.parametrize("written", ["!exec touch x", "'!exec touch x'", '"!exec touch x"'])
def test_exec_is_refused_when_untrusted(repository: Callable[..., Repository], written: str) -> None:
    """A command is never run for untrusted content, tagged or quoted: Atmos runs both alike."""
    files = {DEV: _components(f"{{vars: {{x: {written}}}}}")}
    with pytest.raises(Refused) as caught:
        repository(files, untrusted=True).instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("exec-refused", "stacks/orgs/dev.yaml:4:16")
    unanswered = repository(files).instance("c", STACK).vars["x"]
    assert unanswered == Unknown("exec", "!exec touch x", Position("stacks/orgs/dev.yaml", 4, 16))


def test_different_definitions_of_one_instance_conflict(repository: Callable[..., Repository]) -> None:
    """Two manifests of one stack may define a component twice only if both say the same."""
    files = {"orgs/a.yaml": _components("{vars: {x: 1}}"), "orgs/b.yaml": _components("{vars: {x: 2}}")}
    with pytest.raises(Conflict) as caught:
        repository(files).instance("c", STACK)
    assert caught.value.code == "duplicate-component"
    assert caught.value.facts["places"] == ["stacks/orgs/a.yaml:4:5", "stacks/orgs/b.yaml:4:5"]
    files["orgs/b.yaml"] = files["orgs/a.yaml"]
    assert repository(files).instance("c", STACK).manifest == "orgs/a"


@pytest.mark.parametrize(
    ("atmos", "code"),
    [
        ("base_path: '.'\n", "config-missing"),
        (ATMOS.replace("base_path: stacks", "base_path: ../elsewhere"), "path-escapes"),
        (ATMOS.replace('["orgs/**/*"]', "orgs"), "config-type"),
        (ATMOS.replace('["orgs/**/*"]', '["nothing/*"]'), "no-manifests"),
        (ATMOS + "settings: {list_merge_strategy: zip}\n", "list-strategy"),
        (ATMOS + "import: ['https://x.example/x.yaml']\n", "not-supported"),
        (ATMOS + "import: [{path: x.yaml}]\n", "section-type"),
        (ATMOS + "gaia: {compat: newest}\n", "config-type"),
        (ATMOS + "logs: {level: !version 1}\n", "not-supported"),
        ("- a\n", "config-type"),
    ],
)
def test_unusable_settings(repository: Callable[..., Repository], atmos: str, code: str) -> None:
    """What is wrong in atmos.yaml is said with its own code."""
    with pytest.raises(Invalid) as caught:
        repository({DEV: PLACE}, atmos=atmos).instance("c", STACK)
    assert caught.value.code == code


def test_a_folder_without_atmos_yaml_is_no_repository(tmp_path: Path) -> None:
    """The error says where it looked."""
    with pytest.raises(NotFound, match=str(tmp_path)) as caught:
        Repository.open(tmp_path)
    assert caught.value.code == "not-a-repository"


def test_a_missing_name_variable_is_an_error_where_names_are_needed(repository: Callable[..., Repository]) -> None:
    """Listing needs every name; asking for a well-named instance does not."""
    files = {DEV: _components("{}"), "orgs/bad.yaml": "vars: {stage: x}\ncomponents: {terraform: {c: {}}}\n"}
    assert repository(files).instance("c", STACK).key.stack == STACK
    with pytest.raises(Invalid) as caught:
        _ = repository(files).instances
    assert (caught.value.code, str(caught.value.at)) == ("name-pattern-missing-var", "stacks/orgs/bad.yaml:2:26")


def test_a_file_of_100_megabytes_is_refused_at_once(repository: Callable[..., Repository], tmp_path: Path) -> None:
    """Not more than the limit is ever read of it."""
    repo = repository({DEV: f"{PLACE}import: [huge]\n", "huge.yaml": ""})
    with (tmp_path / "stacks" / "huge.yaml").open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(Invalid) as caught:
        repo.instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("yaml-too-large", "stacks/huge.yaml:1:1")


@pytest.mark.parametrize("name", ["bin.yaml", "bin.yaml.tmpl"])
def test_a_binary_file_is_refused(repository: Callable[..., Repository], tmp_path: Path, name: str) -> None:
    """As a manifest and as a template."""
    repo = repository({DEV: f"{PLACE}import: [bin]\n", name: ""})
    (tmp_path / "stacks" / name).write_bytes(b"a: 1\n\x7fELF\x00\xff{{ .x }}")
    with pytest.raises(Invalid) as caught:
        repo.instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("yaml-binary", f"stacks/{name}:2:1")


def test_a_file_that_cannot_be_read_is_named_where_it_is_imported(
    repository: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lacks the right to read it sees which import needs it."""
    repo = repository({DEV: f"{PLACE}import: [secret]\n", "secret.yaml": ""})
    real = pathlib.Path.open

    def denied(path: Path, *args: object, **options: object) -> object:
        if path.name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pathlib.Path, "open", denied)
    with pytest.raises(Invalid) as caught:
        repo.instance("c", STACK)
    assert (caught.value.code, str(caught.value.at)) == ("file-not-readable", "stacks/orgs/dev.yaml:2:10")


def test_a_bomb_of_aliases_ends(repository: Callable[..., Repository]) -> None:
    """Nested aliases are counted as often as they are used."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 10)}]" for one in range(1, 12)]
    with pytest.raises(Invalid) as caught:
        repository({DEV: PLACE + "\n".join(lines)}).instance("c", STACK)
    assert (caught.value.code, caught.value.at is not None) == ("yaml-alias", True)
