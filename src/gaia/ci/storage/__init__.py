"""What outlives the runner: sealed, in a folder, or in a bucket beside the states."""
