"""A template tried on a checkout: what is looked at, what is not, and where mistakes are shown; terraform is played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here
from tests.unit.platform.loop import FILES, STACK
from tests.unit.platform.played import PlayedTerraform, Rules, World, made

from gaia.errors import Conflict, Invalid, NotFound, Position, Unavailable
from gaia.kit.redact import Redactor
from gaia.kit.slots import Slots
from gaia.platform.drafts.trial import NO_CLOUD, Bench, Trial, try_template
from gaia.terraform.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.terraform.command import Terraform

SOURCE = "templates/thing/template/stacks/{{ gaia.service }}.yaml.jinja"
QUESTIONS = """\
_subdirectory: template
_version: "1.2.0"
_title: A thing
_description: A key and a store.
text:
  type: str
  help: What it says.
  default: hello
"""
BODY = """\
import: [_defaults]
components:
  terraform:
    {{ gaia.service }}-key:
      metadata: {component: key}
      vars:
        text: {{ text | to_json }}
    {{ gaia.service }}-store:
      metadata: {component: store}
      vars:
        bucket: {{ gaia.service }}
        key: !terraform.state {{ gaia.service }}-key arn
"""


class Checkout:
    """A checkout with one template, and what a trial of it works with."""

    def __init__(self, root: Path, slots: Path) -> None:
        self.root = root
        self.world = World()
        self.rules = Rules()
        self.emulated = False
        self.slots = Slots(slots, 1)
        self.missing: Unavailable | None = None
        for path, text in {**FILES, "templates/thing/copier.yml": QUESTIONS, SOURCE: BODY}.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        """Change a file."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def _terraform(self) -> Terraform:
        if self.missing:
            raise self.missing
        return PlayedTerraform(self.world, Redactor(), None)  # type: ignore[return-value]

    def tried(self, service: str = "mine", **answers: object) -> Trial:
        """How the template comes out."""
        bench = Bench(lambda: self.rules, lambda *_: [], self._terraform, self.slots, self.emulated)
        return try_template(self.root, "thing", answers, service=service, stack=STACK, bench=bench)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """One of a test's own."""
    (tmp_path / "scratch").mkdir()
    render_here(monkeypatch, tmp_path / "scratch")
    return Checkout(tmp_path / "checkout", tmp_path / "slots")


def states(trial: Trial) -> Mapping[str, str]:
    """How each part ended."""
    return {part.name: part.state for part in trial.parts}


def places(trial: Trial) -> list[tuple[str, str]]:
    """Code and place of everything that was found."""
    return [(one.code, f"{one.at.file}:{one.at.line}" if one.at else "") for one in trial.findings]


def test_a_good_template_comes_through_without_a_cloud(checkout: Checkout) -> None:
    """Everything but the plan is looked at; the checkout is as it was."""
    before = {path: path.read_bytes() for path in checkout.root.rglob("*") if path.is_file()}
    trial = checkout.tried(text="good morning")
    assert trial.passed
    assert trial.instances == (f"{STACK}/mine-key", f"{STACK}/mine-store")
    assert 'text: "good morning"' in trial.files["stacks/mine.yaml"]
    assert states(trial) == dict.fromkeys(
        (
            "manifest",
            "settings.validation",
            "policies about manifests",
            "policies about requests",
            "terraform validate",
        ),
        "passed",
    ) | {"terraform plan": "not done"}
    assert trial.parts[-1].note == NO_CLOUD
    assert {path: path.read_bytes() for path in checkout.root.rglob("*") if path.is_file()} == before
    assert checkout.world.commands == ["init the instances", "validate the instances"]
    document = trial.as_json()
    assert (document["passed"], document["template"], document["version"]) == (True, "thing", "1.2.0")


def test_where_the_emulated_cloud_runs_it_is_planned_and_judged(checkout: Checkout) -> None:
    """With values of instances that exist there; nothing is written down, nothing is applied."""
    checkout.emulated = True
    made(checkout.world, f"{STACK}/net", {"text": "shared"})
    checkout.write(SOURCE, BODY.replace("{{ gaia.service }}-key arn", "net arn"))
    checkout.rules.says["data.gaia.plan.polite.warn"] = lambda document: [
        {"message": f"as {document['gaia']['requester']} like", "address": "aws_kms_key.this"}
    ]
    trial = checkout.tried()
    assert trial.parts[-1].as_json() == {
        "name": "terraform plan", "state": "passed", "note": "2 to create", "next_step": "",
    }  # fmt: skip
    said = "plan.polite: Be polite: aws_kms_key.this as you like"
    assert [one.message for one in trial.findings] == [f"{said} (mine-key)", f"{said} (mine-store)"]
    assert [one.split()[0] for one in checkout.world.commands if not one.startswith(("init", "state"))] == [
        "validate", "plan",
    ]  # fmt: skip


