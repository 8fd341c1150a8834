"""A template tried without a request: rendered, resolved, judged and, where it can be, planned. Nothing stays of it.

It works on the checkout as it lies, for the author of a template, who has not committed it yet. What a request does on
a commit in Gaia's clone, this does in a copy of the checkout that is thrown away.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gaia.errors import GaiaError, Next, NotFound, Unavailable
from gaia.kit.keys import SecretKey
from gaia.platform.instances import policy_input
from gaia.platform.instances.outputs import Outputs
from gaia.platform.requests.rendering import Wanted, instances_of, render, template_lines
from gaia.platform.snapshot import Snapshot
from gaia.platform.workplace import Workplace
from gaia.stacks.validation.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.cost.ports import Estimator
    from gaia.kit.slots import Slots
    from gaia.policy.model import Finding as Said
    from gaia.policy.ports import PolicyEngine
    from gaia.scaffold.template import Template
    from gaia.stacks.model import Instance, Reference
    from gaia.stacks.validation.component import Rego
    from gaia.terraform.command import Terraform

REQUEST, REQUESTER = "req_of-a-test", "you"
"""What templates and policies see of the request that there is none of."""
NO_CLOUD = "no emulated AWS runs here"


@dataclass(frozen=True, slots=True)
class Bench:
    """What a trial works with. Callables are asked when they are needed: what they give may be missing."""

    policy_engine: Callable[[], PolicyEngine]
    rego: Rego
    terraform: Callable[[], Terraform]
    slots: Slots
    emulated: bool
    """Whether that terraform is led to the emulated cloud. No other one is ever asked."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was looked at, or why it was not."""

    name: str
    state: Literal["passed", "failed", "not done"]
    note: str
    next_step: str = ""
    """How it could be done."""

    def as_json(self) -> dict[str, object]:
        """`{name, state, note, next_step}`."""
        return {"name": self.name, "state": self.state, "note": self.note, "next_step": self.next_step}


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went."""

    wanted: Wanted
    version: str
    files: Mapping[str, str]
    """The manifest, by its path in the repository."""
    instances: tuple[str, ...]
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found that would stop a request."""
        return all(one.severity != "error" for one in self.findings)

    def as_json(self) -> dict[str, object]:
        """The stable machine form."""
        return {
            "template": self.wanted.template,
            "version": self.version,
            "service": self.wanted.service,
            "stack": self.wanted.stack,
            "passed": self.passed,
            "parts": [part.as_json() for part in self.parts],
            "findings": [one.as_json() for one in self.findings],
            "instances": list(self.instances),
            "files": dict(self.files),
        }


def try_template(
    root: Path, template: str, answers: Mapping[str, object], *, service: str, stack: str, bench: Bench
) -> Trial:
    """Try a template of the checkout at `root`.

    Raises:
        NotFound: `template-unknown`, `stack-unknown`. Conflict: `name-taken`.
        Invalid: the answers do not fit the template, or it cannot be rendered; at the template's line.
    """
    from gaia.scaffold.template import check_answers, load_template
    from gaia.terraform.workdir import copy_tree

    found = load_template(root, template)
    wanted = Wanted(REQUEST, template, check_answers(found, answers), service, stack, REQUESTER)
    with tempfile.TemporaryDirectory(prefix="gaia-trial-") as scratch:
        folder = Path(scratch).resolve()
        copy_tree(root, folder / "repository")
        return _Trying(found, wanted, folder, bench).all()


