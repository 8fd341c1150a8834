"""`gaia plan`, `gaia apply` and `gaia destroy`: instances of the checkout, on Gaia's screens."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import CHANGES, FAILED, Quiet, Yes, asked, ended, judged, left_out, name_is_typed
from gaia.cli.options import Component, Directory, Full, Output, Stack
from gaia.cli.selecting import (
    Affected,
    Components,
    Downstream,
    Everything,
    MaybeComponent,
    MaybeRef,
    Parallel,
    Query,
    Selected,
    Stacks,
    Upstream,
    instances,
)
from gaia.cli.session import Session
from gaia.errors import Invalid, Next, NotFound

if TYPE_CHECKING:
    from typing import Literal

    from gaia.checkout.change import Change, Seen
    from gaia.checkout.checkout import Checkout
    from gaia.stacks.failures import Failures
    from gaia.stacks.model import Instance

Destroy = Annotated[bool, typer.Option("--destroy", help="What destroying it would do.")]
DetailedExitcode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is something to do.")
]
Changed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit code 2 when something was changed, 1 for every error.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with what the last one of several instances here left undone.")
]
Production = Annotated[bool, typer.Option("--production", help="Also in stacks of production.")]
Protected = Annotated[bool, typer.Option("--protected", help="Also what is protected against deletion.")]


def plan(
    context: typer.Context,
    component: MaybeComponent = None,
    stack: Stacks = None,
    components: Components = None,
    everything: Everything = False,
    affected: Affected = False,
    ref: MaybeRef = None,
    query: Query = None,
    upstream: Upstream = False,
    downstream: Downstream = False,
    parallel: Parallel = None,
    destroy: Destroy = False,
    detailed_exitcode: DetailedExitcode = False,
    full: Full = False,
    quiet: Quiet = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show what would be done to instances of the checkout.

    What matters comes first. On the files as they lie, uncommitted edits included; nothing is changed. Several are
    planned together where they can be, and what depends on something that is not made yet is shown with its unknowns.
    `gaia terraform plan` shows terraform's own words and takes its flags.

    Example: gaia plan photos-bucket -s acme-use1-dev
    """
    session = Session.of(context, output)
    session.quiet = quiet
    selected = Selected(component, stack, components, everything, affected, ref, query, upstream, downstream)
    with session.app.checkout(directory) as checkout:
        if not selected.one:
            found, unbuilt = instances(session, checkout, selected, reverse=destroy)
            from gaia.cli.batching import plan as plan_many

            code = plan_many(session, checkout, found, destroy=destroy, parallel=parallel, full=full)
            unbuilt.refuse(rest="planned")
            return code if detailed_exitcode or code != CHANGES else 0
        instance = _meant(session, checkout, selected)
        if left_out(session, instance):
            return 0
        change, seen = _planned(session, checkout, instance, destroy=destroy)
    del change
    if session.format != "text":
        session.show(seen.as_json())
    else:
        _show_plan(session, seen, full=full)
        judged(session, seen, refuse=False)
    return CHANGES if detailed_exitcode and not seen.plan.empty else 0


