"""Asking for a service that stands to be another one: the answers it was made with, and those that are to differ.

A change that is asked for while something is applied to the service waits in line. What it starts from is read when
its turn has come, and again when it is previewed: never from what was there when it was asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid
from gaia.kit import clock, ids
from gaia.kit.visible import cut, visible
from gaia.platform import refusals
from gaia.platform.acting import ENGINE
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.platform.instances import journals
from gaia.platform.requests.asking import end_undecided, write_down
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.platform.services import live_services, placing
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gaia.access.callers import Caller
    from gaia.platform.acting import Acting
    from gaia.platform.context import PlatformContext
    from gaia.platform.requests.rendering import Draft
    from gaia.records.database import Transaction
    from gaia.records.model import Request


_DIGEST = re.compile(r"[0-9a-f]{64}")


def ask_to_change(
    platform: PlatformContext,
    acting: Acting,
    service: str,
    stack: str,
    answers: Mapping[str, object],
    *,
    replaces: str | None = None,
    expires: timedelta | None = None,
) -> str:
    """Write down that a service is to have other answers, and queue the preview of that; the request.

    `replaces` is the digest of its manifest where somebody edited that and it may be written over all the same.

    Raises:
        NotFound: `service-unknown`, `template-unknown`. Invalid: `digest-invalid`; the answers do not fit the template.
        Conflict: `service-busy`, `service-unfinished`, `manifest-edited`, `manifest-missing`, `change-empty`,
            `apply-unfinished`.
    """
    if replaces is not None and not _DIGEST.fullmatch(replaces):
        raise Invalid(
            "digest-invalid",
            f"{cut(visible(replaces), 80)!r} is not the digest of a manifest",
            next_step="Give the one that the refusal named.",
        )
    missing, act = refusals.service_unknown(service, stack), "request.change"
    with platform.database.read() as tx:
        origin = live_services.by_name(tx, platform.repository, stack, named=[service]).get((stack, service))
        begun = _applied_now(tx, platform, service, stack)
    seen = origin or begun
    if seen is None:
        raise missing
    if seen.parts:
        raise refusals.service_unfinished(replace(seen, follows=seen.id))
    base = platform.clone().fetch()
    where = placing.place_at(platform, base, seen)
    with acting.doing("request", act, seen.id, missing=missing, where=where):
        pass  # who may not ask learns nothing more
    after = replace(begun or seen, tenant=where.tenant, stage=where.stage)
    wanted = change_of(platform, after, answers, replaces, base)
    if begun is None:
        checked_draft(platform, wanted, base, unless_parked=seen)
    with acting.doing("request", act, seen.id, missing=missing, where=where) as (tx, caller):
        now = clock.now()
        if begun is None:  # what is being applied was signed where it was asked for
            placing.follow(tx, seen, where, at=now)
        end_undecided(tx, platform, stack, service, at=now)
        still = _applied_now(tx, platform, service, stack)
        made = _written(tx, platform, wanted, caller, in_line=still is not None, within=expires or DECIDE_WITHIN)
        return made.id


def settle(platform: PlatformContext, request: Request, base: str) -> Request:
    """The change as it is at `base`: its answers are those of the service now, but for what is to differ.

    Raises:
        Invalid: they do not fit the template. NotFound: `template-unknown`. Conflict: `apply-unfinished`.
    """
    with platform.database.read() as tx:
        old = requests.get(tx, str(request.follows))
    if error := journals.unfinished(platform, old.instances):
        raise error
    checked, version = _answers(platform, old, request.given, base)
    with platform.database.begin() as tx:
        return requests.note(tx, request.id, at=clock.now(), answers=checked, template_version=version)


def begin_next(tx: Transaction, platform: PlatformContext, ended: Request) -> None:
    """Have the change that waited longest for a request of its service begin, now that this one is in nobody's way."""
    same = {"stack": ended.stack, "services": [ended.service]}
    waiting = requests.find(tx, ended.repository, statuses={"queued"}, **same)  # type: ignore[arg-type]
    if not waiting or requests.busy(tx, ended.repository, ended.stack, ended.service):
        return
    origin = live_services.by_name(tx, ended.repository, ended.stack, named=[ended.service]).get(
        (ended.stack, ended.service)
    )
    now = clock.now()
    if origin is None:
        for one in waiting:
            requests.move(tx, one.id, ["queued"], "failed", at=now, reason="the service is not there any more")
            platform.audit.about(tx, ENGINE, "request.failed", one)
        return
    first = waiting[-1]
    moved = requests.move(
        tx, first.id, ["queued"], "submitted", at=now, follows=origin.id, answers={**origin.answers, **first.given}
    )
    runs.add(tx, moved, "preview", PREVIEW_STEPS, at=now)
    platform.audit.about(tx, ENGINE, "request.submitted", moved, kind="change")


