"""The plan of one instance outside of any request: what would terraform do now?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform import trees, views
from gaia.platform.model import PlanView
from gaia.platform.outputs import Outputs

if TYPE_CHECKING:
    from gaia.platform.parts import Parts


def plan(parts: Parts, commit: str, component: str, stack: str) -> PlanView:
    """Plan `component` in `stack` at `commit`, in a working directory beside those of runs.

    Raises:
        NotFound: `component-unknown`. Conflict: `state-locked`. ToolFailed: terraform's own words.
    """
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.workdir import prepare

    tree, repository = trees.export(parts, commit), trees.open_at(parts, commit)
    instance = repository.instance(component, stack)
    terraform = parts.terraform()
    directory = prepare(
        parts.folder / "plan" / stack / component,
        tree_source=tree,
        instance=instance,
        variables=Outputs(parts, repository, tree).variables(instance),
        components=str(repository.components_path.relative_to(tree)),
    )
    terraform.init(directory)
    made = NormalForm.of({instance.key: terraform.plan(directory)}, parts.key, hide=parts.redact.knows)
    directory.planfile.unlink(missing_ok=True)
    return PlanView(str(instance.key), commit, views.changes(made))
