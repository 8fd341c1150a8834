"""Which types hold what is lost with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gaia
from gaia.operations.drift.stateful import is_stateful

_STATELESS = {"aws_alb", "aws_lb"}
"""A load balancer is protected too, and holds nothing."""


def test_what_a_policy_protects_in_production_holds_data() -> None:
    """The shipped policy names databases and tables: they are known here too."""
    root = Path(gaia.__file__).parents[2]
    text = (root / "blueprint/policies/plan/production_survives.rego").read_text()
    protected = set(re.findall(r'"(aws_\w+)": \[', text))
    assert len(protected) >= 5
    assert {kind for kind in protected if not is_stateful(kind)} == _STATELESS


@pytest.mark.parametrize(
    "kind",
    [
        *("aws_db_instance", "aws_s3_bucket", "aws_ebs_volume", "aws_fsx_lustre_file_system", "aws_eks_cluster"),
        *("aws_prometheus_workspace", "aws_dsql_cluster", "aws_iam_access_key", "aws_timestreaminfluxdb_db_instance"),
    ],
)
def test_what_holds_data(kind: str) -> None:
    """Databases, buckets, volumes, file systems; clusters with what was put in them; secrets that others have."""
    assert is_stateful(kind)


@pytest.mark.parametrize("kind", ["aws_s3_bucket_policy", "aws_iam_role", "aws_vpc", "terraform_data", "null_resource"])
def test_what_does_not(kind: str) -> None:
    """What is made anew from its code."""
    assert not is_stateful(kind)
