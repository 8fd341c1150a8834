"""Gomplate's namespaces, on top of sprig; `library` has them all by name."""
