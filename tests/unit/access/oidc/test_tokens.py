"""Access tokens of a provider: which are believed, and what they say."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.access.oidc.issuer import AUDIENCE, CLIENT, NOW, SETTINGS, URL, Issuer, key, set_to, signed

from gaia.access.oidc.tokens import LONGEST, access_identity, is_signed
from gaia.errors import Unauthenticated

if TYPE_CHECKING:
    from gaia.access.identity import Identity

AT = int(NOW.timestamp())
WRONG_TIMES: tuple[Any, ...] = (None, "9999999999", True, [1], 1e300, {})
WRONG_SUBJECTS: tuple[Any, ...] = (None, "", 7, "x" * 301, "a\nb")
NO_OBJECTS: tuple[Any, ...] = ([], "x", 7, None)


def read(issuer: Issuer, token: str, **changed: Any) -> Identity:
    """Whom a token is of, now."""
    return access_identity(token, issuer.found(), set_to(**changed), NOW)


def refusal(issuer: Issuer, token: str, **changed: Any) -> str:
    """The code that a token is refused with."""
    with pytest.raises(Unauthenticated) as caught:
        read(issuer, token, **changed)
    assert caught.value.next_step
    return caught.value.code


def part(value: object) -> str:
    """A part of a token."""
    return part_of(json.dumps(value).encode())


def part_of(content: bytes) -> str:
    """The same of whatever bytes."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"])
def test_a_token_says_whom_it_is_of(kind: str) -> None:
    """Signed with any algorithm that takes a pair of keys."""
    issuer = Issuer(key(kind, "k"))
    found = read(issuer, issuer.token(header={"alg": kind}))
    assert (found.issuer, found.subject, found.name) == (URL, "u-1", "Dana@example.com")
    assert (sorted(found.groups), found.until) == (["platform-admins"], NOW + timedelta(minutes=10))
    assert found.proved_at is None


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": AT - 31}, "token-expired"),
        ({"nbf": AT + 31}, "token-not-yet-valid"),
        ({"iat": AT + 31}, "token-not-yet-valid"),
        ({"iss": "https://evil.example.com"}, "token-other-issuer"),
        ({"iss": URL + "/"}, "token-other-issuer"),
        ({"iss": None}, "token-other-issuer"),
        ({"aud": "https://other.example.com"}, "token-other-audience"),
        ({"aud": ["a", "b"]}, "token-other-audience"),
        ({"aud": None}, "token-other-audience"),
        ({"aud": CLIENT}, "token-other-audience"),
        *(({"exp": value}, "token-not-verified") for value in WRONG_TIMES),
        *(({"sub": value}, "token-not-verified") for value in WRONG_SUBJECTS),
        ({"nonce": "n"}, "token-wrong-type"),
        ({"at_hash": "h"}, "token-wrong-type"),
    ],
)
def test_what_does_not_fit_is_refused(claims: dict[str, Any], code: str) -> None:
    """Whoever signed it."""
    issuer = Issuer()
    assert refusal(issuer, issuer.token(**claims)) == code


def test_clocks_may_differ_a_little() -> None:
    """By half a minute, in both directions."""
    issuer = Issuer()
    assert read(issuer, issuer.token(exp=AT - 29, iat=AT + 29, nbf=AT + 29))


def test_one_of_several_audiences_is_enough() -> None:
    """A token may be for two."""
    issuer = Issuer()
    assert read(issuer, issuer.token(aud=["https://other.example.com", AUDIENCE]))


@pytest.mark.parametrize("kind", ["JWT", "", "id_token+jwt", "secevent+jwt", None, 7])
def test_a_token_of_another_kind_is_refused(kind: object) -> None:
    """What tells a page who signed in would open the API otherwise."""
    issuer = Issuer()
    assert refusal(issuer, issuer.token(header={"typ": kind})) in ("token-wrong-type", "token-not-verified")


