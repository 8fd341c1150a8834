"""The files that `terraform generate` writes: Atmos's contents at Atmos's places, as `{path: content}`.

Nothing is written here, and nothing read but links on the way to a place. Places stay inside of the repository's work
tree, unless a template of the user's leads out of it without any value's doing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.golang import goyaml
from gaia.golang.gotemplate import template
from gaia.golang.gotemplate.sprig.encoding import must_to_pretty_json
from gaia.golang.gotemplate.values import Failure
from gaia.kit.files import inside, real_path
from gaia.kit.shapes import as_map
from gaia.stacks.loading.tags import function_of
from gaia.stacks.model import HOLDERS, Reference, Unknown
from gaia.terraform import hcl_text
from gaia.terraform.workdir import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.model import Instance

    Failed = Callable[[str, str, GaiaError], None]
    """Takes a component, its stack, and what is wrong with it."""
Form = Literal["hcl", "json", "backend-config"]
Files = dict[Path, bytes]
CONTEXT = ("namespace", "tenant", "environment", "region", "stage")
_TOKEN = re.compile(
    r"\{(namespace|tenant|environment|region|stage|base-component|component-path|component|workspace|attributes)\}"
)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a repository's files lie; absolute."""

    components: Path
    top: Path
    """What no place may leave."""
    here: Path
    """What the user's relative paths are relative to."""


def varfile(instance: Instance, folders: Folders, file: str | None = None) -> Files:
    """The variables of an instance, in its component's folder or in `file`.

    Raises:
        NotFound: `component-folder-missing`. Invalid: `value-unresolved`, `path-escapes`.
    """
    code_of(instance, folders.components, "")
    place = folders.here / file if file else _component(instance, folders, instance.varfile_name)
    return {place: varfile_text(instance, "json")}


def backend(instance: Instance, folders: Folders) -> Files:
    """`backend.tf.json` in the component's folder.

    Raises:
        NotFound: `component-folder-missing`.
        Invalid: `backend-type-missing`, `backend-incomplete`, `value-unresolved`, `path-escapes`.
    """
    if not instance.backend_type:
        raise Invalid(
            "backend-type-missing",
            f"{instance.key} has no backend_type",
            next_step="Set backend_type and backend in the stack.",
            at=instance.place(("backend",)),
        )
    for kind, name in (("s3", "workspace_key_prefix"), ("gcs", "bucket")):
        if instance.backend_type == kind and not isinstance(instance.backend.get(name), str):
            raise Invalid(
                "backend-incomplete",
                f"the backend of {instance.key} is {kind} and has no {name}",
                next_step=f"Set backend.{kind}.{name} in the stack.",
                at=instance.place(("backend",)),
            )
    code_of(instance, folders.components, "")
    return {_component(instance, folders, "backend.tf.json"): backend_text(instance, "json")}


def varfiles(
    instances: Iterable[Instance], folders: Folders, file_template: str, form: Form, failed: Failed | None = None
) -> Files:
    """The variables of many instances, each at the place that the template gives it.

    `failed` takes what hinders one of them, here and in the functions below; without it that is raised.

    Raises:
        Conflict: `place-shared`. Invalid: `value-unresolved`, `path-escapes`.
    """
    return _collected(
        _each(instances, lambda one: [(_templated(one, folders, file_template), varfile_text(one, form))], failed)
    )


def backends(
    instances: Iterable[Instance],
    folders: Folders,
    file_template: str | None,
    form: Form,
    failed: Failed | None = None,
) -> Files:
    """The backends of many instances: at the template's places, else one for each component's folder.

    Several instances of a component share that one; the first of them gives it. Instances without a backend are left
    out (a local one may be empty).

    Raises:
        Conflict: `place-shared`. Invalid: `value-unresolved`, `path-escapes`.
    """
    usable = (one for one in instances if one.backend_type and (one.backend or one.backend_type == "local"))
    if file_template:
        return _collected(
            _each(usable, lambda one: [(_templated(one, folders, file_template), backend_text(one, form))], failed)
        )
    files: Files = {}
    name = "backend.tf.json" if form == "json" else "backend.tf"

    def first(instance: Instance) -> list[tuple[Path, bytes]]:
        place = _component(instance, folders, name)
        return [] if place in files else [(place, backend_text(instance, form))]

    for _, place, content in _each(usable, first, failed):
        files[place] = content
    return files


