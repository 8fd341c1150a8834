"""The end of a service that was made for a time."""
