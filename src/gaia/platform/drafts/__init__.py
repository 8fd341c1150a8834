"""What would come of a wish: tried, and nothing is written down."""
