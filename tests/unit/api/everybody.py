"""Three places, everybody who could call, and what each route of the document is called with there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.unit.platform.loop import FILES

from gaia.access.rules import ROLES
from gaia.api.declared import MAY
from gaia.kit import clock
from gaia.kit.ids import new_id
from gaia.notifications import destinations
from gaia.notifications.model import Destination
from gaia.platform.executions.workflow_acts import Named
from gaia.records import looks, people, requests, resources, runs, webhooks
from gaia.records.model import ANY, Grant, Subject
from gaia.records.resources import Found
from gaia.records.webhook_model import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.unit.platform.loop import Loop

    from gaia.records.database import Transaction
    from gaia.records.model import Permission, Role

STACKS = {"acme-use1-dev": ("acme", "dev"), "acme-use1-prod": ("acme", "prod"), "other-use1-dev": ("other", "dev")}
GRANTED = (("acme", "dev"), ("acme", "prod"), ("acme", ANY), ("other", "dev"), (ANY, ANY))
RULE: Mapping[str, tuple[Permission, ...]] = {
    "see": ("see",), "request": ("request",), "approve": ("approve",), "reject": ("approve",),
    "delegate": ("approve",), "take-part": ("request", "approve"), "administer": ("administer",),
    "administer-there": ("administer",), "see-everything": ("see",),
}  # fmt: skip
"""What one of the rules takes, besides a token: one of these."""
EVERYWHERE = ("administer", "see-everything")


@dataclass(frozen=True)
class Target:
    """A stack with a request that is worked on and a service that stands, whose names are nobody else's."""

    stack: str
    pending: str
    """A request's id."""
    standing: str
    name: str
    """Of the service."""
    hook: str
    """A webhook's id."""
    spare: str
    """Another one's, to be removed."""
    look: str
    """A run that looks at the instance."""
    execution: str
    """Of a workflow for the stack."""

    @property
    def place(self) -> tuple[str, str]:
        """Tenant and stage."""
        return STACKS[self.stack]

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells that something of this target was shown."""
        return (self.pending, self.standing, self.stack, self.hook, self.look, self.execution, f'"{self.name}"')


@dataclass(frozen=True)
class Someone:
    """Who calls: nobody, or somebody with one role in one place."""

    name: str
    role: Role | None = None
    place: tuple[str, str] = ("", "")

    def may(self, permission: Permission, place: tuple[str, str]) -> bool:
        """By the words of the rules, told anew here."""
        if self.role is None or permission not in ROLES[self.role]:
            return False
        return all(mine in (ANY, there) for mine, there in zip(self.place, place, strict=True))


NOBODY = Someone("")
BARE = Someone("bare")
"""Somebody with a token and no role."""


@dataclass(frozen=True)
class Call:
    """One route, called about a target, or about nothing in particular."""

    operation: str
    rule: str
    method: str
    path: str
    body: object
    target: Target | None


def people_in(loop: Loop) -> list[Someone]:
    """Makes somebody for each role in each place, and one without any."""
    everybody = [
        Someone(f"{role}-{n}", role, place) for role in ROLES for n, place in enumerate(GRANTED)
    ]  # fmt: skip
    now = clock.now()
    with loop.platform.database.begin() as tx:
        for one in (BARE, *everybody):
            people.add_person(tx, one.name, at=now)
            if one.role:
                people.grant(tx, one.name, Grant(one.role, *one.place))
            loop.tokens[one.name] = people.create_token(tx, one.name, at=now, expires=now + timedelta(days=1))[1]
    return [NOBODY, BARE, *everybody]


def targets_in(loop: Loop) -> list[Target]:
    """Makes the three stacks and what stands in them; asked for by somebody who does not call."""
    base = (
        "import: [_defaults]\nvars: {{tenant: {}, stage: {}}}\n"
        "components: {{terraform: {{{}-net: {{metadata: {{component: key}}, vars: {{text: shared}}}}}}}}\n"
    )
    files = {f"stacks/{stack}.yaml": base.format(*place, stack) for stack, place in STACKS.items()}
    files["atmos.yaml"] = FILES["atmos.yaml"] + "workflows: {base_path: workflows}\n"
    files["workflows/look.yaml"] = "workflows: {look: {steps: [{name: all, command: plan}]}}\n"
    loop.clone.moved(**files)
    found, now = [], clock.now()
    with loop.platform.database.begin() as tx:
        asker = people.add_person(tx, "asker", at=now)
        people.grant(tx, "asker", Grant("viewer"))
        for stack, (tenant, stage) in STACKS.items():
            ids = []
            for service, done in ((f"of-{stack}", True), (f"to-{stack}", False)):
                row = requests.add(
                    tx, repository="platform", tenant=tenant, stage=stage, stack=stack, service=service,
                    kind="provision", template="pair", template_version="1.0.0", answers={}, requester=asker.id,
                    at=now, expires_at=now + timedelta(days=1),
                )  # fmt: skip
                if done:
                    requests.move(tx, row.id, ["submitted"], "applying", at=now)
                    requests.move(tx, row.id, ["applying"], "done", at=now)
                ids.append(row.id)
            hook, spare = (webhook_in(tx, loop, asker.id, tenant, stage) for _ in range(2))
            look = look_in(tx, stack, tenant, stage)
            of = Subject(Named(stack, "look.yaml", "look").subject, "platform", tenant, stage)
            run = runs.add(tx, of, "workflow", ["1 all"], at=now, person=asker.id, commit=loop.clone.head)
            found.append(Target(stack, ids[1], ids[0], f"of-{stack}", hook, spare, look, run.id))
    return found


def look_in(tx: Transaction, stack: str, tenant: str, stage: str) -> str:
    """An instance that exists, was found to have drifted, and is to be looked at again."""
    now, component = clock.now(), f"{stack}-net"
    of = Subject(f"{stack}/{component}", "platform", tenant, stage)
    made = runs.add(tx, of, "operation", (), at=now)
    resources.record(tx, made, stack, component, [Found("aws_kms_key.this", "aws_kms_key", "k")], at=now)
    looks.add(tx, made, stack, component, "drifted", at=now, commit=None, causes=1)
    return runs.add(tx, replace(of, id=f"drift {of.id}"), "drift", ("look",), at=now).id


def webhook_in(tx: Transaction, loop: Loop, person: str, tenant: str, stage: str) -> str:
    """A webhook of a place, that leads nowhere."""
    name = new_id("whk")
    sealed = destinations.sealed(loop.platform.key, name, Destination(url="https://127.0.0.1/", secret="whsec_eA=="))
    row = Webhook(
        id=name, repository="platform", tenant=tenant, stage=stage, kind="webhook", shown="https://127.0.0.1/",
        sealed=sealed, types=("*",), person=person, created_at=clock.now(), cursor=0, held_until=None, tried_at=None,
        disabled_at=None, disabled_why="",
    )  # fmt: skip
    webhooks.add(tx, row)
    return name


_DAY = timedelta(days=1)
_BODIES: dict[str, object] = {
    "approve_request": {}, "cancel_request": {}, "cancel_execution": {}, "reject_request": {"reason": "no"},
    "comment_request": {"text": "why?"}, "create_token": {"person": "made", "roles": ["viewer"]},
    "evaluate_plan": {"format_version": "1.2", "resource_changes": [], "configuration": {}},
    "estimate_plan": {"format_version": "1.2", "resource_changes": [], "configuration": {}},
    "check_answers": {"answers": {"text": "x"}}, "change_request": {"answers": {"text": "otherwise"}},
}  # fmt: skip
_QUERIES = {"search": "?q=of-"}
_NAMES = {
    "template": "pair",
    "rule": "plan.polite",
    "token": "tok_none",
    "delegation": "dlg_none",
    "person": "asker",
    "group": "security",
    "role": "developer",
    "workflow": "look",
}


_NAMED = ("ask_for_service", "get_graph", "explain", "create_webhook", "create_delegation", "look_for_drift",
          "cancel_look")  # fmt: skip
"""What names something of a tenant in its query or its body."""


def calls(document: Mapping[str, Any], targets: list[Target]) -> Iterator[Call]:
    """Every operation of the document, about each target where it is about one."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            about = _about(name, path)
            for target in targets if about else (None,):
                at, body = _filled(name, path, target)
                yield Call(name, str(operation.get(MAY)), method.upper(), at, body, target)


