"""Reads a policies folder: which rules there are, what their METADATA says, and one digest over all of it.

Layout: `SUBJECT/NAME.rego` holds package `gaia.SUBJECT.NAME` with rule sets `deny`, `warn` and `undecided`; tests stand
beside in `NAME_test.rego`; everything below `lib/` is shared. The METADATA comment above `package` is OPA's own
annotation format: `title`, and under `custom` `severity`, `owner`, `controls` and `remediation`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Next, NotFound, Position
from gaia.policy.model import EFFECTS, SEVERITIES, SUBJECTS, Module, Rule, Subject, digest_of
from gaia.policy.rego import called, package_named, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FOLDER = "policies"
"""Of a platform repository: where its rules are."""
AUTO_APPROVAL = "data.gaia.request.auto_approve"
IMPURE = frozenset(("http.send", "net.lookup_ip_addr", "opa.runtime"))
"""Functions that reach out of the document that is judged: the same document has to get the same answer."""
_TEST = "_test.rego"
_SET = re.compile(rf"^({'|'.join(EFFECTS)})\s+contains\b", re.MULTILINE)
_AUTO = re.compile(r"^(?:default\s+)?auto_approve\b", re.MULTILINE)


@dataclass(frozen=True)
class PolicySet:
    """An immutable snapshot of a policies folder."""

    modules: tuple[Module, ...]
    """Rules and libraries, without tests, by path."""
    tests: tuple[Module, ...]
    rules: tuple[Rule, ...]
    shown: str = FOLDER
    """How the reader knows the folder."""

    @classmethod
    def load(cls, folder: Path) -> PolicySet:
        """Read every `*.rego` below `folder`.

        Raises:
            Invalid: `policies-missing` without a folder or without a rule in it, `policy-not-text`,
                `policy-misplaced`, `policy-without-rules` and `policy-metadata` for a file that would silently never
                deny anything. No rule at all is an error too: "nothing found" must mean that somebody looked.
        """
        paths = sorted(folder.rglob("*.rego")) if folder.is_dir() else []
        files = [Module(path.relative_to(folder).as_posix(), read(path, folder)) for path in paths]
        modules = tuple(file for file in files if not file.path.endswith(_TEST))
        check_pure(modules)
        rules = tuple(rule for module in modules if (rule := _rule(module)))
        if not rules:
            raise Invalid(
                "policies-missing",
                f"there is no rule in {folder}",
                next_step="Restore the policies folder; a repository that Gaia makes shows what one looks like.",
            )
        return cls(modules, tuple(file for file in files if file.path.endswith(_TEST)), rules)

    @cached_property
    def digest(self) -> str:
        """`sha256:` over paths and texts of rules and libraries; tests do not change what is decided."""
        return digest_of(self.modules)

    def about(self, subject: Subject) -> tuple[Rule, ...]:
        """The rules for one subject, by name."""
        return tuple(sorted((rule for rule in self.rules if rule.subject == subject), key=lambda rule: rule.name))

    def named(self, name: str) -> Rule:
        """The rule of this name, or the only one that ends so.

        Raises:
            NotFound: `policy-unknown`.
        """
        found = [rule for rule in self.rules if rule.name == name]
        found = found or [rule for rule in self.rules if rule.name.partition(".")[2] == name]
        if len(found) != 1:
            raise NotFound(
                "policy-unknown",
                f"there is no rule {name!r}" if not found else f"{len(found)} rules are called {name!r}",
                next_step=Next("policy list", words="See which rules there are"),
            )
        return found[0]

    def text_of(self, path: str) -> str:
        """The text of a file of the set; empty for one that is not in it."""
        return next((each.text for each in (*self.modules, *self.tests) if each.path == path), "")


def placed(at: Position, shown: str = FOLDER) -> Position:
    """A place in a rule file as the repository has it: paths of rules, which are signed, begin below `policies/`."""
    return replace(at, file=f"{shown}/{at.file}")


def package_of(module: Module) -> str:
    """The package of a module; `Invalid("policy-misplaced")` when it names none."""
    found = package_named(module.text)
    if found is None:
        raise invalid("policy-misplaced", module, 1, "it has no package line", "Begin it with `package gaia.…`.")
    return found


def check_pure(modules: Iterable[Module]) -> None:
    """Refuse what reaches out of the document.

    Raises:
        Invalid: `policy-reaches-out`.
    """
    for module in modules:
        for name, start in called(module.text).items():
            if name in IMPURE:
                raise Invalid(
                    "policy-reaches-out",
                    f"the rule file cannot be used: {name} reaches out of the document that is judged",
                    next_step="Judge by the document alone: the same one has to get the same answer.",
                    at=placed(Position(module.path, *place(module.text, start))),
                )


def read(path: Path, folder: Path) -> str:
    """The text of a rule file; `Invalid("policy-not-text")` where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            "policy-not-text",
            f"cannot read the rule file: {error}",
            next_step="Make it a readable UTF-8 text file.",
            at=placed(Position(path.relative_to(folder).as_posix(), 1)),
        ) from error


