"""Which components a list is to show, by what their metadata says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from gaia.errors import Invalid
from gaia.kit.shapes import as_map

Kind = Literal["real", "abstract", "all"]
Type = Annotated[
    Kind | None,
    typer.Option("--type", "-t", metavar="TYPE", help="real (the default), abstract or all.", show_default=False),
]
Abstract = Annotated[bool, typer.Option("--abstract", help="Abstract components too.")]
Enabled = Annotated[
    bool | None,
    typer.Option("--enabled/--no-enabled", help="Only what metadata.enabled says; also --enabled=false."),
]
Locked = Annotated[
    bool | None, typer.Option("--locked/--no-locked", help="Only what metadata.locked says; also --locked=false.")
]
Tags = Annotated[
    str | None,
    typer.Option("--tags", metavar="TAG,…", help="Only what has one of these metadata.tags.", show_default=False),
]
Labels = Annotated[
    str | None,
    typer.Option("--labels", metavar="KEY=VALUE,…", help="Only what has all of these labels.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class MetadataFilter:
    """Which components are asked for, by what their metadata says."""

    type: Kind
    enabled: bool | None = None
    locked: bool | None = None
    tags: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        type: Kind | None,  # noqa: A002
        enabled: bool | None,
        locked: bool | None,
        tags: str | None,
        labels: str | None,
        *,
        abstract: bool,
    ) -> "MetadataFilter":
        """What the options say.

        Raises:
            Invalid: `label-invalid`.
        """
        kind: Kind = type or ("all" if abstract else "real")
        return cls(kind, enabled, locked, _parts(tags), tuple(_label(one) for one in _parts(labels)))

    @property
    def looks_inside(self) -> bool:
        """Whether instances have to be built to tell."""
        return bool(self.tags or self.labels) or self.enabled is not None or self.locked is not None

    def kind(self, *, abstract: bool) -> bool:
        """Whether abstract ones, or the others, are meant."""
        return self.type == "all" or (self.type == "abstract") == abstract

    def row(self, row: Mapping[str, object]) -> bool:
        """Whether a row is meant."""
        metadata = as_map(row["metadata"])
        tags, labels = metadata.get("tags"), metadata.get("labels")
        return (
            self.enabled in (None, row["enabled"])
            and self.locked in (None, row["locked"])
            and (not self.tags or (isinstance(tags, list) and not set(self.tags).isdisjoint(map(str, tags))))
            and all(isinstance(labels, dict) and str(labels.get(key)) == value for key, value in self.labels)
        )


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _label(text: str) -> tuple[str, str]:
    """`key=value` or `key:value`."""
    equals = text.partition("=")
    key, sign, value = equals if equals[1] else text.partition(":")
    if not sign or not key:
        raise Invalid("label-invalid", f"{text!r} is not a label", next_step="Write it as key=value.")
    return key.strip(), value.strip()
