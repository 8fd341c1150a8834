"""What is asked for: written down, rendered, previewed."""
