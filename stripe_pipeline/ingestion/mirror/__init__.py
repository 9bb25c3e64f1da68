"""The lake as the mirror of one account: its cursors, known versions, and writer."""