def test_a_provider_that_does_not_tell_kinds_apart_can_be_used() -> None:
    """Where that is set; what has a page's claims is refused then too."""
    issuer = Issuer()
    for kind in ("JWT", "at+jwt", "application/at+jwt"):
        wanted = "at+jwt" if "/" in kind else "jwt"
        assert read(issuer, issuer.token(header={"typ": kind}), token_type=wanted)
    assert refusal(issuer, issuer.token(header={"typ": "JWT"}, nonce="n"), token_type="jwt") == "token-wrong-type"
    assert refusal(issuer, issuer.token(header={"typ": "logout+jwt"}), token_type="jwt") == "token-wrong-type"


def test_a_token_without_a_signature_is_refused() -> None:
    """`alg: none`, in every way of writing it."""
    issuer = Issuer()
    body = issuer.token().split(".")[1]
    for name in ("none", "None", "NONE", "nOnE", ""):
        for signature in ("", "AAAA"):
            token = f"{part({'alg': name, 'typ': 'at+jwt', 'kid': 'one'})}.{body}.{signature}"
            assert refusal(issuer, token) == "token-not-verified"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(algorithm: str) -> None:
    """Key confusion: what everybody can read signs nothing."""
    issuer = Issuer()
    public = issuer.keys[0]
    header = {"alg": algorithm, "kid": public.kid, "typ": "at+jwt"}
    claims = json.loads(base64.urlsafe_b64decode(issuer.token().split(".")[1] + "=="))
    for secret in (public.as_pem(private=False), json.dumps(public.as_dict(private=False)).encode()):
        assert refusal(issuer, signed(secret, header, claims)) == "token-not-verified"


def test_a_key_of_another_kind_or_purpose_is_not_taken() -> None:
    """An algorithm and a key that do not belong together; a key that encrypts; one for another algorithm."""
    issuer = Issuer(key("ES256", "one"))
    assert refusal(issuer, issuer.token(by=key("RS256", "one"))) == "token-not-verified"
    for changed in ({"use": "enc"}, {"alg": "ES384"}):
        made = Issuer()
        public = {**made.keys[0].as_dict(private=False), **changed}
        made.answers["/keys"] = lambda _form, public=public: _json({"keys": [public, {"kty": "oct", "k": "AAAA"}]})  # type: ignore[misc]
        with pytest.raises(Exception, match="key"):
            read(made, made.token())


def _json(document: object) -> Any:
    import httpx

    return httpx.Response(200, json=document)


def test_a_key_that_comes_along_is_not_believed() -> None:
    """`jwk`, `jku` and `x5u` in the header name keys of whoever wrote it."""
    issuer, own = Issuer(), key("ES256", "evil")
    for more in ({"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example.com/keys"}, {"x5u": "https://e.x"}):
        for name in ("evil", "one"):
            token = issuer.token(by=own, header={"kid": name, **more})
            assert refusal(issuer, token) == "token-not-verified"
    assert all(not path.startswith("/evil") for path in issuer.asked)


def test_a_signature_of_somebody_else_is_refused() -> None:
    """Another key of the same name, a changed body, a signature that is cut off, what is critical and unknown."""
    issuer = Issuer()
    head, body, signature = issuer.token().split(".")
    changed = part({"iss": URL, "aud": AUDIENCE, "sub": "admin", "exp": AT + 600})
    for token in (
        issuer.token(by=key("ES256", "two"), header={"kid": "one"}),
        f"{head}.{changed}.{signature}",
        f"{head}.{body}.{signature[:-8]}",
        f"{head}.{body}.",
        issuer.token(header={"crit": ["exp"], "exp": 1}),
    ):
        assert refusal(issuer, token) == "token-not-verified"


