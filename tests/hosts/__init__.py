"""Hosts of repositories for tests: GitHub's and GitLab's REST APIs over loopback, over real git repositories."""
