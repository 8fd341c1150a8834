"""Reading objects of Kubernetes: what kubectl would apply is read, as it reads it, or refused; nothing is left out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.kit import yaml
from gaia.policy.object_files import Object, objects_in

from .conftest import write

if TYPE_CHECKING:
    from collections.abc import Sequence

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"
A, B, C = POD % "a", POD % "b", POD % "c"


def _names(folder: Path, *paths: str) -> list[str]:
    return [one.name for one in objects_in([Path(one) for one in paths], folder)]


def _one(folder: Path, text: str) -> Object:
    [found] = objects_in([Path("a.yaml")], write(folder, {"a.yaml": text}))
    return found


def _refused(folder: Path, content: bytes | str, name: str = "a.yaml") -> tuple[str, str]:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(GaiaError) as caught:
        objects_in([Path(name)], folder)
    return caught.value.code, str(caught.value.at)


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where each of its documents stays below: what lies behind the limit would be applied."""
    monkeypatch.setattr(yaml, "MAX_BYTES", 100)
    assert max(map(len, (A, B, C))) < 100 < len(A + B + C)
    assert _refused(tmp_path, "---\n".join((A, B, C)))[0] == "yaml-too-large"


@pytest.mark.parametrize(
    "content",
    [
        "---\n".join((A, B, C)).encode(),
        "---\n".join((A, B, C)).encode("utf-16"),
        "\ufeff---\n".encode("utf-16-be") + "---\n".join((A, B, C)).encode("utf-16-be"),
        "...\n---\n".join((A, B, C)).encode(),
        "---\n".join((A, B, C)).replace("\n", "\r").encode(),
        "---\n".join((A, B, C)).replace("\n", "\r\n").encode(),
        f"# all\n%YAML 1.1\n---\n{A}--- # next\n{B}--- {{apiVersion: v1, kind: Pod, metadata: {{name: c}}}}\n".encode(),
    ],
)
def test_every_document_of_a_stream_is_read(tmp_path: Path, content: bytes) -> None:
    """However it is encoded and divided."""
    (tmp_path / "a.yaml").write_bytes(content)
    assert _names(tmp_path, "a.yaml") == ["Pod/a", "Pod/b", "Pod/c"]


def test_what_follows_the_end_of_a_document_unmarked_is_refused(tmp_path: Path) -> None:
    """The parser asks for `---` there; nothing is dropped."""
    assert _refused(tmp_path, f"{A}...\n{B}") == ("yaml-syntax", "a.yaml:5:1")


def test_hundreds_of_thousands_of_empty_documents_are_read_once(tmp_path: Path) -> None:
    """In one pass, and the line behind them is right."""
    (tmp_path / "a.yaml").write_text("---\n" * 300_000 + A)
    [found] = objects_in([Path("a.yaml")], tmp_path)
    assert str(found.place(("kind",))) == "a.yaml:300002:1"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n", ["Pod/a", "Pod/b"]),
        ("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", ["Pod/a"]),
        ("apiVersion: v1\nkind: List\nitems: []\n---\n" + A, ["Pod/a"]),
        # kubectl takes whatever has items for a list
        ("apiVersion: v1\nkind: Bag\nmetadata: {name: x}\nItems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n",
         ["Bag/x", "Pod/a"]),
    ],
)  # fmt: skip
def test_a_list_is_its_items(tmp_path: Path, text: str, names: list[str]) -> None:
    """A typed one's take their kind and version from it."""
    assert _names(write(tmp_path, {"a.yaml": text}), "a.yaml") == names


