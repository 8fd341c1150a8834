"""What the commands do, one module a subject. `gaia.cli.menu` says which function is which command."""
