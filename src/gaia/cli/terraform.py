"""A command line of terraform's on an instance, on several, or on none."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import typer

from gaia.cli.next_step import told
from gaia.cli.operating import CHANGES, FAILED, asked, document, ended, judged, left_out, name_is_typed, planned
from gaia.cli.session import Session
from gaia.cli.streams import as_it_is, at_once, nothing, say_where, warned
from gaia.errors import GaiaError, Invalid, ToolFailed

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.checkout.change import Change, Seen
    from gaia.checkout.checkout import Checkout
    from gaia.checkout.words import Words
    from gaia.cli.machine_output import Format
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.ports import Processing


def run(
    context: typer.Context,
    given: Sequence[str],
    act: "Callable[[Session, Checkout, Words, Instance], int] | None" = None,
) -> int:
    """Carry out what stands after `gaia terraform`. `act` is what is done to an enabled instance instead."""
    from gaia.checkout.words import NO_COMPONENT, read

    words = read(given)
    session = Session.of(context, _format(words))
    if words.own.get("directory"):
        session.settings = replace(session.settings, cwd=session.settings.cwd / words.own["directory"])
    if words.subcommand in NO_COMPONENT or words.flag("help") or (not words.component and _asks_help(words)):
        return _plain(session, words)
    processing = _processing(words)
    try:
        with session.app.checkout(processing=processing) as checkout:
            if words.many and act is None:
                return _many(session, checkout, words)
            instance = _instance(session, checkout, words)
            if act is not None and instance.enabled and not words.on("dry-run"):
                return act(session, checkout, words, instance)
            return _one(session, checkout, replace(words, component=instance.key.component), instance)
    except GaiaError as error:
        if not isinstance(error, ToolFailed) and error.facts.get("reason") != "terraform-failed":
            raise
        from gaia.cli.failure import report

        report(error, session, given)
        return FAILED  # as terraform's own failures end


def _format(words: "Words") -> "Format | None":
    wanted = words.own.get("output")
    if wanted not in (None, "text", "json", "yaml"):
        raise Invalid("usage", f"--output {wanted} is no format", next_step="Use text, json or yaml.")
    return cast("Format | None", wanted)


def _asks_help(words: "Words") -> bool:
    return any(word in ("-h", "-help", "--help") for word in words.arguments)


def _processing(words: "Words") -> "Processing":
    from gaia.stacks import ports

    skip = words.own.get("skip")
    return ports.Processing(
        templates=words.on("process-templates", default=True),
        functions=words.on("process-functions", default=True),
        skip=frozenset(skip.split(",")) if skip else frozenset(),
    )


def _instance(session: Session, checkout: "Checkout", words: "Words") -> "Instance":
    if not words.stack:
        stacks = checkout.files.repository.stacks
        raise Invalid(
            "usage",
            f"gaia terraform {words.name} needs a stack",
            next_step=f"Say which with -s STACK: {', '.join(stacks[:6])}{' …' if len(stacks) > 6 else ''}",
        )
    if not words.component:
        raise Invalid(
            "usage",
            f"gaia terraform {words.name} needs a component",
            next_step=f"Say which: gaia terraform {words.name} COMPONENT -s {words.stack}, or --all.",
        )
    component = checkout.component_at(words.component, session.settings.cwd, words.stack)
    return checkout.instance(component, words.stack)


def _plain(session: Session, words: "Words") -> int:
    """What is about no instance: terraform itself, where the caller stands."""
    from gaia.kit.process import hand_over
    from gaia.terraform.tool import find_tool

    tool = find_tool(session.settings)
    line: list[str | Path] = [
        tool.path,
        *words.words,
        *([words.component] if words.component else []),
        *words.arguments,
    ]
    session.stdout.flush()
    return hand_over(line, cwd=session.settings.cwd, env=session.settings.environ)


def _one(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    if left_out(session, instance):
        return 0
    if words.on("dry-run"):
        return _dry_run(session, checkout, words, instance)
    if words.subcommand in ("apply", "deploy", "destroy"):
        return _change(session, checkout, words, instance)
    special: dict[str, Callable[[Session, Checkout, Words, Instance], int]] = {"clean": _clean, "shell": _shell}
    if words.subcommand in special:
        return special[words.subcommand](session, checkout, words, instance)
    if session.format != "text" and words.subcommand in ("plan", "output", "validate"):
        return document(session, checkout, words, instance)
    from gaia.checkout.command import Command

    command = Command(checkout, words, instance, leaves_plan=session.is_atmos)
    if words.subcommand == "plan" or command.changes:
        say_where(session, checkout, instance)
    session.stdout.flush()
    judges = words.subcommand == "plan" and not session.is_atmos and not words.flag("json")
    code = command.run(on_plan=planned(session, checkout, words, instance) if judges else None)
    if session.stderr.isatty() and code in (0, CHANGES) and (step := command.applied_by):
        session.note(told(step), "quiet")  # terraform's own next step names a file of the copy
    return code


def _change(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    from gaia.checkout.change import Change, Seen
    from gaia.checkout.passed_on import progress
    from gaia.checkout.plan_files import PlanFiles

    change = Change(checkout, instance, words, destroy=words.destroys)
    change.check()
    say_where(session, checkout, instance)
    session.stdout.flush()
    loud = session.format == "text"
    with _ending_well(checkout):
        given = PlanFiles(checkout, instance).given(words)
        seen = change.plan(given) if given is not None or not loud else change.plan_aloud(as_it_is(session))
        if isinstance(seen, Seen) and seen.plan.destroys and given is not None and not change.destroy:
            change = Change(checkout, instance, words, destroy=True)  # what that plan was made as
            change.check()
            seen = change.plan(given)
    if not isinstance(seen, Seen):
        return seen
    destroy, unchanged = change.destroy, seen.plan.empty
    if unchanged and not change.goes_on:  # what was begun has to be written down as ended
        return _unchanged(session, checkout, words, instance)
    judged(session, seen)
    if not unchanged and not _agreed(session, checkout, words, change, seen):
        session.note("Nothing was changed.")
        return FAILED
    session.going_on = f"`gaia terraform {words.subcommand} {instance.key.component} -s {instance.key.stack}` goes on."
    outcome = change.apply(seen, progress(at_once(session) if loud else nothing, warned(session), destroy=destroy))
    code = ended(session, change.outcome_view(outcome))
    if loud and not destroy and (outcome.outputs or outcome.sensitive_outputs):
        _outputs(session, checkout, words, instance)
    return code


@contextmanager
def _ending_well(checkout: "Checkout") -> Iterator[None]:
    from gaia.checkout.change import ending_well

    with ending_well(checkout):
        yield


def _unchanged(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    done = "Destroy" if words.destroys else "Apply"
    counts = "0 destroyed" if done == "Destroy" else "0 added, 0 changed, 0 destroyed"
    if session.format == "text":
        session.write(f"\n{done} complete! Resources: {counts}.\n")
        if done == "Apply":
            _outputs(session, checkout, words, instance)
    else:
        session.show({"instance": str(instance.key), "status": "unchanged", "changed": {}})
    return 0


def _outputs(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> None:
    """As terraform shows them after an apply."""
    from gaia.checkout.command import Command

    color = ("-no-color",) if words.flag("no-color") else ()
    text = bytearray()
    asking = replace(words, subcommand="output", arguments=color, own={})
    Command(checkout, asking, instance).run(text.extend)
    if text and b"No outputs" not in text:
        as_it_is(session)(b"\nOutputs:\n\n" + bytes(text))


def _agreed(session: Session, checkout: "Checkout", words: "Words", change: "Change", seen: "Seen") -> bool:
    config = checkout.files.repository.config
    yes = words.on("yes") or words.flag("auto-approve") or words.subcommand == "deploy"
    yes = yes or (
        words.subcommand == "apply" and config.setting("components", "terraform", "apply_auto_approve") is True
    )
    given = words.on("from-plan") or "planfile" in words.own
    given = given or bool(words.names)
    yes = yes or (given and words.subcommand == "apply")  # who names a plan has seen it
    if change.destroy and not session.is_atmos and name_is_typed(session):
        yes = False  # where somebody sits, the stack's name is typed
    return yes or asked(session, checkout, change.instance, seen.view, destroy=change.destroy)


def _dry_run(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    if words.subcommand in ("clean", "shell"):  # of Gaia's own, and no command of terraform's
        what = "remove Gaia's working folders" if words.subcommand == "clean" else "open a shell in a copy of the code"
        session.note(f"This would {what} of {instance.key}, workspace {instance.workspace}.")
        return 0
    told = ("apply", "-auto-approve") if words.subcommand == "deploy" else words.words
    line = [_program(session, checkout, instance), *told]
    from gaia.checkout.command import WITH_VARIABLES

    if words.subcommand in WITH_VARIABLES:
        line.append(f"-var-file={instance.varfile_name}")
    import shlex

    session.note(f"{checkout.root} {checkout.revision}: {instance.key}, workspace {instance.workspace}", "quiet")
    session.write(shlex.join([*line, *words.arguments]) + "\n")
    return 0


def _program(session: Session, checkout: "Checkout", instance: "Instance") -> str:
    """What a dry run calls terraform: nothing has to be installed for it."""
    from pathlib import Path

    from gaia.errors import Unavailable

    try:
        return checkout.terraform(instance).tool.path.name
    except Unavailable as error:
        if error.code != "terraform-missing":
            raise
        return Path(session.settings.environ.get("GAIA_TERRAFORM") or instance.command or "terraform").name


def _clean(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    from gaia.checkout.cleaning import clean

    del words
    gone = clean(checkout, instance)
    session.show({"removed": list(gone)}, *[f"removed {path}" for path in gone])
    return 0


def _shell(session: Session, checkout: "Checkout", words: "Words", instance: "Instance") -> int:
    """A shell in the component's copy, where terraform's commands act on the instance."""
    from gaia.checkout.command import Command

    say_where(session, checkout, instance)
    session.stdout.flush()
    return Command(checkout, words, instance).shell(session.settings.environ.get("SHELL") or "sh")


def _many(session: Session, checkout: "Checkout", words: "Words") -> int:
    from gaia.checkout.selection import Selection, instances_meant

    repository = checkout.files.repository.forgiving()

    def affected() -> Collection["InstanceKey"]:
        from gaia.cli.selecting import affected_by

        ref = next((words.own[name] for name in ("ref", "sha", "base") if name in words.own), None)
        changed = set(affected_by(session, repository, ref, words.own.get("repo-path")))
        if words.on("include-dependents"):
            from gaia.graph.order import dependents

            everybody = list(repository.built(repository.instances))
            changed |= {key for one in tuple(changed) for key in dependents(one, everybody)}
        return changed

    instances = instances_meant(repository, Selection.of(words), affected, reverse=words.destroys)
    if not instances:
        session.note("No instance is meant: nothing was done.")
    changes = 0
    for number, instance in enumerate(instances, 1):
        session.note(f"── {instance.key} ({number} of {len(instances)})")
        one = replace(words, component=instance.key.component, stack=instance.key.stack, own=_without_choice(words))
        try:
            code = _one(session, checkout, one, instance)
        except GaiaError:
            _left(session, words, instances[number - 1 :])
            raise
        if code == CHANGES and words.subcommand == "plan":
            changes = CHANGES
        elif code:
            _left(session, words, instances[number - 1 :])
            return code
    if repository.failures:
        repository.failures.refuse(words.stack or None, "done")
    return changes


def _without_choice(words: "Words") -> dict[str, str]:
    return {name: value for name, value in words.own.items() if name not in ("all", "affected", "components", "query")}


def _left(session: Session, words: "Words", instances: Sequence["Instance"]) -> None:
    names = ", ".join(str(one.key) for one in instances)
    session.note(f"{words.name}: not done: {names}")