@pytest.mark.parametrize(
    "token", ["..", "a.b.c", "e30.e30.e30", f"{part([])}.{part([])}.AA", "x" * (LONGEST + 1) + ".."]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """One clear error, and nobody is asked for keys because of it."""
    issuer = Issuer()
    assert refusal(issuer, token) == "token-not-verified"
    assert len(issuer.asked) <= 2


def test_a_token_that_says_no_object_is_refused() -> None:
    """A list, a text, a number."""
    issuer = Issuer()
    header = {"alg": "ES256", "kid": "one", "typ": "at+jwt"}
    for claims in NO_OBJECTS:
        assert refusal(issuer, signed(issuer.keys[0], header, claims)) == "token-not-verified"


def test_a_huge_token_is_not_read() -> None:
    """Even one that is signed well."""
    issuer = Issuer()
    assert refusal(issuer, issuer.token(more="x" * LONGEST)) == "token-not-verified"


def test_groups_are_texts_of_a_list() -> None:
    """What is something else is no group; the claim may have another name."""
    issuer = Issuer()
    assert read(issuer, issuer.token(groups="platform-admins")).groups == frozenset()
    assert read(issuer, issuer.token(groups=None)).groups == frozenset()
    assert read(issuer, issuer.token(groups=["a", 7, None, ["b"], "x" * 400])).groups == {"a"}
    assert read(issuer, issuer.token(roles=["b"]), groups_claim="roles").groups == {"b"}


@pytest.mark.parametrize(
    ("claims", "ago"),
    [
        ({"amr": ["pwd", "mfa"], "auth_time": AT - 60}, 60),
        ({"amr": ["otp"], "auth_time": AT - 60}, 60),
        ({"acr": "hwk", "auth_time": AT}, 0),
        ({"amr": ["mfa"], "auth_time": AT + 20}, 0),
        ({"amr": ["mfa"], "auth_time": AT + 600}, None),
        ({"amr": ["pwd"], "auth_time": AT}, None),
        ({"amr": ["mfa"]}, None),
        ({"amr": "mfa", "auth_time": AT}, None),
        ({"acr": ["mfa"], "auth_time": AT}, None),
        ({"auth_time": AT}, None),
    ],
)
def test_when_a_second_factor_was_asked_for(claims: dict[str, Any], ago: int | None) -> None:
    """Only where the token says both that there was one and when; a time that has not come counts for nothing."""
    issuer = Issuer()
    expected = None if ago is None else NOW - timedelta(seconds=ago)
    assert read(issuer, issuer.token(**claims)).proved_at == expected


def test_what_proves_a_second_factor_can_be_set() -> None:
    """Providers have words of their own."""
    issuer = Issuer()
    token = issuer.token(acr="urn:example:loa:3", auth_time=AT)
    assert read(issuer, token).proved_at is None
    assert read(issuer, token, second_factors=frozenset({"urn:example:loa:3"})).proved_at == NOW


def test_our_own_tokens_are_told_apart() -> None:
    """By their form."""
    assert not is_signed("gaia_tok_" + "x" * 43)
    assert not is_signed("a.b.\udcff")
    assert is_signed(Issuer().token())
    assert SETTINGS.token_type == "at+jwt"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub", "groups", "amr", "acr", "auth_time", "nonce"])


@given(st.text() | st.lists(st.binary(), min_size=3, max_size=3).map(lambda parts: ".".join(map(part_of, parts))))
def test_whatever_is_sent_the_answer_is_one_error(text: str) -> None:
    """Never another one, and never a person."""
    if is_signed(text):
        assert refusal(Issuer(), text) == "token-not-verified"


@given(st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(st.sampled_from(["typ", "kid", "crit", "x"]), JSON))
def test_whatever_is_signed_is_read_or_refused(claims: dict[str, Any], header: dict[str, Any]) -> None:
    """A provider that makes mistakes breaks nothing."""
    issuer = Issuer()
    with suppress(Unauthenticated):
        found = read(issuer, issuer.token(header=header, **claims))
        assert (found.issuer, isinstance(found.subject, str)) == (URL, True)


def test_what_is_nested_deeply_is_refused() -> None:
    """Where a reader would run out of its stack."""
    deep = base64.urlsafe_b64encode(b"[" * 8000).rstrip(b"=").decode()
    assert refusal(Issuer(), f"{deep}.e30.AA") == "token-not-verified"
    assert refusal(Issuer(), f"{part({'alg': 'ES256', 'kid': 'one'})}.{deep[:-200]}.AA") == "token-not-verified"
