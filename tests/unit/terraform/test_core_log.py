"""Terraform's own log and its complaint about imports, in the words of terraform 1.11.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.terraform.core_log import begun_changes, missing_imports
from gaia.terraform.diagnostics import unanswered
from gaia.terraform.lock import end_log, read_lock_ids, unanswered_changes

if TYPE_CHECKING:
    from pathlib import Path

LOG = """\
2026-11-23T23:29:14.553Z [INFO]  backend/local: starting Apply operation
2026-11-23T23:29:14.556Z [INFO]  backend-s3: Attempting to lock remote state (S3 Native only)...: \
tf_backend.lock.id=88bdf112-f16f-b0df-d1dd-8fc29ede782f tf_backend.lock.info="" \
tf_backend.lock.operation=OperationTypeApply tf_backend.lock.path=state/all/terraform.tfstate
2026-11-23T23:29:16.771Z [WARN]  Provider "registry.terraform.io/hashicorp/aws" produced an invalid plan for \
aws_kms_key.this, but we are tolerating it because it is using the legacy plugin SDK.
    The following problems may be the cause of any confusing errors from downstream operations:
      - .is_enabled: planned value cty.True for a non-computed attribute
2026-11-23T23:29:16.772Z [INFO]  Starting apply for aws_kms_key.this
2026-11-23T23:29:16.772Z [INFO]  Starting apply for module.a["x y"].aws_iam_role.this
"""
ENDED = """\
2026-11-24T11:26:25.860Z [ERROR] vertex "module.a[\\"x y\\"].aws_iam_role.this" error: creating IAM Role (hidden): \
operation error IAM: CreateRole, https response error StatusCode: 0, RequestID: , canceled, context canceled
2026-11-24T11:26:25.861Z [ERROR] vertex "aws_s3_bucket.this" error: creating S3 Bucket (hidden): BucketAlreadyExists
2026-11-24T11:26:25.862Z [ERROR] vertex "aws_kms_key.this" error: Plugin did not respond
2026-11-24T11:26:25.863Z [ERROR] AttachSchemaTransformer: No provider config schema available for x: EOF
"""
DETAIL = 'While attempting to import an existing object to "aws_iam_role.r[\\"ab\\"]", the provider detected that no \
object exists with the given id. Only pre-existing objects can be imported'


def test_the_log_names_begun_changes() -> None:
    """In order, once each, addresses with blanks too; other lines are passed over."""
    assert begun_changes(LOG + LOG) == ("aws_kms_key.this", 'module.a["x y"].aws_iam_role.this')


def test_a_log_that_was_cut_down_still_names_them(tmp_path: Path) -> None:
    """The terraform room keeps locks and begun changes when a command has ended, and nothing with values in it."""
    path = tmp_path / "core.log"
    path.write_text(LOG)
    end_log(path)
    assert begun_changes(path.read_text()) == begun_changes(LOG)
    assert read_lock_ids(path) == ("88bdf112-f16f-b0df-d1dd-8fc29ede782f",)
    assert "planned value" not in path.read_text()


def test_a_change_that_ended_without_an_answer_is_told_apart(tmp_path: Path) -> None:
    """Cancelled calls and dead providers, also after the log was cut down, whose lines hold no text of an error."""
    expected = ('module.a["x y"].aws_iam_role.this', "aws_kms_key.this")
    assert unanswered_changes(ENDED.splitlines()) == expected
    path = tmp_path / "core.log"
    path.write_text(LOG + ENDED)
    end_log(path)
    end_log(path)
    text = path.read_text()
    assert unanswered_changes(text.splitlines()) == expected
    assert begun_changes(text) == begun_changes(LOG)
    assert "hidden" not in text


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        (
            "request send failed, Put http://h/b: read tcp 127.0.0.1:2->127.0.0.1:1: connection reset by peer",
            True,
        ),
        ("https response error StatusCode: 0, RequestID: , request send failed, Post http://127.0.0.1:1/: EOF", True),
        ("operation error IAM: CreateRole, https response error StatusCode: 503, RequestID: a", True),
        (
            "The plugin encountered an error, and failed to respond to the plugin.(*GRPCProvider).ApplyResourceChange",
            True,
        ),
        ("operation error IAM: CreateRole, https response error StatusCode: 409, EntityAlreadyExists", False),
        ("AccessDenied: User is not authorized to perform: kms:CreateKey on GEOFENCE", False),
    ],
)
def test_errors_after_which_nobody_knows(text: str, unknown: bool) -> None:
    """An answer, whatever it says, is one; a broken connection and an error of the service itself are none."""
    assert unanswered(text) is unknown


def test_missing_imports_are_found_by_quoted_address() -> None:
    """An address is matched whole, as terraform quotes it."""
    asked = ("aws_iam_role.r", 'aws_iam_role.r["ab"]', "aws_kms_alias.this")
    assert missing_imports(DETAIL, asked) == ('aws_iam_role.r["ab"]',)
    assert missing_imports("Error: something else", asked) == ()


def test_an_address_in_another_complaint_is_not_taken_for_missing() -> None:
    """Only what terraform says does not exist is absent; an import that was refused may well be there."""
    refused = 'While attempting to import an existing object to "aws_kms_alias.this", AccessDenied'
    assert missing_imports(refused, ("aws_kms_alias.this",)) == ()
    assert missing_imports(f"Cannot import non-existent remote object: {refused}", ("aws_kms_alias.this",)) == (
        "aws_kms_alias.this",
    )
