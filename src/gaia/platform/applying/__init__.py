"""What was approved is applied, published, undone, and comes to its end."""
