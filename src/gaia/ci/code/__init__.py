"""The commits of a pull request, and what of an instance's code and configuration is in them: read, never run."""
