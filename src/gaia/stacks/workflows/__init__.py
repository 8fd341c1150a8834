"""Workflows: named lists of commands in files of their own, run one after the other."""
