"""Reads a policies folder: which rules there are, what their METADATA says, and one digest over all of it.

Layout: `SUBJECT/NAME.rego` holds package `gaia.SUBJECT.NAME` with rule sets `deny`, `warn` and `undecided`; tests stand
beside in `NAME_test.rego`; everything below `lib/` is shared. The METADATA comment above `package` is OPA's own
annotation format: `title`, and under `custom` `severity`, `owner`, `controls` and `remediation`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid, Next, NotFound, Position
from gaia.policy.model import EFFECTS, SEVERITIES, SUBJECTS, Effect, Module, Rule, Subject, digest_of
from gaia.policy.rego import defined, heads, package_named, place, references

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from gaia.policy.rego import Head

FOLDER = "policies"
"""Of a platform repository: where its rules are."""
GAIA = "Gaia"
"""Whose the rules are that judge where there are no others."""
AUTO_APPROVAL = "data.gaia.request.auto_approve"
IMPURE = frozenset(
    (
        "http.send", "io.jwt.decode_verify", "io.jwt.encode_sign", "io.jwt.encode_sign_raw", "json.match_schema",
        "json.verify_schema", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122",
    )
)  # fmt: skip
"""Functions that reach out of the document that is judged: the same document has to get the same answer. They are those
that OPA calls nondeterministic."""
_REACHES_OUT = re.compile(rf"\b(?:{'|'.join({name.partition('.')[0] for name in IMPURE})})\b")
_TEST = "_test.rego"
_LIKE_A_SET = re.compile(r"(?:deny|violation|warn|undecided)(?:_\w+)?")


@dataclass(frozen=True)
class PolicySet:
    """An immutable snapshot of a policies folder."""

    modules: tuple[Module, ...]
    """Rules and libraries, without tests, by path."""
    tests: tuple[Module, ...]
    rules: tuple[Rule, ...]
    shown: str = FOLDER
    """How the reader knows the folder."""
    whose: str = ""
    """`Gaia` for those that come with it, else the folder of the repository that they are of; empty for rules that were
    named themselves."""

    @classmethod
    def of(cls, root: Path | None, package: Callable[[], Path]) -> PolicySet:
        """The rules of the repository at `root`; those in the folder that `package` gives where it has none of its own,
        and outside of any.

        Raises:
            As `load`.
        """
        if root is not None and has_own(root):
            return replace(cls.load(root / FOLDER), whose=str(root))
        return replace(cls.load(package() / FOLDER), whose=GAIA)

    @classmethod
    def load(cls, folder: Path) -> PolicySet:
        """Read every `*.rego` below `folder`.

        Raises:
            Invalid: `policies-missing` without a folder or without a rule in it, `policies-unreadable`,
                `policy-not-text`, `policy-misplaced`, `policy-without-rules`, `policy-bad-result` and
                `policy-metadata` for what would silently never deny anything. No rule at all is an error too: "nothing
                found" must mean that somebody looked.
        """
        modules, tests = files_of(folder)
        rules = tuple(rule for module in modules if (rule := _rule(module)))
        if not rules:
            raise Invalid(
                "policies-missing",
                f"there is no rule in {folder}",
                next_step="Restore the policies folder; a repository that Gaia makes shows what one looks like.",
            )
        return cls(modules, tests, rules)

    @cached_property
    def digest(self) -> str:
        """`sha256:` over paths and texts of rules and libraries; tests do not change what is decided."""
        return digest_of(self.modules)

    def about(self, subject: Subject) -> tuple[Rule, ...]:
        """The rules for one subject, by name."""
        return tuple(sorted((rule for rule in self.rules if rule.subject == subject), key=lambda rule: rule.name))

    @property
    def described(self) -> str:
        """Which folder of rules it is, and whose, in words."""
        return described_as(self.shown, self.whose)

    def named(self, name: str) -> Rule:
        """The rule of this name, or the only one that ends so.

        Raises:
            NotFound: `policy-unknown`.
        """
        name = name.removeprefix("data.").removeprefix("gaia.")  # as its package is called
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


def described_as(shown: str, whose: str) -> str:
    """See `PolicySet.described`."""
    return "Gaia's own policies" if whose == GAIA else f"{shown} in {whose}" if whose else shown


def placed(at: Position, shown: str = FOLDER) -> Position:
    """A place in a rule file as the repository has it: paths of rules, which are signed, begin below `policies/`."""
    return replace(at, file=f"{shown}/{at.file}")


def package_of(module: Module) -> str:
    """The package of a module; `Invalid("policy-misplaced")` when it names none."""
    found = package_named(module.text)
    if found is None:
        raise invalid("policy-misplaced", module, 1, "it has no package line", "Begin it with `package gaia.…`.")
    return found


def changed(before: PolicySet, now: PolicySet) -> tuple[str, ...]:
    """Names of rules of `before` that are gone, or whose own file says something else; libraries are no rules."""
    texts = {module.path: module.text for module in now.modules}
    kept = {rule.name for rule in now.rules}
    own = {module.path: module.text for module in before.modules}
    return tuple(
        sorted(rule.name for rule in before.rules if rule.name not in kept or texts.get(rule.path) != own[rule.path])
    )


def has_own(root: Path) -> bool:
    """Whether the repository at `root` has rules of its own, be they as broken as a link that leads nowhere."""
    return os.path.lexists(root / FOLDER)


def files_of(folder: Path, *, may_be_old: bool = False) -> tuple[tuple[Module, ...], tuple[Module, ...]]:
    """Every `*.rego` below a folder, by path: rules and libraries, and tests. A file alone stands for its folder.

    Raises:
        Invalid: `policies-unreadable`, `policy-not-text`, `policy-reaches-out`.
    """
    root = folder.parent if folder.is_file() else folder
    paths = [folder] if folder.is_file() else sorted(_below(folder))
    files = [Module(path.relative_to(root).as_posix(), read(path, root), may_be_old=may_be_old) for path in paths]
    modules = tuple(file for file in files if not file.path.endswith(_TEST))
    check_pure(modules)
    return modules, tuple(file for file in files if file.path.endswith(_TEST))


def _below(folder: Path) -> Iterator[Path]:
    """The rule files below a folder. What cannot be looked into may hold the rule that says no."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or os.path.lexists(folder):
            raise _unreadable(folder, Path(error.filename), str(error.strerror))

    for above, folders, names in os.walk(folder, onerror=refuse):
        for name in folders:
            if (linked := Path(above, name)).is_symlink():
                raise _unreadable(folder, linked, "it is a link")
        yield from (Path(above, name) for name in names if name.endswith(".rego"))


