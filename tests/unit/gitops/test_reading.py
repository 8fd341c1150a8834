"""What a release and a layout may say, and the one error for what they may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gitops.conftest import DIGEST, IMAGE, LAYOUT, LEAST, MOST, layout_of, release_of

from gaia.errors import GaiaError, Invalid
from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.model import Clear, FromSecret
from gaia.kit import yaml

HOSTILE = "x\x1b[2J\u202e"


def test_all_that_can_be_said_is_read() -> None:
    """An output is a value like any other; a secret stays a name."""
    release = release_of(MOST)
    assert release.env["QUEUE_URL"] == Clear(MOST["outputs"]["queue_url"])
    assert release.env["DB_PASSWORD"] == FromSecret("acme/dev/photos/database", "password")
    assert (release.replicas.least, release.replicas.most, str(release.image)) == (2, 6, IMAGE)


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("release-image-tag", {"image": "registry.example.com/acme/photos:1.2"}, "tag"),
    ("release-image-tag", {"image": "registry.example.com/acme/photos"}, "tag"),
    ("release-invalid", {"image": "registry.example.com/acme/photos@sha256:abc"}, "image is"),
    ("release-invalid", {"image": f"photos@{DIGEST} --x"}, "image is"),
    ("release-invalid", {"image": 7}, "image is 7"),
    ("release-invalid", {"service": "Photos"}, "no name"),
    ("release-invalid", {"service": "-photos"}, "no name"),
    ("release-invalid", {"service": "1photos"}, "no name"),
    ("release-invalid", {"service": "../x"}, "no name"),
    ("release-invalid", {"service": "x" * 64}, "no name"),
    ("release-invalid", {"service": HOSTILE}, "service is"),
    ("release-invalid", {"tenant": "initech"}, "no tenant initech"),
    ("release-invalid", {"stage": "test"}, "no stage test"),
    ("release-invalid", {"replica": 2}, "no field 'replica'"),
    ("release-invalid", {"replicas": 0}, "replicas is 0"),
    ("release-invalid", {"replicas": True}, "replicas is True"),
    ("release-invalid", {"replicas": {"min": 3, "max": 2}}, "max is 2"),
    ("release-invalid", {"ports": {}}, "ports is missing"),
    ("release-invalid", {"ports": {"http": 80}}, "http is 80"),
    ("release-invalid", {"ports": {"http": 8080, "other": 8080}}, "one number"),
    ("release-invalid", {"ports": [8080]}, "no map"),
    ("release-invalid", {"env": {"A-B": "x"}}, "a variable is called"),
    ("release-invalid", {"env": {"A": 1}}, "A is no text"),
    ("release-invalid", {"env": {"A": "one\ntwo"}}, "more than a line"),
    ("release-invalid", {"env": {"A": HOSTILE}}, "nobody sees"),
    ("release-invalid", {"env": {"A": "x\u202ey"}}, "nobody sees"),
    ("release-secret-in-clear", {"env": {"DB_PASSWORD": "hunter2"}}, "DB_PASSWORD looks like a secret"),
    ("release-secret-in-clear", {"env": {"URL": "postgres://me:hunter2@db/photos"}}, "URL looks like a secret"),
    ("release-secret-in-clear", {"env": {"X": "AKIAIOSFODNN7EXAMPLE"}}, "X looks like a secret"),
    ("release-secret-foreign", {"env": {"A": {"secret": "globex/dev/database"}}}, "acme/dev"),
    ("release-secret-foreign", {"env": {"A": {"secret": "acme/dev/../prod/database"}}}, "acme/dev"),
    ("release-secret-foreign", {"env": {"A": {"secret": "acme/development/x"}}}, "acme/dev"),
    ("release-output-missing", {"env": {"A": {"output": "queue_url"}}}, "queue_url"),
    ("release-invalid", {"route": {"hosts": ["photos.globex.example.com"]}}, "no name of acme"),
    ("release-invalid", {"route": {"hosts": ["evilacme.example.com"]}}, "no name of acme"),
    ("release-invalid", {"route": {"hosts": ["*.acme.example.com"]}}, "hosts"),
    ("release-invalid", {"route": {"hosts": []}}, "hosts is empty"),
    ("release-invalid", {"route": {"hosts": ["a.acme.example.com"], "port": "grpc"}}, "no port"),
    ("release-invalid", {"reaches": [{"cidr": "0.0.0.0/0", "port": 443}]}, "part of the internet"),
    ("release-invalid", {"reaches": [{"cidr": "0.0.0.0/1", "port": 443}]}, "part of the internet"),
    ("release-invalid", {"reaches": [{"cidr": "169.254.0.0/16", "port": 80}]}, "nodes give"),
    ("release-invalid", {"reaches": [{"cidr": "::/0", "port": 443}]}, "part of the internet"),
    ("release-invalid", {"reaches": [{"cidr": "10.0.0.1/8", "port": 443}]}, "no network"),
    ("release-invalid", {"reaches": [{"port": 443}]}, "no target"),
    ("release-invalid", {"identity": "admin"}, "identity is"),
    ("release-invalid", {"resources": {"cpu": "lots"}}, "cpu is"),
    ("release-invalid", {"callers": ["a b"]}, "callers"),
]


@pytest.mark.parametrize(("code", "changed", "said"), WRONG, ids=[f"{one[0]}-{n}" for n, one in enumerate(WRONG)])
def test_what_cannot_be_released_is_one_clear_error(code: str, changed: dict[str, Any], said: str) -> None:
    """With its place in the file and a next step, and nothing in it that a terminal would obey."""
    with pytest.raises(Invalid) as caught:
        release_of(LEAST | changed)
    assert caught.value.code == code
    assert said in caught.value.message
    assert caught.value.next_step
    assert caught.value.at
    assert caught.value.at.file == "release.yaml"
    assert "\x1b" not in caught.value.message + caught.value.next_step


def test_an_error_repeats_no_secret() -> None:
    """It would stand in the log of a pipeline."""
    with pytest.raises(Invalid) as caught:
        release_of(LEAST | {"env": {"API_TOKEN": "correct-horse"}})
    assert "correct-horse" not in str(caught.value.as_json())


@pytest.mark.parametrize("value", ["/run/secrets/token", "$(DB)", "", "https://example.com/token"])
def test_where_a_secret_lies_may_be_said(value: str) -> None:
    """A path or a reference gives nothing away."""
    assert release_of(LEAST | {"env": {"API_TOKEN": value}}).env["API_TOKEN"] == Clear(value)


SIMPLE = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(HOSTILE)
ANY = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(st.sampled_from(reading.FIELDS), ANY)
def test_whatever_is_written_is_read_or_refused(name: str, value: object) -> None:
    """Never another error than one of ours."""
    document = yaml.Document("release.yaml", LEAST | {name: value})
    try:
        reading.read(document, layout_of())
    except GaiaError as error:
        assert error.code.startswith("release-")  # noqa: PT017


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stages": {}}, "stages is missing"),
        ({"stages": {"Dev": {"cluster": "x"}}}, "no name"),
        ({"tenants": ["acme"]}, "no map"),
        ({"repository": "https://me:pass@git.example.com/x"}, "repository is"),
        ({"repository": "--upload-pack=x"}, "repository is"),
        ({"branch": "a..b"}, "branch is"),
        ({"tenants": {"a-b": {}, "a": {}}, "stages": {"c": {"cluster": "x"}, "b-c": {"cluster": "x"}}}, "share"),
        ({"tenants": {"kube": {}}, "stages": {"system": {"cluster": "x"}}}, "Kubernetes itself"),
        ({"quota": {"cpu": "many"}}, "cpu is"),
        ({"freezes": [{"stage": "prod", "from": "2026-12-20", "until": "x", "why": "y"}]}, "no moment"),
        ({"admins": ["a\nb"]}, "admins"),
        ({"gatewy": {}}, "no field"),
    ],
)
def test_a_layout_that_cannot_be_used_is_refused(changed: dict[str, Any], said: str) -> None:
    """With its place."""
    with pytest.raises(Invalid, match=said) as caught:
        layout_of(**changed)
    assert caught.value.code == "gitops-invalid"
    assert caught.value.at
    assert caught.value.at.file == layouts.FILE


def test_a_freeze_holds_from_its_first_moment_to_before_its_last() -> None:
    """In its stage alone."""
    freeze = {"stage": "prod", "from": "2026-12-20T18:00Z", "until": "2027-01-02T08:00+01:00", "why": "holidays"}
    layout = layout_of(freezes=[freeze])
    begins, ends = datetime(2026, 12, 20, 18, tzinfo=UTC), datetime(2027, 1, 2, 7, tzinfo=UTC)
    assert layout.frozen("prod", begins)
    assert not layout.frozen("dev", begins)
    assert not layout.frozen("prod", ends)
    assert list(LAYOUT["stages"]) == ["dev", "staging", "prod"]
    assert (layout.after("dev"), layout.after("prod")) == ("staging", None)
