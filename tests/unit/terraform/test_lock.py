"""What the core log says of locks and begun changes, and what is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.terraform import lock

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "12")
PREFIX = "2026-11-29T08:00:00.000Z"


def _asked(identifier: str) -> str:
    return f"{PREFIX} [INFO]  backend: Attempting to lock remote state: tf_backend.lock.id={identifier}\n"


def _returned(identifier: str) -> str:
    return f"{PREFIX} [INFO]  backend: Unlocked remote state: tf_backend.lock.id={identifier}\n"


def test_locks_that_were_not_given_back_are_ours(tmp_path: Path) -> None:
    """Oldest first; one that was given back is not among them, whichever that is."""
    path = tmp_path / "core.log"
    assert lock.read_lock_ids(path) == ()
    path.write_text(_asked(ONE) + "other\n" + _asked(TWO))
    assert lock.read_lock_ids(path) == (ONE, TWO)
    path.write_text(_asked(ONE) + _asked(TWO) + _returned(TWO))
    assert lock.read_lock_ids(path) == (ONE,)
    path.write_text(_asked(ONE) + _asked(TWO) + _returned(ONE))
    assert lock.read_lock_ids(path) == (TWO,)
    path.write_text(_asked(ONE) + _returned(ONE))
    assert lock.read_lock_ids(path) == ()


def test_a_log_is_made_ready_for_its_owner_alone(tmp_path: Path) -> None:
    """With its folders; terraform appends to it, so a lock of an earlier command stays."""
    path = tmp_path / "deep" / "core.log"
    variables = lock.begin_log(path)
    assert variables == {"TF_LOG_CORE": "info", "TF_LOG_PROVIDER": "off", "TF_LOG_PATH": str(path)}
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("", 0o600)
    path.write_text(_asked(ONE) + "[WARN] password=hunter2\n")
    lock.begin_log(path)
    assert lock.read_lock_ids(path) == (ONE,)
    assert "hunter2" not in path.read_text()


def test_a_log_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    """Its folder is a file."""
    (tmp_path / "deep").write_text("")
    with pytest.raises(Unavailable) as caught:
        lock.begin_log(tmp_path / "deep" / "core.log")
    assert caught.value.code == "file-not-writable"


def test_changes_without_an_answer_are_told_once_and_survive_the_cut(tmp_path: Path) -> None:
    """An error that is an answer is none of them; the cut log says the same again, without the error's text."""
    path = tmp_path / "core.log"
    address = 'aws_s3_bucket.this["a"]'
    quoted = '"aws_s3_bucket.this[\\"a\\"]"'
    path.write_text(
        f"{PREFIX} [INFO]  Starting apply for {address}\n"
        f"{PREFIX} [ERROR] vertex {quoted} error: creating: context canceled hunter2\n"
        * 2
        + f'{PREFIX} [ERROR] vertex "aws_kms_key.this" error: AccessDenied\n'
    )
    assert lock.unanswered_changes(path.read_text().splitlines()) == (address,)
    lock.end_log(path)
    assert "hunter2" not in path.read_text()
    assert f"Starting apply for {address}" in path.read_text()
    assert lock.unanswered_changes(path.read_text().splitlines()) == (address,)
    before = path.read_text()
    lock.end_log(path)
    assert path.read_text() == before


def test_an_address_that_is_not_quoted_as_json_is_kept_as_it_is() -> None:
    """Go's own escapes are none of JSON's."""
    line = r'[ERROR] vertex "aws_x.a\a" error: EOF'
    assert lock.unanswered_changes([line]) == (r'"aws_x.a\a"',)


def test_a_forgotten_log_is_empty_and_none_is_made(tmp_path: Path) -> None:
    """When its locks are known to be gone."""
    path = tmp_path / "core.log"
    lock.forget(path)
    lock.end_log(path)
    assert not path.exists()
    path.write_text(_asked(ONE))
    lock.forget(path)
    assert path.read_bytes() == b""
