"""Durable workflows: requests, approvals, runs and the engine that carries them out."""
