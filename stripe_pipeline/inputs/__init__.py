"""Files that a person wrote and a setting names, each checked before a run."""
