"""Answers about a customer and a field: what it says, where it comes from, why."""
