"""What a GAIA_HOME is: the repositories that it serves, its documents, backup and restore."""
