"""Where the repository is hosted: pull requests, reviews, comments and issues, asked for over its REST API."""
