"""A platform on a real database and a real clone of the blueprint; no terraform is started."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here
from tests.unit.platform.loop import Loop, copy_of, make_loop, render_all

from gaia.access.callers import authenticate
from gaia.kit import clock, keys
from gaia.kit.interrupt import Interrupt
from gaia.kit.slots import Slots
from gaia.platform.acts.service import Platform
from gaia.platform.context import PlatformContext
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.platform.requests import previewing
from gaia.platform.snapshot import Snapshots
from gaia.policy.regorus import Regorus
from gaia.records import people, previews, repositories, requests, runs
from gaia.records.database import Database
from gaia.records.document_files import FolderDocuments
from gaia.records.model import Grant, Repository, Role
from gaia.scaffold import copier
from gaia.scaffold.blueprint import init_repository
from gaia.scaffold.clone import Clone
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from gaia.platform.model import RequestView

ANSWERS = {
    "purpose": "holiday photos",
    "owner": "team-photos",
    "cost_center": "cc-1234",
    "storage_gb": 5,
    "monthly_writes": 10,
    "monthly_reads": 20,
}


@dataclass(frozen=True)
class House:
    """The parts, and a platform for each person."""

    platform: PlatformContext
    tokens: dict[str, str]

    def as_(self, who: str) -> Platform:
        """The platform in somebody's name."""
        with self.platform.database.read() as tx:
            return Platform(self.platform, authenticate(tx, self.tokens.get(who), clock.now()))

    def ask(self, service: str = "photos") -> RequestView:
        """A request of ann's for an object store in dev."""
        return self.as_("ann").submit("object-store", service, "acme-use1-dev", ANSWERS)

    def written(self, service: str = "photos") -> str:
        """A request of ann's with its queued preview, written down without rendering anything; its id."""
        with self.platform.database.begin() as tx:
            ann = people.get_person(tx, "ann")
            row = requests.add(
                tx, repository="platform", tenant="acme", stage="dev", stack="acme-use1-dev", service=service,
                kind="provision", template="object-store", template_version="1.0.0", answers=ANSWERS,
                requester=ann.id, at=clock.now(), expires_at=clock.now() + timedelta(days=7),
            )  # fmt: skip
            self.platform.audit.about(tx, ann.id, "request.submitted", row)
            runs.add(tx, row, "preview", PREVIEW_STEPS, at=clock.now())
            return row.id

    def previewed(self, service: str = "photos", *, undecided: tuple[str, ...] = ()) -> str:
        """A request that waits for a person, as if its preview run had just ended; its id."""
        request = self.written(service)
        with self.platform.database.begin() as tx:
            row = requests.get(tx, request)
            normal = NormalForm({}, self.platform.key.id)
            kept = {"normal": normal.as_json(), "alone": []}
            name = previewing.document_name(normal.digest)
            self.platform.documents.put("preview", name, json.dumps(kept).encode())
            made = previews.add(tx, row, normal.digest, key=self.platform.key, commit="c" * 40, at=clock.now())
            previews.add_judgement(
                tx, made, findings=(), undecided=undecided, cost={}, policies="p",
                verdict="undecided" if undecided else "allowed", at=clock.now(),
            )  # fmt: skip
            [run] = runs.of_request(tx, request)
            runs.move(tx, run.id, ["queued"], "running", at=clock.now())
            runs.move(tx, run.id, ["running"], "done", at=clock.now())
            instances = (f"acme-use1-dev/{service}-key", f"acme-use1-dev/{service}-bucket")
            requests.note(tx, request, at=clock.now(), preview=normal.digest, instances=instances)
            requests.move(tx, request, ["submitted"], "waiting", at=clock.now())
        return request


def _never() -> Any:
    raise AssertionError("no test here starts terraform or reads prices")


