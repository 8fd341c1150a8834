"""Reads sets of rules that were not made for Gaia: those for conftest, and Gaia's own without METADATA.

As conftest reads them: the rules of package `main`; in the sets `deny`, `violation` and `warn`, and those called
`deny_…` and so on; a member is a text or an object with `msg`; `exception` takes rules out. Where there is no package
`main`, the rules of every package are asked, as `conftest --all-namespaces` does. Files may be written in Rego v0.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.policy.model import SUBJECTS, Effect, Module, Rule, Severity
from gaia.policy.negation import as_opa_reads
from gaia.policy.rego import defined, heads, package_named, place
from gaia.policy.rules import (
    FOLDER,
    PolicySet,
    check_heads,
    described,
    effects_of,
    files_of,
    metadata,
    no_set,
    package_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAIN = "main"
_KINDS: dict[str, tuple[Effect, Severity]] = {
    "deny": ("deny", "high"),
    "violation": ("deny", "high"),
    "warn": ("warn", "low"),
}
_RULE = re.compile(r"(?P<kind>deny|violation|warn)(?:_[a-zA-Z0-9]+)*")
_WORD = re.compile(r"[_.]+")


def load_any(folder: Path, name: str = "") -> PolicySet:
    """The rules about plans in a folder, whoever they were written for; `name` is how the reader knows the folder.

    Raises:
        NotFound: `policies-not-found`. Invalid: `policies-empty`, and what `PolicySet.load` raises about a file.
    """
    name = name or str(folder)
    if not folder.exists():
        raise NotFound("policies-not-found", f"there is no folder {name}", next_step="Give a folder with *.rego files.")
    try:
        return _loaded(folder, name)
    except Invalid as error:
        if error.at is not None:
            error.at = replace(error.at, file=error.at.file.replace(FOLDER, name, 1))
        raise


def _loaded(folder: Path, name: str) -> PolicySet:
    modules, tests = (tuple(map(_as_opa_reads, files)) for files in files_of(folder, may_be_old=True))
    rules = (*_own(modules), *_foreign(modules))
    if not rules:
        raise Invalid(
            "policies-empty",
            f"no file of {name} has a set deny, violation or warn, so nothing could be found",
            next_step="Give the folder whose *.rego files have `deny contains …` or `deny[msg]`.",
        )
    return PolicySet(modules, tests, rules, name if folder.is_dir() else str(Path(name).parent))


def _as_opa_reads(module: Module) -> Module:
    own = (package_named(module.text) or "gaia.").startswith("gaia.")
    return module if own else replace(module, text=as_opa_reads(module.text))


def _own(modules: Sequence[Module]) -> Iterator[Rule]:
    """The rules in packages `gaia.SUBJECT.NAME`, wherever their files lie."""
    for module in modules:
        steps = package_of(module).split(".")
        if steps[0] != "gaia":
            continue
        if len(steps) != 3 or steps[1] not in SUBJECTS:
            check_heads(module, ())
            continue
        effects = effects_of(module)
        if not effects:
            continue
        title = _WORD.sub(" ", steps[2]).capitalize()
        subject = next(one for one in SUBJECTS if one == steps[1])
        rule = Rule(f"{subject}.{steps[2]}", ".".join(steps), module.path, effects, title, "medium", (), "", subject)
        if "# METADATA" in module.text:
            data, line = metadata(module)
            rule = described(module, data, line, rule)
        yield rule


def _foreign(modules: Sequence[Module]) -> Iterator[Rule]:
    packages: dict[str, list[Module]] = {}
    for module in modules:
        packages.setdefault(package_of(module), []).append(module)
    foreign = {name: files for name, files in packages.items() if not name.startswith("gaia.")}
    if MAIN in foreign:
        foreign = {MAIN: foreign[MAIN]}
    for package, files in sorted(foreign.items()):
        excepts = any("exception" in defined(module.text) for module in files)
        found: dict[str, tuple[Module, int]] = {}
        for module in files:
            for head in heads(module.text):
                if not _RULE.fullmatch(head.name) or (head.form == "function" and "_" in head.name):
                    continue
                if head.form != "set":  # conftest takes it for "nothing found"
                    raise no_set(module, head)
                found.setdefault(head.name, (module, place(module.text, head.start)[0]))
        for name, (module, line) in sorted(found.items()):
            match = _RULE.fullmatch(name)
            effect, severity = _KINDS[match["kind"] if match else "deny"]
            title = _WORD.sub(" ", name.partition("_")[2] or f"{package} {name}").capitalize()
            yield Rule(
                f"{package}.{name}", package, module.path, (effect,), title, severity, (), "", "plan",
                line=line, rule_set=name, excepts=excepts,
            )  # fmt: skip
