"""Where states lie, what lies there, and what must not be overlooked before anything is planned."""
