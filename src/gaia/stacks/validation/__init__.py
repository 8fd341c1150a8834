"""Validation: of all manifests at once, and of one instance by the rules that its settings name."""
