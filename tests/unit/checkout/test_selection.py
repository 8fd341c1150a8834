"""Which instances a line without a component means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.checkout.selection import Selection, instances_meant
from gaia.checkout.words import read
from gaia.errors import Incomplete, Invalid, NotFound
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from tests.unit.checkout.conftest import Ground

STACKS = {
    "stacks/net.yaml": """\
import: [_defaults]
components:
  terraform:
    base: {metadata: {type: abstract, component: key}}
    off: {metadata: {component: key, enabled: false}}
    store: {metadata: {component: store}, vars: {team: data}, settings: {depends_on: {1: {component: key}}}}
    key: {metadata: {component: key}, vars: {team: web}}
  helmfile:
    chart: {vars: {team: data}}
""",
    "stacks/prod.yaml": "import: [_defaults]\nvars: {stage: prod}\n"
    "components: {terraform: {key: {metadata: {component: key}, vars: {team: data}, settings: {deploy: true}}}}\n",
}


def names(ground: Ground, line: str, *affected: str, reverse: bool = False) -> list[str]:
    """The instances that a line means."""
    ground.write(**STACKS)
    keys = [InstanceKey.parse(each) for each in affected]
    return [
        str(one.key)
        for one in instances_meant(
            ground.files().repository, Selection.of(read(line.split())), lambda: keys, reverse=reverse
        )
    ]


KEY, STORE, PROD = f"{STACK}/key", f"{STACK}/store", "acme-use1-prod/key"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plan --all", {KEY, STORE, PROD}),
        (f"plan --all -s {STACK}", {KEY, STORE}),
        ("plan --components key", {KEY, PROD}),
        (f"plan --components key,store -s {STACK}", {KEY, STORE}),
        ('plan --query .vars.team=="data"', {STORE, PROD}),
        (f'plan -s {STACK} --query .vars.team=="data"', {STORE}),
        ("plan --query .settings.deploy", {PROD}),
        ("plan --affected", {STORE}),
        (f"plan --affected --components key -s {STACK}", set()),
    ],
)
def test_which(ground: Ground, line: str, found: set[str]) -> None:
    """Choices narrow each other; what is abstract, disabled or of another type is none of them."""
    assert set(names(ground, line, STORE)) == found


def test_dependencies_come_first(ground: Ground) -> None:
    """And last where it is destroyed."""
    assert names(ground, f"plan --all -s {STACK}") == [KEY, STORE]
    assert names(ground, f"destroy --all -s {STACK}", reverse=True) == [STORE, KEY]


def test_what_is_affected_is_asked_only_where_it_is_needed(ground: Ground) -> None:
    """It reads another commit."""

    def never() -> list[InstanceKey]:
        raise AssertionError

    assert instances_meant(ground.files().repository, Selection(), never, reverse=False)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("plan --components key,nothing", "component-unknown"),
        ("plan --all -s acme-use1-nowhere", "stack-unknown"),
        ("plan --query .vars.team", "query-not-bool"),
    ],
)
def test_what_means_nothing(ground: Ground, line: str, code: str) -> None:
    """It is an error, not an empty choice."""
    with pytest.raises((Invalid, NotFound)) as caught:
        names(ground, line)
    assert caught.value.code == code


def test_what_cannot_be_built_is_left_out_and_told_at_the_end(ground: Ground) -> None:
    """Its own error where it is named; otherwise the rest is done."""
    bad = "import: [_defaults]\ncomponents: {terraform: {bad: {metadata: {component: ../..}}}}\n"
    ground.write(**STACKS, **{"stacks/bad.yaml": bad})
    repository = ground.files().repository.forgiving()
    found = instances_meant(repository, Selection(STACK), list, reverse=False)
    assert [str(one.key) for one in found] == [KEY, STORE]
    assert repository.failures is not None
    with pytest.raises(Incomplete, match="1 component cannot be built; everything else is done"):
        repository.failures.refuse(STACK, "done")
    with pytest.raises(Invalid, match="leads out of the components' folder"):
        instances_meant(ground.files().repository, Selection(components=("bad",)), list, reverse=False)
