"""What is sensitive is known before terraform runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.kit.redact import Redactor
from gaia.terraform.sensitive_inputs import learn_inputs

if TYPE_CHECKING:
    from pathlib import Path

CODE = 'variable "secret" {\n  sensitive = true\n}\nvariable "plain" {}\n'


def learnt(folder: Path, code: str, environ: dict[str, str], shell: dict[str, str]) -> Redactor:
    """By a redactor, of a component with this code."""
    (folder / "main.tf").write_text(code)
    redact = Redactor()
    terraform = SimpleNamespace(redact=redact, environ=environ, variables=shell)
    wd = SimpleNamespace(module=folder, environ={"DB_PASSWORD": "of the instance's env"})
    learn_inputs(cast("Any", terraform), cast("Any", wd), {"secret": "from the stack", "plain": "known to all"})
    return redact


def test_declared_variables_and_secrets_of_the_environment(tmp_path: Path) -> None:
    """What the stack gives and the caller's shell; short words of the environment may stand everywhere."""
    environ = {"AWS_SECRET_ACCESS_KEY": "a-long-secret-key", "MY_TOKEN": "test", "HOME": "/home/somebody-else"}
    redact = learnt(tmp_path, CODE, environ, {"TF_VAR_plain": "also known"})
    for text in ("from the stack", "a-long-secret-key", "of the instance's env"):
        assert redact.knows(text)
    for text in ("known to all", "also known", "test", "/home/somebody-else"):
        assert not redact.knows(text)


@pytest.mark.parametrize("code", ["", 'variable "secret" {}\n', "variable sensitive = {"])
def test_where_nothing_is_declared_nothing_is_learnt(tmp_path: Path, code: str) -> None:
    """Nor where the code cannot be read: terraform says so, and runs nothing."""
    assert not learnt(tmp_path, code, {}, {}).knows("from the stack")
