"""Resources are taken out of one state and put into another, in documents as terraform writes them."""

from __future__ import annotations

from typing import Any

import pytest

from gaia.errors import GaiaError
from gaia.terraform.state import State, index_suffix
from gaia.terraform.state_parts import Pair, check_free, having, pairs, same, with_moved, without

PROVIDER = 'provider["terraform.io/builtin/terraform"]'


def entry(address: str, *keys: object, module: str = "", **more: object) -> dict[str, Any]:
    """A resource, `TYPE.NAME` or `data.TYPE.NAME`, with an instance for each key; their ids name them."""
    *data, kind, name = address.split(".")
    base = ".".join(one for one in (module, address) if one)
    made: dict[str, Any] = {"mode": "data" if data else "managed", "type": kind, "name": name, "provider": PROVIDER}
    instances = []
    for key in keys or (None,):
        one: dict[str, Any] = {"attributes": {"id": f"id of {base}{index_suffix(key)}"}, "private": "x"}
        instances.append(one if key is None else {"index_key": key, **one})
    return {**({"module": module} if module else {}), **made, "instances": instances, **more}


def state(*entries: dict[str, Any], **more: object) -> dict[str, Any]:
    """A whole one."""
    known = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "ours", "outputs": {}}
    return {**known, "resources": list(entries), **more}


def addresses(document: dict[str, Any]) -> list[str]:
    """Of the managed resources, as everything else reads them."""
    return [one.address for one in State.parse(document).resources]


def ids(document: dict[str, Any]) -> dict[str, str | None]:
    """What each address stands for."""
    return {one.address: one.id for one in State.parse(document).resources}


