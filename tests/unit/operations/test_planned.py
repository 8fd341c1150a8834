"""The part of a plan that a recovery decides on."""

from __future__ import annotations

from typing import Any

from gaia.operations.planned import Planned, read_planned
from gaia.terraform.plan import Plan


def _read(**entry: Any) -> tuple[Planned, ...]:
    change = {"actions": ["create"], "before": None, "after": {}, **entry.pop("change", {})}
    given = {"address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "change": change}
    return read_planned(Plan.parse({"format_version": "1.2", "resource_changes": [{**given, **entry}]}))


def test_what_is_managed_and_current_is_read() -> None:
    """Data sources and deposed objects are none of it; what is left as it is belongs to it."""
    (same,) = _read(change={"actions": ["no-op"], "before": {"id": "a"}, "after": {"id": "a"}})
    assert same == Planned(
        "aws_s3_bucket.this", "aws_s3_bucket", ("no-op",), before={"id": "a"}, after={"id": "a"}, known={"id": "a"}
    )
    assert _read(mode="data") == ()
    assert _read(deposed="k1") == ()


def test_only_known_values_that_are_no_secrets_may_become_an_id() -> None:
    """An id stands in the journal and in files: neither what is unknown nor what is sensitive, in part or whole."""
    (item,) = _read(
        change={
            "after": {"bucket": "lab", "arn": None, "secret": "s", "rule": [{"a": 1}], "tags": {"x": "y"}},
            "after_unknown": {"arn": True, "rule": [{"b": True}], "bucket": False},
            "after_sensitive": {"secret": True, "tags": {"x": True}},
        }
    )
    assert item.known == {"bucket": "lab"}
    assert set(item.after) == {"bucket", "arn", "secret", "rule", "tags"}


def test_imports_and_cut_off_creations_are_told() -> None:
    """The id that it is imported under; and a replacement for no other reason than that it was not made whole."""
    (plain,) = _read()
    assert (plain.importing, plain.tainted) == ("", False)
    (imported,) = _read(change={"importing": {"id": "lab"}})
    assert imported.importing == "lab"
    (tainted,) = _read(action_reason="replace_because_tainted")
    assert tainted.tainted
    (asked,) = _read(action_reason="replace_by_request")
    assert not asked.tainted


def test_what_runs_something_when_it_is_made_is_told() -> None:
    """Of what is tainted, by the code: in modules, and for each instance of one."""

    def read(address: str) -> Planned:
        runs = {"address": "terraform_data.runs", "provisioners": [{"type": "local-exec"}]}
        module = {"resources": [runs, {"address": "terraform_data.plain"}]}
        inner = {"module_calls": {"inner": {"module": module}}}
        change = {"actions": ["delete", "create"], "before": {}, "after": {}}
        entry = {"address": address, "mode": "managed", "type": "terraform_data", "change": change}
        document = {
            "format_version": "1.2",
            "resource_changes": [{**entry, "action_reason": "replace_because_tainted"}],
            "configuration": {"root_module": {**module, "module_calls": {"outer": {"module": inner}}}},
        }
        [item] = read_planned(Plan.parse(document))
        return item

    assert read("terraform_data.runs").provisioned
    assert read('terraform_data.runs["a.b"]').provisioned
    assert read("module.outer[0].module.inner.terraform_data.runs[1]").provisioned
    assert not read("terraform_data.plain").provisioned
    assert not read("module.outer.terraform_data.runs").provisioned


def test_values_are_not_shown_by_accident() -> None:
    """They may be secrets, and a crash prints what it holds."""
    (item,) = _read(change={"before": {"a": "hunter2"}, "after": {"a": "hunter2"}})
    assert "hunter2" not in repr(item)
