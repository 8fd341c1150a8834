"""What looks like a credential is hidden, and what terraform prints besides stays readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gaia.kit.redact import MASK, Redactor

HERE = Path(__file__).parent
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq+Zz0\nq1w2e3r4t5z6u7i8o9p0==\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
GITHUB = "ghp_" + "a1B2" * 9
SECRETS = {
    "access key id": ("the key AKIAIOSFODNN7EXAMPLE is used", "AKIAIOSFODNN7EXAMPLE"),
    "session's key id": ("ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
    "secret key in a file": (f"aws_secret_access_key = {SECRET_KEY}", SECRET_KEY),
    "secret key in JSON": (json.dumps({"SecretAccessKey": SECRET_KEY}), SECRET_KEY),
    "secret key in JSON in JSON": (json.dumps(json.dumps({"secret_key": SECRET_KEY})), SECRET_KEY),
    "secret key in the environment": (f"AWS_SECRET_ACCESS_KEY={SECRET_KEY}", SECRET_KEY),
    "secret key in code": (f'secret_key    = "{SECRET_KEY}"', SECRET_KEY),
    "session token": (f"aws_session_token = {'FwoGZXIvYXdzE' * 10}", "FwoGZXIvYXdzE" * 10),
    "private key": (PEM, "MIIEowIBAAKCAQEA7bq+Zz0"),
    "private key in JSON": (json.dumps({"x": PEM}), "q1w2e3r4t5z6u7i8o9p0"),
    "private key cut off": (PEM[:70], "MIIEowIBAAKCAQEA7bq+Zz0"),
    "JWT": (f"Authorization: Bearer {JWT}", JWT),
    "GitHub token": (f"git clone https://x:{GITHUB}@github.com/a/b", GITHUB),
    "fine-grained GitHub token": ("github_pat_" + "1A" * 30, "1A" * 30),
    "GitLab token": ("glpat-" + "x1-Y" * 5, "x1-Y" * 5),
    "Slack token": ("xoxb-123456789012-abcdefABCDEF", "123456789012-abcdefABCDEF"),
    "Gaia's own token": ("GAIA_TOKEN=gaia_tok_" + "Zq9" * 10, "Zq9" * 10),
    "password in a URL": ("cannot reach postgres://app:s3cr3t-pw@db.internal:5432/app", "s3cr3t-pw"),
    "basic authorization": ("authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
    "signed URL": ("https://b.s3.amazonaws.com/k?X-Amz-Signature=0123abcd&X-Amz-Date=1", "0123abcd"),
    "password in a connection string": ("Server=db;User Id=sa;Password=Tr0ub4dor;".replace("P", "p"), "Tr0ub4dor"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_credential_is_hidden_and_the_rest_stays(text: str, secret: str) -> None:
    """Nobody had to learn it; what is JSON stays JSON."""
    shown = Redactor()(f"before {text} after")
    assert secret not in shown
    assert MASK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after") or (not text.endswith("-----") and text.startswith("-----BEGIN"))
    if text[0] in '{"':
        assert json.loads(Redactor()(text)) is not None


def test_several_in_many_lines_are_hidden() -> None:
    """A block of lines keeps its lines."""
    block = f'{{"a": "AKIAIOSFODNN7EXAMPLE"}}\n{{"b": "{JWT}"}}\n{{"c": "plain"}}\n'
    assert Redactor()(block) == f'{{"a": "{MASK}"}}\n{{"b": "{MASK}"}}\n{{"c": "plain"}}\n'


HARMLESS = """\
aws_iam_access_key.deploy: Creating...
  + access_key_id        = (known after apply)
  + secret_access_key    = (sensitive value)
  + secret_key_id        = "arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
  + secret_arn           = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/photos-AbCdEf"
  + source_code_hash     = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
  + etag                 = "d41d8cd98f00b204e9800998ecf8427e"
  + id                   = "vpc-0a1b2c3d4e5f67890"
  + password_last_used   = "2026-11-29T19:00:00Z"
  + unique_id            = "AROAIOSFODNN7EXAMPLE1"
  + repository_url       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/photos"
  + endpoint             = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
  + source               = "git::ssh://git@github.com/acme/modules.git//vpc?ref=v1.2.3"
  + token                = (known after apply)
  + policy               = jsonencode({ Action = "sts:AssumeRole", Condition = { StringLike = { "token:sub" = "*" } } })
  + public_key           = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ada@laptop"
  + certificate          = "-----BEGIN CERTIFICATE-----\\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq\\n-----END CERTIFICATE-----"
  + session_token_ttl    = 3600
  + url                  = "http://127.0.0.1:4566/000000000000/queue"
  + schedule             = "cron(0 5 * * ? *)"
provider registry.terraform.io/hashicorp/aws h1:eyJ0ZXN0Ijoi zh:0123456789abcdef0123456789abcdef0123456789abcdef
Error: reading secret: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400
Enter a value for the token: to continue, press ctrl-c; path=/a?b=1&page_token=
"""


def test_what_terraform_prints_stays_as_it_is() -> None:
    """Ids, ARNs, hashes, URLs, certificates, words about secrets: none of it is a credential."""
    assert Redactor()(HARMLESS) == HARMLESS


def test_recorded_plans_and_logs_stay_as_they_are() -> None:
    """Documents of real terraform that lie among the tests: nothing in them is taken for a credential."""
    root = HERE.parents[1]
    found = [path for folder in ("plans", "unit/terraform") for path in (root / folder).rglob("*.json")]
    assert found
    for path in found:
        text = path.read_text("utf-8").replace("AKIAIOSFODNN7EXAMPLE", "the emulator's user")
        assert Redactor()(text) == text
