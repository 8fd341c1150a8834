"""Looking for what has an instance's tag, with terraform itself.

Data sources beside the component's code, planned alone with `-target`: they use the component's own provider
configuration, so whatever way it has of getting at the account (profile, role, endpoint) is the way of the search, and
Gaia needs no client of its own. Asked only when neither the journal nor a natural name gives an id.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.operations.decide import Found
from gaia.operations.import_ids import INSTANCE_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.terraform.plan import Plan

FILE = "gaia_search.tf.json"
_NAME = "gaia_search"
_TAGGED = "aws_resourcegroupstaggingapi_resources"
_KEY_ARN = "^arn:[^:]+:kms:[^:]+:[0-9]+:key/"
_ASKED = (_TAGGED, "aws_kms_key", "aws_caller_identity", "aws_partition", "aws_region")
TARGETS = tuple(f"data.{kind}.{_NAME}" for kind in _ASKED)
_DYING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


def search_file(instance: str) -> bytes:
    """The data sources, in Terraform's JSON syntax. `instance` is STACK/COMPONENT."""
    value = instance.replace("${", "$${").replace("%{", "%%{")
    keys = (
        f"${{toset([for found in data.{_TAGGED}.{_NAME}.resource_tag_mapping_list : found.resource_arn "
        f'if length(regexall("{_KEY_ARN}", found.resource_arn)) > 0])}}'
    )
    data = {
        _TAGGED: {_NAME: {"tag_filter": [{"key": INSTANCE_TAG, "values": [value]}]}},
        "aws_kms_key": {_NAME: {"for_each": keys, "key_id": "${each.value}"}},
        "aws_caller_identity": {_NAME: {}},
        "aws_partition": {_NAME: {}},
        "aws_region": {_NAME: {}},
    }
    return json.dumps({"data": data}, indent=2).encode()


def read_found(plan: Plan) -> Found:
    """What the data sources brought up; keys that are pending deletion do not count as existing."""
    account = partition = region = ""
    arns: set[str] = set()
    dying: set[str] = set()
    for kind, values in _data(plan):
        if kind == "aws_caller_identity":
            account = str(values.get("account_id") or "")
        elif kind == "aws_partition":
            partition = str(values.get("partition") or "")
        elif kind == "aws_region":
            region = str(values.get("region") or values.get("name") or "")  # 6.x calls it region
        elif kind == "aws_kms_key" and values.get("key_state") in _DYING:
            dying.add(str(values.get("arn")))
        elif kind == _TAGGED:
            mappings = values.get("resource_tag_mapping_list")
            arns |= {str(entry["resource_arn"]) for entry in mappings} if isinstance(mappings, list) else set()
    return Found(account, partition, tuple(sorted(arns - dying)), region)


def _data(plan: Plan) -> Iterator[tuple[str, Mapping[str, object]]]:
    for part in ("prior_state", "planned_values"):
        tree = plan.raw.get(part)
        tree = tree.get("values") if part == "prior_state" and isinstance(tree, dict) else tree
        module = tree.get("root_module") if isinstance(tree, dict) else None
        for entry in module.get("resources", ()) if isinstance(module, dict) else ():
            if entry.get("mode") == "data" and entry.get("name") == _NAME:
                yield str(entry["type"]), entry.get("values") or {}