def _subject(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _rule(module: Module) -> Rule | None:
    subject = _subject(module.path)
    if subject == "lib":
        return None
    if subject not in SUBJECTS or module.path.count("/") != 1:
        raise invalid(
            "policy-misplaced",
            module,
            1,
            "it is in none of lib/, plan/, request/, manifest/ and kubernetes/",
            "Move it into the folder of what it judges.",
        )
    package = package_of(module)
    line = _line(module, f"package {package}")
    if package == "gaia.request" and _AUTO.search(module.text):
        return None
    stem = module.path.split("/")[1].removesuffix(".rego")
    if package != f"gaia.{subject}.{stem}":
        raise invalid(
            "policy-misplaced", module, line, f"its package is {package}", f"Name the package gaia.{subject}.{stem}."
        )
    present = set(_SET.findall(module.text))
    effects = tuple(effect for effect in EFFECTS if effect in present)
    if not effects:
        raise invalid(
            "policy-without-rules",
            module,
            line,
            "it has none of the sets deny, warn and undecided",
            "Write `deny contains finding if { … }`.",
        )
    data, at = metadata(module)
    rule = Rule(f"{subject}.{stem}", package, module.path, effects, "", "low", (), "", subject, line=line)
    rule = described(module, data, at, rule)
    if not rule.owner:
        raise invalid("policy-metadata", module, at, "custom.owner is missing", "Say who answers for the rule.")
    return rule


def described(module: Module, data: Mapping[str, Any], line: int, rule: Rule) -> Rule:
    """A rule with what its METADATA says, which has to say enough."""
    custom = data.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    severity: Any = custom.get("severity")
    controls = custom.get("controls", [])
    for wrong, what in (
        (not isinstance(data.get("title"), str), "title is missing"),
        (severity not in SEVERITIES, f"custom.severity is none of {', '.join(SEVERITIES)}"),
        (not isinstance(custom.get("remediation"), str), "custom.remediation is missing"),
        (not isinstance(controls, list) or not all(isinstance(c, str) for c in controls), "custom.controls is no list"),
    ):
        if wrong:
            raise invalid("policy-metadata", module, line, what, "Complete the METADATA comment above the package.")
    return replace(
        rule,
        title=data["title"],
        severity=severity,
        controls=tuple(controls),
        remediation=" ".join(custom["remediation"].split()),
        description=" ".join(str(data.get("description") or "").split()),
        owner=str(custom.get("owner") or ""),
        example=str(custom.get("example") or ""),
    )


def metadata(module: Module) -> tuple[dict[str, Any], int]:
    """The annotation above `package` and its line: a comment block that begins with `# METADATA`."""
    import yaml

    package = re.search(r"^package\b", module.text, re.MULTILINE)
    lines = module.text[: package.start() if package else 0].splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip() == "# METADATA"), None)
    if start is None:
        raise invalid("policy-metadata", module, 1, "it has no METADATA", "Add a METADATA comment above the package.")
    block = []
    for line in lines[start + 1 :]:
        if not line.startswith("#"):
            break
        block.append(line[1:].removeprefix(" "))
    try:
        data = yaml.safe_load("\n".join(block))
    except yaml.YAMLError as error:
        raise invalid("policy-metadata", module, start + 1, str(error), "Make the METADATA valid YAML.") from error
    return (data if isinstance(data, dict) else {}), start + 1


def _line(module: Module, text: str) -> int:
    return next((number for number, line in enumerate(module.text.splitlines(), 1) if line.startswith(text)), 1)


def invalid(code: str, module: Module, line: int, what: str, next_step: str) -> Invalid:
    """What is wrong with a rule file, and where."""
    return Invalid(
        code, f"the rule file cannot be used: {what}", next_step=next_step, at=placed(Position(module.path, line))
    )
