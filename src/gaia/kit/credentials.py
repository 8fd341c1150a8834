"""Strings that look like credentials, whoever wrote them: hidden where nobody could have learnt their value.

Only forms that nothing else has: a log stays readable. A test holds that to terraform's real output.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind of credential is written. Group `secret` is what is hidden, of those that have one."""

    marks: tuple[str, ...]
    """One of these stands in every text that holds such a thing; looked for first, since that is fast."""
    pattern: re.Pattern[str]


def _form(*marks: str, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> _Form:
    return _Form(marks, re.compile(pattern, flags))


_KEY_END = r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
FORMS = (
    _form("AKIA", "ASIA", pattern=r"(?<![A-Za-z0-9/+])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9/+])"),
    _form(
        *("ecret", "ECRET"),
        pattern=r"(?:aws_?)?secret_?(?:access_?)?key(?:\\?[\"'])?\s*[:=]>?\s*(?:\\?[\"'])?"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        flags=re.IGNORECASE,
    ),
    _form(
        *("oken", "OKEN"),
        pattern=r"(?:session|security)_?token(?:\\?[\"'])?\s*[:=]>?\s*(?:\\?[\"'])?(?P<secret>[A-Za-z0-9/+=]{80,})",
        flags=re.IGNORECASE,
    ),
    _form(
        "PRIVATE KEY",
        pattern=r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        rf"(?:[^\"]{{0,20000}}?{_KEY_END}|(?:[\w+/=\s]|\\[rn])*)",
    ),
    _form("eyJ", pattern=r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    _form("ghp_", "gho_", "ghu_", "ghs_", "ghr_", pattern=r"(?<!\w)gh[pousr]_[A-Za-z0-9]{36,255}"),
    _form("github_pat_", pattern=r"github_pat_\w{40,}"),
    _form("glpat-", pattern=r"glpat-[\w-]{20,}"),
    _form("xox", pattern=r"(?<!\w)xox[abeprs]-[\w-]{10,}"),
    _form("whsec_", pattern=r"whsec_[A-Za-z0-9+/=]{20,}"),
    _form("hooks.slack", pattern=r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]{10,})"),
    _form("gaia_tok_", pattern=r"gaia_tok_[\w-]{20,}"),
    _form("://", pattern=r"://[^\s/:@\"'?#]*:(?P<secret>[^\s/@\"'?#]{3,})@[\w.\[-]"),
    _form(
        *("uthorization", "UTHORIZATION"),
        pattern=r"authorization(?:\\?[\"'])?\s*[:=]\s*(?:\\?[\"'])?(?:bearer|basic|token)\s+(?P<secret>[\w.~+/=-]{8,})",
        flags=re.IGNORECASE,
    ),
    _form("X-Amz-", pattern=r"X-Amz-(?:Signature|Security-Token|Credential)=(?P<secret>[^&\s\"']+)"),
    _form(
        *("ord=", "wd=", "oken=", "ecret=", "key="),
        pattern=r"[?&;](?:password|passwd|pwd|access_token|token|client_secret|secret|api_?key)=(?P<secret>[^&\s;\"'<>]{6,})",
    ),
)


_BY_MARK = tuple((mark, form.pattern) for form in FORMS for mark in form.marks)
"""One plain loop: it runs over every line that terraform prints."""


def hidden(text: str, mask: str) -> str:
    """`text` with the mask in place of what looks like a credential."""
    for mark, pattern in _BY_MARK:
        if mark in text:
            text = pattern.sub(lambda found: _masked(found, mask), text)
    return text


def _masked(found: re.Match[str], mask: str) -> str:
    if "secret" not in found.re.groupindex:
        return mask
    whole, begin = found[0], found.start("secret") - found.start()
    return whole[:begin] + mask + whole[begin + len(found["secret"]) :]
