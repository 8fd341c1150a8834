"""What doors may do, each in the name of who calls."""
