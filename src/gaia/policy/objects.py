"""Judges objects of Kubernetes as files hold them, with the line that each finding is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.kit import clock, yaml
from gaia.kit.files import read_regular
from gaia.kit.shapes import as_map
from gaia.policy.judge import judge_each, weight
from gaia.policy.paths import path_of
from gaia.policy.report import Checked, Placed
from gaia.policy.waivers import waive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.errors import Position
    from gaia.policy.paths import Path as Steps
    from gaia.policy.ports import PolicyEngine
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waivers

SUFFIXES = (".yaml", ".yml")
_START = re.compile(rb"^---(?=\s|$)", re.MULTILINE)
"""At the beginning of a line this can be nothing else, not even in a text of many lines."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object, and where it and what is in it is written."""

    value: Mapping[str, object]
    place: Callable[[Steps], Position]

    @property
    def name(self) -> str:
        """`KIND/NAME`, with a namespace `NAMESPACE/KIND/NAME`."""
        about = as_map(self.value.get("metadata"))
        steps = (about.get("namespace"), self.value.get("kind"), about.get("name") or about.get("generateName") or "-")
        return "/".join(str(step) for step in steps if step)


def objects_in(paths: Sequence[Path], cwd: Path) -> tuple[Object, ...]:
    """The objects of files, and of the files of folders, in their order; the items of a list are objects.

    In a folder what is no object is passed over, as values and patches are; a file that is named has to hold one.

    Raises:
        NotFound: `objects-not-found`. Invalid: `objects-invalid`, `yaml-…`, with their places.
    """
    found: list[Object] = []
    for path in paths:
        folder = cwd / path
        files = sorted(one for one in folder.rglob("*") if one.suffix in SUFFIXES) if folder.is_dir() else [folder]
        held: list[Object] = []
        for file in files:
            shown = (path / file.relative_to(folder)).as_posix() if folder.is_dir() else str(path)
            held += _of_file(file, shown)
        if not held:
            raise Invalid(
                "objects-invalid",
                f"{path} holds no object of Kubernetes, which has apiVersion and kind",
                next_step="Give the files that are applied: of a chart or an overlay, what it renders.",
            )
        found += held
    return tuple(found)


def _of_file(file: Path, shown: str) -> Iterator[Object]:
    try:
        content = read_regular(file, yaml.MAX_BYTES + 1)
    except OSError as error:
        raise NotFound(
            "objects-not-found", f"cannot read {shown}: {error.strerror}", next_step="Give YAML files or a folder."
        ) from error
    starts = [0, *(one.start() for one in _START.finditer(content) if one.start())]
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        blank = b"\n" * content.count(b"\n", 0, start)  # so that lines are those of the file
        document = yaml.parse(blank + content[start:end], shown)
        yield from _objects(document.value, (), document.at)


def _objects(value: object, above: Steps, at: Callable[[Steps], Position]) -> Iterator[Object]:
    one = as_map(value)
    if not isinstance(one.get("kind"), str) or not isinstance(one.get("apiVersion"), str):
        return
    items = one.get("items")
    if str(one["kind"]).endswith("List") and isinstance(items, list):
        for number, item in enumerate(items):
            yield from _objects(item, (*above, "items", number), at)
        return
    yield Object(one, lambda path: at((*above, *path)))


def for_objects(policies: PolicySet) -> PolicySet:
    """The same, where rules that were written for conftest judge objects.

    Raises:
        Invalid: `policies-without-objects`: nobody would look.
    """
    rules = tuple(replace(one, subject="kubernetes") if one.foreign else one for one in policies.rules)
    found = replace(policies, rules=rules)
    if not found.about("kubernetes"):
        raise Invalid(
            "policies-without-objects",
            f"no rule of {policies.shown} is about objects of Kubernetes, so nothing could be found",
            next_step="Add rules to policies/kubernetes, or give a folder of rules with --policies.",
        )
    return found


def check_objects(
    policies: PolicySet,
    objects: Sequence[Object],
    *,
    subject: str,
    engine: PolicyEngine,
    waivers: Waivers,
) -> Checked:
    """The judgement of objects by the rules about them. The address of a finding begins with the object's name.

    Raises:
        Invalid, Unavailable: as `judge`.
    """
    today = clock.now().date()
    said = judge_each(policies, "kubernetes", [one.value for one in objects], engine=engine)
    placed: list[Placed] = []
    for one, found in zip(objects, said, strict=True):
        for finding in waive(found, waivers, one.name, {}, today, "kubernetes"):
            address = " ".join(filter(None, (one.name, finding.address)))
            at = one.place(path_of(one.value, finding.address or ""))
            placed.append(Placed(replace(finding, address=address), at))
    placed.sort(key=lambda each: weight(each.finding))
    rules = policies.about("kubernetes")
    return Checked(
        subject,
        len(objects),
        policies.shown,
        policies.digest,
        engine.name,
        rules,
        tuple(placed),
        unit="object",
        whose=policies.whose,
    )
