"""The function set of gomplate v3, as far as it neither reaches outside nor differs from run to run.

Namespaces are functions that return an object (`strings.Title`); many of their members have a short name too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate import data, formats, numbers, texts, urls, values
from gaia.golang.gotemplate.gomplate.convert import text
from gaia.golang.gotemplate.gomplate.datasources import Datasources, file_members
from gaia.golang.gotemplate.sprig.environment import expanded
from gaia.golang.gotemplate.sprig.library import refusing
from gaia.golang.gotemplate.values import Failure, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.golang.gotemplate.gomplate.datasources import Files

    Members = Mapping[str, Callable[..., object]]

REFUSED: Final = {
    "there are no datasources here: they belong to the templates of components": "datasource ds datasourceExists "
    "datasourceReachable defineDatasource include listDatasources",
}
"""Functions that are there by name only, by the reason why."""
REFUSED_NAMESPACES: Final = {
    "templates do not reach outside": "aws gcp net sockaddr file",
    "its result would differ from one run to the next": "random",
}


class _Refused(Namespace):
    """A namespace that is known, so that the refusal can say why it is not there."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, {})
        self.why = why

    def member(self, name: str) -> object:
        """Refuse whatever is asked for."""
        raise Failure(f"{self.name}.{name} is not supported: {self.why}")


def functions(
    environ: Mapping[str, str], files: Files | None = None, datasources: Mapping[str, str] | None = None
) -> Members:
    """Every function by name. `environ` is what `env.Getenv` and `getenv` see.

    `files` are what `file` may read, and what `datasources` (an alias and its URL) lie in; without them both refuse.
    """

    def getenv(name: object, *fallback: str) -> str:
        found = environ.get(text(name), "")
        return found or (fallback[0] if fallback else "")

    def expand(value: object) -> str:
        return expanded(text(value), environ)

    sources = Datasources(datasources or {}, files, environ).functions() if files is not None else {}
    plain: dict[str, Members] = {**texts.NAMESPACES, **values.NAMESPACES, **numbers.NAMESPACES, **data.NAMESPACES}
    plain["data"] = {**plain["data"], **formats.FORMATS}
    plain["coll"] = {**plain["coll"], "JSONPath": formats.json_path}
    plain |= {"filepath": {**plain["path"], **urls.FILEPATH}, "uuid": urls.UUID}
    env = Namespace("env", {"Getenv": getenv, "ExpandEnv": expand})
    namespaces: dict[str, Namespace] = {
        "env": env,
        **{name: Namespace(name, members) for name, members in plain.items()},
        **{name: _Refused(name, why) for why, names in REFUSED_NAMESPACES.items() for name in names.split()},
        **({"file": Namespace("file", file_members(files))} if files is not None else {}),
    }
    return {
        **{name: _giving(namespace) for name, namespace in namespaces.items()},
        **texts.ALIASES,
        **values.ALIASES,
        **numbers.ALIASES,
        **data.ALIASES,
        **formats.ALIASES,
        **{name: refusing(name, why) for why, names in REFUSED.items() for name in names.split()},
        **sources,
        "getenv": getenv,
    }


def _giving(namespace: Namespace) -> Callable[[], Namespace]:
    def given() -> Namespace:
        return namespace

    return given
