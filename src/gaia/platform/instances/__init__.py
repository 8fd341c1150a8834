"""Planning and changing instances, as every kind of run does."""
