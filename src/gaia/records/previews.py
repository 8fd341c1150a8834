"""Previews by content, and what was judged of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gaia.errors import Next, NotFound, Unavailable
from gaia.kit import canonical
from gaia.records.model import Judgement, Preview, Verdict
from gaia.records.tables import judgements, previews

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.records.model import Request

_COLUMNS = tuple(previews.c[name] for name in Preview.__slots__)
"""All but `document`, which the first releases wrote: a document is found by its digest."""
_TIME_OF_ESTIMATE = "timeGenerated"
"""Key of Infracost's document that differs between two estimates of the same thing."""


def add(tx: Transaction, request: Request, digest: str, *, key: SecretKey, commit: str, at: datetime) -> Preview:
    """Write down that a preview with this content was made; made again, it gets the newer commit and time."""
    made = Preview(request.id, digest, request.repository, request.tenant, request.stage, key.id, commit, at)
    same = (previews.c.request == request.id, previews.c.digest == digest)
    again = update(previews).where(*same).values(key_id=key.id, commit=commit, made_at=at)
    if not tx.change(again):
        row = {name: getattr(made, name) for name in Preview.__slots__}
        tx.change(insert(previews).values(row | {"document": ""}))
    return made


def get(tx: Transaction, request: str, digest: str) -> Preview:
    """The preview of this request with this digest, or `NotFound("preview-unknown")`."""
    row = tx.first(select(*_COLUMNS).where(previews.c.request == request, previews.c.digest == digest))
    if row is None:
        raise NotFound(
            "preview-unknown",
            f"request {request} has no preview {digest}",
            next_step=Next("status", request, "See the current one"),
        )
    return Preview(**row)


def has_other_key(tx: Transaction, request: Request, key: SecretKey) -> bool:
    """Whether the current preview of a request was made with another key: then no plan of today has its digest."""
    return request.preview is not None and get(tx, request.id, request.preview).key_id != key.id


def of_other_keys(tx: Transaction, rows: Collection[Request], key: SecretKey) -> frozenset[str]:
    """The ids of those of which `has_other_key` says so, in one statement."""
    current = {one.id: one.preview for one in rows if one.preview is not None}
    if not current:
        return frozenset()
    older = (previews.c.request.in_(sorted(current)), previews.c.key_id != key.id)
    found = tx.all(select(previews.c.request, previews.c.digest).where(*older))
    return frozenset(row["request"] for row in found if current[row["request"]] == row["digest"])


def of_request(tx: Transaction, request: str) -> tuple[Preview, ...]:
    """Previews of a request, oldest first."""
    statement = select(*_COLUMNS).where(previews.c.request == request).order_by(previews.c.made_at)
    return tuple(Preview(**row) for row in tx.all(statement))


def add_judgement(
    tx: Transaction,
    preview: Preview,
    *,
    findings: Sequence[Mapping[str, object]],
    undecided: Sequence[str],
    cost: Mapping[str, object],
    policies: str,
    verdict: Verdict,
    at: datetime,
) -> Judgement:
    """Write a judgement down. `findings` and `cost` are JSON data, `policies` the digest of the policy set.

    The same judgement made again keeps its digest and gets the newer time.
    """
    unnamed = Judgement(
        preview.request, "", preview.digest, tuple(findings), tuple(undecided), cost, policies, verdict, at
    )
    made = replace(unnamed, digest=_digest(unnamed))
    values = {name: getattr(made, name) for name in Judgement.__slots__}
    same = (judgements.c.request == made.request, judgements.c.digest == made.digest)
    if not tx.change(update(judgements).where(*same).values(values)):  # all of it: the row may have been changed since
        tx.change(insert(judgements).values(values))
    return made


def judgement(tx: Transaction, request: str, digest: str) -> Judgement:
    """The judgement with this digest, or `NotFound("judgement-unknown")`.

    Raises:
        Unavailable: `judgement-damaged` when it says something else than what was made.
    """
    row = tx.first(select(judgements).where(judgements.c.request == request, judgements.c.digest == digest))
    if row is None:
        raise NotFound(
            "judgement-unknown", f"request {request} has no judgement {digest}", next_step="Preview it again."
        )
    return _whole(Judgement(**row))


def latest_judgements(tx: Transaction, previewed: Collection[tuple[str, str]]) -> dict[tuple[str, str], Judgement]:
    """(request, digest) → how that preview was judged last, for those of which it was.

    For lists, and for saying no: nobody says yes by these, so they are not held against their digests.
    """
    names = [request for request, _ in previewed]
    rows = tx.all(select(judgements).where(judgements.c.request.in_(names)).order_by(judgements.c.made_at))
    newest = {(row["request"], row["preview"]): row for row in rows}
    return {key: Judgement(**newest[key]) for key in previewed if key in newest}


def latest_judgement(tx: Transaction, request: str, preview: str) -> Judgement | None:
    """How a preview was judged last; None while it is not judged.

    Raises:
        Unavailable: `judgement-damaged` when it says something else than what was made.
    """
    mine = select(judgements).where(judgements.c.request == request, judgements.c.preview == preview)
    row = tx.first(mine.order_by(judgements.c.made_at.desc()).limit(1))
    return _whole(Judgement(**row)) if row else None


def _digest(judged: Judgement) -> str:
    content: dict[str, object] = {
        "preview": judged.preview,
        "findings": list(judged.findings),
        "undecided": list(judged.undecided),
        "cost": {name: value for name, value in judged.cost.items() if name != _TIME_OF_ESTIMATE},
        "policies": judged.policies,
        "verdict": judged.verdict,
    }
    return canonical.digest(content)


def _whole(judged: Judgement) -> Judgement:
    """`judged`, which is what its digest says: that is what an approval signs, and the row may have been changed."""
    try:
        good = _digest(judged) == judged.digest
    except (TypeError, ValueError):  # a value that was never judged: NaN, or half a character
        good = False
    if not good:
        raise Unavailable(
            "judgement-damaged",
            f"the judgement {judged.digest} of request {judged.request} was changed since it was made",
            next_step="Restore it from a backup, or reject the request and ask again.",
            facts={"request": judged.request, "digest": judged.digest},
        )
    return judged
