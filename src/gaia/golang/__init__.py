"""The language: Go's templates with sprig and gomplate, Go's YAML, and yq. It knows nothing of stacks."""
