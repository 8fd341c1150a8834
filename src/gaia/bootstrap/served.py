"""What a server works with for as long as it runs: the database once, and any caller's view of any repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.bootstrap.given_plans import check_given, stage_of, understood
from gaia.errors import Invalid, NotFound
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.access.callers import Caller
    from gaia.access.oidc.discovery import Http
    from gaia.cost.ports import Estimator
    from gaia.platform.acts.drifting import Drifting
    from gaia.platform.acts.service import Platform
    from gaia.platform.callers.people import People
    from gaia.platform.callers.webhooks import Webhooks
    from gaia.platform.context import PlatformContext
    from gaia.platform.drafts.drafting import Drafting
    from gaia.platform.drafts.redrafting import Redrafting
    from gaia.platform.executions.executions import Executions
    from gaia.platform.views.cataloguing import Cataloguing
    from gaia.platform.views.happening import Happening
    from gaia.platform.views.lineage import Lineage
    from gaia.platform.views.listing import Listing
    from gaia.platform.views.offering import Offering
    from gaia.platform.views.reading import Reading
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.report import Checked
    from gaia.settings import Oidc


class Served:
    """Safe for many threads at once. A caller is authenticated once a call, then handed to what acts for them."""

    def __init__(
        self,
        first: PlatformContext,
        estimator: Callable[[], Estimator],
        policy_engine: Callable[[], PolicyEngine],
        region: str,
        oidc: Oidc | None = None,
        *,
        http: Http | None = None,
    ) -> None:
        from gaia.platform.callers.signing_in import SigningIn

        self.first = first
        """The context of the home's first repository."""
        self.signing_in = SigningIn(first.database, first.audit, oidc, http)
        self._estimator = estimator
        self._policy_engine = policy_engine
        self._region = region
        """Of plans that say none."""

    def authenticate(self, secret: str | None) -> Caller:
        """Who calls with this secret; see `gaia.platform.callers.signing_in.SigningIn.caller`."""
        return self.signing_in.caller(secret)

    def check(self) -> None:
        """Pass when the records can be read.

        Raises:
            Unavailable: what is wrong with the database.
        """
        from gaia.records import people

        with self.first.database.read() as tx:
            people.names(tx)

    def first_admin(self) -> str | None:
        """Make an admin where no person exists, and return the secret of their token; None where there is somebody.

        What somebody had before everything was told is written down then, if nobody has.
        """
        from gaia.platform.callers import first_admin
        from gaia.records import announced, people

        with self.first.database.begin() as tx:
            now, log = clock.now(), self.first.audit
            if people.names(tx):
                announced.count(tx, log.key, at=now, repository=log.repository)
                return None
            given = first_admin.begin(tx, at=now)
            log.note(tx, given.person.id, "token.created", given.token.id, given.facts)
        return given.secret

    def admin_link(self) -> str:
        """The secret of a link that signs the admin of `first_admin` in, once."""
        from gaia.platform.callers.first_admin import ADMIN

        return self.signing_in.make_link(ADMIN)

    @property
    def repositories(self) -> tuple[str, ...]:
        """The ids of those that are served, the first one first."""
        return tuple(one.repository for one in self.first.served)

    def platform(self, caller: Caller, *, repository: str | None = None, request: str | None = None) -> Platform:
        """The platform of a repository in somebody's name: of the one named, else of the one that has the request.

        Raises:
            NotFound: `repository-unknown`. Invalid: `repository-unnamed`: there are several, and nothing says which.
        """
        from gaia.platform.acts.service import Platform

        return Platform(self._context(repository, request), caller)

    def people(self, caller: Caller, *, repository: str | None = None) -> People:
        """Tokens and the audit log in somebody's name; the audit log is one for all repositories."""
        from gaia.platform.callers.people import People

        context = self._context(repository, None) if repository else self.first
        return People(context.database, context.audit, caller)

    def listing(self, caller: Caller, *, repository: str | None = None) -> Listing:
        """What lists show of a repository's records."""
        from gaia.platform.views.listing import Listing

        return Listing(self._context(repository, None), caller)

    def drafting(self, caller: Caller, *, repository: str | None = None) -> Drafting:
        """What would come of what somebody is about to ask for."""
        from gaia.platform.drafts.drafting import Drafting

        return Drafting(self._context(repository, None), caller)

    def redrafting(self, caller: Caller, *, repository: str | None = None) -> Redrafting:
        """What would come of a change that somebody is about to ask for."""
        from gaia.platform.drafts.redrafting import Redrafting

        return Redrafting(self._context(repository, None), caller)

    def happening(self, caller: Caller, *, repository: str | None = None) -> Happening:
        """What happened in a repository."""
        from gaia.platform.views.happening import Happening

        return Happening(self._context(repository, None), caller)

    def cataloguing(self, caller: Caller, *, repository: str | None = None) -> Cataloguing:
        """What there is in a repository, for Backstage."""
        from gaia.platform.views.cataloguing import Cataloguing

        return Cataloguing(self._context(repository, None), caller)

    def lineage(self, caller: Caller, *, repository: str | None = None) -> Lineage:
        """How the services of a repository came to be."""
        from gaia.platform.views.lineage import Lineage

        return Lineage(self._context(repository, None), caller)

    def drifting(self, caller: Caller, *, repository: str | None = None) -> Drifting:
        """What was found of a repository's instances."""
        from gaia.platform.acts.drifting import Drifting

        return Drifting(self._context(repository, None), caller)

    def webhooks(self, caller: Caller, *, repository: str | None = None) -> Webhooks:
        """Who is told elsewhere of what happens in a repository."""
        from gaia.platform.callers.webhooks import Webhooks

        return Webhooks(self._context(repository, None), caller)

    def executions(self, caller: Caller, *, repository: str | None = None) -> Executions:
        """The workflows of a repository, and what came of them."""
        from gaia.platform.executions.executions import Executions

        return Executions(self._context(repository, None), caller)

    def reading(self, caller: Caller, *, repository: str | None = None, commit: str | None = None) -> Reading:
        """The stacks, templates and policies of a repository, as its branch has them now or a commit had them."""
        from gaia.platform.views.reading import Reading

        return Reading(self._context(repository, None), caller, commit)

    def estimate(self, plan: Mapping[str, Any]) -> Mapping[str, Any]:
        """Infracost JSON of a plan JSON; `Invalid` for what is none."""
        with understood():
            return self._estimator().estimate(plan, usage={}, project="plan", region_default=self._region)

    def evaluate(
        self, caller: Caller, plan: Mapping[str, Any], *, repository: str | None = None, stage: str | None = None
    ) -> Checked:
        """What the policies of a repository say of a plan JSON; see `check_given`."""
        reading = self.reading(caller, repository=repository)
        policies = reading.policies
        known = stage_of(policies, stage, lambda: {one["stage"] for one in reading.stacks()}) if stage else None
        return check_given(
            plan, policies, self._policy_engine(), lambda: self.estimate(plan), subject="plan", stage=known
        )

    def _context(self, repository: str | None, request: str | None) -> PlatformContext:
        if repository is not None:
            found = next((one for one in self.first.served if one.repository == repository), None)
            if found is None:
                raise NotFound(
                    "repository-unknown",
                    f"no repository {repository!r} is served here",
                    next_step="Ask who you are: the answer names the repositories.",
                )
            return found
        served: Sequence[PlatformContext] = self.first.served
        if len(served) == 1:
            return served[0]
        owner = self._owner(request) if request else None
        named = [one for one in served if one.repository == owner]
        if not named:
            raise Invalid(
                "repository-unnamed",
                f"several repositories are served here: {', '.join(one.repository for one in served)}",
                next_step="Name one of them: ?repository=ID.",
            )
        return named[0]

    def _owner(self, request: str) -> str | None:
        from gaia.records import requests

        with self.first.database.read() as tx:
            owners = requests.owners(tx, request)
        return next(iter(owners)) if len(owners) == 1 else None

    def offering(self, caller: Caller) -> Offering:
        """What somebody could do, which is what doors offer them."""
        from gaia.platform.views.offering import Offering

        return Offering(self.first.database, caller)
