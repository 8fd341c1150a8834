"""What was reviewed is applied, or it is said why not."""
