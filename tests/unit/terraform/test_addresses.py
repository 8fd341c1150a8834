"""What an address of a resource says about it."""

from __future__ import annotations

import pytest

from gaia.terraform.addresses import in_module, only_read


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("aws_kms_key.this", "aws_kms_key.this"),
        ("module.a.aws_kms_key.this", "aws_kms_key.this"),
        ('module.a["x.y"].module.b[0].data.aws_kms_key.k["a.b"]', 'data.aws_kms_key.k["a.b"]'),
    ],
)
def test_the_path_of_a_module_is_no_part_of_what_it_is(address: str, own: str) -> None:
    """With names and numbers in brackets, dots and quotes in them too."""
    assert in_module(address) == own
    assert only_read(address) == own.startswith("data.")
