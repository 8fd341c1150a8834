"""The repository's own workflows, carried out by the engine."""