@pytest.fixture(scope="session")
def prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform repository made from the blueprint, a clone that has fetched it, and its files: made once."""
    folder = tmp_path_factory.mktemp("prototype")
    init_repository(folder / "source", environ=dict(os.environ))
    clone = Clone.open(folder / "clone", str(folder / "source"), "main", dict(os.environ))
    commit = clone.fetch()
    clone.export(commit, folder / "trees" / commit)
    return folder


@pytest.fixture
def house(tmp_path: Path, prototype: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """ann asks, gus approves, vic looks on; bob belongs to another tenant."""
    source = prototype / "source"
    shutil.copytree(prototype / "clone", tmp_path / "clone")
    (tmp_path / "repos/platform").mkdir(parents=True)
    (tmp_path / "repos/platform/trees").symlink_to(prototype / "trees")

    render_here(monkeypatch, tmp_path)
    shutil.copyfile(migrated, tmp_path / "gaia.db")
    database = Database.open(tmp_path / "gaia.db")
    tokens = {}
    roles: dict[str, tuple[Role, str]] = {
        "ann": ("developer", "acme"), "gus": ("approver", "acme"), "vic": ("viewer", "acme"), "bob": ("admin", "other"),
    }  # fmt: skip
    with database.begin() as tx:
        repositories.register(tx, Repository("platform", str(source), "main"))
        for name, (role, tenant) in roles.items():
            people.add_person(tx, name, at=clock.now())
            people.grant(tx, name, Grant(role, tenant))
            expires = clock.now() + timedelta(days=1)
            tokens[name] = people.create_token(tx, name, at=clock.now(), expires=expires)[1]
    clone: Callable[[], Clone] = lambda: Clone.open(tmp_path / "clone", str(source), "main", dict(os.environ))  # noqa: E731
    key = keys.make_key(tmp_path / "keys")
    platform = PlatformContext(
        home=tmp_path,
        environ=dict(os.environ),
        repository="platform",
        database=database,
        key=key,
        documents=FolderDocuments(tmp_path, key),
        clone=clone,
        snapshot=Snapshots(tmp_path / "repos/platform/trees", clone, _never),
        terraform=lambda *_: _never(),
        policy_engine=Regorus,
        interrupt=Interrupt(),
        slots=Slots(tmp_path / "slots", 2),
    )
    yield House(platform, tokens)
    database.close()


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Callable[[str, Path], Loop]:
    """Loops at points of the course of a request, made once and copied: `new`, `waiting`, `approved`, `done`, and
    `lasting`, which is done and lives a week."""
    trees, made = tmp_path_factory.mktemp("trees"), dict[str, Loop]()

    def begin() -> Loop:
        folder = tmp_path_factory.mktemp("stage")
        shutil.copyfile(migrated, folder / "gaia.db")
        return make_loop(folder, trees)

    ways: dict[str, Callable[[Loop], str]] = {
        "new": lambda _: "", "waiting": Loop.previewed, "approved": Loop.approved, "done": Loop.done,
        "lasting": Loop.lasting,
    }  # fmt: skip

    def at(stage: str, folder: Path) -> Loop:
        if stage not in made:
            loop = begin()
            made[stage] = replace(loop, request=ways[stage](loop))
            loop.platform.database.close()
        return copy_of(made[stage], folder, trees)

    return at


@pytest.fixture
def loop_at(
    stages: Callable[[str, Path], Loop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Loop]]:
    """A loop at one of the `stages`; everything below the platform is played."""
    monkeypatch.setattr(copier, "render_all", render_all)
    opened: list[Loop] = []

    def at(stage: str) -> Loop:
        opened.append(stages(stage, tmp_path / stage))
        return opened[-1]

    yield at
    for loop in opened:
        loop.platform.database.close()


@pytest.fixture
def loop(loop_at: Callable[[str], Loop]) -> Loop:
    """Nobody has asked for anything."""
    return loop_at("new")


@pytest.fixture
def waiting(loop_at: Callable[[str], Loop]) -> Loop:
    """`request` was previewed and judged, and waits for gus."""
    return loop_at("waiting")


@pytest.fixture
def approved(loop_at: Callable[[str], Loop]) -> Loop:
    """`request` was approved by gus; its application is queued."""
    return loop_at("approved")


@pytest.fixture
def done(loop_at: Callable[[str], Loop]) -> Loop:
    """`request` was applied and published."""
    return loop_at("done")


@pytest.fixture
def home(loop: Loop, tmp_path: Path) -> Loop:
    """A loop whose trees are its own."""
    snapshots = Snapshots(tmp_path / "own-trees", loop.platform.clone, loop.platform.snapshot._estimator)
    return replace(loop, platform=replace(loop.platform, snapshot=snapshots))
