"""Go's text/template with sprig's and gomplate's functions: pure, deterministic, offline."""

from gaia.stacks.gotemplate.template import Template, parse
from gaia.stacks.gotemplate.values import MISSING, Namespace

__all__ = ["MISSING", "Namespace", "Template", "parse"]
