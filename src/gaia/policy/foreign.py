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

from gaia.errors import Invalid, NotFound, Position
from gaia.policy.model import EFFECTS, SUBJECTS, Effect, Module, Rule, Severity
from gaia.policy.negation import as_opa_reads
from gaia.policy.rego import defined, package_named, partial_rules
from gaia.policy.rules import FOLDER, PolicySet, check_pure, described, metadata, package_of, placed, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAIN = "main"
_KINDS: dict[str, tuple[Effect, Severity]] = {
    "deny": ("deny", "high"),
    "violation": ("deny", "high"),
    "warn": ("warn", "low"),
}
_RULE = re.compile(r"(?P<kind>deny|violation|warn)(?:_[a-zA-Z0-9]+)*")
_TEST = "_test.rego"
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
    root = folder if folder.is_dir() else folder.parent
    paths = sorted(folder.rglob("*.rego")) if folder.is_dir() else [folder]
    files = [_module(path.relative_to(root).as_posix(), read(path, root)) for path in paths]
    modules = tuple(file for file in files if not file.path.endswith(_TEST))
    check_pure(modules)
    rules = (*_own(modules), *_foreign(modules))
    if not rules:
        raise Invalid(
            "policies-empty",
            f"no file of {name} has a set deny, violation or warn, so nothing could be found",
            next_step="Give the folder whose *.rego files have `deny contains …` or `deny[msg]`.",
        )
    tests = tuple(file for file in files if file.path.endswith(_TEST))
    return PolicySet(modules, tests, rules, name if folder.is_dir() else str(Path(name).parent))


def _module(path: str, text: str) -> Module:
    own = (package_named(text) or "gaia.").startswith("gaia.")
    return Module(path, text if own else as_opa_reads(text), may_be_old=True)


def _own(modules: Sequence[Module]) -> Iterator[Rule]:
    """The rules in packages `gaia.SUBJECT.NAME`, wherever their files lie."""
    for module in modules:
        steps = package_of(module).split(".")
        if len(steps) != 3 or steps[0] != "gaia" or steps[1] not in SUBJECTS:
            continue
        sets = dict(reversed(list(partial_rules(module.text))))
        effects = tuple(effect for effect in EFFECTS if effect in sets)
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
            _refuse_whole_values(module)
            for name, line in partial_rules(module.text):
                if _RULE.fullmatch(name):
                    found.setdefault(name, (module, line))
        for name, (module, line) in sorted(found.items()):
            match = _RULE.fullmatch(name)
            effect, severity = _KINDS[match["kind"] if match else "deny"]
            title = _WORD.sub(" ", name.partition("_")[2] or f"{package} {name}").capitalize()
            yield Rule(
                f"{package}.{name}", package, module.path, (effect,), title, severity, (), "", "plan",
                line=line, rule_set=name, excepts=excepts,
            )  # fmt: skip


_WHOLE = re.compile(r"^(?:deny|violation|warn)(?:_[a-zA-Z0-9]+)*[ \t]*(?:if\b|\{|:?=)", re.MULTILINE)


def _refuse_whole_values(module: Module) -> None:
    """`deny { … }` is true or not, and conftest takes both for "nothing found": whoever wrote it wants a no."""
    if found := _WHOLE.search(module.text):
        line = module.text.count("\n", 0, found.start()) + 1
        raise Invalid(
            "policy-bad-result",
            "the rule file cannot be used: this is no set of messages, so nobody would see what it finds",
            next_step='Write `deny contains msg if { …; msg := "…" }`.',
            at=placed(Position(module.path, line)),
        )
