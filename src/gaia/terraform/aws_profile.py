"""AWS's shared files: what `~/.aws/config` and `~/.aws/credentials` say of one profile."""

from __future__ import annotations

import configparser
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit import process
from gaia.terraform.aws_signing import Credentials, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_profile(
    name: str, environ: Mapping[str, str], *, config: Sequence[str] = (), credentials: Sequence[str] = ()
) -> dict[str, str]:
    """A profile's settings; those of the credentials file win. Empty where there is no such profile.

    `config` and `credentials` are files instead of the usual ones.

    Raises:
        NoAnswer: a file cannot be read.
    """
    folder = Path(environ.get("HOME") or "/") / ".aws"
    first = config or [environ.get("AWS_CONFIG_FILE") or str(folder / "config")]
    second = credentials or [environ.get("AWS_SHARED_CREDENTIALS_FILE") or str(folder / "credentials")]
    found: dict[str, str] = {}
    for files, section in ((first, name if name == "default" else f"profile {name}"), (second, name)):
        for file in files:
            found |= _section(_expanded(file, environ), section)
    return found


def process_credentials(command: str, environ: Mapping[str, str]) -> Credentials:
    """What a profile's `credential_process` prints.

    Raises:
        NoAnswer
    """
    try:
        done = process.run(shlex.split(command), cwd=Path(environ.get("HOME") or "/"), env=environ)
        answer = json.loads(done.stdout)
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("SessionToken") or "")
    except (GaiaError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoAnswer("its credential_process gives no credentials") from error


def _section(path: Path, name: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False, default_section="", delimiters=("=",))
    try:
        parser.read_string(path.read_text("utf-8"), path.name)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, configparser.Error) as error:
        raise NoAnswer(f"{path} cannot be read") from error
    return dict(parser[name]) if name and parser.has_section(name) else {}


def _expanded(file: str, environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or "/", file[2:]) if file.startswith("~/") else Path(file)
