"""Whatever stands in the files, loading them ends soon, with a tree or with one error that has a place."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import GaiaError
from gaia.stacks.loading.config import Config, read_config
from gaia.stacks.loading.manifests import Manifests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES = ("orgs/dev.yaml", "a.yaml", "b.yaml.tmpl", "c/d.yml")
PIECES = (
    "import: [a]\n", "import: [b, c/*]\n", "import:\n  - path: a\n    context: {x: 1}\n", "import: [./dev]\n",
    "import: ['{{ .vars.x }}']\n", "import: {a: 1}\n", "import: [{path: b, skip_templates_processing: yes}]\n",
    "vars: {x: '{{ .locals.y }}'}\n", "vars:\n", "vars: [1]\n", "locals: {y: '{{ .locals.z }}', z: 1}\n",
    "locals: {y: '{{ .locals.y }}'}\n", "overrides: {vars: {o: 1}}\n", "terraform: {overrides: {vars: {p: 2}}}\n",
    "terraform: {locals: [1]}\n", "x: &a [*a]\n", "x: &a {b: 1}\ny: {<<: *a}\n", "x: !include ./dev.yaml\n",
    "x: !include.raw ../a.yaml\n", "x: !append [1]\n", "x: !append 1\n", "x: !nope 1\n", "\tx: 1\n", "{{ range }}\n",
    "{{ if .x }}\ny: 1\n{{ end }}\n", "components: {terraform: {c: {vars: {a: !unset }}}}\n", "components:\n",
    "---\n", "? [a]\n: 1\n", "name: x\n", "metadata: {a: 1}\n", "\x00", "x: 2020-01-01\n", "!x\n",
)  # fmt: skip
FILES = some.dictionaries(
    some.sampled_from(NAMES), some.lists(some.sampled_from(PIECES) | some.text(max_size=6), max_size=5).map("".join)
)


def _load(files: Mapping[str, str], atmos: str = ATMOS) -> object:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / ".git").mkdir()
        (root / "atmos.yaml").write_text(atmos)
        for path, text in {"orgs/dev.yaml": PLACE, **files}.items():
            (root / "stacks" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "stacks" / path).write_bytes(text.encode("utf-8", "surrogatepass"))
        values = []
        for kept in (None, root / "cache", root / "cache"):
            manifests = Manifests(read_config(root, {}), cache=kept)
            values.append(manifests.manifest("orgs/dev.yaml").layer.value)
            manifests.save()
        assert values[0] == values[1] == values[2]
        return values[0]


def _outcome(call: Callable[[], object]) -> object:
    """What the call returns, or the error that it raises."""
    try:
        return call()
    except GaiaError as error:
        return error


@given(FILES, some.sampled_from(("", "gaia: {compat: strict}\n", "templates: {settings: {enabled: true}}\n")))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_files_give_a_tree_or_one_error(files: Mapping[str, str], switch: str) -> None:
    """No other exception, no hang; with and without a cache the tree is the same."""
    outcome = _outcome(lambda: _load(files, ATMOS + switch))
    if isinstance(outcome, GaiaError):
        assert outcome.at is not None
        assert outcome.next_step
    else:
        assert isinstance(outcome, dict)


@given(some.binary(max_size=60))
@settings(deadline=None)
def test_any_atmos_yaml_gives_a_configuration_or_one_error(content: bytes) -> None:
    """What is no text, no YAML or no map is said with its place."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "atmos.yaml").write_bytes(content)
        outcome = _outcome(lambda: read_config(root, {}))
    assert isinstance(outcome, Config) or (isinstance(outcome, GaiaError) and outcome.next_step)
