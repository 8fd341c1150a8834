"""What differs between what exists, the state and the code, and why. Pure."""
