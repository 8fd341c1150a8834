"""`gaia policy …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli import completion
from gaia.cli.options import Directory, Output
from gaia.cli.plan_argument import no_stack_of_a_file, plan_file
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.policy.report import Checked

CheckFormat = Literal["table", "text", "json", "yaml", "sarif", "junit", "markdown"]
Policies = Annotated[
    Path | None,
    typer.Option(
        "--policies",
        metavar="DIR",
        help="The rules in this folder instead, also those written for conftest.",
        show_default=False,
    ),
]


def check(
    context: typer.Context,
    subjects: Annotated[
        list[str],
        typer.Argument(
            metavar="[PLAN.json | COMPONENT | MANIFEST.yaml…]",
            help="The JSON of a plan, a component's name, or files or folders with objects of Kubernetes; - is a pipe.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ],
    stack: Annotated[
        str | None,
        typer.Option(
            "--stack",
            "-s",
            metavar="STACK",
            help="The stack of the component, which is planned first.",
            autocompletion=completion.stacks,
            show_default=False,
        ),
    ] = None,
    policies: Policies = None,
    stage: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="The stage that a plan's file is of, e.g. prod.", show_default=False),
    ] = None,
    destroy: Annotated[bool, typer.Option("--destroy", help="Judge what destroying the component would do.")] = False,
    directory: Directory = None,
    output: Annotated[
        CheckFormat | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORMAT",
            help="table, json, yaml, sarif, junit or markdown.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Judge a plan, of a file or an instance, or Kubernetes' objects.

    A file is what `terraform show -json` prints, and needs no repository: without one, the rules that come with Gaia
    judge it. Of a component each finding says which block of its code and which value of the stack it goes back to.
    YAML and JSON files, and folders of them, hold objects of Kubernetes: each is judged by the rules about those, and
    each finding says its line. Exit code 1 when a rule denies.

    Example: gaia policy check plan.json --output sarif
    """
    session = Session.of(context, output if output in ("json", "yaml") else None)
    if stack is None and destroy:
        raise Invalid("usage", "--destroy is about a component", next_step="Add -s STACK, or leave it out.")
    if stack is not None and stage is not None:
        raise Invalid("usage", "a component's stage is that of its stack", next_step="Leave --stage out.")
    for one in subjects:
        no_stack_of_a_file(session, one, stack)
    if stack is None and any(_holds_objects(session, one) for one in subjects):
        if stage is not None:
            raise Invalid("usage", "objects of Kubernetes have no stage", next_step="Leave --stage out.")
        checked = session.app.check_object_files([Path(one) for one in subjects], policies, directory)
    elif len(subjects) > 1:
        raise Invalid(
            "usage", "only objects of Kubernetes can be judged together", next_step="Give one plan or one component."
        )
    elif stack is None:
        checked = session.app.check_plan_file(plan_file(session, subjects[0]), policies, directory, stage)
    else:
        (subject,) = subjects
        checked = _instance_checked(session, subject, stack, policies, directory, destroy=destroy)
    _show(session, checked, output)
    return 1 if checked.verdict == "denied" else 0


_BEGINNING = 8192
"""Bytes of JSON by which a plan and an object of Kubernetes are told apart: this has its apiVersion first."""


def _holds_objects(session: Session, subject: str) -> bool:
    from gaia.kit.files import STANDARD_INPUT, beginning_of

    path = session.settings.cwd / subject
    if path.suffix in (".yaml", ".yml") or path.is_dir():
        return True
    if path.suffix != ".json" and subject not in STANDARD_INPUT:
        return False
    begins = beginning_of(Path(subject) if subject in STANDARD_INPUT else path, _BEGINNING)
    return b'"apiVersion"' in begins or (path.suffix != ".json" and not begins.lstrip().startswith(b"{"))


def _instance_checked(
    session: Session, component: str, stack: str, policies: Path | None, directory: Path | None, *, destroy: bool
) -> "Checked":
    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.words import Words

    with session.app.checkout(directory) as checkout:
        name = checkout.component_at(component, session.settings.cwd, stack)
        instance = checkout.instance(name, stack)
        change = Change(checkout, instance, Words("apply", component=name, stack=stack), destroy=destroy)
        session.note(f"Planning {name} in {stack}, {checkout.root} {checkout.revision} …", "quiet")
        with ending_well(checkout):
            seen = change.plan(read=True)
        return session.app.check_seen(change, seen, policies)


