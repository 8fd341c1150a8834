"""Templates that read outputs: their value goes to terraform once it is there, and never their text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.checkout.states import States, document, with_states
from tests.unit.platform.loop import STACK

from gaia.checkout.command import Command
from gaia.errors import GaiaError
from gaia.terraform import generated
from gaia.terraform.atmos_files import backend_text, varfile_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.checkout.conftest import Ground

    from gaia.stacks.model import Instance

READ = '(atmos.Component "key" .stack).outputs'
ID = f"{{{{ {READ}.id }}}}"


def open_ground(ground: Ground, section: str, states: States | None = None) -> Instance:
    """`net` with more, in a stack that has `key` too, whose states these are."""
    ground.locally()
    with_states(ground, states or States())
    text = (ground.root / "atmos.yaml").read_text()
    ground.write(**{"atmos.yaml": text + "templates: {settings: {enabled: true, sprig: {enabled: true}}}\n"})
    components = f"net: {{metadata: {{component: key}}, {section}}}, key: {{vars: {{}}}}"
    ground.write(**{"stacks/net.yaml": f"import: [_defaults]\ncomponents: {{terraform: {{{components}}}}}\n"})
    return ground.instance(ground.checkout())


def applied() -> States:
    """`key` is there, and says what its id is."""
    known = document("a", lineage="l") | {"outputs": {"id": {"value": "k-1", "type": "string"}}}
    return States({f"{STACK}/key": known})


def variables(ground: Ground) -> object:
    """What terraform gets."""
    checkout = ground.checkout()
    with Command(checkout, ground.words("plan"), ground.instance(checkout)).opened() as directory:
        found = json.loads(directory.varfile.read_text())
        return {name: found[name] for name in ("a", "b") if name in found}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (ID, "k-1"),
        (f"pre-{ID}", "pre-k-1"),
        (f"!template {ID}", "k-1"),
        (f"!template {{{{ {READ} | toJson }}}}", {"id": "k-1"}),
        (f'{{{{ {READ}.no | default "other" }}}}', "other"),
    ],
)
def test_the_value_goes_to_terraform(ground: Ground, text: str, value: object) -> None:
    """As that of a function does."""
    open_ground(ground, f"vars: {{a: '{text}', b: !terraform.output key id}}", applied())
    assert variables(ground) == {"a": value, "b": "k-1"}


@pytest.mark.parametrize(("text", "states"), [(ID, States()), (f"pre-{{{{ {READ}.no }}}}", applied())])
def test_what_is_not_there_is_refused_at_its_place(ground: Ground, text: str, states: States) -> None:
    """Where nothing was applied, and where there is no such output."""
    open_ground(ground, f"vars: {{a: '{text}'}}", states)
    with pytest.raises(GaiaError) as caught:
        variables(ground)
    assert caught.value.code in ("value-unresolved", "output-missing")
    assert str(caught.value.at).startswith("stacks/net.yaml:2")


@pytest.mark.parametrize("text", [ID, f"pre-{ID}", f"!template {ID}", f"{{{{ {READ} | toJson }}}}"])
@pytest.mark.parametrize("section", ["vars", "providers", "backend", "env"])
def test_no_text_is_written_as_a_value(ground: Ground, section: str, text: str) -> None:
    """To whatever terraform reads."""
    body = {"vars": "a: 'X'", "providers": "aws: {region: 'X'}", "backend": "local: {path: 'X'}", "env": "A: 'X'"}
    instance = open_ground(ground, f"{section}: {{{body[section]}}}".replace("X", text))
    write: dict[str, Callable[[], object]] = {
        "vars": lambda: varfile_text(instance, "json"),
        "backend": lambda: (backend_text(instance, "hcl"), generated.backend("local", instance.backend, "")),
        "providers": lambda: generated.providers(instance.providers, having=frozenset()),
        "env": lambda: instance.environ,
    }
    with pytest.raises(GaiaError) as caught:
        write[section]()
    assert caught.value.code == "value-unresolved"


def test_a_template_in_env_is_resolved_too(ground: Ground) -> None:
    """The program's environment has the value."""
    open_ground(ground, f"env: {{TF_VAR_a: '{ID}'}}", applied())
    checkout = ground.checkout()
    with Command(checkout, ground.words("validate"), ground.instance(checkout)).opened() as directory:
        assert directory.environ["TF_VAR_a"] == "k-1"
