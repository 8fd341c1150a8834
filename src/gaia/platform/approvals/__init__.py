"""Whose yes there is to a request, whether it is enough, and what it reserves."""
