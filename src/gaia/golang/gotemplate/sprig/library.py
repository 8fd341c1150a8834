"""The function set of sprig v3 (its text functions), as far as its results are the same on every run and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.sprig import dates, dicts, encoding, lists, numbers, paths, regexps, texts, versions
from gaia.golang.gotemplate.sprig.environment import functions as environment
from gaia.golang.gotemplate.values import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


REFUSED: Final = {
    "its result would differ from one run to the next": "randAlphaNum randAlpha randAscii randNumeric randBytes "
    "randInt shuffle uuidv4 bcrypt htpasswd encryptAES genPrivateKey genCA genCAWithKey genSelfSignedCert "
    "genSelfSignedCertWithKey genSignedCert genSignedCertWithKey buildCustomCert",
    "a template cannot ask the network": "getHostByName",
    "secrets belong into a store, not into a template": "derivePassword decryptAES",
}
"""Functions of sprig that are there by name only, by the reason why."""


def refusing(name: str, why: str) -> Callable[..., object]:
    """A function that refuses and says why."""

    def refuse(*arguments: object) -> object:
        del arguments
        raise Failure(f"not supported: {why}")

    refuse.__name__ = name
    return refuse


def fail(message: str) -> str:
    """Stop with `message`."""
    raise Failure(message)


def hello() -> str:
    """A greeting."""
    return "Hello!"


def functions(environ: Mapping[str, str]) -> Mapping[str, Callable[..., object]]:
    """Every function by name. `environ` is what `env` and `expandenv` see."""
    return {
        **texts.FUNCTIONS,
        **numbers.FUNCTIONS,
        **lists.FUNCTIONS,
        **dicts.FUNCTIONS,
        **encoding.FUNCTIONS,
        **versions.FUNCTIONS,
        **regexps.FUNCTIONS,
        **paths.FUNCTIONS,
        **dates.FUNCTIONS,
        **{name: refusing(name, why) for why, names in REFUSED.items() for name in names.split()},
        **environment(environ),
        "fail": fail,
        "hello": hello,
    }