def _show(session: Session, checked: "Checked", form: CheckFormat | None) -> None:
    if form in ("sarif", "junit", "markdown"):
        from gaia.policy.formats import rendered

        session.write(rendered(checked, form))
        return
    if session.format != "text":
        from gaia.policy.formats.document import document

        session.show(document(checked))
        return
    from gaia.cli.screens.policy import checked_screen

    session.show(None, *checked_screen(checked))


def list_rules(
    context: typer.Context, policies: Policies = None, directory: Directory = None, output: Output = None
) -> None:
    """List the policies.

    Those of the repository around you, else those that come with Gaia.

    Example: gaia policy list
    """
    session = Session.of(context, output)
    found = session.app.read_policies(policies, directory)
    if session.format != "text":
        from gaia.policy.formats.document import rule_document

        rules = sorted(found.rules, key=lambda rule: rule.name)
        session.show(
            {
                "from": found.shown,
                "whose": found.whose or None,
                "rules": [rule_document(rule, found.shown) for rule in rules],
            }
        )
        return
    from gaia.cli.screens.policy import rules_screen

    session.show(None, *rules_screen(found.rules, found.described))


def list_waivers(context: typer.Context, directory: Directory = None, output: Output = None) -> None:
    """List the waivers of the repository, and how each stands.

    In force, expired, unused, or not yet approved: it is in the files here, and not on the branch that requests are
    based on. Whether a plan still needs one, a check of its component says.

    Example: gaia policy waivers --output json
    """
    session = Session.of(context, output)
    found = session.app.policy_waivers(directory)
    if session.format != "text":
        session.show({"waivers": [one.as_json() for one in found]})
        return
    from gaia.cli.screens.policy import waivers_screen

    session.show(None, *waivers_screen(found))


def explain(
    context: typer.Context,
    finding: Annotated[
        str, typer.Argument(metavar="FINDING", help="The rule that a finding names, e.g. plan.required_tags.")
    ],
    policies: Policies = None,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Explain a policy: why it is there, and how to repair what it finds.

    Title, severity, controls, owner and file, and a case that it has something against.

    Example: gaia policy explain plan.required_tags
    """
    from gaia.policy.examples import example_of

    session = Session.of(context, output)
    found = session.app.policies(policies, directory)
    rule = found.named(finding)
    example = example_of(found, rule)
    if session.format != "text":
        from gaia.policy.formats.document import rule_document

        whose = {"whose": found.whose or None, "example": example or None}
        session.show({**rule_document(rule, found.shown), **whose})
        return
    from gaia.cli.screens.policy import rule_screen

    session.show(None, *rule_screen(rule, found.shown, found.described, example))


def run_tests(
    context: typer.Context, policies: Policies = None, directory: Directory = None, output: Output = None
) -> int:
    """Run the policies' own tests.

    Also says which set of which policy no test has seen a member of. Exit code 1 when a test fails.

    Example: gaia policy test
    """
    session = Session.of(context, output)
    found = session.app.policies(policies, directory)
    results = session.app.policy_tests(directory, policies)
    failed = [each for each in results if not each.passed]
    coverage = session.app.policy_coverage(directory, policies) if results else ()
    if session.format != "text":
        session.show(
            {
                "from": found.shown,
                "whose": found.whose or None,
                "passed": len(results) - len(failed),
                "failed": len(failed),
                "tests": [{"name": e.name, "at": str(e.at), "passed": e.passed, "message": e.message} for e in results],
                "coverage": [
                    {"rule": e.rule, "effect": e.effect, "seen": e.seen, "unseen": [str(at) for at in e.unseen]}
                    for e in coverage
                ],
            }
        )
    else:
        from gaia.cli.screens.policy import tests_screen

        session.show(None, *tests_screen(results, coverage, found.described))
    return 1 if failed else 0


def copy(
    context: typer.Context,
    libraries: Annotated[bool, typer.Option("--lib", help="Only what rules of your own import: policies/lib.")] = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Take the policies that come with Gaia over into the repository.

    As soon as a repository has a folder policies/, its rules judge and Gaia's own do not. This puts Gaia's there, with
    their libraries and tests; what is there already stays as it is.

    Example: gaia policy copy
    """
    session = Session.of(context, output)
    copied = session.app.copy_policies(directory, libraries=libraries)
    if session.format != "text":
        session.show({"copied": list(copied.copied), "kept": list(copied.kept)})
        return
    from gaia.cli.screens.policy import copied_screen

    session.show(None, *copied_screen(copied))
