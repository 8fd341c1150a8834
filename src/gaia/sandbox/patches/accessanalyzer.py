"""IAM Access Analyzer. Upstream: the service is not there at all."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from moto.backend_index import backend_url_patterns
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow
from moto.utilities.utils import get_partition

_NAME = "accessanalyzer"
_URL = r"https?://access-analyzer\.(.+)\.amazonaws\.com"


def apply() -> None:
    """A package of moto's own form: analyzers with their tags. They find nothing."""
    package, urls = (ModuleType(f"moto.{_NAME}{part}") for part in ("", ".urls"))
    package.__dict__[f"{_NAME}_backends"] = _BACKENDS
    dispatch = AccessAnalyzerResponse.dispatch
    urls.__dict__["url_bases"] = [_URL]
    urls.__dict__["url_paths"] = {
        "{0}/analyzer$": dispatch,
        "{0}/analyzer/(?P<analyzerName>[^/]+)$": dispatch,
        "{0}/tags/(?P<resourceArn>.+)$": dispatch,
    }
    sys.modules |= {module.__name__: module for module in (package, urls)}
    AccessAnalyzerBackend.__module__ = f"moto.{_NAME}.models"  # its addresses are looked for beside that
    backend_url_patterns.append((_NAME, re.compile(_URL)))


class ResourceNotFoundException(JsonRESTError):
    """As AWS calls it."""

    code = 404

    def __init__(self, name: str) -> None:
        super().__init__("ResourceNotFoundException", f"The analyzer {name} was not found.")


class AccessAnalyzerBackend(BaseBackend):
    """Analyzers by name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.analyzers: dict[str, dict[str, Any]] = {}

    def create_analyzer(self, name: str, kind: str, tags: dict[str, str]) -> dict[str, Any]:
        """One that is active at once."""
        place = f"arn:{get_partition(self.region_name)}:access-analyzer:{self.region_name}:{self.account_id}"
        about = {"name": name, "type": kind, "arn": f"{place}:analyzer/{name}", "status": "ACTIVE"}
        self.analyzers[name] = {**about, "createdAt": utcnow(), "tags": dict(tags or {})}
        return self.analyzers[name]

    def get_analyzer(self, name: str) -> dict[str, Any]:
        """By name."""
        if name not in self.analyzers:
            raise ResourceNotFoundException(name)
        return self.analyzers[name]

    def delete_analyzer(self, name: str) -> None:
        """For good."""
        self.get_analyzer(name)
        del self.analyzers[name]

    def tags_of(self, arn: str) -> dict[str, str]:
        """Of the analyzer with this ARN."""
        tags: dict[str, str] = self.get_analyzer(arn.rpartition("/")[2])["tags"]
        return tags


_BACKENDS = BackendDict(AccessAnalyzerBackend, _NAME)


class AccessAnalyzerResponse(BaseResponse):
    """What is asked of it."""

    def __init__(self) -> None:
        super().__init__(service_name=_NAME)

    @property
    def backend(self) -> Any:
        """Of the account and the region of the request."""
        return _BACKENDS[self.current_account][self.region]

    @property
    def arn(self) -> str:
        """Of the path."""
        return unquote(self.path).partition("/tags/")[2]

    def create_analyzer(self) -> Any:
        """CreateAnalyzer."""
        made = self.backend.create_analyzer(*map(self._get_param, ("analyzerName", "type", "tags")))
        return ActionResult({"arn": made["arn"]})

    def get_analyzer(self) -> Any:
        """GetAnalyzer."""
        return ActionResult({"analyzer": self.backend.get_analyzer(self._get_param("analyzerName"))})

    def list_analyzers(self) -> Any:
        """ListAnalyzers."""
        return ActionResult({"analyzers": list(self.backend.analyzers.values())})

    def delete_analyzer(self) -> Any:
        """DeleteAnalyzer."""
        self.backend.delete_analyzer(self._get_param("analyzerName"))
        return EmptyResult()

    def list_tags_for_resource(self) -> Any:
        """ListTagsForResource."""
        return ActionResult({"tags": self.backend.tags_of(self.arn)})

    def tag_resource(self) -> Any:
        """TagResource."""
        self.backend.tags_of(self.arn).update(self._get_param("tags"))
        return EmptyResult()

    def untag_resource(self) -> Any:
        """UntagResource."""
        for key in self.querystring.get("tagKeys", []):
            self.backend.tags_of(self.arn).pop(key, None)
        return EmptyResult()
