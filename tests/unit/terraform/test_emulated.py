"""A stack that is for the emulated AWS is led there or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Refused
from gaia.stacks.repository import Repository
from gaia.terraform.aws_account import check_account

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance

HERE = "http://127.0.0.1:4566"
LED = {"AWS_ENDPOINT_URL": HERE, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}


def instance(root: Path, more: str = "", cloud: str = "emulated") -> Instance:
    """One whose stack imports the mixin."""
    files = {
        "atmos.yaml": "stacks: {base_path: stacks, included_paths: ['dev*'], name_pattern: '{stage}'}\n",
        "stacks/mixins/sandbox.yaml": f"settings: {{gaia: {{cloud: {cloud}}}}}\n",
        "stacks/dev.yaml": (
            f"import: [mixins/sandbox]\nvars: {{stage: dev}}\n{more}components: {{terraform: {{vpc: {{}}}}}}\n"
        ),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Repository.open(root).instance("vpc", "dev")


def test_led_to_this_machine_it_passes(tmp_path: Path) -> None:
    """Also with endpoints of single services there."""
    check_account(instance(tmp_path, "terraform: {providers: {aws: {endpoints: [{s3: 'http://localhost:1'}]}}}\n"), LED)


@pytest.mark.parametrize(
    ("environ", "more", "said"),
    [
        ({}, "", "led to AWS itself"),
        ({"AWS_ENDPOINT_URL": ""}, "", "led to AWS itself"),
        ({**LED, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
        ({"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"}, "", "AWS_ENDPOINT_URL is https://sts.amazonaws.com"),
        ({**LED, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1.example.com"}, "", "AWS_ENDPOINT_URL_S3"),
        ({**LED, "AWS_ENDPOINT_URL_S3": "http://[::1"}, "", "AWS_ENDPOINT_URL_S3"),
        (LED, "env: {AWS_ENDPOINT_URL_IAM: 'https://iam.amazonaws.com'}\n", "AWS_ENDPOINT_URL_IAM"),
        (LED, "terraform: {providers: {aws: {endpoints: {s3: 'https://s3.amazonaws.com'}}}}\n", "endpoint of s3"),
        (LED, "terraform: {providers: {aws: {endpoints: [{s3: 'https://a.example'}]}}}\n", "endpoint of s3"),
        (LED, "terraform: {backend_type: s3, backend: {s3: {endpoints: {s3: 'https://a.example'}}}}\n", "backend's"),
        (LED, "terraform: {backend_type: s3, backend: {s3: {sts_endpoint: 'https://a.example'}}}\n", "sts_endpoint"),
        (LED, "terraform: {backend_type: http, backend: {http: {address: 'https://a.example'}}}\n", "the type http"),
    ],
)
def test_whatever_leads_elsewhere_is_refused(tmp_path: Path, environ: dict[str, str], more: str, said: str) -> None:
    """With the way out, where the setting stands, and what to do."""
    with pytest.raises(Refused) as caught:
        check_account(instance(tmp_path, more), environ)
    assert caught.value.code == "emulated-only"
    assert said in caught.value.message
    assert str(caught.value.at).startswith("stacks/mixins/sandbox.yaml:1:")


def test_another_word_is_no_cloud(tmp_path: Path) -> None:
    """A slip must not lead to AWS."""
    with pytest.raises(Invalid) as caught:
        check_account(instance(tmp_path, cloud="emulator"), LED)
    assert caught.value.code == "cloud-invalid"
