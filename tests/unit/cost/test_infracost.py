"""What is asked of the `infracost` program, and what its answers are taken for; a script stands for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gaia.bootstrap import App
from gaia.cost.embedded import Embedded
from gaia.cost.infracost import Infracost
from gaia.errors import GaiaError
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.cost.book import PriceBook

    from .conftest import Estimate

PLAN = {"format_version": "1.2", "configuration": {"root_module": {}}, "resource_changes": []}


def program(folder: Path, answer: object, *, version: str = "Infracost v0.10.43", status: int = 0) -> Path:
    """An infracost of a version that gives this answer, and writes down how it was called."""
    (folder / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
    path = folder / "infracost"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit 0; fi\n'
        f"printf '%s\\n' \"$@\" > {folder}/arguments\n/bin/cat plan.json > {folder}/plan\n"
        f"[ -e usage.yml ] && /bin/cat usage.yml > {folder}/usage\nenv > {folder}/environment\n"
        f"/bin/cat {folder}/answer > cost.json\necho 'no INFRACOST_API_KEY' >&2\nexit {status}\n"
    )
    path.chmod(0o755)
    return path


def answered(**more: Any) -> dict[str, Any]:
    """An answer of infracost in its own form, which leaves much out."""
    return {"version": "0.2", "currency": "USD", "projects": [{"breakdown": None}], "summary": {}, **more}


def test_an_answer_may_leave_metadata_out(tmp_path: Path) -> None:
    """Nothing is said there then."""
    found = ask(Infracost(program(tmp_path, answered(totalMonthlyCost="1")), environ={"PATH": "/usr/bin:/bin"}))
    assert (found["projects"][0]["metadata"], found["totalMonthlyCost"]) == ({}, "1")


def test_what_infracost_tells_of_sensitive_values_is_taken_away(tmp_path: Path) -> None:
    """It reads none of terraform's marks, and writes values into names and tags."""
    after = {"kind": "m5.24xlarge", "tags": {"a": "hunter2", "b": "ok"}, "on": True}
    masks = {"kind": True, "tags": {"a": True}, "on": True}
    change = {"before": None, "after": after, "after_sensitive": masks}
    plan = {**PLAN, "resource_changes": [{"change": change}]}
    line = {"name": "Usage (m5.24xlarge)", "unit": "hours", "monthlyQuantity": "1", "monthlyCost": "1", "price": "1"}
    resource = {"name": "aws_x.a", "tags": {"a": "hunter2", "b": "ok"}, "costComponents": [line]}
    answer = answered(projects=[{"breakdown": {"resources": [resource]}}])
    engine = Infracost(program(tmp_path, answer), environ={"PATH": "/usr/bin:/bin"})
    found = engine.estimate(plan, usage={}, project="p", region_default="")
    [shown] = found["projects"][0]["breakdown"]["resources"]
    assert shown["tags"] == {"a": "(sensitive)", "b": "ok"}
    assert shown["costComponents"][0]["name"] == "Usage ((sensitive))"
    assert shown["costComponents"][0]["monthlyCost"] == "1"


def ask(engine: Infracost) -> dict[str, Any]:
    """The estimate of an empty plan."""
    usage = {"resource_usage": {"aws_s3_bucket.this": {"standard": {"storage_gb": 5}}}}
    return engine.estimate(PLAN, usage=usage, project="dev/bucket", region_default="eu-west-1")


