"""Prices plans: Terraform's plan JSON in, an estimate in Infracost's JSON form out. Pure, offline, exact."""
