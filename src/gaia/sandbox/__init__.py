"""AWS without an account: an emulator on a loopback port that outlives the command that started it."""

from gaia.sandbox.emulator import (
    PLATFORM_BUCKETS,
    STATE_BUCKETS,
    EmulatorStatus,
    Sandbox,
    bucket,
    down,
    environment,
    kept,
    leave,
    reset,
    running,
    status,
    up,
)
from gaia.sandbox.inventory import Inventory, inventory

__all__ = [
    "PLATFORM_BUCKETS",
    "STATE_BUCKETS",
    "EmulatorStatus",
    "Inventory",
    "Sandbox",
    "bucket",
    "down",
    "environment",
    "inventory",
    "kept",
    "leave",
    "reset",
    "running",
    "status",
    "up",
]
