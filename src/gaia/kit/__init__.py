"""Processes, files, git, reading of HCL and YAML, time, redaction, keys: what every room stands on."""
