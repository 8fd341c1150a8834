"""Retiring what was never published (its manifest is on a branch of Gaia's clone alone), is missing, or is dirty."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import run_context

from gaia.cli.next_step import told
from gaia.errors import Conflict
from gaia.kit import clock
from gaia.kit.git import Git
from gaia.platform.applying import apply_run, publishing, run_end
from gaia.platform.engine import queueing
from gaia.platform.requests import preview_run, previewing
from gaia.records import approvals, audit, previews, requests, runs
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.conftest import House

    from gaia.platform.context import PlatformContext, RunContext
    from gaia.records.model import Request

pytestmark = pytest.mark.slow

STACK = "acme-use1-dev"
MANIFEST = "stacks/orgs/acme/dev/services/photos.yaml"
CONTENT = b"""\
import:
  - path: mixins/tenant/acme
    context: {environment: use1, stage: dev, region: us-east-1}
components:
  terraform:
    photos-key:
      metadata: {component: kms}
"""


@pytest.fixture
def platform(house: House, tmp_path: Path) -> PlatformContext:
    """A context whose platform repository may be changed."""
    source = tmp_path / "source"
    shutil.copytree(house.platform.clone().source.at, source)
    clone = house.platform.clone()
    clone = replace(clone, source=replace(clone.source, at=str(source)))
    return replace(house.platform, clone=lambda: clone)


@pytest.fixture
def parked(house: House, platform: PlatformContext) -> str:
    """The id of a request that was parked half-way, with its manifest on its branch."""
    request = house.previewed()
    base = platform.clone().fetch()
    commit = platform.clone().propose(f"gaia/{request}", base, {MANIFEST: CONTENT}, "Add photos")
    with platform.database.begin() as tx:
        requests.note(
            tx, request, at=clock.now(), branch=f"gaia/{request}", base=base, commit=commit, manifest=MANIFEST
        )
        requests.move(tx, request, ["waiting"], "applying", at=clock.now())
        requests.move(tx, request, ["applying"], "parked", at=clock.now())
    return request


def at(platform: PlatformContext, request: str, step: str, **results: Mapping[str, str]) -> RunContext:
    """Where a step of the newest run of a request stands, with the results of earlier steps."""
    with platform.database.read() as tx:
        run = runs.of_request(tx, request)[-1]
    with run_context(platform, run.id) as context:
        return context.at(step, results)


def approved(platform: PlatformContext, request: str) -> Mapping[str, str]:
    """What `hold` returns once a policy has approved the request's preview, judged as allowed."""
    with platform.database.begin() as tx:
        row = requests.get(tx, request)
        queueing.lease(tx, row, runs.of_request(tx, request)[-1].id)
        made = previews.add(
            tx, row, NormalForm({}, platform.key.id).digest, key=platform.key, commit="c" * 40, at=clock.now()
        )
        judged = previews.add_judgement(
            tx, made, findings=(), undecided=(), cost={}, policies="p", verdict="allowed", at=clock.now()
        )
        approval = approvals.decide(tx, judged, "approved", person=None, key=platform.key, at=clock.now())
    return {"approval": approval.id, "digest": approval.preview}


def row(platform: PlatformContext, request: str) -> Request:
    """The request as it is written down."""
    with platform.database.read() as tx:
        return requests.get(tx, request)


@pytest.mark.usefixtures("parked")
def test_it_is_described_by_its_own_manifest_and_leaves_none(house: House, platform: PlatformContext) -> None:
    """The base has the manifest on top of the head, the branch has lost it, and both are published."""
    asked = house.as_("ann").retire("photos", STACK).id
    preview_run.render(at(platform, asked, "render"))
    preview_run.resolve(at(platform, asked, "resolve"))
    made, clone = row(platform, asked), platform.clone()
    assert made.instances == (f"{STACK}/photos-key",)
    assert MANIFEST in clone.files(str(made.base))
    assert MANIFEST not in clone.files(str(made.commit))
    assert clone.publish(str(made.branch)) == made.commit == clone.fetch()


