"""The operator's way of working: terraform on the files around the caller, as they lie, without requests."""
