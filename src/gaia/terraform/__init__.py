"""Runs terraform or tofu; knows plans, states, locks and providers."""
