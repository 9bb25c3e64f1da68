"""Files: made durable, private to their owner, removed, and what a full disk is."""
