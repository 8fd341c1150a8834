"""Manifests from templates; answers stay text in them; lines know their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gaia.errors import Invalid, ToolFailed
from gaia.scaffold import copier
from gaia.scaffold.render import Context, render
from gaia.scaffold.template import load_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATH = "stacks/orgs/acme/dev/services/photos.yaml"
NOTE = "note: {type: str, help: h}\n"


def parse(text: bytes) -> Any:
    """The manifest as data; `!terraform.state` as text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {loader.construct_scalar(node)}")
    return yaml.load(text, Loader)  # noqa: S506


@pytest.mark.slow
@pytest.mark.usefixtures("child")
def test_the_object_store_becomes_one_manifest(blueprint: Path, answers: dict[str, object], context: Context) -> None:
    """Three instances; two need another's output; tags, usage and the request are in place."""
    rendered = render(load_template(blueprint, "object-store"), answers, context=context)
    assert list(rendered.files) == [rendered.manifest] == [PATH]
    manifest = parse(rendered.files[PATH])
    instances = manifest["components"]["terraform"]
    assert list(instances) == ["photos-key", "photos-bucket", "photos-identity"]
    assert instances["photos-bucket"]["vars"]["key_arn"] == "!terraform.state photos-key key_arn"
    assert instances["photos-identity"]["vars"]["bucket_arn"] == "!terraform.state photos-bucket bucket_arn"
    for name, instance in instances.items():
        assert instance["vars"]["tags"] == {"gaia:instance": f"acme-use1-dev/{name}"}
        assert instance["metadata"]["component"] in instance["metadata"]["inherits"]
    assert {"cost-center", "owner", "tenant", "stage", "service"} <= manifest["vars"]["tags"].keys()
    assert manifest["settings"]["gaia"]["answers"] == {**answers, "data_classification": "internal", "versioning": True}
    assert instances["photos-bucket"]["settings"]["cost"]["usage"] == {
        "aws_s3_bucket.this": {
            "standard": {"storage_gb": 120, "monthly_tier_1_requests": 1000, "monthly_tier_2_requests": 20000}
        }
    }


@pytest.mark.slow
def test_each_line_knows_its_answers(blueprint: Path, answers: dict[str, object], context: Context) -> None:
    """Every line that holds an answer is traced to it, and lines of the template alone to nothing."""
    rendered = render(load_template(blueprint, "object-store"), answers, context=context)
    lines = rendered.files[PATH].decode().splitlines()
    by_text = {lines[number - 1].strip(): names for number, names in rendered.origins[PATH].items()}
    assert by_text['owner: "team-photos"'] == ("owner",)
    assert by_text["storage_gb: 120"] == ("storage_gb",)
    assert by_text["monthly_tier_1_requests: 1000"] == ("monthly_writes",)
    assert by_text["versioning: true"] == ("versioning",)
    assert not any("!terraform.state" in text for text in by_text)


def test_a_line_may_depend_on_several_answers(make_template: Callable[..., Path], context: Context) -> None:
    """A condition counts like an inserted value."""
    root = make_template(
        "size: {type: int, help: h}\nlarge: {type: bool, help: h, default: false}\n",
        "vars:\n  size: {{ size * 2 if large else size }}\n  fixed: 1\n{% if size > 10 %}  many: true\n{% endif %}",
        config="_constraints: {size: {minimum: 1, maximum: 20}}\n",
    )
    rendered = render(load_template(root, "little"), {"size": 12}, context=context)
    assert rendered.origins[PATH] == {2: ("size", "large"), 4: ("size",)}


