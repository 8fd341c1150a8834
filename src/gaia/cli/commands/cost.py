"""`gaia cost …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gaia.cli.costing import CostOutput, Parity, Subject, UsageFile, session_of, show
from gaia.cli.options import Directory, Output
from gaia.cli.plan_argument import no_stack_of_a_file, plan_file
from gaia.cli.selecting import Everything, Selected, Stacks, instances
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.errors import GaiaError
    from gaia.stacks.failures import Failures
    from gaia.stacks.model import Instance


def breakdown(
    context: typer.Context,
    subject: Subject = None,
    stack: Stacks = None,
    everything: Everything = False,
    usage_file: UsageFile = None,
    infracost_parity: Parity = False,
    directory: Directory = None,
    output: CostOutput = None,
) -> int:
    """Show what there is to pay for, resource by resource.

    It is what there is once the plan is applied. A file is what `terraform show -json` prints, and needs no repository.
    Components are planned first; nothing is changed. A price that is missing is said, and never shown as nothing.

    Example: gaia cost breakdown plan.json --usage-file infracost-usage.yml
    """
    session = session_of(context, output)
    document, code = _estimated(
        session, Selected(subject, stack, everything=everything), usage_file, directory, parity=infracost_parity
    )
    show(session, document, output, "breakdown")
    return code


def diff(
    context: typer.Context,
    subject: Subject = None,
    stack: Stacks = None,
    everything: Everything = False,
    usage_file: UsageFile = None,
    infracost_parity: Parity = False,
    directory: Directory = None,
    output: CostOutput = None,
) -> int:
    """Show by what a plan changes the bill.

    What is there now is held against what would be.

    Example: gaia cost diff vpc -s acme-use1-dev --output markdown
    """
    session = session_of(context, output)
    document, code = _estimated(
        session, Selected(subject, stack, everything=everything), usage_file, directory, parity=infracost_parity
    )
    show(session, document, output, "diff")
    return code


def budgets(context: typer.Context, directory: Directory = None, output: Output = None) -> None:
    """Show the budgets and quotas of the repository, and where they stand.

    They are declared in budgets/*.yaml. Where Gaia serves the repository, those on its published branch count, and what
    services cost is by the newest judgement of each: what is approved and not yet applied counts. You see those of
    places that you may see all of; with GAIA_URL the server says so. Elsewhere only what is declared is shown.

    Example: gaia cost budgets --output json
    """
    from gaia.bootstrap.declaring import blind_rules, places_of, rules_of
    from gaia.cli.screens.budgets import budgets_screen
    from gaia.cost.budgets import standing
    from gaia.cost.declared import doubts
    from gaia.cost.formats.budgets import budgets_json, read_budgets
    from gaia.cost.quotas import taken
    from gaia.kit import clock

    session = Session.of(context, output)
    if (there := session.app.money()) is not None:
        session.show({**there, "warnings": []}, *budgets_screen(*read_budgets(there), known=True))
        return
    with session.app.checkout(directory) as checkout:
        declared, known = checkout.files.declared, checkout.records.spending()
        places = places_of(checkout.files.repository) if declared else ()
        blind = blind_rules(checkout.root, session.app.policy_engine) if declared else ()
        warnings = doubts(declared, places, rules_of(checkout.root), blind) if declared else ()
    if known:
        declared = declared.seen(known.sees).beside(known.declared)
    ledger = known.footprints if known else ()
    found = standing(declared.budgets, [one.commitment for one in ledger], clock.now())
    quotas = taken(declared.quotas, ledger)
    for one in warnings:
        session.note(f"{one.at}: {one.message}. {one.next_step}", "warn")
    told = budgets_json(found, quotas, known=known is not None)
    told["warnings"] = [one.as_json() for one in warnings]
    session.show(told, *budgets_screen(found, quotas, known=known is not None))


def _estimated(
    session: Session, selected: Selected, usage: Path | None, directory: Path | None, *, parity: bool
) -> "tuple[Mapping[str, Any], int]":
    """The estimate, and the exit code: 1 where some could not be planned."""
    if selected.component is None and selected.stack is None and not selected.everything:
        raise Invalid(
            "usage",
            "nothing says what is meant",
            next_step="Give the JSON of a plan, COMPONENT -s STACK, -s STACK for all of a stack, or --all.",
        )
    if selected.component is not None:
        no_stack_of_a_file(session, selected.component, selected.stack)
    if selected.component is not None and selected.stack is None and not selected.everything:
        return session.app.plan_file_cost(plan_file(session, selected.component), usage, parity=parity), 0
    from gaia.cost.combine import combine
    from gaia.cost.estimate import failed

    with session.app.checkout(directory) as checkout:
        found, unbuilt = _meant(session, checkout, selected)
        documents, whole = _of_instances(session, checkout, found, usage, parity=parity)
    documents += [failed(f"{one.where}/{one.component}", _why(one.error)) for one in unbuilt]
    return (documents[0] if len(documents) == 1 else combine(documents)), int(not whole or bool(unbuilt))


def _why(error: "GaiaError") -> str:
    """What is wrong, and the way out: an estimate is read without the error beside it."""
    return f"{error.message}. {error.next_step}"


def _meant(session: Session, checkout: "Checkout", selected: Selected) -> "tuple[Sequence[Instance], Failures]":
    from gaia.stacks.failures import Failures

    if selected.one:
        name = checkout.component_at(str(selected.component), session.settings.cwd, str(selected.stack))
        return [checkout.instance(name, str(selected.stack))], Failures()
    return instances(session, checkout, selected, reverse=False)


def _of_instances(
    session: Session, checkout: "Checkout", found: "Sequence[Instance]", usage: Path | None, *, parity: bool
) -> "tuple[list[Mapping[str, Any]], bool]":
    """An estimate each, of those that cannot be planned one without figures; and whether all could be.

    Raises the error of the only one, if it is that.
    """
    from gaia.checkout.batch import Batch
    from gaia.checkout.change import ending_well
    from gaia.cli.batch_listener import looking, planning
    from gaia.cost.estimate import failed

    listener = looking(session)
    with ending_well(checkout), planning(listener):
        planned = Batch(checkout, found, listener=listener).plan(read=True)
    documents: list[Mapping[str, Any]] = []
    for one in planned:
        if one.seen is not None:
            documents.append(session.app.instance_cost(checkout, one.instance, one.seen.plan, usage, parity=parity))
            continue
        if len(found) == 1 and one.error:
            raise one.error
        waits = f"it cannot be planned yet: {one.waits}. Apply first what it needs."
        documents.append(failed(str(one.instance.key), _why(one.error) if one.error else waits))
    return documents, all(one.seen is not None for one in planned)
