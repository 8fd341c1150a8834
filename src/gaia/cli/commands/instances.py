"""`gaia list components|instances|sources`: components of every type, by name or in each stack."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli import completion
from gaia.cli.listing import Column, Look, columns_to_show, selected, show
from gaia.cli.listing_options import (
    Columns,
    Delimiter,
    Filter,
    Format,
    OutputFile,
    Query,
    Sort,
    StackGlob,
    configured,
    groups,
)
from gaia.cli.metadata_filter import Abstract, Enabled, Labels, Locked, MetadataFilter, Tags, Type
from gaia.cli.opening import Functions, Skip, Templates, forgiven, processing_of
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from gaia.stacks.repository import Repository

COMPONENTS = (
    Column("Component", "{{ .component }}"),
    Column("Type", "{{ .type }}"),
    Column("Stacks", "{{ .stack_count }}"),
)
INSTANCES = (Column("Component", "{{ .component }}"), Column("Stack", "{{ .stack }}"))
PLAIN = frozenset(("component", "stack", "type", "component_type", "stacks", "stack_count"))
"""Fields that are known without building an instance."""
FETCHED = ("terraform", "helmfile", "packer")
"""Types whose code may be fetched from a source."""
Row = dict[str, object]


def components(
    context: typer.Context,
    stack: StackGlob = None,
    type: Type = None,  # noqa: A002
    abstract: Abstract = False,
    enabled: Enabled = None,
    locked: Locked = None,
    tags: Tags = None,
    labels: Labels = None,
    form: Format = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    filter: Filter = None,  # noqa: A002
    query: Query = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List the components of all stacks.

    Of every type. One that is disabled or locked in any stack counts as that.

    Example: gaia list components -s 'acme-*-prod' --type all
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    look = Look(form, columns or (), sort, delimiter, filter, query)
    which = MetadataFilter.of(type, enabled, locked, tags, labels, abstract=abstract)
    with forgiven(session, directory, processing, stack=stack) as repository:
        shown = columns_to_show(look, COMPONENTS, configured(repository.config, "components"))
        full = look.selects or which.looks_inside or any(column.sections - PLAIN for column in shown)
        by_component: dict[tuple[str, str], list[Row]] = {}
        for row in _rows(repository, stack, which, full=full):
            by_component.setdefault((str(row["component"]), str(row["component_type"])), []).append(row)
        together = (_together(by_component[key]) for key in sorted(by_component))
        rows = selected(look, (row for row in together if not full or which.row(row)))
        names = dict.fromkeys(str(row["component"]) for row in rows)
        show(
            session,
            look,
            shown,
            rows,
            document={"components": list(names)},
            tree=lambda: {
                name: dict.fromkeys(
                    str(row["stack"]) for key in by_component if key[0] == name for row in by_component[key]
                )
                for name in names
            },
        )


def instances(
    context: typer.Context,
    stack: StackGlob = None,
    type: Type = None,  # noqa: A002
    abstract: Abstract = False,
    enabled: Enabled = None,
    locked: Locked = None,
    tags: Tags = None,
    labels: Labels = None,
    form: Annotated[
        Literal["table", "json", "yaml", "csv", "tsv", "tree", "matrix"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            show_default=False,
            help="table, json, yaml, csv, tsv or tree, or matrix for a workflow of GitHub.",
        ),
    ] = None,
    columns: Columns = None,
    sort: Sort = None,
    delimiter: Delimiter = None,
    filter: Filter = None,  # noqa: A002
    query: Query = None,
    output_file: OutputFile = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List the components of each stack.

    Of every type.

    Example: gaia list instances --filter '.vars.region == "us-east-1"' --columns 'Owner={{ .vars.tags.owner }}'
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    which = MetadataFilter.of(type, enabled, locked, tags, labels, abstract=abstract)
    with forgiven(session, directory, processing, stack=stack) as repository:
        if form == "matrix" or output_file is not None:
            from gaia.cli.matrix import entry, put

            look = Look(None, filter=filter, query=query)
            _refuse_with_matrix(form, look, columns)
            rows = [row for row in _rows(repository, stack, which, full=True) if which.row(row)]
            put(session, [entry(row) for row in rows], output_file)
            return
        look = Look(form, columns or (), sort, delimiter, filter, query)
        shown = columns_to_show(look, INSTANCES, configured(repository.config, "instances", "components"))
        full = look.selects or which.looks_inside or any(column.sections - PLAIN for column in shown)
        found = (row for row in _rows(repository, stack, which, full=full) if not full or which.row(row))
        listed = selected(look, found)
        if form is not None:  # Atmos's formats have Atmos's order
            listed.sort(key=lambda row: (str(row["component"]), str(row["stack"])))
        by_stack: dict[str, dict[str, None]] = {}
        for row in listed:
            by_stack.setdefault(str(row["stack"]), {})[str(row["component"])] = None
        show(session, look, shown, listed, document={"instances": _documents(look, listed)}, tree=lambda: by_stack)


def sources(
    context: typer.Context,
    component: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMPONENT]",
            help="Only this component, or this folder of code.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ] = None,
    stack: StackGlob = None,
    tags: Tags = None,
    labels: Labels = None,
    form: Format = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """List where components get their code from.

    Those of terraform, helmfile and packer that have a `source`, with its address and version.

    Example: gaia list sources -s acme-use1-dev
    """
    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    which = MetadataFilter.of("all", None, None, tags, labels, abstract=True)
    look = Look(form)
    with forgiven(session, directory, processing, stack=stack) as repository:
        rows = sorted(
            (
                row
                for row in map(_source, _rows(repository, stack, which, full=True, kinds=FETCHED))
                if row and which.row(row) and component in (None, row["component"], row["folder"])
            ),
            key=lambda row: tuple(str(row[key]) for key in ("stack", "type", "component")),
        )
        folders = any(row["folder"] != row["component"] for row in rows)
        fields = {
            "Stack": stack is None,
            "Type": True,
            "Component": True,
            "Folder": folders,
            "URI": True,
            "Version": True,
        }
        shown = [Column(title, f"{{{{ .{title.lower()} }}}}") for title, wanted in fields.items() if wanted]
        keys = ("stack", "type", "component", "folder", "uri", "version")
        show(
            session,
            look,
            shown,
            rows,
            document={"sources": [{key: row[key] for key in keys} for row in rows]},
            tree=lambda: {str(row["stack"]): {str(row["component"]): {str(row["uri"]): None}} for row in rows},
        )
        if not rows:
            session.note("No component has a source.", "quiet")


def _rows(
    repository: "Repository", stack: str | None, which: MetadataFilter, *, full: bool, kinds: tuple[str, ...] = ()
) -> Iterator[Row]:
    """A row for each component in each stack, sorted; `full` ones have all sections."""
    members = {
        (str(group.stack), name, group.kind, group.abstract)
        for group in groups(repository, stack)
        if which.kind(abstract=group.abstract) and (not kinds or group.kind in kinds)
        for name in group.names
    }
    for stack_name, component, kind, abstract in sorted(members):
        row: Row = {"stack": stack_name, "component": component, "component_type": kind}
        row["type"] = "abstract" if abstract else "real"
        if not full:
            yield row
            continue
        for instance in repository.built((InstanceKey(stack_name, component),), kind):
            document = instance.listing()
            locked = instance.metadata.get("locked") is True
            status = "disabled" if not instance.enabled else "locked" if locked else "enabled"
            row |= {"component_folder": instance.component_path, "component_path": _path(repository, kind, document)}
            yield document | row | {"enabled": instance.enabled, "locked": locked, "status_text": status}


def _together(rows: list[Row]) -> Row:
    """One row for a component in several stacks."""
    first = dict(rows[0])
    first |= {"stacks": len(rows), "stack_count": len(rows), "type": first["component_type"]}
    if "enabled" in first:
        first["enabled"] = all(row["enabled"] for row in rows)
        first["locked"] = any(row["locked"] for row in rows)
    return first


def _documents(look: Look, rows: list[Mapping[str, object]]) -> list[Row]:
    """The house's own form: what identifies each instance, and what a query gave."""
    if look.query is not None:
        return [dict(row) for row in rows]
    return [{"stack": row["stack"], "component": row["component"], "type": row["component_type"]} for row in rows]


def _source(row: Row) -> Row:
    """A row with its source; nothing where it has none."""
    source = row.get("source")
    found = {"uri": source} if isinstance(source, str) else source
    if not isinstance(found, dict) or not found.get("uri"):
        return {}
    folder = row["metadata"].get("component") if isinstance(row["metadata"], dict) else None
    return row | {
        "type": row["component_type"],
        "folder": folder or row["component"],
        "uri": found["uri"],
        "version": found.get("version") or "",
    }


def _path(repository: "Repository", kind: str, document: Mapping[str, object]) -> str:
    """The folder of a component's code, relative to the repository."""
    import posixpath

    base = repository.config.setting("components", kind, "base_path")
    return posixpath.normpath(posixpath.join(base, str(document["component"]))) if isinstance(base, str) else ""


def _refuse_with_matrix(form: str | None, look: Look, columns: list[str] | None) -> None:
    if form != "matrix":
        raise Invalid(
            "options-conflict", "--output-file takes a matrix only", next_step="Add --format matrix, or leave it out."
        )
    if look.selects or columns:
        raise Invalid(
            "options-conflict",
            "a matrix has fixed fields, and takes no --filter, --query or --columns",
            next_step="Choose with --stack, --type, --enabled, --tags or --labels.",
        )
