"""Coming in, and what is kept when somebody is put out in the middle of something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.api import cookies
from gaia.console import call, pages

if TYPE_CHECKING:
    from httpx import Response
    from tests.unit.console.conftest import Browser


def test_the_page_knows_the_session_by_the_name_that_signing_in_gives_it() -> None:
    """Doors share nothing, so the name stands twice."""
    assert call.SESSION == cookies.SESSION


@pytest.mark.parametrize("path", [path for methods, path, _ in pages.KNOWN if methods == "GET"])
def test_nobody_sees_a_page_without_signing_in(browser: Browser, path: str) -> None:
    """They are led to the sign-in page, which leads back."""
    shown = browser.get(path.replace("{", "").replace("}", "") + "?q=x")
    assert shown.status_code == 200
    assert shown.url.path == "/sign-in"
    assert "next=%2F" in str(shown.url)
    assert "Sign in" in shown.text


def test_a_link_leads_to_the_first_page_once(browser: Browser) -> None:
    """Used again, it is a page that says so and no JSON."""
    link = f"/login/{browser.served.signing_in.make_link('gus')}"
    assert browser.get(link).url.path == "/"
    again = browser.get(link)
    assert again.status_code == 401
    assert "this link signs nobody in" in again.text
    assert again.headers["content-type"].startswith("text/html")


def test_a_pasted_link_signs_in(browser: Browser) -> None:
    """Whole; then it leads to where somebody wanted to go."""
    secret = browser.served.signing_in.make_link("gus")
    sent = _sign_in(browser, f"https://x.example/login/{secret}", next="/requests?show=waiting")
    assert str(sent.url).endswith("/requests?show=waiting")
    assert "gus" in sent.text


def test_a_token_signs_in_for_no_longer_than_it_holds(browser: Browser) -> None:
    """The session is the person's own, and another site's page begins none."""
    sent = _sign_in(browser, browser.loop.tokens["gus"])
    assert sent.url.path == "/"
    assert "gus" in sent.text
    browser.client.cookies.clear()
    refused = browser.client.post(
        "/login", data={"secret": browser.loop.tokens["gus"]}, headers={"sec-fetch-site": "cross-site"}
    )
    assert refused.status_code == 403
    assert not browser.client.cookies


def _sign_in(browser: Browser, secret: str, **more: str) -> Response:
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html"}
    found: Response = browser.client.post("/login", data={"secret": secret, **more}, headers=headers)
    return found


@pytest.mark.parametrize("secret", ["", "https://", "ü", "x" * 2000, "gaia_tok_guess"])
def test_what_signs_nobody_in_is_refused(browser: Browser, secret: str) -> None:
    """With one clear error, as a page."""
    sent = _sign_in(browser, secret, next="https://evil.example")
    assert sent.status_code == 401
    assert sent.headers["content-type"].startswith("text/html")


def test_every_page_has_its_headers(browser: Browser) -> None:
    """Nothing of another host, nothing inline, kept by nobody."""
    browser.sign_in("gus")
    headers = browser.get("/").headers
    assert "'unsafe" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_form_that_is_sent_signed_out_is_kept(browser: Browser) -> None:
    """Everything that was typed stands on the answer, with a way to send it again."""
    browser.sign_in("ann")
    token = browser.token()
    browser.client.cookies.clear()
    sent = browser.post("/new/pair", token=token, service="kept-one", **{"answer.text": "<b>precious</b>"})
    assert sent.status_code == 401
    assert 'value="kept-one"' in sent.text
    assert "&lt;b&gt;precious&lt;/b&gt;" in sent.text
    assert "<b>precious" not in sent.text
    assert token not in sent.text


def test_a_form_of_another_session_asks_first(browser: Browser) -> None:
    """Nothing is done before somebody has said so in the session that there is."""
    browser.sign_in("ann")
    sent = browser.post("/new/pair", token="0" * 64, service="another", stack="acme-use1-dev", **{"answer.text": "x"})
    assert sent.status_code == 409
    assert "Do you still want to send this?" in sent.text
    assert not [one for one in browser.loop.as_("ann").requests() if one.service == "another"]


def test_another_site_sends_nothing(browser: Browser) -> None:
    """Not even with a token of the session."""
    browser.sign_in("gus")
    sent = browser.post(f"/requests/{browser.loop.request}/approve", site="cross-site")
    assert sent.status_code == 403
    assert browser.loop.view(browser.loop.request).status == "waiting"


def test_signing_out_ends_the_session(browser: Browser) -> None:
    """And leads to where one signs in."""
    browser.sign_in("gus")
    sent = browser.client.post("/logout", headers={"sec-fetch-site": "same-origin"})
    assert sent.url.path == "/sign-in"


def test_routes_of_the_api_stay_the_apis(browser: Browser) -> None:
    """What is unknown there is a problem and no page; an address of nobody's is a page."""
    assert browser.get("/api/v1/nothing").json()["code"] == "route-unknown"
    assert browser.client.delete("/api/v1/services").json()["code"] == "method-not-allowed"
    assert "There is" not in browser.get("/nothing").text
    assert browser.get("/nothing").status_code == 404
    assert browser.get("/nothing").headers["content-type"].startswith("text/html")
