"""Single resources that exist come into an instance's state: as `import` blocks, planned and shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.checkout.command import ASKED_IMPORTS
from gaia.errors import Conflict, Invalid
from gaia.operations.recover import imports_file
from gaia.terraform.addresses import RESOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.terraform.plan import Plan


def asked(pairs: Sequence[str]) -> dict[str, str]:
    """`ADDRESS=ID` each; an address with a key holds an equals sign only within its brackets.

    Raises:
        Invalid: `import-invalid`.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        match = RESOURCE.match(pair)
        address = match[0] if match and not match["mode"] else ""
        rest = pair[len(address) :]
        if not address or not rest.startswith("=") or len(rest) == 1:
            raise Invalid(
                "import-invalid",
                f"{pair!r} does not say what is imported where",
                next_step="Write ADDRESS=ID, for instance 'aws_s3_bucket.this=my-bucket'; quote it for the shell.",
            )
        if address in found:
            raise Invalid("import-invalid", f"{address} is named twice", next_step="Give each address once.")
        found[address] = rest[1:]
    return found


def files(imports: Mapping[str, str]) -> dict[str, bytes]:
    """The file that stands beside the code while it is planned and applied."""
    return {ASKED_IMPORTS: imports_file(imports)}


def check_only_imports(plan: Plan, imports: Mapping[str, str]) -> None:
    """Refuse a plan that does more than bring these in.

    Raises:
        Conflict: `import-changes`, with what it would change; `import-missing` for what would not be imported.
    """
    other = [f"{one.address}: {one.action}" for one in plan.changes if one.action != "no-op"]
    other += [f"{one.address}: moved" for one in plan.changes if one.action == "no-op" and one.import_id is None]
    if other:
        raise Conflict(
            "import-changes",
            f"the import would not be all: {len(other)} resource{'s' * (len(other) != 1)} would be changed too",
            next_step="Write the configuration as it exists, then import again; or apply the changes first.",
            facts={"changes": other},
        )
    brought = {one.address for one in plan.resources if one.import_id is not None}
    if missing := sorted(set(imports) - brought):
        raise Conflict(
            "import-missing",
            f"already in the state, or not in the code: {', '.join(missing)}",
            next_step="Leave these out.",
            facts={"addresses": missing},
        )