def varfile_text(instance: Instance, form: Form) -> bytes:
    """The variables as a varfile.

    Raises:
        Invalid: `value-unresolved`.
    """
    values = _settled(instance, "vars", instance.vars)
    return (_json(values) + "\n" if form == "json" else hcl_text.variables(values)).encode()


def backend_text(instance: Instance, form: Form) -> bytes:
    """The backend as Terraform's code, or as what `-backend-config` takes.

    Raises:
        Invalid: `value-unresolved`.
    """
    kind, body = instance.backend_type, _settled(instance, "backend", instance.backend)
    if form == "backend-config":
        return hcl_text.variables(body).encode()
    if kind == "cloud":
        body = _with_workspace(body, instance.workspace)
    if form == "hcl":
        return hcl_text.backend(kind, body).encode()
    inner: dict[str, object] = {"cloud": body} if kind == "cloud" else {"backend": {kind: body}}
    return (_json({"terraform": inner}) + "\n").encode()


def generated(instances: Iterable[Instance], folders: Folders, failed: Failed | None = None) -> Files:
    """What the `generate` sections say: texts are Go templates, maps are written as the file's ending says.

    Raises:
        Conflict: `place-shared`.
        Invalid: `generate-content`, `template-syntax`, `template-failed`, `value-unresolved`, `path-escapes`.
    """
    return _collected(
        _each(
            instances,
            lambda one: [
                (_component(one, folders, name), text.encode()) for name, text in generated_texts(one).items()
            ],
            failed,
        )
    )


def generated_texts(instance: Instance) -> dict[str, str]:
    """The same of one instance, by name in its component's folder.

    Raises:
        Invalid: as `generated`.
    """
    section = instance.listing().get("generate")
    if not isinstance(section, dict):
        return {}
    data = _context(instance)
    texts: dict[str, str] = {}
    for key, content in section.items():
        name = str(key)
        text = texts[name] = _content(instance, name, content, data)
        for unknown in (*_functions(content), *(one.text for one in _open([instance.vars, instance.settings]))):
            if unknown in text:
                raise _unresolved(instance, f"generate.{name}", unknown, instance.place(("generate", name)))
    return texts


def _context(instance: Instance) -> dict[str, object]:
    document = instance.listing()
    base = instance.component_path.rpartition("/")[2] if instance.component_path != instance.key.component else ""
    return {
        "atmos_component": instance.key.component,
        "atmos_stack": instance.key.stack,
        "atmos_stack_file": instance.manifest,
        "component": instance.component_path.rpartition("/")[2],
        "base_component": base,
        "workspace": instance.workspace,
        **{name: value if isinstance(value := instance.vars.get(name), str) else "" for name in CONTEXT},
        **{
            name: document.get(name)
            for name in ("vars", "settings", "env", "backend", "backend_type", "providers", "metadata")
        },
    }


def _content(instance: Instance, name: str, content: object, data: Mapping[str, object]) -> str:
    at = instance.place(("generate", name))

    def rendered(value: object) -> object:
        if isinstance(value, str):
            return template.parse(value, name=at.file, line=at.line).render(data, {}) if "{{" in value else value
        if isinstance(value, dict):
            return {str(key): rendered(child) for key, child in value.items()}
        return [rendered(child) for child in value] if isinstance(value, list) else value

    if isinstance(content, str):
        return str(rendered(content))
    problem = f"it is {type(content).__name__}, and has to be a text or a map"
    if isinstance(content, dict):
        values = {str(key): rendered(child) for key, child in content.items()}
        try:
            return _written(PurePosixPath(name).suffix.lower(), values)
        except TypeError as error:
            problem = str(error)
    raise Invalid(
        "generate-content",
        f"generate.{name} of {instance.key}: {problem}",
        next_step="Correct it in the generate section.",
        at=at,
    )


