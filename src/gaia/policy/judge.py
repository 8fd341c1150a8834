"""Decides: a document and a policy set in, sorted findings out; what goes wrong is an error, never "no findings"."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard, cast

from gaia.errors import Invalid, Next, Unavailable
from gaia.kit.shapes import as_map
from gaia.policy.model import EFFECTS, SAID, SEVERITIES, Answer, Effect, Finding, Rule, Subject
from gaia.policy.ports import unusable
from gaia.policy.rules import AUTO_APPROVAL, FOLDER, PolicySet, placed
from gaia.policy.violating import PlainValues, Values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gaia.policy.model import Module
    from gaia.policy.ports import PolicyEngine

__all__ = ["PolicySet", "auto_approved", "judge", "judge_each", "texts"]


def judge(
    policies: PolicySet,
    subject: Subject,
    document: Mapping[str, object],
    *,
    engine: PolicyEngine,
    effects: Collection[Effect] = EFFECTS,
) -> tuple[Finding, ...]:
    """Everything that the rules for `subject` say about `document`, sorted: effect, severity, rule, address.

    Only the rule sets in `effects` are asked.

    For `plan` the document is Terraform's plan JSON with one more key, `gaia`: `{stack, stage, tenant, kind, service,
    requester, instances, step, now}`, where `kind` is `provision` or `retire`, and where it is known `cost`.

    Raises:
        Invalid: `policy-broken` (with file and line) when a rule cannot be evaluated, `policy-bad-result` when it says
            something other than `{"message": …, "address": …}`.
        Unavailable: the engine crashed or took too long.
    """
    asked = _asked(policies, subject, effects)
    if not asked:
        return _unjudged(policies, subject, effects)
    references = [rule.term(effect) for rule, effect in asked]
    answers = engine.evaluate(policies.modules, _encode(document), references)
    return _sorted(policies, asked, answers, _values(policies, subject, document), engine)


def _asked(policies: PolicySet, subject: Subject, effects: Collection[Effect]) -> list[tuple[Rule, Effect]]:
    return [(rule, effect) for rule in policies.about(subject) for effect in rule.effects if effect in effects]


def _unjudged(policies: PolicySet, subject: Subject, effects: Collection[Effect]) -> tuple[Finding, ...]:
    """What is said of a plan that no rule looks at: whoever approves of it knows that."""
    if subject != "plan" or policies.about("plan") or "warn" not in effects:
        return ()
    said = without_plans(policies)
    return (Finding("plan.unjudged", "warn", "Plans are judged", "medium", said.message, None, (), _TAKE_OVER),)


def without_plans(policies: PolicySet) -> Invalid:
    """Where no rule is about plans, nothing found would mean that nobody looked."""
    own = f", and Gaia's own are not in force where a repository has a folder {FOLDER}" if policies.whose else ""
    copy = Next("policy copy", words="Take Gaia's over", after="Or write rules about plans.")
    return Invalid(
        "policies-without-plans",
        f"no rule of {policies.shown} is about plans{own}: nobody has judged this one",
        next_step=copy if policies.whose else "Give a folder with rules about plans.",
    )


def _values(policies: PolicySet, subject: Subject, document: Mapping[str, object]) -> Values | PlainValues:
    return Values(document, policies.modules) if subject == "plan" else PlainValues(document)


def judge_each(
    policies: PolicySet,
    subject: Subject,
    documents: Sequence[Mapping[str, object]],
    *,
    engine: PolicyEngine,
    effects: Collection[Effect] = EFFECTS,
) -> tuple[tuple[Finding, ...], ...]:
    """As `judge`, of several documents in one question: the findings of each, in the order given.

    Raises:
        Invalid, Unavailable: as `judge`; a rule that cannot be evaluated on one document decides about none.
    """
    asked = _asked(policies, subject, effects)
    if not asked or not documents:
        return (_unjudged(policies, subject, effects),) * len(documents)
    # One term for all rules, because each `with` evaluates the shared ones again; a line each, see `regorus_child`.
    members = ",\n".join(f"[x | x := {rule.term(effect)}]" for rule, effect in asked)
    term = f"[answers | some one in input; answers := [\n{members}\n] with input as one]"
    (answer,) = engine.evaluate(policies.modules, _encode(documents), [term])
    _check(answer, shown=policies.shown)
    if not _answers(answer.value, len(documents)) or not all(_answers(one, len(asked), 1) for one in answer.value):
        raise _unanswered(asked[0][0], engine)
    found: list[tuple[Finding, ...]] = []
    for document, answered in zip(documents, answer.value, strict=True):
        given = [Answer.of(one) for one in answered]
        found.append(_sorted(policies, asked, given, _values(policies, subject, document), engine))
    return tuple(found)


def _answers(value: object, count: int, most: int | None = None) -> TypeGuard[list[list[list[object]]]]:
    """Whether it is a list of so many lists, each of no more than `most` members."""
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(one, list) and (most is None or len(one) <= most) for one in value)
    )


def _sorted(
    policies: PolicySet,
    asked: Sequence[tuple[Rule, Effect]],
    answers: Sequence[Answer],
    values: Values | PlainValues,
    engine: PolicyEngine,
) -> tuple[Finding, ...]:
    for (rule, _), answer in zip(asked, answers, strict=True):
        _check(answer, shown=policies.shown)
        if not isinstance(answer.value, list):
            raise _unanswered(rule, engine)
    findings = {
        finding
        for (rule, effect), answer in zip(asked, answers, strict=True)
        for finding in _findings(rule, effect, answer, values)
    }
    return tuple(sorted(findings, key=weight))


def auto_approved(policies: PolicySet, document: Mapping[str, object], *, engine: PolicyEngine) -> bool:
    """Whether `data.gaia.request.auto_approve` is exactly true; undefined and everything else is no.

    The document: `gaia` as for a plan with one more key, `owner` (who first asked for the service), and `findings`
    (`Finding.as_json()` of the preview).

    Raises:
        Invalid, Unavailable: as `judge`.
    """
    (answer,) = engine.evaluate(policies.modules, _encode(document), [AUTO_APPROVAL])
    _check(answer)
    return answer.defined and answer.value is True


def texts(
    modules: Sequence[Module], document: Mapping[str, object], reference: str, *, engine: PolicyEngine
) -> tuple[str, ...]:
    """The texts of a rule set such as `data.atmos.errors`, sorted; none where it is undefined.

    Raises:
        Invalid: `policy-broken`, `policy-bad-result`. Unavailable: the engine crashed or took too long.
    """
    (answer,) = engine.evaluate(modules, _encode(document), [reference])
    _check(answer, Next("validate component", words="Repair the rule, then check the component again"), shown="")
    items = answer.value if isinstance(answer.value, list) else [answer.value] if answer.defined else []
    if any(not isinstance(one, str) for one in items):
        raise Invalid(
            "policy-bad-result",
            f"{reference} holds something other than texts",
            next_step='Write `errors contains message if { …; message := "…" }`.',
        )
    return tuple(sorted(map(str, items)))


def _encode(document: Mapping[str, object] | Sequence[Mapping[str, object]]) -> bytes:
    import orjson

    try:
        return orjson.dumps(document)
    except TypeError:  # a number of more than 64 bits, which JSON may have; or what follows
        pass
    try:
        return json.dumps(document, ensure_ascii=False).encode()
    except RecursionError as error:
        raise unusable("it is nested too deeply") from error
    except ValueError as error:  # half of a character, a number without end, or a circle
        raise unusable(f"it cannot be written as JSON: {error}") from error


_TAKE_OVER = "Take Gaia's rules over, or write rules about plans."
_MEMBERS = {"message", "address", "value"}
_TEST_AGAIN = Next("policy test", words="Repair the rule, then run the rules' tests")


def _check(answer: Answer, next_step: Next = _TEST_AGAIN, *, shown: str = FOLDER) -> None:
    if answer.problem:
        raise Invalid(
            "policy-broken",
            f"a rule cannot be evaluated, so nothing was decided: {answer.problem.message}",
            next_step=next_step,
            at=placed(answer.problem.at, shown) if answer.problem.at and shown else answer.problem.at,
        )


def _unanswered(rule: Rule, engine: PolicyEngine) -> Unavailable:
    """A rule's set may be empty and is never undefined: an engine that says so has not asked it."""
    return Unavailable(
        "policy-engine-crashed",
        f"the policy engine {engine.name} has no answer of {rule.name}; nothing was decided",
        next_step="Try again; if it stays, judge by the embedded engine: take GAIA_OPA and GAIA_OPA_URL away.",
        facts={"file": rule.path},
    )


def _findings(rule: Rule, effect: Effect, answer: Answer, values: Values | PlainValues) -> list[Finding]:
    items = cast("list[object]", answer.value)
    found = [_finding(rule, effect, item) for item in items]
    if effect != "deny":
        return found
    given = [item.get("value") if isinstance(item, dict) else None for item in items]
    return [replace(one, value=values.of(one, rule.path, said)) for one, said in zip(found, given, strict=True)]


def _finding(rule: Rule, effect: Effect, item: object) -> Finding:
    if rule.foreign:
        return _foreign(rule, effect, item)
    said = as_map(item)
    message, address = said.get("message"), said.get("address")
    if not isinstance(message, str) or not isinstance(address, str | None) or set(said) - _MEMBERS:
        raise Invalid(
            "policy-bad-result",
            f"{rule.name} put {json.dumps(item)[:200]} into {effect}",
            next_step='Make each member an object with "message" and, where there is one, "address" and "value".',
            facts={"file": rule.path},
        )
    return Finding(rule.name, effect, rule.title, rule.severity, message, address, rule.controls, rule.remediation)


def _foreign(rule: Rule, effect: Effect, item: object) -> Finding:
    """A member of a set that was written for conftest: a text, or an object with `msg` and whatever else."""
    message = item.get("msg") if isinstance(item, dict) else item
    if not isinstance(message, str):
        raise Invalid(
            "policy-bad-result",
            f"{rule.name} put {json.dumps(item)[:200]} into {rule.rule_set}",
            next_step='Make each member a text, or an object with "msg".',
            facts={"file": rule.path},
        )
    address = item.get("address") if isinstance(item, dict) else None
    address = address if isinstance(address, str) else None
    return Finding(rule.name, effect, rule.title, rule.severity, message, address, rule.controls, rule.remediation)


def weight(finding: Finding) -> tuple[int, int, str, str, str]:
    """What findings are sorted by."""
    return (
        SAID.index(finding.effect),
        SEVERITIES.index(finding.severity),
        finding.rule,
        finding.address or "",
        finding.message,
    )
