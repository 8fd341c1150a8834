"""Public fakes and helpers for tests of Gaia and of what is built on it."""
