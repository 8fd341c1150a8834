"""Frozen data that doors show."""
