"""The ground: what is configured, where, and why. An Atmos-compatible configuration engine."""
