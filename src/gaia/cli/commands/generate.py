"""`gaia terraform generate …`: the files that Atmos generates, for the repository around the caller."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli.opening import Functions, Skip, Templates, forgiven, opened, processing_of, several
from gaia.cli.options import Component, Directory, MaybeStack, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository
    from gaia.terraform.atmos_files import Failed, Files, Folders

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")]
SomeStacks = Annotated[
    list[str] | None,
    typer.Option("--stacks", metavar="NAME,…", help="Only these stacks, or manifests.", show_default=False),
]
SomeComponents = Annotated[
    list[str] | None,
    typer.Option("--components", metavar="NAME,…", help="Only these components.", show_default=False),
]
TOKENS = "{component-path} {component} {base-component} {namespace} {tenant} {environment} {region} {stage}"


def varfile(
    context: typer.Context,
    component: Component,
    stack: Stack,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="PATH", help="Write it there.", show_default=False)
    ] = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    dry_run: DryRun = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write an instance's variables as a varfile.

    As JSON into the component's folder, under the name that Atmos gives it.

    Example: gaia terraform generate varfile photos-bucket -s acme-use1-dev
    """
    from gaia.terraform import atmos_files

    session = Session.of(context, output)
    repository = opened(session, directory, processing_of(process_templates, process_functions, skip))
    instance = repository.instance(component, stack, "terraform")
    _finish(session, atmos_files.varfile(instance, _folders(session, repository), file), dry_run)


def planfile(
    context: typer.Context,
    component: Component,
    stack: Stack,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="PATH", help="Write it there.", show_default=False)
    ] = None,
    form: Annotated[Literal["json", "yaml"], typer.Option("--format", metavar="FORMAT", help="json or yaml.")] = "json",
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write an instance's plan as a document.

    JSON, or YAML with --format.

    Into the component's folder, as STACK-COMPONENT.planfile.json. It holds values in clear, secrets too.

    Example: gaia terraform generate planfile photos-bucket -s acme-use1-dev
    """
    import io

    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.words import Words
    from gaia.cli.machine_output import write
    from gaia.kit.files import write_atomic

    session = Session.of(context, output)
    with session.app.checkout(directory) as checkout, ending_well(checkout):
        name = checkout.component_at(component, session.settings.cwd, stack)
        instance = checkout.instance(name, stack)
        session.note(f"Planning {name} in {stack} …", "quiet")
        seen = Change(checkout, instance, Words("plan", component=name, stack=stack), destroy=False).plan(read=True)
        text = io.StringIO()
        write(seen.plan.raw, form, text)
        place = session.settings.cwd / file if file else checkout.home_of(instance) / f"{instance.planfile_name}.{form}"
        write_atomic(place, text.getvalue().encode())
    session.show({"files": [str(place)]}, f"wrote {place}")


def backend(
    context: typer.Context,
    component: Component,
    stack: Stack,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    dry_run: DryRun = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write an instance's backend as backend.tf.json.

    Into the component's folder, as Atmos does.

    Example: gaia terraform generate backend photos-bucket -s acme-use1-dev
    """
    from gaia.terraform import atmos_files

    session = Session.of(context, output)
    repository = opened(session, directory, processing_of(process_templates, process_functions, skip))
    instance = repository.instance(component, stack, "terraform")
    _finish(session, atmos_files.backend(instance, _folders(session, repository)), dry_run)


