"""The words of yq's language.

Rules are tried in this order, as yq tries them, and a word is no unit: what begins like an operator is one, so
`ascii_upcase` is `as` and a rest that cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.values import Failure
from gaia.golang.yq.model import BOOL, FLOAT, INT, Node, Operation, null, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

_RULES: Final = r"""
comment     line_?comment|lineComment|head_?comment|headComment|foot_?comment|footComment
(           \(
)           \)
.[          \.\[
[           \[
]           \]\??
{           \{
}           \}
descend     \.\.\.|\.\.
variable    \$[a-zA-Z_\-0-9]+
as          as|ref
create-map  :\s*
length      length
line        line
column      column
eval        eval
to_number   to_?number
map_values  map_?values
root        root
map         map
filter      filter
pick        pick
omit        omit
flatten     flatten(?:\([0-9]+\))?
format_datetime format_datetime
now         now
tz          tz
from_unix   from_?unix
to_unix     to_?unix
with_dtf    with_dtf
error       error
shuffle     shuffle
sort_keys   sortKeys|sort_?keys
array_to_map array_?to_?map
encode      to_?yaml\([0-9]+\)|to_?xml\([0-9]+\)|to_?json\([0-9]+\)
decode      from_?yaml|@yamld|from_?json|@jsond
encode      to_?yaml|@yaml|to_?json|@json
decode      from_?props|@propsd
encode      to_?props|@props
decode      from_?xml|@xmld
encode      to_?xml|@xml
decode      from_?csv|@csvd
encode      to_?csv|@csv
decode      from_?tsv|@tsvd
encode      to_?tsv|@tsv
decode      @base64d
encode      @base64
decode      @urid
encode      @uri|@sh
load        load_?xml|xml_?load|load_?base64|load_?props|load_?str|str_?load|load
split_doc   splitDoc|split_?doc
select      select
has         has
unique_by   unique_?by
unique      unique
group_by    group_?by
explode     explode
or          or
and         and
not         not
ireduce     ireduce
join        join
sub         sub
match       match
capture     capture
test        test
sort_by     sort_?by
sort        sort
first       first
reverse     reverse
any_c       any_c
any         any
all_c       all_c
all         all
contains    contains
split       split
parents     parents
parent      parent(?:\(-?[0-9]+\))?
keys        keys
key         key
is_key      is_?key
file        file_?name|fileName|file_?index|fileIndex|fi
path        path
setpath     set_?path
delpaths    del_?paths
to_entries  to_?entries|toEntries
from_entries from_?entries|fromEntries
with_entries with_?entries|withEntries
with        with
collect     collect
del         del
style       style
tag         tag|type
kind        kind
anchor      anchor
alias       alias
set-comments comments\s*\|?=
;           ;
//          //
document_index documentIndex|document_?index|di
upcase      upcase|ascii_?upcase
downcase    downcase|ascii_?downcase
trim        trim
to_string   to_?string
hex         0[xX][0-9A-Fa-f]+
float       -?[1-9](?:\.\d+)?[Ee][-+]?\d+|-?\d+\.\d+
int         -?\d+
bool        [Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]
null        [Nn][Uu][Ll][Ll]|~
string      "[^"\\]*(?:\\.[^"\\]*)*"
env         (?:str)?env\([^\)]+\)
envsubst    envsubst(?:\((?:ne|nu|ff| |,)+\))?
==          \s*==\s*
!=          \s*!=\s*
compare     \s*>=\s*|\s*<=\s*|\s*>\s*|\s*<\s*
min         min
max         max
=           \|=[c]*|=[c]*
blank       [ \t\n]+
at          \."[^ "]+"\??|\.[^ ;}{:\[\],|.()=\n!]+\??
|           \|
self        \.
,           ,
*=          \*=[+|?cdn]*
*           \*[+|?cdn]*
/           /
%           %
+=          \+=
+           \+
-=          -=
-           -
blank       \#.*
pivot       pivot
"""
_LINES: Final = [line.split(None, 1) for line in _RULES.strip().splitlines()]
_PATTERN: Final = re.compile("|".join(f"({pattern})" for _, pattern in _LINES))
BRACKETS: Final = frozenset("( ) .[ [ ] { }".split())  # noqa: SIM905
_POST: Final = frozenset(
    (
        *("map", "filter", "pick", "omit", "eval", "map_values", "to_entries", "with", "split_doc", "variable", "path"),
        *(
            "delpaths",
            "explode",
            "sort_by",
            "first",
            "reverse",
            "sort",
            "shuffle",
            "sort_keys",
            "split",
            "load",
            "keys",
        ),
        *("at", "env", "select", "unique", "unique_by", "group_by", "flatten", "pivot", "parent"),
    )
)
"""Operators behind which a path may stand without a pipe."""
_ASSIGNABLE: Final = frozenset(("comment", "style", "tag", "anchor", "alias"))
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "b": "\b", "a": "\a", '"': '"', "\\": "\\"}


@dataclass(slots=True)
class Token:
    """A bracket, or an operation."""

    kind: str
    operation: Operation | None = None
    text: str = ""


def tokens(expression: str) -> list[Token]:
    """The words of an expression, with what is only implied written out.

    Raises:
        Failure: something in it cannot be read.
    """
    return _completed(_words(expression))


def _words(expression: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _PATTERN.match(expression, at)
        if match is None or match.end() == at:
            raise Failure(f"{expression}: cannot be read from {expression[at:].strip()[:20]!r} on")
        kind, text = _LINES[(match.lastindex or 1) - 1][0], match.group()
        at = match.end()
        if kind in BRACKETS:
            found.append(Token(kind, None, text))
        elif kind != "blank":
            found.append(Token("operation", _operation(kind, text), text))
    return found


def _operation(kind: str, text: str) -> Operation:
    if kind in _VALUES:
        return Operation("value", text, _VALUES[kind](text))
    operation = Operation(kind, text.strip())
    if kind == "at":
        optional = text[-1:] == "?"
        inner = text[1:-1] if optional else text[1:]
        operation.text = inner[1:-1] if inner[:1] == '"' and len(inner) > 1 else inner
        operation.flags = "?" if optional else ""
    elif kind == "string":
        operation.text = unescaped(text[1:-1])
    elif kind == "variable":
        operation.text = text[1:]
    elif kind == "=":
        operation.update, operation.flags = text[0] == "|", text.lstrip("|=")
    elif kind in ("*", "*="):
        operation.flags = text.lstrip("*=")
    elif kind == "parent":
        operation.number = _argument(text, 1)
    elif kind == "flatten":
        operation.number = _argument(text, -1)
    return operation


def _argument(text: str, default: int) -> int:
    """The number in brackets behind a name."""
    number = re.search(r"\((-?[0-9]{1,9})\)\Z", text)
    return int(number[1]) if number else default


def _whole(text: str) -> Node:
    if not -(2**63) <= int(text, 0 if text[:2].lower() == "0x" else 10) < 2**63:
        raise Failure(f"{text}: value out of range")
    return scalar(INT, text)


_VALUES: Final[dict[str, Callable[[str], Node]]] = {
    "hex": _whole, "int": _whole, "float": lambda text: scalar(FLOAT, text),
    "bool": lambda text: scalar(BOOL, text), "null": lambda _: null(),
}  # fmt: skip


def unescaped(text: str) -> str:
    """A text in quotes without its escapes; `\\\\(` stays, since it keeps an expression from being one."""

    def one(match: re.Match[str]) -> str:
        if match[0] == "\\\\" and text[match.end() : match.end() + 1] == "(":
            return match[0]
        return _ESCAPES.get(match[1], match[0])

    return re.sub(r"\\(.)", one, text, flags=re.DOTALL)


def _is(token: Token | None, *names: str) -> bool:
    return token is not None and token.operation is not None and token.operation.name in names


def _completed(found: list[Token]) -> list[Token]:
    """What is implied: the pipe before a path, the ends of a slice, `[ ]` behind a value as an index of it."""
    done: list[Token] = []
    skip = False
    for number, token in enumerate(found):
        if skip:
            skip = False
            continue
        before = found[number - 1] if number else None
        after = found[number + 1] if number + 1 < len(found) else None
        assigned = _assigned(token, after)
        done += _with_implied(assigned or token, before, after)
        skip = assigned is not None
    return done


def _assigned(token: Token, after: Token | None) -> Token | None:
    """`style =` and its like are one word."""
    operation = token.operation
    if operation is None or operation.name not in _ASSIGNABLE or after is None or after.operation is None:
        return None
    if after.operation.name != "=":
        return None
    return Token("operation", Operation(f"set-{operation.name}", operation.text, update=after.operation.update))


def _with_implied(token: Token, before: Token | None, after: Token | None) -> list[Token]:
    done: list[Token] = []
    kind = token.kind
    colon = _is(token, "create-map")
    if kind == ".[":
        kind = "["
        done += (_implied("self"), _implied("index"), Token("[", None, "["))
    elif colon and before is not None and before.kind in (".[", "["):
        done += (Token("operation", Operation("value", "0", scalar(INT, "0"))), token)
    else:
        done.append(token)
    if after is None:
        return done
    if colon and after.kind == "]":
        done.append(_implied("length"))
    if (kind, after.kind) in (("[", "]"), ("{", "}")):
        done.append(_implied("empty"))
    if kind in (")", "]", "}") or (token.operation is not None and token.operation.name in _POST):
        if _is(after, "at") or after.kind == ".[":
            done.append(_implied("."))
        elif after.kind == "[":
            done.append(_implied("index"))
    return done


def _implied(name: str) -> Token:
    return Token("operation", Operation(name))
