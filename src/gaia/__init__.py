"""Gaia, an internal developer platform over Terraform and Atmos."""

__version__ = "0.1.0"
