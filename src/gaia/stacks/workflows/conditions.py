"""Conditions of steps: `when` and `continue`. Words that Atmos knows, their combinations, and a part of CEL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CI = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "BUILDKITE",
    "CIRCLECI",
    "TRAVIS",
    "TF_BUILD",
    "TEAMCITY_VERSION",
)
"""Variables by which a build server is known."""
FACTS = ("ci", "status", "stack", "component", "workflow", "step", "env", "os", "arch", "platform")
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[<>!().,\[\]]))""",
    re.VERBOSE,
)
_METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
}


class NoCondition(Exception):
    """The text is no condition, or one that is not understood here."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a condition may ask about."""

    env: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False
    stack: str = ""
    workflow: str = ""
    step: str = ""

    def facts(self) -> dict[str, object]:
        """By the names that CEL expressions use."""
        import platform

        arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        system = platform.system().lower()
        return {
            "ci": self.ci,
            "status": "failure" if self.failed else "success",
            "stack": self.stack,
            "component": "",
            "workflow": self.workflow,
            "step": self.step,
            "env": self.env,
            "os": system,
            "arch": arch,
            "platform": f"{system}/{arch}",
        }

    @property
    def ci(self) -> bool:
        """Whether a build server runs this."""
        return any(self.env.get(name, "").lower() not in ("", "false", "0") for name in CI)


