"""Segment files: what they say, what is wrong in them, and the dbt models that they become."""
