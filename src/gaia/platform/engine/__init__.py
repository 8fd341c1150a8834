"""The engine that carries runs out, and the worker that it is: nothing here knows what a run does."""