def apply(
    context: typer.Context,
    component: MaybeComponent = None,
    stack: Stacks = None,
    components: Components = None,
    everything: Everything = False,
    affected: Affected = False,
    ref: MaybeRef = None,
    query: Query = None,
    upstream: Upstream = False,
    downstream: Downstream = False,
    parallel: Parallel = None,
    resume: Resume = False,
    protected: Protected = False,
    detailed_exitcode: Changed = False,
    yes: Yes = False,
    full: Full = False,
    quiet: Quiet = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Plan instances, ask, and apply exactly what was shown.

    Several are applied side by side, each once what it needs is done; a failure stops what depends on it, and --resume
    goes on there. Policies are asked and rules of settings.validation hold. What was killed half-way is found again and
    finished by the next apply. What is protected against deletion is replaced or deleted only with --protected.

    Example: gaia apply network -s acme-use1-dev --yes
    """
    session = Session.of(context, output)
    selected = Selected(component, stack, components, everything, affected, ref, query, upstream, downstream)
    session.quiet = quiet
    act = _Act(yes=yes, full=full, parallel=parallel, resume=resume, protected=protected, detailed=detailed_exitcode)
    return _carry_out(session, selected, directory, act)


def destroy(
    context: typer.Context,
    component: MaybeComponent = None,
    stack: Stacks = None,
    components: Components = None,
    everything: Everything = False,
    affected: Affected = False,
    ref: MaybeRef = None,
    query: Query = None,
    upstream: Upstream = False,
    downstream: Downstream = False,
    parallel: Parallel = None,
    resume: Resume = False,
    production: Production = False,
    protected: Protected = False,
    detailed_exitcode: Changed = False,
    yes: Yes = False,
    full: Full = False,
    quiet: Quiet = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Plan the destruction of instances, ask, and destroy exactly that.

    On a terminal the stack's name has to be typed. Several are destroyed in reverse order, each once what needs it is
    gone. The manifests stay as they are, so the next apply makes it again. To destroy a service that somebody asked
    for, use `gaia retire`.

    Example: gaia destroy network -s acme-use1-dev
    """
    session = Session.of(context, output)
    selected = Selected(component, stack, components, everything, affected, ref, query, upstream, downstream)
    session.quiet = quiet
    act = _Act(
        destroy=True,
        yes=yes,
        full=full,
        parallel=parallel,
        resume=resume,
        production=production,
        protected=protected,
        detailed=detailed_exitcode,
    )
    return _carry_out(session, selected, directory, act)


def bring_in(
    context: typer.Context,
    component: Component,
    pairs: Annotated[
        list[str], typer.Argument(metavar="ADDRESS=ID", help="What is imported where; several.", show_default=False)
    ],
    stack: Stack,
    yes: Yes = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Bring resources that exist into an instance's state.

    As `import` blocks, planned and shown first; a plan that would change anything else is refused and says what. IDs
    are those that Terraform's documentation names for the type.

    Example: gaia import photos-bucket -s acme-use1-dev 'aws_s3_bucket.this=acme-photos'
    """
    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.imports import asked as wanted
    from gaia.checkout.imports import check_only_imports, files
    from gaia.checkout.words import Words

    session, imports = Session.of(context, output), wanted(pairs)
    with session.app.checkout(directory) as checkout:
        name = checkout.component_at(component, session.settings.cwd, stack)
        words = Words("import", component=name, stack=stack)
        change = Change(checkout, checkout.instance(name, stack), words, destroy=False, extra=files(imports))
        change.check()
        session.note(f"Planning {name} in {stack}, {checkout.root} {checkout.revision} …", "quiet")
        with ending_well(checkout):
            seen = change.plan()
        if session.format == "text":
            _show_plan(session, seen, full=full)
        check_only_imports(seen.plan, {} if change.goes_on else imports)  # it may have brought some in already
        judged(session, seen)
        if not yes and not asked(session, checkout, change.instance, seen.view, destroy=False):
            session.note("Nothing was changed.")
            return FAILED
        session.going_on = f"The same command goes on: gaia import {component} -s {stack} …"
        outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
        return ended(session, change.outcome_view(outcome), screen=True)


def _meant(session: Session, checkout: "Checkout", selected: Selected) -> "Instance":
    """The one instance that is selected."""
    stack = str(selected.stack)
    return checkout.instance(checkout.component_at(str(selected.component), session.settings.cwd, stack), stack)


def _planned(session: Session, checkout: "Checkout", instance: "Instance", *, destroy: bool) -> "tuple[Change, Seen]":
    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.words import Words

    name, stack = instance.key.component, instance.key.stack
    change = Change(checkout, instance, Words("apply", component=name, stack=stack), destroy=destroy)
    session.note(f"Planning {name} in {stack}, {checkout.root} {checkout.revision} …", "quiet")
    try:
        with ending_well(checkout):
            seen = change.plan()
    except NotFound as error:
        if error.code == "output-missing" and not destroy:
            words = "Plan what it needs together with it, or correct the reference"
            error.next_step = Next("plan", name, words, stack=stack, options=("--upstream",))
        raise
    return change, seen


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done, and what somebody said about it beforehand."""

    destroy: bool = False
    yes: bool = False
    full: bool = False
    parallel: int | None = None
    resume: bool = False
    production: bool = False
    protected: bool = False
    detailed: bool = False
    """Whether the exit code says that something was changed."""

    @property
    def word(self) -> "Literal['apply', 'destroy']":
        return "destroy" if self.destroy else "apply"


def _carry_out(session: Session, selected: Selected, directory: Directory, act: _Act) -> int:
    code = _carried_out(session, selected, directory, act)
    return FAILED if act.detailed and code not in (0, CHANGES) else code


def _carried_out(session: Session, selected: Selected, directory: Directory, act: _Act) -> int:
    from gaia.checkout.protection import check_production

    typed = act.destroy and name_is_typed(session)  # by whichever name it was called: Atmos has no such command
    act = replace(act, yes=act.yes and not typed)
    with session.app.checkout(directory) as checkout:
        if act.resume or not selected.one:
            if act.resume:
                _check_alone(selected, act)
                found, unbuilt, words = _left(session, checkout, act)
            else:
                selected.check_stacks(act.word)
                (found, unbuilt), words = instances(session, checkout, selected, reverse=act.destroy), selected.words
            if act.destroy and not act.production:
                check_production(checkout, found)
            from gaia.cli.batching import carry_out as carry_out_many

            code = carry_out_many(
                session,
                checkout,
                found,
                destroy=act.destroy,
                parallel=act.parallel,
                yes=act.yes,
                full=act.full,
                may_protected=act.protected,
                words=words,
                detailed=act.detailed,
            )
            unbuilt.refuse(rest="done")
            return code
        instance = _meant(session, checkout, selected)
        return 0 if left_out(session, instance) else _carry_out_one(session, checkout, instance, act)


def _check_alone(selected: Selected, act: _Act) -> None:
    if not selected.nothing:
        raise Invalid(
            "usage",
            "--resume goes on with all that the last one left, and something is selected besides",
            next_step=f"gaia {act.word} --resume, or the selection without --resume",
        )


def _left(session: Session, checkout: "Checkout", act: _Act) -> "tuple[tuple[Instance, ...], Failures, str]":
    """What the last one left and is still there, in order, and how it was selected; what is there no more is said."""
    from gaia.checkout.batch_record import BatchRecord
    from gaia.checkout.selection import runs
    from gaia.cli.screens.format import count
    from gaia.graph.order import order
    from gaia.stacks.failures import Failures

    left = BatchRecord(checkout.workplace.folder, act.word).left()
    keys = left.keys
    begun = f"{left.since.astimezone():%Y-%m-%d %H:%M}"
    session.note(f"Going on with `gaia {act.word} {left.words}` of {begun}: {count(len(keys), 'instance')} left.")
    repository = checkout.files.repository.forgiving()
    there = [key for key in keys if key in repository.instances]
    found = {one.key: one for one in repository.built(there) if runs(one)}
    failures = repository.failures or Failures()
    broken = {(one.where, one.component) for one in failures}
    for key in keys:
        if key not in found and (key.stack, key.component) not in broken:
            session.note(f"{key} is left out: the stacks have it no more, or not enabled.")
    return (
        tuple(found[key] for level in order(found.values(), reverse=act.destroy) for key in level),
        failures,
        left.words,
    )


def _carry_out_one(session: Session, checkout: "Checkout", instance: "Instance", act: _Act) -> int:
    from gaia.checkout.protection import check_production, check_protected

    _check(checkout, instance, destroy=act.destroy)
    if act.destroy and not act.production:
        check_production(checkout, [instance])
    change, seen = _planned(session, checkout, instance, destroy=act.destroy)
    if session.format == "text" and not (session.quiet and act.yes):  # what is asked about is shown
        _show_plan(session, seen, full=act.full, whole=True)
    judged(session, seen)
    if not act.protected:
        check_protected([(change.instance, seen.plan)])
    if (
        not seen.plan.empty
        and not act.yes
        and not asked(session, checkout, change.instance, seen.view, destroy=act.destroy)
    ):
        session.note("Nothing was changed.")
        return FAILED
    key = instance.key
    session.going_on = f"`gaia {act.word} {key.component} -s {key.stack}` goes on with what was begun."
    outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
    code = ended(session, change.outcome_view(outcome), screen=True)
    return CHANGES if act.detailed and outcome.status == "applied" else code


def _check(checkout: "Checkout", instance: "Instance", *, destroy: bool) -> None:
    from gaia.checkout.change import Change
    from gaia.checkout.words import Words

    words = Words("destroy" if destroy else "apply", component=instance.key.component, stack=instance.key.stack)
    Change(checkout, instance, words, destroy=destroy).check()


def _show_plan(session: Session, seen: "Seen", *, full: bool, whole: bool = False) -> None:
    """`whole`: also where somebody wants it quiet, because it is asked about."""
    from gaia.cli.screens.preview import plan_screen

    screen = plan_screen(seen.view, full=full)
    session.show(None, *(screen[:1] if session.quiet and not whole else screen))
