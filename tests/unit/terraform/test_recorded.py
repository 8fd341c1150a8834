"""Reading what terraform 1.11.4 really wrote: events, plan, state, diagnostics, core log (see `recorded/`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaia.errors import Conflict, Position, ToolFailed, Unavailable
from gaia.kit.process import Completed
from gaia.kit.redact import Redactor
from gaia.terraform import lock
from gaia.terraform.diagnostics import Diagnostic, failure, parse_lock_info
from gaia.terraform.events import Event, parse_event
from gaia.terraform.plan import Plan, ResourceChange
from gaia.terraform.state import State, index_suffix

RECORDED = Path(__file__).with_name("recorded")
ENDED = Completed(1, "", "")


def read(name: str) -> str:
    """One recorded file."""
    return (RECORDED / name).read_text()


def events(name: str) -> list[Event]:
    """The events of a recorded stream."""
    return [event for line in read(name).splitlines() if (event := parse_event(line))]


def diagnostics(name: str) -> list[Diagnostic]:
    """The diagnostics of a recorded stream."""
    return [event.diagnostic for event in events(name) if event.diagnostic]


def test_events_of_an_apply() -> None:
    """Each resource is started and completed with its id, and the count ends it; outputs and versions are no events."""
    found = [(event.kind, event.address, event.action) for event in events("apply.jsonl") if event.kind != "planned"]
    assert found.pop() == ("summary", "", "")
    assert sorted(found) == [
        ("complete", "aws_iam_policy.this", "create"),
        ("complete", "terraform_data.secret", "create"),
        ("start", "aws_iam_policy.this", "create"),
        ("start", "terraform_data.secret", "create"),
    ]
    done = next(event for event in events("apply.jsonl") if event.kind == "complete" and event.type == "aws_iam_policy")
    assert done.id == "arn:aws:iam::123456789012:policy/one"
    assert done.elapsed == 1.0
    assert done.as_json() == {
        "kind": "complete",
        "address": "aws_iam_policy.this",
        "type": "aws_iam_policy",
        "action": "create",
        "elapsed": 1.0,
        "id": "arn:aws:iam::123456789012:policy/one",
        "summary": "aws_iam_policy.this: Creation complete after 1s [id=arn:aws:iam::123456789012:policy/one]",
    }


def test_events_of_a_failure() -> None:
    """A change that fails is an event of its own, before the diagnostic that says why."""
    kinds = [event.kind for event in events("failed.jsonl") if event.type == "aws_iam_policy" or event.diagnostic]
    assert kinds[-2:] == ["failed", "diagnostic"]


@pytest.mark.parametrize("line", ["", "not json", "[1]", "{}", '{"type":"later_invention"}', '{"type":"apply_start"}'])
def test_lines_that_are_no_events(line: str) -> None:
    """Whatever comes, reading the stream does not fail."""
    event = parse_event(line)
    assert event is None or event.address == ""


def test_plan() -> None:
    """Changes carry action, values and marks; data sources and no-ops are no changes."""
    plan = Plan.parse(read("plan.json"))
    policy, secret = plan.changes
    assert (policy.address, policy.action, policy.provider) == (
        "aws_iam_policy.this",
        "create",
        "registry.terraform.io/hashicorp/aws",
    )
    assert isinstance(policy.after_unknown, dict)
    assert policy.after_unknown["arn"] is True
    assert isinstance(secret.after_sensitive, dict)
    assert secret.after_sensitive["input"] is True
    assert {output.name: (output.unknown, output.sensitive) for output in plan.outputs} == {
        "arn": (True, False),
        "parts": (True, False),
        "password": (False, True),
    }
    assert not plan.empty
    assert not plan.errored


def test_secrets_of_a_plan_and_a_state_are_learnt() -> None:
    """After learning them, no secret is left in the whole text."""
    for secrets, text in (
        (Plan.parse(read("plan.json")).sensitive(), read("plan.json")),
        (State.parse(read("state.json")).secrets(), read("state.json")),
    ):
        assert "s3cr3t-value" in text
        redact = Redactor()
        for value in secrets:
            redact.learn(value)
        assert "s3cr3t-value" not in redact(text)


@pytest.mark.parametrize(
    ("actions", "action", "extra", "changes"),
    [
        (["no-op"], "no-op", {}, False),
        (["no-op"], "no-op", {"previous_address": "aws_x.old"}, True),
        (["no-op"], "no-op", {"importing": {"id": "i"}}, True),
        (["read"], "read", {"mode": "data"}, False),
        (["create"], "create", {}, True),
        (["update"], "update", {}, True),
        (["delete"], "delete", {}, True),
        (["forget"], "forget", {}, True),
        (["delete", "create"], "replace", {}, True),
        (["create", "delete"], "replace", {}, True),
        (["create", "forget"], "replace", {}, True),
    ],
)
def test_actions(actions: list[str], action: str, extra: dict[str, object], changes: bool) -> None:
    """Each combination of actions has one word, and it is known whether it changes anything."""
    body: dict[str, object] = {"actions": actions} | {k: v for k, v in extra.items() if k == "importing"}
    outer = {k: v for k, v in extra.items() if k != "importing"}
    change = ResourceChange.of({"address": "aws_x.a", "mode": "managed", "change": body} | outer)
    assert (change.action, change.changes) == (action, changes)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format_version":"2.0"}', '{"format_version":"1.2","resource_changes":[{}]}']
)
def test_unreadable_plans(text: str) -> None:
    """Something else than a plan is refused by name."""
    with pytest.raises(ToolFailed) as refused:
        Plan.parse(text)
    assert refused.value.code == "plan-unreadable"


def test_state() -> None:
    """Managed resources have address, id and arn; outputs know whether they are sensitive."""
    state = State.parse(read("state.json"))
    policy = next(resource for resource in state.resources if resource.type == "aws_iam_policy")
    assert policy.address == "aws_iam_policy.this"
    assert policy.id == policy.arn == "arn:aws:iam::123456789012:policy/one"
    assert not state.empty
    assert state.outputs["password"].sensitive
    assert not state.outputs["arn"].sensitive


def test_state_addresses() -> None:
    """Modules, instance keys, deposed objects and nested sensitive paths are read; data sources are not resources."""
    instance = {
        "index_key": 'a"b',
        "status": "tainted",
        "deposed": "0a1b2c3d",
        "attributes": {"id": "i", "list": [{"password": "hunter2"}]},
        "sensitive_attributes": [
            [
                {"type": "get_attr", "value": "list"},
                {"type": "index", "value": {"value": 0, "type": "number"}},
                {"type": "get_attr", "value": "password"},
            ]
        ],
    }
    entry = {"mode": "managed", "module": "module.m[0]", "type": "aws_x", "name": "n", "instances": [instance]}
    state = State.parse({"version": 4, "resources": [entry, entry | {"mode": "data"}]})
    (resource,) = state.resources
    assert resource.address == 'module.m[0].aws_x.n["a\\"b"]'
    assert resource.tainted
    assert resource.deposed == "0a1b2c3d"
    assert set(state.secrets()) == {"hunter2"}  # also those of data sources
    assert index_suffix(3) == "[3]"
    assert index_suffix("${x}") == '["$${x}"]'


@pytest.mark.parametrize("text", ["", "[]", '{"version": 3}'])
def test_unreadable_states(text: str) -> None:
    """Another version, or no state at all, is refused by name."""
    with pytest.raises(ToolFailed) as refused:
        State.parse(text)
    assert refused.value.code == "state-unreadable"


def test_a_failure_says_what_and_where() -> None:
    """The error carries terraform's own words, the resource's address and the place in the code."""
    error = failure("apply", diagnostics("failed.jsonl"), ENDED, "t-dev/two")
    assert isinstance(error, ToolFailed)
    assert error.code == "terraform-failed"
    assert "MalformedPolicyDocument" in error.message
    assert "aws_iam_policy.this" in error.message
    assert error.at == Position("main.tf", 15, 34)
    assert "main.tf:15:34" in error.next_step


def test_a_held_lock() -> None:
    """Who holds it since when, and its id, are facts of the error."""
    error = failure("plan", diagnostics("locked.jsonl"), ENDED, "t-dev/one")
    assert isinstance(error, Conflict)
    assert error.code == "state-locked"
    held = error.facts["lock"]
    assert isinstance(held, dict)
    assert held["who"] == "me@host"
    assert held["operation"] == "OperationTypeApply"
    assert len(held["id"]) == 36
    assert held["created"].startswith("2026-")
    assert parse_lock_info("Error: something else") is None


def test_a_missing_provider() -> None:
    """A registry that cannot be reached, with no mirror, is its own error."""
    error = failure("init", diagnostics("no-provider.jsonl"), ENDED, "t-dev/three")
    assert isinstance(error, Unavailable)
    assert error.code == "provider-missing"
    assert "hashicorp/nope" in error.message


def test_failures_without_a_diagnostic() -> None:
    """A signal, and a plain text with colors, are told as such."""
    assert failure("apply", [], Completed(-9, "", ""), "x").code == "terraform-killed"
    assert "Boom" in failure("apply", [], Completed(1, "", "\x1b[31mBoom\x1b[0m"), "x").message
    assert "\x1b" not in failure("apply", [], Completed(1, "", "\x1b[31mBoom\x1b[0m"), "x").message
    warning = Diagnostic("warning", "Deprecated")
    assert "no reason" in failure("apply", [warning], Completed(1, "", ""), "x").message


@pytest.mark.parametrize(
    ("summary", "advice"),
    [
        ("No valid credential sources found", "credentials that are valid"),
        ("api error AccessDenied: no", "missing right"),
        ("deleting S3 Bucket (lab): StatusCode: 409, api error BucketNotEmpty: no", "Empty the bucket"),
        ("api error DependencyViolation: resource sg-1 has a dependent object", "still uses it"),
        ("api error DeleteConflict: Cannot delete entity", "still uses it"),
        ("ResourceInUseException: no", "still uses it"),
        ("RepositoryNotEmptyException: no", "is in it"),
        ("anything else", "Read what terraform says"),
    ],
)
def test_next_steps(summary: str, advice: str) -> None:
    """What to do next depends on what went wrong."""
    assert advice in failure("plan", [Diagnostic("error", summary)], ENDED, "x").next_step


def test_lock_ids_of_a_finished_command(tmp_path: Path) -> None:
    """A command that gave its locks back leaves none."""
    log = tmp_path / "core.log"
    log.write_text(read("core.log"))
    assert lock.read_lock_ids(log) == ()
    assert lock.read_lock_ids(tmp_path / "missing.log") == ()


def test_lock_id_of_a_killed_command(tmp_path: Path) -> None:
    """Cut off at any point between asking and giving back, the log names the lock; afterwards it does not."""
    lines = read("core.log").splitlines(keepends=True)
    taken = [n for n, line in enumerate(lines) if "Attempting to lock" in line]
    freed = [n for n, line in enumerate(lines) if "Unlocked remote" in line]
    log = tmp_path / "core.log"
    for at in range(len(lines)):
        log.write_text("".join(lines[: at + 1]))
        held = any(start <= at < end for start, end in zip(taken, freed, strict=True))
        assert bool(lock.read_lock_ids(log)) == held


def test_the_log_keeps_only_locks(tmp_path: Path) -> None:
    """Planned values that terraform's warnings quote are cut away, 0600; what an earlier command left is kept."""
    log = tmp_path / "core.log"
    given = lock.begin_log(log)
    assert given == {"TF_LOG_CORE": "info", "TF_LOG_PROVIDER": "off", "TF_LOG_PATH": str(log)}
    assert log.stat().st_mode & 0o777 == 0o600
    lines = read("core.log").splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if "planned value cty.StringVal" in line)
    log.write_text("".join(lines[: cut + 1]))
    ours = lock.read_lock_ids(log)[-1]
    assert ours
    lock.begin_log(log)
    assert log.read_text() == f"Attempting to lock remote state: tf_backend.lock.id={ours}\n"
    assert log.stat().st_mode & 0o777 == 0o600
    other = "00000000-1111-2222-3333-444444444444"
    with log.open("a") as file:
        file.write(
            f"[INFO] backend-s3: Attempting to lock remote state (DynamoDB only)...: tf_backend.lock.id={other} x\n"
        )
    assert lock.read_lock_ids(log) == (ours, other)
    lock.end_log(log)
    assert lock.read_lock_ids(log) == (ours, other)
    lock.forget(log)
    assert lock.read_lock_ids(log) == ()


def test_recorded_files_stay_small() -> None:
    """The recordings are to be read by people."""
    assert sum(path.stat().st_size for path in RECORDED.iterdir()) < 40_000
