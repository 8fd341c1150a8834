"""Who may do what: callers, their roles and scopes, and who may approve. Decisions only; the rows are in `records`."""
