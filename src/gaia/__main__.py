"""`python -m gaia` is `gaia`."""

from gaia.cli.main import main

main()
