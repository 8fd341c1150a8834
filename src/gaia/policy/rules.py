"""Reads a policies folder: which rules there are, what their METADATA says, and one digest over all of it.

Layout: `SUBJECT/NAME.rego` holds package `gaia.SUBJECT.NAME` with rule sets `deny`, `warn` and `undecided`; tests stand
beside in `NAME_test.rego`; everything below `lib/` is shared. The METADATA comment above `package` is OPA's own
annotation format: `title`, and under `custom` `severity`, `controls` and `remediation`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Position
from gaia.policy.model import EFFECTS, SEVERITIES, SUBJECTS, Module, Rule, Subject

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "policies"
"""Of a platform repository: where its rules are."""
AUTO_APPROVAL = "data.gaia.request.auto_approve"
_PACKAGE = re.compile(r"^package\s+([\w.]+)\s*$", re.MULTILINE)
_SET = re.compile(rf"^({'|'.join(EFFECTS)})\s+contains\b", re.MULTILINE)
_AUTO = re.compile(r"^(?:default\s+)?auto_approve\b", re.MULTILINE)


@dataclass(frozen=True)
class PolicySet:
    """An immutable snapshot of a policies folder."""

    modules: tuple[Module, ...]
    """Rules and libraries, without tests, by path."""
    tests: tuple[Module, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def load(cls, folder: Path) -> PolicySet:
        """Read every `*.rego` below `folder`.

        Raises:
            Invalid: `policies-missing` without a folder or without a rule in it, `policy-not-text`,
                `policy-misplaced`, `policy-without-rules` and `policy-metadata` for a file that would silently never
                deny anything. No rule at all is an error too: "nothing found" must mean that somebody looked.
        """
        paths = sorted(folder.rglob("*.rego")) if folder.is_dir() else []
        files = [Module(path.relative_to(folder).as_posix(), _read(path, folder)) for path in paths]
        modules = tuple(file for file in files if not file.path.endswith("_test.rego"))
        rules = tuple(rule for module in modules if (rule := _rule(module)))
        if not rules:
            raise Invalid(
                "policies-missing",
                f"there is no rule in {folder}",
                next_step="Restore the policies folder; a repository that Gaia makes shows what one looks like.",
            )
        return cls(modules, tuple(file for file in files if file.path.endswith("_test.rego")), rules)

    @cached_property
    def digest(self) -> str:
        """`sha256:` over paths and texts of rules and libraries; tests do not change what is decided."""
        digest = hashlib.sha256()
        for module in self.modules:
            for part in (module.path, module.text):
                data = part.encode()
                digest.update(len(data).to_bytes(8, "big") + data)
        return f"sha256:{digest.hexdigest()}"

    def about(self, subject: Subject) -> tuple[Rule, ...]:
        """The rules for one subject, by name."""
        return tuple(sorted((rule for rule in self.rules if _subject(rule.path) == subject), key=lambda r: r.name))


def placed(at: Position) -> Position:
    """A place in a rule file as the repository has it: paths of rules, which are signed, begin below `policies/`."""
    return replace(at, file=f"{FOLDER}/{at.file}")


def package_of(module: Module) -> str:
    """The package of a module; `Invalid("policy-misplaced")` when it names none."""
    match = _PACKAGE.search(module.text)
    if not match:
        raise _invalid("policy-misplaced", module, 1, "it has no package line", "Begin it with `package gaia.…`.")
    return match[1]


def _read(path: Path, folder: Path) -> str:
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
        raise _invalid(
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
        raise _invalid(
            "policy-misplaced", module, line, f"its package is {package}", f"Name the package gaia.{subject}.{stem}."
        )
    present = set(_SET.findall(module.text))
    effects = tuple(effect for effect in EFFECTS if effect in present)
    if not effects:
        raise _invalid(
            "policy-without-rules",
            module,
            line,
            "it has none of the sets deny, warn and undecided",
            "Write `deny contains finding if { … }`.",
        )
    title, severity, controls, remediation = _described(module)
    return Rule(f"{subject}.{stem}", package, module.path, effects, title, severity, controls, remediation)


def _described(module: Module) -> tuple[str, Any, tuple[str, ...], str]:
    data, line = _metadata(module)
    custom = data.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    severity, controls = custom.get("severity"), custom.get("controls", [])
    for wrong, what in (
        (not isinstance(data.get("title"), str), "title is missing"),
        (severity not in SEVERITIES, f"custom.severity is none of {', '.join(SEVERITIES)}"),
        (not isinstance(custom.get("remediation"), str), "custom.remediation is missing"),
        (not isinstance(controls, list) or not all(isinstance(c, str) for c in controls), "custom.controls is no list"),
    ):
        if wrong:
            raise _invalid("policy-metadata", module, line, what, "Complete the METADATA comment above the package.")
    return data["title"], severity, tuple(controls), " ".join(custom["remediation"].split())


def _metadata(module: Module) -> tuple[dict[str, Any], int]:
    """The annotation above `package` and its line: a comment block that begins with `# METADATA`."""
    import yaml

    package = _PACKAGE.search(module.text)
    lines = module.text[: package.start() if package else 0].splitlines()
    start = next((number for number, line in enumerate(lines) if line.strip() == "# METADATA"), None)
    if start is None:
        raise _invalid("policy-metadata", module, 1, "it has no METADATA", "Add a METADATA comment above the package.")
    block = []
    for line in lines[start + 1 :]:
        if not line.startswith("#"):
            break
        block.append(line[1:].removeprefix(" "))
    try:
        data = yaml.safe_load("\n".join(block))
    except yaml.YAMLError as error:
        raise _invalid("policy-metadata", module, start + 1, str(error), "Make the METADATA valid YAML.") from error
    return (data if isinstance(data, dict) else {}), start + 1


def _line(module: Module, text: str) -> int:
    return next((number for number, line in enumerate(module.text.splitlines(), 1) if line.startswith(text)), 1)


def _invalid(code: str, module: Module, line: int, what: str, next_step: str) -> Invalid:
    return Invalid(
        code, f"the rule file cannot be used: {what}", next_step=next_step, at=placed(Position(module.path, line))
    )
