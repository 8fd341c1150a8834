"""Whether a release has arrived: what Argo CD says of it, and why it does not come about."""
