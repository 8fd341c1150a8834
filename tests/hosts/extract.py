"""Makes `github.json`: of GitHub's published OpenAPI, the operations that Gaia asks for.

    npm pack @octokit/openapi@23.0.2      # or as it is newer
    python -m tests.hosts.extract FOLDER  # FOLDER/generated/api.github.com.json is read

Requests are kept whole. Of answers, `required` is left out (a test's host does not answer all that GitHub does) and
what GitHub does not name is refused (it does not answer more either).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "github.json"
_DROPPED = {"description", "example", "examples", "title", "format", "x-github-breaking-changes", "deprecated"}
_DEEPEST = 2
"""Levels of an answer; what lies deeper may be anything."""
OPERATIONS = (
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}/commits"),
    ("get", "/repos/{owner}/{repo}/branches/{branch}"),
    ("get", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls"),
    ("get", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("post", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("get", "/repos/{owner}/{repo}/issues"),
    ("post", "/repos/{owner}/{repo}/issues"),
    ("patch", "/repos/{owner}/{repo}/issues/{issue_number}"),
    ("get", "/orgs/{org}/teams/{team_slug}/members"),
    ("get", "/repos/{owner}/{repo}/collaborators/{username}/permission"),
    ("post", "/repos/{owner}/{repo}/statuses/{sha}"),
)


class Extract:
    """Of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def followed(self, part: Any) -> Any:
        """The part that a reference leads to."""
        while isinstance(part, dict) and "$ref" in part:
            found: Any = self.document
            for name in part["$ref"].split("/")[1:]:
                found = found[name.replace("~1", "/").replace("~0", "~")]
            part = found
        return part

    def schema(self, part: Any, *, answer: bool, depth: int = 0, whole: bool = True) -> Any:
        """As JSON Schema: references followed, OpenAPI's `nullable` in JSON Schema's words."""
        part = self.followed(part)
        if depth > _DEEPEST:
            return True
        made: dict[str, Any] = {}
        for name, value in part.items():
            if name in _DROPPED or name == "nullable" or (answer and name == "required"):
                continue
            if name == "properties":
                kept = {n: self.schema(v, answer=answer, depth=depth + 1) for n, v in value.items()}
                made[name] = kept
            elif name in ("items", "additionalProperties") and isinstance(value, dict):
                made[name] = self.schema(value, answer=answer, depth=depth)
            elif name in ("oneOf", "anyOf", "allOf"):
                made["anyOf" if answer and name == "oneOf" else name] = [
                    self.schema(one, answer=answer, depth=depth, whole=name != "allOf") for one in value
                ]
            else:
                made[name] = value
        if answer and whole and "properties" in made:
            made.setdefault("additionalProperties", False)
        if part.get("nullable"):
            made = {"anyOf": [{"type": "null"}, made]}
        return made

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """One operation: its query, its body, its answers that are no errors."""
        found = self.document["paths"][path][method]
        given = [self.followed(one) for one in found["parameters"]]
        made: dict[str, Any] = {
            "method": method.upper(),
            "path": path,
            "parameters": {
                one["name"]: self.schema(one["schema"], answer=False) for one in given if one["in"] != "header"
            },
            "answers": {},
        }
        if "requestBody" in found:
            body = self.followed(found["requestBody"])
            made["body"] = self.schema(body["content"]["application/json"]["schema"], answer=False)
        for status, told in found["responses"].items():
            content = self.followed(told).get("content", {}).get("application/json")
            if status.startswith("2") and content:
                made["answers"][status] = self.schema(content["schema"], answer=True)
                _of_deleted_forks(made["answers"][status])
        return made


def _of_deleted_forks(schema: dict[str, Any]) -> None:
    """GitHub's document does not say so, but `head.repo` is null once the fork was deleted."""
    head = schema.get("items", schema).get("properties", {}).get("head", {}).get("properties")
    if head:
        head["repo"] = {"anyOf": [{"type": "null"}, head["repo"]]}


def main(folder: Path) -> None:
    """Write it."""
    document = json.loads((folder / "generated/api.github.com.json").read_text())
    extract = Extract(document)
    of = f"GitHub's REST API {document['info']['version']}, MIT licence, made by tests/hosts/extract.py"
    lines = (json.dumps(extract.operation(*one), separators=(",", ":"), sort_keys=True) for one in OPERATIONS)
    HERE.write_text('{"of": ' + json.dumps(of) + ', "operations": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
