"""Judges plans, requests and manifests by the Rego rules of a platform repository."""
