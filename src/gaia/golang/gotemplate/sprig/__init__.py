"""Sprig's functions, a file for each kind of value; `library` has them all by name."""
