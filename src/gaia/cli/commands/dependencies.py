"""`gaia list dependencies`: who declares a dependency on whom, as a tree, as levels or as data."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli import completion
from gaia.cli.listing_options import StackGlob, wanted
from gaia.cli.metadata_filter import Labels, MetadataFilter, Tags
from gaia.cli.opening import Functions, Skip, Templates, forgiven, processing_of
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from gaia.graph.declared import Declared, Direction
    from gaia.stacks.model import InstanceKey

KIND = "terraform"
Line = tuple[str, str, str]
"""Stack, component with its branch, type; empty where they are those of the root."""


def dependencies(
    context: typer.Context,
    component: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMPONENT]",
            help="Only this component.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ] = None,
    stack: StackGlob = None,
    direction: Annotated[
        Literal["both", "forward", "reverse"],
        typer.Option("--direction", "-d", metavar="WAY", help="forward: what it needs; reverse: what needs it; both."),
    ] = "both",
    tags: Tags = None,
    labels: Labels = None,
    form: Annotated[
        Literal["tree", "json", "yaml", "levels"] | None,
        typer.Option("--format", "-f", metavar="FORMAT", help="tree, json, yaml or levels.", show_default=False),
    ] = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List which instances declare a dependency on which.

    In both directions, as Atmos counts: references to another state are left out. `gaia graph` draws everything.

    Example: gaia list dependencies vpc -s acme-use1-prod --direction reverse
    """
    from gaia.graph.declared import Declared

    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    which = MetadataFilter.of("real", None, None, tags, labels, abstract=False)
    with forgiven(session, directory, processing, stack=stack) as repository:
        inside = None if stack is None else set(wanted(repository, stack))
        built = list(repository.built(repository.instances))
        graph = Declared.among(built)
        roots = sorted(
            one.key
            for one in built
            if one.key in graph.needs
            and component in (None, one.key.component)
            and (inside is None or one.key.stack in inside)
            and which.row({"metadata": one.metadata, "enabled": True, "locked": False})
        )
        _put(session, graph, roots, direction, form)


def _put(
    session: Session, graph: "Declared", roots: "Sequence[InstanceKey]", direction: "Direction", form: str | None
) -> None:
    from gaia.cli.machine_output import write

    documents = [_document(graph, key, direction) for key in roots]
    if form in ("json", "yaml"):
        write(documents, "json" if form == "json" else "yaml", session.stdout)
    elif form is None and session.format != "text":
        session.show({"dependencies": documents})
    elif not roots:
        session.note("No component matches.", "quiet")
    elif form == "levels":
        distances = sorted(graph.distances(roots, direction).items(), key=lambda item: (item[1], item[0]))
        session.draw(*_aligned([("Level", "Stack", "Component", "Type")], [
            (str(level), key.stack, key.component, KIND) for key, level in distances
        ]))  # fmt: skip
    else:
        lines = [line for key in roots for line in _tree(graph, key, direction)]
        session.draw(*_aligned([("Stack", "Component", "Type")], lines))


def _document(graph: "Declared", key: "InstanceKey", direction: "Direction") -> dict[str, object]:
    found: dict[str, object] = {"component": key.component, "stack": key.stack}
    if direction != "reverse":
        found["depends_on"] = [{"component": one.component, "stack": one.stack} for one in graph.needs[key]]
    if direction != "forward":
        found["required_by"] = [{"component": one.component, "stack": one.stack} for one in graph.needed_by[key]]
    return found


def _tree(graph: "Declared", root: "InstanceKey", direction: "Direction") -> Iterator[Line]:
    """The instance, below it what it needs and what needs it, each to the end."""
    yield root.stack, root.component, KIND
    if direction != "both":
        yield from _below(graph, root, root, direction, "", (root,))
        return
    yield "", "├── depends on ↓", ""
    yield from _below(graph, root, root, "forward", "│   ", (root,))
    yield "", "└── required by ↑", ""
    yield from _below(graph, root, root, "reverse", "    ", (root,))


def _below(
    graph: "Declared",
    root: "InstanceKey",
    key: "InstanceKey",
    direction: "Direction",
    before: str,
    way: "tuple[InstanceKey, ...]",
) -> Iterator[Line]:
    near = graph.near(key, direction)
    if not near and key == root:
        yield "", f"{before}└── (none)", ""
    sign = "▶" if direction == "forward" else "◀"
    for number, one in enumerate(near, 1):
        branch, inner = ("└── ", "    ") if number == len(near) else ("├── ", "│   ")
        again = one in way
        name = f"{before}{branch}{sign} {one.component}{' (circular reference)' if again else ''}"
        yield "" if one.stack == root.stack else one.stack, name, ""
        if not again:
            yield from _below(graph, root, one, direction, before + inner, (*way, one))


def _aligned(titles: "Sequence[tuple[str, ...]]", lines: "Sequence[tuple[str, ...]]") -> "Iterator[Text]":
    from rich.cells import cell_len
    from rich.text import Text

    rows = [*titles, *lines]
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        yield Text("  ".join(cells).rstrip(), no_wrap=True)
