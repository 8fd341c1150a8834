"""What an AWS account holds, by the tagging API and the list calls of the types whose import ids Gaia knows."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from xml.etree import ElementTree

from gaia.adoption.coverage import Coverage, Thing, covered
from gaia.errors import GaiaError, Refused
from gaia.operations.import_rules import RULES
from gaia.terraform.aws_credentials import credentials_of
from gaia.terraform.aws_endpoint import aws_endpoint
from gaia.terraform.aws_signing import send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gaia.terraform.aws_signing import Credentials
    from gaia.terraform.state import State

_PAGES = 100
_GLOBAL = "us-east-1"
_AWS_ALIAS = "alias/aws/"


@dataclass(frozen=True, slots=True)
class Call:
    """A list call. In the JSON protocol `action` is the whole target, in the query protocol the action alone."""

    service: str
    type: str
    action: str
    items: str
    """Where the items stand in the answer."""
    id: str
    arn: str = ""
    version: str = ""
    """Of a query protocol; empty: JSON."""
    token: tuple[str, str] = ("NextToken", "NextToken")
    """The answer's and the request's name for where the next page begins."""
    everywhere: bool = False
    """Whether all regions give the same."""
    more: tuple[tuple[str, str], ...] = ()


CALLS = (
    Call("dynamodb", "aws_dynamodb_table", "DynamoDB_20120810.ListTables", "TableNames", "",
         token=("LastEvaluatedTableName", "ExclusiveStartTableName")),
    Call("ec2", "aws_security_group", "DescribeSecurityGroups", "securityGroupInfo/item", "groupId",
         version="2016-11-15", token=("nextToken", "NextToken")),
    Call("ec2", "aws_vpc", "DescribeVpcs", "vpcSet/item", "vpcId", version="2016-11-15",
         token=("nextToken", "NextToken")),
    Call("iam", "aws_iam_instance_profile", "ListInstanceProfiles", "InstanceProfiles/member", "InstanceProfileName",
         "Arn", version="2010-05-08", token=("Marker", "Marker"), everywhere=True),
    Call("iam", "aws_iam_policy", "ListPolicies", "Policies/member", "Arn", "Arn", version="2010-05-08",
         token=("Marker", "Marker"), everywhere=True, more=(("Scope", "Local"),)),
    Call("iam", "aws_iam_role", "ListRoles", "Roles/member", "RoleName", "Arn", version="2010-05-08",
         token=("Marker", "Marker"), everywhere=True),
    Call("iam", "aws_iam_user", "ListUsers", "Users/member", "UserName", "Arn", version="2010-05-08",
         token=("Marker", "Marker"), everywhere=True),
    Call("kms", "aws_kms_alias", "TrentService.ListAliases", "Aliases", "AliasName", "AliasArn",
         token=("NextMarker", "Marker")),
    Call("kms", "aws_kms_key", "TrentService.ListKeys", "Keys", "KeyId", "KeyArn", token=("NextMarker", "Marker")),
    Call("logs", "aws_cloudwatch_log_group", "Logs_20140328.DescribeLogGroups", "logGroups", "logGroupName", "arn",
         token=("nextToken", "nextToken")),
    Call("s3", "aws_s3_bucket", "", "Buckets/Bucket", "Name", everywhere=True),
    Call("secretsmanager", "aws_secretsmanager_secret", "secretsmanager.ListSecrets", "SecretList", "ARN", "ARN"),
    Call("sns", "aws_sns_topic", "ListTopics", "Topics/member", "TopicArn", "TopicArn", version="2010-03-31"),
    Call("ssm", "aws_ssm_parameter", "AmazonSSM.DescribeParameters", "Parameters", "Name"),
    Call("tagging", "", "ResourceGroupsTaggingAPI_20170126.GetResources", "ResourceTagMappingList", "ResourceARN",
         "ResourceARN", token=("PaginationToken", "PaginationToken")),
)  # fmt: skip
"""`tagging` gives what has or had a tag, of every service that knows tags."""
_JSON_VERSION = {"dynamodb": "1.0"}


@dataclass(frozen=True)
class Account:
    """An account, as somebody's credentials see it."""

    environ: Mapping[str, str] = field(repr=False)
    credentials: Credentials = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Account:
        """Of the caller's environment.

        Raises:
            Refused: `credentials-missing`, `role-refused`. Unavailable: `aws-unreachable`.
        """
        found = credentials_of(environ)
        if found is None:
            raise Refused(
                "credentials-missing",
                "there are no keys of AWS in the environment, the shared files, a container or this machine",
                next_step="Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            )
        return cls(environ, found)

    def list(self, call: Call, region: str) -> Iterator[Mapping[str, str]]:
        """The items of all pages, as flat texts.

        Raises:
            Refused: `account-refused`. Unavailable: `aws-unreachable`.
        """
        token = ""
        for _ in range(_PAGES):
            answer = self._page(call, region, token)
            items, token = _parsed(call, answer)
            yield from items
            if not token:
                return

    def _page(self, call: Call, region: str, token: str) -> bytes:
        given = dict(call.more) | ({call.token[1]: token} if token else {})
        method, headers, body = "POST", {"Content-Type": "application/x-www-form-urlencoded"}, b""
        if call.service == "s3":
            method, headers = "GET", {}
        elif call.version:
            body = urlencode({"Action": call.action, "Version": call.version, **given}).encode()
        else:
            kind = f"application/x-amz-json-{_JSON_VERSION.get(call.service, '1.1')}"
            headers, body = {"Content-Type": kind, "X-Amz-Target": call.action}, json.dumps(given).encode()
        status, answer = send(
            method, aws_endpoint(call.service, region, self.environ) + "/", self.credentials,
            service=call.service, region=region, headers=headers, body=body, environ=self.environ,
        )  # fmt: skip
        if status >= 300:
            name = call.action.rpartition(".")[2] or "ListBuckets"
            raise Refused(
                "account-refused",
                f"{call.service} {name} in {region} was answered with {status}",
                next_step="Allow these credentials to list it, or leave it unknown.",
            )
        return answer


def _parsed(call: Call, answer: bytes) -> tuple[list[Mapping[str, str]], str]:
    """Items, each name with its text, and where the next page begins."""
    if call.version or call.service == "s3":
        tree = ElementTree.fromstring(answer)  # noqa: S314 - the answer of the cloud that terraform works on
        for element in tree.iter():
            element.tag = element.tag.rpartition("}")[2]
        result = next((one for one in tree if one.tag.endswith("Result")), tree)
        items: list[Mapping[str, str]] = [
            {one.tag: one.text or "" for one in item} for item in result.iterfind(call.items)
        ]
        return items, result.findtext(call.token[0]) or ""
    document = json.loads(answer)
    found = [one if isinstance(one, dict) else {"": one} for one in document.get(call.items) or ()]
    texts: list[Mapping[str, str]] = [
        {name: value for name, value in one.items() if isinstance(value, str)} for one in found
    ]
    return texts, str(document.get(call.token[0]) or "")


def coverage(
    account: Account, regions: Iterable[str], states: Mapping[str, State], on_call: Callable[[], object]
) -> Coverage:
    """Ask an account in each region and compare with the states, by instance. `on_call` is called after each list."""
    places = tuple(sorted(set(regions)))
    asked = [(call, region) for call in CALLS for region in ((_GLOBAL,) if call.everywhere else places)]

    def ask(one: tuple[Call, str]) -> tuple[list[Mapping[str, str]], str]:
        try:
            return list(account.list(*one)), ""
        except (GaiaError, ElementTree.ParseError, ValueError) as error:
            return [], str(error)
        finally:
            on_call()

    with ThreadPoolExecutor(8) as askers:
        answers = list(askers.map(ask, asked))
    items = [(call, region, item) for (call, region), (found, _) in zip(asked, answers, strict=True) for item in found]
    silent = tuple(dict.fromkeys(why for _, why in answers if why))
    return Coverage(covered(things(items), states), places, silent)


def things(items: Iterable[tuple[Call, str, Mapping[str, str]]]) -> list[Thing]:
    """What the answers are about; a thing that several calls give is one. Pure."""
    items = list(items)
    managed_keys = {
        item.get("TargetKeyId", "")
        for call, _, item in items
        if call.type == "aws_kms_alias" and item.get("AliasName", "").startswith(_AWS_ALIAS)
    }
    found: list[Thing] = []
    known: set[str] = set()
    for call, region, item in items:
        if not call.type:
            continue
        name, arn, where = item.get(call.id, ""), item.get(call.arn, ""), "" if call.everywhere else region
        found.append(Thing(call.type, name, arn, where, _own(call.type, name, arn, item, managed_keys)))
        known |= {arn.removesuffix(":*"), f"{call.type} {name}"}
    for call, region, item in items:
        if not call.type and (arn := item.get(call.id, "")) not in known:
            kind, name = _of_arn(arn)
            if f"{kind} {name}" not in known:
                found.append(Thing(kind, name, arn, region))
    return found


def _of_arn(arn: str) -> tuple[str, str]:
    """Type and import id of an ARN whose type Gaia knows; else its service, and the ARN."""
    for kind, rule in RULES.items():
        if rule.arn and (match := re.fullmatch(rule.arn, arn)):
            return kind, rule.of_arn.format(*match.groups())
    _, _, service, _, _, rest = arn.split(":", 5) if arn.count(":") >= 5 else ("", "", "unknown", "", "", "")
    if service == "ssm" and rest.startswith("parameter/"):
        return "aws_ssm_parameter", rest.removeprefix("parameter")
    return service, arn


def _own(kind: str, name: str, arn: str, item: Mapping[str, str], managed_keys: set[str]) -> str:
    """Why AWS has made it itself; empty where somebody else did."""
    if kind == "aws_vpc" and item.get("isDefault") == "true":
        return "the default VPC"
    if kind == "aws_security_group" and item.get("groupName") == "default":
        return "a VPC's default security group"
    if (kind == "aws_kms_alias" and name.startswith(_AWS_ALIAS)) or (kind == "aws_kms_key" and name in managed_keys):
        return "a key that AWS manages"
    if kind == "aws_iam_role" and re.search(r":role/aws-(?:service-role|reserved)/", arn):
        return "a role of an AWS service"
    if kind == "aws_secretsmanager_secret" and item.get("OwningService"):
        return f"a secret of {item['OwningService']}"
    return ""
