"""Outputs in the formats of `terraform output --format`."""

from __future__ import annotations

import pytest

from gaia.cli.output_formats import FORMATS, all_of, one, renamed
from gaia.errors import Invalid

VALUES: dict[str, object] = {
    "b": "it's\n\"two\" lines", "a": 2.0, "none": None, "yes": True, "map": {"k": [1, "x,y"], "a b": {"c": "${d}"}},
}  # fmt: skip


TEXT = 'it\'s\n"two" lines'
MAP = '{"a b":{"c":"${d}"},"k":[1,"x,y"]}'


def test_all_outputs() -> None:
    """Sorted by name; null is left out; maps and lists are JSON where the format has none."""
    quoted = TEXT.replace("'", "'\\''")
    doubled = MAP.replace('"', '""')
    assert all_of(VALUES, "env") == f"a=2\nb={TEXT}\nmap={MAP}\nyes=true\n"
    assert all_of(VALUES, "dotenv") == f"a='2'\nb='{quoted}'\nmap='{MAP}'\nyes='true'\n"
    assert all_of(VALUES, "bash").startswith(f"export a='2'\nexport b='{quoted}'\n")
    assert all_of(VALUES, "csv") == f'key,value\na,2\nb,"it\'s\n""two"" lines"\nmap,"{doubled}"\nyes,true\n'
    assert all_of({"a": "x,y", "b": "x\ty"}, "tsv") == 'key\tvalue\na\tx,y\nb\t"x\ty"\n'
    assert all_of(VALUES, "github") == f"a=2\nb<<ATMOS_EOF_b\n{TEXT}\nATMOS_EOF_b\nmap={MAP}\nyes=true\n"


def test_hcl_can_be_read_by_terraform() -> None:
    """What would be an expression is a text, and a name that is none is quoted."""
    shown = all_of(VALUES, "hcl")
    assert shown == (
        'a = 2\nb = "it\'s\\n\\"two\\" lines"\n'
        'map = {\n  "a b" = {\n    c = "$${d}"\n  }\n  k = [1, "x,y"]\n}\nyes = true\n'
    )


def test_documents_keep_what_a_value_is() -> None:
    """Null too; one output alone is its value."""
    assert all_of({"b": None, "a": [1]}, "json") == '{\n  "a": [\n    1\n  ],\n  "b": null\n}\n'
    assert all_of({"b": None, "a": [1]}, "yaml") == "a:\n- 1\nb: null\n"
    assert (one("a", "x", "json"), one("a", "x", "yaml"), one("a", ["x"], "yaml")) == ('"x"\n', "x\n", "- x\n")


@pytest.mark.parametrize("form", FORMATS)
def test_a_map_alone_needs_a_format_that_holds_it(form: str) -> None:
    """Those of a text a line refuse it and say what to do."""
    if form in ("json", "yaml", "hcl", "github"):
        assert one("a", {}, form)
        return
    with pytest.raises(Invalid, match="a map or a list"):
        one("a", {}, form)


def test_names_are_flattened_and_in_capitals() -> None:
    """Keys and numbers are parts of the name."""
    nested: dict[str, object] = {"a": {"b": [1, {"c": 2}]}, "d": "x"}
    assert renamed(nested, uppercase=True, flatten=True) == {"A_B_0": 1, "A_B_1_C": 2, "D": "x"}


def test_a_value_cannot_end_itself() -> None:
    """The word that ends it is one that it does not hold."""
    assert one("a", "x\nATMOS_EOF_a\nb=1", "github") == "a<<ATMOS_EOF_a_\nx\nATMOS_EOF_a\nb=1\nATMOS_EOF_a_\n"