@pytest.mark.usefixtures("parked")
def test_it_follows_the_platform_repository(
    house: House, platform: PlatformContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When that moves, the manifest is put on top of it again and previewed there; else nothing is done."""
    asked = house.as_("ann").retire("photos", STACK).id
    preview_run.render(at(platform, asked, "render"))
    normal, held = NormalForm({}, platform.key.id), approved(platform, asked)
    previewed: list[str] = []

    def make(_: RunContext, commit: str, *, base: str) -> previewing.Made:
        assert base == commit
        previewed.append(commit)
        return previewing.Made(normal.digest, commit, normal, {}, "no change")

    monkeypatch.setattr(previewing, "load", lambda *_: (normal, {}))
    monkeypatch.setattr(previewing, "make", make)
    monkeypatch.setattr(previewing, "record", lambda *_: None)
    judged = SimpleNamespace(findings=(), digest="another", verdict="allowed", cost={})
    monkeypatch.setattr(previewing, "judge", lambda *_, **__: judged)
    before = row(platform, asked)
    unmoved = apply_run.rebase(at(platform, asked, "rebase", hold=held))
    assert unmoved == {"base": before.base, "commit": before.commit, "rules": platform.clone().fetch()}
    assert previewed == []

    source = Git(Path(platform.clone().source.at), dict(os.environ))
    (source.folder / "NOTES.md").write_text("unrelated")
    source("add", "NOTES.md")
    source("commit", "-q", "-m", "Write something unrelated down")
    apply_run.rebase(at(platform, asked, "rebase", hold=held))
    made, clone = row(platform, asked), platform.clone()
    assert previewed == [made.base]
    assert {MANIFEST, "NOTES.md"} <= clone.files(str(made.base))
    assert clone.files(str(made.commit)) == clone.files(source.head())


def test_what_was_parked_ends_with_its_service(house: House, platform: PlatformContext, parked: str) -> None:
    """Resumed, it would take the resources that are gone for made; when they are gone it is over, and says by what."""
    asked = house.as_("ann").retire("photos", STACK).id
    with platform.database.begin() as tx:
        [run] = runs.of_request(tx, asked)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        requests.move(tx, asked, ["submitted"], "applying", at=clock.now())
    assert row(platform, parked).status == "parked"
    run_end.end_apply(at(platform, asked, "settle"), None)
    assert (row(platform, asked).status, row(platform, parked).status) == ("done", "failed")
    assert asked in row(platform, parked).reason
    assert "gaia retire" not in told(house.as_("ann").request(parked).next_step)
    with pytest.raises(Conflict) as refused:
        house.as_("gus").resume(parked)
    assert refused.value.code == "request-not-parked"
    with platform.database.read() as tx:
        assert "request.retired" in [entry.action for entry in audit.entries(tx, subject=parked)]


def test_what_was_published_and_is_missing_is_retired_as_it_was(
    house: House, platform: PlatformContext, parked: str
) -> None:
    """Somebody deleted the manifest by hand: what it made is destroyed by the commit that had it, and it stays away."""
    clone, source = platform.clone(), Git(Path(platform.clone().source.at), dict(os.environ))
    published = clone.publish(f"gaia/{parked}")
    with platform.database.begin() as tx:
        requests.move(tx, parked, ["parked"], "applying", at=clock.now())
        requests.move(tx, parked, ["applying"], "done", at=clock.now())
    source("rm", "-q", MANIFEST)
    source("commit", "-q", "-m", "Delete it by hand")
    asked = house.as_("ann").retire("photos", STACK).id
    preview_run.render(at(platform, asked, "render"))
    preview_run.resolve(at(platform, asked, "resolve"))
    assert row(platform, asked).base == published
    assert row(platform, asked).instances == (f"{STACK}/photos-key",)
    held = approved(platform, asked)
    assert publishing.publish(at(platform, asked, "publish", hold=held)) == {"commit": source.head()}


def test_nothing_is_destroyed_that_could_not_be_published(house: House, platform: PlatformContext, parked: str) -> None:
    """A policy may have approved it, so the step that begins every application looks at the checkout."""
    platform.clone().publish(f"gaia/{parked}")
    asked = house.as_("ann").retire("photos", STACK).id
    (Path(platform.clone().source.at) / "atmos.yaml").write_text("# somebody works here")
    with pytest.raises(Conflict) as refused:
        apply_run.hold(at(platform, asked, "hold"))
    assert refused.value.code == "target-dirty"
    Git(Path(platform.clone().source.at), dict(os.environ))("checkout", "atmos.yaml")
    with pytest.raises(Conflict) as refused:
        apply_run.hold(at(platform, asked, "hold"))
    assert refused.value.code == "approval-missing"
