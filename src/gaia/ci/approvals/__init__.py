"""Whose yes a preview needs, and which there are."""
