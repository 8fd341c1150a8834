"""What a rule has something against, shown: from its METADATA, else from its tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.policy.model import Rule
    from gaia.policy.rules import PolicySet

_TEST = re.compile(r"^test_\w+\b[^\n]*\{\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)


def example_of(policies: PolicySet, rule: Rule) -> str:
    """Lines of Rego or whatever the author wrote; empty where nothing shows one.

    Of the tests it is the first in which the rule's weightiest set has a member.
    """
    if rule.example:
        return rule.example.strip("\n")
    text = policies.text_of(rule.path.removesuffix(".rego") + "_test.rego")
    found_one = re.compile(rf"\b{rule.effects[0]}\)\s*(?:==\s*[1-9]|>\s*0|!=\s*0)|\bin\s[\w.]*\b{rule.effects[0]}\b")
    return next((test[0].strip() for test in _TEST.finditer(text) if found_one.search(test["body"])), "")
