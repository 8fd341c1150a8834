"""`gaia catalog export`: what Backstage reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from tests.unit.catalog.backstage_rules import wrong

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


def test_a_document_each(gaia: Gaia) -> None:
    """As a `catalog-info.yaml` has them; the same with and without `--output yaml`, and as one list of JSON."""
    said = gaia("catalog", "export")
    assert said.code == 0
    made = list(yaml.safe_load_all(said.out))
    assert wrong(made) == []
    assert [one["metadata"]["name"] for one in made if one["kind"] == "Component"] == ["acme-use1-dev.photos"]
    assert gaia("catalog", "export", "-o", "yaml").out == said.out
    assert gaia("catalog", "export", "-o", "json").json == {"entities": made, "seq": 7}
