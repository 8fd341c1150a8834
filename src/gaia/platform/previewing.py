"""Making, keeping and judging the preview of a request. The normal form is kept, never terraform's plan JSON."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gaia.kit import canonical, clock, files
from gaia.platform import document, trees
from gaia.platform.outputs import Outputs
from gaia.records import previews, requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.platform.parts import Parts
    from gaia.platform.steps import At
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement
    from gaia.terraform.events import Event
    from gaia.terraform.normal import NormalForm


_READERS = 3
"""States read at once; the first read of an instance starts terraform three times."""


@dataclass(frozen=True, slots=True)
class Made:
    """A preview as it was just made."""

    digest: str
    commit: str
    normal: NormalForm
    summary: str


def make(at: At, commit: str) -> Made:
    """Plan all instances of the request as one and keep the result under its digest.

    Raises:
        ToolFailed: terraform's own words. Unavailable: terraform, a provider or the sandbox is missing.
    """
    from gaia.terraform.combine import module_names
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.preview import preview

    tree, repository = trees.export(at.parts, commit), trees.open_at(at.parts, commit)
    chosen = trees.instances(repository, at.request.instances)
    outputs = Outputs(at.parts, repository, tree)
    terraform = at.parts.terraform()  # found once, before the readers all look for it
    names = module_names(instance.key for instance in chosen)
    with ThreadPoolExecutor(_READERS) as readers:  # each is a process of its own that mostly waits
        states = list(readers.map(outputs.state, chosen))
    made = preview(
        terraform,
        folder=_folder(at),
        tree=tree,
        instances=chosen,
        states=dict(zip((instance.key for instance in chosen), states, strict=True)),
        outside=outputs.value,
        destroy=at.request.kind == "retire",
        components=str(repository.components_path.relative_to(tree)),
        on_event=partial(_tell, at, {f"module.{name}.": str(key) for key, name in names.items()}),
    )
    normal = NormalForm.of(made.parts, at.parts.key, hide=at.parts.redact.knows)
    files.write_atomic(_plan_file(at), json.dumps({str(key): part.raw for key, part in made.parts.items()}).encode())
    kept = {
        "normal": normal.as_json(),
        "alone": [[str(key), reason] for key, reason in made.alone],
        "not_previewable": [[str(key), reason] for key, reason in made.not_previewable],
    }
    files.write_atomic(document_path(at.parts, normal.digest), canonical.dumps(kept))
    actions = Counter("/".join(change.actions) for changes in normal.parts.values() for change in changes)
    summary = ", ".join(f"{count} to {action}" for action, count in sorted(actions.items())) or "no change"
    return Made(normal.digest, commit, normal, summary)


def _tell(at: At, instances: Mapping[str, str], event: Event) -> None:
    """A planned change of the combined root, in the words of its instance; reading data sources is not news."""
    if event.action == "read" or event.kind not in ("planned", "diagnostic"):
        return
    prefix = next((each for each in instances if event.address.startswith(each)), "")
    shown = {**event.as_json(), "address": event.address.removeprefix(prefix)}
    at.say(event.summary.replace(prefix, ""), instance=instances.get(prefix), event=shown)


def record(tx: Transaction, at: At, made: Made) -> None:
    """Make it the request's current preview."""
    request = at.request
    document = str(document_path(at.parts, made.digest).relative_to(at.parts.home))
    previews.add(tx, request, made.digest, key=at.parts.key, commit=made.commit, document=document, at=clock.now())
    requests.note(tx, request.id, at=clock.now(), preview=made.digest)


def judge(at: At, commit: str) -> Judgement:
    """Ask policies and price book about the plans that `make` left, write the judgement down, drop the plans."""
    from gaia.policy.judge import PolicySet
    from gaia.policy.judge import judge as ask

    digest = at.request.preview
    if digest is None:
        raise RuntimeError(at.request.id)
    plans: dict[str, dict[str, Any]] = json.loads(_plan_file(at).read_bytes())
    policies = PolicySet.load(trees.export(at.parts, commit) / "policies")
    findings: list[dict[str, object]] = []
    for key, plan in plans.items():
        asked = document.plan_document(plan, at.request, [key])
        found = ask(policies, "plan", asked, engine=at.parts.engine())
        findings += [{**finding.as_json(), "instance": key} for finding in found]
    findings = cast("list[dict[str, object]]", at.parts.redact.data(findings))
    cost = _cost(at, plans, commit)
    with at.parts.database.begin() as tx:
        judgement = previews.judge(
            tx,
            previews.get(tx, at.request.id, digest),
            findings=tuple(findings),
            undecided=tuple(sorted(name_of(one) for one in findings if one["effect"] == "undecided")),
            cost=cost,
            policies=policies.digest,
            verdict=verdict_of(findings),
            at=clock.now(),
        )
    _plan_file(at).unlink()
    return judgement


def name_of(finding: dict[str, object]) -> str:
    """How a finding is named in what is signed: `RULE INSTANCE ADDRESS`."""
    return f"{finding['rule']} {finding['instance']} {finding['address']}"


def verdict_of(findings: list[dict[str, object]]) -> Any:  # noqa: ANN401 - a Literal of records
    """`denied` beats `undecided` beats `allowed`."""
    effects = {str(finding["effect"]) for finding in findings}
    return "denied" if "deny" in effects else "undecided" if "undecided" in effects else "allowed"


def load(parts: Parts, digest: str) -> tuple[NormalForm, dict[str, Any]]:
    """The normal form kept under a digest, and the whole document."""
    from gaia.terraform.normal import NormalForm

    kept: dict[str, Any] = json.loads(document_path(parts, digest).read_bytes())
    return NormalForm.from_json(kept["normal"]), kept


def document_path(parts: Parts, digest: str) -> Path:
    """Where the document of a preview is; 0600."""
    return parts.home / "previews" / f"{digest.partition(':')[2]}.json"


def _cost(at: At, plans: dict[str, dict[str, Any]], commit: str) -> dict[str, object]:
    from gaia.cost.combine import combine
    from gaia.cost.estimate import estimate

    repository = trees.open_at(at.parts, commit)
    place = trees.place(repository, at.request.stack)
    documents = []
    for key, plan in plans.items():
        [instance] = trees.instances(repository, [key])
        settings = instance.settings.get("cost")
        usage = {"version": "0.1", "resource_usage": settings.get("usage", {}) if isinstance(settings, dict) else {}}
        documents.append(estimate(plan, usage=usage, book=at.parts.prices(), project=key, region_default=place.region))
    return combine(documents)


def _folder(at: At) -> Path:
    return at.parts.folder / "preview" / at.run.id


def _plan_file(at: At) -> Path:
    """Terraform's plans between the steps preview and judge: 0600, gone as soon as they are judged."""
    return _folder(at) / "plans.json"
