"""What people and programs are told: comments, an issue, files."""
