"""From answers to the files of a change, and to a branch of Gaia's own clone that holds it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Position, ToolFailed
from gaia.kit import canonical
from gaia.platform import refusals
from gaia.platform.instances.definitions import written_by
from gaia.platform.requests import shared_commits
from gaia.platform.requests.proposals import proposed_files
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gaia.platform.context import PlatformContext
    from gaia.platform.snapshot import Snapshot
    from gaia.records.model import Request
    from gaia.scaffold.render import Context, Rendered
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository


@dataclass(frozen=True, slots=True)
class Draft:
    """Path → content (None: removed), the manifest among them, and which line came from which answers."""

    files: Mapping[str, bytes | None]
    manifest: str
    origins: Mapping[str, Mapping[str, list[str]]]
    message: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A draft on its branch; None where it changes no file, and `commit` is the published one."""

    draft: Draft
    branch: str | None
    commit: str


def ground(platform: PlatformContext, request: Request, head: str) -> str:
    """The commit that `request` changes: the head of the platform repository.

    A service that began to be made and was never published is retired from a commit that has its manifest on top of the
    head: both commits are published then, and git says what was there for a while. One whose manifest somebody deleted
    since is retired from the commit that published it.
    """
    clone = platform.clone()
    if not request.is_retirement or {*request.manifests} <= clone.files(head):
        return head
    with platform.database.read() as tx:
        old = live_services.origin(tx, request.repository, request.stack, request.service)
    return head if old is None or old.branch is None else clone.rebase(old.branch, head)


def propose(platform: PlatformContext, request: Request, base: str) -> Proposed:
    """Write what `request` changes at `base` onto its branch. Raises what `draft` raises."""
    made = draft(platform, request, base)
    if request.puts_back:
        return Proposed(made, None, base)
    branch = f"gaia/{request.id}"
    trailers = f"Gaia-Request: {request.id}\nRequested-by: {request.requester}\n"
    commit = platform.clone().propose(branch, base, made.files, f"{made.message}\n\n{trailers}")
    shared_commits.keep(platform, request.id, branch)
    return Proposed(made, branch, commit)


def draft(platform: PlatformContext, request: Request, base: str) -> Draft:
    """What `request` changes in the platform repository at commit `base`.

    Raises:
        NotFound: `template-unknown`, `stack-unknown`.
        Invalid: the answers do not fit the template.
        Conflict: `name-taken` when a file of that name is there already; `service-unpublished` when one is to be put
            back whose manifest is not there; `manifest-edited`, `manifest-missing`, `service-unfinished` for a change.
    """
    if request.puts_back:
        if request.manifest not in platform.clone().files(base):
            raise refusals.service_unpublished(request.service, request.stack, request.manifest)
        return Draft({}, request.manifest, request.origins, f"Put {request.service} back in {request.stack}")
    if request.is_proposal:
        return Draft(proposed_files(platform, request, base), "", {}, f"Apply {request.answers['branch']}")
    if request.is_change:
        return _changed(platform, request, base)
    if request.is_retirement:
        return Draft(
            dict.fromkeys(request.manifests),
            request.manifest,
            request.origins,
            f"Retire {request.service} from {request.stack}",
        )
    if request.parts:
        return _ordered(platform, request, base)
    made = render(platform.snapshot(base), Wanted.of(request))
    return Draft(dict(made.files), made.manifest, _origins(made), f"Add {request.service} to {request.stack}")


def _ordered(platform: PlatformContext, request: Request, base: str) -> Draft:
    """The manifests of all services of an order."""
    snapshot, wanted = platform.snapshot(base), Wanted.of(request)
    files: dict[str, bytes | None] = {}
    origins: dict[str, Mapping[str, list[str]]] = {}
    for part in request.parts:
        mine = replace(wanted, template=part["template"], answers=part["answers"], service=part["service"])
        made = render(snapshot, mine)
        files |= made.files
        origins |= _origins(made)
    return Draft(files, "", origins, f"Add {', '.join(part['service'] for part in request.parts)} to {request.stack}")


def _origins(made: Rendered) -> dict[str, dict[str, list[str]]]:
    return {file: {str(line): list(names) for line, names in lines.items()} for file, lines in made.origins.items()}


def _changed(platform: PlatformContext, request: Request, base: str) -> Draft:
    """The manifest as the new answers make it, in the place of the one that Gaia wrote."""
    old = own_manifest(platform, request, base)
    made = render(platform.snapshot(base), wanted_by(platform, request), instead=old)
    files = {old: None, **made.files}
    return Draft(files, made.manifest, _origins(made), f"Change {request.service} in {request.stack}")


