"""Pull requests: the plan that was reviewed is the plan that is applied, by content, and no server is needed."""
