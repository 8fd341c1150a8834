"""gaia.terraform.aws_account: whose account the credentials are of is known, or said not to be, before a plan."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.terraform.conftest import NoProvenance, reference

from gaia.errors import GaiaError, Invalid, Position, Refused
from gaia.stacks.model import Origin
from gaia.terraform.aws_account import SETTING, Found, Wanted, check_account, decide, find_account
from gaia.terraform.aws_signing import Credentials, NoAnswer, signed
from gaia.terraform.aws_sts import account_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.stacks.model import Instance

MINE, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{MINE}:role/deployer"
NOWHERE = "http://127.0.0.1:9"


class Sts(HTTPServer):
    """Answers with the account that each access key's name ends in, as AWS does in XML."""

    asked: list[Mapping[str, str]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked = []

    def server_bind(self) -> None:
        """Without the look at the machine's names that the library takes."""
        TCPServer.server_bind(self)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Sts

    def do_POST(self) -> None:
        """One answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        status, body = 200, f"<GetCallerIdentityResult><Account>{key[-12:]}</Account></GetCallerIdentityResult>"
        if key == "expired":
            status, body = 403, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
        elif key == "odd":
            body = "<html>Sign in</html>"
        elif key == "moved":
            status = 302
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(body.encode())

    def do_PUT(self) -> None:
        """The token of the machine's service."""
        self._say("t0ken" if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else "")

    def do_GET(self) -> None:
        """A machine with one role, and a container, for whoever has the token."""
        known = "t0ken" in (self.headers["X-aws-ec2-metadata-token"], self.headers["Authorization"])
        keys = f'{{"AccessKeyId": "ASIA{MINE}", "SecretAccessKey": "s", "Token": "session"}}'
        self._say("deployer\n" if self.path.endswith("/security-credentials/") else keys if known else "")

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture
def sts() -> Iterator[Sts]:
    """One for a test."""
    server = Sts()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def keys(account: str, url: str = NOWHERE, **more: str) -> dict[str, str]:
    """An environment with keys of an account."""
    return {
        "AWS_ACCESS_KEY_ID": f"AKIA{account}", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": url,
        "HOME": "/nowhere", **more,
    }  # fmt: skip


def refused(call: Callable[[], object]) -> GaiaError:
    """What a call is refused with."""
    with pytest.raises(GaiaError) as caught:
        call()
    return caught.value


def belongs(make: Callable[..., Instance], account: object, **other: object) -> Instance:
    """An instance with the setting."""
    return make("vpc", "vpc", {}, settings={"gaia": {"account": account}}, **other)


def test_nobody_who_says_nothing_is_asked(make: Callable[..., Instance]) -> None:
    """Neither the setting nor the provider: no credentials are looked for, whatever there are."""
    check_account(make("vpc", "vpc", {}), keys("odd"))
    check_account(make("vpc", "vpc", {}, providers={}), {})


def test_the_right_account_passes_and_another_is_refused(make: Callable[..., Instance], sts: Sts) -> None:
    """By the setting or by what the provider allows; the refusal names both, whose keys, where. Each is asked once."""
    allowed = make("vpc", "vpc", {}, providers={"aws": {"allowed_account_ids": ["1", MINE]}})
    for instance in (belongs(make, MINE), belongs(make, int(MINE)), allowed):
        check_account(instance, keys(MINE, sts.url))
        error = refused(lambda instance=instance: check_account(instance, keys(OTHER, sts.url)))  # type: ignore[misc]
        assert isinstance(error, Refused)
        assert error.code == "account-wrong"
        assert all(words in error.message for words in ("t-dev/vpc", MINE, OTHER, "the environment's keys"))
        assert (error.facts["account"], str(error.at)) == (OTHER, "stacks/t/dev.yaml:1:1")
    assert len(sts.asked) == 2


def test_what_is_not_known_is_refused_where_the_setting_asks(make: Callable[..., Instance], sts: Sts) -> None:
    """With the reason, and without a secret. What the provider allows is then the provider's to check."""
    for key, reason in (("expired", "ExpiredToken"), ("odd", "something else"), ("moved", "302")):
        environ = keys(MINE, sts.url, AWS_ACCESS_KEY_ID=key, AWS_SESSION_TOKEN="t0ken")
        error = refused(lambda environ=environ: check_account(belongs(make, MINE), environ))  # type: ignore[misc]
        assert (error.code, reason in error.message, "t0ken" in error.message) == ("account-unknown", True, False)
        check_account(make("vpc", "vpc", {}, providers={"aws": {"allowed_account_ids": [MINE]}}), environ)
    assert sts.asked[0]["x-amz-security-token"] == "t0ken"
    assert "cannot be asked" in refused(lambda: check_account(belongs(make, MINE), keys(MINE))).message
    nothing = {"HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"}
    assert "no keys" in refused(lambda: check_account(belongs(make, MINE), nothing)).message


@pytest.mark.parametrize("account", ["12", "11112222333a", True, 12, [MINE], reference("vpc", "account")])
def test_a_setting_that_is_no_account_is_refused(make: Callable[..., Instance], account: object) -> None:
    """Twelve digits; a number lost its leading zeros."""
    with pytest.raises(Invalid) as caught:
        check_account(belongs(make, account), {})
    assert caught.value.code == "account-invalid"


def test_a_stack_s_own_env_says_which_credentials(make: Callable[..., Instance], sts: Sts) -> None:
    """It comes on top of the caller's, as terraform has it."""
    own = {"AWS_ACCESS_KEY_ID": f"AKIA{MINE}", "AWS_SECRET_ACCESS_KEY": "s", "NONE": None}
    check_account(belongs(make, MINE, env=own), keys(OTHER, sts.url))


def test_a_role_is_of_the_account_in_its_name() -> None:
    """Nobody has to be asked; the last one of a chain counts; one that is not known yet says so."""
    for aws, environ in (
        ({"assume_role": {"role_arn": ROLE}}, keys(OTHER)),
        ({"assume_role": [{"role_arn": f"arn:aws:iam::{OTHER}:role/first"}, {"role_arn": ROLE}]}, keys(OTHER)),
        ({"assume_role_with_web_identity": [{"role_arn": ROLE}]}, {}),
        ({}, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": ROLE}),
    ):
        assert find_account(aws, environ) == Found(MINE, f"role {ROLE}")
    for role in (reference("iam", "arn"), "arn:aws:iam::1:user/x"):
        assert find_account({"assume_role": {"role_arn": role}}, keys(MINE)).account is None


def test_the_provider_s_own_keys_and_endpoint_come_first(sts: Sts) -> None:
    """Before the environment's; an unknown key is no key."""
    aws: dict[str, Any] = {
        "access_key": f"AKIA{MINE}", "secret_key": "s", "endpoints": [{"sts": sts.url}], "region": "eu-west-1",
    }  # fmt: skip
    assert find_account(aws, keys(OTHER)).account == MINE
    assert "/eu-west-1/sts/aws4_request" in sts.asked[0]["authorization"]
    assert find_account({**aws, "access_key": reference("iam", "key")}, keys(OTHER, sts.url)).account is None


CONFIG = f"""\
[default]
region = eu-west-1
aws_access_key_id = AKIA{OTHER}
aws_secret_access_key = s
s3 =
  max_concurrent_requests = 20

[profile role]
role_arn = {ROLE}
source_profile = default

[profile sso]
sso_session = corp
sso_account_id = {MINE}
sso_role_name = dev

[profile process]
credential_process = printf '{{"AccessKeyId": "AKIA{MINE}", "SecretAccessKey": "s"}}'

[profile broken]
credential_process = false

[profile empty]
region = eu-west-1
"""


def test_profiles_of_the_shared_files(tmp_path: Path, sts: Sts) -> None:
    """Keys, a role, single sign-on, a process; those of the credentials file win; the environment's keys beat them."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text(CONFIG)
    environ = {"HOME": str(tmp_path), "AWS_ENDPOINT_URL_STS": sts.url, "PATH": "/usr/bin:/bin"}

    def account(**more: str) -> str | None:
        return find_account({}, environ | more).account

    assert account() == OTHER
    assert [account(AWS_PROFILE=name) for name in ("role", "sso", "process")] == [MINE, MINE, MINE]
    for name, reason in (("broken", "no credentials"), ("empty", "no credentials"), ("none", "no such profile")):
        found = find_account({"profile": name}, environ)
        assert (found.account, found.credentials, reason in found.reason) == (None, f"profile {name}", True)
    assert find_account({}, environ | {"AWS_PROFILE": "none"}).reason == "there is no such profile"
    (tmp_path / ".aws/credentials").write_text(f"[default]\naws_access_key_id = AKIA{MINE}\n")
    assert account() == MINE
    assert find_account({"profile": "default"}, environ | keys(OTHER, sts.url) | environ).account == MINE
    assert find_account({}, environ | keys(OTHER) | environ | {"AWS_PROFILE": "sso"}).account == OTHER
    (tmp_path / "own").write_text("[default\n")
    files = {"shared_config_files": [str(tmp_path / "own")], "shared_credentials_files": ["~/.aws/nothing"]}
    assert "cannot be read" in find_account(files, environ).reason


def test_the_region_and_the_endpoint_are_those_that_terraform_uses(tmp_path: Path, sts: Sts) -> None:
    """The provider's, the environment's, the profile's, the usual one; what is empty or unknown is none."""
    environ = keys(MINE, sts.url, AWS_REGION="", AWS_DEFAULT_REGION="eu-west-2")
    for aws, more, region in (
        ({"region": "eu-west-1", "sts_region": "eu-north-1"}, {}, "eu-north-1"),
        ({"region": "eu-west-1"}, {"AWS_REGION": "eu-west-3"}, "eu-west-1"),
        ({"region": ""}, {"AWS_REGION": "eu-west-3"}, "eu-west-3"),
        ({"region": reference("vpc", "region")}, {}, "eu-west-2"),
        ({}, {"AWS_DEFAULT_REGION": ""}, "us-east-1"),
    ):
        assert find_account(aws, environ | more).account == MINE
        assert f"/{region}/sts/" in sts.asked[-1]["authorization"]
    (tmp_path / "config").write_text(
        f"[profile mine]\nregion = eu-south-1\nendpoint_url = {sts.url}\naws_secret_access_key = s\n"
        f"aws_access_key_id = AKIA{MINE}\naws_session_token = session\n"
    )
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    assert find_account({"profile": "mine"}, files).account == MINE
    assert "/eu-south-1/sts/" in sts.asked[-1]["authorization"]
    assert sts.asked[-1]["x-amz-security-token"] == "session"
    (tmp_path / "config").write_text("[profile mine]\naws_secret_access_key = s\n")
    assert find_account({"profile": "mine"}, files).reason == "it has no credentials"
    asked = len(sts.asked)
    found = find_account({"endpoints": {"sts": NOWHERE}}, keys(OTHER, sts.url, AWS_ENDPOINT_URL_STS=sts.url))
    assert (found.account, len(sts.asked)) == (None, asked)
    assert find_account({}, keys(OTHER, NOWHERE, AWS_ENDPOINT_URL_STS=sts.url)).account == OTHER


def test_what_the_provider_allows_counts_when_all_of_it_is_known(make: Callable[..., Instance], sts: Sts) -> None:
    """One that is not known may be the right one."""
    allowed = [reference("org", "account"), OTHER]
    check_account(make("vpc", "vpc", {}, providers={"aws": {"allowed_account_ids": allowed}}), keys(MINE, sts.url))
    resolved = {"aws": [{"allowed_account_ids": [OTHER, "3"]}]}
    instance = make("vpc", "vpc", {})
    error = refused(lambda: check_account(instance, keys(MINE, sts.url), providers=resolved))
    assert f"{OTHER} or 3" in error.message


@pytest.mark.parametrize("allowed", [[], None, "111122223333", {}])
def test_what_allows_nothing_in_particular_asks_nobody(
    make: Callable[..., Instance], sts: Sts, allowed: object
) -> None:
    """An empty list is none, and what is no list is for the provider to refuse."""
    check_account(make("vpc", "vpc", {}, providers={"aws": {"allowed_account_ids": allowed}}), keys(OTHER, sts.url))
    check_account(make("vpc", "vpc", {}, providers={"aws": []}), keys(OTHER, sts.url))
    assert sts.asked == []


def test_half_of_a_pair_is_nothing(tmp_path: Path, sts: Sts) -> None:
    """A key without its secret, a token file without a role; a list that should be a block."""
    mine = keys(MINE, sts.url)
    halves: list[dict[str, object]] = [{"access_key": "AKIA"}, {"secret_key": "s"}]
    halves += [{"assume_role": [{}]}, {"assume_role": []}]
    for aws in halves:
        assert find_account(aws, mine).account == MINE
    half = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    for more in ({"AWS_ACCESS_KEY_ID": "a"}, {"AWS_SECRET_ACCESS_KEY": "a"}, {"AWS_ROLE_ARN": ROLE}):
        assert find_account({}, half | more).account is None
    assert find_account({}, half | {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}).credentials == "none"
    provider = {"access_key": f"AKIA{OTHER}", "secret_key": "s", "token": "session"}
    assert find_account(provider, mine).account == OTHER
    assert sts.asked[-1]["x-amz-security-token"] == "session"


def test_what_the_provider_does_not_know_yet_is_said_so(tmp_path: Path, sts: Sts) -> None:
    """Other credentials are not taken instead of it."""
    unknown = reference("iam", "name")
    for aws in ({"profile": unknown}, {"access_key": unknown}, {"access_key": "a", "secret_key": unknown}):
        found = find_account(aws, keys(MINE, sts.url))
        assert (found.account, "not known yet" in found.reason) == (None, True)
    (tmp_path / "config").write_text(f"[default]\nrole_arn = {ROLE}\n")
    files = {"shared_config_files": [unknown, str(tmp_path / "config")], "shared_credentials_files": ["/dev/null"]}
    assert find_account(files, {"HOME": "/nowhere"}).account == MINE


def test_endpoints_of_the_environment_can_be_switched_off(sts: Sts) -> None:
    """As AWS's libraries let them be; then Amazon's own is asked, here through a proxy that is not there."""
    off = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "https_proxy": NOWHERE}
    found = find_account({}, keys(MINE, sts.url, **off))
    assert found.reason.startswith("sts.us-east-1.amazonaws.com cannot be asked")
    assert find_account({"endpoints": {"sts": sts.url}}, keys(MINE, **off)).account == MINE


def test_a_refusal_stands_where_the_account_is_written(make: Callable[..., Instance], sts: Sts) -> None:
    """The setting's own line, or that of what the provider allows."""

    class Places(NoProvenance):
        def explain(self, path: Sequence[str | int]) -> Origin:
            return Origin(None, Position(".".join(map(str, path)), 1), ())

    aws = {"aws": {"allowed_account_ids": [OTHER]}}
    for instance in (belongs(make, OTHER, provenance=Places()), belongs(make, "1", provenance=Places())):
        assert refused(lambda one=instance: check_account(one, keys(MINE, sts.url))).at == Position(SETTING, 1)  # type: ignore[misc]
    error = refused(lambda: check_account(make("a", "a", {}, providers=aws, provenance=Places()), keys(MINE, sts.url)))
    assert error.at == Position("providers.aws.allowed_account_ids", 1)


def test_a_machine_and_a_container_give_what_nothing_else_gives(tmp_path: Path, sts: Sts) -> None:
    """Their role's keys are asked about; a container is asked first, and never another machine in clear."""
    base = {"HOME": "/nowhere", "AWS_ENDPOINT_URL": sts.url}
    machine = base | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": sts.url}
    assert find_account({}, machine) == Found(MINE, "the machine's")
    assert sts.asked[0]["x-amz-security-token"] == "session"
    assert find_account({}, machine | {"AWS_EC2_METADATA_DISABLED": "true"}).account is None
    assert find_account({}, base | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": NOWHERE}).credentials == "none"
    (tmp_path / "token").write_text("t0ken\n")
    for token in ({"TOKEN": "t0ken"}, {"TOKEN_FILE": str(tmp_path / "token")}):
        more = {f"AWS_CONTAINER_AUTHORIZATION_{name}": value for name, value in token.items()}
        container = base | more | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{sts.url}/keys"}
        assert find_account({}, container) == Found(MINE, "the container's")
    for url, reason in ((f"{sts.url}/keys", "no credentials"), ("http://evil.example/", "another machine")):
        found = find_account({}, base | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url})
        assert (found.account, reason in found.reason) == (None, True)


def test_a_provider_block_of_the_component_s_own_counts(
    make: Callable[..., Instance], tmp_path: Path, sts: Sts
) -> None:
    """The section of the stack comes on top; a variable has its value; what only a run knows is not known."""
    code = tmp_path / "main.tf"
    code.write_text(
        'provider "aws" {\n  region = var.region\n  allowed_account_ids = [var.account]\n}\n'
        'provider "aws" {\n  alias = "other"\n  assume_role {\n    role_arn = "x"\n  }\n}\n'
    )
    instance = make("vpc", "vpc", {"region": "us-east-1", "account": MINE})
    check_account(instance, keys(OTHER, sts.url))
    assert refused(lambda: check_account(instance, keys(OTHER, sts.url), code=tmp_path)).code == "account-wrong"
    check_account(instance, keys(MINE, sts.url), code=tmp_path)
    code.write_text(f'provider "aws" {{\n  assume_role {{\n    role_arn = "{ROLE}"\n  }}\n}}\n')
    check_account(belongs(make, MINE), keys(OTHER), code=tmp_path)
    for role in ("assume_role {\n", 'dynamic "assume_role" {\n for_each = [1]\n content {\n'):
        ends = "}\n" * role.count("{")
        code.write_text(f'provider "aws" {{\n  {role}    role_arn = module.roles.arn\n  {ends}}}\n')
        error = refused(lambda: check_account(belongs(make, MINE), keys(MINE, sts.url), code=tmp_path))
        assert error.code == "account-unknown"


def test_the_decision_names_the_setting_first() -> None:
    """Where both say something, both have to hold."""
    at = reference("x", "y").at
    wishes = (Wanted(SETTING, (MINE,), at), Wanted("allowed_account_ids", (OTHER,), at))
    for found, source in ((MINE, "allowed_account_ids"), (OTHER, SETTING), (None, SETTING)):
        error = decide("s/c", wishes, Found(found, "x"))
        assert error is not None
        assert error.facts["source"] == source


@pytest.mark.parametrize("token", ["", "FwoGZXIvYXdzEBY"])
@pytest.mark.parametrize("url", ["https://sts.eu-west-1.amazonaws.com", "http://127.0.0.1:4566/proxied"])
def test_requests_are_signed_as_aws_s_own_library_signs_them(token: str, url: str) -> None:
    """Byte for byte, with and without a session token."""
    auth = pytest.importorskip("botocore.auth", reason="optional: comes with the sandbox's extra")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Theirs

    at = datetime(2026, 11, 29, 15, 0, 0, tzinfo=UTC)
    body, kind = b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": "application/x-www-form-urlencoded"}
    who = Credentials("AKIA", "secret/+", token)
    mine = signed("POST", url, who, service="sts", region="eu-west-1", at=at, headers=kind, body=body)
    request = AWSRequest("POST", url, kind, body)
    request.headers["X-Amz-Content-SHA256"] = mine["x-amz-content-sha256"]
    signer = auth.SigV4Auth(Theirs("AKIA", "secret/+", token or None), "sts", "eu-west-1")
    request.context["timestamp"] = mine["x-amz-date"]
    request.headers["X-Amz-Date"] = mine["x-amz-date"]
    if token:
        request.headers["X-Amz-Security-Token"] = token
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert mine["authorization"].endswith(f"Signature={signature}")


def test_a_region_never_becomes_another_host() -> None:
    """It is part of an address."""
    with pytest.raises(NoAnswer, match="no region"):
        account_of(Credentials("a", "b"), region="evil.example/", environ={})