def own_manifest(platform: PlatformContext, request: Request, base: str) -> str:
    """The path of the manifest that a change writes over: at `base` it is as Gaia published it, or as was agreed.

    Raises:
        Conflict: `service-unfinished`, `manifest-missing`, `manifest-edited`.
    """
    published = written_by(platform, request)
    if published is None:
        raise refusals.service_unfinished(request)
    wrote = _digest(platform, str(published.commit), published.manifest)
    found = _digest(platform, base, published.manifest)
    if found is None:
        raise refusals.manifest_missing(request.service, request.stack, published.manifest)
    if found not in (wrote, request.replaces):
        raise refusals.manifest_edited(request, published.manifest, found)
    return published.manifest


def _digest(platform: PlatformContext, commit: str, path: str) -> str | None:
    """Of a file at a commit; None where there is none, or no such commit any more."""
    try:
        file = platform.snapshot(commit).tree / path
    except ToolFailed:
        return None
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def wanted_by(platform: PlatformContext, request: Request) -> Wanted:
    """What a change asks for, of the service that somebody else may have asked for first: that is whose it stays."""
    with platform.database.read() as tx:
        first = live_services.first(tx, request)
    return replace(Wanted.of(request), request=first.id, requester=first.requester)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a template is rendered for."""

    request: str
    template: str
    answers: Mapping[str, object]
    service: str
    stack: str
    requester: str

    @classmethod
    def of(cls, request: Request) -> Wanted:
        """What a request asks for."""
        return cls(request.id, request.template, request.answers, request.service, request.stack, request.requester)

    def context(self, snapshot: Snapshot) -> Context:
        """What the template sees besides the answers."""
        from gaia.platform.requests.fitting import ground_of
        from gaia.scaffold.render import Context

        scope = snapshot.scope(self.stack)
        ground = ground_of(snapshot.repository, self.stack, scope)
        return Context(
            request=self.request,
            service=self.service,
            stack=self.stack,
            tenant=scope.tenant,
            environment=scope.environment,
            stage=scope.stage,
            region=scope.region,
            requester=self.requester,
            imports=ground.imports,
            vars=ground.vars,
            scope=ground.scope,
        )


def render(snapshot: Snapshot, wanted: Wanted, *, instead: str | None = None) -> Rendered:
    """The files of a service, one of which may be there; nothing is written. Raises what `draft` raises."""
    from gaia.platform.requests.fitting import fitted

    tree, context = snapshot.tree, wanted.context(snapshot)
    made = rendered(tree, wanted.template, canonical.dumps(wanted.answers), context)
    made = fitted(snapshot, wanted.stack, wanted.service, made)
    if any((tree / file).exists() for file in made.files if file != instead):
        raise refusals.name_taken(wanted.service, wanted.stack)
    return made


def template_lines(snapshot: Snapshot, wanted: Wanted) -> Callable[[Position], Position | None]:
    """From a place in the manifest that `render` makes to the template's line that made it, where that can be told.

    Nothing is rendered before somebody asks.
    """

    @cache
    def lines() -> Mapping[int, Position]:
        from gaia.scaffold.render import sources
        from gaia.scaffold.template import load_template

        context = wanted.context(snapshot)
        made = rendered(snapshot.tree, wanted.template, canonical.dumps(wanted.answers), context)
        found = sources(load_template(snapshot.tree, wanted.template), wanted.answers, made, context=context)
        return found.get(made.manifest, {})

    return lambda at: lines().get(at.line)


@contextmanager
def at_the_template(manifest: str, find: Callable[[Position], Position | None]) -> Iterator[None]:
    """What goes wrong at a line of the rendered manifest is raised at the template's line: nobody has the manifest."""
    try:
        yield
    except GaiaError as error:
        was = error.at
        source = find(was) if was is not None and was.file == manifest else None
        if source is not None:
            error.at = source
            error.message = error.message.replace(str(was), str(source))
            error.next_step = error.next_step.replace(str(was), str(source))
        raise


def instances_of(repository: Repository, manifest: str, stack: str) -> list[Instance]:
    """What a service's manifest defines, which must be in its stack and of no other manifest: it is retired with it.

    Raises:
        Invalid: `manifest-elsewhere`. Conflict: `instance-taken`.
    """
    keys = repository.instances_of(manifest)
    elsewhere = [str(key) for key in keys if key.stack != stack]
    if elsewhere or not keys:
        raise Invalid(
            "manifest-elsewhere",
            f"{manifest} defines {', '.join(elsewhere) or 'no instance'}, not instances of {stack}",
            next_step="The platform team has to repair the template.",
            at=Position(manifest, 1),
        )
    own = repository.spellings.get(manifest)
    for other in repository.manifests_of(stack):
        if other != own and (shared := sorted({*keys} & {*repository.instances_of(other)})):
            raise refusals.instance_taken(manifest, other, [key.component for key in shared])
    return [repository.instance(key.component, key.stack) for key in keys]


@lru_cache(maxsize=4)
def rendered(tree: Path, template: str, answers: bytes, context: Context) -> Rendered:
    """A pure function of a tree at one commit: a process that asks and then carries out renders once."""
    from gaia.scaffold.render import render as render_template
    from gaia.scaffold.template import load_template

    return render_template(load_template(tree, template), json.loads(answers), context=context)