def go_on(platform: PlatformContext) -> None:
    """Begin whatever waits in line and does not have to: where a request ended in a way that nobody looked after."""
    with platform.database.read() as tx:
        waiting = requests.find(tx, platform.repository, statuses={"queued"})
    for one in {(each.stack, each.service): each for each in waiting}.values():
        with platform.database.begin() as tx:
            end_undecided(tx, platform, one.stack, one.service, at=clock.now())
            begin_next(tx, platform, one)


def _applied_now(tx: Transaction, platform: PlatformContext, service: str, stack: str) -> Request | None:
    """What is being applied to the service, behind which a change may wait."""
    found = requests.find(tx, platform.repository, stack=stack, services=[service], statuses={"applying"})
    return next((one for one in found if not one.is_retirement), None)


def change_of(
    platform: PlatformContext, after: Request, given: Mapping[str, object], replaces: str | None, base: str
) -> Request:
    """The request as it would be written down, after `after`."""
    checked, version = _answers(platform, after, given, base)
    return replace(
        after,
        id=ids.new_id("req"),
        kind="change",
        follows=after.id,
        answers=checked,
        template_version=version,
        given={name: checked[name] for name in given},
        replaces=replaces,
    )


def _answers(
    platform: PlatformContext, old: Request, given: Mapping[str, object], base: str
) -> tuple[dict[str, object], str]:
    """The answers that a service was made with, but for those given, as its template at `base` asks; its version."""
    from gaia.scaffold.template import check_answers, load_template

    template = load_template(platform.snapshot(base).tree, old.template)
    before = {name: value for name, value in old.answers.items() if template.question(name) is not None}
    return check_answers(template, {**before, **given}), template.version


def checked_draft(platform: PlatformContext, wanted: Request, base: str, *, unless_parked: Request) -> Draft:
    """What a change would write. What would fail later is refused at once.

    Raises:
        Conflict: `change-empty`, `manifest-edited`, `manifest-missing`, `service-unfinished`, `apply-unfinished`.
    """
    from gaia.platform.requests.rendering import draft

    if error := journals.unfinished(platform, unless_parked.instances):
        raise error
    made = draft(platform, wanted, base)
    tree = platform.snapshot(base).tree
    same = all(
        content is not None and (tree / path).is_file() and (tree / path).read_bytes() == content
        for path, content in made.files.items()
    )
    if same and unless_parked.status == "done":
        raise refusals.change_empty(wanted.service, wanted.stack)
    return made


def _written(
    tx: Transaction, platform: PlatformContext, wanted: Request, caller: Caller, *, in_line: bool, within: timedelta
) -> Request:
    """
    Raises:
        Conflict: `service-busy`.
    """
    now = clock.now()
    request = write_down(
        tx,
        platform,
        in_line=in_line,
        facts={"kind": "change"},
        tenant=wanted.tenant,
        stage=wanted.stage,
        stack=wanted.stack,
        service=wanted.service,
        kind="change",
        template=wanted.template,
        template_version=wanted.template_version,
        answers=wanted.answers,
        requester=caller.id,
        at=now,
        expires_at=now + within,
        named=wanted.id,
        ttl=wanted.ttl,
        follows=wanted.follows,
        given=wanted.given,
        replaces=wanted.replaces,
    )
    if in_line:
        return request
    origin = live_services.by_name(tx, wanted.repository, wanted.stack, named=[wanted.service]).get(
        (wanted.stack, wanted.service)
    )
    if origin is None or origin.id != wanted.follows:
        raise Conflict("service-moved", f"{wanted.service} was changed just now", next_step="Look at it again.")
    return request
