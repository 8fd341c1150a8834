"""AWS WAF, both generations: a web ACL by the month, its rules and groups by number, requests by the million."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_MILLION = Decimal(10**6)


class Acl(Builder):
    """A web ACL of the second generation."""

    types = ("aws_wafv2_web_acl",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Rules are those that are no groups, with those inside groups that the usage file counts."""
        rules = resource.blocks("rule")
        groups = sum(_is(rule, "rule_group_reference_statement") for rule in rules)
        managed = sum(_is(rule, "managed_rule_group_statement") for rule in rules)
        plain = Decimal(len(rules) - groups - managed)
        for name in ("rule_group_rules", "managed_rule_group_rules"):
            plain += resource.usage.number(name) or ZERO
        lines = [_line("Web ACL usage", "months", "web-acl-v2", ONE)]
        if plain:
            lines.append(_line("Rules", "rules", "rule-v2", plain))
        if groups:
            lines.append(used("Rule groups", "groups", _key("rule-v2"), Decimal(groups)))
        if managed:
            # Infracost counts the ordinary groups here.
            count = groups if resource.parity else managed
            lines.append(used("Managed rule groups", "groups", _key("rule-v2"), Decimal(count)))
        return Bill((*lines, _requests(resource, "requests-v2")))


def _is(rule: Block, statement: str) -> bool:
    return bool(rule.block("statement").blocks(statement))


class ClassicAcl(Builder):
    """A web ACL of the first generation."""

    types = ("aws_waf_web_acl",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Rules and groups are always shown."""
        kinds = [(rule.text("type") or "").casefold() for rule in resource.blocks("rules")]
        plain = Decimal(sum(kind in ("regular", "rate_based") for kind in kinds))
        plain += resource.usage.number("rule_group_rules") or ZERO
        return Bill(
            (
                _line("Web ACL usage", "months", "web-acl", ONE),
                _line("Rules", "rules", "rule", plain),
                used("Rule groups", "groups", _key("rule"), Decimal(kinds.count("group"))),
                _requests(resource, "requests"),
            )
        )


def _line(name: str, unit: str, key: str, count: Decimal) -> Component:
    return Component(name, unit, _key(key), count)


def _requests(resource: CostResource, key: str) -> Component:
    quantity = resource.usage.number("monthly_requests")
    return used("Requests", "1M requests", _key(key), quantity, multiplier=_MILLION)


def _key(key: str) -> PriceKey:
    return PriceKey("awswaf", "Web Application Firewall", key)
