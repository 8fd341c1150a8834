"""Which services are live, where they are, and what they take up."""
