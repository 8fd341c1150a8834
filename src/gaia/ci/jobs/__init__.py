"""What CI runs: a preview is shown, what was reviewed is applied."""
