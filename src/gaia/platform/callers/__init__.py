"""Who may call, how they sign in, and whom they let act for them."""
