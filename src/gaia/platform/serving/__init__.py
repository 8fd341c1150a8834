"""A process that serves: the queue, the chores, and looking on."""
