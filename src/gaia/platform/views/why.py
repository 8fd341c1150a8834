"""From a resource back to the wish: instance, values and their places, answers, template, request, approval.

What somebody applied without a request goes back to that person and the commit.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import NotFound, ToolFailed
from gaia.kit import clock
from gaia.kit.visible import cut
from gaia.platform.approvals import approving
from gaia.platform.expiry import expiry
from gaia.platform.instances.definitions import Definitions
from gaia.platform.model import WhyLine, WhyView
from gaia.platform.services import live_services
from gaia.records import approvals, people, requests, resources, runs
from gaia.stacks.model import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request, Resource
    from gaia.stacks.model import Instance


def explain(platform: PlatformContext, caller: Caller, subject: str, *, stack: str | None) -> WhyView:
    """The chain of reasons for a resource (address, cloud id, ARN, type), an instance, a service or a commit.

    Raises:
        NotFound: `subject-unknown` when Gaia made no such thing, or the caller may not see it.
    """
    named, there = cut(subject, _LONGEST_SAID), f" in {stack}" if stack else ""
    unknown = NotFound(
        "subject-unknown",
        f"Gaia made nothing that is called {named!r}{there}",
        next_step="Give a Terraform address, a cloud id, STACK/COMPONENT, a service or a commit.",
    )
    if len(subject) > _LONGEST_SUBJECT:
        raise unknown
    repository, places = platform.repository, rules.places(caller, "see")
    with platform.database.read() as tx:
        if found := resources.find(tx, repository, subject, places=places, stack=stack):
            first = found[0]
            lines = (*_resource(tx, first), *_made(tx, platform, first), *_elsewhere(found))
            return WhyView(subject, first.request or "", lines)
        request = _request_of(tx, platform, caller, subject, stack)
        if request is not None:
            wanted = subject if subject in request.instances else None
            return WhyView(subject, request.id, tuple(_request(tx, platform, request, wanted)))
        for resource in _of_instance(tx, platform, caller, subject, stack):
            lines = (_instance(resource), *_made(tx, platform, resource))
            return WhyView(subject, resource.request or "", lines)
        if len(subject) >= _SHORTEST_COMMIT:
            made = resources.of_commit(tx, repository, subject, places=places, stack=stack)
            if made:
                return WhyView(subject, "", tuple(dict.fromkeys(_of_commit(tx, made))))
        if near := resources.counted(tx, repository, subject, places=places, stack=stack):
            names = list(dict.fromkeys(one.address for one in near))
            unknown.next_step = f"Name one of them: {', '.join(names[:_MOST_ELSEWHERE])}."
    raise unknown


def _seen(caller: Caller, found: tuple[Resource, ...]) -> tuple[Resource, ...]:
    return tuple(one for one in found if rules.allows(caller, "see", one.tenant, one.stage))


def _elsewhere(found: tuple[Resource, ...]) -> Iterator[WhyLine]:
    """The other instances that hold what was asked for: one of them was taken, and nobody said which."""
    first = found[0]
    others = [one for one in found[1:] if one.destroyed_at is None and one.address == first.address]
    names = dict.fromkeys(
        f"{one.stack}/{one.component}/{one.address}"
        for one in others
        if (one.stack, one.component) != (first.stack, first.component)
    )
    yield from (WhyLine("elsewhere", name) for name in list(names)[:_MOST_ELSEWHERE])
    if len(names) > _MOST_ELSEWHERE:
        yield WhyLine("elsewhere", f"and {len(names) - _MOST_ELSEWHERE} more; name a stack to see one")


def _of_commit(tx: Transaction, found: tuple[Resource, ...]) -> Iterator[WhyLine]:
    """What was applied or adopted at a commit, without a request."""
    for resource in found:
        yield _instance(resource)
    for resource in found:
        yield _change(tx, resource)
    for commit in dict.fromkeys(one.commit for one in found if one.commit):
        yield WhyLine("commit", commit)


def _of_instance(
    tx: Transaction, platform: PlatformContext, caller: Caller, subject: str, stack: str | None
) -> tuple[Resource, ...]:
    """What exists of the instance that is called STACK/COMPONENT, or COMPONENT where the stack is given."""
    before, slash, after = subject.partition("/")
    candidates = [(before, after)] if slash else []
    candidates += [(stack, subject)] if stack else []
    listed = (_seen(caller, resources.of_instance(tx, platform.repository, *each)) for each in candidates)
    return next(filter(None, listed), ())


def _request_of(
    tx: Transaction, platform: PlatformContext, caller: Caller, subject: str, stack: str | None
) -> Request | None:
    found = _candidates(tx, platform, subject, stack, rules.places(caller, "see"))
    return next((each for each in found if rules.allows(caller, "see", each.tenant, each.stage)), None)


def _candidates(
    tx: Transaction, platform: PlatformContext, subject: str, stack: str | None, places: frozenset[tuple[str, str]]
) -> Iterator[Request]:
    """What may be meant, the likeliest first; of what is one of many, one in `places`.

    Every service is looked through only where none is called so.
    """
    yield from live_services.by_name(tx, platform.repository, stack, named=[subject]).values()
    for (where, _), request in live_services.by_name(tx, platform.repository, stack).items():
        if subject in request.instances or f"{where}/{subject}" in request.instances:
            yield request
    if len(subject) >= _SHORTEST_COMMIT:
        yield from requests.find(tx, platform.repository, commit=subject, places=places, limit=1)
    retired = requests.find(tx, platform.repository, stack=stack, services=[subject], places=places, limit=1)
    yield from retired


_SHORTEST_COMMIT = 7


def _resource(tx: Transaction, resource: Resource) -> Iterator[WhyLine]:
    gone = f", destroyed {clock.rfc3339(resource.destroyed_at)}" if resource.destroyed_at else ""
    began = "recorded" if _adopted(tx, resource) else "made"
    name = resource.arn or resource.cloud_id
    yield WhyLine("resource", f"{resource.address} is {name}, {began} {clock.rfc3339(resource.created_at)}{gone}")
    yield _instance(resource)


def _instance(resource: Resource) -> WhyLine:
    return WhyLine("instance", f"{resource.component} in {resource.stack}")


def _made(tx: Transaction, platform: PlatformContext, resource: Resource) -> Iterator[WhyLine]:
    """What led to a resource: its request, or who applied its instance without one, at which commit."""
    key = f"{resource.stack}/{resource.component}"
    if resource.request is not None:
        yield from _request(tx, platform, _now(tx, requests.get(tx, resource.request), resource, key), key)
        return
    if (instance := _committed(platform, resource.commit, key)) is not None:
        yield from _values({}, instance)
    yield _change(tx, resource)
    if resource.commit:
        yield WhyLine("commit", resource.commit)


def _now(tx: Transaction, made_by: Request, resource: Resource, key: str) -> Request:
    """The request that a resource is as it is by: a change of its service may have come after the one that made it."""
    if resource.destroyed_at is not None:
        return made_by
    live = live_services.by_name(tx, made_by.repository, made_by.stack).values()
    return next((one for one in live if key in one.instances), made_by)


def _change(tx: Transaction, resource: Resource) -> WhyLine:
    """Who applied or adopted what nobody requested."""
    who = people.names(tx).get(resource.person, resource.person) if resource.person else "an operator"
    how = "adopted by {}, {}: it was there before" if _adopted(tx, resource) else "applied by {}, {}, without a request"
    return WhyLine("change", how.format(who, clock.rfc3339(resource.created_at)))


def _adopted(tx: Transaction, resource: Resource) -> bool:
    """Whether it was there before Gaia, which only wrote it down: see `gaia.adoption.recording`."""
    return resource.run is not None and runs.get(tx, resource.run).code == "adopted"


def _committed(platform: PlatformContext, commit: str | None, key: str) -> Instance | None:
    """The instance at a commit; None where only a checkout has the commit, or had the instance."""
    try:
        return platform.snapshot(commit).instances([key])[0] if commit else None
    except (NotFound, ToolFailed):
        return None


def _request(tx: Transaction, platform: PlatformContext, request: Request, key: str | None) -> Iterator[WhyLine]:
    names = people.names(tx)
    commit = request.base if request.is_retirement else request.commit
    if commit:
        defined = Definitions(platform, request, commit, str(request.base))
        for named in [key] if key else request.instances:
            if key is None:
                stack, _, component = named.partition("/")
                yield WhyLine("instance", f"{component} in {stack}")  # whose values these are
            yield from _values(request.origins, defined.instance(named))
    for name, answer in request.answers.items():
        yield WhyLine("answer", f"{name} = {_written(answer)}")
    yield WhyLine("template", f"{request.template} {request.template_version}", f"templates/{request.template}")
    who = names.get(request.requester, request.requester)
    yield WhyLine(
        "request", f"{request.id}: {who} asked to {request.kind} {request.service}, {clock.rfc3339(request.created_at)}"
    )
    for one in live_services.before(tx, request):
        asker = names.get(one.requester, one.requester)
        yield WhyLine("request", f"{one.id}: {asker} asked to {one.kind} it before, {clock.rfc3339(one.created_at)}")
    for approval in approvals.of_request(tx, request.applied_by):
        by = approving.signer(approval, names) if approval.person else expiry.approver(approval, request, names)
        text = f"{approval.id}: {approval.decision} by {by}, {clock.rfc3339(approval.at)}, preview {approval.preview}"
        text += f" ({approval.reason})" if approval.reason else ""
        yield WhyLine("approval", text + (f", no longer holds: {approval.voided_why}" if approval.voided_at else ""))
    life = live_services.life(tx, request) if live_services.is_live(tx, request) else None
    if life is not None and life.until is not None:
        yield WhyLine("end", f"it is destroyed {clock.rfc3339(life.until)}, as {life.approval} says, unless it is kept")
    if commit:
        yield WhyLine("commit", commit, request.manifest)


def _values(origins: Mapping[str, Mapping[str, list[str]]], instance: Instance) -> Iterator[WhyLine]:
    """Each variable with the place that set it, and the answers that the place was rendered from."""
    for path in leaves(("vars",), instance.vars):
        origin = instance.explain(path)
        answers = origins.get(origin.at.file, {}).get(str(origin.at.line), [])
        because = f"  from the answer {', '.join(answers)}" if answers else ""
        yield WhyLine("value", f"{'.'.join(path[1:])} = {_short(origin.value)}{because}", str(origin.at))


def leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[str, ...]]:
    """Paths of the values in nested maps; a list is one value."""
    if isinstance(value, dict) and value:
        for name, child in value.items():
            yield from leaves((*path, str(name)), child)
    else:
        yield path


def _short(value: object) -> str:
    return cut(value.text if isinstance(value, Reference) else _written(value), _LONGEST)


def _written(value: object) -> str:
    """As in a manifest: `true`, `["a"]`; a text without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_MOST_ELSEWHERE = 8
_LONGEST = 80
_LONGEST_SAID = 200
_LONGEST_SUBJECT = 4000
"""Characters: more than an ARN or an address has, and far less than SQLite looks for."""