def test_what_does_not_exist_yet_is_not_planned(checkout: Checkout) -> None:
    """It is said what is missing; all else was looked at."""
    checkout.emulated = True
    checkout.write(SOURCE, BODY.replace("{{ gaia.service }}-key arn", "net arn"))
    trial = checkout.tried()
    assert trial.passed
    assert trial.parts[-1].state == "not done"
    assert "!terraform.state net arn has no value yet" in trial.parts[-1].note


def test_without_terraform_the_rest_is_looked_at(checkout: Checkout) -> None:
    """What could not be done says why."""
    checkout.missing = Unavailable("terraform-missing", "there is no terraform", next_step="Install it.")
    trial = checkout.tried()
    assert trial.passed
    assert [part.note for part in trial.parts if part.state == "not done"] == ["there is no terraform", NO_CLOUD]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("text: {{", "txet: {{", "variable-undeclared", 7),
        ("component: store", "inherits: [stoer]", "missing-base-component", 9),
        ("component: store", "component: stoer", "component-folder-missing", 9),
        ("import: [_defaults]", "import: [_defaults, none]", "import-not-found", 1),
        ("!terraform.state {{ gaia.service }}-key arn", "!exec date", "exec-refused", 12),
        ("vars:\n        bucket", "vars: [a]\n      x: 1\n      y:\n        bucket", "schema-violation", 10),
    ],
)
def test_a_mistake_in_the_manifest_is_shown_at_the_template(
    checkout: Checkout, old: str, new: str, code: str, line: int
) -> None:
    """Never in the rendered file, which nobody has."""
    checkout.write(SOURCE, BODY.replace(old, new))
    trial = checkout.tried()
    assert not trial.passed
    assert (code, f"{SOURCE}:{line}") in places(trial)
    assert {place.partition(":")[0] for _, place in places(trial)} == {SOURCE}


def test_what_cannot_be_rendered_is_an_error_of_the_template(checkout: Checkout) -> None:
    """At once: there is nothing to look at."""
    checkout.write(SOURCE, BODY.replace("      metadata: {component: store}", "     metadata: {component: store}"))
    with pytest.raises(Invalid) as caught:
        checkout.tried()
    assert (caught.value.code, caught.value.at) == ("template-invalid", Position(SOURCE, 10))


def test_what_terraform_says_of_a_value_is_shown_at_the_template_with_the_answer(checkout: Checkout) -> None:
    """The line of the value, and which answer it depends on."""
    at = Position("stacks/mine.yaml", 7, 9)
    checkout.world.said = (Diagnostic("error", "Invalid value for variable", "Too short.", at=at, given=True),)
    trial = checkout.tried()
    [one] = trial.findings
    assert (one.code, one.message, str(one.at)) == (
        "terraform-error", "Invalid value for variable: Too short.", f"{SOURCE}:7:1",
    )  # fmt: skip
    assert one.next_step.endswith("The line depends on what text is answered with.")
    assert states(trial)["terraform validate"] == "failed"


@pytest.mark.parametrize(
    ("rule", "passed"),
    [
        ("manifest.sealed.deny", False), ("manifest.sealed.undecided", False), ("manifest.sealed.warn", True),
        ("request.quota.deny", False), ("request.quota.undecided", True),
    ],
)  # fmt: skip
def test_policies_are_asked(checkout: Checkout, rule: str, passed: bool) -> None:
    """About the manifest as a request's are, where what is undecided is a no; about the request with what is known."""
    checkout.rules.always(rule, "not so")
    trial = checkout.tried()
    assert trial.passed is passed
    assert all("not so" in one.message for one in trial.findings)


def test_a_template_that_defines_nothing_here_is_refused(checkout: Checkout) -> None:
    """The parts after that are not looked at."""
    checkout.write(SOURCE, "import: [_defaults]\nvars: {text: {{ text | to_json }}}\n")
    trial = checkout.tried()
    assert places(trial) == [("manifest-elsewhere", f"{SOURCE}:1")]
    assert set(states(trial).values()) == {"failed", "not done"}


def test_a_template_that_takes_what_another_manifest_defines_is_refused(checkout: Checkout) -> None:
    """Both import it from a catalog; a retirement would destroy what the stack's own manifest still defines."""
    catalog = "components: {terraform: {net: {metadata: {component: key}, vars: {text: shared}}}}\n"
    checkout.write("stacks/catalog/net.yaml", catalog)
    checkout.write("stacks/net.yaml", "import: [_defaults, catalog/net]\n")
    checkout.write(SOURCE, "import: [_defaults, catalog/net]\n")
    assert places(checkout.tried()) == [("instance-taken", f"{SOURCE}:1")]


def test_a_name_that_is_taken_and_a_template_that_is_not_there(checkout: Checkout) -> None:
    """As a request would say."""
    with pytest.raises(Conflict, match="has a service net already"):
        checkout.tried("net")
    with pytest.raises(NotFound, match="no template"):
        try_template(checkout.root, "none", {}, service="mine", stack=STACK, bench=None)  # type: ignore[arg-type]
