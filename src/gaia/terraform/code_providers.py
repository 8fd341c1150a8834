"""The providers as a component's own code configures them, as far as that can be read without running it.

The files are those that the program in use reads, in its order: overrides come last, and OpenTofu takes `x.tofu` in
the place of `x.tf`. Variables have the values that the caller knows, else those of the folder's own variable files,
else their defaults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.kit import hcl
from gaia.kit.hcl import Expression
from gaia.stacks.model import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

_ENDINGS = (".tf", ".tf.json")
_TOFU = {".tofu": ".tf", ".tofu.json": ".tf.json"}
_VARIABLE = re.compile(r"var\.([A-Za-z_][\w-]*)")
_TEMPLATE = re.compile(r'"((?:[^"\\$%]|\$\{\s*var\.[A-Za-z_][\w-]*\s*\})*)"', re.DOTALL)
_INSERTED = re.compile(r"\$\{\s*var\.([A-Za-z_][\w-]*)\s*\}")
_WHOLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Blocks:
    """The provider blocks of one component, overrides merged in, and what its variables are where nobody sets them."""

    providers: tuple[hcl.Block, ...]
    defaults: Mapping[str, object]
    in_text: bool = True
    """Whether all of them stand in `.tf` files."""

    def values(self, given: Mapping[str, object]) -> dict[str, dict[str, object]] | None:
        """The configuration by provider, for these variables; None where only terraform can tell."""
        found: dict[str, dict[str, object]] = {}
        for block in self.providers:
            if len(block.labels) != 1 or block.labels[0] in found or "alias" in block.attributes:
                return None
            body = self._body(block, given)
            if _unknown(body) or any(one.type == "dynamic" for one in block.blocks):
                return None
            found[block.labels[0]] = body
        return found

    def default(self, name: str, given: Mapping[str, object]) -> dict[str, object]:
        """The configuration of a provider's block without an alias; what only terraform can tell is an `Expression`."""
        found = (one for one in self.providers if one.labels == (name,) and "alias" not in one.attributes)
        return next((self._body(one, given) for one in found), {})

    def _body(self, block: hcl.Block, given: Mapping[str, object]) -> dict[str, object]:
        return _body(block, {**self.defaults, **given})


def read(folder: Path, *, tofu: bool = False, replaced: Collection[str] = ()) -> Blocks:
    """The blocks of a folder's files.

    Args:
        folder: the component's.
        tofu: whether it is OpenTofu that runs there.
        replaced: files that do not count, for they are written anew for each instance.

    Raises:
        Invalid: `hcl-syntax`.
    """
    merged: dict[tuple[tuple[str, ...], str], hcl.Block] = {}
    defaults: dict[str, object] = {}
    in_text = True
    files = [path for path in code_files(folder, tofu=tofu) if path.name not in replaced]
    texts = {path: path.read_text("utf-8", "replace") for path in files}
    if not any("provider" in text for text in texts.values()):
        return Blocks((), {})  # what reads code is not even loaded
    for path, text in texts.items():
        if "provider" not in text and "variable" not in text:
            continue
        parsed = hcl.parse_json(text, path.name) if path.name.endswith(".json") else hcl.parse(text, path.name)
        for number, block in enumerate(parsed.all("provider")):
            in_text = in_text and path.suffix == ".tf"
            alias = block.attributes["alias"].text if "alias" in block.attributes else ""
            key = (block.labels, alias)
            if key in merged and not _overrides(path.name):
                key = (block.labels, f"{alias} {path.name} {number}")  # terraform refuses it, and says why
            merged[key] = _over(merged[key], block) if key in merged else block
        for variable in parsed.all("variable"):
            default = variable.attributes.get("default")
            if variable.labels and default is not None and not isinstance(default.value, Expression):
                defaults[variable.labels[0]] = default.value
    return Blocks(tuple(merged.values()), defaults | _set_in(folder), in_text)