class _Trying:
    """One trial: what was looked at so far. `folder` is its own, with the copy of the checkout in it."""

    def __init__(self, template: Template, wanted: Wanted, folder: Path, bench: Bench) -> None:
        self.template, self.wanted, self.folder, self.bench = template, wanted, folder, bench
        self.tree = folder / "repository"
        self.parts: list[Part] = []
        self.findings: list[Finding] = []
        self.instances: list[Instance] = []

    def all(self) -> Trial:
        before = Snapshot("", lambda: self.tree, _no_estimator)
        made = render(before, self.wanted)
        self.manifest, scope, wanted = made.manifest, before.scope(self.wanted.stack), self.wanted
        self.asked = policy_input.Asked(
            wanted.service,
            wanted.template,
            self.template.version,
            wanted.stack,
            scope.tenant,
            scope.stage,
            REQUESTER,
            wanted.answers,
            ttl=self.template.lifespan.seconds(),
        )
        self.find, self.answers = template_lines(before, self.wanted), made.origins.get(made.manifest, {})
        for path, content in made.files.items():
            (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / path).write_bytes(content)
        self.snapshot = Snapshot("", lambda: self.tree, _no_estimator)
        self._look("manifest", self._configuration)
        for name, look in (
            ("settings.validation", self._rules),
            ("policies about manifests", self._manifest_policies),
            ("policies about requests", self._request_policies),
            ("terraform validate", self._validate),
            ("terraform plan", self._plan),
        ):
            if self.instances:
                self._look(name, look)
            else:
                self.parts.append(Part(name, "not done", "the manifest has to be right first"))
        files = {path: content.decode() for path, content in made.files.items()}
        keys = tuple(str(one.key) for one in self.instances)
        return Trial(self.wanted, self.template.version, files, keys, tuple(self.parts), tuple(self.findings))

    def _look(self, name: str, look: Callable[[], tuple[Sequence[Finding], str]]) -> None:
        """Look at one part; what is found in the rendered manifest is told at the template's line."""
        try:
            findings, note = look()
        except Unavailable as error:
            self.parts.append(Part(name, "not done", error.message, error.next_step))
            return
        except GaiaError as error:
            findings, note = [Finding.of(error)], ""
        bad = any(one.severity == "error" for one in findings)
        self.findings += map(self._at_the_template, findings)
        self.parts.append(Part(name, "failed" if bad else "passed", note))

    def _at_the_template(self, one: Finding) -> Finding:
        """With the place in the template, and the answers that the line depends on."""
        if one.at is None or one.at.file != self.manifest:
            return one
        at, answers = self.find(one.at) or one.at, self.answers.get(one.at.line, ())
        step = one.next_step.replace(str(one.at), str(at))
        hint = f" The line depends on what {', '.join(answers)} is answered with." if answers else ""
        return replace(one, at=at, message=one.message.replace(str(one.at), str(at)), next_step=step + hint)

    def _configuration(self) -> tuple[Sequence[Finding], str]:
        """What `gaia validate stacks` says of the manifest, then what it defines."""
        from gaia.graph import order
        from gaia.stacks.validation.stacks import validate_stacks

        repository = self.snapshot.repository
        said = [one for one in validate_stacks(repository).findings if one.at and one.at.file == self.manifest]
        try:
            instances = instances_of(repository, self.manifest, self.wanted.stack)
        except GaiaError:
            if any(one.severity == "error" for one in said):  # they say why
                return said, ""
            raise
        keys = [key for level in order(instances) for key in level]
        self.instances = sorted(instances, key=lambda one: keys.index(one.key))
        return said, ", ".join(one.key.component for one in self.instances)

    def _rules(self) -> tuple[Sequence[Finding], str]:
        from gaia.stacks.validation.component import validate_component

        config, rego = self.snapshot.repository.config, self.bench.rego
        return [one for instance in self.instances for one in validate_component(instance, config, rego)], ""

    def _manifest_policies(self) -> tuple[Sequence[Finding], str]:
        """A request is denied by what is undecided here too: nothing asks again before the apply."""
        from gaia.policy.manifests import manifest_findings
        from gaia.policy.validation import CODES, together

        said = manifest_findings(self.snapshot.policies, self.instances, self.bench.policy_engine())
        findings = list(together(said))
        undecided = CODES["undecided"]
        return [replace(one, severity="error") if one.code == undecided else one for one in findings], ""

    def _request_policies(self) -> tuple[Sequence[Finding], str]:
        from gaia.policy.judge import judge

        asked = policy_input.request_input(self.asked, None)
        said = judge(self.snapshot.policies, "request", asked, engine=self.bench.policy_engine())
        return _findings(said), "how many services stand in the stack is not known here"

    def _validate(self) -> tuple[Sequence[Finding], str]:
        from gaia.terraform.check import check

        terraform = self.bench.terraform()
        with self.bench.slots.take(_wait, terraform.check_interrupt):
            said = check(
                terraform,
                folder=self.folder / "check",
                tree=self.tree,
                instances=self.instances,
                components=self.snapshot.components,
            )
        step = "Correct it there, or the value that it needs."
        words = [(one, f"{one.summary}: {one.detail}" if one.detail else one.summary) for one in said]
        return [Finding(f"terraform-{one.severity}", text, step, one.at, one.severity) for one, text in words], ""

    def _plan(self) -> tuple[Sequence[Finding], str]:
        """Plan all instances as one where the emulated cloud runs, and ask the policies about plans."""
        from collections import Counter

        from gaia.policy.judge import judge
        from gaia.terraform.preview import preview

        if not self.bench.emulated:
            raise _not_done(NO_CLOUD, Next("sandbox up", words="Start it to have it planned"))
        terraform = self.bench.terraform()
        with self.bench.slots.take(_wait, terraform.check_interrupt):
            made = preview(
                terraform,
                folder=self.folder / "plan",
                tree=self.tree,
                instances=self.instances,
                states={},
                outside=self._outside(terraform),
                components=self.snapshot.components,
            )
        if made.not_previewable:
            missing = "; ".join(f"{key}: {reason}" for key, reason in made.not_previewable)
            raise _not_done(missing, "Apply there first what it needs.")
        findings: list[Finding] = []
        for key, plan in made.parts.items():
            asked = policy_input.plan_input(plan.raw, policy_input.about(self.asked, [str(key)]), "preview")
            said = judge(self.snapshot.policies, "plan", asked, engine=self.bench.policy_engine())
            findings += [replace(one, message=f"{one.message} ({key.component})") for one in _findings(said)]
        actions = Counter(change.action for plan in made.parts.values() for change in plan.changes)
        return findings, ", ".join(f"{count} to {action}" for action, count in sorted(actions.items()))

    def _outside(self, terraform: Terraform) -> Callable[[Reference], object]:
        """Values of instances that exist in the emulated cloud; whatever hinders reading one, it is not there."""
        key = SecretKey("trial", b"")  # nothing is kept that it would sign
        place = Workplace(
            self.folder / "outside", self.folder / "states", key, self.bench.slots, self.bench.policy_engine
        )
        outputs = Outputs(place, self.snapshot, lambda: terraform)

        def value(reference: Reference) -> object:
            try:
                return outputs.value(reference)
            except GaiaError as error:
                raise NotFound("output-missing", error.message, next_step=error.next_step, at=reference.at) from error

        return value


def _findings(said: Sequence[Said]) -> list[Finding]:
    """What policies about the whole say: an undecided one may be decided where more is known."""
    from gaia.policy.validation import CODES

    return [
        Finding(
            CODES[one.effect],
            f"{one.rule}: {one.title}: {' '.join(filter(None, (one.address, one.message)))}",
            one.remediation,
            None,
            "error" if one.effect == "deny" else "warning",
        )
        for one in said
    ]


def _not_done(why: str, next_step: str) -> Unavailable:
    return Unavailable("plan-not-possible", why, next_step=next_step)


def _wait() -> None:
    """A trial waits for its turn without a word."""


def _no_estimator() -> Estimator:
    raise Unavailable("prices-not-asked", "a trial asks for no prices", next_step="Report this.")
