"""New tenants, stages, regions, environments and components, rendered from templates that the repository owns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.scaffold import copier
from gaia.scaffold.draft_check import looked_at
from gaia.scaffold.drafts import Draft, check_free, write
from gaia.scaffold.inert import differences, harmless, manifest_tree
from gaia.scaffold.kinds import Kind, does_not_fit, kinds, load_kind, template_invalid
from gaia.scaffold.suggestions import SUGGESTIONS
from gaia.scaffold.template import check_answers
from gaia.stacks.building.naming import TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.scaffold.draft_check import Judge, Open
    from gaia.scaffold.template import Question, Template
    from gaia.stacks.repository import Repository

_PATH = re.compile(r"(?:stacks|components/terraform)(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*|")
"""A text that can be nothing but a word, wherever it stands."""
_TOKEN = "[a-z0-9]+"  # noqa: S105 - it names a part of a stack's name


class EnvironmentTemplater:
    """Makes drafts of new parts of one repository. Nothing is written before `write`."""

    def __init__(self, repository: Repository, *, open_: Open, judge: Judge) -> None:
        """`open_` reads a repository at a path as this one was read."""
        self._repository, self._open, self._judge = repository, open_, judge

    @property
    def kinds(self) -> tuple[str, ...]:
        """What there are templates of."""
        return kinds(self._repository.root)

    def template(self, kind: str, name: str, given: Mapping[str, object]) -> Template:
        """The template of a kind, with what the repository suggests for one of that name as defaults.

        `given` are answers that are known: where stacks are named by a template, what a name is made of is among them.

        Raises:
            NotFound: `kind-unknown`. Invalid: `name-invalid`, `template-invalid`, `template-unsafe`,
                `template-does-not-fit`.
        """
        found = load_kind(self._repository.root, kind)
        return self._suggesting(found, self._names(found, name, given))

    def scaffold_environment(self, template: str, variables: Mapping[str, object]) -> Draft:
        """A draft of what a template makes: of `name`, which it is called by, and of answers to its questions.

        It is rendered, and looked at in a copy of the repository: it resolves, its instances have an order and all
        that they need, and policies about manifests are asked.

        Raises:
            NotFound: `kind-unknown`. Conflict: `file-exists`.
            Invalid: `name-invalid`, `template-does-not-fit`, `answer-…`, `template-…`.
        """
        kind = load_kind(self._repository.root, template)
        name, given = str(variables.get("name", "")), {key: v for key, v in variables.items() if key != "name"}
        names = self._names(kind, name, given)
        asked = {key: value for key, value in given.items() if key not in names or kind.template.question(key)}
        answers = check_answers(self._suggesting(kind, names), asked)
        files, unknown = self._placed(kind, _rendered(kind, answers, names))
        check_free(self._repository.root, files)
        draft = Draft(template, name, kind.template.version, files, unknown=unknown)
        stack = name if kind.names_stacks else None
        return looked_at(draft, self._repository, stack=stack, open_=self._open, judge=self._judge)

    def write(self, draft: Draft) -> None:
        """Write a draft into the repository: all of it, or nothing. Raises what `gaia.scaffold.drafts.write` does."""
        write(self._repository.root, draft)

    def _names(self, kind: Kind, name: str, given: Mapping[str, object]) -> dict[str, str]:
        """What a part is called, and what a stack's name says of it."""
        kind.check_name(name)
        if not kind.names_stacks:
            return {"name": name}
        pattern = self._repository.config.name_pattern
        if not pattern or self._repository.config.name_template:
            tokens = {token: str(given[token]) for token in TOKENS if token in given}
            if not tokens or not all(re.fullmatch(_TOKEN, one) for one in tokens.values()):
                raise does_not_fit(
                    kind.name,
                    "stacks are named by a template, so a name does not say what it is made of",
                    "Give as answers what the name is made of: tenant, environment, stage.",
                )
            return {"name": name, **tokens}
        expression = re.escape(pattern).replace(r"\{", "{").replace(r"\}", "}")
        for token in TOKENS:
            expression = expression.replace(f"{{{token}}}", f"(?P<{token}>{_TOKEN})")
        found = re.fullmatch(expression, name)
        if found is None:
            raise Invalid(
                "name-invalid",
                f"{name!r} cannot be the name of a stack",
                next_step=f"Stacks are named {pattern} here, of lower-case letters and digits.",
            )
        return {"name": name, **found.groupdict()}

    def _suggesting(self, kind: Kind, names: Mapping[str, str]) -> Template:
        found = {key: SUGGESTIONS[what](self._repository, names) for key, what in kind.suggest.items()}
        questions = tuple(
            replace(one, default=found[one.name], required=False) if found.get(one.name) else one
            for one in kind.template.questions
        )
        return replace(kind.template, questions=questions)

    def _placed(self, kind: Kind, made: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
        """The files where the repository has such ones, and what is not known of it."""
        files, unknown = {}, []
        for path, text in made.items():
            top = "/".join(path.split("/")[:2])
            target = self._target(kind, path)
            if not self._repository.root.joinpath(self._target(kind, top)).is_dir():
                if top not in kind.optional:
                    raise does_not_fit(kind.name, f"there is no folder {self._target(kind, top)}")
                unknown.append(f"{target} was left out: there is no folder {self._target(kind, top)}")
                continue
            files[target] = text
        if kind.shared:
            folders = [path.rpartition("/")[0] for path in files if path.endswith(".tf")]
            if not folders:
                raise template_invalid(kind.template, "_shared wants files beside code, and there is none")
            folder = min(folders, key=len)
            files |= {f"{folder}/{file}": text for file, text in self._shared(kind).items()}
        return dict(sorted(files.items())), tuple(unknown)

    def _target(self, kind: Kind, path: str) -> str:
        config, root = self._repository.config, self._repository.root
        for prefix, folder in (("stacks", config.stacks), ("components/terraform", config.components)):
            if path == prefix or path.startswith(f"{prefix}/"):
                if not folder.is_relative_to(root):
                    raise does_not_fit(kind.name, f"{folder} is outside of the repository")
                return (folder.relative_to(root) / path[len(prefix) :].lstrip("/")).as_posix()
        raise does_not_fit(kind.name, f"{path} is neither of stacks nor of components")

    def _shared(self, kind: Kind) -> dict[str, str]:
        """The files that all components have alike; what only most of them have is no convention."""
        found: dict[str, str] = {}
        for file in kind.shared:
            paths = sorted(self._repository.components_path.glob(f"*/{file}"))
            texts = Counter(path.read_text("utf-8") for path in paths)
            if len(texts) != 1:
                why = f"its components have no {file} that is the same in all of them"
                raise does_not_fit(kind.name, why)
            found[file] = next(iter(texts))
        return found


def _rendered(kind: Kind, answers: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    """The files of a template; answers in them are nothing but text."""
    template = kind.template
    data = {**answers, "gaia": {**names, "template": template.name, "version": template.version}}
    texts = [one for one in template.questions if one.type == "str" and not _WORD.fullmatch(str(answers[one.name]))]
    probes = [{**data, one.name: harmless(str(answers[one.name]))} for one in texts]
    files, *others = copier.render_all(template.name, template.folder, [data, *probes])
    if isinstance(files, Invalid):
        raise files
    for path in files:
        if not _PATH.fullmatch(path):
            raise template_invalid(template, f"{path} is no good place for a file")
    for question, other in zip(texts, others, strict=True):
        _check_inert(template, question, files, other)
    return files


def _check_inert(template: Template, question: Question, files: Mapping[str, str], other: copier.Outcome) -> None:
    """An answer is nothing but text in manifests; elsewhere its pattern has to see to that."""
    if isinstance(other, Invalid):
        raise template_invalid(template, f"{question.name} cannot be varied: {other.message}")
    if files.keys() != other.keys():
        raise _became_code(template, question, "names a file")
    for path, text in files.items():
        if text == other[path]:
            continue
        if not path.endswith((".yaml", ".yml")):
            if question.pattern is None:
                raise template_invalid(template, f"{question.name} stands in {path}, and has no pattern")
            continue
        one, another = (_tree(template, path, text), _tree(template, path, other[path]))
        for _, reason in differences(one, another):
            raise _became_code(template, question, reason)


def _tree(template: Template, path: str, text: str) -> object:
    return manifest_tree(path, text, lambda reason, _: template_invalid(template, reason))


def _became_code(template: Template, question: Question, reason: str) -> Invalid:
    return Invalid(
        "answer-is-code",
        f"{question.name} would be more than text: it {reason}",
        next_step=f"Answer {question.name} with plain text, or have templates/{template.name} use `| to_json`.",
        facts={"question": question.name, "expected": question.wants},
    )
