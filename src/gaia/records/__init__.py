"""Records: tables, their migrations, and functions that read and write rows inside a transaction."""