def varfiles(
    context: typer.Context,
    file_template: Annotated[
        str, typer.Option("--file-template", metavar="PATH", help=f"Where each is written; may hold {TOKENS}.")
    ],
    form: Annotated[Literal["hcl", "json"], typer.Option("--format", metavar="FORMAT", help="hcl or json.")] = "hcl",
    stacks: SomeStacks = None,
    components: SomeComponents = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    dry_run: DryRun = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write the variables of all instances as varfiles.

    Example: gaia terraform generate varfiles --file-template '{component-path}/{environment}-{stage}.tfvars'
    """
    from gaia.terraform import atmos_files

    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    with forgiven(session, directory, processing, done="written") as repository:
        instances, folders = _instances(repository, stacks, components), _folders(session, repository)
        found = atmos_files.varfiles(instances, folders, file_template, form, _failed(repository))
        _finish(session, found, dry_run)


def backends(
    context: typer.Context,
    file_template: Annotated[
        str | None,
        typer.Option(
            "--file-template",
            metavar="PATH",
            help=f"Where each is written; may hold {TOKENS}. Else one a component, in its folder.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Literal["hcl", "json", "backend-config"],
        typer.Option("--format", metavar="FORMAT", help="hcl, json or backend-config."),
    ] = "hcl",
    stacks: SomeStacks = None,
    components: SomeComponents = None,
    process_templates: Templates = True,
    process_functions: Functions = True,
    skip: Skip = None,
    dry_run: DryRun = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write the backends of all instances.

    Example: gaia terraform generate backends --format json --file-template 'backends/{stage}/{component}.tf.json'
    """
    from gaia.terraform import atmos_files

    session = Session.of(context, output)
    processing = processing_of(process_templates, process_functions, skip)
    with forgiven(session, directory, processing, done="written") as repository:
        instances, folders = _instances(repository, stacks, components), _folders(session, repository)
        found = atmos_files.backends(instances, folders, file_template, form, _failed(repository))
        _finish(session, found, dry_run)


def files(
    context: typer.Context,
    component: Annotated[
        str | None, typer.Argument(metavar="COMPONENT", help="The component; or --all.", show_default=False)
    ] = None,
    stack: MaybeStack = None,
    every: Annotated[bool, typer.Option("--all", help="Of all instances.")] = False,
    stacks: SomeStacks = None,
    components: SomeComponents = None,
    clean: Annotated[bool, typer.Option("--clean", help="Remove these files instead.")] = False,
    dry_run: DryRun = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write the files of an instance's `generate` section.

    Each text is a Go template; a map is written as the file's ending says: .json, .yaml, .tf, .hcl, .tfvars.

    Example: gaia terraform generate files vpc -s acme-use1-dev --dry-run
    """
    from gaia.terraform import atmos_files

    session = Session.of(context, output)
    if every == (component is not None) or every == (stack is not None):
        raise Invalid(
            "usage",
            "name a component and its stack, or give --all",
            next_step="For one instance: COMPONENT -s STACK. For all of them: --all.",
        )
    if component is not None:
        repository = opened(session, directory)
        one = [repository.instance(component, stack or "", "terraform")]
        _finish(session, atmos_files.generated(one, _folders(session, repository)), dry_run, clean=clean)
        return
    with forgiven(session, directory, done="written") as repository:
        instances, folders = _instances(repository, stacks, components), _folders(session, repository)
        _finish(session, atmos_files.generated(instances, folders, _failed(repository)), dry_run, clean=clean)


def _failed(repository: "Repository") -> "Failed":
    """Notes what cannot be written; the command ends with all of it."""
    failures = repository.failures
    assert failures is not None  # noqa: S101 -- it is a forgiving one
    return failures.note


def _instances(
    repository: "Repository", stacks: list[str] | None, components: list[str] | None
) -> "Iterable[Instance]":
    from gaia.terraform.placing import instances_matching

    return instances_matching(repository, several(stacks), several(components))


def _folders(session: Session, repository: "Repository") -> "Folders":
    from gaia.terraform.atmos_files import Folders

    config = repository.config
    return Folders(config.components, config.top, session.settings.cwd)


def _finish(session: Session, found: "Files", dry_run: bool, *, clean: bool = False) -> None:
    """Write or remove the files, and say so."""
    from gaia.cli.screens.generated import generated_screen
    from gaia.terraform.placing import place, remove

    done = remove(found, dry_run=dry_run) if clean else place(found, dry_run=dry_run)
    here = session.settings.cwd
    shown = [(str(path.relative_to(here) if path.is_relative_to(here) else path), what) for path, what in done.items()]
    document = [{"path": str(path), "what": what} for path, what in done.items()]
    session.show({"dry_run": dry_run, "files": document}, *generated_screen(shown, dry_run=dry_run))
