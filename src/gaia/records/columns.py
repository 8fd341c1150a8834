"""What the columns of tables are: types that read nothing which Gaia did not write, and the metadata of all tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import JSON, Column, DateTime, ForeignKey, MetaData, String, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as UTC also where the database knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times: they are a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Items(TypeDecorator[tuple[Any, ...]]):
    """A tuple, kept as a JSON list."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> list[Any] | None:  # noqa: ARG002
        """JSON has lists only."""
        return None if value is None else list(value)

    def process_result_value(self, value: list[Any] | None, dialect: Dialect) -> tuple[Any, ...]:  # noqa: ARG002
        """Rows are frozen data."""
        if value is not None and not isinstance(value, list):
            raise TypeError(f"a JSON list was expected, not {ascii(value)[:40]}")
        return tuple(value or ())


class Facts(TypeDecorator[dict[str, Any]]):
    """A JSON object."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_result_value(self, value: object, dialect: Dialect) -> dict[str, Any]:  # noqa: ARG002
        """Nothing else was ever written."""
        if not isinstance(value, dict):
            raise TypeError(f"a JSON object was expected, not {ascii(value)[:40]}")
        return value


class Word(TypeDecorator[str]):
    """A text, one of some words if any are given: SQLite keeps whatever somebody puts into a column."""

    impl = String
    cache_ok = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words

    def process_result_value(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Nothing else was ever written."""
        if value is None or (isinstance(value, str) and (not self.words or value in self.words)):
            return value
        raise ValueError(f"{ascii(value)[:40]} is not {'a text' if not self.words else ' or '.join(self.words)}")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *more: Any, **options: Any) -> Column[str]:  # noqa: ANN401 - what Column takes
    """A text that is always there."""
    return Column(name, String, *more, nullable=False, **options)


def word(
    name: str,
    kind: Any,  # noqa: ANN401 - a Literal, or str
    *,
    nullable: bool = False,
    default: str | None = None,
) -> Column[str]:
    """One of the words of a Literal, or any text; rows from before there was such a column have the default."""
    return Column(name, Word(*get_args(kind)), nullable=nullable, server_default=default)


def place() -> list[Column[str]]:
    """Whose it is, and where."""
    return [text("repository", ForeignKey("repositories.id")), text("tenant"), text("stage")]
