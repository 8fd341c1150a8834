"""Prices plans: Terraform's plan JSON in, an estimate in Infracost's JSON form out. Pure, offline, exact.

The ways in are `estimate.estimate`, with the prices of `book.PriceBook`, and `summary.summary` of what it gives.
"""