def _unreadable(folder: Path, path: Path, why: str) -> Invalid:
    shown = "/".join([FOLDER, *path.relative_to(folder).parts])
    return Invalid(
        "policies-unreadable",
        f"the folder {shown} cannot be looked into: {why}; nothing was decided",
        next_step="Make it a readable folder: a rule in it may be the one that says no.",
    )


def check_pure(modules: Iterable[Module]) -> None:
    """Refuse what reaches out of the document.

    Raises:
        Invalid: `policy-reaches-out`.
    """
    for module in modules:
        if not _REACHES_OUT.search(module.text):
            continue
        for one in references(module.text):
            name = next((name for name in IMPURE if f"{one.name}.".startswith(f"{name}.")), None)
            if name:
                raise Invalid(
                    "policy-reaches-out",
                    f"the rule file cannot be used: {name} reaches out of the document that is judged",
                    next_step="Judge by the document alone: the same one has to get the same answer.",
                    at=placed(Position(module.path, *place(module.text, one.start))),
                )


def check_heads(module: Module, asked: Container[str]) -> None:
    """Refuse what is called like a set that is asked and is none, or is none of those `asked`: nobody would see it.

    Raises:
        Invalid: `policy-bad-result`, with its line.
    """
    for head in heads(module.text):
        if not _LIKE_A_SET.fullmatch(head.name) or ("_" in head.name and head.form != "set"):
            continue
        if head.form != "set":
            raise no_set(module, head)
        if head.name not in asked:
            raise invalid(
                "policy-bad-result",
                module,
                place(module.text, head.start)[0],
                f"nobody asks for a set {head.name} here, so nobody would see what it finds",
                "Put it into `deny`, `warn` or `undecided` of a rule's package, or call it something else.",
            )


def no_set(module: Module, head: Head) -> Invalid:
    """`deny { … }` and `deny := …` are values, `deny[x] if …` is an object: whoever wrote it wants a no."""
    return invalid(
        "policy-bad-result",
        module,
        place(module.text, head.start)[0],
        f"this {head.name} is no set of messages, so nobody would see what it finds",
        f'Write `{head.name} contains msg if {{ …; msg := "…" }}`.',
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
        check_heads(module, ())
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
    if package == "gaia.request" and "auto_approve" in defined(module.text):
        check_heads(module, ())
        return None
    stem = module.path.split("/")[1].removesuffix(".rego")
    if package != f"gaia.{subject}.{stem}":
        raise invalid(
            "policy-misplaced", module, line, f"its package is {package}", f"Name the package gaia.{subject}.{stem}."
        )
    effects = effects_of(module)
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
    return described(module, data, at, rule)


def effects_of(module: Module) -> tuple[Effect, ...]:
    """The sets that a rule file of Gaia's kind has; `policy-bad-result` for what only looks like one."""
    check_heads(module, EFFECTS)
    present = defined(module.text)
    return tuple(effect for effect in EFFECTS if effect in present)


def described(module: Module, data: Mapping[str, Any], line: int, rule: Rule) -> Rule:
    """A rule with what its METADATA says, which has to say enough."""
    custom = data.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    severity: Any = custom.get("severity")
    controls, spared = custom.get("controls", []), custom.get("not_at_admission", [])
    for wrong, what in (
        (not isinstance(data.get("title"), str), "title is missing"),
        (severity not in SEVERITIES, f"custom.severity is none of {', '.join(SEVERITIES)}"),
        (not isinstance(custom.get("remediation"), str), "custom.remediation is missing"),
        (not _are_texts(controls), "custom.controls is no list"),
        (not _are_texts(spared), "custom.not_at_admission is no list"),
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
        not_at_admission=tuple(spared),
    )


def _are_texts(held: object) -> bool:
    return isinstance(held, list) and all(isinstance(one, str) for one in held)


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
