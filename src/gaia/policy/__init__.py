"""Judges plans, requests and manifests by the Rego rules of a platform repository.

The ways in are `rules.PolicySet` and `judge.judge`, with the engine of `regorus.Regorus`, `opa.Opa` or
`opa_server.OpaServer`; `check.check_plan` also says where findings come from, and `formats` writes that down.
"""
