"""Takes up a repository that exists already: registers it, changes nothing in it, and lets it go again."""