def moved(
    source: dict[str, Any], target: dict[str, Any] | None, *wanted: str
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Source and target afterwards, and the pairs."""
    found = pairs(source, wanted)
    check_free(target, found)
    after = with_moved(target, source, found, outputs=not wanted)
    gone = same(source, after, found)
    assert gone == {one.old for one in found}, "what was moved is the same on both sides"
    return without(source, gone, outputs=not wanted), after, [str(one) for one in found]


ALL = state(
    entry("a_b.one"),
    entry("a_b.many", 0, 1),
    entry("a_b.named", "x.y", 'a]"b', "${c}"),
    entry("a_b.one", module="module.m"),
    entry("a_b.one", "k", module='module.m.module.n["x"]'),
    entry("a_b.one", module="module.more"),
)
NAMED = ['a_b.named["x.y"]', 'a_b.named["a]\\"b"]', 'a_b.named["$${c}"]']
IN_M = ["module.m.a_b.one", 'module.m.module.n["x"].a_b.one["k"]']


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["a_b.one"], ["a_b.one"]),
        (["a_b.many"], ["a_b.many[0]", "a_b.many[1]"]),
        (["a_b.many[1]"], ["a_b.many[1]"]),
        (["a_b.named"], NAMED),
        ([NAMED[1]], [NAMED[1]]),
        ([NAMED[2]], [NAMED[2]]),
        (["module.m"], IN_M),
        (["module.m.module.n"], IN_M[1:]),
        (['module.m.module.n["x"]'], IN_M[1:]),
        (["module.m.a_b.one"], IN_M[:1]),
        (["a_b.one", "module.more"], ["a_b.one", "module.more.a_b.one"]),
        ([], ["a_b.one", "a_b.many[0]", "a_b.many[1]", *NAMED, *IN_M, "module.more.a_b.one"]),
    ],
)
def test_what_an_address_names(wanted: list[str], expected: list[str]) -> None:
    """A resource, one instance of it, a module with what is in it; nothing: everything."""
    left, given, _ = moved(ALL, None, *wanted)
    assert addresses(given) == expected
    assert sorted(addresses(left) + addresses(given)) == sorted(addresses(ALL))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["a_b.one=a_b.two"], {"a_b.two": "a_b.one"}),
        (["a_b.one=a_b.two[0]"], {"a_b.two[0]": "a_b.one"}),
        (['a_b.one=a_b.two["x=y"]'], {'a_b.two["x=y"]': "a_b.one"}),
        (['a_b.many[1]=a_b.many["b]"]'], {'a_b.many["b]"]': "a_b.many[1]"}),
        (["a_b.many[1]=a_b.only"], {"a_b.only": "a_b.many[1]"}),
        (["a_b.many=a_b.few"], {"a_b.few[0]": "a_b.many[0]", "a_b.few[1]": "a_b.many[1]"}),
        (["a_b.many=a_b.few", "a_b.many[0]=a_b.first"], {"a_b.first": "a_b.many[0]", "a_b.few[1]": "a_b.many[1]"}),
        (
            ["a_b.many[0]=a_b.many[1]", "a_b.many[1]=a_b.many[0]"],
            {"a_b.many[1]": "a_b.many[0]", "a_b.many[0]": "a_b.many[1]"},
        ),
        (["a_b.one=module.z.a_b.one"], {"module.z.a_b.one": "a_b.one"}),
        (["module.m.a_b.one=a_b.top"], {"a_b.top": "module.m.a_b.one"}),
        (["module.m=module.z[0]"], {"module.z[0].a_b.one": IN_M[0], 'module.z[0].module.n["x"].a_b.one["k"]': IN_M[1]}),
        (['module.m.module.n["x"]=module.n'], {'module.n.a_b.one["k"]': IN_M[1]}),
        (["module.m.module.n=module.o"], {'module.o["x"].a_b.one["k"]': IN_M[1]}),
        ([f"{NAMED[2]}=a_b.c[\"%%{{d}}\"]"], {'a_b.c["%%{d}"]': NAMED[2]}),
    ],
)  # fmt: skip
def test_another_address(wanted: list[str], expected: dict[str, str]) -> None:
    """The objects are the same under it; the pair can be read again, and says so of each instance."""
    _, given, said = moved(ALL, None, *wanted)
    assert ids(given) == {new: f"id of {old}" for new, old in expected.items()}
    assert {Pair.parse(one) for one in said} == {Pair(old, new) for new, old in expected.items()}
    again, _, _ = moved(ALL, None, *said)
    assert sorted(addresses(again)) == sorted(set(addresses(ALL)) - set(expected.values()))


def test_an_instance_keeps_all_that_it_has() -> None:
    """Private data, its schema's version, sensitive paths; a resource its provider. Only the key is another."""
    one = {"schema_version": 2, "sensitive_attributes": [[{"type": "get_attr", "value": "p"}]], "status": "tainted"}
    source = state(entry("a_b.one", 3, each="list"))
    source["resources"][0]["instances"][0] |= one
    _, given, _ = moved(source, None, "a_b.one[3]=a_b.two")
    [made] = given["resources"]
    before = source["resources"][0]["instances"][0]
    assert made["instances"] == [{name: value for name, value in before.items() if name != "index_key"}]
    assert (made["provider"], made["mode"], made["name"], "each" in made) == (PROVIDER, "managed", "two", False)


def test_the_states_that_were_given_stay_as_they_are() -> None:
    """They are still what the backends have."""
    import copy

    source, target = copy.deepcopy(ALL), state(entry("a_b.many", 5))
    kept = copy.deepcopy(target)
    moved(source, target, "a_b.many")
    assert (source, target) == (ALL, kept)


def test_instances_of_one_resource_join() -> None:
    """Terraform writes a resource once."""
    source, target = state(entry("a_b.many", 0, 1)), state(entry("a_b.many", 2), entry("a_b.other"))
    left, given, _ = moved(
        source,
        target,
        "a_b.many[1]",
    )
    assert [len(one["instances"]) for one in given["resources"]] == [2, 1]
    assert addresses(given) == ["a_b.many[2]", "a_b.many[1]", "a_b.other"]
    assert addresses(left) == ["a_b.many[0]"]


def test_outputs_go_where_everything_goes() -> None:
    """The target's own win; with single resources they stay."""
    source = state(entry("a_b.one"), entry("a_b.two"), outputs={"x": {"value": 1}, "y": {"value": 2}})
    target = state(outputs={"y": {"value": 3}})
    left, given, _ = moved(source, target)
    assert (left["outputs"], given["outputs"]) == ({}, {"x": {"value": 1}, "y": {"value": 3}})
    left, given, _ = moved(source, target, "a_b.one")
    assert (left["outputs"], given["outputs"]) == (source["outputs"], target["outputs"])


def test_lineages_and_serials() -> None:
    """Each state keeps its own lineage; a new one gets one. Who writes counts the serial."""
    left, given, _ = moved(ALL, state(lineage="theirs", serial=3), "a_b.one")
    assert [left["lineage"], given["lineage"], left["serial"], given["serial"]] == ["ours", "theirs", 7, 3]
    new = [moved(ALL, None, "a_b.one")[1] for _ in range(2)]
    assert len({"ours", new[0]["lineage"], new[1]["lineage"]}) == 3
    assert (new[0]["version"], new[0]["terraform_version"]) == (4, "1.11.4")


def test_results_of_checks_are_made_anew() -> None:
    """They name addresses."""
    left, given, _ = moved(state(*ALL["resources"], check_results=[1]), state(check_results=[2]), "a_b.one")
    assert ("check_results" in left, "check_results" in given) == (False, False)


def test_a_deposed_object_goes_along() -> None:
    """With the current one of its address, and alone."""
    source = state(entry("a_b.one", None, None), entry("a_b.two"))
    source["resources"][0]["instances"][1] |= {"deposed": "1234", "attributes": {"id": "older"}}
    source["resources"][1]["instances"][0]["deposed"] = "5678"
    left, given, said = moved(source, None, "a_b.one=a_b.new", "a_b.two")
    assert [(one.address, one.deposed) for one in State.parse(given).resources] == [
        ("a_b.new", None),
        ("a_b.new", "1234"),
        ("a_b.two", "5678"),
    ]
    assert (addresses(left), said) == ([], ["a_b.one=a_b.new", "a_b.two"])


def test_data_go_along_and_are_in_nobodys_way() -> None:
    """They are read anew."""
    source = state(entry("data.a_b.here"), entry("data.a_b.there", module="module.m"), entry("a_b.one"))
    target = state(entry("data.a_b.here", private="theirs"))
    found = pairs(source, [])
    check_free(target, found)
    given: dict[str, Any] = with_moved(target, source, found, outputs=True)
    assert [(one["mode"], one["name"], one.get("module")) for one in given["resources"]] == [
        ("data", "here", None),
        ("data", "there", "module.m"),
        ("managed", "one", None),
    ]
    assert given["resources"][0]["private"] == "theirs"
    assert [one.old for one in pairs(source, ["data.a_b.here"])] == ["data.a_b.here"]


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "code", "part"),
    [
        (["a_b.nothing"], "address-unknown", "a_b.nothing"),
        (["a_b.many[2]", "module.x"], "address-unknown", "a_b.many[2], module.x"),
        (["a_b.one", "a_b.no=a_b.yes"], "address-unknown", "a_b.no"),
        (["data.a_b.one"], "address-unknown", "data.a_b.one"),
        (["module.mo"], "address-unknown", "module.mo"),
        (["one"], "address-invalid", "one"),
        (["a_b.one="], "address-invalid", "a_b.one="),
        (["a_b.one=two"], "address-invalid", "two"),
        (["a_b.one[x]"], "address-invalid", "[x]"),
        (["a_b.one[0"], "address-invalid", "[0"),
        (["a_b.one.id"], "address-invalid", ".id"),
        (["=a_b.one"], "address-invalid", "=a_b.one"),
        (["module.m=a_b.one"], "address-invalid", "module.m"),
        (["a_b.one=module.m"], "address-invalid", "module.m"),
        (["module.m.x"], "address-invalid", "module.m.x"),
        (["a_b.one=a_c.one"], "address-invalid", "another type"),
        (["a_b.one=data.a_b.one"], "address-invalid", "another type"),
        (["a_b.one=a_b.x", "a_b.one=a_b.y"], "address-invalid", "twice"),
        (["a_b.many=a_b.x[0]"], "address-taken", "a_b.x[0]"),
        (["a_b.one=a_b.x", "a_b.many[0]=a_b.x"], "address-taken", "a_b.x"),
    ],
)
def test_what_cannot_be_moved(wanted: list[str], code: str, part: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(GaiaError) as caught:
        pairs(ALL, wanted)
    assert (caught.value.code, part in caught.value.message) == (code, True), caught.value.message


def test_an_address_that_the_target_has_is_taken() -> None:
    """Also under its new name, and where there is but a deposed object."""
    target = state(entry("a_b.many", 1), entry("a_b.old"))
    target["resources"][1]["instances"][0]["deposed"] = "1"
    for wanted, clash in ((["a_b.many"], ["a_b.many[1]"]), (["a_b.one=a_b.old"], ["a_b.old"]), (["a_b.one"], [])):
        found = pairs(ALL, wanted)
        if not clash:
            check_free(target, found)
            check_free(None, found)
            continue
        with pytest.raises(GaiaError) as caught:
            check_free(target, found)
        assert (caught.value.code, caught.value.facts["addresses"]) == ("address-taken", clash)


# --- going on ----------------------------------------------------------------------------------------------------


def test_what_is_the_same_object() -> None:
    """By ARN, else by id, else by all attributes; an address alone says nothing."""

    def holding(*attributes: dict[str, object]) -> dict[str, Any]:
        entries = [entry(f"a_b.r{at}") for at in range(len(attributes))]
        for one, each in zip(entries, attributes, strict=True):
            one["instances"][0]["attributes"] = each
        return state(*entries)

    source = holding({"id": "1", "arn": "a"}, {"id": "2", "x": 1}, {"x": 3}, {"id": "4"}, {"x": 5})
    target = holding({"id": "other", "arn": "a"}, {"id": "2", "x": 2}, {"x": 3}, {"id": "5"}, {"x": 6})
    found = pairs(source, [])
    assert same(source, target, found) == {"a_b.r0", "a_b.r1", "a_b.r2"}
    assert same(source, None, found) == same({}, target, found) == frozenset()


def test_a_deposed_object_that_is_on_one_side_only_is_a_difference() -> None:
    """It would be lost."""
    source, target = state(entry("a_b.one", None, None)), state(entry("a_b.one"))
    source["resources"][0]["instances"][1]["deposed"] = "1"
    assert same(source, target, pairs(source, [])) == frozenset()


def test_what_the_target_has_already_is_left_as_it_is() -> None:
    """And what the source no longer has is not missed."""
    found = pairs(ALL, ["a_b.one", "a_b.many"])
    half = with_moved(None, state(entry("a_b.one")), found, outputs=False)
    assert addresses(half) == ["a_b.one"]
    whole = with_moved(half, ALL, found, outputs=False)
    assert addresses(whole) == ["a_b.one", "a_b.many[0]", "a_b.many[1]"]
    assert [one.old for one in having(state(entry("a_b.many", 1)), found)] == ["a_b.many[1]"]
    assert having(None, found) == ()
