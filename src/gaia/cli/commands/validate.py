"""`gaia validate …`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli.options import Component, Directory, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.stacks.validation.findings import Finding


def stacks(
    context: typer.Context,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schemas-atmos-manifest",
            metavar="FILE",
            show_default=False,
            help="A JSON schema for manifests; else that of atmos.yaml, else the one that Gaia ships.",
        ),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Check all manifests of the platform repository.

    Files by a JSON schema, imports, merges, names, duplicates, variables that a component does not declare, and what
    the policies about manifests say of each instance: all mistakes in one report, each with its place. A variable that
    is inherited and not declared is a warning. Exit code 1 when there is a mistake; warnings do not count.

    Example: gaia validate stacks
    """
    session = Session.of(context, output)
    settings = session.settings
    report = session.app.validate_stacks(directory, schema=settings.cwd / schema if schema else None)
    if session.format != "text":
        session.show(
            {
                "valid": not report.errors,
                "files": report.files,
                "stacks": report.stacks,
                "findings": [each.as_json() for each in report.findings],
            }
        )
    else:
        from gaia.cli.screens.findings import report_screen

        session.show(None, *report_screen(report))
    return 1 if report.errors else 0


def schema(
    context: typer.Context,
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]", help="One entry of schemas in atmos.yaml; all if left out.", show_default=False
        ),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schemas-atmos-manifest",
            metavar="FILE",
            help="This JSON schema instead of the entry's.",
            show_default=False,
        ),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Check files by the JSON schemas that atmos.yaml names for them.

    Each entry of `schemas` has a `schema` and `matches`, patterns of YAML files. Exit code 1 when there is a mistake;
    patterns that match nothing are one.

    Example: gaia validate schema
    """
    from gaia.stacks.validation.files import validate_files

    session = Session.of(context, output)
    if schema is not None and key is None:
        raise Invalid("usage", "a schema is given, but not for which files", next_step="Name the entry of schemas.")
    path = session.settings.cwd / schema if schema else None
    report = validate_files(session.app.repository(directory).config, key, path)
    if session.format != "text":
        findings = [each.as_json() for each in report.findings]
        session.show({"valid": not report.errors, "files": report.files, "findings": findings})
    else:
        from gaia.cli.screens.findings import report_screen

        session.show(None, *report_screen(report))
    return 1 if report.errors else 0


def component(
    context: typer.Context,
    component: Component,
    stack: Stack,
    schema_path: Annotated[
        str | None,
        typer.Option("--schema-path", metavar="FILE", help="This rule instead of the settings'.", show_default=False),
    ] = None,
    schema_type: Annotated[
        Literal["jsonschema", "opa"], typer.Option("--schema-type", metavar="TYPE", help="jsonschema or opa.")
    ] = "jsonschema",
    module_paths: Annotated[
        list[str] | None,
        typer.Option(
            "--module-paths", metavar="PATH", help="Rego files or folders that it imports.", show_default=False
        ),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Check an instance by the rules that its settings.validation names.

    JSON schemas, and Rego rules whose `data.atmos.errors` must be empty; both see what `gaia describe component` shows.
    Exit code 1 when a rule says no.

    Example: gaia validate component photos-bucket -s acme-use1-dev
    """
    from gaia.stacks.validation.component import Check, checks, validate_component

    session = Session.of(context, output)
    repository = session.app.repository(directory)
    instance = repository.instance(component, stack)
    asked: Sequence[Check]
    if schema_path:
        asked = (Check(Path(schema_path).stem, schema_type, schema_path, tuple(module_paths or ()), None),)
    else:
        asked = checks(instance)
    findings = validate_component(instance, repository.config, session.app.rego, asked=asked)
    _show_component(session, f"{component} in {stack}", [check.name for check in asked], findings)
    return 1 if findings else 0


def _show_component(session: Session, what: str, asked: Sequence[str], findings: Sequence["Finding"]) -> None:
    if session.format != "text":
        document = {"valid": not findings, "checks": asked, "findings": [each.as_json() for each in findings]}
        session.show(document)
        return
    from gaia.cli.screens.findings import component_screen

    session.show(None, *component_screen(what, asked, findings))