def test_the_items_of_a_typed_list_have_its_kind_and_their_places(tmp_path: Path) -> None:
    """So the rules see whole objects."""
    found = _one(tmp_path, "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- spec:\n    replicas: 1\n")
    assert found.value == {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 1}}
    assert str(found.place(("spec", "replicas"))) == "a.yaml:5:5"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("apiVersion: v1\nkind: List\nitems: {a: 1}\n", "a.yaml:3:1"),
        ("apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n", "a.yaml:4:3"),
        ("apiVersion: v1\nkind: List\nitems: [null]\n", "a.yaml:3:9"),
        ("apiVersion: v1\nmetadata: {name: a}\nspec: {hostPID: true}\n", "a.yaml:1:1"),
        ("kind: Pod\nmetadata: {name: a}\n", "a.yaml:1:1"),
        ("kind: PodList\nitems: []\n", "a.yaml:1:1"),
        (f"- {{apiVersion: v1, kind: Pod}}\n---\n{A}", "a.yaml:1:1"),
        (f"{A}---\na: 1\n", "a.yaml:5:1"),
        (f"{A}---\njust text\n", "a.yaml:5:1"),
    ],
)
def test_what_is_no_object_beside_others_is_refused_at_its_place(tmp_path: Path, text: str, at: str) -> None:
    """It is never passed over in a file that somebody names."""
    assert _refused(tmp_path, text) == ("objects-invalid", at)


def test_in_a_folder_only_what_looks_like_no_object_is_passed_over(tmp_path: Path) -> None:
    """Values of a chart may have a kind; half an object is refused."""
    write(tmp_path, {"d/values.yaml": "kind: DaemonSet\nimage: x\n", "d/Chart.yaml": "apiVersion: v2\nname: x\n"})
    write(tmp_path, {"d/patch.yaml": "- op: add\n", "d/a.yaml": A})
    assert _names(tmp_path, "d") == ["Pod/a"]
    write(tmp_path, {"d/half.yaml": "apiVersion: v1\nspec: {hostPID: true}\n"})
    with pytest.raises(GaiaError, match="no apiVersion and kind"):
        _names(tmp_path, "d")


def _json(*names: str) -> str:
    return "\n".join(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": one}}) for one in names)


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["\U0001f600"]])
def test_json_is_read_as_kubectl_reads_it(tmp_path: Path, names: Sequence[str]) -> None:
    """In a folder too, several objects in a row, and with escapes that YAML does not know."""
    write(tmp_path, {"d/a.json": _json(*names), "d/other.json": '{"a": 1}'})
    assert _names(tmp_path, "d") == [f"Pod/{one}" for one in names]


def test_json_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    """Nothing of it is taken for the whole."""
    assert _refused(tmp_path, _json("a", "b")[:-5], "a.json")[0] == "yaml-syntax"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((one, True) for one in ("yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "true")),
        *((one, False) for one in ("no", "No", "NO", "n", "N", "off", "Off", "OFF", "false")),
        ("'yes'", "yes"), ('"on"', "on"), ("!!str yes", "yes"), ("yEs", "yEs"), ("2027-03-31", "2027-03-31"),
    ],
)  # fmt: skip
def test_plain_words_are_what_kubectl_takes_them_for(tmp_path: Path, written: str, value: object) -> None:
    """By YAML 1.1; what is in quotes is text."""
    assert _one(tmp_path, f"{A}spec: {{hostNetwork: {written}}}\n").value["spec"] == {"hostNetwork": value}


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody may see is not empty."""
    write(tmp_path, {"d/a.yaml": A, "d/closed/b.yaml": B})
    real = os.scandir

    def scan(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    with pytest.raises(GaiaError, match="cannot read d/closed: Permission denied") as caught:
        _names(tmp_path, "d")
    assert caught.value.code == "objects-not-found"


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """A pipe would be waited for, and a device never ends."""
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in ("pipe.yaml", "/dev/zero"):
        with pytest.raises(GaiaError, match="no regular file"):
            _names(tmp_path, path)


def test_what_a_shell_pipes_in_is_read(tmp_path: Path) -> None:
    """`<(…)` is a file of this name."""
    reading, writing = os.pipe()
    os.write(writing, A.encode())
    os.close(writing)
    assert _names(tmp_path, f"/dev/fd/{reading}") == ["Pod/a"]
    os.close(reading)


def test_a_name_that_is_to_be_generated_is_no_name(tmp_path: Path) -> None:
    """What is waived for `web` is not waived for whatever begins so."""
    assert _one(tmp_path, "apiVersion: v1\nkind: Pod\nmetadata: {generateName: web}\n").name == "Pod/web(generated)"
    assert _one(tmp_path, POD % "web").name == "Pod/web"
