"""Files for a repository's CI. `gaia ci init` fills in `@REPOSITORY@`, `@BRANCH@`, `@FOLDER@` and `@VERSION@`."""
