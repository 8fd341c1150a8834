"""Plans judged by the policies of a repository, of a folder, or of Gaia's package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.bootstrap.cataloguing import MakingCatalog
from gaia.errors import NotFound
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from gaia.checkout.change import Change, Seen
    from gaia.policy.coverage import Coverage
    from gaia.policy.model import Finding, TestResult
    from gaia.policy.report import Checked
    from gaia.policy.rules import PolicySet
    from gaia.policy.waiver_states import Standing
    from gaia.scaffold.environments import EnvironmentTemplater
    from gaia.scaffold.policies import Copied
    from gaia.stacks.model import Instance
    from gaia.stacks.validation.findings import Finding as Mistake


class Judging(MakingCatalog):
    """What `gaia policy` asks."""

    def policies(self, given: Path | None = None, repository: Path | None = None) -> PolicySet:
        """The rules of the folder that is given, whoever they were made for; else those of the repository around the
        caller; else those that come with Gaia.

        Raises:
            NotFound: `policies-not-found`, `not-a-repository` for a folder of a repository that is not there. Invalid:
                a rule file that cannot be used.
        """
        from gaia.policy.foreign import load_any
        from gaia.policy.rules import PolicySet
        from gaia.scaffold.blueprint import find_blueprint

        if given is not None:
            return load_any(self.settings.cwd / given, str(given).rstrip("/"))
        return PolicySet.of(self._nearest(repository), find_blueprint)

    def copy_policies(self, repository: Path | None = None, *, libraries: bool = False) -> Copied:
        """Put the policies that come with Gaia, or only their libraries, into the repository around the caller.

        Raises:
            NotFound: `not-a-repository`. Conflict: `policies-unwritable`.
        """
        from gaia.scaffold.policies import copy_policies

        root = self._nearest(repository)
        if root is None:
            raise NotFound(
                "not-a-repository",
                "there is no platform repository around here to put policies into",
                next_step="Go to one, or give its folder with --repository.",
            )
        return copy_policies(root, libraries=libraries)

    def read_policies(self, given: Path | None = None, repository: Path | None = None) -> PolicySet:
        """As `policies`, of rules that the engine can read: those that are listed are those that would judge.

        Raises:
            As `policies`. Invalid: `policy-broken`, with its place. Unavailable: the engine crashed or took too long.
        """
        from gaia.policy.test import check_readable

        found = self.policies(given, repository)
        check_readable(found, engine=self.policy_engine())
        return found

    def templater(self, repository: Path | None = None) -> EnvironmentTemplater:
        """What makes drafts of new parts of the repository around the caller, judged by its policies.

        Raises:
            NotFound: `not-a-repository`: nothing is written into another repository than the one around.
        """
        from gaia.policy.manifests import manifest_findings
        from gaia.policy.rules import PolicySet
        from gaia.policy.validation import together
        from gaia.scaffold.blueprint import find_blueprint
        from gaia.scaffold.environments import EnvironmentTemplater

        root = self._nearest(repository)
        if root is None:
            raise NotFound(
                "not-a-repository",
                f"there is no atmos.yaml in {self.settings.cwd} or above it",
                next_step="Go to the repository, or name it with -C DIR.",
            )

        def judge(tree: Path, instances: Sequence[Instance]) -> Iterable[Mistake]:
            rules = PolicySet.of(tree, find_blueprint)
            return together(manifest_findings(rules, instances, self.policy_engine(), effects=["deny"]))

        return EnvironmentTemplater(self.repository(root), open_=self.repository, judge=judge)

    def policy_tests(self, path: Path | None = None, given: Path | None = None) -> Sequence[TestResult]:
        """Run the policies' own tests; those of Gaia's package where the repository has no policies."""
        from gaia.policy.test import run_tests

        return run_tests(self.policies(given, path), engine=self.policy_engine())

    def policy_coverage(self, path: Path | None = None, given: Path | None = None) -> Sequence[Coverage]:
        """What those tests have seen, as the embedded engine tells it, whichever engine judges."""
        from gaia.policy.coverage import coverage
        from gaia.policy.regorus import Regorus

        return coverage(self.policies(given, path), engine=Regorus())

    def check_plan_file(
        self, plan: Path, policies: Path | None = None, repository: Path | None = None, stage: str | None = None
    ) -> Checked:
        """Judge a plan JSON, which needs no repository and says no `stage` itself; no waiver excuses what it does.

        Raises:
            NotFound, Invalid: as `read_given_plan` and `policies`. Invalid: `stage-unknown`. Invalid, Unavailable: as
                `judge`.
        """
        from gaia.bootstrap.given_plans import check_given, region_of
        from gaia.terraform.given_plan import read_given_plan

        document = read_given_plan(self.settings.cwd / plan, str(plan))
        rules = self.policies(policies, repository)
        stage = self._stage(rules, stage, repository) if stage else None
        if policies is None:
            self._check_waivers(rules, repository)

        def cost() -> Mapping[str, Any]:
            region = region_of(self.settings)
            return self.estimator().estimate(document, usage={}, project=str(plan), region_default=region)

        return check_given(document, rules, self.policy_engine(), cost, subject=str(plan), stage=stage)

    def _stage(self, rules: PolicySet, given: str, repository: Path | None) -> str:
        from gaia.bootstrap.given_plans import stage_of
        from gaia.platform.scope import scope_of

        def of_stacks() -> set[str]:
            root = self._nearest(repository)
            if root is None:
                return set()
            opened = self.repository(root)
            return {scope_of(opened, one)["stage"] for one in opened.stacks}

        return stage_of(rules, given, of_stacks)

    def check_object_files(
        self, paths: Sequence[Path], policies: Path | None = None, repository: Path | None = None
    ) -> Checked:
        """Judge the objects of Kubernetes in YAML files and in folders of them, which need no repository.

        Raises:
            NotFound, Invalid: as `objects_in` and `policies`. Invalid, Unavailable: as `judge`.
        """
        from gaia.policy.object_files import objects_in
        from gaia.policy.objects import check_objects, for_objects
        from gaia.policy.waivers import Waivers

        objects = objects_in(paths, self.settings.cwd)
        rules, waivers = for_objects(self.policies(policies, repository)), Waivers()
        if policies is None:
            self._check_waivers(rules, repository)
            if (root := self._nearest(repository)) is not None:
                waivers = self._waivers(root)
        subject = ", ".join(map(str, paths))
        return check_objects(rules, objects, subject=subject, engine=self.policy_engine(), waivers=waivers)

    def _check_waivers(self, rules: PolicySet, repository: Path | None) -> None:
        """Refuse those that can excuse nothing. A plan in a file is of no instance, so none excuses anything of it."""
        from gaia.policy.waivers import check, read

        if (root := self._nearest(repository)) is not None:
            check(read(root), rules)

    def policy_waivers(self, repository: Path | None = None) -> Sequence[Standing]:
        """Every waiver of the repository around the caller, and how it stands.

        Raises:
            NotFound: `not-a-repository`. Invalid: `waiver-…`; what `PolicySet.load` raises.
        """
        from gaia.policy.manifests import manifest_findings
        from gaia.policy.waiver_states import standings
        from gaia.policy.waivers import check, read

        opened = self.repository(repository)
        rules = self.policies(None, opened.root)
        check(read(opened.root), rules)
        waivers = self._waivers(opened.root)
        listed = (*waivers.counted, *waivers.pending)
        forgiving = opened.forgiving()
        keys = forgiving.instances if listed else ()
        said: dict[str, list[Finding]] = {str(key): [] for key in keys}
        named = [key for key in keys if any(one.is_about(str(key), "manifest") for one in listed)]
        built = forgiving.built(named) if named else ()
        for instance, finding in manifest_findings(rules, built, self.policy_engine(), effects=["deny"]):
            said[str(instance.key)].append(finding)
        return standings(waivers, clock.now().date(), said.keys(), said)

    def check_seen(self, change: Change, seen: Seen, policies: Path | None = None) -> Checked:
        """Judge the plan of an instance, and say which code and which value each finding comes from.

        Raises:
            As `check_plan_file`.
        """
        from gaia.checkout.origins import CodeOrigins
        from gaia.platform.instances.policy_input import plan_input
        from gaia.policy.check import check_plan
        from gaia.policy.waivers import waive

        checkout, instance = change.checkout, change.instance
        rules = checkout.files.policies if policies is None else self.policies(policies)

        def excused(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
            if policies is not None:  # a waiver excuses rules of the repository, and of others nobody needs it
                return findings
            return waive(findings, checkout.waivers, str(instance.key), seen.plan.raw, clock.now().date())

        tofu = checkout.terraform(instance).tool.flavor == "tofu"
        return check_plan(
            rules,
            plan_input(seen.plan.raw, change.about, "apply", seen.cost),
            subject=str(instance.key),
            engine=self.policy_engine(),
            redact=checkout.redact,
            excused=excused,
            origins=CodeOrigins(instance, checkout.home_of(instance).resolve(), checkout.root, tofu=tofu),
        )