_IN_THE_BODY = (
    *("ask_for_service", "get_graph", "explain", "create_webhook", "create_delegation", "execute_workflow"),
    *("order_services", "change_from_branch"),
)


def _about(name: str, path: str) -> bool:
    """Whether the call names something of a tenant."""
    parts = ("request", "service", "stack", "webhook", "execution")
    return name in (*_NAMED, *_IN_THE_BODY) or any(f"{{{part}}}" in path for part in parts)


def _filled(name: str, path: str, target: Target | None) -> tuple[str, object]:
    body, query = _BODIES.get(name), _QUERIES.get(name, "")
    names = dict(_NAMES)
    if target is not None:
        names |= {"service": target.name, "stack": target.stack, "component": f"{target.stack}-net"}
        names |= {"execution": target.execution, "request": target.pending}
        names["webhook"] = target.spare if name == "remove_webhook" else target.hook
        if name in ("retire_request", "change_request", "get_preview", "follow_request"):
            names["request"] = target.standing
        body = _body(name, target) or body
        if name == "get_graph":
            query = f"?stack={target.stack}"
        if name == "explain":
            query = f"?subject={target.name}&stack={target.stack}"
    return path.format(**names) + query, body


def _body(name: str, target: Target) -> dict[str, object] | None:
    """What a call about a target has to say; None where it is the same for each."""
    stack: dict[str, object] = {"stack": target.stack}
    tenant, stage = STACKS.get(target.stack, ("nowhe", "dev"))
    asked: dict[str, object] = {"template": "pair", "service": "ordered", "answers": {"text": "x"}}
    bodies: dict[str, dict[str, object]] = {
        "execute_workflow": {**stack},
        "create_webhook": {"kind": "webhook", "target": "no-url", "tenant": tenant, "stage": stage},
        "ask_for_service": stack | asked | {"service": "asked"},
        "create_delegation": {
            "to": "asker",
            "tenant": tenant,
            "stage": stage,
            "until": clock.rfc3339(clock.now() + _DAY),
        },
        "look_for_drift": stack | {"component": f"{target.stack}-net"},
        "cancel_look": {"run": target.look},
        "order_services": stack | {"name": "several", "services": [asked]},
        "change_from_branch": stack | {"branch": "work"},
        "change_service": stack | {"answers": {"text": "otherwise"}},
        **{one: {**stack} for one in ("retire_service", "keep_service", "reconcile_service")},
    }
    return bodies.get(name)
