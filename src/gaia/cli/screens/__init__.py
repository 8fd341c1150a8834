"""How results look: pure functions from views to rich renderables."""
