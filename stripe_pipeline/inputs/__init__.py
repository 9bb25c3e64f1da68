"""Input files that users write and settings name, each checked before a run."""
