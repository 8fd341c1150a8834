"""From files to one merged tree a manifest: atmos.yaml, imports, what they carry along."""
