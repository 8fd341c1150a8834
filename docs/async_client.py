"""The asynchronous twin of the client: the same calls, made of the source of the other by a few rules.

What waits is awaited: a call of the server, a pause. What gives one thing after the other gives it to `async for`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import cast

FOLDER = "src/gaia/client"
CALLS, TRANSPORT = f"{FOLDER}/async_calls.py", f"{FOLDER}/async_transport.py"
CALLING = f"{FOLDER}/async_calling.py"
_WAITS = {"call", "_call", "_get", "_post", "_accepted", "_pause", "request", "read", "close", "aclose"}
"""Names of what is awaited when it is called."""
_OF_HTTPX = {"read": "aread", "iter_bytes": "aiter_bytes", "iter_lines": "aiter_lines"}
_NAMES = {
    "Calling": "AsyncCalling",
    "Client": "AsyncClient",
    "Asking": "AsyncAsking",
    "CatalogCalls": "AsyncCatalogCalls",
    "DriftCalls": "AsyncDriftCalls",
    "WorkflowCalls": "AsyncWorkflowCalls",
    "Transport": "AsyncTransport",
    "Iterator": "AsyncIterator",
    "contextmanager": "asynccontextmanager",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "events_of": "async_events_of",
    "sleep": "async_sleep",
}
_CALLS_BEGIN = '''"""Made by `make docs` of `calls.py`: a method for each route, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.client.async_calling import AsyncAsking, AsyncCatalogCalls, AsyncDriftCalls, AsyncWorkflowCalls
from gaia.client.calling import Json, named
from gaia.client.calls import _PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from gaia.client.transport import Event

'''
_CALLING_BEGIN = '''"""Made by `make docs` of `calling.py` and the files of calls, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from gaia.client.async_transport import AsyncTransport, async_sleep
from gaia.client.calling import Json, named
from gaia.client.drift_calls import _PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    import httpx

'''
_TRANSPORT_BEGIN = '''"""Made by `make docs` of `transport.py`: calls over HTTP, to be awaited."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from gaia.client.transport import _AGAIN, _CUT_OFF, _PREFIX, _TRIES, Event, Json, _asked, _code, _read, _unreachable
from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

'''
_SLEEP = '''

async def async_sleep(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)
'''


def pages(root: Path) -> dict[str, str]:
    """Path and content of the modules."""
    calls = _made(root / FOLDER / "calls.py", ["Client"])
    calling = _made(root / FOLDER / "calling.py", ["Calling"])
    asking = _made(root / FOLDER / "asking.py", ["Asking"])
    catalog = _made(root / FOLDER / "catalog_calls.py", ["CatalogCalls"])
    drift = _made(root / FOLDER / "drift_calls.py", ["DriftCalls"])
    workflows = _made(root / FOLDER / "workflow_calls.py", ["WorkflowCalls"])
    transport = _made(root / FOLDER / "transport.py", ["Transport", "events_of"])
    return {
        CALLS: _formatted(root, CALLS, _CALLS_BEGIN + calls),
        CALLING: _formatted(
            root, CALLING, _CALLING_BEGIN + "\n\n\n".join((calling, asking, catalog, drift, workflows))
        ),
        TRANSPORT: _formatted(root, TRANSPORT, _TRANSPORT_BEGIN + transport + _SLEEP),
    }


def _made(path: Path, wanted: list[str]) -> str:
    """These classes and functions of a module, to be awaited."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [one for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name in wanted]
    return "\n\n\n".join(ast.unparse(ast.fix_missing_locations(_Waiting().visit(one))) for one in found)


class _Waiting(ast.NodeTransformer):
    """Rewrites one definition."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A method waits, unless it makes the object, or hands on what `async for` asks by itself."""
        yields = any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node))
        self.generic_visit(node)
        node.name = _NAMES.get(node.name, node.name)
        gives = node.returns is not None and "AsyncIterator" in ast.unparse(node.returns)
        pure = node.name in ("__init__", "_headers", "_stream") or (gives and not yields)
        if pure:
            return node
        values = {name: value for name, value in ast.iter_fields(node) if name != "type_params"}
        return ast.AsyncFunctionDef(**values)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Under the name of the twin."""
        self.generic_visit(node)
        node.name = _NAMES[node.name]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What waits is awaited."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) != "self._http":
            node.func.attr = _OF_HTTPX.get(name, name)
        return ast.Await(node) if name in _WAITS else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name of ours."""
        return ast.Name(_NAMES.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """httpx's client has a twin too, whose end has another name."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "httpx" and node.attr == "Client":
            node.attr = "AsyncClient"
        elif node.attr == "close" and ast.unparse(node.value) == "self._http":
            node.attr = "aclose"
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A pause is waited for."""
        self.generic_visit(node)
        if ast.unparse(node) == "Callable[[float], None]":
            return ast.parse("Callable[[float], Awaitable[None]]", mode="eval").body
        return node

    def visit_With(self, node: ast.With) -> ast.AST:
        """Every block here is an answer that comes in pieces."""
        self.generic_visit(node)
        return ast.AsyncWith(node.items, node.body)

    def visit_For(self, node: ast.For) -> ast.AST:
        """Pieces of an answer come when they come."""
        self.generic_visit(node)
        given = ast.unparse(node.iter)
        comes = any(word in given for word in ("async_events_of", "aiter_bytes", "aiter_lines"))
        return ast.AsyncFor(node.target, node.iter, node.body, node.orelse) if comes else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """`yield from` is none of an asynchronous function's."""
        self.generic_visit(node)
        if not isinstance(node.value, ast.YieldFrom):
            return node
        target = ast.Name("each", ast.Store())
        given = ast.Expr(ast.Yield(ast.Name("each", ast.Load())))
        return ast.For(target, node.value.value, [cast("ast.stmt", given)], [])


def _formatted(root: Path, path: str, source: str) -> str:
    """As `make format` would leave it."""
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(  # noqa: S603 - our own program
        [ruff, "format", "--quiet", "--stdin-filename", path, "-"],
        input=source, cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
