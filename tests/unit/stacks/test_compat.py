"""Repositories from before December 2025 are read by the rules that they were written for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.conftest import ATMOS, PLACE

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.repository import Repository

DEV = f"import: [catalog/a]\n{PLACE}components: {{terraform: {{c: {{metadata: {{inherits: [b]}}}}}}}}\n"
OLD = {
    "orgs/dev.yaml": DEV,
    "catalog/a.yaml": "name: network\nmetadata: {description: d, version: 1}\n"
    "components: {terraform: {b: {metadata: {type: abstract, component: x}}}}\n",
}


def test_an_old_repository_is_recognized(repository: Callable[..., Repository]) -> None:
    """Names and metadata of whole files are comments there, and metadata is not inherited; it is said."""
    found = repository(OLD)
    instance = found.instance("c", "acme-use1-dev")
    assert (found.stacks, instance.component_path) == (("acme-use1-dev",), "c")
    assert "stacks/catalog/a.yaml" in found.notices[0]
    assert "gaia.compat" in found.notices[0]


def test_what_is_set_is_not_guessed(repository: Callable[..., Repository]) -> None:
    """`current` refuses the metadata; `pre-2025-12` needs no sign and says nothing."""
    with pytest.raises(Invalid) as caught:
        repository(OLD, environ={"GAIA_COMPAT": "current"}).instance("c", "acme-use1-dev")
    assert caught.value.code == "global-metadata"
    chosen = repository(OLD, atmos=ATMOS + "gaia: {compat: pre-2025-12}\n")
    assert (chosen.stacks, chosen.notices) == (("acme-use1-dev",), ())


def test_a_single_sign_is_not_enough(repository: Callable[..., Repository]) -> None:
    """Metadata alone, or in the manifest of a stack itself, may be a mistake: it is refused with its place."""
    files = {**OLD, "catalog/a.yaml": OLD["catalog/a.yaml"].replace("name: network\n", "")}
    with pytest.raises(Invalid) as caught:
        repository(files).instance("c", "acme-use1-dev")
    assert (caught.value.code, str(caught.value.at)) == ("global-metadata", "stacks/catalog/a.yaml:1:12")
