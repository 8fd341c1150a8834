"""Entities of Backstage: by its own rules whatever things are called, related as the graph is, none lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.catalog.backstage_rules import is_name, wrong

from gaia.catalog import inventory
from gaia.catalog.entities import CLASH, Catalog, entities, ref_of
from gaia.catalog.model import Environment, Inventory, Origin, Part, Service
from gaia.catalog.names import Book, name_of, tag_of
from gaia.platform.scope import scope_of
from gaia.stacks.model import InstanceKey
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Backstage = Callable[[Sequence[dict[str, Any]]], list[str]]

BLUEPRINT = Path(__file__).resolve().parents[3] / "blueprint"
WEB = Origin("https://github.com/acme/platform", "main", "acme/platform")
HOSTILE = (
    "", " ", "a", "A", "-", "..", "a.b", "eks/cluster", "under_score", "two__marks", "trailing-", "x" * 63, "x" * 64,
    "Team Media", "team-media", "team_media", "ada@example.com", "größe", "木", "\x1b[31m", "\u202e", "a\nb", "\ud800",
    "${{ secrets.X }}", "__proto__", "group:default/admins", "1" * 400,
)  # fmt: skip
names = st.sampled_from(HOSTILE) | st.text(max_size=90)


@st.composite
def catalogs(draw: st.DrawFn) -> tuple[Inventory, list[Service]]:
    """Stacks, instances that need each other, and services, called anything."""
    stacks = draw(st.lists(names, unique=True, max_size=4))
    places = {one: Environment(one, draw(names), draw(names), draw(names), draw(names), draw(names)) for one in stacks}
    pairs = st.tuples(st.sampled_from(stacks), names) if stacks else st.nothing()
    keys = [InstanceKey(*one) for one in draw(st.lists(pairs, unique=True, max_size=6 if stacks else 0))]
    some = st.lists(st.sampled_from([*keys, InstanceKey("elsewhere", "x")]), unique=True, max_size=3).map(tuple)
    parts = {one: Part(one, draw(names), draw(names), draw(st.integers(0, 9)), draw(names), draw(some)) for one in keys}
    listed = draw(st.lists(st.tuples(names, names), unique=True, max_size=4))
    services = [
        Service(name, stack, draw(names), draw(names), draw(names), "1", "req_1", draw(names), draw(some), draw(names))
        for stack, name in listed
    ]
    return Inventory(places, parts), services


@pytest.fixture(name="of_blueprint", scope="module")
def read_blueprint() -> Inventory:
    """What the blueprint's files say."""
    repository = Repository.open(BLUEPRINT, environ={}, untrusted=True)
    return inventory.read(repository, lambda stack: scope_of(repository, stack))


def photos(**more: object) -> Service:
    """A service of the stack acme-use1-dev, made of the instance `shop`."""
    given: dict[str, Any] = {
        "name": "photos", "stack": "acme-use1-dev", "tenant": "acme", "stage": "dev", "template": "object-store",
        "template_version": "1.2.0", "request": "req_1", "manifest": "stacks/orgs/acme/dev/services/photos.yaml",
        "instances": (InstanceKey("acme-use1-dev", "shop"), InstanceKey("acme-use1-dev", "gone")),
        "owner": "team-media",
    }  # fmt: skip
    return Service(**{**given, **more})


@given(catalogs())
def test_whatever_things_are_called_backstage_takes_it(known: tuple[Inventory, list[Service]]) -> None:
    """Its rules hold, references are unique and lead somewhere, and nothing is lost."""
    made = entities(*known, WEB)
    assert wrong(made) == []
    shown, services = known
    kinds = [one["kind"] for one in made]
    assert kinds.count("Resource") == len(shown.environments) + len(shown.parts)
    assert kinds.count("Component") == len(services)
    assert [ref_of(one) for one in made] == sorted(ref_of(one) for one in made)


@pytest.mark.slow
def test_backstage_itself_takes_them(backstage: Backstage, of_blueprint: Inventory) -> None:
    """Its policies and validators over the blueprint, and over names of every kind."""
    seen: list[dict[str, Any]] = list(entities(of_blueprint, [photos()], WEB))

    @given(catalogs())
    def collect(known: tuple[Inventory, list[Service]]) -> None:
        seen.extend(entities(*known, WEB))

    collect()
    assert len(seen) > 300
    assert backstage(seen) == []
    broken = {**seen[0], "metadata": {**seen[0]["metadata"], "name": "a b"}}
    assert len(backstage([broken, {**seen[0], "spec": {}}])) == 2


