"""The output of a command on a terminal: its progress and its result."""
