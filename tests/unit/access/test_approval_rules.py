"""Rules of approval: how they are read, what they ask for together, and which signatures count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.access.approval_files import read
from gaia.access.approval_rules import Asked, Rule, asked_in, standing
from gaia.errors import Invalid
from gaia.records.model import Approval

if TYPE_CHECKING:
    from pathlib import Path

T0 = datetime(2026, 11, 30, 7, tzinfo=UTC)
PEOPLE = ("ann", "gus", "lea", "max")


def rules(folder: Path, text: str, file: str = "a.yaml") -> tuple[Rule, ...]:
    """Those of one file."""
    (folder / "approvals").mkdir(exist_ok=True)
    (folder / "approvals" / file).write_text(text)
    return read(folder)


def signed(person: str | None, *, name: str | None = None, groups: tuple[str, ...] = ()) -> Approval:
    """One approval."""
    return Approval(
        id=f"apr_{person}", request="req_1", preview="p", judgement="j", decision="approved", person=person, at=T0,
        reason="", undecided=(), key_id="k", signature="s", on_behalf=name, groups=groups,
    )  # fmt: skip


def test_no_folder_asks_for_one_approval(tmp_path: Path) -> None:
    """As it always was."""
    assert read(tmp_path) == ()
    assert asked_in((), "acme", "dev") == Asked()
    assert standing(Asked(), [signed("gus")], "ann").met
    assert not standing(Asked(), [], "ann").met


def test_all_rules_about_a_place_hold_together(tmp_path: Path) -> None:
    """The strictest of each kind, by patterns; of another place nothing."""
    found = rules(
        tmp_path,
        """approvals:
  - {approvers: 2, proof: 12h}
  - {tenant: acme, stage: "prod*", groups: [platform, security], proof: 15m, within: 3d}
  - {tenant: "a?me", any_of: [audit, platform], may_policy_approve: false, within: 1w}
  - {tenant: other, approvers: 9}
