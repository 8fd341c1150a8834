"""change, and request of several services: what is asked of the platform, what is said, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.testing import views

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Gaia

STACK = "acme-use1-dev"


def test_a_change_asks_for_what_is_given(gaia: Gaia) -> None:
    """And shows which answer becomes what."""
    gaia.platform.views[views.REQUEST] = replace(views.waiting(), status="done")
    said = gaia("change", "photos", "-s", STACK, "-a", "tier=silver", "--replaces", "0f", "-o", "json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["kind"] == "change"
    call, given = next(one for one in reversed(gaia.platform.calls) if one[0] == "change")
    assert (call, given["answers"], given["replaces"]) == ("change", {"tier": "silver"}, "0f")


@pytest.mark.parametrize("words", ["", "photos --from work", "--from work -a tier=gold", "--from work --replaces 0f"])
def test_a_change_is_of_a_service_or_of_a_branch(gaia: Gaia, words: str) -> None:
    """Not of both, nor of neither."""
    said = gaia("change", "-s", STACK, *words.split())
    assert said.code == 2
    assert "--from" in said.err


def test_a_branch_is_asked_for(gaia: Gaia) -> None:
    """By its name."""
    said = gaia("change", "--from", "wider", "-s", STACK, "-o", "json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["answers"] == {"branch": "wider"}


def test_several_services_are_asked_for_in_a_file(gaia: Gaia, tmp_path: Path) -> None:
    """All as one."""
    order = tmp_path / "order.yaml"
    order.write_text(
        "name: shop\nservices:\n- {template: object-store, service: photos, answers: {owner: a}}\n"
        "- {template: object-store, service: bills}\n"
    )
    said = gaia("request", "--file", str(order), "-s", STACK, "--undo", "-o", "json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["services"] == ["photos", "bills"]


@pytest.mark.parametrize(
    "content",
    [
        "name: shop\n",
        "name: 1\nservices: []\n",
        "name: shop\nservices: {}\n",
        "name: shop\nservices: [photos]\n",
        "name: shop\nservices: [{template: a}]\n",
        "name: shop\nservices: [{template: a, service: b, answers: [c]}]\n",
        "name: shop\nservices: [{template: a, service: b, other: c}]\n",
        "name: shop\nservices: []\nmore: 1\n",
        "- name\n",
    ],
)
def test_a_file_that_is_no_order_is_refused(gaia: Gaia, tmp_path: Path, content: str) -> None:
    """With what one looks like."""
    (tmp_path / "order.yaml").write_text(content)
    said = gaia("request", "--file", str(tmp_path / "order.yaml"), "-s", STACK)
    assert said.code == 2
    assert "order.yaml" in said.err


@pytest.mark.parametrize(
    "words", ["object-store photos --file order.yaml", "--file order.yaml -a a=b", "object-store", ""]
)
def test_what_is_asked_for_has_to_be_said_once(gaia: Gaia, words: str) -> None:
    """In words, or in a file."""
    said = gaia("request", *words.split(), "-s", STACK)
    assert said.code == 2
    assert "--file" in said.err
