"""`gaia describe component|stacks|config`: Atmos's documents, with Atmos's options."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.documents import File, Form, Query, SomeForm, put, queried, streamed, text_of
from gaia.cli.opening import Functions, Skip, Templates, forgiven, opened, processing_of, several
from gaia.cli.options import Component, Directory, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.stacks.model import RESOLVED, authored_only, holders

if TYPE_CHECKING:
    from gaia.stacks.model import Instance
    from gaia.stacks.ports import Processing
    from gaia.stacks.repository import Repository

OneStack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help="Only this stack, or the path of a top-level manifest.",
        autocompletion=completion.stacks,
        show_default=False,
    ),
]
FILTER = "ATMOS_DESCRIBE_COMPONENT_FILTER"
PROVENANCE = "ATMOS_DESCRIBE_PROVENANCE"
SCHEMA_SINCE, PROVENANCE_SINCE = "2026-07-17", "2026-07-16"
"""Since these days Atmos shows less of a component, and where its values are set."""


def component(
    context: typer.Context,
    component: Component,
    stack: Stack,
    form: SomeForm = None,
    query: Query = None,
    file: File = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    provenance: Annotated[
        bool | None,
        typer.Option("--provenance/--no-provenance", help="Where each value is set, as comments of the YAML."),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show a component in a stack as Atmos does.

    The document that `atmos describe component` gives. ATMOS_DESCRIBE_COMPONENT_FILTER=schema leaves out what nobody
    wrote; `gaia explain` shows the whole history of a value.

    Example: gaia describe component photos-bucket -s acme-use1-dev --format json
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    repository = opened(session, directory, processing)
    wanted = _form(session, form)
    program = session.app.atmos(directory, processing)
    if program is not None:
        answer: Mapping[str, object] = program.describe_component(component, stack)
        document = answer if query else _filtered(session, repository, answer)
        put(session, file, text_of(queried(document, query), wanted))
        return
    instance = _known(session, repository.instance(component, stack), directory, processing)
    document = instance.describe() if query else _filtered(session, repository, instance.describe())
    explained = _explained(session, repository) if provenance is None else provenance
    if explained and wanted == "yaml" and query is None:
        from gaia.cli.provenance import commented

        put(session, file, commented(document, instance))
        return
    put(session, file, text_of(queried(document, query), wanted))


def _known(session: Session, instance: "Instance", directory: Path | None, processing: "Processing") -> "Instance":
    """Under Atmos's name with the outputs that its values read; under Gaia's those stay as they are written."""
    left = next(holders([getattr(instance, name) for name in RESOLVED]), None)
    if left is not None and session.is_atmos:
        with session.app.known(directory, processing=processing) as known:
            instance = known(instance.key.component, instance.key.stack)
            left = next(holders([getattr(instance, name) for name in RESOLVED]), None)
    if left is not None:
        session.note(f"not known here, and shown as it is written: {left.text} (at {left.at}); a plan reads it", "warn")
    return instance


def stacks(
    context: typer.Context,
    stack: OneStack = None,
    components: Annotated[
        list[str] | None,
        typer.Option("--components", metavar="NAME,…", help="Only these components.", show_default=False),
    ] = None,
    component_types: Annotated[
        list[str] | None,
        typer.Option(
            "--component-types", metavar="TYPE,…", help="Only these types, e.g. terraform.", show_default=False
        ),
    ] = None,
    sections: Annotated[
        list[str] | None,
        typer.Option("--sections", metavar="NAME,…", help="Only these sections, e.g. vars.", show_default=False),
    ] = None,
    include_empty_stacks: Annotated[
        bool, typer.Option("--include-empty-stacks", help="Stacks without components too.")
    ] = False,
    form: SomeForm = None,
    query: Query = None,
    file: File = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show all stacks as Atmos does.

    The document that `atmos describe stacks` gives: stack, type, component, sections. A component that cannot be built
    is left out and listed at the end on standard error, with exit code 9.

    Example: gaia describe stacks --sections vars --components vpc --format json
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    wanted = _form(session, form)
    program = session.app.atmos(directory, processing)
    if program is not None:
        chosen = {"stack": stack, "components": components, "component-types": component_types, "sections": sections}
        words = [f"--{name}={one if isinstance(one, str) else ','.join(one)}" for name, one in chosen.items() if one]
        words += ["--include-empty-stacks"] if include_empty_stacks else []
        put(session, file, text_of(queried(program.describe_stacks(*words), query), wanted))
        return
    with forgiven(session, directory, processing) as repository:
        if stack is not None and stack not in repository.spellings:
            repository.stack_vars(stack)  # an unknown name is an error with the nearest ones
        pieces = repository.iter_stacks(
            stack=stack,
            components=several(components),
            kinds=several(component_types),
            sections=several(sections),
            include_empty=include_empty_stacks,
        )
        if query is None and file is None:
            for text in streamed(pieces, wanted):
                session.write(text)
        else:
            put(session, file, text_of(queried(dict(pieces), query), wanted))


def config(
    context: typer.Context,
    form: SomeForm = None,
    query: Query = None,
    file: File = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show atmos.yaml as it holds.

    All its layers merged, with the ATMOS_… variables over them. JSON unless --format yaml.

    Example: gaia describe config --format yaml
    """
    session = Session.of(context, output)
    repository = session.app.repository(directory)
    document = queried(dict(repository.config.document.value), query)
    put(session, file, text_of(document, form or ("yaml" if session.format == "yaml" else "json")))


def _form(session: Session, form: Form | None) -> Form:
    return form or ("json" if session.format == "json" else "yaml")


def _filtered(session: Session, repository: "Repository", document: Mapping[str, object]) -> Mapping[str, object]:
    usual = "schema" if session.is_atmos and _edition(repository) >= SCHEMA_SINCE else "full"
    name = (
        repository.config.environ.get(FILTER) or repository.config.setting("describe", "component", "filter") or usual
    )
    if name == "full":
        return document
    if name != "schema":
        raise Invalid("filter-unknown", f"there is no filter {name!r}", next_step=f"Set {FILTER} to full or schema.")
    return authored_only(document)


def _explained(session: Session, repository: "Repository") -> bool:
    given = repository.config.environ.get(PROVENANCE)
    if given:
        return given.lower() in ("1", "true", "yes")
    set_there = repository.config.setting("describe", "provenance")
    return set_there is True if set_there is not None else session.is_atmos and _edition(repository) >= PROVENANCE_SINCE


def _edition(repository: "Repository") -> str:
    """The last day whose defaults of Atmos hold: the end of the year, month or day that is pinned."""
    pinned = str(repository.config.environ.get("ATMOS_EDITION") or repository.config.setting("edition") or "9999")
    return pinned + "-12-31"[3 * pinned.count("-") :]