""",
    )
    assert asked_in(found, "acme", "production") == Asked(
        approvers=2,
        groups=(("platform",), ("security",), ("audit", "platform")),
        proof=timedelta(minutes=15),
        within=timedelta(days=3),
        may_policy_approve=False,
        at=("approvals/a.yaml:2", "approvals/a.yaml:3", "approvals/a.yaml:4"),
    )
    assert asked_in(found, "third", "dev") == Asked(2, proof=timedelta(hours=12), at=("approvals/a.yaml:2",))


def test_what_a_row_keeps_is_read_back(tmp_path: Path) -> None:
    """And what is not of that form is not known."""
    [rule] = rules(tmp_path, "approvals: [{approvers: 3, any_of: [a, b], groups: [c], proof: 5m}]")
    asked = asked_in([rule], "acme", "dev")
    assert Asked.read(asked.as_json()) == asked
    for broken in ({}, {"approvers": "x"}, {**asked.as_json(), "groups": 3}, {**asked.as_json(), "proof": "soon"}):
        assert Asked.read(broken) is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no list of approvals"),
        ("- approvers: 2\n", 1, "no list of approvals"),
        ("approvals: 2\n", 1, "no list of approvals"),
        ("approvals: []\nmore: []\n", 1, "no list of approvals"),
        ("approvals:\n  - tenant: acme\n", 2, "asks for nothing"),
        ("approvals:\n  - 7\n", 2, "asks for nothing"),
        ("approvals:\n  - approvers: 2\n    aprovers: 3\n", 3, "no aprovers"),
        ("approvals:\n  - approvers: 0\n", 2, "approvers is '0'"),
        ("approvals:\n  - approvers: 11\n", 2, "approvers is '11'"),
        ("approvals:\n  - approvers: true\n", 2, "approvers is 'True'"),
        ("approvals:\n  - approvers: '2'\n", 2, "approvers is '2'"),
        ("approvals:\n  - stage: dev\n    groups: security\n", 3, "groups is no list"),
        ("approvals:\n  - groups: []\n", 2, "groups is empty"),
        ("approvals:\n  - any_of: ['\x1b[31mred']\n", 2, None),
        ("approvals:\n  - any_of: [Security]\n", 2, "any_of is no list of groups"),
        ("approvals:\n  - proof: 15\n", 2, "no length of time"),
        ("approvals:\n  - within: soon\n", 2, "no length of time"),
        ("approvals:\n  - within: 0d\n", 2, "no length of time"),
        ("approvals:\n  - may_policy_approve: 'no'\n", 2, "may_policy_approve is"),
        ("approvals:\n  - {tenant: '', approvers: 2}\n", 2, "tenant is no text"),
        ("approvals:\n  - {stage: [dev], approvers: 2}\n", 2, "stage is no text"),
        (f"approvals:\n  - {{stage: {'x' * 200}, approvers: 2}}\n", 2, "stage is no text"),
        ("approvals:\n  - {stage: '{dev,prod}', approvers: 2}\n", 2, "no stage fits '{dev,prod}'"),
        ("approvals:\n  - {tenant: 'acme ', approvers: 2}\n", 2, "no tenant fits 'acme '"),
    ],
)
def test_what_is_no_rule_is_an_error_at_its_line(tmp_path: Path, text: str, line: int, says: str | None) -> None:
    """A rule that nobody can use lets nothing through, so it is never passed over."""
    with pytest.raises(Invalid) as caught:
        rules(tmp_path, text)
    assert caught.value.at is not None
    assert caught.value.at.file == "approvals/a.yaml"
    if says is not None:
        assert (caught.value.code, caught.value.at.line) == ("approval-rule-invalid", line)
        assert says in caught.value.message


def test_a_file_of_another_kind_is_not_passed_over(tmp_path: Path) -> None:
    """A rule in `prod.yaml.bak` would hold nothing up; notes may lie beside the rules."""
    rules(tmp_path, "notes", "README.md")
    assert read(tmp_path) == ()
    with pytest.raises(Invalid) as caught:
        rules(tmp_path, "approvals: []", "prod.json")
    assert str(caught.value.at).startswith("approvals/prod.json:1")


def test_each_document_of_a_file_counts_or_none(tmp_path: Path) -> None:
    """A second one that is passed over would ask nobody for anything; an empty one behind it says nothing."""
    text = "approvals: [{approvers: 2}]\n---\n"
    [rule] = rules(tmp_path, text)
    assert rule.approvers == 2
    with pytest.raises(Invalid) as caught:
        rules(tmp_path, text + "approvals: [{stage: prod, approvers: 3}]\n")
    assert (caught.value.code, str(caught.value.at)) == ("yaml-documents", "approvals/a.yaml:3:1")


def test_a_folder_or_a_link_is_not_passed_over(tmp_path: Path) -> None:
    """`prod.md` as a folder could hold rules, and a link that leads nowhere is no word that nothing is asked for."""
    (tmp_path / "approvals").symlink_to(tmp_path / "gone")
    with pytest.raises(Invalid) as caught:
        read(tmp_path)
    assert caught.value.code == "approval-rule-invalid"
    (tmp_path / "approvals").unlink()
    (tmp_path / "approvals/prod.md").mkdir(parents=True)
    with pytest.raises(Invalid, match="no YAML file"):
        read(tmp_path)


def test_a_policy_is_enough_where_it_may(tmp_path: Path) -> None:
    """However many people there would have to be; and for nothing where it may not."""
    asked = Asked(approvers=2, groups=(("security",),))
    assert standing(asked, [signed(None)], "ann").met
    [rule] = rules(tmp_path, "approvals: [{may_policy_approve: false}]")
    assert not standing(asked_in([rule], "acme", "dev"), [signed(None)], "ann").met


def test_in_whose_name_counts_once() -> None:
    """gus for lea and lea herself are one; gus for ann, who asked, and ann's own are none."""
    asked = Asked(approvers=2)
    assert standing(asked, [signed("gus", name="lea"), signed("lea")], "ann").given == 1
    assert standing(asked, [signed("gus", name="lea"), signed("max", name="lea")], "ann").given == 1
    assert standing(asked, [signed("gus", name="ann"), signed("ann", name="max")], "ann").given == 0
    assert standing(asked, [signed("gus", name="lea"), signed("max")], "ann").met
    assert standing(asked, [replace(signed("gus"), decision="rejected")], "ann").given == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE), st.booleans(), st.booleans()),
        max_size=8,
    ),
    st.integers(1, 4),
)
def test_never_fewer_people_than_the_rule_asks_for(given_: list[tuple[str, str | None, bool, bool]], most: int) -> None:
    """Whatever was signed: met means so many different people, none of them the requester, one of them of the group."""
    asked = Asked(approvers=most, groups=(("security",),), proof=timedelta(minutes=15))
    made = [
        replace(
            signed(person, name=name, groups=("security",) if inside else ()),
            proved_at=T0 - timedelta(minutes=5) if proof else None,
        )
        for person, name, inside, proof in given_
    ]
    if standing(asked, made, "ann").met:
        good = [one for one in made if one.person != "ann" and one.on_behalf != "ann" and one.proved_at]
        assert len({one.person for one in good}) >= most
        assert len({one.on_behalf or one.person for one in good}) >= most
        assert any(one.groups for one in good)
