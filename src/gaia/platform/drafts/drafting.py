"""What would come of a wish that somebody is still writing: checked and rendered, and nothing is written down.

It answers while one types, so terraform is not asked: what a plan would say, the price among it, the preview of the
request says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import Conflict, GaiaError, Invalid, NotFound
from gaia.platform import refusals
from gaia.platform.drafts.trial import REQUEST
from gaia.platform.instances import policy_input
from gaia.platform.requests.rendering import Wanted, render
from gaia.platform.services import live_services
from gaia.platform.views.reading import head

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.policy.model import Finding
    from gaia.scaffold.template import Template


@dataclass(frozen=True, slots=True)
class Wish:
    """As it is written so far."""

    template: str
    service: str
    stack: str
    answers: Mapping[str, object]
    ttl: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would come of it."""

    problems: Mapping[str, GaiaError] = field(default_factory=dict)
    """By question: which answers cannot be used."""
    placed: Mapping[str, GaiaError] = field(default_factory=dict)
    """Of `service`, `stack` and `ttl`: what cannot be used."""
    whole: GaiaError | None = None
    """Why nothing is rendered where each answer can be used."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The manifest, by its path in the repository; empty while there are problems."""
    findings: tuple[Finding, ...] = ()
    """What policies say of the request, before there is a plan."""

    leaving: tuple[str, ...] = ()
    """Of a change: the instances that it would destroy."""

    @property
    def ready(self) -> bool:
        """Whether it could be asked for."""
        return bool(self.files) and not any(one.effect == "deny" for one in self.findings)


class Drafting:
    """One caller's wishes, on the branch as it is now."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def look(self, wish: Wish) -> Outlook:
        """What would come of it.

        Raises:
            NotFound: `template-unknown`. Invalid: `template-invalid`, `template-unsafe`.
        """
        from gaia.scaffold.template import check_answers, load_template

        snapshot = self._platform.snapshot(head(self._platform))
        template = load_template(snapshot.tree, wish.template)
        problems, placed = wrong_answers(template, wish.answers), self._placed(snapshot, template, wish)
        if problems or placed:
            return Outlook(problems, placed)
        answers = check_answers(template, wish.answers)
        wanted = Wanted(REQUEST, template.name, answers, wish.service, wish.stack, self._caller.id)
        try:
            made = render(snapshot, wanted)
            findings = self._judged(snapshot, template, wish, answers)
        except GaiaError as error:
            return Outlook(whole=error)
        return Outlook(files={path: text.decode() for path, text in made.files.items()}, findings=findings)

    def _placed(self, snapshot: Snapshot, template: Template, wish: Wish) -> dict[str, GaiaError]:
        """What is wrong with name, stack and time to live."""
        from gaia.scaffold.template import check_service

        found: dict[str, GaiaError] = {}
        try:
            check_service(wish.service)
            with self._platform.database.read() as tx:
                live = live_services.by_name(tx, self._platform.repository, wish.stack)
            if (wish.stack, wish.service) in live:
                raise refusals.name_taken(wish.service, wish.stack)
        except GaiaError as error:
            found["service"] = error
        try:
            if wish.stack not in snapshot.repository.stacks:
                raise refusals.stack_unknown(wish.stack)
            scope = snapshot.scope(wish.stack)
            missing = refusals.stack_unknown(wish.stack)
            rules.permit(self._caller, "request", scope.tenant, scope.stage, missing=missing)
        except GaiaError as error:
            found["stack"] = error
        try:
            template.lifespan.seconds(wish.ttl)
        except GaiaError as error:
            found["ttl"] = error
        if isinstance(found.get("stack"), NotFound) and isinstance(found.get("service"), Conflict):
            del found["service"]  # of what is not seen nothing is told
        return found

    def _judged(
        self, snapshot: Snapshot, template: Template, wish: Wish, answers: Mapping[str, object]
    ) -> tuple[Finding, ...]:
        """What the rules about requests say, as the preview's first step will ask them."""
        from gaia.policy.judge import judge

        scope = snapshot.scope(wish.stack)
        with self._platform.database.read() as tx:
            services = live_services.count(tx, self._platform.repository, wish.stack)
        asked = policy_input.Asked(
            wish.service,
            template.name,
            template.version,
            wish.stack,
            scope.tenant,
            scope.stage,
            self._caller.id,
            answers,
            ttl=template.lifespan.seconds(wish.ttl),
        )
        engine = self._platform.policy_engine()
        return judge(snapshot.policies, "request", policy_input.request_input(asked, services), engine=engine)


def wrong_answers(template: Template, answers: Mapping[str, object]) -> dict[str, GaiaError]:
    """What is wrong with each answer, by itself."""
    from gaia.scaffold.template import check_answers

    found: dict[str, GaiaError] = {}
    for one in template.questions:
        given = {one.name: answers[one.name]} if one.name in answers else {}
        try:
            check_answers(replace(template, questions=(one,)), given)
        except Invalid as error:
            found[one.name] = error
    return found
