"""An estimate in the formats that people read elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.cli.rendered import text as screen_text

from gaia.cli.screens.cost import cost_diff_screen, cost_screen
from gaia.cost.formats import rendered
from gaia.cost.formats.figures import figures
from gaia.cost.formats.rows import rows
from gaia.testing import views

if TYPE_CHECKING:
    from gaia.cost.formats import Format


def named(text: str) -> dict[str, Any]:
    """An estimate whose bucket has this name."""
    document: dict[str, Any] = views.cost()
    document["projects"][0]["breakdown"]["resources"][1]["name"] = text
    return document


def test_infracosts_own_form_is_the_document_as_it_is() -> None:
    """What reads Infracost's output reads this."""
    assert json.loads(rendered(views.cost(), "infracost", "diff")) == views.cost()


def test_markdown_has_the_projects_and_what_changes() -> None:
    """For a comment: a headline, a table of projects, the parts folded away."""
    text = rendered(views.cost(), "markdown", "diff")
    assert text.startswith("### Monthly cost: +$13.60, afterwards $13.60\n")
    assert "| acme\\-use1" not in text
    assert "| $0.00 | +$13.60 | $13.60 |" in text
    assert "Storage | 500 | GB | +$11.50 |" in text
    assert "Select data scanned |  | GB | by use |" in text
    assert "Storage | 500 | GB | $11.50 |" in rendered(views.cost(), "markdown", "breakdown")


def test_no_name_makes_a_link_or_a_tag() -> None:
    """Names are anybody's text."""
    name = "a](http://x) <img src=y> |"
    assert r"a\](http\://x) \<img src=y\> \|" in rendered(named(name), "markdown", "breakdown")
    assert "a](http://x) &lt;img src=y&gt; |" in rendered(named(name), "html", "breakdown")


def test_a_page_is_whole_and_loads_nothing() -> None:
    """Every element is closed, and nothing comes from elsewhere."""

    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    parser = Tags()
    parser.feed(rendered(views.cost(), "html", "breakdown"))
    assert parser.open == []


def test_a_missing_price_is_said_in_each() -> None:
    """Never as nothing."""
    document: dict[str, Any] = views.cost()
    part = document["projects"][0]["breakdown"]["resources"][0]["costComponents"][0]
    part |= {"price": "0", "monthlyCost": "0", "priceNotFound": True}
    forms: tuple[Format, ...] = ("markdown", "html")
    for form in forms:
        text = rendered(document, form, "breakdown")
        assert "price unknown" in text
        assert "partial" in text
    found = figures(document, "breakdown")
    assert found["unpriced"]
    [row] = [one for one in rows(document, "breakdown") if one.unpriced]
    assert (row.name, row.monthly) == ("Customer master key", None)


def test_figures_are_texts() -> None:
    """With null for what nobody knows."""
    found: dict[str, Any] = figures(views.cost(), "diff")
    assert found["totals"]["difference"] == "13.6"
    assert found["projects"][0]["past_monthly"] == "0"
    [unknown] = [one for one in found["rows"] if one["name"] == "Select data scanned"]
    assert (unknown["quantity"], unknown["monthly"]) == (None, None)


def test_of_several_projects_each_has_its_name_and_its_sum() -> None:
    """Above its resources: else nobody knows whose they are."""
    document: dict[str, Any] = views.cost()
    document["projects"] = [
        {**project, "name": name} for project in document["projects"] for name in ("dev/a", "dev/b")
    ]
    for form, view, sum_ in (("markdown", "breakdown", "$13.60"), ("html", "diff", "+$13.60")):
        text = rendered(document, form, view)  # type: ignore[arg-type]
        for name in ("dev/a", "dev/b"):
            assert re.search(rf"{name}(\*\*|</th>).*{re.escape(sum_)}", text)
    shown = screen_text(cost_screen(document))
    assert re.search(r"^  dev/a +\$13\.60$", shown, re.MULTILINE)
    assert re.search(r"^  dev/b +\+\$13\.60$", screen_text(cost_diff_screen(document)), re.MULTILINE)
    assert {one["project"] for one in figures(document, "breakdown")["rows"]} == {"dev/a", "dev/b"}  # type: ignore[attr-defined]
    assert "**dev/a**" not in rendered(views.cost(), "markdown", "breakdown")


def test_a_page_obeys_nothing_in_a_name() -> None:
    """Escape sequences and turned directions are written out."""
    page = rendered(named("a\x1b[2Jb\u202ec"), "html", "breakdown")
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"a\x1b[2Jb\u202ec" in page


@pytest.mark.parametrize("link", ["https://x.example/y", "http://x.example", "www.x.example", "HTTPS://X.example"])
def test_no_bare_address_makes_a_link(link: str) -> None:
    """GitHub makes links of texts that look like one."""
    text = rendered(named(f"a {link} b"), "markdown", "breakdown")
    assert link not in text