def test_a_plan_is_handed_over_and_the_answer_taken(tmp_path: Path, price: Estimate) -> None:
    """As files, in a folder that goes; the project has the name that it has here."""
    answer = price(PLAN, project="plan.json")
    found = ask(Infracost(program(tmp_path, answer), environ={"PATH": "/usr/bin:/bin", "INFRACOST_API_KEY": "ico-1"}))
    assert found["totalMonthlyCost"] == answer["totalMonthlyCost"]
    assert found["projects"][0]["name"] == "dev/bucket"
    assert (tmp_path / "arguments").read_text().split() == [
        "breakdown", "--path", "plan.json", "--format", "json", "--no-color", "--log-level", "error",
        "--usage-file", "usage.yml", "--out-file", "cost.json",
    ]  # fmt: skip
    assert json.loads((tmp_path / "plan").read_text()) == PLAN
    assert json.loads((tmp_path / "usage").read_text())["version"] == "0.1"
    assert "INFRACOST_API_KEY=ico-1" in (tmp_path / "environment").read_text().splitlines()


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ({"version": "infracost version 2.3.1"}, "infracost-version", "takes folders of code instead of plans"),
        ({"version": "v0.9.24"}, "infracost-version", "is not known here"),
        ({"version": "hello"}, "infracost-version", "does not say which version"),
        ({"status": 1}, "infracost-failed", "no INFRACOST_API_KEY"),
        ({"answer": "{"}, "infracost-unreadable", "not its JSON"),
        ({"answer": {"version": "0.3", "projects": [{}]}}, "infracost-unreadable", "not its JSON"),
        ({"answer": {"version": "0.2", "projects": []}}, "infracost-unreadable", "not its JSON"),
        ({"answer": {"version": "0.2", "projects": [{}]}}, "infracost-unreadable", "figures that are none"),
        ({"answer": answered(totalMonthlyCost="NaN")}, "infracost-unreadable", "figures that are none"),
        ({"answer": answered(totalMonthlyCost="much")}, "infracost-unreadable", "figures that are none"),
        (
            {
                "answer": answered(
                    projects=[
                        {
                            "breakdown": {
                                "resources": [
                                    {
                                        "name": "x",
                                        "costComponents": [
                                            {
                                                "name": "y",
                                                "unit": "GB",
                                                "monthlyQuantity": "Infinity",
                                                "monthlyCost": "1",
                                                "price": "1",
                                            }
                                        ],
                                    }
                                ]
                            }
                        }
                    ]
                )
            },
            "infracost-unreadable",
            "figures that are none",
        ),
    ],
)
def test_another_answer_is_an_error(tmp_path: Path, how: dict[str, Any], code: str, said: str) -> None:
    """Version 2 is refused with the reason; nothing is priced."""
    path = program(tmp_path, **{"answer": {}, **how})
    with pytest.raises(GaiaError, match=said) as caught:
        ask(Infracost(path, environ={"PATH": "/usr/bin:/bin"}))
    assert caught.value.code == code
    assert "GAIA_INFRACOST" in caught.value.next_step


def test_who_prices_is_chosen_in_one_place(tmp_path: Path, price: Estimate) -> None:
    """Of plan files, and of instances of checkouts and previews, which take it from the same place."""
    answer = price(PLAN, project="x")
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    program(tmp_path, answer)

    def app(**environ: str) -> App:
        return App(Settings.capture({"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **environ}, tmp_path))

    asked = app(GAIA_INFRACOST="infracost")
    assert asked.estimator() is asked.estimator()
    assert asked.plan_file_cost(tmp_path / "plan.json")["timeGenerated"] == answer["timeGenerated"]
    assert (tmp_path / "plan").exists()
    with pytest.raises(GaiaError) as caught:
        asked.plan_file_what_if(tmp_path / "plan.json", {"a": 1})
    assert caught.value.code == "infracost-what-if"
    with pytest.raises(GaiaError) as caught:
        app(GAIA_INFRACOST="none").plan_file_cost(tmp_path / "plan.json")
    assert caught.value.code == "infracost-missing"
    assert app().estimator().name == "gaia"


def test_the_own_engine_is_the_estimate(book: PriceBook, price: Estimate) -> None:
    """With its book."""
    found = Embedded(book).estimate(PLAN, usage={}, project="p", region_default="us-east-1")
    assert {**found, "timeGenerated": ""} == {**price(PLAN, project="p"), "timeGenerated": ""}
