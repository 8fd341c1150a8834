"""Go's text/template with sprig's and gomplate's functions: pure, deterministic, offline.

The language is here: `template` is the door; `lexer`, `parser`, `nodes` and `literals` read; `compiler`, `expressions`
and `calls` run; `builtin` and `printing` are what Go has by itself, `values` what all of them compute with. The
functions are in `sprig` and `gomplate`.
"""

from gaia.golang.gotemplate.template import Template, parse
from gaia.golang.gotemplate.values import Namespace

__all__ = ["Namespace", "Template", "parse"]
