"""What an instance is given that must stand in no output: known before terraform runs for the first time.

A plan tells its sensitive values when it is read. A provider that fails, or panics, while it plans tells them before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit import hcl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.terraform.command import Terraform
    from gaia.terraform.workdir import WorkingDirectory

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_KEY|API_?KEY|CREDENTIAL", re.IGNORECASE)
"""Names of variables of an environment that hold one."""
_SHORTEST = 12
"""Characters of such a one: what is shorter may be a word that stands everywhere, like `test` in the sandbox."""


def learn_inputs(terraform: Terraform, wd: WorkingDirectory, variables: Mapping[str, object]) -> None:
    """Have the redactor of `terraform` know the values of sensitive variables, and secrets of the environment."""
    given = {**{name.removeprefix("TF_VAR_"): value for name, value in terraform.variables.items()}, **variables}
    terraform.redact.learn([given[name] for name in _sensitive(wd) if name in given])
    environ = {**terraform.environ, **wd.environ}
    terraform.redact.learn(
        [value for name, value in environ.items() if len(value) >= _SHORTEST and _SECRET.search(name)]
    )


def _sensitive(wd: WorkingDirectory) -> list[str]:
    """Names of the component's variables that are declared sensitive; the code is read only where the word is in it."""
    files = [*wd.module.glob("*.tf"), *wd.module.glob("*.tf.json"), *wd.module.glob("*.tofu")]
    if not any(b"sensitive" in path.read_bytes() for path in files):
        return []
    try:
        component = hcl.read_component(wd.module)
    except GaiaError:  # terraform says what is wrong with it, and it runs nothing
        return []
    return [name for name, variable in component.variables.items() if variable.sensitive]
