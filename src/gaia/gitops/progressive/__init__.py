"""A new version gets its traffic step by step, and keeps it only while its numbers are good: Flagger's `Canary`."""
