"""The function set of gomplate v3, as far as it neither reaches outside nor differs from run to run.

Namespaces are functions that return an object (`strings.Title`); many of their members have a short name too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate import data, numbers, texts, values
from gaia.golang.gotemplate.gomplate.convert import text
from gaia.golang.gotemplate.sprig.environment import expanded
from gaia.golang.gotemplate.sprig.library import refusing
from gaia.golang.gotemplate.values import Failure, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Members = Mapping[str, Callable[..., object]]

REFUSED: Final = {
    "templates do not reach outside: give the data as vars or use a YAML function": "datasource ds datasourceExists "
    "datasourceReachable defineDatasource include listDatasources",
    "it is not part of what Gaia renders": "toTOML csv csvByRow csvByColumn toCSV jsonpath",
}
"""Functions that are there by name only, by the reason why."""
REFUSED_NAMESPACES: Final = {
    "templates do not reach outside": "aws gcp net sockaddr file filepath tmpl",
    "its result would differ from one run to the next": "random uuid",
}


class _Refused(Namespace):
    """A namespace that is known, so that the refusal can say why it is not there."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, {})
        self.why = why

    def member(self, name: str) -> object:
        """Refuse whatever is asked for."""
        raise Failure(f"{self.name}.{name} is not supported: {self.why}")


def functions(environ: Mapping[str, str]) -> Members:
    """Every function by name. `environ` is what `env.Getenv` and `getenv` see."""

    def getenv(name: object, *fallback: str) -> str:
        found = environ.get(text(name), "")
        return found or (fallback[0] if fallback else "")

    def expand(value: object) -> str:
        return expanded(text(value), environ)

    plain = {**texts.NAMESPACES, **values.NAMESPACES, **numbers.NAMESPACES, **data.NAMESPACES}
    env = Namespace("env", {"Getenv": getenv, "ExpandEnv": expand})
    namespaces: dict[str, Namespace] = {
        "env": env,
        **{name: Namespace(name, members) for name, members in plain.items()},
        **{name: _Refused(name, why) for why, names in REFUSED_NAMESPACES.items() for name in names.split()},
    }
    return {
        **{name: _giving(namespace) for name, namespace in namespaces.items()},
        **texts.ALIASES,
        **values.ALIASES,
        **numbers.ALIASES,
        **data.ALIASES,
        **{name: refusing(name, why) for why, names in REFUSED.items() for name in names.split()},
        "getenv": getenv,
    }


def _giving(namespace: Namespace) -> Callable[[], Namespace]:
    def given() -> Namespace:
        return namespace

    return given
