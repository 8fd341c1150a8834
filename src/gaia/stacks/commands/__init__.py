"""Custom commands: what `commands:` and `aliases:` of `atmos.yaml` add to the command line."""
