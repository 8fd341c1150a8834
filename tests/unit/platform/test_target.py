"""Where an instance's providers act."""

from __future__ import annotations

import pytest

from gaia.cli.screens.target import all_of
from gaia.platform.target import Target, seen_in, target_of

ROLE = "arn:aws:iam::111122223333:role/deploy"


@pytest.mark.parametrize(
    ("environ", "aws", "expected"),
    [
        ({}, {}, (None, None, None, "environment")),
        ({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "media"}, {}, (None, "eu-west-1", None, "profile media")),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, {"profile": "own"}, (None, "eu-west-2", None, "profile own")),
        ({"AWS_REGION": "eu-west-1"}, {"region": "us-east-1"}, (None, "us-east-1", None, "environment")),
        ({}, {"assume_role": {"role_arn": ROLE}}, ("111122223333", None, None, f"role {ROLE}")),
        ({}, {"assume_role": [{"role_arn": ROLE}]}, ("111122223333", None, None, f"role {ROLE}")),
        ({"AWS_ROLE_ARN": ROLE}, {}, ("111122223333", None, None, f"role {ROLE}")),
        ({}, {"allowed_account_ids": ["123456789012"]}, ("123456789012", None, None, "environment")),
        ({}, {"allowed_account_ids": [123456789012]}, ("123456789012", None, None, "environment")),
        ({}, {"allowed_account_ids": ["123456789012", "111122223333"]}, (None, None, None, "environment")),
        ({}, {"allowed_account_ids": ["12345"]}, (None, None, None, "environment")),
        ({"AWS_ENDPOINT_URL": "http://aws.test"}, {}, (None, None, "http://aws.test", "environment")),
    ],
)
def test_the_configuration_says_where(
    environ: dict[str, str], aws: dict[str, object], expected: tuple[str | None, str | None, str | None, str]
) -> None:
    """The provider's own settings before the environment; an account only where there is no doubt."""
    found = target_of(environ, {"aws": aws})
    assert (found.account, found.region, found.endpoint, found.credentials) == expected
    assert not found.emulator


def test_a_plan_names_the_account_that_it_met() -> None:
    """Where all its ARNs agree; the configuration's word comes first, and an ARN of AWS itself says nothing."""
    nowhere = target_of({}, {})
    arn = "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:photos"
    assert seen_in(nowhere, [{"arn": arn, "tags": [{"a": "x"}]}, None]).account == "123456789012"
    assert seen_in(nowhere, [{"policy": "arn:aws:iam::aws:policy/ReadOnly", "text": f"see {arn}"}]).account is None
    assert seen_in(nowhere, [arn, ROLE]).account is None
    known = target_of({}, {"aws": {"allowed_account_ids": ["444455556666"]}})
    assert seen_in(known, [arn]) is known


def test_the_emulator_is_no_account() -> None:
    """Its port differs from start to start, which is no difference; from an account it differs."""
    sandbox = {"GAIA_SANDBOX": "1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1"}
    one, other = target_of(sandbox, {}), target_of({**sandbox, "AWS_ENDPOINT_URL": "http://127.0.0.1:2"}, {})
    assert one.emulator
    assert one.differs(other) == ""
    assert one.differs(target_of({"AWS_REGION": "us-east-1"}, {})) == "endpoint http://127.0.0.1:1 → Amazon's"
    assert all_of([one]) == "the emulated AWS at http://127.0.0.1:1 in us-east-1"


def test_endpoints_of_single_services_are_part_of_the_place() -> None:
    """One of them led elsewhere is another place; one that repeats the general one is none."""
    general = {"AWS_ENDPOINT_URL": "http://one", "AWS_ENDPOINT_URL_S3": "http://one"}
    one = target_of(general, {})
    assert one.endpoint == "http://one"
    other = target_of({**general, "AWS_ENDPOINT_URL_KMS": "http://two"}, {"aws": {"endpoints": [{"sqs": "http://x"}]}})
    assert other.endpoint == "http://one, kms at http://two, sqs at http://x"
    assert one.differs(other) == "endpoint http://one → http://one, kms at http://two, sqs at http://x"


def test_a_key_called_sandbox_is_no_emulator() -> None:
    """Only this home's own is one: another's would be a place that nobody approved."""
    assert not target_of({"AWS_ACCESS_KEY_ID": "sandbox", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, {}).emulator


def test_what_only_one_side_knows_is_no_difference() -> None:
    """An account that the plan met is compared with what is configured, where something is."""
    met = Target(False, "123456789012", "us-east-1", None, "environment")
    assert met.differs(Target(False, None, None, None, "environment")) == ""
    assert met.differs(Target(False, None, None, None, "profile media")) == "credentials environment → profile media"
    assert met.differs(Target(False, "123456789012", None, None, "profile media")) == ""
    other = Target(False, "111122223333", "eu-west-1", None, "environment")
    assert met.differs(other) == "account 123456789012 → 111122223333, region us-east-1 → eu-west-1"
    assert all_of([met, other]).count("account") == 2
    assert all_of([Target(False, None, None, "http://x", "profile p")]) == (
        "an account that only the credentials tell at http://x (profile p)"
    )
