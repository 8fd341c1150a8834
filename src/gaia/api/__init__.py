"""The HTTP API, `/api/v1`: authenticates, calls the platform, writes its answers as JSON. It decides nothing."""
