"""A check, rules and coverage for tests of doors: hand-made, and the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gaia.errors import Position
from gaia.policy.coverage import Coverage
from gaia.policy.model import Finding, Module, Rule, Waived
from gaia.policy.report import Cause, Checked, Placed
from gaia.policy.rules import PolicySet
from gaia.policy.waiver_states import Standing, State
from gaia.policy.waivers import Waiver

_ADDRESS = "aws_kms_key.this"
_WHY = "the key does not rotate"


def rules() -> tuple[Rule, ...]:
    """One that says everything, and one that says little."""
    full = Rule(
        "plan.keys_rotate", "gaia.plan.keys_rotate", "plan/keys_rotate.rego", ("deny", "undecided"), "Keys rotate",
        "medium", ("CIS AWS 3.0.0 3.6",), "Set enable_key_rotation on the key.", "plan",
        description="A key that never changes protects everything.", owner="team-security", line=10,
    )  # fmt: skip
    return (full, Rule("plan.tags", "gaia.plan.tags", "plan/tags.rego", ("warn",), "Tags", "low", (), "", "plan"))


def policies() -> PolicySet:
    """Those rules, with a test of the first."""
    test = "package gaia.plan.keys_rotate_test\n\ntest_fixed_is_denied if {\n\tcount(keys_rotate.deny) == 1\n}\n"
    return PolicySet((), (Module("plan/keys_rotate_test.rego", test),), rules())


def checked() -> Checked:
    """A finding of each effect: with its places, without any, and about the plan as a whole."""
    rule, other = rules()
    at = Position("components/terraform/kms/main.tf", 4)
    given = Cause("enable_key_rotation", "rotates", Position("stacks/orgs/acme/dev/photos.yaml", 12, 9), given=True)
    default = Cause("description", "text", Position("components/terraform/kms/variables.tf", 7))

    def found(rule: Rule, effect: str, message: str, address: str | None) -> Finding:
        said = next(one for one in rule.effects if one == effect)
        return Finding(
            rule.name, said, rule.title, rule.severity, message, address, rule.controls, rule.remediation
        )  # fmt: skip

    findings = (
        Placed(found(rule, "deny", _WHY, _ADDRESS), at, (given, default)),
        Placed(found(rule, "undecided", "whether it rotates is known only after apply", "aws_kms_key.other")),
        Placed(found(other, "warn", "no resource has tags", None)),
    )
    return Checked("plan.json", 3, "policies", f"sha256:{'a' * 64}", "regorus", rules(), findings)


def waived() -> Checked:
    """The same, its deny excused; and another waiver that has expired."""
    made = checked()
    first, *others = made.findings
    at = Position("waivers/keys.yaml", 2, 5)
    waiver = Waived("the vendor's key cannot rotate", "team-security", "2027-03-31", at)
    excused = replace(first.finding, effect="waived", value=f"sha256:{'b' * 16}", waiver=waiver)
    message = "plan.keys_rotate, waived by team-security at waivers/keys.yaml:9:5: it held until 2026-01-01"
    notice = Finding(
        "waiver.expired", "warn", "A waiver has expired", "low", message, "aws_kms_key.old", (), "Have it renewed."
    )  # fmt: skip
    return replace(made, findings=(replace(first, finding=excused), *others, Placed(notice)))


def coverage() -> list[Coverage]:
    """A set that is seen whole, one in part, and one that nobody has seen."""
    at = Position("policies/plan/keys_rotate.rego", 14)
    return [
        Coverage("plan.keys_rotate", "deny", 2, (at,)),
        Coverage("plan.keys_rotate", "undecided", 1, (at,)),
        Coverage("plan.tags", "warn", 1, ()),
    ]


def standings() -> tuple[Standing, ...]:
    """A waiver in each state."""
    states: tuple[tuple[State, int], ...] = (("pending", 90), ("expired", -3), ("unused", 40), ("in force", 12))
    return tuple(
        Standing(
            Waiver(
                "plan.keys_rotate", _ADDRESS, f"acme-use1-dev/keys-{number}", f"sha256:{'b' * 16}",
                "the vendor's key cannot rotate", "team-security", date(2027, 3, 31),
                Position("waivers/keys.yaml", 2 + 8 * number, 5),
            ),
            state,
            days,
        )
        for number, (state, days) in enumerate(states)
    )  # fmt: skip
