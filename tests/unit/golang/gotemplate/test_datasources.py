"""gomplate's datasources, files, CSV, TOML and paths into JSON, against what gomplate 3.11 gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.golang.gotemplate import parse
from gaia.golang.gotemplate.gomplate import library
from gaia.stacks.building.repositoryfiles import RepositoryFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "j.json": '{"a":1,"n":{"x":1}}',
    "y.yaml": "a: 2\nb: [1]\nn: {y: 2}\n",
    "c.csv": "n,v\na,1\nb,2\n",
    "t.toml": 'k = "v"\n',
    "x.txt": "hello",
    "a.env": 'A=1\nB="two words"\n',
}
SOURCES = {
    "j": "j.json", "y": "./y.yaml", "c": "c.csv", "t": "t.toml", "x": "x.txt", "en": "a.env", "d": "./",
    "e": "env:V", "ej": "env:J?type=application/json", "m": "merge:j|y", "web": "http://localhost/x.json",
    "out": "../secret.txt", "git": ".git/config",
}  # fmt: skip


@pytest.fixture
def rendered(tmp_path: Path) -> Callable[[str], str]:
    """Renders a template with the sources and files of a small repository."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "config").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    for name, content in FILES.items():
        (root / name).write_text(content)
    functions = library.functions({"V": "from-env", "J": "[1, 2]"}, RepositoryFiles(root, root), SOURCES)

    def render(template: str) -> str:
        return parse(template, name="t").render({}, functions)

    return render


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{{ (datasource "j").a }}', "1"),
        ('{{ ds "y" }}', "map[a:2 b:[1] n:map[y:2]]"),
        ('{{ datasource "c" }}', "[[n v] [a 1] [b 2]]"),
        ('{{ datasource "t" }}', "map[k:v]"),
        ('{{ datasource "e" }}', "from-env"),
        ('{{ datasource "ej" }}', "[1 2]"),
        ('{{ datasource "m" }}', "map[a:1 b:[1] n:map[x:1 y:2]]"),
        ('{{ datasource "x" }}', "hello"),
        ('{{ datasource "en" }}', "map[A:1 B:two words]"),
        ('{{ (ds "d" "j.json").a }}', "1"),
        ('{{ include "x" }}', "hello"),
        ('{{ include "m" }}', 'a: 1\nb:\n  - 1\n"n":\n  x: 1\n  "y": 2\n'),
        ('{{ datasourceExists "j" }}{{ datasourceExists "no" }}', "truefalse"),
        ('{{ datasourceReachable "j" }}{{ datasourceReachable "no" }}', "truefalse"),
        ('{{ defineDatasource "z" "x.txt" }}{{ include "z" }}', "hello"),
        ('{{ datasource "env:V" }}', "from-env"),
        ('{{ file.Exists "j.json" }}{{ file.Exists "no" }}{{ file.IsDir "." }}', "truefalsetrue"),
        ('{{ file.Read "x.txt" }}', "hello"),
        ('{{ data.ToCSV ";" (coll.Slice (coll.Slice "a" "b c") (coll.Slice "x;y" 1)) }}', 'a;b c\r\n"x;y";1\r\n'),
        (r'{{ data.CSVByRow "a,b\n1,2\n" }}', "[map[a:1 b:2]]"),
        (r'{{ data.CSVByColumn "a,b\n1,2\n3,4" }}', "map[a:[1 3] b:[2 4]]"),
        (
            '{{ data.ToTOML (coll.Dict "a" 1 "b" (coll.Dict "c" "x") "l" (coll.Slice 1 2)) }}',
            'a = 1\nl = [1, 2]\n\n[b]\n  c = "x"\n',
        ),
        ('{{ jsonpath "$.a[0]" (coll.Dict "a" (coll.Slice 1 2)) }}', "1"),
        ('{{ jsonpath "$..x" (ds "j") }}', "1"),
        ('{{ conv.URL "http://u:p@a:80/b c?c=d#e" }}', "http://u:p@a:80/b%20c?c=d#e"),
        ('{{ (conv.URL "http://a:80/b").Port }}', "80"),
        ('{{ uuid.Parse "2AB3A1E0-1111-4abc-8def-000000000000" }}', "2ab3a1e0-1111-4abc-8def-000000000000"),
        ('{{ filepath.Rel "/a" "/a/b" }}', "b"),
        ('{{ crypto.PBKDF2 "foo" "bar" 1024 8 }}', "32c4907c3c80792b"),
    ],
)
def test_what_lies_in_the_repository_is_read(rendered: Callable[[str], str], template: str, text: str) -> None:
    """The text is gomplate's, to the letter."""
    assert rendered(template) == text


@pytest.mark.parametrize(
    ("template", "code", "says"),
    [
        ('{{ datasource "web" }}', "not-supported", "http://localhost/x.json"),
        ('{{ datasource "vault://a/x" }}', "not-supported", "vault://a/x"),
        ('{{ datasource "out" }}', "template-failed", "outside of the repository"),
        ('{{ include "git" }}', "template-failed", "outside of the repository"),
        ('{{ file.Read "/etc/hostname" }}', "template-failed", "outside of the repository"),
        ('{{ file.Read "no" }}', "template-failed", "failed to open no"),
        ('{{ file.Write "x" "y" }}', "template-failed", "Write"),
        ('{{ datasource "no" }}', "template-failed", "Undefined datasource"),
        ("{{ random.AlphaNum 5 }}", "template-failed", "differ from one run to the next"),
        ('{{ net.LookupIP "localhost" }}', "template-failed", "do not reach outside"),
        ('{{ crypto.PBKDF2 "a" "b" 99999999 8 }}', "template-failed", "out of range"),
    ],
)
def test_what_lies_elsewhere_is_refused(rendered: Callable[[str], str], template: str, code: str, says: str) -> None:
    """By its name, whatever the way out."""
    with pytest.raises(GaiaError, match=says) as caught:
        rendered(template)
    assert caught.value.code == code


def test_without_files_there_are_no_datasources() -> None:
    """Names of stacks, and files that are rendered before they are merged, see none, as in Atmos."""
    with pytest.raises(GaiaError, match="no datasources"):
        parse('{{ datasource "j" }}', name="t").render({}, library.functions({}))