@pytest.mark.slow
def test_a_validator_of_the_template_can_say_no(blueprint: Path, answers: dict[str, object], context: Context) -> None:
    """The template's own rule is told in its own words, with the question."""
    from dataclasses import replace

    store = load_template(blueprint, "object-store")
    with pytest.raises(Invalid) as caught:
        render(store, {**answers, "versioning": False}, context=replace(context, stage="prod"))
    assert caught.value.code == "answer-refused"
    assert "versioning must stay on in production" in caught.value.message
    with pytest.raises(Invalid, match="restricted data"):
        render(store, {**answers, "versioning": False, "data_classification": "restricted"}, context=context)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        'it\'s: "quoted" # no comment',
        "a: b",
        "- x",
        "*alias",
        "&anchor",
        "yes",
        "null",
        "1e3",
        "'",
        '"',
        "\\",
        "{a",
        "[",
        "a #b",
        "é漢",
    ],
)
def test_a_careful_template_keeps_any_text(make_template: Callable[..., Path], context: Context, text: str) -> None:
    """With `| to_json` a text is that text again when the manifest is read."""
    root = make_template(NOTE, "vars:\n  note: {{ note | to_json }}\n")
    rendered = render(load_template(root, "little"), {"note": text}, context=context)
    assert parse(rendered.files[PATH]) == {"vars": {"note": text}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("vars:\n  note: {{ note }}\n", "a: b"),
        ("vars:\n  note: {{ note }}\n", "{x: 1}"),
        ("vars:\n  note: {{ note }}\n", "[x]"),
        ("vars:\n  note: {{ note }}\n", "null"),
        ("vars:\n  note: {{ note }}\n", "yes"),
        ("vars:\n  note: '{{ note }}'\n", "x', evil: '1"),
        ('vars:\n  note: "{{ note }}"\n', "\\x21exec touch x"),
        ('vars:\n  note: "{{ note }}"\n', "\\u007b\\u007b exec \\u007d\\u007d"),
        ('vars: {note: "{{ note }}"}\n', 'x", evil: "1'),
        ('vars:\n  "{{ note }}": 1\n', "evil"),
        ("vars:\n  note: !terraform.state {{ note }} arn\n", "other"),
        ("vars:\n  note: !exec echo {{ note }}\n", "x; touch y"),
        ("vars:\n  note: \"{{ '{' }}{{ note }}\"\n", "{ exec }"),
        ("vars:\n  note: \"{{ note | replace('~', '!') }}\"\n", "~exec touch x"),
    ],
)
def test_a_careless_template_cannot_turn_a_text_into_code(
    make_template: Callable[..., Path], context: Context, tmp_path: Path, body: str, text: str
) -> None:
    """Structure, types, keys and functions never depend on a text, whatever a template does with it."""
    root = make_template(NOTE, body)
    with pytest.raises(Invalid) as caught:
        render(load_template(root, "little"), {"note": text}, context=context)
    assert caught.value.code in ("answer-is-code", "template-invalid")
    assert not (tmp_path / "y").exists()


def test_an_answer_is_not_rendered_a_second_time(make_template: Callable[..., Path], context: Context) -> None:
    """Jinja's delimiters are refused; a single brace stays what it is, also in a default of Copier."""
    root = make_template(NOTE, "note: {{ note | to_json }}\n")
    rendered = render(load_template(root, "little"), {"note": "{ 7 * 7 }"}, context=context)
    assert parse(rendered.files[PATH]) == {"note": "{ 7 * 7 }"}


@pytest.mark.parametrize(
    "file",
    [
        "stacks/{{ note }}.yaml.jinja",
        "{{ note }}/x.yaml.jinja",
        "components/x.tf.jinja",
        "stacks/x.yaml.tmpl.jinja",
        "stacks/.hidden.yaml.jinja",
    ],
)
def test_a_template_writes_its_one_manifest_and_nothing_else(
    make_template: Callable[..., Path], context: Context, file: str
) -> None:
    """No answer names a file, and nothing is written beside stacks/."""
    root = make_template(NOTE, "a: 1\n", file=file)
    with pytest.raises(Invalid) as caught:
        render(load_template(root, "little"), {"note": "orgs"}, context=context)
    assert caught.value.code in ("answer-is-code", "template-invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [("service", "../../evil"), ("tenant", ".."), ("stage", "dev/../../x"), ("region", "{{ x }}"), ("request", "a\nb")],
)
def test_names_around_the_answers_are_checked(
    make_template: Callable[..., Path], context: Context, name: str, value: str
) -> None:
    """What Gaia itself puts into paths and manifests cannot lead out of the folder either."""
    from dataclasses import replace

    with pytest.raises(Invalid) as caught:
        render(load_template(make_template(""), "little"), {}, context=replace(context, **{name: value}))  # type: ignore[arg-type]
    assert caught.value.code == "name-invalid"


def test_a_broken_template_names_its_file_and_line(make_template: Callable[..., Path], context: Context) -> None:
    """An error in Jinja is the platform engineer's, with the place."""
    root = make_template(NOTE, "a: 1\nb: {{ note | nonsense }}\n")
    with pytest.raises(Invalid) as caught:
        render(load_template(root, "little"), {"note": "x"}, context=context)
    assert caught.value.code == "template-invalid"
    assert caught.value.at is not None
    assert caught.value.at.line == 2


def test_a_template_cannot_reach_files_outside(make_template: Callable[..., Path], context: Context) -> None:
    """Neither an include nor a link leads out of the template's folder."""
    root = make_template("", "a: {% include '../../../secret' %}\n")
    (root.parent / "secret").write_text("secret")
    with pytest.raises(Invalid) as caught:
        render(load_template(root, "little"), {}, context=context)
    assert caught.value.code == "template-invalid"


@pytest.mark.slow
@pytest.mark.usefixtures("child")
def test_a_template_that_never_ends_is_stopped(
    make_template: Callable[..., Path], context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering has a time limit, because a template can loop."""
    monkeypatch.setattr(copier, "SECONDS", 0.2)
    with pytest.raises(ToolFailed) as caught:
        render(load_template(make_template(""), "little"), {}, context=context)
    assert caught.value.code == "tool-timeout"