def test_the_blueprint_as_entities(of_blueprint: Inventory) -> None:
    """Tenants, environments, instances with what they need, teams; a service with its parts, and where it stands."""
    made = {ref_of(one): one for one in entities(of_blueprint, [photos()], WEB)}
    assert wrong(made.values()) == []
    service = made["component:default/acme-use1-dev.photos"]
    assert service["spec"] == {
        "type": "service",
        "lifecycle": "dev",
        "owner": "group:default/team-media",
        "system": "system:default/acme",
        "dependsOn": ["resource:default/acme-use1-dev.shop", "resource:default/acme-use1-dev"],
    }
    assert made["system:default/acme"]["spec"]["domain"] == "domain:default/acme"
    assert made["domain:default/acme"]["spec"]["owner"] == "group:default/team-platform"
    assert made["resource:default/acme-use1-dev"]["spec"]["type"] == "environment"
    orders = made["resource:default/acme-use1-dev.shop-orders"]
    assert orders["spec"]["owner"] == "group:default/team-shop"
    assert "resource:default/acme-use1-dev.shop-events" in orders["spec"]["dependsOn"]
    notes = orders["metadata"]["annotations"]
    assert notes["gaia/file"].startswith("stacks/layers/shop.yaml:")
    blob = "https://github.com/acme/platform/blob/main/stacks/layers/shop.yaml"
    assert notes["backstage.io/source-location"] == f"url:{blob}"
    assert notes["backstage.io/view-url"].startswith(f"{blob}#L")
    assert orders["metadata"]["labels"] == {"gaia/tenant": "acme", "gaia/stage": "dev"}


def test_where_pods_run_it_is_told_as_releases_have_it(of_blueprint: Inventory) -> None:
    """The namespace of the service's identity; Argo CD's application only where that is the namespace of releases."""
    [made] = [one for one in entities(of_blueprint, [photos()], WEB) if one["kind"] == "Component"]
    notes = made["metadata"]["annotations"]
    assert notes["backstage.io/kubernetes-namespace"] == "shop"
    assert notes["backstage.io/kubernetes-label-selector"] == "app.kubernetes.io/instance=photos"
    assert "argocd/app-name" not in notes
    key = InstanceKey("acme-use1-dev", "photos")
    parts = {key: Part(key, "components/terraform/service-identity", "a.yaml", 1, namespace="acme-dev")}
    shown = Inventory(of_blueprint.environments, parts)
    [made] = [one for one in entities(shown, [photos(instances=(key,))], WEB) if one["kind"] == "Component"]
    assert made["metadata"]["annotations"]["argocd/app-name"] == "acme.dev.photos"


def test_what_is_not_seen_is_not_told(of_blueprint: Inventory) -> None:
    """Of a stack that is not shown there is no instance, no owner, and no relation."""
    shown = of_blueprint.within(frozenset({"nova-use1-dev"}))
    made = entities(shown, [], WEB)
    assert wrong(made) == []
    assert "acme" not in str([{**one, "metadata": one["metadata"]["name"]} for one in made])


@given(st.lists(names, min_size=1, max_size=2))
@example(["x" * 63])
@example(["a__b"])
def test_a_name_is_made_of_what_it_names_alone(parts: list[str]) -> None:
    """It is one that Backstage takes, in small letters, and the same each time."""
    name = name_of(*parts)
    assert is_name(name)
    assert name == name.lower() == name_of(*parts)
    assert len(tag_of(parts[0])) <= 63


@given(st.tuples(names, names), st.tuples(names, names))
def test_two_things_have_two_names(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Also where dashes, dots, capitals or what was cut off is all that tells them apart."""
    assert (name_of(*one) == name_of(*other)) == (one == other)
    assert name_of(one[0]) != name_of(*other)


def test_names_that_can_stand_stand_as_they_are() -> None:
    """Others keep what people know them by."""
    assert name_of("acme-use1-dev", "vpc") == "acme-use1-dev.vpc"
    assert name_of("acme-use1-dev", "eks/cluster").startswith("acme-use1-dev-eks-cluster__")
    assert name_of("x" * 64).startswith("x" * 40)


def test_two_of_one_name_are_both_there_and_say_so() -> None:
    """Where hashes are short enough to meet: each names the other, and relations lead to the right one."""
    alike = {name_of(one, digest=1): one for one in map("a{}".format, "!$%&'()*+,/:;<=>?")}
    again = next(one for one in map("a{}".format, "@^`|~#[]{}") if alike.get(name_of(one, digest=1)))
    environments = {one: Environment(one, "acme", "dev") for one in (alike[name_of(again, digest=1)], again)}
    keys = [InstanceKey(stack, "vpc") for stack in environments]
    shown = Inventory(environments, {key: Part(key, "vpc", "", 0) for key in keys})
    made = Catalog(shown, [], Origin(), Book(digest=1)).entities()
    assert wrong(made) == []
    [first, second] = [one for one in made if one["spec"].get("type") == "environment"]
    assert first["metadata"]["annotations"][CLASH] == ref_of(second)
    assert second["metadata"]["annotations"][CLASH] == ref_of(first)
    needed = {tuple(one["spec"]["dependsOn"]) for one in made if one["spec"].get("type") == "vpc"}
    assert needed == {(ref_of(first),), (ref_of(second),)}