def code_files(folder: Path, *, tofu: bool) -> list[Path]:
    """The files of code in a folder that the program reads, in its order."""
    endings = (*_ENDINGS, *_TOFU) if tofu else _ENDINGS
    found = {path.name: path for path in folder.glob("*") if _ending(path.name, endings) and path.is_file()}
    if tofu:
        for name in [name for name in found if _ending(name, tuple(_TOFU))]:
            ending = _ending(name, tuple(_TOFU))
            found.pop(name.removesuffix(ending) + _TOFU[ending], None)
    return [found[name] for name in sorted(found, key=lambda name: (_overrides(name), name))]


def _ending(name: str, endings: tuple[str, ...]) -> str:
    """The ending of a file of code; empty for another one, and for one that is hidden or an editor's."""
    if name.startswith((".", "#")):
        return ""
    return next((one for one in endings if name.endswith(one)), "")


def _overrides(name: str) -> bool:
    stem = re.sub(r"\.(?:tf|tofu)(?:\.json)?$", "", name)
    return stem == "override" or stem.endswith("_override")


def _over(block: hcl.Block, override: hcl.Block) -> hcl.Block:
    """Each argument, and each kind of nested block, of the override takes the place of the block's."""
    own = {one.type for one in override.blocks} | set(override.attributes)
    kept = tuple(one for one in block.blocks if one.type not in own and _kind(one) not in own)
    return replace(block, attributes={**block.attributes, **override.attributes}, blocks=(*kept, *override.blocks))


def _kind(block: hcl.Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _set_in(folder: Path) -> dict[str, object]:
    """What the variable files of the folder itself say, which are read unasked."""
    own = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    auto = (path for ending in ("*.auto.tfvars", "*.auto.tfvars.json") for path in folder.glob(ending))
    found: dict[str, object] = {}
    for path in (*own, *sorted(auto)):
        if path.is_file():
            found |= dict(_values_of(path))
    return found


def _values_of(path: Path) -> Iterator[tuple[str, object]]:
    text = path.read_text("utf-8", "replace")
    if path.name.endswith(".json"):
        import json

        try:
            read_values = json.loads(text)
        except ValueError:
            return  # terraform says it, with the place
        yield from read_values.items() if isinstance(read_values, dict) else ()
        return
    for name, attribute in hcl.parse(text, path.name).attributes.items():
        yield name, attribute.value


def _body(block: hcl.Block, given: Mapping[str, object]) -> dict[str, object]:
    body = {name: _value(_of_json(one.value), given) for name, one in block.attributes.items()}
    body = {name: value for name, value in body.items() if value is not None}
    inner: dict[str, list[object]] = {}
    for one in block.blocks:
        contents = list(one.all("content")) if one.type == "dynamic" else [one]
        inner.setdefault(_kind(one), []).extend(_body(each, given) for each in contents)
    return {**body, **inner}


def _of_json(value: object) -> object:
    """A text with a template, as JSON has it: an expression. HCL's own texts have none left."""
    if isinstance(value, dict):
        return {name: _of_json(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_of_json(child) for child in value]
    if isinstance(value, str) and ("${" in value or "%{" in value):
        match = _WHOLE.fullmatch(value.strip())
        return Expression(match[1] if match else f'"{value}"')
    return value


def _value(value: object, given: Mapping[str, object]) -> object:
    if isinstance(value, dict):
        return {name: _value(child, given) for name, child in value.items()}
    if isinstance(value, list):
        return [_value(child, given) for child in value]
    if not isinstance(value, Expression):
        return value
    text = value.text.strip()
    if match := _VARIABLE.fullmatch(text):
        return given.get(match[1], value)
    if match := _TEMPLATE.fullmatch(text):
        parts = {name: given.get(name) for name in _INSERTED.findall(match[1])}
        if all(isinstance(one, str | int) and not isinstance(one, bool) for one in parts.values()):
            return _INSERTED.sub(lambda one: str(parts[one[1]]), match[1])
    return value


def _unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_unknown, value))
    return isinstance(value, (Expression, *HOLDERS))
