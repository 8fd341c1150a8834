"""What a provider of identities says of people: checked, and made callers of. It keeps no passwords and no accounts."""
