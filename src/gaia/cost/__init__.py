"""Prices plans: Terraform's plan JSON in, an estimate in Infracost's JSON form out. Pure, offline, exact.

The ways in are `estimate.estimate` and `estimate.summary`, with the prices of `book.PriceBook`.
"""
