"""Erase what the lake has of a person, and keep it out of what is read later."""
