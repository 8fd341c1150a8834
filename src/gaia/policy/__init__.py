"""Judges plans, requests and manifests by the Rego rules of a platform repository.

The ways in are `rules.PolicySet` and `judge.judge`, with the engine of `regorus.Regorus` or `opa.Opa`.
"""
