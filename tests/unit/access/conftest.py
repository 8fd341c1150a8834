"""The same rows as the tests of `records`."""

from tests.unit.records.conftest import database, make_person, path, tx

__all__ = ["database", "make_person", "path", "tx"]
