"""What stands for a server elsewhere: it has no parts of its own, so every call of the real one has to be its own."""

from __future__ import annotations

import inspect

import pytest

from gaia.bootstrap.remote_cataloguing import RemoteCataloguing
from gaia.bootstrap.remote_delegations import RemoteDelegations
from gaia.bootstrap.remote_people import RemotePeople
from gaia.bootstrap.remote_telling import RemoteHappening, RemoteWebhooks


@pytest.mark.parametrize("kind", [RemoteCataloguing, RemoteDelegations, RemoteHappening, RemotePeople, RemoteWebhooks])
def test_a_remote_one_has_every_call_of_the_real_one(kind: type[object]) -> None:
    """With the same arguments: what it inherited would look for a database that it was never given."""
    [real] = kind.__bases__
    for name, member in vars(real).items():
        if name.startswith("_"):
            continue
        assert name in vars(kind), f"{kind.__name__} lacks {name}"
        if inspect.isfunction(member):
            wanted, given = (inspect.signature(getattr(each, name)).parameters.values() for each in (real, kind))
            assert [(one.name, one.kind, one.default) for one in given] == [
                (one.name, one.kind, one.default) for one in wanted
            ], name
