"""What an estimate costs: a plan of 700 resources, one of 10,000, and a price for a process that has just begun.

Claims: 700 resources take at most 0.3 s of processor time, ten times as many at most fifteen times as long; the price
book is opened and the first price found in 50 ms. Beside them: the plan read from JSON and written again, which is the
least that anybody has to do with it.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from gaia.cost.book import PriceBook
from gaia.cost.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
FIRST_PRICE = """
import time
from gaia.cost.book import PriceBook
from gaia.cost.model import PriceKey
begun = time.perf_counter()
key = PriceKey("AmazonEC2", "Compute Instance", "m5.large").having(os="Linux", tenancy="Shared")
assert PriceBook.open().price("us-east-1", key)
print(time.perf_counter() - begun)
"""
SERVICE: dict[str, dict[str, Any]] = {
    "aws_s3_bucket": {},
    "aws_s3_bucket_lifecycle_configuration": {"rule": [{"transition": [{"storage_class": "GLACIER"}]}]},
    "aws_kms_key": {},
    "aws_launch_template": {"instance_type": "m5.large", "image_id": "ami-1"},
    "aws_instance": {"launch_template": [{"version": "1"}], "root_block_device": [{"volume_size": 50}]},
    "aws_eip": {},
    "aws_db_instance": {"instance_class": "db.t3.medium", "engine": "postgres", "allocated_storage": 100},
    "aws_iam_role": {},
    "aws_security_group": {},
    "aws_cloudwatch_log_group": {},
}
REFERENCES: dict[str, dict[str, Any]] = {
    "aws_s3_bucket_lifecycle_configuration": {
        "bucket": {"references": ["aws_s3_bucket.this.id", "aws_s3_bucket.this"]}
    },
    "aws_instance": {"launch_template": [{"id": {"references": ["aws_launch_template.this.id"]}}]},
    "aws_eip": {"instance": {"references": ["aws_instance.this.id", "aws_instance.this"]}},
}
"""The resources of one service, and what they refer to."""


def plan_of(number: int) -> dict[str, Any]:
    """A plan in which so many resources are changed, in modules of ten."""
    changes: list[dict[str, Any]] = []
    calls: dict[str, Any] = {}
    for service in range(number // len(SERVICE)):
        module = f"module.service{service}"
        resources = []
        for kind, values in SERVICE.items():
            known = {**values, "tags": {"service": f"service-{service}"}}
            change = {"before": {**known, "id": f"{kind}-{service}"}, "after": known, "after_unknown": {"id": True}}
            name = {"address": f"{module}.{kind}.this", "module_address": module, "type": kind, "name": "this"}
            changes.append({**name, "mode": "managed", "change": change})
            resources.append({"address": f"{kind}.this", "expressions": REFERENCES.get(kind, {})})
        calls[f"service{service}"] = {"module": {"resources": resources}, "expressions": {}}
    configuration = {"root_module": {"module_calls": calls}, "provider_config": {}}
    return {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}


def processor_seconds(work: Callable[[], object]) -> float:
    """The best of a few rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def first_price() -> float:
    """Seconds until a process has its first price, once everything is imported."""
    found = (
        subprocess.run([sys.executable, "-c", FIRST_PRICE], check=True, capture_output=True) for _ in range(ROUNDS)
    )
    return min(float(one.stdout) for one in found)


def main() -> int:
    """Print the table; 1 when a claim does not hold."""
    gc.set_threshold(1_000_000)  # as in `gaia`: what looks for cycles in more and more objects is Python
    book = PriceBook.open()

    def priced(plan: dict[str, Any]) -> Callable[[], object]:
        return lambda: estimate(plan, usage={}, book=book, project="benchmark", region_default="us-east-1")

    text = json.dumps(plan_of(700))
    taken = {
        "read and write 700": processor_seconds(lambda: json.dumps(json.loads(text))),
        "estimate 700": processor_seconds(priced(plan_of(700))),
        "estimate 7,000": processor_seconds(priced(plan_of(7000))),
        "estimate 10,000": processor_seconds(priced(plan_of(10_000))),
        "the first price": first_price(),
    }
    least = taken["read and write 700"]
    for name, seconds in taken.items():
        print(f"{name:<20} {seconds:7.3f} s  {seconds / least:7.1f} times reading and writing")
    slow = taken["estimate 700"] > 0.3 or taken["the first price"] > 0.05
    return int(slow or taken["estimate 7,000"] > 15 * taken["estimate 700"])


if __name__ == "__main__":
    sys.exit(main())
