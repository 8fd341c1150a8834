"""The Terraform files that Gaia writes: JSON syntax, values as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Next
from gaia.stacks.model import HOLDERS
from gaia.terraform.authored import path_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.terraform.authored import Finder

PROVIDER_FILES = ("providers_override.tf.json", "gaia_providers.tf.json")
"""What `providers` writes: what changes the code's own blocks, and the aliases that it has no block for."""


def data(value: object) -> object:
    """`value` in Terraform's JSON syntax, where every string and every key is a template: `${` and `%{` are escaped."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {str(data(str(key))): data(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [data(child) for child in value]
    return value


def dump(document: object, what: str, find: Finder | None = None) -> bytes:
    """JSON text, keys sorted, indent 2: the form that Atmos gives its files.

    `find` says where a value of it was written.

    Raises:
        Invalid: `value-unresolved` when a value is no JSON data, for instance a reference that nobody resolved;
            `value-binary` for bytes that are no text.
    """
    try:
        text = json.dumps(_plain(document, what), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid(
            "value-unresolved",
            f"{what} holds a value that cannot be written: {error}",
            next_step=Next("describe component", words="Look at the values: a reference may be left"),
        ) from error
    try:
        return (text + "\n").encode()
    except UnicodeEncodeError as error:
        path = path_at(text, text.count("\n", 0, error.start) + 1)
        raise Invalid(
            "value-binary",
            f"{what} holds bytes that are no text: {'.'.join(path)}",
            next_step="Terraform takes text only: give it in base64, without the tag !!binary.",
            at=find(path) if find else None,
        ) from error


def providers(section: Mapping[str, object], *, having: frozenset[tuple[str, str]]) -> dict[str, bytes]:
    """The files for a `providers` section, whose keys are `NAME` or `NAME.ALIAS`.

    `having` are the (name, alias) of the blocks that the component has itself. An override file changes those, and can
    add a default configuration, but not an alias: aliases without a base block go to a plain file.
    """
    override: dict[str, list[object]] = {}
    plain: dict[str, list[object]] = {}
    for key in sorted(section, key=lambda name: ("." in name, name)):
        name, _, alias = key.partition(".")
        body = section[key]
        content = dict(body) if isinstance(body, dict) else {}
        if alias:
            content["alias"] = alias
        target = plain if alias and (name, alias) not in having else override
        target.setdefault(name, []).append(data(content))
    files = dict(zip(PROVIDER_FILES, (override, plain), strict=True))
    return {
        name: dump(
            {"provider": {key: entries[0] if len(entries) == 1 else entries for key, entries in blocks.items()}},
            "the providers section",
        )
        for name, blocks in files.items()
        if blocks
    }


def backend(kind: str, body: Mapping[str, object], workspace: str) -> bytes:
    """`backend_override.tf.json`. Terraform evaluates no template in a backend, so nothing is escaped."""
    what = "the backend section"
    if kind == "cloud":
        text = json.dumps(_plain(dict(body), what)).replace("{terraform_workspace}", json.dumps(workspace)[1:-1])
        return dump({"terraform": {"cloud": json.loads(text)}}, what)
    return dump({"terraform": {"backend": {kind: dict(body)}}}, what)


def _plain(value: object, what: str) -> object:
    if isinstance(value, HOLDERS):
        raise Invalid(
            "value-unresolved",
            f"{what} holds a value that cannot be written: {value.text} is not known",
            next_step="Apply first what it reads, or write the value out.",
            at=value.at,
        )
    if isinstance(value, dict):
        return {str(key): _plain(child, what) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child, what) for child in value]
    if hasattr(value, "items") and hasattr(value, "keys"):  # a mapping proxy or the like
        return {str(key): _plain(child, what) for key, child in value.items()}
    return value
