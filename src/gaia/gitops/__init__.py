"""From a service to a release: what a GitOps repository holds, and commits to it."""
