"""Made by `make docs` of `calls.py`: a method for each route, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.client.async_calling import AsyncAsking, AsyncCatalogCalls, AsyncDriftCalls, AsyncWorkflowCalls
from gaia.client.calling import Json, named
from gaia.client.calls import _PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from gaia.client.transport import Event


class AsyncClient(AsyncAsking, AsyncCatalogCalls, AsyncDriftCalls, AsyncWorkflowCalls):
    """One server in one person's name.

    `token` may be a function that gives one, asked before each call: for tokens that do not hold for long.
    `repository` is which one is meant where the server has several. `http` is a client of httpx to call with.

    Raises:
        GaiaError: each method, the server's problem: its class by the status, with code, message and next step.
    """

    async def retire_request(self, request: str) -> Json:
        """Ask for the service of a request to be destroyed; the new request."""
        return await self._accepted(f"/requests/{named(request)}/retire", {})

    async def approve(
        self,
        request: str,
        *,
        digest: str | None = None,
        judgement: str | None = None,
        reason: str = "",
        on_behalf: str | None = None,
    ) -> Json:
        """Approve exactly what was previewed; the request."""
        body = {"digest": digest, "judgement": judgement, "reason": reason, "on_behalf": on_behalf}
        return await self._accepted(f"/requests/{named(request)}/approve", body)

    async def reject(self, request: str, *, reason: str) -> Json:
        """Say no; the request."""
        return await self._post(f"/requests/{named(request)}/reject", {"reason": reason})

    async def comment(self, request: str, text: str) -> Json:
        """Say something about a request; the request."""
        return await self._post(f"/requests/{named(request)}/comments", {"text": text})

    async def cancel(self, request: str, *, now: bool = False) -> Json:
        """Have what is carried out for a request end well, or at once; the request."""
        return await self._accepted(f"/requests/{named(request)}/cancel", {"now": now})

    async def resume(self, request: str) -> Json:
        """Go on with a parked request; the request."""
        return await self._accepted(f"/requests/{named(request)}/resume", {})

    async def me(self) -> Json:
        """Who calls, and what they may do."""
        return await self._get("/me")

    async def request(self, request: str) -> Json:
        """One request by id, the beginning of one, or the service's name."""
        return await self._get(f"/requests/{named(request)}")

    async def requests(
        self,
        *,
        stack: str | None = None,
        open_only: bool = False,
        after: str | None = None,
        limit: int | None = None,
        cost: bool = False,
    ) -> AsyncIterator[Json]:
        """Requests, newest first: `limit` of them, else all, a page at a time. With `cost`, each with its estimate."""
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            page = await self._get("/requests", stack=stack, open=open_only, after=after, limit=size, cost=cost)
            for each in page["requests"]:
                yield each
            after = page["next"]
            if after is None:
                return
            left = None if left is None else left - len(page["requests"])

    async def preview(self, request: str) -> Json:
        """What would be done."""
        return await self._get(f"/requests/{named(request)}/preview")

    async def log(self, request: str) -> AsyncIterator[Json]:
        """The lines that there are, oldest first."""
        after = 0
        while lines := (page := (await self._get(f"/requests/{named(request)}/log", after=after)))["lines"]:
            for each in lines:
                yield each
            after = page["next"]

    def events(self, request: str, *, after: int = 0) -> AsyncIterator[Event]:
        """What happens to a request until it waits or has ended. A stream that is cut off is begun again after it."""
        return self._transport.events(f"/requests/{named(request)}/events", {"repository": self._repository}, after)

    async def services(self, *, stack: str | None = None) -> list[Json]:
        """Live services, each as the request that it came from."""
        found: list[Json] = []
        after: str | None = None
        while True:
            page = await self._get("/services", stack=stack, after=after, limit=_PAGE)
            found += page["services"]
            after = page["next"]
            if after is None:
                return found

    async def stacks(self) -> list[Json]:
        """The stacks that the caller sees."""
        return list((await self._get("/stacks"))["stacks"])

    async def components(self) -> list[Json]:
        """The components in them."""
        return list((await self._get("/components"))["components"])

    async def instances(self, *, stack: str | None = None, component: str | None = None) -> list[Json]:
        """The instances in them."""
        return list((await self._get("/instances", stack=stack, component=component))["instances"])

    async def instance(self, stack: str, component: str) -> Json:
        """One instance, with the place of each value."""
        return await self._get(f"/instances/{named(stack)}/{named(component)}")

    async def graph(self, stack: str) -> Json:
        """Which instance of a stack needs which."""
        return await self._get("/graph", stack=stack)

    async def templates(self) -> list[Json]:
        """What can be requested."""
        return list((await self._get("/templates"))["templates"])

    async def template(self, template: str) -> Json:
        """One of them, with its questions."""
        return await self._get(f"/templates/{named(template)}")

    async def template_schema(self, template: str) -> Json:
        """JSON Schema of its answers."""
        return await self._get(f"/templates/{named(template)}/schema")

    async def check_answers(self, template: str, answers: Mapping[str, object]) -> Json:
        """The answers whole and typed, if they are right; nothing is written down."""
        return dict((await self._post(f"/templates/{named(template)}/answers", {"answers": dict(answers)}))["answers"])

    async def explain(self, subject: str, *, stack: str | None = None) -> Json:
        """Why something exists."""
        return await self._get("/explain", subject=subject, stack=stack)

    async def search(self, text: str) -> list[Json]:
        """Requests and resources."""
        return list((await self._get("/search", q=text))["found"])

    async def happened(self, *, after: int = 0, limit: int = 100, newest: bool = False) -> Json:
        """`{events, next}`: what happened after a sequence number, or (`newest`) the last of it."""
        return await self._get("/events", after=after, limit=limit, newest=newest)

    def follow(self, *, after: int = 0) -> AsyncIterator[Event]:
        """What happens after a sequence number, as it comes, for ever: `number` is each one's. See `happened`."""
        return self._transport.events("/events/stream", {"repository": self._repository}, after)

    async def add_webhook(
        self, kind: str, target: str, *, types: Sequence[str] = (), tenant: str = "*", stage: str = "*"
    ) -> Json:
        """Tell `target` from now on; with what deliveries are signed with in `secret`, which is shown now or never."""
        body = {"kind": kind, "target": target, "types": list(types), "tenant": tenant, "stage": stage}
        return await self._call("POST", "/webhooks", body, again=False)

    async def webhooks(self) -> list[Json]:
        """Those of places that the caller administers."""
        return list((await self._get("/webhooks"))["webhooks"])

    async def webhook(self, webhook: str) -> Json:
        """One of them."""
        return await self._get(f"/webhooks/{named(webhook)}")

    async def remove_webhook(self, webhook: str) -> Json:
        """Tell it nothing any more."""
        return await self._call("DELETE", f"/webhooks/{named(webhook)}")

    async def test_webhook(self, webhook: str) -> Json:
        """Send it an event of which nothing happened; how that went."""
        return await self._post(f"/webhooks/{named(webhook)}/test", {})

    async def deliveries(self, webhook: str, *, limit: int = 50) -> list[Json]:
        """What it was told, newest first."""
        return list((await self._get(f"/webhooks/{named(webhook)}/deliveries", limit=limit))["deliveries"])

    async def policies(self) -> list[Json]:
        """The rules."""
        return list((await self._get("/policies"))["rules"])

    async def policy(self, rule: str) -> Json:
        """One of them, with its source."""
        return await self._get(f"/policies/{named(rule)}")

    async def evaluate(self, plan: Mapping[str, object], *, stage: str | None = None) -> Json:
        """What the policies say of a plan JSON, which is for this `stage`."""
        return await self._call("POST", "/policies/evaluations", plan, query={"stage": stage})

    async def estimate(self, plan: Mapping[str, object]) -> Json:
        """Infracost JSON of a plan JSON."""
        return await self._call("POST", "/cost/estimates", plan)

    async def budgets(self) -> list[Json]:
        """What may be spent a month, and what of it is taken."""
        return list((await self._get("/budgets"))["budgets"])

    async def quotas(self) -> list[Json]:
        """What there may be most of, and how much there is."""
        return list((await self._get("/quotas"))["quotas"])

    async def login(self) -> Json:
        """`{oidc}`: the provider at which people sign in, or null."""
        return await self._get("/login")

    async def create_token(
        self, person: str, *, roles: Sequence[str], tenant: str = "*", stage: str = "*", expires_in: int | None = None
    ) -> Json:
        """A token with its secret in `token`, which is shown now or never."""
        body: Json = {"person": person, "roles": list(roles), "tenant": tenant, "stage": stage}
        body |= {} if expires_in is None else {"expires_in": expires_in}
        return await self._call("POST", "/tokens", body, again=False)

    async def tokens(self, person: str | None = None) -> list[Json]:
        """Everybody's for an admin, else the caller's own."""
        return list((await self._get("/tokens", person=person))["tokens"])

    async def revoke(self, token: str) -> Json:
        """End a token now."""
        return await self._call("DELETE", f"/tokens/{named(token)}")

    async def people(self) -> list[Json]:
        """Everybody, for an admin."""
        return list((await self._get("/people"))["people"])

    async def join(self, person: str, group: str) -> Json:
        """Put somebody into a group; the person."""
        return await self._call("PUT", f"/people/{named(person)}/groups/{named(group)}")

    async def leave(self, person: str, group: str) -> Json:
        """Take somebody out of a group; the person."""
        return await self._call("DELETE", f"/people/{named(person)}/groups/{named(group)}")

    async def give_role(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> Json:
        """Give somebody a role; the person."""
        where = {"tenant": tenant, "stage": stage}
        return await self._call("PUT", f"/people/{named(person)}/roles/{named(role)}", query=where)

    async def withdraw_role(self, person: str, role: str, *, tenant: str = "*", stage: str = "*") -> Json:
        """Take a role from somebody, of exactly that place; the person."""
        where = {"tenant": tenant, "stage": stage}
        return await self._call("DELETE", f"/people/{named(person)}/roles/{named(role)}", query=where)

    async def delegate(self, to: str, *, tenant: str = "*", stage: str = "*", until: str) -> Json:
        """Let somebody approve in the caller's name until then (RFC 3339)."""
        return await self._post("/delegations", {"to": to, "tenant": tenant, "stage": stage, "until": until})

    async def delegations(self) -> list[Json]:
        """Those that the caller gave or was given; everybody's for an admin."""
        return list((await self._get("/delegations"))["delegations"])

    async def revoke_delegation(self, delegation: str) -> Json:
        """End a delegation now."""
        return await self._call("DELETE", f"/delegations/{named(delegation)}")

    async def disable(self, person: str) -> Json:
        """Shut somebody out at once; the person."""
        return await self._post(f"/people/{named(person)}/disable", {})

    async def enable(self, person: str) -> Json:
        """Let somebody in again; the person."""
        return await self._post(f"/people/{named(person)}/enable", {})

    async def audit(
        self,
        *,
        subject: str | None = None,
        limit: int = 50,
        actor: str | None = None,
        action: str | None = None,
        service: str | None = None,
        stack: str | None = None,
        since: str | None = None,
        until: str | None = None,
        before: int | None = None,
    ) -> list[Json]:
        """The newest entries of the audit log that fit, oldest first; `before` is the number of one."""
        wanted = {"actor": actor, "action": action, "service": service, "stack": stack, "before": before}
        found = await self._get("/audit", subject=subject, limit=limit, since=since, until=until, **wanted)
        return list(found["entries"])

    async def verify_audit(self) -> Json:
        """`{entries, intact}`."""
        return await self._get("/audit/verify")

    async def audit_key(self) -> Json:
        """`{key}`: what exports of the audit log are checked with."""
        return await self._get("/audit/key")

    def export_audit(
        self, form: str = "jsonl", since: str | None = None, until: str | None = None
    ) -> AsyncIterator[bytes]:
        """The lines of an export of the audit log, as they come. One that was cut off has no signed end."""
        query = {"format": form, "since": since, "until": until, "repository": self._repository}
        return self._transport.lines("/audit/export", query)
