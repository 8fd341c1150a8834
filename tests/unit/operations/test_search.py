"""What the search by tag asks for, and what it reads of the answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gaia.operations.decide import Found
from gaia.operations.search import TARGETS, read_found, search_file
from gaia.terraform.plan import Plan

KEY, DYING = (f"arn:aws:kms:us-east-1:123456789012:key/{name}" for name in ("abc", "def"))
TOPIC = "arn:aws:sns:us-east-1:123456789012:lab"
TAGGED = "aws_resourcegroupstaggingapi_resources"


def _data(kind: str, **values: Any) -> dict[str, Any]:
    return {"mode": "data", "type": kind, "name": "gaia_search", "values": values}


def _tagged(*arns: str) -> dict[str, Any]:
    return _data(TAGGED, resource_tag_mapping_list=[{"resource_arn": arn, "tags": {}} for arn in arns])


def _plan(*resources: dict[str, Any], planned: tuple[dict[str, Any], ...] = ()) -> Plan:
    return Plan.parse(
        {
            "format_version": "1.2",
            "prior_state": {"values": {"root_module": {"resources": list(resources)}}},
            "planned_values": {"root_module": {"resources": list(planned)}},
        }
    )


def test_the_tag_of_the_instance_is_asked_for_and_nothing_else() -> None:
    """Everything that bears it, the state of each key among it, and whose account this is; each is a target."""
    data = json.loads(search_file("acme-use1-dev/demo-key"))["data"]
    tagged = {"tag_filter": [{"key": "gaia:instance", "values": ["acme-use1-dev/demo-key"]}]}
    assert data[TAGGED] == {"gaia_search": tagged}
    assert data["aws_kms_key"]["gaia_search"]["key_id"] == "${each.value}"
    assert (data["aws_caller_identity"], data["aws_partition"]) == ({"gaia_search": {}}, {"gaia_search": {}})
    assert set(TARGETS) == {f"data.{kind}.{name}" for kind, named in data.items() for name in named}


@pytest.mark.parametrize(
    ("arn", "asked"),
    [
        (KEY, True),
        (KEY.replace("aws", "aws-cn"), True),
        (KEY.replace("key/", "alias/"), False),
        (TOPIC, False),
        (f"x{KEY}", False),
    ],
)
def test_only_of_keys_the_state_is_asked(arn: str, asked: bool) -> None:
    """By the regular expression that stands in the file; other things are not there any more once they are deleted."""
    each = json.loads(search_file("a/b"))["data"]["aws_kms_key"]["gaia_search"]["for_each"]
    match = re.search(r'if length\(regexall\("(.+)", found', each)
    assert match is not None
    assert bool(re.findall(match.group(1), arn)) is asked


def test_a_name_is_no_template() -> None:
    """What terraform would evaluate in a name is escaped."""
    data = json.loads(search_file("a/${b}%{c}"))["data"]
    assert data[TAGGED]["gaia_search"]["tag_filter"][0]["values"] == ["a/$${b}%%{c}"]


def test_what_lives_is_found_and_a_dying_key_is_not() -> None:
    """Sorted, with account and partition; a key or a replica that is pending deletion does not count as existing."""
    for state in ("PendingDeletion", "PendingReplicaDeletion"):
        plan = _plan(
            _tagged(TOPIC, DYING, KEY),
            _data("aws_kms_key", arn=KEY, key_state="Disabled"),
            _data("aws_kms_key", arn=DYING, key_state=state),
            _data("aws_caller_identity", account_id="123456789012"),
            _data("aws_partition", partition="aws"),
        )
        assert read_found(plan) == Found("123456789012", "aws", (KEY, TOPIC))


def test_data_sources_that_are_read_late_count_too() -> None:
    """Where terraform reads one during the plan its values stand among the planned ones."""
    plan = _plan(_tagged(KEY), planned=(_tagged(TOPIC), _data("aws_partition", partition="aws-cn")))
    assert read_found(plan) == Found("", "aws-cn", (KEY, TOPIC))


def test_only_its_own_data_sources_are_read() -> None:
    """The component may have such data sources of its own, and resources of any name."""
    others = {"name": "theirs"}, {"mode": "managed"}
    strangers = [{**_tagged(KEY), **other} for other in others]
    dying = {**_data("aws_kms_alias", arn=KEY, key_state="PendingDeletion"), "type": "aws_kms_alias"}
    assert read_found(_plan(*strangers, _tagged(TOPIC), dying)).arns == (TOPIC,)
    assert read_found(_plan(_tagged(KEY), dying)).arns == (KEY,)


def test_an_answer_without_values_finds_nothing() -> None:
    """Unknown values are absent: nothing is made up."""
    empty = [{**_data(kind), "values": None} for kind in (TAGGED, "aws_caller_identity", "aws_partition")]
    assert read_found(_plan(*empty)) == Found()
    assert read_found(Plan.parse({"format_version": "1.2"})) == Found()
    assert read_found(Plan.parse({"format_version": "1.2", "prior_state": {}})) == Found()