def _written(ending: str, values: Mapping[str, object]) -> str:
    if ending in (".yaml", ".yml"):
        return goyaml.dump(values)
    if ending in (".tf", ".hcl"):
        return hcl_text.blocks(values)
    return hcl_text.attributes(values) if ending == ".tfvars" else _json(values)


def _each(
    instances: Iterable[Instance], make: Callable[[Instance], list[tuple[Path, bytes]]], failed: Failed | None
) -> Iterator[tuple[Instance, Path, bytes]]:
    for instance in instances:
        try:
            made = make(instance)
        except GaiaError as error:
            if failed is None or error.code == "path-escapes":  # what leads out is nobody's to go on with
                raise
            failed(instance.key.component, instance.key.stack, error)
        else:
            yield from ((instance, place, content) for place, content in made)


def _collected(found: Iterator[tuple[Instance, Path, bytes]]) -> Files:
    files: Files = {}
    owners: dict[Path, Instance] = {}
    for instance, place, content in found:
        other = owners.setdefault(place, instance)
        if files.setdefault(place, content) != content:
            raise Conflict(
                "place-shared",
                f"{other.key} and {instance.key} would both be written to {place}",
                next_step="Name both the stack and the component in --file-template, e.g. "
                "{tenant}-{environment}-{stage}-{component}.",
            )
    return files


def _component(instance: Instance, folders: Folders, name: str) -> Path:
    return inside(folders.top, str(folders.components / instance.component_path / name))


def _templated(instance: Instance, folders: Folders, file_template: str) -> Path:
    """The template with its tokens replaced."""
    folder = folders.components / instance.component_path
    attributes = instance.vars.get("attributes")
    values = {
        **{name: value if isinstance(value := instance.vars.get(name), str) else "" for name in CONTEXT},
        "component": instance.key.component.replace("/", "-"),
        "base-component": instance.component_path.replace("/", "-"),
        "component-path": str(folder.relative_to(folders.here)) if folder.is_relative_to(folders.here) else str(folder),
        "workspace": instance.workspace,
        "attributes": "-".join(map(str, attributes)) if isinstance(attributes, list) else "",
    }
    place = _TOKEN.sub(lambda token: values[token[1]], file_template)
    harmless = _TOKEN.sub(lambda token: values[token[1]] if token[1] == "component-path" else "x", file_template)
    top = real_path(folders.top)
    if real_path(folders.here / harmless).is_relative_to(top):
        return inside(folders.top, str(folders.here / place))
    return Path(os.path.normpath(folders.here / place))


def _with_workspace(value: object, workspace: str) -> dict[str, object]:
    def replaced(part: object) -> object:
        if isinstance(part, str):
            return part.replace("{terraform_workspace}", workspace)
        if isinstance(part, dict):
            return {key: replaced(child) for key, child in part.items()}
        return [replaced(child) for child in part] if isinstance(part, list) else part

    found = replaced(value)
    return as_map(found)


def _settled(instance: Instance, section: str, values: Mapping[str, object]) -> dict[str, object]:
    """The values, of which none may be left open: what is not known is never written as if it were a value."""
    for holder in _open(values):
        raise _unresolved(instance, section, holder.text, holder.at)
    return dict(values)


def _unresolved(instance: Instance, section: str, text: str, at: Position) -> Invalid:
    return Invalid(
        "value-unresolved",
        f"{section} of {instance.key} holds a value that cannot be written: {text} is not known",
        next_step="Make what it reads first, or write what stands there with --process-functions=false, "
        "--process-templates=false.",
        at=at,
    )


def _functions(value: object) -> Iterator[str]:
    """The functions that stand in a section as they are written."""
    if isinstance(value, str) and function_of(value) is not None:
        yield value
    for child in _children(value):
        yield from _functions(child)


def _children(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list | tuple) else ()


def _open(value: object) -> Iterator[Reference | Unknown]:
    if isinstance(value, HOLDERS):
        yield value
    for child in _children(value):
        yield from _open(child)


def _json(values: object) -> str:
    try:
        return must_to_pretty_json(values)
    except Failure as failure:
        raise TypeError(failure.message) from failure
