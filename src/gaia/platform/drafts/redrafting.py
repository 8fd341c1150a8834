"""What would come of a change that somebody is still writing: as `drafting`, of a service that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import GaiaError
from gaia.kit import yaml
from gaia.platform import refusals
from gaia.platform.drafts.drafting import Outlook, wrong_answers
from gaia.platform.instances import policy_input
from gaia.platform.requests.changing import change_of, checked_draft
from gaia.platform.services import live_services
from gaia.platform.views.reading import head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.access.callers import Caller
    from gaia.errors import Position
    from gaia.platform.context import PlatformContext
    from gaia.platform.requests.rendering import Draft
    from gaia.platform.snapshot import Snapshot
    from gaia.policy.model import Finding
    from gaia.records.model import Request


class Redrafting:
    """One caller's changes, on the branch as it is now. Nothing is written down."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller

    def look(self, service: str, stack: str, answers: Mapping[str, object]) -> Outlook:
        """What would come of it. The answers are those that differ.

        Raises:
            NotFound: `service-unknown`, `template-unknown`. Refused: `not-permitted`.
            Invalid: `template-invalid`, `template-unsafe`.
        """
        from gaia.scaffold.template import load_template

        platform, missing = self._platform, refusals.service_unknown(service, stack)
        with platform.database.read() as tx:
            old = live_services.origin(tx, platform.repository, stack, service)
        if old is None:
            raise missing
        rules.permit(self._caller, "request", old.tenant, old.stage, missing=missing)
        base = head(platform)
        snapshot = platform.snapshot(base)
        template = load_template(snapshot.tree, old.template)
        asked = {one.name for one in template.questions}
        known = {name: value for name, value in {**old.answers, **answers}.items() if name in asked}
        if problems := wrong_answers(template, known):
            return Outlook(problems)
        try:
            wanted = change_of(platform, old, {name: known[name] for name in answers if name in asked}, None, base)
            made = checked_draft(platform, wanted, base, unless_parked=old)
            findings = self._judged(snapshot, wanted)
        except GaiaError as error:
            return Outlook(whole=error)
        files = {path: content.decode() for path, content in made.files.items() if content is not None}
        return Outlook(files=files, findings=findings, leaving=_leaving(snapshot, old, made))

    def _judged(self, snapshot: Snapshot, wanted: Request) -> tuple[Finding, ...]:
        """What the rules about requests say, as the preview's first step will ask them."""
        from gaia.policy.judge import judge

        with self._platform.database.read() as tx:
            services = live_services.others(tx, wanted)
        asked = policy_input.request_input(wanted, services)
        return judge(snapshot.policies, "request", asked, engine=self._platform.policy_engine())


def _leaving(snapshot: Snapshot, old: Request, made: Draft) -> tuple[str, ...]:
    """The instances of the manifest as it is that are not in the one that the change would write."""
    content = made.files.get(made.manifest)
    stay = _components(content, made.manifest) if content is not None else frozenset()
    had = snapshot.repository.instances_of(old.manifest)
    return tuple(sorted(str(key) for key in had if key.component not in stay))


def _components(content: bytes, file: str) -> frozenset[str]:
    """The names of the components that a manifest defines."""
    node = yaml.parse_values(content, file, _as_it_stands)
    for name in ("components", "terraform"):
        node = node.get(name) if isinstance(node, dict) else None
    return frozenset(map(str, node)) if isinstance(node, dict) else frozenset()


def _as_it_stands(_tag: str, value: object, _at: Position) -> object:
    return value
