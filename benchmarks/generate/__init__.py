"""Generators of what the benchmarks run on."""
