"""The one place where parts are put together: an `App` for each process, whatever its door."""

from gaia.bootstrap.app import App

__all__ = ["App"]