_WORDS: Mapping[str, Callable[[Situation], bool]] = {
    "ci": lambda one: one.ci,
    "local": lambda one: not one.ci,
    "always": lambda _: True,
    "never": lambda _: False,
    "success": lambda one: not one.failed,
    "failure": lambda one: one.failed,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`all`, `any` or `not` of others, a word, or a CEL expression."""

    kind: str
    text: str = ""
    parts: tuple[Condition, ...] = ()

    def holds(self, situation: Situation) -> bool:
        """Whether it does.

        Raises:
            NoCondition: the expression asks for what is not there.
        """
        if self.kind == "word":
            return _WORDS[self.text](situation)
        if self.kind == "cel":
            result = _Expression(self.text, situation.facts()).value()
            if not isinstance(result, bool):
                raise NoCondition(f"{self.text!r} is neither true nor false")
            return result
        inner = [one.holds(situation) for one in self.parts]
        return all(inner) if self.kind == "all" else any(inner) if self.kind == "any" else not inner[0]

    @property
    def of_status(self) -> bool:
        """Whether it speaks of success or failure itself; else it holds only while nothing has failed."""
        if self.kind == "word":
            return self.text in ("always", "success", "failure")
        if self.kind == "cel":
            return re.search(r"(?<![\w.])status\b", self.text) is not None
        return any(one.of_status for one in self.parts)


def condition(value: object) -> Condition | None:
    """What is written after `when` or `continue`; None for nothing.

    Raises:
        NoCondition: it is not understood.
    """
    if isinstance(value, bool):
        return Condition("word", "always" if value else "never")
    if isinstance(value, str):
        return _scalar(value.strip())
    if isinstance(value, list):
        return Condition("all", parts=_several(value))
    if isinstance(value, dict):
        if len(value) != 1 or (kind := str(next(iter(value)))) not in ("all", "any", "not"):
            raise NoCondition("a condition is a text, a list, or one of all, any and not")
        inner = next(iter(value.values()))
        parts = _several(inner if isinstance(inner, list) else [inner])
        if kind != "not":
            return Condition(kind, parts=parts)
        if not parts:
            raise NoCondition("not needs a condition")
        return Condition("not", parts=(parts[0] if len(parts) == 1 else Condition("all", parts=parts),))
    if value is None:
        return None
    raise NoCondition("a condition is a text, a list, or one of all, any and not")


def runs(when: Condition | None, situation: Situation) -> bool:
    """Whether a step with this `when` runs: only after success, unless it speaks of the status itself."""
    if situation.failed and (when is None or not when.of_status):
        return False
    return when is None or when.holds(situation)


def _several(values: list[object]) -> tuple[Condition, ...]:
    return tuple(one for one in map(condition, values) if one is not None)


def _scalar(text: str) -> Condition | None:
    if not text:
        return None
    if text.lower() in _WORDS:
        return Condition("word", text.lower())
    expression = text[4:].strip() if text.lower().startswith("!cel") else text
    _Expression(expression, None).value()  # what cannot be read is refused before anything runs
    return Condition("cel", expression)


class _Expression:
    """One CEL expression, evaluated while it is read; without facts it is only read."""

    def __init__(self, text: str, facts: Mapping[str, object] | None) -> None:
        self._text = text
        self._facts = facts
        self._tokens: list[tuple[str, str]] = []
        index = 0
        while text[index:].strip():
            match = _TOKEN.match(text, index)
            if match is None or match.lastgroup is None:
                raise NoCondition(f"{text!r} is not understood from {text[index:].strip()[:12]!r} on")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            index = match.end()
        self._index = 0

    def value(self) -> object:
        result = self._either()
        if self._index < len(self._tokens):
            raise NoCondition(f"{self._text!r} is not understood from {self._tokens[self._index][1]!r} on")
        return result

    def _next(self, *signs: str) -> str | None:
        """The next token if it is one of these signs, taken."""
        if self._index < len(self._tokens) and self._tokens[self._index] in [("sign", s) for s in signs] + [
            ("name", s) for s in signs
        ]:
            self._index += 1
            return self._tokens[self._index - 1][1]
        return None

    def _expect(self, sign: str) -> None:
        if self._next(sign) is None:
            raise NoCondition(f"{self._text!r} lacks {sign!r}")

    def _either(self) -> object:
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = self._truth(value) or self._truth(other)
        return value

    def _both(self) -> object:
        value = self._compared()
        while self._next("&&"):
            other = self._compared()
            value = self._truth(value) and self._truth(other)
        return value

    def _truth(self, value: object) -> bool:
        if self._facts is not None and not isinstance(value, bool):
            raise NoCondition(f"a part of {self._text!r} is neither true nor false")
        return bool(value)

    def _compared(self) -> object:
        left = self._single()
        sign = self._next("==", "!=", "<=", ">=", "<", ">", "in")
        if sign is None:
            return left
        right = self._single()
        if self._facts is None:
            return True
        if sign == "in":
            return left in right if isinstance(right, list | dict) else False
        if sign in ("==", "!="):
            return (left == right) is (sign == "==")
        if type(left) is not type(right) or not isinstance(left, str | int | float):
            raise NoCondition(f"{self._text!r} compares what has no order")
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]  # type: ignore[operator]

    def _single(self) -> object:
        if self._next("!"):
            return not self._truth(self._single())
        if self._next("("):
            value = self._either()
            self._expect(")")
            return self._rest(value)
        if self._next("["):
            items: list[object] = []
            while not self._next("]"):
                items.append(self._either())
                self._next(",")
            return items
        if self._index >= len(self._tokens):
            raise NoCondition(f"{self._text!r} ends too early")
        kind, text = self._tokens[self._index]
        self._index += 1
        if kind == "text":
            return self._rest(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "sign":
            raise NoCondition(f"{self._text!r} is not understood at {text!r}")
        return self._named(text)

    def _named(self, name: str) -> object:
        if name in ("true", "false"):
            return name == "true"
        if name == "has":
            self._expect("(")
            self._expect("env")
            self._expect(".")
            _, key = self._tokens[self._index] if self._index < len(self._tokens) else ("", "")
            self._index += 1
            self._expect(")")
            env = (self._facts or {}).get("env")
            return isinstance(env, dict) and key in env
        if name not in FACTS:
            raise NoCondition(f"{self._text!r} asks for {name!r}; known are {', '.join(FACTS)}")
        return self._rest((self._facts or {}).get(name, {} if name == "env" else ""))

    def _rest(self, value: object) -> object:
        """Members and methods behind a value."""
        while True:
            if self._next("["):
                key = self._either()
                self._expect("]")
            elif self._next("."):
                _, key = self._tokens[self._index] if self._index < len(self._tokens) else ("", "")
                self._index += 1
                if self._next("("):
                    value = self._called(value, str(key))
                    continue
            else:
                return value
            if self._facts is None:
                value = ""
            elif hasattr(value, "keys") and key in value:  # type: ignore[operator]
                value = value[key]  # type: ignore[index]
            else:
                raise NoCondition(f"{self._text!r} asks for {key!r}, which is not there")

    def _called(self, value: object, name: str) -> object:
        argument = self._either()
        self._expect(")")
        if name not in _METHODS:
            raise NoCondition(f"{self._text!r} calls {name}(); known are {', '.join(_METHODS)}")
        return self._facts is None or _METHODS[name](str(value), str(argument))
