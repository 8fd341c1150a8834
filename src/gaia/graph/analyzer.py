"""`DependencyAnalyzer`: the graph of a repository or of one of its stacks, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from gaia.errors import Invalid, Next, NotFound
from gaia.graph.index import ReverseIndex
from gaia.graph.needs import key_of, needs
from gaia.graph.picture import picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.graph.picture import Mark, Picture
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

Format = Literal["mermaid", "dot", "json", "svg"]
FORMATS: tuple[str, ...] = get_args(Format)


class DependencyAnalyzer:
    """Draws who needs whom in a repository.

    `marks` highlight instances, and `marked` says what they were compared with.
    """

    def __init__(
        self, repository: Repository, *, marks: Mapping[InstanceKey, Mark] | None = None, marked: str = ""
    ) -> None:
        self._repository = repository
        self._marks = marks
        self._marked = marked

    def generate_graph(self, stack: str | None, format: str = "mermaid", *, reverse: bool = False) -> str:  # noqa: A002
        """The graph of one stack, or of all (None), as text in one of `FORMATS`; it ends in a newline.

        Raises:
            Invalid: `graph-format`, `graph-too-large`, `dependency-cycle`.
            NotFound: `stack-unknown`.
        """
        if format not in FORMATS:
            raise Invalid(
                "graph-format", f"{format!r} is not a format of graphs", next_step=f"Choose {', '.join(FORMATS)}."
            )
        return _drawer(format)(self.picture(stack, reverse=reverse))

    def picture(self, stack: str | None, *, reverse: bool = False) -> Picture:
        """What is drawn: the stack's instances, and those of other stacks that have to do with them.

        Raises:
            Invalid: `dependency-cycle`, or what is wrong with a manifest.
            NotFound: `stack-unknown`.
        """
        repository = self._repository
        if stack is not None and stack not in repository.stacks:
            raise unknown_stack(stack, repository)
        keys = repository.instances
        own = list(repository.built(key for key in keys if stack in (None, key.stack)))
        near = self._near(own, stack) if stack is not None else ()
        around = list(repository.built(near))
        return picture(
            own, stack=stack, around=around, exists=keys, marks=self._marks, marked=self._marked, reverse=reverse
        )

    def _near(self, own: Sequence[Instance], stack: str) -> list[InstanceKey]:
        """Instances of other stacks that may have to do with the own ones, sorted."""
        needed = {need for one in own for need in needs(one)}
        meant = {key_of(need) for need in needed}
        by_context = {need.component for need in needed if need.stack is None}
        needing = set(ReverseIndex(self._repository).needing_stack(stack))
        return [
            key
            for key in self._repository.instances
            if key.stack != stack and (key in meant or key in needing or key.component in by_context)
        ]


def unknown_stack(stack: str, repository: Repository) -> NotFound:
    """`stack-unknown`, with the nearest names."""
    import difflib

    near = difflib.get_close_matches(stack, repository.stacks, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else Next("list stacks", words="See which there are")
    return NotFound("stack-unknown", f"there is no stack {stack!r}", next_step=hint, facts={"nearest": near})


def _drawer(form: str) -> Callable[[Picture], str]:
    if form == "svg":
        from gaia.graph.svg import as_svg

        return as_svg
    from gaia.graph import text

    return {"mermaid": text.as_mermaid, "dot": text.as_dot, "json": text.as_json}[form]
