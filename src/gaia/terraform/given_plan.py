"""The plan JSON that somebody hands in, for what judges and prices it without running terraform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gaia.errors import Invalid, NotFound, Position
from gaia.kit.files import STANDARD_INPUT, read_given

_FORMATS = ("0.1", "0.2", "1.")
"""Format versions, or the beginnings of them: before 1.0 there were these two, and 1.x only adds to what 1.0 has."""
MAX_BYTES = 512 * 2**20
"""Of a plan of some fifty thousand resources."""
_SHOW = "Give what `terraform show -json PLANFILE` prints."


def read_given_plan(path: Path, name: str = "") -> dict[str, Any]:
    """The data of a plan JSON file, or of what is piped in (`-`); `name` is how the reader knows the file.

    Raises:
        NotFound: `plan-not-found`. Invalid: `plan-not-json` (with the place), `plan-is-a-state`, `plan-is-binary`,
            `plan-too-large`, `plan-format-unknown`, `plan-invalid`, `plan-errored`, `plan-without-configuration`.
    """
    name = name or str(path)
    try:
        content = read_given(Path(name) if name in STANDARD_INPUT else path, MAX_BYTES + 1)
    except OSError as error:
        raise NotFound("plan-not-found", f"cannot read {name}: {error.strerror}", next_step=_SHOW) from error
    if len(content) > MAX_BYTES:
        raise Invalid("plan-too-large", f"{name} is larger than {MAX_BYTES // 2**20} MiB", next_step=_SHOW)
    return given_plan(content, name)


def given_plan(content: bytes, name: str) -> dict[str, Any]:
    """As `read_given_plan`, of the text itself."""
    if content.startswith(b"PK"):
        raise Invalid("plan-is-binary", f"{name} is a plan file, not its JSON", next_step=_SHOW)
    return checked_plan(_decoded(content, name), name)


def checked_plan(document: object, name: str) -> dict[str, Any]:
    """As `read_given_plan`, of what the text says."""
    if _is_state(document):
        raise Invalid("plan-is-a-state", f"{name} is a state: what is there, not what would be done", next_step=_SHOW)
    version = document.get("format_version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(version, str):
        raise Invalid("plan-invalid", f"{name} is not the JSON of a Terraform plan", next_step=_SHOW)
    if not version.startswith(_FORMATS):
        raise Invalid(
            "plan-format-unknown",
            f"{name} has format version {version[:20]!r}, and nobody knows here what it means",
            next_step="Use plans of format 1 (Terraform from 1.1 on, any OpenTofu), or a newer Gaia.",
        )
    changes = document.get("resource_changes", [])
    if not isinstance(changes, list) or not all(map(_is_change, changes)):
        raise Invalid("plan-invalid", f"{name} has resource changes that are none of Terraform's", next_step=_SHOW)
    if not changes and _has_resources(document.get("planned_values")):
        raise Invalid(
            "plan-invalid",
            f"{name} has resources and no resource_changes, so nobody could say what would be done to them",
            next_step=_SHOW,
        )
    if document.get("errored") is True:
        raise Invalid(
            "plan-errored",
            f"{name} is of a plan that stopped half-way, so nobody knows what else would be done",
            next_step="Repair what terraform complains of, then plan again.",
        )
    if not isinstance(document.get("configuration"), dict):
        raise Invalid(
            "plan-without-configuration",
            f"{name} has no configuration, so what refers to what is not known; nothing was decided",
            next_step="Give the JSON whole, as terraform prints it.",
        )
    return document


def _decoded(content: bytes, name: str) -> object:
    try:
        return json.loads(content)
    except UnicodeDecodeError as error:
        raise Invalid("plan-not-json", f"{name} is no text in UTF-8", next_step=_SHOW) from error
    except RecursionError as error:
        raise Invalid("plan-not-json", f"{name} is nested too deeply to be a plan", next_step=_SHOW) from error
    except json.JSONDecodeError as error:
        ends = not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated")
        why = "it ends in the middle" if ends and error.doc.strip() else error.msg
        raise Invalid(
            "plan-not-json",
            f"{name} is not whole JSON: {why}",
            next_step=_SHOW,
            at=Position(name, error.lineno, error.colno),
        ) from error
    except ValueError as error:
        raise Invalid("plan-not-json", f"{name} has a number of thousands of digits", next_step=_SHOW) from error


def _is_state(document: object) -> bool:
    """A state file, or what `terraform show -json` prints of one."""
    if not isinstance(document, dict) or "resource_changes" in document or "planned_values" in document:
        return False
    return ("version" in document and ("serial" in document or "lineage" in document)) or "values" in document


def _is_change(change: object) -> bool:
    return (
        isinstance(change, dict)
        and isinstance(change.get("address"), str)
        and isinstance(change.get("type"), str)
        and change.get("mode") in ("managed", "data")
        and isinstance(change.get("change"), dict)
        and isinstance(change["change"].get("actions"), list)
    )


def _has_resources(values: object) -> bool:
    """Whether the planned values hold a resource, in whichever module; each of those has its change in a whole plan."""
    module = values.get("root_module") if isinstance(values, dict) else None
    return isinstance(module, dict) and bool(module.get("resources") or module.get("child_modules"))
